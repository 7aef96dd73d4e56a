/**
 * The chain as a daemon sees it: queries, proven entries, transactions that land once, and new blocks, by the public RPC of several nodes. Owns how
 * these hang together and what is kept on disk for them; what is asked and sent is the daemon's.
 */
import type { Log } from "../../chain/log.ts";
import type { Clock } from "../clock.ts";
import { Failure, textOf } from "../daemon/failure.ts";
import { type DaemonStore, jsonCodec } from "../daemon/store.ts";
import { type BlockListener, BlockWatch, type NewBlock } from "./blocks.ts";
import { type EndpointStatus, Endpoints } from "./endpoints.ts";
import { NodeClient, QueryRefused } from "./nodeclient.ts";
import { ProvenState, type TrustedHeader } from "./provenstate.ts";
import type { Rpc } from "./rpc.ts";
import type { AccountSigner } from "./signer.ts";
import type { Message } from "./stargate.ts";
import { type Kept, type SubmitOptions, type Submitted, Transactions } from "./transactions.ts";

export interface ChainClient {
  readonly chainId: string;
  /** Of whom transactions are; empty where the client has no signer. */
  readonly address: string;
  /** Undefined until the first block was seen. */
  readonly newest: NewBlock | undefined;
  /** gRPC path by the generated types' names; the newest state unless a height is given. Rejects with QueryFailure where the chain refuses. */
  query<Response>(
    path: string,
    request: Uint8Array,
    decode: (bytes: Uint8Array) => Response,
    height?: bigint,
  ): Promise<Response>;
  /** A value with an ICS-23 proof against a header whose commit was checked from a trusted height and hash; undefined: proven absent. `notBefore` is a height whose changes must be in it. */
  proven(store: string, key: Uint8Array, notBefore?: bigint): Promise<Uint8Array | undefined>;
  /** One signed transaction at a time; resolves when it is in a block with code 0. Rejects with a Failure. */
  submit(messages: readonly Message[], options?: SubmitOptions): Promise<Submitted>;
  /** Each newer block that is seen; not every one after a pause. Gives the stop. */
  onBlock(listener: BlockListener): () => void;
  /** Of each node, for `status`. */
  readonly endpoints: readonly EndpointStatus[];
  /** The nodes themselves, for what is not above. */
  readonly nodes: Endpoints;
  readonly pendingTransactions: number;
  close(): Promise<void>;
}

/** The application refused a query: 38 of codespace sdk is "not found". */
export class QueryFailure extends Failure {
  readonly codespace: string;
  readonly code: number;

  constructor(path: string, { codespace, code, message }: QueryRefused) {
    super("drop", `${path}: ${message}`);
    this.codespace = codespace;
    this.code = code;
  }
}

const notFoundCodes = [22, 38];

export const isNotFound = (error: unknown): boolean =>
  error instanceof QueryFailure && error.codespace === "sdk" && notFoundCodes.includes(error.code);

/** Undefined where the chain has no such thing. */
export async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export interface ChainClientOptions {
  readonly chainId: string;
  /** Addresses of nodes' RPC, http://HOST:PORT. */
  readonly rpc: readonly string[];
  readonly signer?: AccountSigner;
  readonly store: DaemonStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly gasPrices: () => string;
  readonly trusted?: TrustedHeader | undefined;
  readonly trustMillisMax?: number;
  readonly pollMillis?: number;
  readonly timeoutBlocks?: bigint;
  readonly submitMillisMax?: number;
  /** Another way of asking a node, for tests. */
  readonly open?: (url: string) => Rpc;
}

const dayMillis = 86_400_000;
const defaults = {
  trustMillisMax: 7 * dayMillis,
  pollMillis: 500,
  timeoutBlocks: 30n,
  submitMillisMax: 300_000,
} as const;
/** Trust goes on at least so often while a daemon runs. */
const advanceMillis = 600_000;

/** Asks nothing yet: a daemon starts while its chain is down. */
export function openChainClient(options: ChainClientOptions): ChainClient {
  const { chainId, rpc: urls, clock, log, open, signer } = options;
  const { pollMillis = defaults.pollMillis } = options;
  const endpoints = new Endpoints({ urls, chainId, clock, ...(open === undefined ? {} : { open }) });
  const onProblem = (text: string) => log.warn(`no node answers: ${text}`);
  const watch = new BlockWatch({ endpoints, clock, pollMillis, onProblem });
  const proven = provenStateOf(options, endpoints);
  const transactions = signer === undefined ? undefined : transactionsOf(options, signer, endpoints);
  const stopAdvancing = advanceOn(watch, proven, clock, log);
  watch.start();
  return {
    chainId,
    address: signer?.address ?? "",
    get newest() {
      return watch.newest;
    },
    query: (path, request, decode, height = 0n) => ask(endpoints, path, request, decode, height),
    proven: (name, key, notBefore) => proven.proven(name, key, notBefore),
    submit: async (messages, more) => {
      if (transactions === undefined) throw new Failure("fatal", "this daemon has no key that signs transactions");
      return transactions.submit(messages, more);
    },
    onBlock: (listener) => watch.listen(listener),
    nodes: endpoints,
    get endpoints() {
      return endpoints.status;
    },
    get pendingTransactions() {
      return transactions?.pending ?? 0;
    },
    async close() {
      stopAdvancing();
      await Promise.all([watch.close(), proven.close(), transactions?.close()]);
    },
  };
}

async function ask<Response>(
  endpoints: Endpoints,
  path: string,
  data: Uint8Array,
  decode: (bytes: Uint8Array) => Response,
  height: bigint,
): Promise<Response> {
  try {
    const { value } = await endpoints.withOne((rpc) => new NodeClient(rpc).abciQuery({ path, data, height }));
    return decode(value);
  } catch (error) {
    throw error instanceof QueryRefused ? new QueryFailure(path, error) : error;
  }
}

function provenStateOf(options: ChainClientOptions, endpoints: Endpoints): ProvenState {
  const { chainId, clock, log, store, trusted, trustMillisMax = defaults.trustMillisMax } = options;
  const table = store.table("trust", jsonCodec<TrustedHeader>());
  const kept = { table, write: store.write };
  return new ProvenState({ endpoints, chainId, clock, log, kept, trusted, trustMillisMax });
}

function transactionsOf(options: ChainClientOptions, signer: AccountSigner, endpoints: Endpoints): Transactions {
  const { chainId, clock, log, store, gasPrices } = options;
  const { timeoutBlocks = defaults.timeoutBlocks, submitMillisMax: deadlineMillis = defaults.submitMillisMax } =
    options;
  const { pollMillis = defaults.pollMillis } = options;
  const kept = { table: store.table("transactions", jsonCodec<Kept>()), write: store.write };
  return new Transactions({
    endpoints,
    chainId,
    signer,
    clock,
    log,
    kept,
    gasPrices,
    timeoutBlocks,
    pollMillis,
    deadlineMillis,
  });
}

/** Not at every block: each time costs a few calls and some signatures. */
function advanceOn(watch: BlockWatch, proven: ProvenState, clock: Clock, log: Log): () => void {
  let nextAt = 0;
  let isOver = false;
  const stop = watch.listen(({ height }) => {
    if (height < 3n || clock.now() < nextAt) return;
    nextAt = clock.now() + advanceMillis;
    proven.advance().catch((error: unknown) => {
      if (!isOver) log.warn(`the newest header could not be checked: ${textOf(error)}`);
    });
  });
  return () => {
    isOver = true;
    stop();
  };
}
