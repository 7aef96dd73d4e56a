/**
 * `weir devnet` as a person or a script runs it: chain, relays, oracles and a buyer in processes of their own. One settled epoch of the shortest
 * length, of which no speed is asked: other tests run beside it. `npm run campaign -- devnet` has it judge itself.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromJson } from "../chain/protojson.ts";
import { EpochRecord } from "../proto/gen/weir/rewards/v1/state.ts";
import { type DevnetProcess, startDevnet } from "./helpers/devnetprocess.ts";
import { processesWith } from "./helpers/processes.ts";

const launcher = join(import.meta.dirname, "..", "cli", "weir.js");

const freePort = ["--rpc.laddr", "tcp://127.0.0.1:0"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-devnet-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const weir = async (argv: readonly string[]): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(process.execPath, [launcher, ...argv, "--output", "json"]);
  return JSON.parse(stdout);
};

describe("a devnet for a script", () => {
  let devnet: DevnetProcess;
  const homeOf = (name: string) => join(folder, "home", name);
  beforeAll(() => {
    const argv = ["--json", "--epochs", "1", "--epoch", "10s", "--seed", "test", "--home", join(folder, "home")];
    devnet = startDevnet([...argv, ...freePort], folder);
  });
  afterAll(() => devnet.kill());

  it("says what to type in a second terminal, and that works", async () => {
    const [, url] = await devnet.said(/RPC: (http:\S+)/);
    await devnet.said(/reserve audit/);
    expect(await weir(["relay", "status", "--home", homeOf("liar")])).toMatchObject({ relay: "5" });
    expect(await weir(["reserve", "audit", "--node", url!])).toMatchObject({ findings: [] });
    const [, proxy, page] = await devnet.said(/curl --socks5-hostname (\S+) (http:\S+)/);
    expect(proxy).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await (await fetch(page!)).text()).toContain("SHA-256");
  });

  it("prints the record of the settled epoch and nothing else, and ends with 0", async () => {
    expect(await devnet.ended, devnet.err()).toEqual([0, null]);
    const lines = devnet.out().trimEnd().split("\n");
    const records = lines.map((line) => fromJson<EpochRecord>(EpochRecord.$type, JSON.parse(line), "record"));
    expect(records).toMatchObject([{ isVoid: false, relays: 5n }]);
  });

  it("leaves no process behind, and of a home that was named all that it takes to go on", () => {
    expect(processesWith(folder)).toEqual([]);
    expect(readdirSync(join(folder, "home"))).toEqual(expect.arrayContaining(["devnet.json", "liar", "logs", "buyer"]));
    const { seed } = JSON.parse(readFileSync(join(folder, "home", "devnet.json"), "utf8"));
    expect(seed).toBe("test");
  });

  it("does not write into any log where the buyer went", () => {
    const content = /http:\/\/(127\.0\.0\.1:\d+)\/$/m.exec(devnet.err())![1]!;
    for (const name of readdirSync(join(folder, "home", "logs")).filter((file) => file.startsWith("relay-"))) {
      expect(readFileSync(join(folder, "home", "logs", name), "utf8")).not.toContain(content);
    }
  });
});

describe("a devnet that cannot go on, or is told to stop", () => {
  it("goes with its folder when it is told to stop while it starts", async () => {
    const devnet = startDevnet(["--json", ...freePort], folder);
    await devnet.said(/Starting 5 relays/);
    devnet.child.kill("SIGINT");
    expect(await devnet.ended, devnet.err()).toEqual([0, null]);
    expect(readdirSync(folder).filter((name) => name.startsWith("weir-devnet-"))).toEqual([]);
    expect(processesWith(join(folder, "weir-devnet-"))).toEqual([]);
  });

  it.each([
    [["--epoch", "2s"], "--epoch 2s: expected 10s to 600s"],
    [["--epochs", "0"], "--epochs 0: expected 1 to"],
  ])("refuses %s", async (argv, words) => {
    const devnet = startDevnet(argv, folder);
    expect(await devnet.ended).toEqual([2, null]);
    expect(devnet.err()).toContain(words);
  });

  it("refuses another seed than the one that a home began with", async () => {
    const devnet = startDevnet(["--home", join(folder, "home"), "--seed", "other"], folder);
    expect(await devnet.ended).toEqual([2, null]);
    expect(devnet.err()).toContain("began with test; take another --home");
  });
});
