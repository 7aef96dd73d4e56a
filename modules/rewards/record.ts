/** A relay's one record as the rules read it, and as it is stored. Owns the conversion alone. */
import { type Dec, decFromProto, decToProto } from "../../chain/dec.ts";
import type { Pending, RelayRecord as ProtoRelayRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import type { Judgement } from "./judgement.ts";
import { type Liquid, noLiquid } from "./liquid.ts";
import { reputationMin } from "./reputation.ts";
import type { Vesting } from "./vesting.ts";

export interface RelayRecord {
  readonly operator: string;
  readonly reputation: Dec;
  readonly auditedEpochs: bigint;
  readonly judgements: readonly Judgement[];
  readonly uptimes: Uint8Array;
  readonly downEpochs: bigint;
  readonly covert: readonly number[];
  readonly lastMedianBps: bigint;
  readonly medianAge: bigint;
  /** The epoch of the last slash for quality. */
  readonly qualitySlashed: bigint | undefined;
  /** Of an epoch that is settled and not accrued yet. */
  readonly pending: (Pending & { readonly epoch: bigint }) | undefined;
  readonly vesting: Vesting;
  readonly liquid: Liquid;
  readonly earned: bigint;
  readonly slashed: bigint;
  readonly removed: boolean;
  readonly commissionRate: Dec;
  /** In the last epoch that it was settled in. */
  readonly weight: bigint;
  /** Over-claims count from this epoch on: until then the claim was the one that it was slashed for. */
  readonly judgedFrom: bigint;
}

export const newRecord = (operator: string, nowSeconds: bigint): RelayRecord => ({
  operator,
  reputation: reputationMin,
  auditedEpochs: 0n,
  judgements: [],
  uptimes: new Uint8Array(0),
  downEpochs: 0n,
  covert: [],
  lastMedianBps: 0n,
  medianAge: 0n,
  qualitySlashed: undefined,
  pending: undefined,
  vesting: { buckets: [], until: nowSeconds },
  liquid: noLiquid,
  earned: 0n,
  slashed: 0n,
  removed: false,
  commissionRate: 0n,
  weight: 0n,
  judgedFrom: 0n,
});

/** An epoch that may be none, as protobuf holds it. */
const plusOne = (epoch: bigint | undefined): bigint => (epoch === undefined ? 0n : epoch + 1n);
const minusOne = (stored: bigint): bigint | undefined => (stored === 0n ? undefined : stored - 1n);

export function recordFromProto(stored: ProtoRelayRecord): RelayRecord {
  const pendingEpoch = minusOne(stored.pending?.epochPlusOne ?? 0n);
  return {
    operator: stored.operator,
    reputation: stored.reputation,
    auditedEpochs: stored.auditedEpochs,
    judgements: stored.judgements,
    uptimes: stored.uptimes,
    downEpochs: stored.downEpochs,
    covert: stored.covert,
    lastMedianBps: stored.lastMedianBps,
    medianAge: stored.medianAge,
    qualitySlashed: minusOne(stored.qualitySlashedPlusOne),
    pending: pendingEpoch === undefined ? undefined : { ...stored.pending!, epoch: pendingEpoch },
    vesting: { buckets: stored.vesting, until: stored.vestedUntilSeconds },
    liquid: {
      generations: stored.generations.map((of) => ({ ...of, indexEnd: BigInt(of.indexEnd) })),
      index: BigInt(stored.index),
      indexFloor: BigInt(stored.indexFloor),
    },
    earned: stored.earned,
    slashed: stored.slashed,
    removed: stored.removed,
    commissionRate: decFromProto(stored.commissionRate),
    weight: stored.weight,
    judgedFrom: stored.judgedFrom,
  };
}

export function recordToProto(record: RelayRecord): ProtoRelayRecord {
  const { pending, vesting, liquid } = record;
  return {
    operator: record.operator,
    reputation: record.reputation,
    auditedEpochs: record.auditedEpochs,
    judgements: [...record.judgements],
    uptimes: record.uptimes,
    downEpochs: record.downEpochs,
    covert: [...record.covert],
    lastMedianBps: record.lastMedianBps,
    medianAge: record.medianAge,
    qualitySlashedPlusOne: plusOne(record.qualitySlashed),
    pending: pending === undefined ? undefined : { ...pending, epochPlusOne: pending.epoch + 1n },
    vesting: [...vesting.buckets],
    vestedUntilSeconds: vesting.until,
    generations: liquid.generations.map((of) => ({ ...of, indexEnd: `${of.indexEnd}` })),
    index: `${liquid.index}`,
    indexFloor: `${liquid.indexFloor}`,
    earned: record.earned,
    slashed: record.slashed,
    removed: record.removed,
    commissionRate: decToProto(record.commissionRate),
    weight: record.weight,
    judgedFrom: record.judgedFrom,
  };
}
