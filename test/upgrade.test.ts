import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChainApplication, type ChainApplicationOptions } from "../chain/abci/chainapplication.ts";
import { messageCodec } from "../chain/codec.ts";
import { inlineVerifier } from "../chain/crypto/verifier.ts";
import type { ChainDefinition } from "../chain/definition.ts";
import { silentLog } from "../chain/log.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { rollback } from "../chain/store/rollback.ts";
import { storesOf, UpgradeHalt, UpgradeNeeded } from "../chain/upgrades.ts";
import { weir } from "../modules/index.ts";
import * as upgradeQueries from "../proto/gen/cosmos/upgrade/v1beta1/query.ts";
import { ActKind } from "../proto/gen/weir/circuit/v1/state.ts";
import { MsgProposeAct } from "../proto/gen/weir/circuit/v1/tx.ts";
import { denom, TestApplication, testAccount } from "./helpers/testapplication.ts";
import { countedFrom, moreMigrations, weir as next, upgradeName } from "./release/next.ts";

const planHeight = 4n;
const plan = (name = upgradeName, height = planHeight) => ({ upgrade: { plan: { name, height: `${height}` } } });

const holdUp = {
  kind: ActKind.ACT_KIND_STOP_UPGRADE,
  targets: [upgradeName],
  duration: { seconds: 3_600n, nanos: 0 },
  reason: "its migration diverges",
  reference: "https://example.org",
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "weir-upgrade-"));
});
afterEach(() => {
  delete moreMigrations.migrate;
  rmSync(directory, { recursive: true, force: true });
});

/** The program `definition` over what is in the folder. */
async function open(definition: ChainDefinition, more: Partial<ChainApplicationOptions> = {}) {
  const state = await MultiStore.open({ directory, ...storesOf(definition) });
  try {
    const application = new ChainApplication({
      state,
      definition,
      verifier: inlineVerifier(),
      minGasPrices: [],
      chainId: "test-1",
      version: "test",
      appVersion: 1n,
      log: silentLog,
      queryGasLimit: 0n,
      checkInvariants: true,
      optimisticExecution: true,
      ...more,
    });
    return { state, application };
  } catch (error) {
    await state.close();
    throw error;
  }
}

/** The old program up to the block before the plan's. */
async function atTheHeight(
  appState: Record<string, unknown> = plan(),
  said: readonly MsgProposeAct[] = [],
): Promise<TestApplication> {
  const chain = await TestApplication.start({ store: { directory }, appState });
  for (const value of said) {
    const contents = { messages: [{ codec: messageCodec(MsgProposeAct), value }] };
    const fee = { amount: [{ denom, amount: 5_000n }], gasLimit: 500_000n };
    expect(chain.seal([chain.sign(chain.accounts[0]!, contents, fee)]).txResults[0]!.log).toBe("");
  }
  while (chain.height < planHeight - 1n) chain.seal([chain.send(0, chain.accounts[1]!.address)]);
  return chain;
}

const block = (chain: TestApplication, height: bigint) => ({
  ...chain.nextBlock(),
  height,
  hash: new Uint8Array(32).fill(Number(height)),
  txs: [] as Uint8Array[],
  decidedLastCommit: { round: 0, votes: [] },
});

function seal(application: ChainApplication, chain: TestApplication, height: bigint) {
  const answer = application.finalizeBlock(block(chain, height));
  application.commit();
  return answer;
}

async function versions(application: ChainApplication): Promise<ReadonlyMap<string, bigint>> {
  const { value } = await application.query({
    path: "/cosmos.upgrade.v1beta1.Query/ModuleVersions",
    data: new Uint8Array(0),
    height: 0n,
    prove: false,
  });
  const { moduleVersions } = upgradeQueries.QueryModuleVersionsResponse.decode(value);
  return new Map(moduleVersions.map(({ name, version }) => [name, version]));
}

describe("the old program at the height of an upgrade", () => {
  it("takes part in deciding an empty block, and stops before it executes any of it", async () => {
    const chain = await atTheHeight();
    const tx = chain.send(0, chain.accounts[1]!.address);
    expect(chain.check(tx).code).toBe(0);
    expect(chain.prepare([tx])).toEqual([]);
    expect(chain.process([tx])).toBe(false);
    expect(chain.process([])).toBe(true);
    expect(() => chain.finalize([])).toThrow(UpgradeNeeded);
    expect(() => chain.finalize([])).toThrow('UPGRADE "v2" NEEDED at height: 4: ');
    expect(chain.state.height).toBe(3);
    await chain.state.close();
  });

  it("says so again however often it is started", async () => {
    const chain = await atTheHeight();
    await chain.state.close();
    const { application, state } = await open(weir);
    expect(() => application.finalizeBlock(block(chain, 4n))).toThrow(UpgradeNeeded);
    await state.close();
  });

  it("goes on where the height is skipped, and forgets the plan", async () => {
    const chain = await atTheHeight();
    await chain.state.close();
    const { application, state } = await open(weir, { skipUpgradeHeights: new Set([planHeight]) });
    const { events } = seal(application, chain, 4n);
    expect(events[0]).toMatchObject({ type: "upgrade_dropped" });
    expect(
      application.prepareProposal({ ...block(chain, 5n), maxTxBytes: 1000n, localLastCommit: undefined }).txs,
    ).toEqual([]);
    seal(application, chain, 5n);
    await state.close();
    const again = await open(weir);
    seal(again.application, chain, 6n);
    await again.state.close();
  });
});

describe("an upgrade that the committee holds up", () => {
  it("is dropped at its height by the old program, which goes on; the new one refuses to start", async () => {
    const member = testAccount(0).address;
    const circuit = {
      committee: {
        version: "1",
        threshold: 1,
        members: [{ address: member, name: "a", term_ends: "2024-06-30T00:00:00Z" }],
      },
    };
    const chain = await atTheHeight({ ...plan("v2"), circuit }, [MsgProposeAct.fromPartial({ member, act: holdUp })]);
    expect(chain.prepare([chain.send(1, member)])).toEqual([]);
    const { events } = chain.seal([]);
    expect(events.find(({ type }) => type === "upgrade_dropped")?.attributes).toContainEqual({
      key: "why",
      value: "stopped",
      index: true,
    });
    chain.seal([]);
    await chain.state.close();
    await expect(open(next)).rejects.toThrow(/BINARY UPDATED BEFORE TRIGGER/);
  });
});

describe("the new program", () => {
  it("refuses to start before the height, whatever it finds", async () => {
    const planned = await TestApplication.start({ store: { directory }, appState: plan() });
    await planned.state.close();
    await expect(open(next)).rejects.toThrow(
      /^BINARY UPDATED BEFORE TRIGGER! UPGRADE "v2" - in binary but not executed on chain\. Downgrade your binary/,
    );
    rmSync(directory, { recursive: true });
    const unplanned = await TestApplication.start({ store: { directory } });
    await unplanned.state.close();
    await expect(open(next)).rejects.toThrow(
      /BINARY UPDATED BEFORE TRIGGER.*height 1.*no such upgrade is planned for block 2/,
    );
    rmSync(directory, { recursive: true });
    const other = await atTheHeight(plan("v3"));
    await other.state.close();
    await expect(open(next)).rejects.toThrow(/BINARY UPDATED BEFORE TRIGGER/);
  });

  it("executes the block: a store begins, modules migrate once, a new one has its genesis, the plan is done", async () => {
    const chain = await atTheHeight();
    await chain.state.close();
    const { application, state } = await open(next);
    const first = application.finalizeBlock(block(chain, 4n));
    expect(first.events[0]).toMatchObject({ type: "upgrade_completed" });
    application.commit();
    expect(state.storeNames).toContain("blockcount");
    expect((await versions(application)).get("auth")).toBe(6n);
    expect((await versions(application)).get("blockcount")).toBe(1n);
    const view = state.latest.store("blockcount");
    expect([...view.iterate({})].map(([, value]) => Buffer.from(value).readBigUInt64BE())).toEqual([countedFrom + 1n]);
    seal(application, chain, 5n);
    await state.close();
    const again = await open(next);
    expect(Buffer.from(again.state.appHash)).toEqual(Buffer.from(state.appHash));
    seal(again.application, chain, 6n);
    await again.state.close();
  });

  it("gives the same app hash however often it is killed before the block is committed", async () => {
    const chain = await atTheHeight();
    await chain.state.close();
    const hashes: string[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const { application, state } = await open(next);
      hashes.push(Buffer.from(application.finalizeBlock(block(chain, 4n)).appHash).toString("hex"));
      await state.close();
    }
    expect(new Set(hashes).size).toBe(1);
  });

  it("leaves nothing of a migration that fails, and does it whole once it is mended", async () => {
    const chain = await atTheHeight();
    await chain.state.close();
    moreMigrations.migrate = (ctx) => {
      ctx.store("blockcount").set(Uint8Array.of(9), Uint8Array.of(9));
      throw new RangeError("a defect");
    };
    const { application, state } = await open(next);
    expect(() => application.finalizeBlock(block(chain, 4n))).toThrow("a defect");
    await state.close();
    delete moreMigrations.migrate;
    const mended = await open(next);
    expect(mended.state.height).toBe(3);
    seal(mended.application, chain, 4n);
    expect(mended.state.latest.store("blockcount").has(Uint8Array.of(9))).toBe(false);
    await mended.state.close();
  });

  it("cannot be left for the old one again, but by a rollback", async () => {
    const chain = await atTheHeight();
    await chain.state.close();
    const upgraded = await open(next);
    seal(upgraded.application, chain, 4n);
    const { appHash } = upgraded.state;
    await upgraded.state.close();
    await expect(open(weir)).rejects.toThrow(/this state has the stores/);
    await rollback({ directory, ...storesOf(weir) }, 1);
    const old = await open(weir);
    expect(() => old.application.finalizeBlock(block(chain, 4n))).toThrow(UpgradeNeeded);
    await old.state.close();
    const again = await open(next);
    seal(again.application, chain, 4n);
    expect(Buffer.from(again.state.appHash)).toEqual(Buffer.from(appHash));
    await again.state.close();
  });

  it("is told from an old one by the last upgrade alone, where the stores are the same", async () => {
    const chain = await atTheHeight();
    await chain.state.close();
    const sameStores = (table: NonNullable<ChainDefinition["upgrades"]>["table"]): ChainDefinition => ({
      ...weir,
      upgrades: { ...weir.upgrades!, table },
    });
    const upgraded = await open(sameStores([{ name: "v2" }]));
    seal(upgraded.application, chain, 4n);
    await upgraded.state.close();
    await expect(open(sameStores([]))).rejects.toThrow(
      /wrong app version 0, upgrade handler is missing for v2 upgrade plan/,
    );
    const later = await open(sameStores([{ name: "v2" }]));
    await later.state.close();
  });

  it("carries out its last upgrade only", async () => {
    const chain = await atTheHeight();
    await chain.state.close();
    const both: ChainDefinition = { ...weir, upgrades: { ...weir.upgrades!, table: [{ name: "v2" }, { name: "v3" }] } };
    await expect(open(both)).rejects.toThrow(UpgradeHalt);
    await expect(open(both)).rejects.toThrow(/run the release of "v2" first/);
  });
});
