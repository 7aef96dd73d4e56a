/**
 * What a relay does with what it was handed: it brings the readings of itself to the chain in the first half of the epoch after their own, once,
 * and lowers its claim in time where they show less. Owns which effect is due; pure: time, chain and disk come in as inputs.
 *
 *   kept ── sent, in a numbered batch ── given        a batch is one transaction, whatever happens: sent again, it is the same one
 */

export interface Held {
  readonly epoch: bigint;
  readonly oracle: bigint;
  readonly kind: number;
  readonly measuredBps: bigint;
  readonly isCountersigned: boolean;
  readonly stage: "kept" | "sent" | "given";
  /** Of its epoch, from 1 on; 0 before it is sent. */
  readonly batch: number;
}

/** The epoch that is open, as the chain says. */
export interface OpenEpoch {
  readonly number: bigint;
  readonly openMillis: bigint;
  readonly lengthMillis: bigint;
  /** Of this relay, from the next epoch on. */
  readonly announcedBps: bigint;
  /** Who was to read this relay in the epoch before. */
  readonly committeeBefore: number;
}

export interface RelayState {
  readonly height: bigint;
  /** Of the newest block. */
  readonly timeMillis: bigint;
  readonly epoch: OpenEpoch | undefined;
  /** The chain is being asked which epoch is open. */
  readonly isAskingEpoch: boolean;
  /** A submission is under way. */
  readonly isSubmitting: boolean;
  /** By `heldKey`; what is past its use is dropped. */
  readonly held: ReadonlyMap<string, Held>;
  readonly lowersClaim: boolean;
  /** The last epoch whose readings were judged for that. */
  readonly judgedEpoch: bigint;
}

export type RelayInput =
  | { readonly type: "block"; readonly height: bigint; readonly timeMillis: bigint }
  | { readonly type: "epoch"; readonly epoch: OpenEpoch }
  /** On disk. */
  | { readonly type: "kept"; readonly held: readonly Held[] }
  /** The chain has them, or never takes them. */
  | { readonly type: "given"; readonly keys: readonly string[] }
  /** It may be tried again. */
  | { readonly type: "failed"; readonly effect: RelayEffect }
  | { readonly type: "settings"; readonly lowersClaim: boolean };

export type RelayEffect =
  | { readonly type: "askEpoch" }
  /** Noted on disk before it is sent; of one epoch and batch never twice with other keys. */
  | { readonly type: "submit"; readonly epoch: bigint; readonly batch: number; readonly keys: readonly string[] }
  | { readonly type: "lowerClaim"; readonly bps: bigint }
  | { readonly type: "forget"; readonly keys: readonly string[] };

export interface Stepped {
  readonly state: RelayState;
  readonly effects: readonly RelayEffect[];
}

/** Readings of so many epochs behind the open one are remembered for `status`. */
const epochsKept = 4n;
/** Of the epoch: what came by then is sent, and what came late once more before its half is over. */
const calls = [
  { numerator: 1n, denominator: 8n },
  { numerator: 3n, denominator: 8n },
] as const;
/** Below this share of the claim the readings' median lowers it (docs/relay.md). */
const lowerBelowPercent = 85n;
/** Fewer readings than these say nothing: as the chain counts, two thirds of the committee, and of three oracles all. */
const readingsToLowerMin = 3;
const enoughReadings = (committee: number): number => Math.max(readingsToLowerMin, Math.ceil((committee * 2) / 3));
const bpsStep = 100_000n;
const overt = 1;

export const heldKey = ({ epoch, oracle, kind }: Pick<Held, "epoch" | "oracle" | "kind">): string =>
  `${epoch.toString().padStart(20, "0")}/${oracle.toString().padStart(20, "0")}/${kind}`;

export const newRelayState = (held: readonly Held[], lowersClaim: boolean): RelayState => ({
  height: 0n,
  timeMillis: 0n,
  epoch: undefined,
  isAskingEpoch: false,
  isSubmitting: false,
  held: new Map(held.map((one) => [heldKey(one), one])),
  lowersClaim,
  judgedEpoch: -1n,
});

export function step(state: RelayState, input: RelayInput): Stepped {
  switch (input.type) {
    case "block":
      return onBlock({ ...state, height: input.height, timeMillis: input.timeMillis });
    case "epoch":
      return due(forgotten({ ...state, epoch: input.epoch, isAskingEpoch: false }));
    case "kept":
      return due({ state: withHeld(state, input.held), effects: [] });
    case "given":
      return due({ state: afterGiving(state, input), effects: [] });
    case "failed":
      return { state: afterFailure(state, input.effect), effects: [] };
    case "settings":
      return due({ state: { ...state, lowersClaim: input.lowersClaim }, effects: [] });
  }
}

const withHeld = (state: RelayState, added: readonly Held[]): RelayState => {
  const held = new Map(state.held);
  for (const one of added) if (!held.has(heldKey(one))) held.set(heldKey(one), one);
  return { ...state, held };
};

function withStage(state: RelayState, keys: readonly string[], changes: Partial<Held>): RelayState {
  const held = new Map(state.held);
  for (const key of keys) {
    const found = held.get(key);
    if (found !== undefined) held.set(key, { ...found, ...changes });
  }
  return { ...state, held };
}

const afterGiving = (state: RelayState, { keys }: Extract<RelayInput, { type: "given" }>): RelayState => ({
  ...withStage(state, keys, { stage: "given" }),
  isSubmitting: false,
});

const afterFailure = (state: RelayState, { type }: RelayEffect): RelayState => ({
  ...state,
  isAskingEpoch: type === "askEpoch" ? false : state.isAskingEpoch,
  isSubmitting: type === "submit" ? false : state.isSubmitting,
});

// -------------------------------------------------------------------------------------------------------------- what is due

function onBlock(state: RelayState): Stepped {
  const { epoch, timeMillis, isAskingEpoch } = state;
  const isOver = epoch === undefined || timeMillis >= epoch.openMillis + epoch.lengthMillis;
  if (!isOver || isAskingEpoch) return due({ state, effects: [] });
  return { state: { ...state, isAskingEpoch: true }, effects: [{ type: "askEpoch" }] };
}

/** Readings that are too old for anybody. */
function forgotten(state: RelayState): Stepped {
  const oldest = (state.epoch?.number ?? 0n) - epochsKept;
  const keys = [...state.held].filter(([, { epoch }]) => epoch < oldest).map(([key]) => key);
  if (keys.length === 0) return { state, effects: [] };
  return { state: withoutKeys(state, keys), effects: [{ type: "forget", keys }] };
}

function withoutKeys(state: RelayState, keys: readonly string[]): RelayState {
  const held = new Map(state.held);
  for (const key of keys) held.delete(key);
  return { ...state, held };
}

function due({ state, effects }: Stepped): Stepped {
  const next = submission(state);
  const claim = lowering(next.state);
  return { state: claim.state, effects: [...effects, ...next.effects, ...claim.effects] };
}

/** How many of an epoch's calls have come by the time of the newest block; -1 once its half is over: then it is the oracles' turn. */
function callsBy({ openMillis, lengthMillis }: OpenEpoch, timeMillis: bigint): number {
  const elapsed = timeMillis - openMillis;
  if (elapsed * 2n >= lengthMillis) return -1;
  return calls.filter(({ numerator, denominator }) => elapsed * denominator >= lengthMillis * numerator).length;
}

function submission(state: RelayState): Stepped {
  const { epoch, isSubmitting } = state;
  const called = epoch === undefined ? 0 : callsBy(epoch, state.timeMillis);
  if (epoch === undefined || isSubmitting || called < 1) return { state, effects: [] };
  const of = epoch.number - 1n;
  const mine = [...state.held].filter(([, held]) => held.epoch === of);
  const last = mine.reduce((highest, [, { batch }]) => Math.max(highest, batch), 0);
  const unsure = mine.find(([, { stage }]) => stage === "sent")?.[1].batch;
  if (unsure === undefined && last > 0 && called < calls.length) return { state, effects: [] };
  const batch = unsure ?? last + 1;
  const isNext = ({ stage, batch: its }: Held) => (unsure === undefined ? stage === "kept" : its === unsure);
  const keys = mine.filter(([, held]) => isNext(held)).map(([key]) => key);
  if (keys.length === 0) return { state, effects: [] };
  return {
    state: { ...withStage(state, keys, { stage: "sent", batch }), isSubmitting: true },
    effects: [{ type: "submit", epoch: of, batch, keys }],
  };
}

// ---------------------------------------------------------------------------------------------------------------- the claim

/** The lower one in the middle, as the chain counts; of those that are not zero. */
function medianOf(readings: readonly bigint[]): bigint {
  const counted = readings.filter((bps) => bps > 0n).sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  return counted[Math.ceil(counted.length / 2) - 1] ?? 0n;
}

/** Judged once an epoch, when its readings are due: a claim that is lowered before an epoch opens holds for it. */
function lowering(state: RelayState): Stepped {
  const { epoch, lowersClaim, judgedEpoch } = state;
  if (epoch === undefined || !lowersClaim) return { state, effects: [] };
  const of = epoch.number - 1n;
  if (judgedEpoch >= of || callsBy(epoch, state.timeMillis) === 0) return { state, effects: [] };
  const readings = [...state.held.values()].filter((held) => held.epoch === of && held.kind === overt);
  const bps = readings.map(({ measuredBps }) => measuredBps);
  if (bps.filter((one) => one > 0n).length < enoughReadings(epoch.committeeBefore)) return { state, effects: [] };
  const median = medianOf(bps);
  const judged = { ...state, judgedEpoch: of };
  if (median * 100n >= epoch.announcedBps * lowerBelowPercent) return { state: judged, effects: [] };
  const lower = (median / bpsStep) * bpsStep;
  return { state: judged, effects: [{ type: "lowerClaim", bps: lower > 0n ? lower : median }] };
}
