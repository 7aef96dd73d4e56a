/**
 * Counts who missed how many of the window's blocks and punishes who missed too many. One bit, one record and constant work a validator
 * and block, whatever the window.
 */
import type { Context, EngineReport, LastVote, Timestamp } from "../../chain/context.ts";
import { decMulInt, decRoundInt } from "../../chain/dec.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import { getValidatorByConsAddr, isUnbonded, jail, slash } from "../staking/index.ts";
import { missedBlock, slashedForDowntime } from "./events.ts";
import { endOfTime, getParams } from "./keeper.ts";
import { clearMissed, isMissed, setMissed } from "./missedblocks.ts";
import type { Params } from "./params.ts";
import { newSigningInfo, type SigningInfo } from "./signinginfo.ts";
import { signingInfos } from "./state.ts";

/** Blocks from a validator set's update to its first vote (sdk.ValidatorUpdateDelay). */
export const validatorUpdateDelay = 1n;

interface Rules {
  readonly params: Params;
  readonly missedMax: bigint;
}

/** Rounds half to even. */
const minSigned = ({ signedBlocksWindow, minSignedPerWindow }: Params): bigint =>
  decRoundInt(decMulInt(minSignedPerWindow, signedBlocksWindow));

export function beginBlock(ctx: Context, { lastVotes }: EngineReport): void {
  if (lastVotes.length === 0) return;
  const params = getParams(ctx);
  const rules = { params, missedMax: params.signedBlocksWindow - minSigned(params) };
  for (const vote of lastVotes) countVote(ctx, vote, rules);
}

/**
 * The SDK halts on a vote of a validator that staking does not know; here it is passed over, since a very short unbonding time can
 * remove a validator that the engine still asks for a vote.
 */
function countVote(ctx: Context, { address, power, isAbsent }: LastVote, rules: Rules): void {
  const validator = getValidatorByConsAddr(ctx, address);
  if (validator === undefined || validator.jailed) return;
  const { params, missedMax } = rules;
  const { height } = ctx.block;
  const stored = signingInfos.get(ctx, address) ?? newSigningInfo(address, height);
  const info = counted(ctx, address, stored, isAbsent, params);
  if (isAbsent) ctx.emit(missedBlock(info.address, info.missedBlocksCounter, height));
  const isPastStart = height > info.startHeight + params.signedBlocksWindow;
  const isPunished = isPastStart && info.missedBlocksCounter > missedMax && !isUnbonded(validator);
  signingInfos.set(ctx, address, isPunished ? punished(ctx, address, info, power, params) : info);
}

/** A block that is not missed, of one who missed none in the window, needs no look at the bitmap. */
function counted(
  ctx: Context,
  address: Uint8Array,
  info: SigningInfo,
  isAbsent: boolean,
  { signedBlocksWindow }: Params,
): SigningInfo {
  const index = info.indexOffset % signedBlocksWindow;
  const indexOffset = info.indexOffset + 1n;
  const wasMissed = info.missedBlocksCounter > 0n && isMissed(ctx, address, index);
  if (wasMissed === isAbsent) return { ...info, indexOffset };
  setMissed(ctx, address, index, isAbsent);
  return { ...info, indexOffset, missedBlocksCounter: info.missedBlocksCounter + (isAbsent ? 1n : -1n) };
}

/** The stake that should have voted is that of the height at which the validator set of the last commit was made. */
function punished(ctx: Context, address: Uint8Array, info: SigningInfo, power: bigint, params: Params): SigningInfo {
  const distributionHeight = ctx.block.height - validatorUpdateDelay - 1n;
  const burned = slash(ctx, address, distributionHeight, power, params.slashFractionDowntime);
  ctx.emit(slashedForDowntime(info.address, power, burned));
  jail(ctx, address);
  clearMissed(ctx, address);
  const jailedUntil = earlierOf(addDuration(ctx.block.time, params.downtimeJailDuration), endOfTime);
  return { ...info, jailedUntil, missedBlocksCounter: 0n, indexOffset: 0n };
}

const earlierOf = (a: Timestamp, b: Timestamp): Timestamp => (compareTimes(a, b) < 0 ? a : b);
