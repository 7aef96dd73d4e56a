/**
 * What a node measures of itself for Prometheus: blocks and their parts, transactions by result, the mempool, signatures, the log's fsyncs,
 * the tree, LevelDB, the event loop, memory. Owns the names, which dashboards rely on; docs/grafana.json shows them.
 */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Method } from "../chain/abci/calls.ts";
import type { Observer } from "../chain/abci/observed.ts";
import type { SignatureVerifier } from "../chain/crypto/types.ts";
import { readContext } from "../chain/execution.ts";
import { unlimitedGasMeter } from "../chain/gas.ts";
import type { Log } from "../chain/log.ts";
import { MetricsServer } from "../chain/server/metrics.ts";
import { Counter, Gauge, Histogram, Registry } from "../chain/server/metrictext.ts";
import type { MultiStore } from "../chain/store/multistore.ts";
import { standingFigures } from "../modules/circuit/index.ts";
import { currentPlan } from "../modules/upgrade/index.ts";
import type {
  RequestCheckTx,
  RequestFinalizeBlock,
  ResponseCheckTx,
  ResponseFinalizeBlock,
  ResponseProcessProposal,
} from "../proto/gen/tendermint/abci/types.ts";
import { version } from "./version.ts";

/** Seconds: from a call that does nothing to a block that is far too slow. */
const callBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const intervalBounds = [0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 7.5, 10, 20, 60];
const countBounds = [0, 1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000];

/** The parts of a block, and what a client waits for. */
const timedMethods: readonly Method[] = [
  "prepareProposal",
  "processProposal",
  "finalizeBlock",
  "commit",
  "checkTx",
  "query",
];

export interface MempoolFigures {
  readonly transactions: number;
  readonly bytes: number;
}

export interface MetricsSources {
  readonly chainId: string;
  readonly engine: string;
  readonly state: MultiStore;
  readonly verifier: SignatureVerifier;
  /** Asked at each scrape; undefined where the engine does not answer. */
  readonly mempool: () => Promise<MempoolFigures | undefined>;
}

/** ProcessProposal's answers, by number. */
const acceptStatus = 1;

export class NodeMetrics implements Observer {
  readonly registry = new Registry();
  readonly #began = new Map<Method, number>();
  readonly #calls: Histogram;
  readonly #syncs: Histogram;
  readonly #interval: Histogram;
  readonly #blockTransactions: Histogram;
  readonly #transactions: Counter;
  readonly #gas: Counter;
  readonly #checks: Counter;
  readonly #proposals: Counter;
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  #sources: MetricsSources | undefined;
  #mempool: MempoolFigures = { transactions: Number.NaN, bytes: Number.NaN };
  #committedAt: number | undefined;

  constructor() {
    const { registry } = this;
    const methods = timedMethods.map((method) => ({ method }));
    this.#calls = registry.add(
      new Histogram(
        "weir_abci_seconds",
        "Time in a call of the engine; of a block: propose, process, finalize, commit.",
        callBounds,
        methods,
      ),
    );
    this.#interval = registry.add(
      new Histogram("weir_block_interval_seconds", "Time from one commit to the next.", intervalBounds, [{}]),
    );
    this.#blockTransactions = registry.add(
      new Histogram("weir_block_transactions", "Transactions in a block.", countBounds, [{}]),
    );
    this.#transactions = registry.add(
      new Counter("weir_transactions_total", "Transactions in blocks, by result.", [{ codespace: "", code: "0" }]),
    );
    this.#gas = registry.add(new Counter("weir_gas_used_total", "Gas that transactions in blocks used.", [{}]));
    this.#checks = registry.add(
      new Counter(
        "weir_check_transactions_total",
        "Transactions checked for the mempool, by kind and result.",
        checkSeries,
      ),
    );
    this.#proposals = registry.add(
      new Counter("weir_proposals_total", "Proposals judged, by answer.", [{ answer: "accept" }, { answer: "reject" }]),
    );
    this.#syncs = registry.add(
      new Histogram("weir_log_sync_seconds", "Time of an fsync of the write-ahead log, one a block.", callBounds, [{}]),
    );
    this.#delay.enable();
    this.#addProcess();
  }

  /** For MultiStoreOptions. */
  readonly onLogSync = (seconds: number): void => this.#syncs.observe(seconds);

  /** The parts of a node that are there only later; before, the metrics of them are left out. */
  attach(sources: MetricsSources): void {
    this.#sources = sources;
    const { registry } = this;
    const { state, verifier, chainId, engine } = sources;
    const figure = (name: string, help: string, read: () => number) => registry.add(new Gauge(name, help, read));
    registry.add(
      new Gauge("weir_info", "Always 1; the labels say what runs.", () => [
        [{ version, chain_id: chainId, engine }, 1],
      ]),
    );
    figure("weir_height", "Height of the newest committed block.", () => state.height);
    figure("weir_oldest_height", "Oldest height that can be queried.", () => state.oldestHeight);
    const figures = () => governedFigures(state);
    figure("weir_circuit_acts", "Acts of the emergency committee that stand.", () => figures().acts);
    figure("weir_circuit_refusals", "Messages and denoms that are refused.", () => figures().refusals);
    figure("weir_upgrade_height", "Height of the upgrade that is planned; 0: none.", () => figures().upgradeHeight);
    figure("weir_mempool_transactions", "Transactions that wait for a block.", () => this.#mempool.transactions);
    figure("weir_mempool_bytes", "Their bytes.", () => this.#mempool.bytes);
    const cache = (result: "hit" | "miss") => verifier.cacheFigures?.()[result === "hit" ? "hits" : "misses"] ?? 0;
    const lookups = () => (["hit", "miss"] as const).map((result) => [{ result }, cache(result)] as const);
    registry.add(
      new Gauge("weir_signature_cache_total", "Look-ups of signatures that were verified before.", lookups, "counter"),
    );
    figure("weir_tree_nodes", "Nodes of all trees in memory, of all versions there.", () => state.figures().nodesLive);
    registry.add(
      new Gauge("weir_tree_bytes", "Memory that trees have reserved.", () => {
        const { nodeBytesReserved, dataBytesReserved } = state.figures();
        return [
          [{ kind: "nodes" }, nodeBytesReserved],
          [{ kind: "keys_and_values" }, dataBytesReserved],
        ];
      }),
    );
    figure(
      "weir_log_bytes",
      "Bytes of the write-ahead log since the newest checkpoint.",
      () => state.figures().logBytes,
    );
    figure("weir_leveldb_lag_heights", "Heights that LevelDB is behind.", () => state.figures().historyLag);
    figure(
      "weir_leveldb_unsynced_heights",
      "Heights whose rows a power cut would take; the log has them.",
      () => state.figures().historyUnsynced,
    );
  }

  #addProcess(): void {
    const { registry } = this;
    registry.add(
      new Gauge("weir_event_loop_delay_seconds", "How late the event loop was since the last scrape.", () => {
        const { min, max } = this.#delay;
        const isEmpty = min > max;
        const seconds = (nanoseconds: number) => (isEmpty ? 0 : nanoseconds / 1e9);
        const values = [
          [{ quantile: "0.5" }, seconds(this.#delay.percentile(50))],
          [{ quantile: "0.99" }, seconds(this.#delay.percentile(99))],
          [{ quantile: "1" }, seconds(max)],
        ] as const;
        this.#delay.reset();
        return values;
      }),
    );
    registry.add(
      new Gauge("weir_memory_bytes", "Memory of the process; external holds the trees.", () => {
        const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
        const kinds = { rss, heap_total: heapTotal, heap_used: heapUsed, external };
        return Object.entries(kinds).map(([kind, value]) => [{ kind }, value] as const);
      }),
    );
    const cpuSeconds = () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    };
    registry.add(new Gauge("process_cpu_seconds_total", "CPU time of all threads.", cpuSeconds, "counter"));
    const startSeconds = performance.timeOrigin / 1_000;
    registry.add(new Gauge("process_start_time_seconds", "When the process began, since 1970.", () => startSeconds));
  }

  before(method: Method): void {
    this.#began.set(method, performance.now());
  }

  after(method: Method, request: unknown, answer: unknown): void {
    const now = performance.now();
    if (timedMethods.includes(method))
      this.#calls.observe((now - (this.#began.get(method) ?? now)) / 1_000, { method });
    if (method === "finalizeBlock") this.#block(request as RequestFinalizeBlock, answer as ResponseFinalizeBlock);
    else if (method === "checkTx") this.#check(request as RequestCheckTx, answer as ResponseCheckTx);
    else if (method === "processProposal") {
      const isAccepted = (answer as ResponseProcessProposal).status === acceptStatus;
      this.#proposals.add(1, { answer: isAccepted ? "accept" : "reject" });
    } else if (method === "commit") {
      if (this.#committedAt !== undefined) this.#interval.observe((now - this.#committedAt) / 1_000);
      this.#committedAt = now;
    }
  }

  #block({ txs }: RequestFinalizeBlock, { txResults }: ResponseFinalizeBlock): void {
    this.#blockTransactions.observe(txs.length);
    for (const { code, codespace, gasUsed } of txResults) {
      this.#transactions.add(1, { codespace, code: String(code) });
      this.#gas.add(Number(gasUsed));
    }
  }

  #check({ type }: RequestCheckTx, { code }: ResponseCheckTx): void {
    this.#checks.add(1, { kind: type === 0 ? "new" : "recheck", result: code === 0 ? "accepted" : "refused" });
  }

  async refresh(): Promise<void> {
    this.#mempool = (await this.#sources?.mempool()) ?? { transactions: Number.NaN, bytes: Number.NaN };
  }

  close(): void {
    this.#delay.disable();
  }
}

/** Read from the newest state at each scrape. */
function governedFigures(state: MultiStore): { acts: number; refusals: number; upgradeHeight: number } {
  const none = { acts: 0, refusals: 0, upgradeHeight: 0 };
  if (state.height === 0 || !["circuit", "upgrade"].every((name) => state.storeNames.includes(name))) return none;
  const block = {
    chainId: "",
    height: BigInt(state.height),
    time: { seconds: 0n, nanos: 0 },
    proposerAddress: noBytes,
  };
  const ctx = readContext(state.latest, block, unlimitedGasMeter());
  return { ...standingFigures(ctx), upgradeHeight: Number(currentPlan(ctx)?.height ?? 0n) };
}

const noBytes = new Uint8Array(0);

const checkSeries = ["new", "recheck"].flatMap((kind) => ["accepted", "refused"].map((result) => ({ kind, result })));

/** What ends it. Where the address is taken there are none: a node is worth more than its metrics. */
export async function serveMetrics(
  metrics: NodeMetrics,
  { host, port }: { readonly host: string; readonly port: number },
  log: Log,
): Promise<() => Promise<void>> {
  try {
    const server = await MetricsServer.listen({
      host,
      port,
      registry: metrics.registry,
      refresh: () => metrics.refresh(),
    });
    log.info(`metrics for Prometheus at http://${host}:${server.port}/metrics`);
    return async () => {
      metrics.close();
      await server.close();
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn(
      `there are no metrics, since ${host}:${port} cannot be had (${reason}): change [telemetry] address in app.toml`,
    );
    return async () => metrics.close();
  }
}
