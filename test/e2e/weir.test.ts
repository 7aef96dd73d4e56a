/** The `weir` command as a person runs it, in processes of its own: the README's first lines. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const launcher = join(import.meta.dirname, "..", "..", "cli", "weir.js");

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>;
  /** The text of stdout and stderr so far. */
  said(): string;
  /** The first line of stdout that fits. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
}

/** `fileBlocks` bounds the size of every file it writes, in the shell's blocks: a disk that fills up. */
function weir(argv: readonly string[], environment: Record<string, string>, fileBlocks?: number): Running {
  const command = [process.execPath, launcher, ...argv];
  const limited = ["-c", `ulimit -f ${fileBlocks}; exec "$@"`, "bash", ...command];
  const child = spawn(
    fileBlocks === undefined ? command[0]! : "bash",
    fileBlocks === undefined ? command.slice(1) : limited,
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    },
  );
  let said = "";
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    said += `${line}\n`;
    lines.push(line);
    for (const look of waiting) look();
  });
  const ended = once(child, "close") as Promise<[number | null, string | null]>;
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
      ended.then(() => reject(new Error(`ended without saying ${pattern}: ${said}`)));
    });
  return { child, ended, said: () => said, line };
}

describe("the weir command", () => {
  let folder: string;
  let environment: Record<string, string>;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-command-"));
    environment = { HOME: folder, TMPDIR: folder };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const freePort = ["--rpc.laddr", "tcp://127.0.0.1:0"];

  async function status(url: string): Promise<{ height: number; chain: string }> {
    const asked = weir(["status", "--node", url, "--output", "json"], environment);
    expect(await asked.ended).toEqual([0, null]);
    const { sync_info, node_info } = JSON.parse(asked.said());
    return { height: Number(sync_info.latest_block_height), chain: node_info.network };
  }

  it("makes a home in ~/.weir, starts, answers, stops on a signal and goes on where it stopped", async () => {
    const made = weir(["init", "demo"], environment);
    expect(await made.ended, made.said()).toEqual([0, null]);
    expect(existsSync(join(folder, ".weir", "config", "genesis.json"))).toBe(true);

    const first = weir(["start", "--block-time", "100ms", ...freePort], environment);
    const [, url] = await first.line(/^RPC at (http:\S+),/);
    const { height, chain } = await status(url!);
    expect(chain).toBe("weir-local-1");
    expect(height).toBeGreaterThan(0);
    first.child.kill("SIGINT");
    expect(await first.ended, first.said()).toEqual([0, null]);

    const second = weir(["start", "--block-time", "100ms", ...freePort, "--output", "json"], environment);
    const [text] = await second.line(/^\{.*\}$/);
    expect(Number(JSON.parse(text).height)).toBeGreaterThanOrEqual(height);
    second.child.kill("SIGTERM");
    expect(await second.ended, second.said()).toEqual([0, null]);
  });

  it("refuses to run twice on one home", async () => {
    const first = weir(["start", ...freePort], environment);
    await first.line(/^RPC at/);
    const second = weir(["start", ...freePort], environment);
    expect((await second.ended)[0]).toBe(1);
    expect(second.said()).toMatch(/is in use by .*process/);
    first.child.kill("SIGTERM");
    expect(await first.ended, first.said()).toEqual([0, null]);
  });

  it("halts with a clear word when a write fails, and goes on when there is room again", async () => {
    const home = ["--home", join(folder, "full")];
    expect(await weir(["init", "full", ...home], environment).ended).toEqual([0, null]);
    const full = weir(["start", "--block-time", "5ms", ...home, ...freePort], environment, 100);
    expect(await full.ended).toEqual([1, null]);
    expect(full.said()).toMatch(/ERROR the node halts: .*File too large/);
    expect(full.said()).toContain("the next start goes on from the last whole block");
    const sealed = [...full.said().matchAll(/block (\d+):/g)].map(([, height]) => Number(height));

    const again = weir(["start", ...home, ...freePort], environment);
    const [, height] = await again.line(/^RPC at .*, height (\d+)\./);
    expect(Number(height)).toBeGreaterThanOrEqual(Math.max(...sealed));
    again.child.kill("SIGTERM");
    expect(await again.ended, again.said()).toEqual([0, null]);
  });

  it("runs a devnet's chain alone that says what it is, and leaves nothing behind", async () => {
    const before = readdirSync(folder).length;
    const devnet = weir(["devnet", "--chain-only", "--block-time", "100ms", ...freePort], environment);
    const [, url] = await devnet.line(/^RPC at (http:\S+),/);
    await devnet.line(/^ {2}erin/);
    expect(devnet.said()).toContain("The chain alone runs");
    expect((await status(url!)).chain).toBe("weir-devnet-1");
    devnet.child.kill("SIGINT");
    expect(await devnet.ended, devnet.said()).toEqual([0, null]);
    expect(readdirSync(folder)).toHaveLength(before);
  });
});
