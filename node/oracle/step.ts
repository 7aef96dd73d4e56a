/**
 * An oracle's daemon, without a clock, a socket or a disk: what it makes of whatever it hears, and what it wants done next. Owns the order of an
 * epoch's work; when a measurement may begin is stepmeasuring.ts, what is said to others stepsending.ts.
 */
import type { Stepped } from "../daemon/runner.ts";
import type { Act, Effect, Input, PlannedEpoch, TurnKnown } from "./inputs.ts";
import { deliveriesOf, epochsKept, epochsOf, type Records } from "./journal.ts";
import { check, measure, measureIntended } from "./stepmeasuring.ts";
import {
  changeEpoch,
  changeState,
  changeWork,
  miss,
  type Stepping,
  want,
  writeDown,
  writeDownEpoch,
} from "./stepping.ts";
import * as sending from "./stepsending.ts";
import {
  type EpochWork,
  endMillis,
  kinds,
  newWork,
  noTransaction,
  type OracleRules,
  type OracleState,
  skewBlocksMax,
  type Work,
  workKey,
} from "./work.ts";

export const initialState = (rules: OracleRules, records: Records, nowMillis: number): OracleState => ({
  rules,
  nowMillis,
  height: 0n,
  blockMillis: 0,
  aheadMillis: [],
  isPlanning: false,
  isAskingTurns: false,
  askedHeight: -1n,
  provenHeight: -1n,
  epochs: epochsOf(records),
});

export function step(state: OracleState, input: Input): Stepped<OracleState, Effect> {
  const at: Stepping = { state, effects: [] };
  take(at, input);
  proceed(at);
  return at;
}

// ------------------------------------------------------------------------------------------------------------- what is heard

function take(at: Stepping, input: Input): void {
  switch (input.is) {
    case "time":
      return void changeState(at, { nowMillis: input.nowMillis });
    case "rules":
      return void changeState(at, { rules: input.rules });
    case "block":
      return void takeBlock(at, input);
    case "planned":
      changeState(at, { isPlanning: false });
      return void takePlan(at, input.epoch);
    case "notPlanned":
      return void changeState(at, { isPlanning: false });
    case "turns":
      changeState(at, { isAskingTurns: false });
      return void takeTurns(at, input.epoch, input.slotsKnown, input.turns);
    case "noTurns":
      return void changeState(at, { isAskingTurns: false });
    case "recorded":
      return void takeRecorded(at, input.act);
    default:
      if (at.state.epochs.has(input.epoch)) takeOutcome(at, input);
  }
}

type Outcome = Exclude<
  Input,
  { is: "time" | "rules" | "block" | "planned" | "notPlanned" | "turns" | "noTurns" | "recorded" }
>;

function takeOutcome(at: Stepping, input: Outcome): void {
  const { epoch } = input;
  switch (input.is) {
    case "measured":
      return void takeMeasured(at, input);
    case "checked":
      return void takeChecked(at, input);
    case "proven":
      return void takeProof(at, epoch, input.found);
    case "signed":
      return void takeSigned(at, input);
    case "notSigned":
      return void changeEpoch(at, epoch, { isSigning: false });
    case "commitFound":
      return void sending.commitFound(at, epoch, input.found);
    case "readingsFound":
      return void sending.readingsFound(at, epoch, input);
    case "sent":
      if (input.what === "submit") return void sending.submitted(at, epoch, input.refused);
      return void sending.changeSending(at, epoch, "commit", { isBusy: false, sending: { at: "done" } });
    case "notSent":
      return void sending.notSent(at, epoch, input.what, input.isCertain, input.reason);
    case "delivered":
      return void sending.delivered(at, epoch, input);
  }
}

function takeBlock(at: Stepping, { height, blockMillis, nowMillis }: Input & { readonly is: "block" }): void {
  const aheadMillis = [...at.state.aheadMillis, nowMillis - blockMillis].slice(-skewBlocksMax);
  changeState(at, { height, blockMillis, nowMillis, aheadMillis });
}

function takePlan(at: Stepping, plan: PlannedEpoch): void {
  const before = at.state.epochs.get(plan.number);
  if (before?.isPlanned === true) return;
  // The first turns are known by now.
  if (at.state.blockMillis < plan.openMillis + plan.lengthMillis) changeState(at, { askedHeight: -1n });
  const { duties, ...times } = plan;
  const works = new Map(before?.works);
  for (const duty of duties) {
    const key = workKey(duty.relay, duty.kind);
    const known = works.get(key);
    // What is signed stays as it is; what was begun goes on, with the times of the plan.
    if (before?.tree !== undefined) continue;
    if (known === undefined) works.set(key, newWork(duty));
    else works.set(key, { ...known, ...duty, time: duty.time ?? known.time });
  }
  const blank = { slotsKnown: 0, isSigning: false, tree: undefined, deliveries: new Map(), refused: new Map() };
  const fresh = { ...blank, commit: noTransaction, submit: noTransaction };
  const epoch: EpochWork = { ...fresh, ...before, ...times, isPlanned: true, proof: "due", works };
  changeState(at, { epochs: new Map(at.state.epochs).set(plan.number, epoch) });
  if (before === undefined) writeDownEpoch(at, plan.number);
  forgetOld(at, plan.number);
}

/** A node told something else than is proven: what was not begun by it is planned anew. */
function takeProof(at: Stepping, number: bigint, found: "same" | "other" | "unknown"): void {
  if (found !== "other") return void changeEpoch(at, number, { proof: found === "same" ? "good" : "due" });
  const { works } = at.state.epochs.get(number)!;
  const begun = new Map([...works].filter(([, { stage }]) => stage !== "waiting" && stage !== "excused"));
  changeEpoch(at, number, { proof: "due", isPlanned: false, works: begun, slotsKnown: 0 });
}

function forgetOld(at: Stepping, newest: bigint): void {
  for (const { number, works } of at.state.epochs.values()) {
    if (number > newest - epochsKept) continue;
    want(at, { do: "forget", epoch: number, works: [...works.keys()] });
    const epochs = new Map(at.state.epochs);
    epochs.delete(number);
    changeState(at, { epochs });
  }
}

function takeTurns(at: Stepping, number: bigint, slotsKnown: number, turns: readonly TurnKnown[]): void {
  if (!at.state.epochs.has(number)) return;
  const works = new Map(at.state.epochs.get(number)!.works);
  for (const { relay, time, isExcused } of turns) {
    const key = workKey(relay, kinds.overt);
    const work = works.get(key);
    if (work === undefined || work.stage !== "waiting") continue;
    const reason = isExcused ? "no room beside others of its slot" : "";
    works.set(key, { ...work, time, stage: isExcused ? "excused" : "waiting", reason });
  }
  changeEpoch(at, number, { slotsKnown, works });
}

function takeRecorded(at: Stepping, act: Act): void {
  if (act.do === "measure") measureIntended(at, act);
  else want(at, act);
}

function workAt(
  at: Stepping,
  { epoch, relay, kind }: { epoch: bigint; relay: bigint; kind: number },
): Work | undefined {
  return at.state.epochs.get(epoch)?.works.get(workKey(relay, kind));
}

function takeMeasured(at: Stepping, input: Input & { readonly is: "measured" }): void {
  const work = workAt(at, input);
  if (work?.stage !== "intended") return;
  if (input.reading === undefined) return void miss(at, input.epoch, work, input.reason);
  writeDown(at, input.epoch, changeWork(at, input.epoch, work, { stage: "read", reading: input.reading }));
}

function takeChecked(at: Stepping, input: Input & { readonly is: "checked" }): void {
  const work = workAt(at, input);
  if (work === undefined || !work.isChecking) return;
  const checksPassed = work.checksPassed + (input.isThere ? 1 : 0);
  const change = { isChecking: false, checksDone: work.checksDone + 1, checksPassed };
  writeDown(at, input.epoch, changeWork(at, input.epoch, work, change));
}

/** What was signed is on disk; nothing else will be. */
function takeSigned(at: Stepping, { epoch, tree, leaves }: Input & { readonly is: "signed" }): void {
  const before = at.state.epochs.get(epoch)!;
  const works = new Map([...before.works].map(([key, work]) => [key, { ...work, leaf: leaves.get(key) }] as const));
  changeEpoch(at, epoch, { tree, works, isSigning: false, deliveries: deliveriesOf(works.values()) });
}

// -------------------------------------------------------------------------------------------------------------- what is next

function proceed(at: Stepping): void {
  ask(at);
  prove(at);
  for (const number of [...at.state.epochs.keys()]) {
    const { tree, isPlanned } = at.state.epochs.get(number)!;
    if (tree === undefined && isPlanned) {
      measure(at, number);
      check(at, number);
    }
    sending.sign(at, number);
    sending.commit(at, number);
    sending.deliver(at, number);
    sending.submit(at, number);
  }
}

/** The way to a proof is long: meanwhile the plan is believed. */
function prove(at: Stepping): void {
  const { height, provenHeight } = at.state;
  if (height <= provenHeight) return;
  const due = [...at.state.epochs.values()].find(({ isPlanned, proof, tree }) => isPlanned && proof === "due" && !tree);
  if (due === undefined) return;
  changeState(at, { provenHeight: height });
  changeEpoch(at, due.number, { proof: "asked" });
  want(at, { do: "prove", epoch: due.number });
}

/** Once a block at most: for the epoch that is open, then for turns that may be known by now. */
function ask(at: Stepping): void {
  const { height, askedHeight, blockMillis, isPlanning, isAskingTurns } = at.state;
  if (height === 0n || height <= askedHeight || isPlanning || isAskingTurns) return;
  const open = [...at.state.epochs.values()].find((one) => one.isPlanned && blockMillis < endMillis(one));
  if (open === undefined) {
    want(at, { do: "plan" });
    changeState(at, { isPlanning: true, askedHeight: height });
  } else if (open.tree === undefined && hasNewTurn(open, blockMillis)) {
    want(at, { do: "turns", epoch: open.number, blockMillis });
    changeState(at, { isAskingTurns: true, askedHeight: height });
  }
}

/** A slot is known once a block is later than its beginning. */
function hasNewTurn({ openMillis, lengthMillis, slotCount, slotsKnown }: EpochWork, blockMillis: number): boolean {
  if (slotsKnown >= slotCount) return false;
  const beginMillis = openMillis + ((lengthMillis * 3) / 4 / slotCount) * slotsKnown;
  return blockMillis >= beginMillis;
}
