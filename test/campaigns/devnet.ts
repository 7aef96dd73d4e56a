/**
 * `weir devnet` as it is promised, whole: four settled epochs that judge themselves, the same keys for the same seed, no liar, two at once, and all
 * that ends it: Ctrl-C, kill -9 of itself and of one of its processes. As root on Linux also with lines shaped by the kernel. `--quick` has the first.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { columns } from "../../cli/table.ts";
import { type DevnetProcess, startDevnet } from "../helpers/devnetprocess.ts";
import { processesWith } from "../helpers/processes.ts";
import type { CampaignOptions } from "./main.ts";

const freePort = ["--rpc.laddr", "tcp://127.0.0.1:0"];
const stopMillisMax = 5_000;
const goneMillisMax = 10_000;

interface Trial {
  readonly name: string;
  /** What was seen, in words. */
  run(folder: string): Promise<string>;
}

export default async function devnet({ quick }: CampaignOptions): Promise<void> {
  const trials = quick ? [judged([])] : allTrials();
  const rows: string[][] = [];
  for (const { name, run } of trials) {
    const folder = mkdtempSync(join(tmpdir(), "weir-devnets-"));
    try {
      rows.push([name, await run(folder)]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  console.log(columns([["WHAT", "RESULT"], ...rows], [false, false]).join("\n"));
}

const canShape = process.platform === "linux" && process.getuid?.() === 0;

const allTrials = (): Trial[] => [
  judged([]),
  judged(["--no-liar"]),
  judged(["--epoch", "10s"]),
  ...(canShape ? [judged(["--shaped"])] : []),
  { name: "two at once", run: twoAtOnce },
  { name: "the same seed twice", run: sameSeed },
  { name: "Ctrl-C", run: interrupted },
  { name: "kill -9", run: killed },
  { name: "kill -9 of a relay", run: fallen },
];

interface Record {
  readonly slashed: string;
  readonly burned_crossed: string;
  readonly burned_resting: string;
}

async function ended(running: DevnetProcess, expected: number): Promise<void> {
  const [code, signal] = await running.ended;
  if (code !== expected) throw new Error(`ended with ${code ?? signal}, expected ${expected}:\n${running.err()}`);
}

/** By its exit code; what it saw, out of its records. */
const judged = (flags: readonly string[]): Trial => ({
  name: ["--json --epochs 4", ...flags].join(" "),
  async run(folder) {
    const begun = Date.now();
    const running = startDevnet(["--json", "--epochs", "4", ...flags, ...freePort], folder);
    await ended(running, 0);
    const records = running
      .out()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record);
    if (records.length !== 4) throw new Error(`${records.length} records, expected 4`);
    nothingIsLeft(folder);
    const burned = records.reduce(
      (sum, record) => sum + BigInt(record.burned_crossed) + BigInt(record.burned_resting),
      0n,
    );
    const slashed = records.map((record) => record.slashed).join(" ");
    return `${Math.round((Date.now() - begun) / 1_000)} s; slashed ${slashed}, burned ${burned} uweir`;
  },
});

function nothingIsLeft(folder: string): void {
  const left = [...processesWith(folder), ...readdirSync(folder)];
  if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
}

async function twoAtOnce(folder: string): Promise<string> {
  const both = ["one", "two"].map(() => startDevnet(["--json", "--epochs", "1", ...freePort], folder));
  await Promise.all(both.map((running) => ended(running, 0)));
  const first = startDevnet(["--json"], folder);
  await first.said(/Starting 5 relays/);
  const second = startDevnet(["--json"], folder);
  await ended(second, 1);
  if (!/26657 is in use/.test(second.err())) throw new Error(`the second says: ${second.err()}`);
  first.child.kill("SIGINT");
  await ended(first, 0);
  nothingIsLeft(folder);
  return "each on its own ports; on the same port the second says so";
}

async function sameSeed(folder: string): Promise<string> {
  const keys: string[] = [];
  for (const name of ["one", "two"]) {
    const home = join(folder, name);
    const running = startDevnet(["--json", "--seed", "again", "--home", home, ...freePort], folder);
    await running.said(/Starting 5 relays/);
    running.child.kill("SIGINT");
    await ended(running, 0);
    const files = [
      "config/priv_validator_key.json",
      "liar/keyring-test/relay-transport.machine",
      "buyer/config/codes.txt",
    ];
    keys.push(files.map((file) => readFileSync(join(home, file), "utf8")).join("\n"));
  }
  if (keys[0] !== keys[1]) throw new Error("the second has other keys");
  return "the same keys and codes";
}

async function interrupted(folder: string): Promise<string> {
  const took: number[] = [];
  for (const moment of [/Starting the chain/, /Starting 5 relays/, /Starting the buyer/, /reserve audit/]) {
    const running = startDevnet(["--json", ...freePort], folder);
    await running.said(moment);
    const told = Date.now();
    running.child.kill("SIGINT");
    await ended(running, 0);
    took.push(Date.now() - told);
    nothingIsLeft(folder);
  }
  const longest = Math.max(...took);
  if (longest > stopMillisMax) throw new Error(`took ${longest} ms to end; ${stopMillisMax} are promised`);
  return `nothing left at four moments, after ${longest} ms at most`;
}

async function killed(folder: string): Promise<string> {
  const running = startDevnet(["--json", ...freePort], folder);
  await running.said(/reserve audit/);
  running.kill();
  const until = Date.now() + goneMillisMax;
  while (processesWith(folder).length > 0) {
    if (Date.now() > until) throw new Error(`still there: ${processesWith(folder).join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return "no process is left";
}

async function fallen(folder: string): Promise<string> {
  const running = startDevnet(["--json", ...freePort], folder);
  await running.said(/reserve audit/);
  const [relay] = processesWith("/relay-2").filter((pid) => processesWith(folder).includes(pid));
  process.kill(relay!, "SIGKILL");
  await ended(running, 1);
  if (!/weir: relay-2 ended by itself \(SIGKILL\)/.test(running.err())) throw new Error(running.err());
  return "named, with its last words, exit code 1";
}
