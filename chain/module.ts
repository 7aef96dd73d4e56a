/** The shape of a module: a value, registered by one line in modules/index.ts. No inheritance, no decorators, no magic. */
import type { MessageCodec } from "./codec.ts";
import type { Collection } from "./collections.ts";
import type { ModuleCommands } from "./commandforms.ts";
import type { Context, EngineReport, ReadContext } from "./context.ts";
import type { SignatureCheck } from "./crypto/types.ts";
import type { AnyModuleParameters } from "./parameters.ts";
import type { StoreKey } from "./store/types.ts";

/** A result that is not a Promise: handlers run to completion, so nothing interleaves in a block. */
export type Sync<T> = T & { readonly then?: never };

export interface MessageHandler<M, R> {
  readonly request: MessageCodec<M>;
  readonly response: MessageCodec<R>;
  /** Bech32 addresses that must sign, in order, without repeats. */
  signers(message: M): readonly string[];
  /** Stateless; also run by CheckTx and by the CLI before signing. Throws ChainError. */
  validate(message: M): void;
  /**
   * Signatures that stand in the message, in the order in which `execute` asks for them by `ctx.verify`: workers may begin on them early. A guess
   * from the state before: nothing depends on it.
   */
  furtherSignatures?(ctx: ReadContext, message: M): readonly SignatureCheck[];
  /**
   * Keys that a transaction of this message will read, its signers' accounts included, as far as the message alone tells: many are fetched at
   * once. A guess: nothing depends on it.
   */
  reads?(message: M): readonly StoreKey[];
  /** Throws ChainError to reject; the journal is then rolled back. */
  execute(ctx: Context, message: M): Sync<R>;
}

export interface QueryHandler<Q, R> {
  readonly request: MessageCodec<Q>;
  readonly response: MessageCodec<R>;
  /** Throws QueryError or ChainError to refuse. */
  run(ctx: ReadContext, query: Q): Sync<R>;
}

/** Runs a transaction that stands in genesis; says why it was refused, or nothing when it was done. */
export type DeliverTx = (txBytes: Uint8Array) => string | undefined;

/** Genesis as the JSON that `genesis.json` carries under the module's name; parse never trusts it. */
export interface Genesis<G> {
  default(): G;
  /** Checks every field and throws an Error that names the path, what was found and what was expected. */
  parse(json: unknown): G;
  /** JSON as the SDK's protojson writes it: integers as strings, snake_case. */
  toJson(genesis: G): unknown;
  init(ctx: Context, genesis: G, deliver: DeliverTx): readonly ValidatorUpdate[] | undefined;
  export(ctx: ReadContext): G;
}

export interface ValidatorUpdate {
  readonly publicKeyType: "ed25519" | "secp256k1";
  readonly publicKey: Uint8Array;
  readonly power: bigint;
}

/** What is wrong, in words, or undefined when all is well. */
export type Invariant = (ctx: ReadContext) => string | undefined;

// biome-ignore lint/suspicious/noExplicitAny: a list of modules holds handlers of every message type
export type AnyMessageHandler = MessageHandler<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: a list of modules holds handlers of every query type
export type AnyQueryHandler = QueryHandler<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: a list of modules holds every genesis type
export type AnyGenesis = Genesis<any>;

export interface Module {
  /** Error codespace and genesis key. */
  readonly name: string;
  /** The store's name where it differs (auth keeps its state in "acc", as the SDK does). */
  readonly storeName: string;
  readonly state: Readonly<Record<string, Collection>>;
  /** By type URL, "/cosmos.bank.v1beta1.MsgSend". */
  readonly messages: Readonly<Record<string, AnyMessageHandler>>;
  /** By gRPC path, "/cosmos.bank.v1beta1.Query/Balance". */
  readonly queries: Readonly<Record<string, AnyQueryHandler>>;
  readonly genesis: AnyGenesis;
  readonly invariants: Readonly<Record<string, Invariant>>;
  /** One declaration for each of its params messages: what governance may change, in which ranges and how. */
  readonly parameters?: readonly AnyModuleParameters[];
  /** Messages by which users take back what is theirs, funds or permissions: no emergency closes them for longer than some hours. */
  readonly exits?: readonly string[];
  /** How the command line spells messages and queries; what is left out follows from their names. */
  readonly commands?: ModuleCommands;
  /** By the version of the state that each begins with: "1" makes 2 of 1. Run by an upgrade, once (chain/upgrades.ts). */
  readonly migrations?: Readonly<Record<string, (ctx: Context) => void>>;
  preBlock?(ctx: Context): void;
  beginBlock?(ctx: Context, report: EngineReport): void;
  endBlock?(ctx: Context): readonly ValidatorUpdate[];
}
