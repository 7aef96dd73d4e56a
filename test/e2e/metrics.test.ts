/** The metrics of a running node, and the dashboard that shows them. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../chain/log.ts";
import { sendBytes } from "../helpers/accountsthatsend.ts";
import { freePort } from "../helpers/cometbft.ts";
import { chainId, makeTestHome, removeHome } from "../helpers/cometnode.ts";
import { type Family, readExposition } from "../helpers/exposition.ts";
import { startTestNode, type TestNode } from "../helpers/node.ts";

let node: TestNode;
let port: number;
let net: ReturnType<typeof makeTestHome>;

const homeWithMetrics = (at: number, enabled = true) =>
  makeTestHome({ app: { telemetry: { enabled, address: `tcp://127.0.0.1:${at}` } } });

async function scrape(): Promise<Map<string, Family>> {
  return readExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
}

beforeAll(async () => {
  port = await freePort();
  net = homeWithMetrics(port);
  node = await startTestNode({ home: net.home, blockMillis: 20 });
});
afterAll(() => node.remove());

const sampleOf = (families: ReadonlyMap<string, Family>, name: string, labels: object = {}): number => {
  const samples = [...families.values()].flatMap((family) => family.samples);
  const found = samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  if (found === undefined) throw new Error(`there is no ${name} ${JSON.stringify(labels)}`);
  return found.value;
};

describe("a node's metrics", () => {
  it("follow its blocks, its transactions and what they cost", async () => {
    const before = await scrape();
    const [alice, bob] = net.senders;
    const tx = Buffer.from(sendBytes(chainId, alice!, bob!.address)).toString("base64");
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "broadcast_tx_commit", params: { tx } });
    const answer = await (await fetch(node.rpcUrl, { method: "POST", body })).json();
    expect(answer).toMatchObject({ result: { check_tx: { code: 0 }, tx_result: { code: 0 } } });
    const after = await scrape();
    expect(sampleOf(after, "weir_height")).toBeGreaterThan(sampleOf(before, "weir_height"));
    const ok = { codespace: "", code: "0" };
    expect(
      sampleOf(after, "weir_transactions_total", ok) - sampleOf(before, "weir_transactions_total", ok),
    ).toBeGreaterThan(0);
    expect(sampleOf(after, "weir_gas_used_total")).toBeGreaterThan(20_000);
    expect(sampleOf(after, "weir_check_transactions_total", { kind: "new", result: "accepted" })).toBeGreaterThan(0);
    for (const method of ["finalizeBlock", "commit"]) {
      expect(sampleOf(after, "weir_abci_seconds_count", { method })).toBeGreaterThan(1);
    }
    expect(sampleOf(after, "weir_log_sync_seconds_count")).toBeGreaterThan(1);
    expect(sampleOf(after, "weir_block_interval_seconds_count")).toBeGreaterThan(1);
    expect(sampleOf(after, "weir_tree_nodes")).toBeGreaterThan(10);
    expect(sampleOf(after, "weir_mempool_transactions")).toBe(0);
    expect(sampleOf(after, "weir_leveldb_lag_heights")).toBeGreaterThanOrEqual(0);
    expect(sampleOf(after, "weir_signature_cache_total", { result: "miss" })).toBeGreaterThan(0);
    expect(sampleOf(after, "weir_signature_cache_total", { result: "hit" })).toBeGreaterThan(0);
    expect(sampleOf(after, "weir_memory_bytes", { kind: "rss" })).toBeGreaterThan(1e7);
    expect(sampleOf(after, "weir_info", { engine: "local", chain_id: chainId })).toBe(1);
  });

  it("are given up, with a warning, where their address is taken, and off by app.toml", async () => {
    const taken = createServer();
    const busy = await freePort();
    await new Promise<void>((resolve) => taken.listen(busy, "127.0.0.1", resolve));
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
    const other = await startTestNode({ home: homeWithMetrics(busy).home, log });
    expect(warnings.join()).toMatch(/there are no metrics, since 127\.0\.0\.1:\d+ cannot be had \(.*EADDRINUSE/);
    await other.remove();
    await new Promise((resolve) => taken.close(resolve));
    const { home } = homeWithMetrics(busy, false);
    const silent = await startTestNode({ home });
    await expect(fetch(`http://127.0.0.1:${busy}/metrics`)).rejects.toThrow();
    await silent.remove();
    removeHome(home);
  });
});

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

const functions = new Set(["rate", "sum", "without", "by", "ignoring", "on", "histogram_quantile", "max", "avg"]);

/** The metrics that a PromQL expression names: words outside braces, brackets and strings that are no function. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/"[^"]*"/g, "")
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, "")
    .replace(/(without|by|ignoring|on) ?\([^)]*\)/g, "");
  return [...bare.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*/g)].map(([word]) => word).filter((word) => !functions.has(word));
}

describe("docs/grafana.json", () => {
  const dashboard: Dashboard = JSON.parse(
    readFileSync(join(import.meta.dirname, "..", "..", "docs", "grafana.json"), "utf8"),
  );

  it("asks for metrics that a node has, and only for those", async () => {
    const samples = new Set([...(await scrape()).values()].flatMap((family) => family.samples.map(({ name }) => name)));
    const asked = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));
    expect(asked.length).toBeGreaterThan(15);
    expect(asked.filter((name) => !samples.has(name))).toEqual([]);
  });

  it("shows every metric", async () => {
    const shown = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));
    const families = [...(await scrape()).keys()];
    expect(families.filter((name) => !shown.some((each) => each === name || each === `${name}_bucket`))).toEqual([]);
  });

  it("filters by labels that the metrics have", async () => {
    const families = await scrape();
    const known = new Set(
      [...families.values()].flatMap(({ samples }) => samples.flatMap(({ labels }) => Object.keys(labels))),
    );
    const filters = dashboard.panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => [...expr.matchAll(/([a-z_]+)=~?"/g)]),
    );
    expect(filters.map(([, name = ""]) => name).filter((name) => name !== "instance" && !known.has(name))).toEqual([]);
  });
});
