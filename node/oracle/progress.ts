/** What an oracle's daemon tells of its work, epoch by epoch: for its status, its metrics and people. Owns the words; pure. */
import { isSecret } from "./journal.ts";
import { clockProblem, type EpochWork, isMeasuring, kinds, type OracleState, skewMillis, type Work } from "./work.ts";

export interface Missed {
  readonly relay: bigint;
  readonly kind: string;
  readonly reason: string;
}

/** How far an epoch's work is. */
export interface EpochProgress {
  readonly epoch: bigint;
  readonly assigned: number;
  readonly overt: number;
  readonly liveness: number;
  readonly covert: number;
  readonly remeasurements: number;
  readonly measured: number;
  /** Measured, and nobody was reached. */
  readonly zeros: number;
  readonly countersigned: number;
  readonly waiting: number;
  readonly excused: number;
  readonly missed: readonly Missed[];
  readonly checks_made: number;
  readonly checks_due: number;
  readonly signed: number;
  readonly commit: string;
  readonly delivered: number;
  readonly deliveries: number;
  readonly submit: string;
  readonly refused: readonly { readonly reading: string; readonly reason: string }[];
}

const kindWords: Readonly<Record<number, string>> = {
  [kinds.overt]: "overt",
  [kinds.liveness]: "liveness",
  [kinds.covert]: "covert",
  [kinds.remeasurement]: "re-measurement",
};

/** In a status; a daemon that misses thousands says how many. */
const listedMax = 20;

/** Whom it visits unseen, and when, is nobody's business before it is on the chain. */
const isTold = ({ submit }: EpochWork, { kind }: Work): boolean => !isSecret(kind) || submit.sending.at === "done";

const sendingText = (sending: EpochWork["commit"]["sending"]): string =>
  sending.at === "lost" ? `lost: ${sending.reason}` : sending.at === "intended" ? "on its way" : sending.at;

export function progressOf(epoch: EpochWork): EpochProgress {
  const works = [...epoch.works.values()];
  const count = (wanted: (work: Work) => boolean) => works.filter(wanted).length;
  const ofKind = (kind: number) => count((work) => work.kind === kind);
  const told = works.filter((work) => isTold(epoch, work));
  return {
    epoch: epoch.number,
    assigned: works.length,
    overt: ofKind(kinds.overt),
    liveness: ofKind(kinds.liveness),
    covert: ofKind(kinds.covert),
    remeasurements: ofKind(kinds.remeasurement),
    measured: count(({ stage }) => stage === "read"),
    zeros: count(({ reading }) => reading?.measuredBps === 0n),
    countersigned: count(({ reading }) => (reading?.relaySignature.length ?? 0) > 0),
    waiting: count((work) => isMeasuring(work) && (work.stage === "waiting" || work.stage === "intended")),
    excused: count(({ stage }) => stage === "excused"),
    missed: told
      .filter(({ stage }) => stage === "missed")
      .slice(0, listedMax)
      .map(({ relay, kind, reason }) => ({ relay, kind: kindWords[kind]!, reason })),
    checks_made: works.reduce((sum, { checksDone }) => sum + checksDone, 0),
    checks_due: works.reduce((sum, { checksAtMillis }) => sum + checksAtMillis.length, 0),
    signed: count(({ leaf }) => leaf !== undefined),
    commit: sendingText(epoch.commit.sending),
    delivered: [...epoch.deliveries.values()].filter(({ at }) => at === "done").length,
    deliveries: epoch.deliveries.size,
    submit: sendingText(epoch.submit.sending),
    refused: [...epoch.refused].slice(0, listedMax).map(([reading, reason]) => ({ reading, reason })),
  };
}

export interface NextSlot {
  readonly relay: bigint;
  readonly kind: string;
  readonly from_millis: number;
  readonly until_millis: number;
}

/** What is known to come, the soonest first; not what is visited unseen. */
export function nextSlots({ epochs, nowMillis }: OracleState): NextSlot[] {
  return [...epochs.values()]
    .flatMap(({ works }) => [...works.values()])
    .filter((work) => work.stage === "waiting" && isMeasuring(work) && !isSecret(work.kind))
    .flatMap(({ relay, kind, time }) =>
      time === undefined || time.untilMillis <= nowMillis
        ? []
        : [{ relay, kind: kindWords[kind]!, from_millis: time.fromMillis, until_millis: time.untilMillis }],
    )
    .sort((left, right) => left.from_millis - right.from_millis)
    .slice(0, listedMax);
}

const newestFirst = ({ epochs }: OracleState): EpochWork[] =>
  [...epochs.values()].sort((left, right) => (left.number < right.number ? 1 : -1));

/** Relays in a row that were not reached: rather this machine's line than all of theirs. */
const unreachedMin = 3;

/** What an operator should see to, a sentence each. */
export function problemsOf(state: OracleState): string[] {
  const problems: string[] = [];
  const clock = clockProblem(state);
  if (clock !== undefined) problems.push(clock);
  const [open, last] = newestFirst(state);
  const read = [...(open?.works.values() ?? [])].filter(({ stage, kind }) => stage === "read" && !isSecret(kind));
  if (read.length >= unreachedMin && read.every(({ reading }) => reading?.measuredBps === 0n)) {
    problems.push(
      `none of ${read.length} relays was reached in epoch ${open!.number}: look at this machine's line and firewall`,
    );
  }
  if (last?.commit.sending.at === "lost" && last.works.size > 0) {
    problems.push(`epoch ${last.number} is not committed to: ${last.commit.sending.reason}`);
  }
  if (last !== undefined && last.refused.size > 0) {
    problems.push(
      `the chain refused ${last.refused.size} readings of epoch ${last.number}: ${[...last.refused.values()][0]}`,
    );
  }
  return problems;
}

export interface OracleProgress {
  readonly epochs: readonly EpochProgress[];
  readonly next: readonly NextSlot[];
  readonly clock_ahead_millis: number | null;
  readonly problems: readonly string[];
}

export const oracleProgress = (state: OracleState): OracleProgress => ({
  epochs: newestFirst(state).map(progressOf),
  next: nextSlots(state),
  clock_ahead_millis: skewMillis(state) ?? null,
  problems: problemsOf(state),
});
