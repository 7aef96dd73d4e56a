import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it, vi } from "vitest";
import { cometBftBinary, whyNoCometBft } from "../helpers/cometbft.ts";
import { edit, makeTestHome, removeHome, type TestHomeOptions } from "../helpers/cometnode.ts";

const launcher = join(import.meta.dirname, "..", "..", "cli", "weir.js");
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>;
  said(): string;
  /** The first line of either stream that fits. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
}

function weir(argv: readonly string[], environment: NodeJS.ProcessEnv = process.env): Running {
  const child = spawn(process.execPath, [launcher, ...argv], { stdio: ["ignore", "pipe", "pipe"], env: environment });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (text) => {
      lines.push(text);
      for (const look of waiting) look();
    });
  }
  const ended = once(child, "close") as Promise<[number | null, string | null]>;
  closing.push(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const said = () => lines.join("\n");
  const line = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = lines.map((text) => pattern.exec(text)).find((found) => found !== null);
        if (match == null) return;
        waiting.delete(look);
        resolve(match);
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without saying ${pattern}: ${said()}`)));
    });
  return { child, ended, said, line };
}

function start(options: TestHomeOptions = {}, ...more: string[]) {
  const { home } = makeTestHome(options);
  closing.push(() => removeHome(home));
  const argv = ["start", "--home", home.folder, "--engine", "comet", "--cometbft", cometBftBinary()];
  const run = (...extra: string[]) =>
    weir([...argv, "--p2p.laddr", "tcp://127.0.0.1:0", "--log-level", "debug", ...more, ...extra]);
  return { home, run };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const block = (height: number) => new RegExp(`INFO {2}block ${height}:`);

const itRuns = it.skipIf(whyNoCometBft() !== undefined);

/** The first run builds the binary. */
vi.setConfig({ testTimeout: 600_000 });

describe("weir start --engine comet as a process (needs Go)", () => {
  itRuns(
    "starts the engine again when that is killed, and on a signal stops it first and leaves nothing behind",
    async () => {
      const { home, run } = start();
      const node = run();
      const [, pid = ""] = await node.line(/cometbft runs as process (\d+)/);
      await node.line(block(2));
      process.kill(Number(pid), "SIGKILL");
      await node.line(/WARN {2}cometbft was ended by SIGKILL and is started again/);
      const [, height = ""] = [...node.said().matchAll(/block (\d+):/g)].at(-1) ?? [];
      await node.line(block(Number(height) + 2));
      const [, again = ""] = [...node.said().matchAll(/cometbft runs as process (\d+)/g)].at(-1) ?? [];
      expect(again).not.toBe(pid);
      process.kill(Number(again), "SIGTERM");
      await node.line(/WARN {2}cometbft ended with 0 and is started again/);
      await node.line(block(Number(height) + 4));
      node.child.kill("SIGTERM");
      expect(await node.ended, node.said()).toEqual([0, null]);
      expect(node.said().split("SIGTERM: stopping")[1]).not.toMatch(/ERROR/);
      expect(isAlive(Number(again))).toBe(false);
      expect(existsSync(join(home.data, "abci.sock"))).toBe(false);
      const order = [/Stopping Node/, /stopped at height/].map((words) => node.said().search(words));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    },
  );

  itRuns("stops at its halt height and its halt time, and says so", async () => {
    const { home, run } = start({ app: { "": { "halt-height": 3 } } });
    const byHeight = run();
    expect(await byHeight.ended, byHeight.said()).toEqual([0, null]);
    expect(byHeight.said()).toMatch(/the halt height or time is reached\n.*stopped at height 3/s);
    const refused = run();
    expect(await refused.ended).toEqual([1, null]);
    expect(refused.said()).toMatch(/halt-height 3 is reached, the chain is at 3: set it to 0 in app\.toml/);
    const seconds = Math.floor(Date.now() / 1000) + 3;
    edit(home.appToml, { "": { "halt-height": 0, "halt-time": seconds } });
    const byTime = run("--abci-log", join(home.folder, "abci.log"));
    expect(await byTime.ended, byTime.said()).toEqual([0, null]);
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(seconds);
  });

  itRuns("says why the engine cannot run, and ends", async () => {
    const { home, run } = start();
    const other = { ...JSON.parse(readFileSync(home.nodeKey, "utf8")), priv_key: {} };
    writeFileSync(home.nodeKey, JSON.stringify(other));
    const broken = run();
    expect(await broken.ended).toEqual([1, null]);
    expect(broken.said()).toMatch(/the node halts: .*cometbft ended with 1: /);
    const folder = mkdtempSync(join(tmpdir(), "weir-old-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    const old = join(folder, "cometbft");
    writeFileSync(old, "#!/bin/sh\necho 0.37.2\n");
    chmodSync(old, 0o755);
    for (const [argv, message] of [
      [["--cometbft", old], /is CometBFT 0\.37\.2, and this node runs with 0\.38\.\d+: `weir comet install`/],
      [["--cometbft", join(folder, "none")], /--cometbft says .*none, which is no program that can be run/],
    ] as const) {
      const node = weir(["start", "--home", home.folder, "--engine", "comet", ...argv]);
      expect(await node.ended).toEqual([1, null]);
      expect(node.said()).toMatch(message);
    }
  });

  itRuns("serves an engine that someone else runs, and keeps the choice", async () => {
    const { home } = start();
    const serving = weir(["start", "--home", home.folder, "--engine", "none", "--abci", "tcp://127.0.0.1:0"]);
    const [, address = ""] = await serving.line(/waits for an engine at (tcp:\S+)\./);
    const engine = spawn(
      cometBftBinary(),
      [
        ...["start", "--home", home.folder, "--proxy_app", address],
        ...["--rpc.laddr", "tcp://127.0.0.1:0", "--p2p.laddr", "tcp://127.0.0.1:0"],
      ],
      { stdio: "ignore" },
    );
    const engineEnded = once(engine, "close");
    closing.push(() => engine.kill("SIGKILL"));
    await serving.line(block(3));
    serving.child.kill("SIGINT");
    expect(await serving.ended, serving.said()).toEqual([0, null]);
    // Mostly it ends by itself; where it was in the middle of a block it stays, which is its supervisor's affair.
    engine.kill("SIGKILL");
    await engineEnded;
    expect(readFileSync(home.appToml, "utf8")).toContain('engine = "none"');
    const local = weir(["start", "--home", home.folder, "--engine", "local"]);
    expect(await local.ended).toEqual([1, null]);
    expect(local.said()).toMatch(/is CometBFT's: the local engine would fork that chain/);
  });
});
