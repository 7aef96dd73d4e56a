/** `weir relay …` as an operator types it, against a node: from an empty folder to a relay that runs, and out again. */
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
  folder = mkdtempSync(join(tmpdir(), "weir-relay-cli-"));
  home = join(folder, "relay");
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

const settings = () => readFileSync(join(home, "config", "relay.toml"), "utf8");

function change(from: string, to: string): void {
  expect(settings()).toContain(from);
  writeFileSync(join(home, "config", "relay.toml"), settings().replace(from, to));
}

async function fund(amount: bigint): Promise<void> {
  const signer = await fundedSigner(0);
  const chain = clientOf([node.rpcUrl], { signer });
  await chain.submit([sendMessage(signer.address, operator, amount)]);
  await chain.close();
}

describe("weir relay", { timeout: 60_000 }, () => {
  it("init makes keys and a file that says what each setting does, of the chain that the node is of, and overwrites nothing", async () => {
    const flags = ["--rpc", node.rpcUrl, "--endpoint", "relay.example.org:4430", "--listen", "127.0.0.1:0"];
    const made = await weir("relay", "init", ...flags, "--claim", "20mbps", "--output", "json");
    expect(made.code, made.err).toBe(0);
    operator = JSON.parse(made.out).operator;
    expect(made.err).toContain("write these words in a safe place");
    expect(made.err).toMatch(/Block \d+ with hash [0-9A-F]{64} is trusted at the word of/);
    expect(settings()).toMatch(/chain_id = "weir-test-1"[\s\S]*trust_hash = "[0-9A-F]{64}"[\s\S]*claim = "20mbps"/);
    const again = await weir("relay", "init", ...flags);
    expect(again).toMatchObject({ code: 1 });
    expect(again.err).toContain("exists already: nothing was changed");
    expect((await weir("relay", "init", "--claim", "fast", "--home", join(folder, "other"))).code).toBe(2);
  });

  it("register refuses what is missing, and who is not funded, with the amount", async () => {
    expect((await weir("relay", "register")).err).toMatch(/offer.cell is empty; expected one of .*europe-west/);
    change('cell = ""', 'cell = "europe-west"');
    change('monitor = "127.0.0.1:26670"', 'monitor = "127.0.0.1:0"');
    const poor = await weir("relay", "register");
    expect(poor.code).toBe(1);
    expect(poor.err).toContain("The claim asks for a bond of 1366.6536 WEIR today");
    expect(poor.err).toContain(
      `${operator} has 0 WEIR; 1504 WEIR of bond and about 1 WEIR for fees are needed: send it 1505 WEIR more`,
    );
    expect((await weir("relay", "status")).err).toContain("run `weir relay register` first");
    expect((await weir("relay", "start")).err).not.toBe("");
  });

  it("register bonds what was shown, with a proof of possession of its own, once", async () => {
    await fund(2_000_000_000n);
    const asked = await weir("relay", "register");
    expect(asked).toMatchObject({ code: 2 });
    expect(asked.err).toContain("nobody is at a terminal to say yes");
    const made = await weir("relay", "register", "--yes");
    expect(made.code, made.err).toBe(0);
    expect(made.err).toContain("It is relay 1, and takes part from the next epoch on");
    expect((await weir("relay", "register", "--yes")).err).toContain("registered already, as relay 1");
  });

  it("status says what the chain knows, and what to fix first, while nothing runs", async () => {
    const text = await weir("relay", "status");
    expect(text.code, text.err).toBe(0);
    for (const words of [
      "Relay 1, relay",
      "1504 WEIR, asked for 1000 WEIR",
      "1. no relay daemon answers",
      "weir relay start",
      "over-claim",
    ]) {
      expect(text.out).toContain(words);
    }
    const json = JSON.parse((await weir("relay", "status", "--output", "json")).out);
    expect(json).toMatchObject({ relay: "1", online: false, daemon: null, bond: "1504000000" });
    expect(json.to_fix[0].fix).toBe("weir relay start");
  });

  it("start runs until it is told to stop, takes changed settings over, and tells its status", async () => {
    const args = [launcher, "relay", "start", "--home", home, "--keyring-backend", "test", "--log-format", "plain"];
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
    await until(`The relay of ${operator} runs on weir-test-1`);
    let json = JSON.parse((await weir("relay", "status", "--output", "json")).out);
    expect(json).toMatchObject({ online: true, daemon: { relay: "1", sessions_open: 0 } });
    change('bandwidth = ""', 'bandwidth = "12mbps"');
    started.kill("SIGHUP");
    await until("bandwidth");
    change('policy = "none"', 'policy = "ports"');
    started.kill("SIGHUP");
    await until("is not taken over");
    change('policy = "ports"', 'policy = "none"');
    json = JSON.parse((await weir("relay", "status", "--output", "json")).out);
    expect(json.online).toBe(true);
    const ended = once(started, "close");
    started.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });

  it("claim says that there is nothing yet, unbond shows what leaves when and what stays", async () => {
    expect((await weir("relay", "claim", "--yes")).err).toContain("nothing can be claimed yet");
    expect((await weir("relay", "unbond")).out).toContain("Nothing of yours is on its way out");
    expect((await weir("relay", "unbond", "much")).code).toBe(2);
    const taken = await weir("relay", "unbond", "90weir", "--yes");
    expect(taken.code, taken.err).toBe(0);
    expect(taken.err).toContain("90 WEIR of 1504 WEIR will leave the bond, and be paid after 21 days");
    expect(taken.err).toContain("1414 WEIR stay: that is enough for the claim");
    expect((await weir("relay", "unbond")).out).toMatch(/90 WEIR {2}paid \d{4}-\d\d-\d\d/);
  });
});
