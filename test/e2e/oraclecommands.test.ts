/** `weir oracle …` as an operator types it, against a node: from an empty folder to an oracle that runs. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../cli/main.ts";
import { clientOf, fundedSigner, sendMessage } from "../helpers/daemonchain.ts";
import { startTestNode, type TestNode } from "../helpers/node.ts";

const launcher = join(import.meta.dirname, "..", "..", "cli", "weir.js");
let node: TestNode;
let folder: string;
let home: string;
let operator = "";
let child: ChildProcess | undefined;

beforeAll(async () => {
  node = await startTestNode();
  folder = mkdtempSync(join(tmpdir(), "weir-oracle-cli-"));
  home = join(folder, "oracle");
}, 60_000);
afterAll(async () => {
  child?.kill("SIGKILL");
  await node.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function weir(...argv: readonly string[]) {
  let [out, err] = ["", ""];
  const code = await main([...argv, "--home", home, "--keyring-backend", "test"], {
    environment: {},
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

const settings = () => readFileSync(join(home, "config", "oracle.toml"), "utf8");

function change(from: string, to: string): void {
  expect(settings()).toContain(from);
  writeFileSync(join(home, "config", "oracle.toml"), settings().replace(from, to));
}

describe("weir oracle", { timeout: 60_000 }, () => {
  it("init makes three keys and a file that says what each setting does, and overwrites nothing", async () => {
    const flags = ["--rpc", node.rpcUrl, "--endpoint", "150.1.1.9:443", "--capacity", "500mbps"];
    const made = await weir("oracle", "init", ...flags, "--output", "json");
    expect(made.code, made.err).toBe(0);
    const told = JSON.parse(made.out);
    operator = told.operator;
    expect(told.transport_key).not.toBe(told.vrf_key);
    expect(made.err).toContain("write these words in a safe place");
    expect(settings()).toMatch(/chain_id = "weir-test-1"[\s\S]*\[registration\][\s\S]*capacity = "500mbps"/);
    expect((await weir("oracle", "init", ...flags)).err).toContain("exists already: nothing was changed");
    expect((await weir("oracle", "init", "--capacity", "fast", "--home", join(folder, "other"))).code).toBe(2);
  });

  it("register refuses what is missing, and who is not funded, with the amount", async () => {
    expect((await weir("oracle", "register")).err).toMatch(/registration.cell is empty; expected one of .*europe-west/);
    change('cell = ""', 'cell = "europe-west"');
    change('monitor = "127.0.0.1:26671"', 'monitor = "127.0.0.1:0"');
    const poor = await weir("oracle", "register");
    expect(poor.code).toBe(1);
    expect(poor.err).toContain("declaring 500 Mbit/s; 100 Mbit/s of that count at first");
    expect(poor.err).toContain("claims up to 80 Mbit/s until its readings show more");
    expect(poor.err).toMatch(
      new RegExp(`${operator} has 0 u?weir; 50,000 WEIR of bond and about 1 WEIR for fees`, "i"),
    );
    change('bond = ""', 'bond = "10weir"');
    expect((await weir("oracle", "register")).err).toContain("an oracle bonds");
    change('bond = "10weir"', 'bond = ""');
    expect((await weir("oracle", "status")).err).toContain("`weir oracle register` registers it");
  });

  it("register bonds what was shown, with proofs that both keys are its own, once", async () => {
    const signer = await fundedSigner(0);
    const chain = clientOf([node.rpcUrl], { signer });
    await chain.submit([sendMessage(signer.address, operator, 60_000_000_000n)]);
    await chain.close();
    const asked = await weir("oracle", "register");
    expect(asked).toMatchObject({ code: 2 });
    expect(asked.err).toContain("nobody is at a terminal to say yes");
    const made = await weir("oracle", "register", "--yes");
    expect(made.code, made.err).toBe(0);
    expect(made.err).toContain("It is oracle 1, and takes part from the next epoch on");
    expect((await weir("oracle", "register", "--yes")).err).toContain("has oracle 1 already");
  });

  it("status says what the chain knows, and what to fix first, while nothing runs", async () => {
    const text = await weir("oracle", "status");
    expect(text.code, text.err).toBe(0);
    for (const words of ["Oracle 1, oracle", "no daemon answers", "nothing is counted yet", "weir oracle start"]) {
      expect(text.out).toContain(words);
    }
    const json = JSON.parse((await weir("oracle", "status", "--output", "json")).out);
    expect(json).toMatchObject({ oracle: "1", running: false, daemon: null, bond: "50000000000", standing: "active" });
    expect(json.to_fix).toEqual([{ problem: "no oracle daemon answers on this machine", fix: "weir oracle start" }]);
  });

  it("start runs until it is told to stop, takes changed settings over, and tells its status", async () => {
    const args = [launcher, "oracle", "start", "--home", home, "--keyring-backend", "test", "--log-format", "plain"];
    const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    child = started;
    let said = "";
    started.stdout.on("data", (bytes) => (said += bytes));
    started.stderr.on("data", (bytes) => (said += bytes));
    const until = async (words: string) => {
      while (!said.includes(words)) {
        if (started.exitCode !== null) throw new Error(`it ended: ${said}`);
        await Promise.race([once(started.stdout, "data"), once(started.stderr, "data"), once(started, "exit")]);
      }
    };
    await until(`The oracle of ${operator} runs on weir-test-1`);
    await until("an epoch is planned");
    const json = JSON.parse((await weir("oracle", "status", "--output", "json")).out);
    expect(json).toMatchObject({ running: true, daemon: { oracle: "1", chain_id: "weir-test-1" } });
    expect(json.daemon.epochs).toHaveLength(1);
    change('clock_skew_max = "10s"', 'clock_skew_max = "20s"');
    started.kill("SIGHUP");
    await until("clock_skew_max");
    change("urls = []", 'urls = ["ftp://example.org/file"]');
    started.kill("SIGHUP");
    await until('covert.urls has "ftp://example.org/file"; expected http://');
    const ended = once(started, "close");
    started.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });
});
