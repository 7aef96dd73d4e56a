/**
 * The stages of the roll-out, which a vote moves on by one parameter: who may take part in each, and how much. Owns what is forbidden, and that
 * a refusal says which stage would allow it.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Operator, Stage } from "../../proto/gen/weir/attestation/v1/state.ts";
import type { MsgUpdatePilot } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { invalidField, stageForbids, tooMany } from "./errors.ts";
import { getParams } from "./params.ts";
import * as state from "./state.ts";

/** Whatever the stage: what a denial of one operator has to change at once. */
export const operatorSubjectsMax = 256n;

const stageWords: Readonly<Record<Stage, string>> = {
  [Stage.STAGE_UNSPECIFIED]: "none",
  [Stage.STAGE_PILOT]: "pilot",
  [Stage.STAGE_CAPPED]: "capped",
  [Stage.STAGE_OPEN]: "open",
};

export const stageText = (stage: Stage): string => stageWords[stage];

const noneRegistered: Operator = { relays: 0n, oracles: 0n, claimedBps: 0n };

export const operatorOf = (ctx: ReadContext, operator: Uint8Array): Operator =>
  state.operators.get(ctx, operator) ?? noneRegistered;

export const isOperator = (ctx: ReadContext, operator: Uint8Array): boolean => state.operators.has(ctx, operator);

/** Kept while anything is registered. */
export function changeOperator(ctx: Context, operator: Uint8Array, changes: Operator): void {
  const before = operatorOf(ctx, operator);
  const after = {
    relays: before.relays + changes.relays,
    oracles: before.oracles + changes.oracles,
    claimedBps: before.claimedBps + changes.claimedBps,
  };
  if (after.relays === 0n && after.oracles === 0n) state.operators.delete(ctx, operator);
  else state.operators.set(ctx, operator, after);
}

// ------------------------------------------------------------------------------------------------------------- who may what

const isStage = (ctx: ReadContext, stage: Stage): boolean => getParams(ctx).stage === stage;

/** That this operator may have so much more. */
export function requireRoom(ctx: ReadContext, operator: Uint8Array, more: Operator): void {
  if (more.relays + more.oracles + more.claimedBps === 0n) return;
  const { stage, operatorRelaysMax, operatorOraclesMax, operatorBpsMax } = getParams(ctx);
  const name = accountAddress.encode(operator);
  if (stage === Stage.STAGE_PILOT && !state.pilotOperators.has(ctx, operator)) {
    throw stageForbids(`operator ${name} is not listed`, "pilot", "capped");
  }
  const had = operatorOf(ctx, operator);
  const [relays, oracles] = [had.relays + more.relays, had.oracles + more.oracles];
  if (more.relays + more.oracles > 0n && relays + oracles > operatorSubjectsMax) {
    throw tooMany("relays and oracles of one operator", operatorSubjectsMax);
  }
  if (stage === Stage.STAGE_OPEN) return;
  const refuse = (asked: string) => stageForbids(`operator ${name} would have ${asked}`, stageText(stage), "open");
  if (more.relays > 0n && relays > BigInt(operatorRelaysMax)) throw refuse(`${relays} relays of ${operatorRelaysMax}`);
  if (more.oracles > 0n && oracles > BigInt(operatorOraclesMax)) {
    throw refuse(`${oracles} oracles of ${operatorOraclesMax}`);
  }
  const claimed = had.claimedBps + more.claimedBps;
  if (more.claimedBps > 0n && claimed > operatorBpsMax) throw refuse(`claims of ${claimed} bps of ${operatorBpsMax}`);
}

/** That an account may buy bandwidth; the market asks. */
export function requireBuyer(ctx: ReadContext, buyer: Uint8Array): void {
  if (!isStage(ctx, Stage.STAGE_PILOT) || state.pilotBuyers.has(ctx, buyer)) return;
  throw stageForbids(`buyer ${accountAddress.encode(buyer)} is not listed`, "pilot", "capped");
}

/** What all wallets and sessions may hold together, in 10⁻⁶ dollar; undefined where there is no cap. */
export const escrowMax = (ctx: ReadContext): bigint | undefined =>
  isStage(ctx, Stage.STAGE_OPEN) ? undefined : getParams(ctx).escrowMax;

/** That so much more may lie there. */
export function requireEscrow(ctx: ReadContext, total: bigint): void {
  const most = escrowMax(ctx);
  if (most === undefined || total <= most) return;
  throw stageForbids(`all wallets together would hold ${total} of ${most}`, stageText(getParams(ctx).stage), "open");
}

// -------------------------------------------------------------------------------------------------------------- the lists

export const pilotChangesMax = 200;

/** What is wrong with a change of the lists, seen alone. */
export function requirePilotChange(msg: MsgUpdatePilot): void {
  const lists = [msg.addedOperators, msg.removedOperators, msg.addedBuyers, msg.removedBuyers];
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  if (count === 0 || count > pilotChangesMax) {
    throw invalidField(`${count} changes of the pilot's lists; expected 1 to ${pilotChangesMax} a message`);
  }
  for (const address of lists.flat()) accountAddress.decode(address);
}

export function updatePilot(ctx: Context, msg: MsgUpdatePilot): void {
  for (const added of msg.addedOperators) state.pilotOperators.add(ctx, accountAddress.decode(added));
  for (const removed of msg.removedOperators) state.pilotOperators.delete(ctx, accountAddress.decode(removed));
  for (const added of msg.addedBuyers) state.pilotBuyers.add(ctx, accountAddress.decode(added));
  for (const removed of msg.removedBuyers) state.pilotBuyers.delete(ctx, accountAddress.decode(removed));
}
