/**
 * What the market does by itself, some of it in each block: windows and terms that are over, contracts of an epoch that was settled,
 * records that nobody reads any more. Owns how much a block does.
 */
import type { Context } from "../../chain/context.ts";
import { currentEpoch, epoch as epochOf } from "../beacon/index.ts";
import { payContractEpoch } from "./contracts.ts";
import { type CellTelemetry, movePrices } from "./prices.ts";
import { pruneSessions } from "./sessions.ts";
import { pruneSettlements } from "./settlements.ts";
import { contracts, sweep } from "./state.ts";
import { pruneSubscriptions } from "./subscriptions.ts";
import { areWindowsHeld, holdWindows } from "./windows.ts";

/** Of each kind, in a block. */
export const sweepPage = 200;

/** Epochs that may wait; more would mean that contracts are never paid up, and the oldest is then settled as one that nobody measured. */
const voidEpochsMax = 64;

const nanosOf = (ctx: Context, number: bigint): bigint => {
  const counted = epochOf(ctx, number)?.counted;
  return counted === undefined ? 0n : counted.seconds * 1_000_000_000n + BigInt(counted.nanos);
};

/** Called when an epoch is finalized, with what was measured in it: prices move, and its contracts are paid from the next block on. */
export function afterEpoch(ctx: Context, number: bigint, cells: readonly CellTelemetry[], isVoid = false): void {
  const counted = epochOf(ctx, number)?.counted;
  if (!isVoid && counted !== undefined) movePrices(ctx, number, counted, cells);
  const waiting = sweep.get(ctx);
  const before = waiting ?? { epoch: number, after: 0n, lastEpoch: number, voidEpochs: [] };
  const voidEpochs = isVoid ? [...before.voidEpochs, number].slice(-voidEpochsMax) : before.voidEpochs;
  sweep.set(ctx, { ...before, lastEpoch: number, voidEpochs: [...voidEpochs] });
}

function sweepContracts(ctx: Context, limit: number): void {
  const waiting = sweep.get(ctx);
  if (waiting === undefined) return;
  const { epoch, after, lastEpoch } = waiting;
  const page = [];
  for (const [, contract] of contracts.iterate(ctx, { start: after + 1n })) {
    page.push(contract);
    if (page.length === limit) break;
  }
  const of = { epoch, nanos: nanosOf(ctx, epoch), isVoid: waiting.voidEpochs.includes(epoch) };
  for (const contract of page) {
    if (epoch >= contract.startsEpoch && epoch < contract.endsEpoch) payContractEpoch(ctx, contract, of);
  }
  if (page.length === limit)
    sweep.set(ctx, { ...waiting, voidEpochs: [...waiting.voidEpochs], after: page.at(-1)!.id });
  else if (epoch >= lastEpoch) sweep.delete(ctx);
  else {
    const voidEpochs = waiting.voidEpochs.filter((number) => number > epoch);
    sweep.set(ctx, { epoch: epoch + 1n, after: 0n, lastEpoch, voidEpochs });
  }
}

/** Writes nothing where there is nothing to do. */
export function beginBlock(ctx: Context): void {
  const epoch = currentEpoch(ctx)?.number;
  if (epoch === undefined) return;
  holdWindows(ctx, epoch);
  if (!areWindowsHeld(ctx, epoch)) pruneSessions(ctx, epoch, sweepPage);
  pruneSubscriptions(ctx, epoch, sweepPage);
  sweepContracts(ctx, sweepPage);
  pruneSettlements(ctx, epoch, sweepPage);
}
