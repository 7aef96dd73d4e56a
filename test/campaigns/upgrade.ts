/**
 * Chains that are upgraded across two releases: killed again and again in the block of the upgrade, `[--kills N]`; and run by the real
 * cosmovisor, one node under the embedded engine and four validators under CometBFT. The second part needs Go.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeHome } from "../../cli/commands/init.ts";
import { type Home, homeAt } from "../../cli/home.ts";
import { columns } from "../../cli/table.ts";
import { cometBftBinary, whyNoCometBft } from "../helpers/cometbft.ts";
import { edit } from "../helpers/cometnode.ts";
import { type Cosmovisor, cosmovisorFolders, cosmovisorVersion, runCosmovisor } from "../helpers/cosmovisor.ts";
import { DrillNet } from "../helpers/drillnet.ts";
import { makeNextRelease, planInGenesis, runRelease, thisRelease } from "../helpers/release.ts";
import type { CampaignOptions } from "./main.ts";

const upgradeName = "v2";
const planHeight = 6;
const kills = { full: 30, quick: 4 } as const;
const millisMax = 240_000;
const localFlags = ["--engine", "local", "--block-time", "200ms", "--rpc.laddr", "tcp://127.0.0.1:0"];

export default async function upgrade({ quick, args }: CampaignOptions): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { kills: { type: "string" } } });
  const count = Number(values.kills ?? (quick ? kills.quick : kills.full));
  if (!Number.isInteger(count) || count < 1) throw new Error(`--kills ${values.kills}: expected a whole number`);
  const folder = mkdtempSync(join(tmpdir(), "weir-upgrades-"));
  try {
    const next = makeNextRelease(join(folder, "next"));
    const rows = [["WHAT", "RESULT"]];
    rows.push(["killed in the block of the upgrade", await killedWhileUpgrading(folder, next, count)]);
    const why = whyNoCometBft();
    rows.push([`cosmovisor ${cosmovisorVersion}, embedded engine`, why ?? (await underCosmovisor(folder, next))]);
    rows.push([`cosmovisor ${cosmovisorVersion}, 4 validators`, why ?? (await networkUnderCosmovisor(next))]);
    console.log(columns(rows, [false, false]).join("\n"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeHome(folder: string): Home {
  const home = homeAt(folder);
  writeHome(home, { moniker: "upgrade", chainId: "weir-upgrade-1", accounts: [] });
  edit(home.appToml, { telemetry: { enabled: false } });
  planInGenesis(home.genesis, upgradeName, planHeight);
  return home;
}

/** From one copy of a home at the height, with kills at other moments; the block must come out the same. */
async function killedWhileUpgrading(folder: string, next: string, count: number): Promise<string> {
  const home = makeHome(join(folder, "home"));
  const old = runRelease(thisRelease, ["start", "--home", home.folder, ...localFlags]);
  if ((await old.ended) !== 3) throw new Error(`the old release did not stop for the upgrade: ${old.said()}`);
  const expected = await hashOf(next, copyOf(home, join(folder, "undisturbed")));
  const subject = copyOf(home, join(folder, "killed"));
  for (let kill = 0; kill < count; kill++) {
    const started = runRelease(next, ["start", "--home", subject.folder, ...localFlags]);
    await until(() => / INFO |"info"/.test(started.said()) || started.child.exitCode !== null, started.said);
    // Spread over the first second and a half after the first line, in which the block is executed.
    await new Promise((resolve) => setTimeout(resolve, (1_500 * kill) / count));
    started.child.kill("SIGKILL");
    await started.ended;
  }
  const found = await hashOf(next, subject);
  if (found !== expected) throw new Error(`after ${count} kills the block gave ${found}, undisturbed ${expected}`);
  return `${count} kills, one app hash`;
}

function copyOf(home: Home, folder: string): Home {
  cpSync(home.folder, folder, { recursive: true });
  return homeAt(folder);
}

/** Of the header above the upgrade's block. */
async function hashOf(release: string, home: Home): Promise<string> {
  const started = runRelease(release, ["start", "--home", home.folder, ...localFlags]);
  try {
    const url = await until(() => /RPC at (http:\S+),/.exec(started.said())?.[1], started.said);
    return await until(async () => {
      const block = (await (await fetch(`${url}/block?height=${planHeight + 1}`)).json()) as {
        readonly result?: { readonly block: { readonly header: { readonly app_hash: string } } };
      };
      return block.result?.block.header.app_hash;
    }, started.said);
  } finally {
    started.child.kill("SIGTERM");
    await started.ended;
  }
}

async function underCosmovisor(folder: string, next: string): Promise<string> {
  const home = makeHome(join(folder, "cosmovisor"));
  cosmovisorFolders(home, thisRelease, { name: upgradeName, release: next });
  const running = runCosmovisor(home, ["start", ...localFlags]);
  try {
    return await crossed(running);
  } finally {
    await running.stop();
  }
}

async function networkUnderCosmovisor(next: string): Promise<string> {
  const net = await DrillNet.make(upgradeName, planHeight, 81);
  const running = net.testnet.nodes.map(({ home }) => {
    cosmovisorFolders(home, thisRelease, { name: upgradeName, release: next });
    return runCosmovisor(home, ["start", "--engine", "comet", "--cometbft", cometBftBinary()]);
  });
  try {
    const results = await Promise.all(running.map(crossed));
    return `${results.length} nodes: ${results[0]}`;
  } finally {
    await Promise.all(running.map((each) => each.stop()));
    await net.remove();
  }
}

/** Cosmovisor swapped the releases, and blocks came after. */
async function crossed({ said }: Cosmovisor): Promise<string> {
  const after = new RegExp(`block ${planHeight + 2}: `);
  await until(() => after.test(said()) || undefined, said);
  if (!/UPGRADE .*NEEDED at height: 6/.test(said()) || !/pre-upgrade successful/.test(said())) {
    throw new Error(`cosmovisor did not do it: ${said()}`);
  }
  return `stopped at ${planHeight}, swapped, block ${planHeight + 2}`;
}

async function until<T>(look: () => T | undefined | Promise<T | undefined>, said: () => string): Promise<T> {
  for (const end = Date.now() + millisMax; Date.now() < end; ) {
    const found = await Promise.resolve(look()).catch(() => undefined);
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing in ${millisMax} ms: ${said()}`);
}
