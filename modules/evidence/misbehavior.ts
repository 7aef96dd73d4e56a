/** What follows when the engine caught somebody (cosmossdk.io/x/evidence/keeper/infraction.go). Owns what is ignored; slashing punishes. */
import type { Context, EngineReport, Misbehavior, ReadContext } from "../../chain/context.ts";
import { nanosBetween } from "../../chain/time.ts";
import { consensusParams } from "../consensus/index.ts";
import { getPublicKey, getSigningInfo, punishDoubleSign, validatorUpdateDelay } from "../slashing/index.ts";
import { getValidatorByConsAddr, isUnbonded } from "../staking/index.ts";
import { equivocationOf, hashOf, toAny } from "./equivocation.ts";
import { evidences } from "./state.ts";

/** The engine's block bounds how many there are. */
export function beginBlock(ctx: Context, { misbehavior }: EngineReport): void {
  for (const one of misbehavior) if (isPunishable(ctx, one)) punish(ctx, one);
}

/**
 * Whoever is gone or unbonded has nothing to lose here, whoever is tombstoned has lost it. Where the SDK halts (a validator that it does
 * not know, one without signing info, a height to come), the evidence is ignored too.
 */
function isPunishable(ctx: ReadContext, misbehavior: Misbehavior): boolean {
  const { address, height } = misbehavior;
  const validator = getValidatorByConsAddr(ctx, address);
  if (validator === undefined || isUnbonded(validator)) return false;
  if (getPublicKey(ctx, address) === undefined || height > ctx.block.height) return false;
  return !isTooOld(ctx, misbehavior) && getSigningInfo(ctx, address)?.tombstoned === false;
}

/** Both by time and by blocks: either alone may be long when the chain stood still or hurried. */
function isTooOld(ctx: ReadContext, { height, time }: Misbehavior): boolean {
  const rules = consensusParams.get(ctx)?.evidence;
  if (rules === undefined) return false;
  const ageMax = nanosBetween({ seconds: 0n, nanos: 0 }, rules.maxAgeDuration ?? { seconds: 0n, nanos: 0 });
  return nanosBetween(time, ctx.block.time) > ageMax && ctx.block.height - height > rules.maxAgeNumBlocks;
}

/** The stake that signed is that of the height at which the validator set of the infraction was made. */
function punish(ctx: Context, misbehavior: Misbehavior): void {
  const { address, power, height } = misbehavior;
  punishDoubleSign(ctx, { address, power, distributionHeight: height - validatorUpdateDelay });
  const any = toAny(equivocationOf(misbehavior));
  evidences.set(ctx, hashOf(any), any);
}
