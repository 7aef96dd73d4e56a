import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTestnet, rpcUrlOf, type Testnet } from "../../cli/testnet/layout.ts";
import { makeTestnet } from "../../cli/testnet/make.ts";
import { weir } from "../../modules/index.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import type { QueryProposersResponse } from "../../proto/gen/weir/beacon/v1/query.ts";
import { cometBftBinary, whyNoCometBft } from "../helpers/cometbft.ts";
import { edit } from "../helpers/cometnode.ts";
import { loopbackOfOurOwn } from "../helpers/loopback.ts";
import { processesWith } from "../helpers/processes.ts";

const launcher = join(import.meta.dirname, "..", "..", "cli", "weir.js");

interface Look {
  readonly nodes: readonly {
    readonly height: string;
    readonly peers: number;
    readonly app_hash: string;
    readonly state: string;
  }[];
}

const children: ChildProcess[] = [];

/** `weir testnet start` as a process, its output a line at a time. */
function start(folder: string, ...more: string[]) {
  const argv = ["testnet", "start", folder, "--cometbft", cometBftBinary(), "--every", "200ms", ...more];
  const child = spawn(process.execPath, [launcher, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const until = async (wanted: (line: string) => boolean): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`ended: ${said}`);
      if (wanted(value)) return value;
    }
  };
  return { child, ended, until, said: () => said };
}

/** Each under its own node, each with the key that it began with. */
async function everyProposerProves({ nodes }: Testnet): Promise<void> {
  const client = new NodeClient(rpcUrlOf(nodes[0]!));
  const path = "/weir.beacon.v1.Query/Proposers";
  const handler = weir.modules.flatMap(({ queries }) => queries[path] ?? [])[0]!;
  const { proposers } = await client.query<object, QueryProposersResponse>(path, handler, {});
  expect(proposers).toHaveLength(nodes.length);
  for (const { proposer } of proposers) expect(proposer!.proven).toBe(proposer!.proposed);
  expect(proposers.reduce((sum, { proposer }) => sum + proposer!.proven, 0n)).toBeGreaterThanOrEqual(3n);
}

describe.skipIf(whyNoCometBft() !== undefined)("weir testnet start (needs Go)", () => {
  let folder: string;
  let testnet: Testnet;

  beforeAll(async () => {
    cometBftBinary();
    folder = mkdtempSync(join(tmpdir(), "weir-testnet-"));
    const options = { validators: 3, chainId: "weir-testnet-1", firstAddress: loopbackOfOurOwn(1), accounts: [] };
    testnet = await makeTestnet({ out: join(folder, "net"), ...options });
    for (const { home } of testnet.nodes) edit(home.configToml, { consensus: { timeout_commit: "100ms" } });
  }, 120_000);
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs all nodes on one chain, shows them, and on Ctrl-C stops all within 5 s and leaves nothing running", async () => {
    const network = start(testnet.folder, "--output", "json");
    const line = await network.until((text) => {
      const { nodes } = JSON.parse(text) as Look;
      return nodes.every(({ height, peers }) => Number(height) >= 3 && peers === 2);
    });
    const { nodes } = JSON.parse(line) as Look;
    for (const { app_hash } of nodes) expect(app_hash).toMatch(/^[0-9A-F]{64}$/);
    expect(processesWith(testnet.folder).length).toBeGreaterThanOrEqual(6);
    await everyProposerProves(testnet);
    const begun = Date.now();
    network.child.kill("SIGINT");
    expect(await network.ended, network.said()).toBe(0);
    expect(network.said()).toMatch(/All stopped in \d\.\d s\.\n$/);
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(processesWith(testnet.folder)).toEqual([]);
    for (const { logFile } of testnet.nodes) expect(readFileSync(logFile, "utf8")).toMatch(/stopped at height \d+\n$/);
  }, 120_000);

  it("says which node fell, goes on with the others, and ends with 1; killed outright it takes all nodes with it", async () => {
    const network = start(testnet.folder);
    const third = testnet.nodes[2]!;
    await network.until((text) => /^node0 [1-9]\d* peers 2 .*node2 [1-9]\d* peers 2 /.test(text));
    const pids = processesWith(`start --home ${third.home.folder} --engine`);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await network.until((text) => /node2 \d+ ended by itself \(SIGKILL\)/.test(text));
    network.child.kill("SIGTERM");
    expect(await network.ended).toBe(1);
    expect(network.said()).toMatch(/weir: node2 ended by itself/);

    const again = start(testnet.folder);
    await again.until((text) => /node0 \d+ peers 2 .*node1 \d+ peers 2 .*node2 \d+ peers 2 /.test(text));
    again.child.kill("SIGKILL");
    await again.ended;
    await expect.poll(() => processesWith(testnet.folder), { timeout: 10_000, interval: 100 }).toEqual([]);
    expect(readdirSync(join(folder, "net", "node0", "data"))).not.toContain("abci.sock");
    expect(readTestnet(testnet.folder).nodes).toEqual(testnet.nodes);
  }, 120_000);
});
