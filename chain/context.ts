/** What a handler, hook or query may see and do. Owns the interfaces; chain/store/journal.ts and chain/application.ts make them. */
import type { SignatureCheck } from "./crypto/types.ts";
import type { ChainEvent } from "./events.ts";
import type { GasMeter } from "./gas.ts";
import type { ReadStore, WriteStore } from "./store/types.ts";

/** Time of a block as protobuf has it: never a Date, never a float. */
export interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** The block that is being executed, or the last one for a query. */
export interface BlockInfo {
  readonly chainId: string;
  readonly height: bigint;
  readonly time: Timestamp;
  /** Consensus address of the proposer; empty in genesis and queries. */
  readonly proposerAddress: Uint8Array;
  /** An upgrade was planned for it: nobody could add a transaction. */
  readonly isUpgrade?: true;
}

/** What the engine tells when it opens a block: who voted for the block before, and who was caught. Only beginBlock hooks see it. */
export interface EngineReport {
  /** A vote a validator of the block before, in the engine's order; none for the first block. */
  readonly lastVotes: readonly LastVote[];
  readonly misbehavior: readonly Misbehavior[];
  /** Of the block's header: the hash of the validator set of the block after it. */
  readonly nextValidatorsHash: Uint8Array;
  /** Of the block's header: the state before the block. */
  readonly appHash: Uint8Array;
}

export interface LastVote {
  /** Consensus address. */
  readonly address: Uint8Array;
  readonly power: bigint;
  /** The commit has no vote of it. A vote for nil is a vote. */
  readonly isAbsent: boolean;
}

/** Proven by the engine before it stands here. */
export interface Misbehavior {
  readonly kind: "duplicateVote" | "lightClientAttack";
  /** Consensus address. */
  readonly address: Uint8Array;
  /** At the height of the infraction, as the total. */
  readonly power: bigint;
  readonly totalPower: bigint;
  readonly height: bigint;
  readonly time: Timestamp;
}

export const nothingReported: EngineReport = {
  lastVotes: [],
  misbehavior: [],
  nextValidatorsHash: new Uint8Array(0),
  appHash: new Uint8Array(0),
};

/** Why the code runs: handlers never need it, the ante steps do (fees and signatures differ in check and simulate). */
export type ExecutionMode = "genesis" | "check" | "recheck" | "simulate" | "finalize" | "query";

export interface ReadContext {
  readonly block: BlockInfo;
  readonly mode: ExecutionMode;
  readonly gas: GasMeter;
  /** The named store, each operation metered by the SDK's gas schedule. */
  store(name: string): ReadStore;
}

export interface Context extends ReadContext {
  store(name: string): WriteStore;
  emit(event: ChainEvent): void;
  /** Whether a signature that stands in a message is good, for its gas. May be answered by what is known; never differs from a fresh check. */
  verify(check: SignatureCheck): boolean;
  /** Runs `body` so that its writes and events stay only if it returns: nested, as deep as the journal allows. */
  attempt<R>(body: () => R): R;
  /** Runs `body` on the same state, paid for by another meter; what it emits is emitted here. */
  metered<R>(gas: GasMeter, body: (ctx: Context) => R): R;
}
