/** What epochs came to, and sums over the last of them. Owns the records and how long they are kept. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { decToProto } from "../../chain/dec.ts";
import type { EpochRecord, Pools } from "../../proto/gen/weir/rewards/v1/state.ts";
import { type Amounts, meanEpochs, noAmounts } from "./pools.ts";
import { scarcityEpochs } from "./scarcity.ts";
import { epochRecords } from "./state.ts";

/** A year of days and more; nothing but queries and means look back. */
export const epochRecordsKept = 400n;

export const epochRecord = (ctx: ReadContext, number: bigint): EpochRecord | undefined => epochRecords.get(ctx, number);

export const poolsToProto = ({ validators, oracles, availability, usage }: Amounts): Pools => ({
  validators: `${validators}`,
  oracles: `${oracles}`,
  availability: `${availability}`,
  usage: `${usage}`,
});

export const poolsFromProto = (pools: Pools | undefined): Amounts =>
  pools === undefined
    ? noAmounts
    : {
        validators: BigInt(pools.validators),
        oracles: BigInt(pools.oracles),
        availability: BigInt(pools.availability),
        usage: BigInt(pools.usage),
      };

/** Where nothing happened. */
export const emptyRecord = (number: bigint): EpochRecord => ({
  epoch: number,
  closedAt: undefined,
  finalizedAt: undefined,
  isVoid: true,
  emission: "0",
  netEmission: "0",
  burnedCrossed: "0",
  burnedResting: "0",
  reminted: "0",
  forfeited: "0",
  pools: poolsToProto(noAmounts),
  paid: poolsToProto(noAmounts),
  totalWeight: "0",
  cutWeight: "0",
  divisor: "0",
  payoutIndex: decToProto(0n),
  families: 0n,
  familyCap: "0",
  relays: 0n,
  paidRelays: 0n,
  measuredBps: "0",
  settledBytes: "0",
  settledValue: "0",
  oracleUnits: 0n,
  oracleFees: [],
  clearingPrice: decToProto(0n),
  reservePrincipal: "0",
  reserveValue: decToProto(0n),
  reserveCeiling: decToProto(0n),
  supply: "0",
  expired: "0",
  slashed: "0",
  bondRate: decToProto(0n),
  cappedFamilies: 0n,
  curvedCells: 0n,
});

/** One goes for each that comes. */
export function keepEpochRecord(ctx: Context, record: EpochRecord): void {
  epochRecords.set(ctx, record.epoch, record);
  if (record.epoch >= epochRecordsKept) epochRecords.delete(ctx, record.epoch - epochRecordsKept);
}

function lastRecords(ctx: ReadContext, before: bigint, count: number): EpochRecord[] {
  const from = before > BigInt(count) ? before - BigInt(count) : 0n;
  return [...epochRecords.iterate(ctx, { start: from, end: before })].map(([, record]) => record);
}

/** What auctions burned for good: redemptions, slashes and expiries are none. */
export const burnedForGood = ({ burnedCrossed, burnedResting, reminted }: EpochRecord): bigint =>
  BigInt(burnedCrossed) + BigInt(burnedResting) - BigInt(reminted);

export interface LastEpochs {
  readonly burned: bigint;
  readonly scheduled: bigint;
}

/** Of the last seven epochs, `current` being the last of them. */
export function burnsUntil(ctx: ReadContext, current: EpochRecord): LastEpochs {
  const all = [...lastRecords(ctx, current.epoch, meanEpochs - 1), current];
  return all.reduce(
    ({ burned, scheduled }, record) => ({
      burned: burned + burnedForGood(record),
      scheduled: scheduled + BigInt(record.emission),
    }),
    { burned: 0n, scheduled: 0n },
  );
}

/** What the network measured and settled in the epochs that are finalized, together with the one under way. */
export function networkUntil(ctx: ReadContext, epoch: bigint, measuredBps: bigint, value: bigint) {
  return lastRecords(ctx, epoch, scarcityEpochs - 1).reduce(
    (sum, record) => ({
      measuredBps: sum.measuredBps + BigInt(record.measuredBps),
      value: sum.value + BigInt(record.settledValue),
    }),
    { measuredBps, value },
  );
}
