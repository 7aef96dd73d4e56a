/** What a chain is made of: its modules in their orders, and the few keepers that the transaction path asks. Owns look-ups by name. */
import type { ConsensusParams } from "../proto/gen/tendermint/types/params.ts";
import type { Context, ReadContext } from "./context.ts";
import type { AnyMessageHandler, AnyQueryHandler, Module } from "./module.ts";
import type { SystemSigner } from "./systemtx.ts";
import type { AnteKeepers } from "./tx/types.ts";
import type { Upgrades } from "./upgrades.ts";

/** Implemented by modules/consensus. */
export interface ConsensusParamsKeeper {
  get(ctx: ReadContext): ConsensusParams | undefined;
  /** At genesis only: stores what the engine's genesis file says. */
  set(ctx: Context, params: ConsensusParams): void;
}

/** What a block's proposer says in its first transaction, which nobody signs or pays (systemtx.ts). */
export interface SystemTransactions {
  /** Of its one message, whose own handler refuses it everywhere else. */
  readonly typeUrl: string;
  /** The message for the block that is open; undefined where none of the signers has anything to say. */
  propose(ctx: ReadContext, signers: readonly SystemSigner[]): unknown;
  /** Throws ChainError to refuse it. */
  readonly execute: AnyMessageHandler["execute"];
}

export interface ChainDefinition {
  readonly name: string;
  readonly modules: readonly Module[];
  /** Each order names every module that takes part, once. */
  readonly order: {
    readonly genesis: readonly Module[];
    readonly preBlock: readonly Module[];
    readonly beginBlock: readonly Module[];
    readonly endBlock: readonly Module[];
  };
  readonly ante: AnteKeepers;
  readonly consensusParams: ConsensusParamsKeeper;
  /** Left out where blocks have no such transaction. */
  readonly system?: SystemTransactions;
  /** Throws ChainError to refuse a message that CheckTx looks at, and those within it. Handlers refuse by themselves when they execute. */
  readonly refuseAtCheck?: (ctx: Context, typeUrl: string, message: unknown) => void;
  /** Left out where the chain's rules never change. */
  readonly upgrades?: Upgrades;
}

export interface Registry {
  handler(typeUrl: string): AnyMessageHandler | undefined;
  query(path: string): AnyQueryHandler | undefined;
  readonly storeNames: readonly string[];
}

/** Refuses a definition in which two modules claim one name, store, message or query: a programming error, found at start. */
export function makeRegistry(modules: readonly Module[]): Registry {
  const messages = new Map<string, AnyMessageHandler>();
  const queries = new Map<string, AnyQueryHandler>();
  const names = new Set<string>();
  const storeNames = new Set<string>();
  const once = (kind: string, taken: boolean, name: string) => {
    if (taken) throw new Error(`two modules claim the ${kind} ${name}`);
  };
  for (const module of modules) {
    once("name", names.has(module.name), module.name);
    names.add(module.name);
    once("store", storeNames.has(module.storeName), module.storeName);
    if (Object.keys(module.state).length > 0) storeNames.add(module.storeName);
    for (const [typeUrl, handler] of Object.entries(module.messages)) {
      once("message", messages.has(typeUrl), typeUrl);
      messages.set(typeUrl, handler);
    }
    for (const [path, handler] of Object.entries(module.queries)) {
      once("query", queries.has(path), path);
      queries.set(path, handler);
    }
  }
  return {
    handler: (typeUrl) => messages.get(typeUrl),
    query: (path) => queries.get(path),
    storeNames: [...storeNames].sort((a, b) => (a < b ? -1 : 1)),
  };
}
