/**
 * What an oracle says to the chain and to relays: signs what it read, commits to it while the epoch is open, hands it over, and submits what is
 * missing in the second half of the next one. Owns that nothing is sent while it may be on its way already.
 */
import type { Act } from "./inputs.ts";
import { epochRecord } from "./journal.ts";
import { changeEpoch, missAll, type Stepping, want, writeDownEpoch } from "./stepping.ts";
import {
  commitFromMillis,
  type Delivery,
  type EpochWork,
  endMillis,
  isFinal,
  isReading,
  type Sending,
  signUntilMillis,
  type Transaction,
  workKey,
} from "./work.ts";

const attemptsMax = 20;
const waitMillisMax = 60_000;

const waitMillis = (retryMillis: number, attempts: number): number =>
  Math.min(waitMillisMax, retryMillis * 2 ** Math.min(attempts, 10));

const noTree = { root: new Uint8Array(0), count: 0 };

// ---------------------------------------------------------------------------------------------------------------------- signing

/** Once everything is read, or nothing more can be. */
export function sign(at: Stepping, number: bigint): void {
  const epoch = at.state.epochs.get(number)!;
  const { nowMillis, blockMillis } = at.state;
  if (epoch.tree !== undefined || epoch.isSigning) return;
  if (blockMillis >= endMillis(epoch))
    return void giveUp(at, epoch, "the epoch was over before its readings were signed");
  if (!epoch.isPlanned || nowMillis < commitFromMillis(epoch)) return;
  const rest = [...epoch.works.values()].filter((work) => !isFinal(work));
  if (rest.length > 0 && nowMillis < signUntilMillis(epoch)) return;
  missAll(at, number, rest, "it was not done when readings were signed");
  const works = [...at.state.epochs.get(number)!.works.values()].filter(isReading);
  if (works.length === 0) return void giveUp(at, epoch, "there was nothing to read");
  const signing = changeEpoch(at, number, { isSigning: true });
  want(at, { do: "sign", epoch: epochRecord(signing), works });
}

function giveUp(at: Stepping, { number, works }: EpochWork, reason: string): void {
  const rest = [...works.values()].filter(({ stage }) => stage === "waiting" || stage === "read");
  missAll(at, number, rest, reason);
  const lost: Transaction = transaction({ at: "lost", reason });
  changeEpoch(at, number, { tree: noTree, commit: lost, submit: lost });
  writeDownEpoch(at, number);
}

const transaction = (sending: Sending, rest: Partial<Transaction> = {}): Transaction => ({
  isBusy: false,
  attempts: 0,
  notBeforeMillis: 0,
  ...rest,
  sending,
});

// ----------------------------------------------------------------------------------------------------------------- transactions

export type Sent = "commit" | "submit";

export function changeSending(at: Stepping, number: bigint, what: Sent, change: Partial<Transaction>): void {
  const before = at.state.epochs.get(number)![what];
  changeEpoch(at, number, { [what]: { ...before, ...change } });
  if (change.sending !== undefined) writeDownEpoch(at, number);
}

/** Writes down that it will be sent, and up to which height it can be in a block. */
function intend(at: Stepping, number: bigint, what: Sent, actOf: (untilHeight: bigint) => Act): void {
  const untilHeight = at.state.height + at.state.rules.txBlocksMax;
  const before = at.state.epochs.get(number)![what];
  const intended: Transaction = { ...before, sending: { at: "intended", untilHeight }, isBusy: true };
  const epoch = changeEpoch(at, number, { [what]: intended });
  want(at, { do: "record", epoch: epochRecord(epoch), readings: [], act: actOf(untilHeight) });
}

export function notSent(at: Stepping, number: bigint, what: Sent, isCertain: boolean, reason: string): void {
  const { attempts } = at.state.epochs.get(number)![what];
  const notBeforeMillis = at.state.nowMillis + waitMillis(at.state.rules.retryMillis, attempts);
  const again = { isBusy: false, attempts: attempts + 1, notBeforeMillis };
  if (attempts + 1 >= attemptsMax) changeSending(at, number, what, { ...again, sending: { at: "lost", reason } });
  else if (isCertain) changeSending(at, number, what, { ...again, sending: { at: "none" } });
  else changeSending(at, number, what, again);
}

const mayTry = (at: Stepping, { isBusy, notBeforeMillis }: Transaction): boolean =>
  !isBusy && at.state.nowMillis >= notBeforeMillis;

// ------------------------------------------------------------------------------------------------------------------- committing

export function commit(at: Stepping, number: bigint): void {
  const { tree, commit: own } = at.state.epochs.get(number)!;
  if (tree === undefined || tree.count === 0 || own.sending.at === "done" || own.sending.at === "lost") return;
  if (!mayTry(at, own)) return;
  const isOver = at.state.blockMillis >= endMillis(at.state.epochs.get(number)!);
  if (own.sending.at === "intended" || isOver) {
    changeSending(at, number, "commit", { isBusy: true });
    want(at, { do: "lookForCommit", epoch: number, tree });
  } else {
    intend(at, number, "commit", (untilHeight) => ({ do: "commit", epoch: number, tree, untilHeight }));
  }
}

/** What the chain has of it: known to be sent, known not to be, or on its way still. */
export function commitFound(at: Stepping, number: bigint, found: "ours" | "other" | "none" | "unknown"): void {
  const epoch = at.state.epochs.get(number)!;
  const { sending } = epoch.commit;
  const lost = (reason: string) => {
    changeSending(at, number, "commit", { isBusy: false, sending: { at: "lost", reason } });
    changeSending(at, number, "submit", { sending: { at: "lost", reason } });
  };
  if (found === "ours") return void changeSending(at, number, "commit", { isBusy: false, sending: { at: "done" } });
  if (found === "other") return void lost("somebody committed this oracle to other readings: find out who has its key");
  const wait = { isBusy: false, notBeforeMillis: at.state.nowMillis + at.state.rules.retryMillis };
  const mayStillCome = sending.at === "intended" && at.state.height <= sending.untilHeight;
  if (found === "unknown" || mayStillCome) return void changeSending(at, number, "commit", wait);
  if (at.state.blockMillis >= endMillis(epoch))
    return void lost("the epoch was over before its readings were committed to");
  changeSending(at, number, "commit", { ...wait, sending: { at: "none" } });
}

// -------------------------------------------------------------------------------------------------------------------- delivering

/** Relays submit in the first half of the next epoch. */
const deliverUntilMillis = (epoch: EpochWork): number => endMillis(epoch) + epoch.lengthMillis / 2;

export function deliver(at: Stepping, number: bigint): void {
  const epoch = at.state.epochs.get(number)!;
  if (epoch.commit.sending.at !== "done" || at.state.nowMillis >= deliverUntilMillis(epoch)) return;
  let busy = [...epoch.deliveries.values()].filter(({ isBusy }) => isBusy).length;
  for (const [relay, delivery] of epoch.deliveries) {
    if (busy >= at.state.rules.deliveriesMax) return;
    if (delivery.at !== "due" || delivery.isBusy || at.state.nowMillis < delivery.notBeforeMillis) continue;
    const work = [...epoch.works.values()].find((one) => one.relay === relay && one.leaf !== undefined);
    if (work === undefined) continue;
    changeDelivery(at, number, relay, { isBusy: true });
    want(at, { do: "deliver", epoch: number, relay, target: work.target });
    busy++;
  }
}

function changeDelivery(at: Stepping, number: bigint, relay: bigint, change: Partial<Delivery>): void {
  const { deliveries } = at.state.epochs.get(number)!;
  const before = deliveries.get(relay);
  if (before === undefined) return;
  changeEpoch(at, number, { deliveries: new Map(deliveries).set(relay, { ...before, ...change }) });
}

export interface Delivered {
  readonly relay: bigint;
  readonly isTaken: boolean;
  readonly isFinal: boolean;
}

export function delivered(at: Stepping, number: bigint, { relay, isTaken, isFinal }: Delivered): void {
  const attempts = at.state.epochs.get(number)?.deliveries.get(relay)?.attempts ?? 0;
  if (isTaken) {
    changeDelivery(at, number, relay, { at: "done", isBusy: false });
    return void writeDownEpoch(at, number);
  }
  const notBeforeMillis = at.state.nowMillis + waitMillis(at.state.rules.retryMillis, attempts);
  const isLost = isFinal || attempts + 1 >= attemptsMax;
  changeDelivery(at, number, relay, {
    at: isLost ? "lost" : "due",
    isBusy: false,
    attempts: attempts + 1,
    notBeforeMillis,
  });
}

// -------------------------------------------------------------------------------------------------------------------- submitting

interface Times {
  readonly fromMillis: number;
  readonly untilMillis: number;
}

/** The second half of the epoch after it, as planned where that has not been seen yet. */
function submitTimes(at: Stepping, epoch: EpochWork): Times {
  const next = at.state.epochs.get(epoch.number + 1n);
  const openMillis = next?.openMillis ?? endMillis(epoch);
  const lengthMillis = next?.lengthMillis ?? epoch.lengthMillis;
  return { fromMillis: openMillis + lengthMillis / 2, untilMillis: openMillis + lengthMillis };
}

export function submit(at: Stepping, number: bigint): void {
  const epoch = at.state.epochs.get(number)!;
  const { commit: committed, submit: own, tree } = epoch;
  if (tree === undefined || tree.count === 0 || committed.sending.at !== "done") return;
  if (own.sending.at === "done" || own.sending.at === "lost" || !mayTry(at, own)) return;
  const { fromMillis, untilMillis } = submitTimes(at, epoch);
  if (at.state.blockMillis >= untilMillis) {
    const reason = "the time for submitting was over";
    return void changeSending(at, number, "submit", { sending: { at: "lost", reason } });
  }
  const mayStillCome = own.sending.at === "intended" && at.state.height <= own.sending.untilHeight;
  if (at.state.nowMillis < fromMillis || at.state.blockMillis < endMillis(epoch) || mayStillCome) return;
  changeSending(at, number, "submit", { isBusy: true });
  const works = [...epoch.works.values()].filter(({ leaf }) => leaf !== undefined);
  want(at, { do: "lookForReadings", epoch: number, works });
}

export interface ReadingsFound {
  /** Undefined where nobody answered. */
  readonly missing: readonly string[] | undefined;
  readonly isProofMissing: boolean;
}

/** The chain told what it has: the rest is submitted, but for what it refused before. */
export function readingsFound(at: Stepping, number: bigint, { missing, isProofMissing }: ReadingsFound): void {
  const epoch = at.state.epochs.get(number)!;
  if (missing === undefined) return void notSent(at, number, "submit", false, "nobody told which readings are missing");
  const due = missing.filter((key) => !epoch.refused.has(key));
  const needsProof = isProofMissing && epoch.vrfProof.length > 0 && epoch.submit.attempts < attemptsMax / 2;
  if (due.length === 0 && !needsProof) {
    return void changeSending(at, number, "submit", { isBusy: false, sending: { at: "done" } });
  }
  const carrier = [...epoch.works.values()].find(({ leaf }) => leaf !== undefined)!;
  const works = due.length > 0 ? due : [workKey(carrier.relay, carrier.kind)];
  intend(at, number, "submit", (untilHeight) => ({
    do: "submit",
    epoch: number,
    works,
    isWithProof: needsProof,
    untilHeight,
  }));
}

/** One message holds so many of them: what is left is looked for again. */
export function submitted(at: Stepping, number: bigint, refused: readonly (readonly [string, string])[]): void {
  const epoch = at.state.epochs.get(number)!;
  changeEpoch(at, number, { refused: new Map([...epoch.refused, ...refused]) });
  const attempts = epoch.submit.attempts + 1;
  const sending: Sending =
    attempts >= attemptsMax ? { at: "lost", reason: "the chain does not take the rest" } : { at: "none" };
  changeSending(at, number, "submit", { isBusy: false, attempts, sending });
}
