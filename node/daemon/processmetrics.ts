/** What every daemon's process says of itself for Prometheus: memory, CPU, the event loop, and how it reaches its chain. Owns the names. */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { Gauge, type Registry } from "../../chain/server/metrictext.ts";
import type { ChainClient } from "../chain/chainclient.ts";

/** The function that it gives ends the watching. */
export function addProcessMetrics(registry: Registry, labels: Readonly<Record<string, string>>): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  registry.add(new Gauge("weir_daemon_info", "Always 1; the labels say what runs.", () => [[labels, 1]]));
  registry.add(
    new Gauge("weir_memory_bytes", "Memory of the process.", () => {
      const { rss, heapUsed, external } = process.memoryUsage();
      return Object.entries({ rss, heap_used: heapUsed, external }).map(([kind, value]) => [{ kind }, value] as const);
    }),
  );
  registry.add(
    new Gauge("weir_event_loop_delay_seconds", "How late the event loop was since the last scrape, at most.", () => {
      const seconds = delay.max / 1e9;
      delay.reset();
      return seconds;
    }),
  );
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  registry.add(new Gauge("process_cpu_seconds_total", "CPU time of all threads.", cpuSeconds, "counter"));
  const startSeconds = performance.timeOrigin / 1_000;
  registry.add(new Gauge("process_start_time_seconds", "When the process began, since 1970.", () => startSeconds));
  return () => delay.disable();
}

export function addChainMetrics(registry: Registry, chain: ChainClient): void {
  const figure = (name: string, help: string, read: () => number) => registry.add(new Gauge(name, help, read));
  figure("weir_chain_height", "Newest block that this daemon saw.", () => Number(chain.newest?.height ?? 0n));
  figure(
    "weir_chain_block_seconds",
    "Time of that block, since 1970.",
    () => Number(chain.newest?.timeMillis ?? 0n) / 1_000,
  );
  figure(
    "weir_transactions_pending",
    "Transactions that were sent and whose outcome is not known yet.",
    () => chain.pendingTransactions,
  );
  registry.add(
    new Gauge("weir_endpoint_up", "1 for a node that is asked, 0 for one that rests.", () =>
      chain.endpoints.map(({ url, isResting }) => [{ url: withoutSecrets(url) }, isResting ? 0 : 1]),
    ),
  );
}

/** Addresses of paid nodes carry keys in their path. */
export function withoutSecrets(url: string): string {
  const parsed = URL.parse(url.replace(/^tcp:/, "http:"));
  return parsed === null ? "?" : parsed.host;
}
