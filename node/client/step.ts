/**
 * What a client decides while it is connected: with which relays it has sessions, which of them takes new streams, when more is locked, and when a
 * session ends. Pure. Owns the budget and the order of things; does not own vouchers (payer.ts), relays' ranking (choice.ts), keys or sockets.
 */
import type { Stepped } from "../daemon/runner.ts";

export interface StepRules {
  /** All that may be locked or spent, whatever happens. */
  readonly budget: bigint;
  /** What a session locks at first, and each time again. */
  readonly deposit: bigint;
  /** The chain's: less is refused. */
  readonly depositMin: bigint;
  /** A second session stands ready where the budget allows. */
  readonly isWarm: boolean;
  /** How long a session is opened for. */
  readonly epochs: bigint;
}

export type LaneState =
  | "opening"
  | "live"
  /** Its relay is of no more use; the money has to be taken back. */
  | "lost"
  | "closing"
  | "closed";

/** A session with a relay, from the decision to the end. */
export interface Lane {
  readonly name: number;
  readonly relay: bigint;
  readonly state: LaneState;
  readonly locked: bigint;
  readonly spent: bigint;
  readonly streams: number;
  readonly expiresEpoch: bigint;
  /** What is being locked beside `locked`, and not seen yet. */
  readonly toppingUp: bigint | undefined;
  /** The chain or the wallet refused: not asked again. */
  readonly isFixed: boolean;
  /** No new streams. */
  readonly isDraining: boolean;
}

interface Shunned {
  readonly times: number;
  readonly untilMillis: number;
}

export interface ClientState {
  readonly rules: StepRules;
  readonly nowMillis: number;
  readonly epoch: bigint;
  readonly lanes: readonly Lane[];
  readonly nextName: number;
  /** The best first. */
  readonly candidates: readonly bigint[];
  readonly isChoosing: boolean;
  /** When it was looked for relays last; undefined before. */
  readonly chosenAtMillis: number | undefined;
  /** What was known of relays then may not be so any more, its price for one. */
  readonly isStale: boolean;
  readonly shunned: ReadonlyMap<bigint, Shunned>;
  /** No wallet has enough for another session. */
  readonly isBroke: boolean;
  readonly inUse: number | undefined;
  readonly hasEverOpened: boolean;
  readonly isStopping: boolean;
  readonly isEnded: boolean;
}

export type ClientInput =
  | { readonly kind: "time"; readonly nowMillis: number; readonly epoch: bigint }
  | {
      readonly kind: "figures";
      readonly lane: number;
      readonly spent: bigint;
      readonly streams: number;
      readonly isDraining: boolean;
    }
  | { readonly kind: "chosen"; readonly relays: readonly bigint[]; readonly why: string }
  | {
      readonly kind: "opened";
      readonly lane: number;
      readonly locked: bigint;
      readonly expiresEpoch: bigint;
      readonly spent: bigint;
    }
  /** From an earlier run. */
  | {
      readonly kind: "resumed";
      readonly relay: bigint;
      readonly locked: bigint;
      readonly spent: bigint;
      readonly expiresEpoch: bigint;
    }
  /** `locked` is what has to be taken back: 0 where nothing came to be. */
  | {
      readonly kind: "unopened";
      readonly lane: number;
      readonly why: string;
      readonly isBroke: boolean;
      readonly locked: bigint;
    }
  | { readonly kind: "lost"; readonly lane: number; readonly why: string }
  | { readonly kind: "topped up"; readonly lane: number; readonly locked: bigint; readonly expiresEpoch: bigint }
  | { readonly kind: "not topped up"; readonly lane: number; readonly why: string; readonly isFinal: boolean }
  | { readonly kind: "closed"; readonly lane: number; readonly spent: bigint }
  | { readonly kind: "stop" };

export type ClientEffect =
  | { readonly does: "choose" }
  | {
      readonly does: "open";
      readonly lane: number;
      readonly relay: bigint;
      readonly deposit: bigint;
      readonly epochs: bigint;
    }
  | { readonly does: "top up"; readonly lane: number; readonly amount: bigint; readonly epochs: bigint }
  /** `asks`: for the relay's signature; it may not be there. */
  | { readonly does: "close"; readonly lane: number; readonly asks: boolean }
  /** New streams go there; undefined: there is nowhere. */
  | { readonly does: "use"; readonly lane: number | undefined; readonly relay: bigint | undefined }
  | { readonly does: "end"; readonly problem: string | undefined };

export const initialState = (rules: StepRules, nowMillis: number, epoch: bigint): ClientState => ({
  rules,
  nowMillis,
  epoch,
  lanes: [],
  nextName: 1,
  candidates: [],
  isChoosing: false,
  chosenAtMillis: undefined,
  isStale: false,
  shunned: new Map(),
  isBroke: false,
  inUse: undefined,
  hasEverOpened: false,
  isStopping: false,
  isEnded: false,
});

const chooseEveryMillis = 5_000;
const candidatesMaxAgeMillis = 300_000;
const shunMillis = 15_000;
const shunMillisMax = 600_000;
/** A session this near to its end gets longer, or is replaced. */
const expiryMarginEpochs = 1n;
const lanesMax = 64;

const isOpenLane = ({ state }: Lane): boolean => state !== "closed";

/** What is bound or gone: never more than the budget. */
export const committed = ({ lanes }: ClientState): bigint =>
  lanes.reduce(
    (sum, { state, locked, spent, toppingUp = 0n }) => sum + (state === "closed" ? spent : locked + toppingUp),
    0n,
  );

const free = (state: ClientState): bigint => state.rules.budget - committed(state);

const least = (left: bigint, right: bigint): bigint => (left < right ? left : right);

/** Of what it locks, a lane that has less left takes no new streams. */
const nearlyNothing = ({ deposit }: StepRules): bigint => deposit / 64n;

const hasMoney = (rules: StepRules, { locked, spent }: Lane): boolean => locked - spent > nearlyNothing(rules);

const isUsable = ({ rules }: ClientState, lane: Lane): boolean =>
  lane.state === "live" && !lane.isDraining && hasMoney(rules, lane);

// -------------------------------------------------------------------------------------------------------------------- inputs

const withLane = (state: ClientState, name: number, change: (lane: Lane) => Partial<Lane>): ClientState => ({
  ...state,
  lanes: state.lanes.map((lane) => (lane.name === name ? { ...lane, ...change(lane) } : lane)),
});

function shun(state: ClientState, name: number): ClientState {
  const lane = state.lanes.find((one) => one.name === name);
  if (lane === undefined) return state;
  const times = (state.shunned.get(lane.relay)?.times ?? 0) + 1;
  const millis = Math.min(shunMillisMax, shunMillis * 2 ** Math.min(times - 1, 10));
  const shunned = new Map(state.shunned).set(lane.relay, { times, untilMillis: state.nowMillis + millis });
  return { ...state, shunned };
}

function take(state: ClientState, input: ClientInput): ClientState {
  switch (input.kind) {
    case "time":
      return { ...state, nowMillis: input.nowMillis, epoch: input.epoch > state.epoch ? input.epoch : state.epoch };
    case "figures":
      return withLane(state, input.lane, ({ spent, isDraining }) => ({
        spent: input.spent > spent ? input.spent : spent,
        streams: input.streams,
        isDraining: isDraining || input.isDraining,
      }));
    case "chosen":
      return {
        ...state,
        candidates: input.relays,
        isChoosing: false,
        chosenAtMillis: state.nowMillis,
        isStale: false,
      };
    case "opened":
      return opened(state, input);
    case "resumed":
      return resumed(state, input);
    case "unopened":
      return unopened(state, input);
    case "lost":
      return withLane(shun(state, input.lane), input.lane, ({ state: was }) =>
        was === "live" ? { state: "lost" } : {},
      );
    case "topped up":
      return withLane(state, input.lane, ({ locked }) => ({
        locked: input.locked > locked ? input.locked : locked,
        expiresEpoch: input.expiresEpoch,
        toppingUp: undefined,
      }));
    case "not topped up":
      return withLane(state, input.lane, ({ isFixed }) => ({
        toppingUp: undefined,
        isFixed: isFixed || input.isFinal,
      }));
    case "closed":
      return withLane(state, input.lane, ({ spent }) => ({
        state: "closed",
        spent: input.spent > spent ? input.spent : spent,
        toppingUp: undefined,
        streams: 0,
      }));
    case "stop":
      return { ...state, isStopping: true };
  }
}

const opened = (
  state: ClientState,
  { lane, locked, expiresEpoch, spent }: ClientInput & { kind: "opened" },
): ClientState => ({
  ...withLane(state, lane, () => ({ state: "live", locked, spent, expiresEpoch })),
  hasEverOpened: true,
});

function resumed(
  state: ClientState,
  { relay, locked, spent, expiresEpoch }: ClientInput & { kind: "resumed" },
): ClientState {
  const lane: Lane = { ...newLane(state.nextName, relay, locked), state: "live", spent, expiresEpoch };
  return { ...state, lanes: [...state.lanes, lane], nextName: state.nextName + 1, hasEverOpened: true };
}

const newLane = (name: number, relay: bigint, locked: bigint): Lane => ({
  name,
  relay,
  state: "opening",
  locked,
  spent: 0n,
  streams: 0,
  expiresEpoch: 0n,
  toppingUp: undefined,
  isFixed: false,
  isDraining: false,
});

function unopened(state: ClientState, { lane, isBroke, locked }: ClientInput & { kind: "unopened" }): ClientState {
  const known = isBroke ? { ...state, isBroke } : { ...shun(state, lane), isStale: true };
  return withLane(known, lane, () => (locked > 0n ? { state: "lost", locked } : { state: "closed", locked: 0n }));
}

// ----------------------------------------------------------------------------------------------------------------- decisions

type Decided = Stepped<ClientState, ClientEffect>;
type Rule = (state: ClientState) => Decided;

const nothing = (state: ClientState): Decided => ({ state, effects: [] });

/** Lost ones and, at the end, all: their money comes back. */
function closeLanes(state: ClientState): Decided {
  const effects: ClientEffect[] = [];
  const lanes = state.lanes.map((lane): Lane => {
    const isOver =
      lane.toppingUp === undefined && ((lane.streams === 0 && isSuperseded(state, lane)) || isUsedUp(state, lane));
    const isDue = lane.state === "lost" || (lane.state === "live" && (state.isStopping || isOver));
    if (!isDue) return lane;
    effects.push({ does: "close", lane: lane.name, asks: lane.state === "live" });
    return { ...lane, state: "closing" };
  });
  return { state: { ...state, lanes }, effects };
}

/** It takes nothing new. */
const isSuperseded = (state: ClientState, lane: Lane): boolean =>
  lane.isDraining || (!hasMoney(state.rules, lane) && !canGrow(state, lane));

const canGrow = (state: ClientState, { isFixed }: Lane): boolean => !isFixed && free(state) > 0n;

/** Nothing is left to pay with: what is on it stands still for ever. */
const isUsedUp = (state: ClientState, lane: Lane): boolean =>
  lane.locked - lane.spent <= state.rules.deposit / 1024n && !canGrow(state, lane);

/** The one in use stays in use while it can be. */
function useLane(state: ClientState): Decided {
  const usable = state.isStopping ? [] : state.lanes.filter((lane) => isUsable(state, lane));
  const next = usable.find(({ name }) => name === state.inUse) ?? usable[0];
  if (next?.name === state.inUse) return nothing(state);
  return { state: { ...state, inUse: next?.name }, effects: [{ does: "use", lane: next?.name, relay: next?.relay }] };
}

function topUp(state: ClientState): Decided {
  const { rules } = state;
  const lane = state.lanes.find(
    (one) =>
      one.state === "live" &&
      !one.isFixed &&
      !one.isDraining &&
      one.toppingUp === undefined &&
      (one.name === state.inUse || one.streams > 0) &&
      one.locked - one.spent < rules.deposit / 2n,
  );
  const amount = least(rules.deposit, free(state));
  if (lane === undefined || amount <= 0n || state.isStopping) return nothing(state);
  return toppingUp(state, lane, amount, 0n);
}

const toppingUp = (state: ClientState, lane: Lane, amount: bigint, epochs: bigint): Decided => ({
  state: withLane(state, lane.name, () => ({ toppingUp: amount })),
  effects: [{ does: "top up", lane: lane.name, amount, epochs }],
});

/** One that is about to end is kept open for longer; where that is refused it takes nothing new, and is closed in time. */
function prolong(state: ClientState): Decided {
  if (state.isStopping) return nothing(state);
  const due = state.lanes.find(
    (lane) =>
      lane.state === "live" &&
      lane.toppingUp === undefined &&
      !lane.isDraining &&
      lane.expiresEpoch <= state.epoch + expiryMarginEpochs,
  );
  if (due === undefined) return nothing(state);
  if (due.isFixed || state.epoch >= due.expiresEpoch)
    return nothing(withLane(state, due.name, () => ({ isDraining: true })));
  const more = state.epoch + state.rules.epochs - due.expiresEpoch;
  return more > 0n ? toppingUp(state, due, 0n, more) : nothing(withLane(state, due.name, () => ({ isDraining: true })));
}

function openMore(state: ClientState): Decided {
  const { rules, lanes, candidates } = state;
  if (state.isStopping || state.isBroke || lanes.filter(isOpenLane).length >= lanesMax) return nothing(state);
  const ready = lanes.filter((lane) => lane.state === "opening" || isUsable(state, lane)).length;
  if (ready >= (rules.isWarm ? 2 : 1) || lanes.some(({ state: is }) => is === "opening")) return nothing(state);
  const deposit = least(rules.deposit, free(state));
  if (deposit < rules.depositMin) return nothing(state);
  const taken = new Set(lanes.filter(isOpenLane).map(({ relay }) => relay));
  const relay = candidates.find((id) => !taken.has(id) && (state.shunned.get(id)?.untilMillis ?? 0) <= state.nowMillis);
  if (relay === undefined) return choose(state, chooseEveryMillis);
  const lane = newLane(state.nextName, relay, deposit);
  const next = { ...state, lanes: [...lanes, lane], nextName: state.nextName + 1 };
  return { state: next, effects: [{ does: "open", lane: lane.name, relay, deposit, epochs: rules.epochs }] };
}

function choose(state: ClientState, everyMillis: number): Decided {
  const { chosenAtMillis, nowMillis, isChoosing, isStopping } = state;
  const isEarly = chosenAtMillis !== undefined && nowMillis < chosenAtMillis + everyMillis;
  if (isChoosing || isStopping || isEarly) return nothing(state);
  return { state: { ...state, isChoosing: true }, effects: [{ does: "choose" }] };
}

const refresh = (state: ClientState): Decided =>
  choose(state, state.isStale ? chooseEveryMillis : candidatesMaxAgeMillis);

/** All is closed and nothing more can be opened. */
function end(state: ClientState): Decided {
  if (state.isEnded || state.isChoosing || state.lanes.some(isOpenLane)) return nothing(state);
  const problem = state.isStopping ? undefined : whyOver(state);
  if (!state.isStopping && problem === undefined) return nothing(state);
  return { state: { ...state, isEnded: true }, effects: [{ does: "end", problem }] };
}

function whyOver(state: ClientState): string | undefined {
  const { budget, depositMin } = state.rules;
  if (free(state) < depositMin) return `the budget of ${budget} is spent`;
  return state.isBroke ? "no wallet has enough left for another session" : undefined;
}

const rules: readonly Rule[] = [closeLanes, useLane, topUp, prolong, openMore, refresh, closeLanes, useLane, end];

export function step(state: ClientState, input: ClientInput): Decided {
  let next = take(state, input);
  const effects: ClientEffect[] = [];
  for (const rule of rules) {
    const decided = rule(next);
    next = decided.state;
    effects.push(...decided.effects);
  }
  return { state: pruned(next), effects };
}

/** Closed lanes are summed up: what they spent still counts. */
function pruned(state: ClientState): ClientState {
  const over = state.lanes.filter(({ state: is }) => is === "closed");
  if (over.length <= lanesMax) return state;
  const [first, second] = over as [Lane, Lane];
  const merged = { ...second, spent: first.spent + second.spent };
  return {
    ...state,
    lanes: state.lanes.filter((lane) => lane !== first).map((lane) => (lane === second ? merged : lane)),
  };
}
