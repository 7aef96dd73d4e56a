import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readRecord } from "../../chain/abci/record.ts";
import { silentLog } from "../../chain/log.ts";
import type { Home } from "../../cli/home.ts";
import { main } from "../../cli/main.ts";
import type { ServedNodeOptions } from "../../cli/servednode.ts";
import { grammarFault } from "../helpers/abcigrammar.ts";
import { sendBytes } from "../helpers/accountsthatsend.ts";
import { cometBftBinary, whyNoCometBft } from "../helpers/cometbft.ts";
import {
  broadcastCommit,
  chainId,
  makeTestHome,
  openNodeUnderComet,
  reached,
  removeHome,
  startNodeUnderComet,
  type TestHome,
} from "../helpers/cometnode.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Every place at which CometBFT can be told to die (libs/fail), with room for those that a later height reaches. */
const failIndices = Array.from({ length: 10 }, (_, index) => index);

function freshHome(options = {}): TestHome {
  const made = makeTestHome(options);
  closing.push(() => removeHome(made.home));
  return made;
}

/** Runs until some height, or until `blocks` are there, and stops. */
async function run(home: Home, blocks: bigint, options: Partial<ServedNodeOptions> = {}): Promise<bigint> {
  const node = await startNodeUnderComet(home, options);
  await reached(node, node.height + blocks);
  await node.close();
  return node.height;
}

async function weir(home: Home, ...argv: string[]) {
  let said = "";
  const say = (text: string) => {
    said += text;
  };
  const environment = { PATH: process.env.PATH };
  const code = await main([...argv, "--home", home.folder], { environment, out: say, err: say });
  return { code, said };
}

/** Why a start is refused. */
async function refusal(home: Home): Promise<string> {
  const node = await openNodeUnderComet(home);
  const error = await node.ended;
  await node.close();
  return error?.message ?? "";
}

const itRuns = it.skipIf(whyNoCometBft() !== undefined);

/** The first run builds the binary. */
vi.setConfig({ testTimeout: 600_000 });

describe("the handshake with the real cometbft (needs Go)", () => {
  itRuns("recovers from a death of the engine at every place where it can be told to die", async () => {
    const { home, senders } = freshHome();
    const abciLog = join(home.folder, "abci.log");
    const [alice, bob] = senders;
    let deaths = 0;
    for (const index of failIndices) {
      const environment: NodeJS.ProcessEnv = { ...process.env, FAIL_TEST_INDEX: String(index) };
      const warn = (message: string) => {
        if (!message.includes("cometbft ended with 1 and is started again")) return;
        deaths++;
        delete environment.FAIL_TEST_INDEX;
      };
      const node = await startNodeUnderComet(home, { abciLog, environment, log: { ...silentLog, warn } });
      const dead = deaths;
      await reached(node, node.height + 3n);
      while (deaths === dead && environment.FAIL_TEST_INDEX !== undefined) await reached(node, node.height + 1n);
      await reached(node, node.height + 1n);
      if (index % 3 === 0) {
        const { tx_result } = await broadcastCommit(node, sendBytes(chainId, alice!, bob!.address));
        expect(tx_result.code).toBe(0);
      }
      await node.close();
    }
    expect(deaths).toBe(failIndices.length);
    expect(grammarFault(readRecord(abciLog).map(({ method }) => method))).toBeUndefined();
  });

  itRuns("has the engine give an application that is behind the blocks that it lacks", async () => {
    const { home } = freshHome();
    const height = await run(home, 6n);
    const { code, said } = await weir(home, "rollback", "--blocks", "3", "--cometbft", cometBftBinary());
    expect([code, said]).toEqual([0, expect.stringContaining(`The state is at height ${height - 3n}`)]);
    expect(await run(home, 2n)).toBeGreaterThanOrEqual(height + 2n);
    rmSync(home.applicationData, { recursive: true });
    expect(await run(home, 1n)).toBeGreaterThan(height + 2n);
  });

  itRuns("refuses an application that is ahead, says how to go on, and goes on by that", async () => {
    const { home } = freshHome();
    await run(home, 2n);
    const copy = `${home.data}.copy`;
    cpSync(home.data, copy, { recursive: true });
    const ahead = await run(home, 3n);
    for (const name of ["blockstore.db", "state.db", "cs.wal"]) {
      rmSync(join(home.data, name), { recursive: true });
      cpSync(join(copy, name), join(home.data, name), { recursive: true });
    }
    const reason = await refusal(home);
    expect(reason).toMatch(/the application is ahead of CometBFT's blocks.*weir rollback --blocks N/);
    const [, app = "", core = ""] = /app block height \((\d+)\) is higher than core \((\d+)\)/.exec(reason) ?? [];
    expect(BigInt(app)).toBe(ahead);
    const blocks = String(Number(app) - Number(core));
    const { code, said } = await weir(home, "rollback", "--blocks", blocks, "--cometbft", cometBftBinary());
    expect(code, said).toBe(0);
    const node = await startNodeUnderComet(home);
    closing.push(() => node.close());
    expect(node.height).toBe(BigInt(core));
  });

  itRuns(
    "lets a snapshot be restored that the engine's blocks reach, and points to state sync for any other",
    async () => {
      const { home } = freshHome();
      const taken = await run(home, 3n);
      expect((await weir(home, "snapshots", "create")).code).toBe(0);
      const height = await run(home, 3n);
      const restored = await weir(home, "snapshots", "restore", String(taken));
      expect(restored.code, restored.said).toBe(0);
      const last = await run(home, 1n);
      expect(last).toBeGreaterThan(height);
      for (const name of ["blockstore.db", "state.db"]) rmSync(join(home.data, name), { recursive: true });
      rmSync(`${home.applicationData}.replaced`, { recursive: true });
      expect((await weir(home, "snapshots", "create")).code).toBe(0);
      const refused = await weir(home, "snapshots", "restore", String(last));
      expect([refused.code, refused.said]).toEqual([1, expect.stringMatching(/has no blocks here.*use state sync/)]);
      expect(existsSync(`${home.applicationData}.replaced`)).toBe(false);
    },
  );
});
