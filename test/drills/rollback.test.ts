import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { TestnetWatch } from "../../cli/testnet/watch.ts";
import { sendBytes } from "../helpers/accountsthatsend.ts";
import { whyNoCometBft } from "../helpers/cometbft.ts";
import { DrillNet, drillChain } from "../helpers/drillnet.ts";
import { makeNextRelease, mendRelease, runRelease, thisRelease } from "../helpers/release.ts";

const planHeight = 10;
const patience = { timeout: 120_000, interval: 100 };

let net: DrillNet | undefined;
afterEach(async () => {
  await net?.remove();
  net = undefined;
});

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex").toUpperCase();

/** Answered as committed: its hash and height. */
async function commit(drill: DrillNet): Promise<{ readonly hash: string; readonly height: number }> {
  const tx = sendBytes(drillChain, drill.senders[0]!, drill.senders[1]!.address);
  const answer = await drill.rpc<{ height: string; check_tx: { log: string }; tx_result: { code: number } }>(
    0,
    `broadcast_tx_commit?tx=0x${Buffer.from(tx).toString("hex")}`,
  );
  expect(answer?.check_tx.log).toBe("");
  expect(answer?.tx_result.code).toBe(0);
  return { hash: sha256(tx), height: Number(answer!.height) };
}

describe.skipIf(whyNoCometBft() !== undefined)("a bad upgrade of four validators under CometBFT (needs Go)", () => {
  it("is stopped at, seen to diverge, halts, is rolled back and mended, and loses nothing that was answered before", async () => {
    const drill = await DrillNet.make("v2", planHeight, 61);
    net = drill;
    const next = makeNextRelease(join(drill.folder, "next"), { isBad: true });

    // Its sources are compiled once, and not by four nodes at a time.
    const compiled = runRelease(next, ["pre-upgrade", "--home", drill.folder]);
    expect(await compiled.ended, compiled.said()).toBe(0);

    drill.start(thisRelease);
    await expect.poll(async () => (await drill.executed())[0]?.height ?? 0, patience).toBeGreaterThan(0);
    const before = await commit(drill);
    expect(before.height).toBeLessThan(planHeight);
    for (const { code, said } of await drill.swap(next)) {
      expect(code, said).toBe(3);
      expect(said).toMatch(/UPGRADE \\?"v2\\?" NEEDED at height: 10: for a test/);
    }
    for (const { home } of drill.testnet.nodes) {
      expect(JSON.parse(readFileSync(join(home.data, "upgrade-info.json"), "utf8"))).toMatchObject({
        height: planHeight,
      });
    }

    const watch = new TestnetWatch(drill.processes);
    const look = async () => {
      await watch.look();
      return watch.divergence;
    };
    await expect.poll(look, patience).toMatch(/has app hash [0-9A-F]{64} at height 10, and another node/);
    const stuck = async () => (await drill.executed()).filter(({ height }) => height === planHeight).length;
    await expect.poll(stuck, patience).toBe(4);
    const diverged = await drill.executed();
    expect(diverged.map(({ height }) => height)).toEqual(diverged.map(() => planHeight));
    expect(new Set(diverged.map(({ appHash }) => appHash)).size).toBe(diverged.length);
    await drill.stop();

    mendRelease(next);
    const rolled = await drill.rollBack(next);
    for (const said of rolled) expect(said).toMatch(/The state is at height 9 instead of 10/);
    expect(new Set(rolled.map((said) => /app hash ([0-9A-F]+)/.exec(said)![1])).size).toBe(1);

    drill.start(next);
    const goesOn = async () => (await drill.executed()).filter(({ height }) => height >= planHeight + 2).length;
    await expect.poll(goesOn, patience).toBe(4);
    for (const index of [0, 1, 2, 3])
      expect(await drill.transaction(index, before.hash)).toEqual({ height: before.height, code: 0 });
    const after = await commit(drill);
    expect(after.height).toBeGreaterThan(planHeight);
    const hashes = await Promise.all(
      [0, 1, 2, 3].map(async (index) => {
        const block = await drill.rpc<{ block: { header: { app_hash: string } } }>(
          index,
          `block?height=${planHeight + 1}`,
        );
        return block?.block.header.app_hash;
      }),
    );
    expect(new Set(hashes).size).toBe(1);
  }, 480_000);
});
