/**
 * What an oracle has to do and how far it is: the state of its daemon. Owns the shapes and the questions about one epoch's work; what is done
 * next is step.ts, what of it survives a power cut is journal.ts. Pure.
 */
import { attestationKind } from "../../modules/attestation/attestationbytes.ts";

export const kinds = attestationKind;
export type Kind = (typeof attestationKind)[keyof typeof attestationKind];

/** Whom to dial. */
export interface Target {
  readonly endpoints: readonly string[];
  readonly transportKey: Uint8Array;
}

/** From inclusive, until exclusive, milliseconds since 1970. */
export interface Window {
  readonly fromMillis: number;
  readonly untilMillis: number;
}

/** One reading that is asked of the oracle. */
export interface DutyPlan {
  readonly relay: bigint;
  readonly kind: Kind;
  readonly claimBps: bigint;
  readonly target: Target;
  /** Undefined while nobody knows. */
  readonly time: Window | undefined;
  /** When it looks whether the relay is there. */
  readonly checksAtMillis: readonly number[];
}

/** What was read, but for what is only known when it is signed. */
export interface MeasuredReading {
  readonly sessionNonce: Uint8Array;
  readonly measuredBps: bigint;
  readonly backgroundBps: bigint;
  readonly rttP50Micros: number;
  readonly rttP95Micros: number;
  readonly lossPpm: number;
  readonly bytes: bigint;
  readonly startMillis: bigint;
  readonly durationMillis: number;
  readonly transcriptHash: Uint8Array;
  readonly observedAddress: Uint8Array;
  /** Empty where the relay does not agree, or was not asked. */
  readonly relaySignature: Uint8Array;
  /** Why it is zero. */
  readonly failure: string;
}

/**
 * `intended` is written down before anybody is dialled: what is found so after a restart was begun, may have been seen, and is not begun again.
 */
export type Stage = "waiting" | "intended" | "read" | "excused" | "missed";

export interface Work extends DutyPlan {
  readonly stage: Stage;
  /** Why it was missed. */
  readonly reason: string;
  readonly reading: MeasuredReading | undefined;
  readonly checksDone: number;
  readonly checksPassed: number;
  /** A check is under way. */
  readonly isChecking: boolean;
  /** Its place in the tree, once it is signed. */
  readonly leaf: number | undefined;
}

/** A transaction: `intended` is one that may have been sent, until its last height is over. */
export type Sending =
  | { readonly at: "none" }
  | { readonly at: "intended"; readonly untilHeight: bigint }
  | { readonly at: "done" }
  | { readonly at: "lost"; readonly reason: string };

export interface Transaction {
  readonly sending: Sending;
  /** Asked about or being sent. */
  readonly isBusy: boolean;
  readonly attempts: number;
  readonly notBeforeMillis: number;
}

export const noTransaction: Transaction = {
  sending: { at: "none" },
  isBusy: false,
  attempts: 0,
  notBeforeMillis: 0,
};

export interface Delivery {
  readonly at: "due" | "done" | "lost";
  readonly isBusy: boolean;
  readonly attempts: number;
  readonly notBeforeMillis: number;
}

export interface Tree {
  readonly root: Uint8Array;
  readonly count: number;
}

export interface EpochWork {
  readonly number: bigint;
  /** False of what came out of the journal alone. */
  readonly isPlanned: boolean;
  readonly openMillis: number;
  readonly lengthMillis: number;
  /** What it may measure at once, all claims together. */
  readonly roomBps: bigint;
  /** Of one measurement. */
  readonly measureMillis: number;
  /** Whether what it was planned from was compared with proofs: asked is under way. */
  readonly proof: "due" | "asked" | "good";
  /** Slots in all, and how many are known; 0 before it is planned. */
  readonly slotCount: number;
  readonly slotsKnown: number;
  readonly works: ReadonlyMap<string, Work>;
  /** Of the oracle's key of proofs; empty where it does not count yet. */
  readonly vrfProof: Uint8Array;
  readonly isSigning: boolean;
  /** Undefined until it is signed; with a count of 0 where there is nothing to sign. */
  readonly tree: Tree | undefined;
  readonly commit: Transaction;
  readonly submit: Transaction;
  /** By relay. */
  readonly deliveries: ReadonlyMap<bigint, Delivery>;
  /** By work, what the chain said of readings that it did not take. */
  readonly refused: ReadonlyMap<string, string>;
}

export interface OracleState {
  readonly rules: OracleRules;
  readonly nowMillis: number;
  readonly height: bigint;
  readonly blockMillis: number;
  /** Of the last blocks: how far this machine's clock was ahead of them when they came. */
  readonly aheadMillis: readonly number[];
  /** The height at which a proof was asked for last. */
  readonly provenHeight: bigint;
  /** Of what comes out of the chain and is asked for again and again. */
  readonly isPlanning: boolean;
  readonly isAskingTurns: boolean;
  /** The height at which was asked last. */
  readonly askedHeight: bigint;
  readonly epochs: ReadonlyMap<bigint, EpochWork>;
}

/** What does not change while the daemon runs, and what its settings say. */
export interface OracleRules {
  /** Of a dial and a handshake before a measurement. */
  readonly dialMillisMax: number;
  /** Less than this is no use for dialling. */
  readonly dialMillisMin: number;
  /** Beyond it the clock is wrong, and nothing is measured. */
  readonly skewMillisMax: number;
  readonly measurementsMax: number;
  readonly checksMax: number;
  readonly deliveriesMax: number;
  /** Blocks after which a transaction that is in none of them never will be. */
  readonly txBlocksMax: bigint;
  readonly retryMillis: number;
}

export const workKey = (relay: bigint, kind: number): string => `${relay}/${kind}`;

export const newWork = (plan: DutyPlan): Work => ({
  ...plan,
  stage: "waiting",
  reason: "",
  reading: undefined,
  checksDone: 0,
  checksPassed: 0,
  isChecking: false,
  leaf: undefined,
});

export const isMeasuring = ({ kind }: Pick<Work, "kind">): boolean => kind !== kinds.liveness;

/** Nothing will become of it any more but what is there. */
export const isFinal = (work: Work): boolean => {
  if (work.stage === "missed" || work.stage === "excused") return !work.isChecking;
  const isRead = !isMeasuring(work) || work.stage === "read";
  return isRead && !work.isChecking && work.checksDone >= work.checksAtMillis.length;
};

/** It can be signed. */
export const isReading = (work: Work): boolean => isFinal(work) && work.stage !== "missed" && work.stage !== "excused";

/** What is measured now takes so much. */
export function busyBps({ works }: EpochWork): bigint {
  let sum = 0n;
  for (const { stage, claimBps } of works.values()) if (stage === "intended") sum += claimBps;
  return sum;
}

/** Fewer blocks say little: one can be late by itself. */
const skewBlocks = 3;
export const skewBlocksMax = 16;

/** How far the clock is ahead of the chain's, below 0 where it is behind; a block that was long on its way says nothing. */
export function skewMillis({ aheadMillis }: Pick<OracleState, "aheadMillis">): number | undefined {
  return aheadMillis.length < skewBlocks ? undefined : Math.min(...aheadMillis);
}

/** Undefined where it may measure. */
export function clockProblem(state: OracleState): string | undefined {
  const skew = skewMillis(state);
  if (skew === undefined || Math.abs(skew) <= state.rules.skewMillisMax) return undefined;
  const [way, seconds] = [skew > 0 ? "ahead of" : "behind", (Math.abs(skew) / 1000).toFixed(1)];
  const most = state.rules.skewMillisMax / 1000;
  return `this machine's clock is ${seconds} s ${way} the chain's, expected at most ${most} s: set it (NTP); nothing is measured until then`;
}

// ------------------------------------------------------------------------------------------------------------------- times

/** Readings are committed to from here on, when all checks are due. */
export const commitFromMillis = ({ openMillis, lengthMillis }: EpochWork): number =>
  openMillis + (lengthMillis * 3) / 4;
/** What is not there by then is left out: the commitment must be in a block before the epoch is over. */
export const signUntilMillis = ({ openMillis, lengthMillis }: EpochWork): number =>
  openMillis + (lengthMillis * 15) / 16;
export const endMillis = ({ openMillis, lengthMillis }: EpochWork): number => openMillis + lengthMillis;
