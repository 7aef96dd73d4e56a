/** One step under way: the state as it becomes, and what is wanted so far. Owns how a step changes a work or an epoch; no rule of when. Pure to whoever calls step. */

import type { Effect } from "./inputs.ts";
import { epochRecord, readingRecord } from "./journal.ts";
import { type EpochWork, type OracleState, type Work, workKey } from "./work.ts";

export interface Stepping {
  state: OracleState;
  readonly effects: Effect[];
}

export function changeState(at: Stepping, change: Partial<OracleState>): void {
  at.state = { ...at.state, ...change };
}

export function changeEpoch(at: Stepping, number: bigint, change: Partial<EpochWork>): EpochWork {
  const epoch = { ...at.state.epochs.get(number)!, ...change };
  changeState(at, { epochs: new Map(at.state.epochs).set(number, epoch) });
  return epoch;
}

export function changeWork(at: Stepping, number: bigint, work: Work, change: Partial<Work>): Work {
  const changed = { ...work, ...change };
  const works = new Map(at.state.epochs.get(number)!.works).set(workKey(work.relay, work.kind), changed);
  changeEpoch(at, number, { works });
  return changed;
}

export const want = (at: Stepping, effect: Effect): void => void at.effects.push(effect);

export const writeDown = (at: Stepping, number: bigint, work: Work): void =>
  want(at, { do: "record", readings: [readingRecord(number, work)] });

export const writeDownEpoch = (at: Stepping, number: bigint): void =>
  want(at, { do: "record", epoch: epochRecord(at.state.epochs.get(number)!), readings: [] });

/** It will not be read any more. */
export const miss = (at: Stepping, number: bigint, work: Work, reason: string): void =>
  missAll(at, number, [work], reason);

/** By one write, since an epoch can have thousands. */
export function missAll(at: Stepping, number: bigint, missed: readonly Work[], reason: string): void {
  if (missed.length === 0) return;
  const works = new Map(at.state.epochs.get(number)!.works);
  const changed = missed.map((work): Work => ({ ...work, stage: "missed", reason }));
  for (const work of changed) works.set(workKey(work.relay, work.kind), work);
  changeEpoch(at, number, { works });
  want(at, { do: "record", readings: changed.map((work) => readingRecord(number, work)) });
}
