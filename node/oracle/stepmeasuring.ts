/**
 * What an oracle measures and looks after next. Owns when a measurement may begin: in its time, early enough to be over in it, beside no more
 * than the oracle can carry, by a clock that is right, and once.
 */
import type { Act } from "./inputs.ts";
import { readingRecord } from "./journal.ts";
import { changeWork, miss, type Stepping, want } from "./stepping.ts";
import {
  busyBps,
  clockProblem,
  type EpochWork,
  isFinal,
  isMeasuring,
  kinds,
  type OracleRules,
  signUntilMillis,
  type Work,
  workKey,
} from "./work.ts";

const neededMillis = ({ measureMillis }: EpochWork, { dialMillisMin }: OracleRules): number =>
  measureMillis + dialMillisMin;

/** By then a measurement is over: a slot is left to the next one, and a covert reading must be there when all is signed. */
function overByMillis(epoch: EpochWork, work: Work, rules: OracleRules): number {
  const { fromMillis, untilMillis } = work.time!;
  const last = signUntilMillis(epoch);
  if (work.kind === kinds.covert) return last;
  // A second committee can be so large that its members' times are shorter than a measurement: then it begins in its time.
  const isTooShort = work.kind === kinds.remeasurement && untilMillis - fromMillis < neededMillis(epoch, rules);
  return isTooShort ? last : Math.min(untilMillis, last);
}

/** The last moment at which it may begin. */
export function latestMillis(epoch: EpochWork, work: Work, rules: OracleRules): number {
  return Math.min(work.time!.untilMillis - 1, overByMillis(epoch, work, rules) - neededMillis(epoch, rules));
}

/** Slots first, since nothing else is as short. */
const rank = ({ kind }: Work): number => (kind === kinds.overt ? 0 : kind === kinds.remeasurement ? 1 : 2);

const byUrgency = (left: Work, right: Work): number =>
  rank(left) - rank(right) || left.time!.untilMillis - right.time!.untilMillis || (left.relay < right.relay ? -1 : 1);

export const isWaiting = (work: Work): boolean =>
  work.stage === "waiting" && isMeasuring(work) && work.time !== undefined;

function measuringNow({ state }: Stepping): number {
  let count = 0;
  for (const { works } of state.epochs.values())
    for (const { stage } of works.values()) if (stage === "intended") count++;
  return count;
}

/** Begins what may begin now, and gives up what is too late. */
export function measure(at: Stepping, number: bigint): void {
  const { rules, nowMillis } = at.state;
  const problem = clockProblem(at.state);
  const waiting = [...at.state.epochs.get(number)!.works.values()].filter(isWaiting).sort(byUrgency);
  for (const work of waiting) {
    const epoch = at.state.epochs.get(number)!;
    if (nowMillis > latestMillis(epoch, work, rules)) {
      miss(at, number, work, problem ?? "there was no time or no room left for it in its slot");
      continue;
    }
    const hasRoom = busyBps(epoch) + work.claimBps <= epoch.roomBps && measuringNow(at) < rules.measurementsMax;
    if (nowMillis >= work.time!.fromMillis && problem === undefined && hasRoom) intend(at, number, work);
  }
}

function intend(at: Stepping, number: bigint, work: Work): void {
  const intended = changeWork(at, number, work, { stage: "intended" });
  const untilMillis = overByMillis(at.state.epochs.get(number)!, work, at.state.rules);
  const act: Act = { do: "measure", epoch: number, duty: work, untilMillis };
  want(at, { do: "record", readings: [readingRecord(number, intended)], act });
}

/** It is written down that this will be measured: it is, if there is still time. */
export function measureIntended(at: Stepping, act: Act & { readonly do: "measure" }): void {
  const epoch = at.state.epochs.get(act.epoch);
  const work = epoch?.works.get(workKey(act.duty.relay, act.duty.kind));
  if (epoch === undefined || work?.stage !== "intended") return;
  const isLate = at.state.nowMillis > latestMillis(epoch, work, at.state.rules);
  if (isLate) miss(at, act.epoch, work, "writing down that it would be measured took too long");
  else want(at, act);
}

/** Looks whether relays are there, one check of each at a time. */
export function check(at: Stepping, number: bigint): void {
  const { rules, nowMillis } = at.state;
  const all = [...at.state.epochs.values()].flatMap(({ works }) => [...works.values()]);
  let busy = all.filter(({ isChecking }) => isChecking).length;
  for (const work of at.state.epochs.get(number)!.works.values()) {
    if (busy >= rules.checksMax) return;
    const due = work.checksAtMillis[work.checksDone];
    if (due === undefined || nowMillis < due || work.isChecking || isFinal(work)) continue;
    changeWork(at, number, work, { isChecking: true });
    want(at, { do: "check", epoch: number, relay: work.relay, kind: work.kind, target: work.target });
    busy++;
  }
}
