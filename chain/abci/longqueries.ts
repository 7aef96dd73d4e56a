/**
 * Queries that take longer than a block may wait are answered by a worker thread, from the same memory: a version is kept for as long as the
 * thread reads it. Owns the thread, what it is told, and how many queries may wait for it.
 */
import type { MessagePort, Worker } from "node:worker_threads";
import type { RequestQuery, ResponseQuery } from "../../proto/gen/tendermint/abci/types.ts";
import { ResponseQuery as ResponseQueryMessage } from "../../proto/gen/tendermint/abci/types.ts";
import { blockGasMeter } from "../block.ts";
import type { BlockInfo } from "../context.ts";
import type { SignatureVerifier } from "../crypto/types.ts";
import { inlineVerifier } from "../crypto/verifier.ts";
import { type ChainDefinition, makeRegistry, type Registry } from "../definition.ts";
import { executionContext } from "../execution.ts";
import { unlimitedGasMeter } from "../gas.ts";
import type { StoreDescriptor } from "../store/forest.ts";
import { Journal } from "../store/journal.ts";
import { HeightNotRetained } from "../store/storeerrors.ts";
import { emptyStore } from "../store/storeupgrades.ts";
import { ArenaView } from "../store/tree.ts";
import type { ReadStores } from "../store/types.ts";
import type { Ante, TxOutcome } from "../transaction.ts";
import { runAnte } from "../tx/ante.ts";
import { answerQuery, type QueriedState, type QueryHost } from "./queries.ts";
import { simulate } from "./simulation.ts";

/** Some milliseconds of work; a transaction's gas buys less of it than a query's. */
export const answeredHere = { gas: 500_000n, simulationGas: 5_000_000n, entries: 1_000 } as const;
/** Each may take a fifth of a second. */
const waitingMax = 64;

export interface LongQueries {
  run(request: RequestQuery, host: QueryHost): Promise<ResponseQuery>;
}

/** Versions that another thread can be told of. */
export interface PinnableState {
  readonly height: number;
  pin(height: number): { readonly stores: readonly StoreDescriptor[]; readonly release: () => void } | undefined;
}

interface Task {
  readonly stores: readonly StoreDescriptor[];
  readonly newest: number;
  readonly height: number;
  readonly request: RequestQuery;
  readonly block: BlockInfo;
  readonly version: string;
  readonly queryGasLimit: bigint;
}

type Outcome = { readonly response: ResponseQuery } | { readonly defect: string };

interface Waiting {
  readonly request: RequestQuery;
  readonly host: QueryHost;
  readonly settled: PromiseWithResolvers<ResponseQuery>;
}

const busy = (request: RequestQuery, waiting: number): ResponseQuery =>
  ResponseQueryMessage.fromPartial({
    height: request.height,
    codespace: "sdk",
    code: 1,
    log: `${waiting} long queries wait already: ask again later, or for a shorter page`,
  });

export class QueryThread implements LongQueries {
  readonly #state: PinnableState;
  readonly #spawn: () => Worker;
  readonly #waitingMax: number;
  readonly #waiting: Waiting[] = [];
  #worker: Worker | undefined;
  #isBusy = false;

  /** `spawn` starts a thread whose program calls `serveQueries`; it is started when the first long query comes. */
  constructor(state: PinnableState, spawn: () => Worker, most: number = waitingMax) {
    this.#state = state;
    this.#spawn = spawn;
    this.#waitingMax = most;
  }

  run(request: RequestQuery, host: QueryHost): Promise<ResponseQuery> {
    if (this.#waiting.length >= this.#waitingMax) return Promise.resolve(busy(request, this.#waiting.length));
    const settled = Promise.withResolvers<ResponseQuery>();
    this.#waiting.push({ request, host, settled });
    if (!this.#isBusy) void this.#work();
    return settled.promise;
  }

  async close(): Promise<void> {
    for (const { request, settled } of this.#waiting.splice(0)) settled.resolve(busy(request, 0));
    await this.#worker?.terminate();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#answer(next).then(next.settled.resolve, next.settled.reject);
    }
    this.#isBusy = false;
  }

  async #answer({ request, host }: Waiting): Promise<ResponseQuery> {
    const newest = this.#state.height;
    const height = request.height === 0n ? newest : Number(request.height);
    const pinned = this.#state.pin(height);
    // It has left the memory while it waited: then it is a question for the past, as any other of that height.
    if (pinned === undefined) return answerQuery(host, request);
    const { version, queryGasLimit } = host;
    const task: Task = {
      stores: pinned.stores,
      newest,
      height,
      request,
      block: host.lastBlock(),
      version,
      queryGasLimit,
    };
    try {
      const outcome = await this.#ask(task);
      if ("defect" in outcome) throw new Error(outcome.defect);
      return outcome.response;
    } finally {
      pinned.release();
    }
  }

  #ask(task: Task): Promise<Outcome> {
    this.#worker ??= this.#started();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const lost = () => reject(new Error("the thread that answers long queries has ended"));
      worker.once("exit", lost);
      worker.once("message", (outcome: Outcome) => {
        worker.off("exit", lost);
        resolve(outcome);
      });
      worker.postMessage(task);
    });
  }

  #started(): Worker {
    const worker = this.#spawn();
    worker.unref();
    worker.once("exit", () => {
      this.#worker = undefined;
    });
    // The end that follows is what counts.
    worker.on("error", () => {});
    return worker;
  }
}

/** The thread's side. */
export function serveQueries(port: MessagePort, definition: ChainDefinition): void {
  const chain: ServedChain = { definition, registry: makeRegistry(definition.modules), verifier: inlineVerifier() };
  port.on("message", (task: Task) => {
    void outcomeOf(task, chain).then((outcome) => port.postMessage(outcome));
  });
}

interface ServedChain {
  readonly definition: ChainDefinition;
  readonly registry: Registry;
  readonly verifier: SignatureVerifier;
}

async function outcomeOf(task: Task, chain: ServedChain): Promise<Outcome> {
  const { request, block, version, queryGasLimit } = task;
  const { registry } = chain;
  const state = stateOf(task);
  const runSimulation = (txBytes: Uint8Array, gasMax: bigint) =>
    simulateOn(state.latest, txBytes, gasMax, block, chain);
  try {
    const host = { state, registry, version, queryGasLimit, lastBlock: () => block, simulate: runSimulation };
    return { response: await answerQuery(host, request) };
  } catch (error) {
    return { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** On the committed state: what waits in the mempool is not known here. */
function simulateOn(
  stores: ReadStores,
  txBytes: Uint8Array,
  gasMax: bigint,
  block: BlockInfo,
  { definition, registry, verifier }: ServedChain,
): TxOutcome {
  const journal = new Journal(stores);
  const ante: Ante = (ctx, tx, maxGasPerBlock) =>
    runAnte(ctx, tx, { keepers: definition.ante, verifier, minGasPrices: [], maxGasPerBlock });
  const params = definition.consensusParams.get(executionContext(journal, block, "query", unlimitedGasMeter()));
  const maxGasPerBlock = blockGasMeter(params)?.limit;
  return simulate(txBytes, { journal, block, registry, ante, gasMax, maxGasPerBlock });
}

/** Of one height, which is all that the task is about. */
function stateOf({ stores, newest, height }: Task): QueriedState {
  const views = new Map<string, ArenaView>();
  const read: ReadStores = {
    store(name) {
      const known = views.get(name);
      if (known !== undefined) return known;
      const described = stores.find((store) => store.name === name);
      // As chain/store/forest.ts has it: of a module that came by an upgrade, at a height before.
      if (described === undefined) return emptyStore;
      const view = ArenaView.attach(described.tree);
      views.set(name, view);
      return view;
    },
  };
  const notHere = async () => {
    throw new HeightNotRetained(height, height, newest);
  };
  return {
    storeNames: stores.map(({ name }) => name),
    height: newest,
    latest: read,
    recent: (asked) => (asked === height ? read : undefined),
    at: notHere,
    prove: notHere,
  };
}
