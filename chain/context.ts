/** What a handler, hook or query may see and do. Owns the interfaces; chain/store/journal.ts and chain/application.ts make them. */
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
}

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
  /** Runs `body` so that its writes and events stay only if it returns: nested, as deep as the journal allows. */
  attempt<R>(body: () => R): R;
}
