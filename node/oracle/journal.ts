/**
 * What of an oracle's work survives kill -9 and a power cut: a record of each reading and of each epoch. Owns how state becomes records and
 * records state; does not own when they are written (step.ts says) nor the database (../daemon/store.ts).
 */
import type { Attestation } from "../../proto/gen/weir/attestation/v1/readings.ts";
import {
  type Delivery,
  type EpochWork,
  type Kind,
  type MeasuredReading,
  noTransaction,
  type Sending,
  type Stage,
  type Target,
  type Tree,
  type Window,
  type Work,
  workKey,
} from "./work.ts";

export interface ReadingRecord {
  readonly epoch: bigint;
  readonly relay: bigint;
  readonly kind: Kind;
  readonly claimBps: bigint;
  readonly target: Target;
  readonly stage: Stage;
  readonly reason: string;
  readonly reading?: MeasuredReading;
  readonly checksDone: number;
  readonly checksPassed: number;
  readonly checksAtMillis: readonly number[];
  readonly time?: Window;
  readonly leaf?: number;
  /** As it is in the tree: once it is here it is what was read, whatever else is found. */
  readonly attestation?: Attestation;
}

export interface EpochRecord {
  readonly number: bigint;
  readonly openMillis: number;
  readonly lengthMillis: number;
  readonly vrfProof: Uint8Array;
  readonly tree?: Tree;
  readonly commit: Sending;
  readonly submit: Sending;
  readonly delivered: readonly bigint[];
  readonly refused: readonly (readonly [string, string])[];
}

export interface Records {
  readonly epochs: readonly EpochRecord[];
  readonly readings: readonly ReadingRecord[];
}

/** Of whole epochs: the one that is open, the one that is submitted, and some to look back at. */
export const epochsKept = 6n;

export const readingRecord = (epoch: bigint, work: Work): ReadingRecord => ({
  epoch,
  relay: work.relay,
  kind: work.kind,
  claimBps: work.claimBps,
  target: work.target,
  stage: work.stage,
  reason: work.reason,
  ...(work.reading === undefined ? {} : { reading: work.reading }),
  checksDone: work.checksDone,
  checksPassed: work.checksPassed,
  checksAtMillis: work.checksAtMillis,
  ...(work.time === undefined ? {} : { time: work.time }),
  ...(work.leaf === undefined ? {} : { leaf: work.leaf }),
});

export const epochRecord = (epoch: EpochWork): EpochRecord => ({
  number: epoch.number,
  openMillis: epoch.openMillis,
  lengthMillis: epoch.lengthMillis,
  vrfProof: epoch.vrfProof,
  ...(epoch.tree === undefined ? {} : { tree: epoch.tree }),
  commit: epoch.commit.sending,
  submit: epoch.submit.sending,
  delivered: [...epoch.deliveries].flatMap(([relay, { at }]) => (at === "done" ? [relay] : [])),
  refused: [...epoch.refused],
});

export const interrupted = "the daemon ended while it was measured; nothing is measured twice";

function workOf(record: ReadingRecord): Work {
  const wasInterrupted = record.stage === "intended";
  return {
    relay: record.relay,
    kind: record.kind,
    claimBps: record.claimBps,
    target: record.target,
    time: record.time,
    checksAtMillis: record.checksAtMillis,
    stage: wasInterrupted ? "missed" : record.stage,
    reason: wasInterrupted ? interrupted : record.reason,
    reading: record.reading,
    checksDone: record.checksDone,
    checksPassed: record.checksPassed,
    isChecking: false,
    leaf: record.leaf,
  };
}

function epochOf(record: EpochRecord, readings: readonly ReadingRecord[]): EpochWork {
  const works = new Map(readings.map((one) => [workKey(one.relay, one.kind), workOf(one)] as const));
  const delivered = new Set(record.delivered);
  return {
    number: record.number,
    isPlanned: false,
    openMillis: record.openMillis,
    lengthMillis: record.lengthMillis,
    roomBps: 0n,
    measureMillis: 0,
    proof: "due",
    slotCount: 0,
    slotsKnown: 0,
    works,
    vrfProof: record.vrfProof,
    isSigning: false,
    tree: record.tree,
    commit: { ...noTransaction, sending: record.commit },
    submit: { ...noTransaction, sending: record.submit },
    deliveries: deliveriesOf(works.values(), delivered),
    refused: new Map(record.refused),
  };
}

/** To each relay of which anything but a covert reading is in the tree. */
export function deliveriesOf(
  works: Iterable<Work>,
  delivered: ReadonlySet<bigint> = new Set(),
): ReadonlyMap<bigint, Delivery> {
  const found = new Map<bigint, Delivery>();
  for (const { relay, kind, leaf } of works) {
    if (leaf === undefined || isSecret(kind)) continue;
    found.set(relay, { at: delivered.has(relay) ? "done" : "due", isBusy: false, attempts: 0, notBeforeMillis: 0 });
  }
  return found;
}

/** A relay learns of covert readings when they are on the chain. */
export const isSecret = (kind: Kind): boolean => kind === 3;

/** What a daemon begins with. */
export function epochsOf({ epochs, readings }: Records): ReadonlyMap<bigint, EpochWork> {
  const byEpoch = new Map<bigint, ReadingRecord[]>();
  for (const one of readings) {
    const list = byEpoch.get(one.epoch);
    if (list === undefined) byEpoch.set(one.epoch, [one]);
    else list.push(one);
  }
  return new Map(epochs.map((one) => [one.number, epochOf(one, byEpoch.get(one.number) ?? [])] as const));
}
