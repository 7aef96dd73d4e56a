import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ChainApplication } from "../chain/abci/chainapplication.ts";
import { inlineVerifier } from "../chain/crypto/verifier.ts";
import { makeRegistry } from "../chain/definition.ts";
import { silentLog } from "../chain/log.ts";
import { decodeManifest, encodeManifest, sha256 } from "../chain/store/checkpointformat.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { weir } from "../modules/index.ts";
import {
  ResponseApplySnapshotChunk_Result as Applied,
  ResponseOfferSnapshot_Result as Offered,
  type Snapshot,
} from "../proto/gen/tendermint/abci/types.ts";
import { chainId, TestApplication, testAccount } from "./helpers/testapplication.ts";

const folders: string[] = [];
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  folders.push(mkdtempSync(join(tmpdir(), "weir-statesync-")));
  return folders.at(-1)!;
}

/** A running chain on disk with one snapshot of its newest height, in several chunks. */
async function source() {
  const chain = await TestApplication.start({ accounts: 20, store: { directory: folder(), chunkBytes: 500 } });
  closing.push(() => chain.state.close());
  for (let i = 0; i < 3; i++) chain.seal([chain.send(i, testAccount(50 + i).address, { amount: 9n })]);
  await chain.state.createSnapshot();
  const snapshot = chain.application.listSnapshots().snapshots[0]!;
  const chunk = (index: number) =>
    chain.application.loadSnapshotChunk({ height: snapshot.height, format: snapshot.format, chunk: index }).chunk;
  return { chain, snapshot, chunk };
}

async function emptyNode(directory: string | undefined = folder()) {
  const state = await MultiStore.open({
    directory,
    storeNames: makeRegistry(weir.modules).storeNames,
    chunkBytes: 500,
  });
  closing.push(() => state.close());
  const application = new ChainApplication({
    definition: weir,
    state,
    verifier: inlineVerifier(),
    minGasPrices: [],
    chainId,
    version: "test",
    appVersion: 1n,
    log: silentLog,
    queryGasLimit: 0n,
    checkInvariants: true,
    optimisticExecution: true,
  });
  return { state, application };
}

const offer = ({ application }: { application: ChainApplication }, snapshot: Snapshot, appHash: Uint8Array) =>
  application.offerSnapshot({ snapshot, appHash }).result;

describe("state sync", () => {
  it("restores a node that goes on as the others do, and serves snapshots itself after a restart", async () => {
    const { chain, snapshot, chunk } = await source();
    expect(snapshot.chunks).toBeGreaterThan(3);
    const directory = folder();
    const node = await emptyNode(directory);
    expect(offer(node, snapshot, chain.state.appHash)).toBe(Offered.ACCEPT);
    for (let index = 0; index < snapshot.chunks; index++) {
      const { result } = await node.application.applySnapshotChunk({ index, chunk: chunk(index), sender: "peer" });
      expect(result).toBe(Applied.ACCEPT);
    }
    const info = node.application.info();
    expect([info.lastBlockHeight, info.lastBlockAppHash]).toEqual([4n, chain.state.appHash]);
    const txs = [chain.send(5, testAccount(1).address)];
    const block = { ...chain.nextBlock(), txs, decidedLastCommit: { round: 0, votes: [] } };
    const answer = chain.seal(txs);
    expect(node.application.checkTx({ tx: txs[0]!, type: 0 }).code).toBe(0);
    expect(node.application.finalizeBlock(block).appHash).toEqual(answer.appHash);
    node.application.commit();
    await closing.pop()!();
    const restarted = await emptyNode(directory);
    expect([restarted.state.height, restarted.state.appHash]).toEqual([5, chain.state.appHash]);
    await restarted.state.createSnapshot();
    await chain.state.createSnapshot();
    const [ours, theirs] = [restarted, chain].map(({ application }) => application.listSnapshots().snapshots[0]!);
    expect(ours).toEqual(theirs);
  });

  it("asks again for a chunk that is not the promised one, and names who sent it", async () => {
    const { chain, snapshot, chunk } = await source();
    const node = await emptyNode();
    offer(node, snapshot, chain.state.appHash);
    const wrong = chunk(0).slice();
    wrong[5]! ^= 1;
    expect(await node.application.applySnapshotChunk({ index: 0, chunk: wrong, sender: "liar" })).toEqual({
      result: Applied.RETRY,
      refetchChunks: [0],
      rejectSenders: ["liar"],
    });
    expect(await node.application.applySnapshotChunk({ index: 2, chunk: chunk(2), sender: "hasty" })).toEqual({
      result: Applied.RETRY,
      refetchChunks: [0],
      rejectSenders: [],
    });
    for (let index = 0; index < snapshot.chunks; index++)
      await node.application.applySnapshotChunk({ index, chunk: chunk(index), sender: "" });
    expect(node.state.appHash).toEqual(chain.state.appHash);
  });

  it("refuses what is not the trusted state, another format, and any offer to a state that is not empty", async () => {
    const { chain, snapshot } = await source();
    const node = await emptyNode();
    expect(offer(node, snapshot, new Uint8Array(32))).toBe(Offered.REJECT);
    expect(offer(node, { ...snapshot, hash: new Uint8Array(32) }, chain.state.appHash)).toBe(Offered.REJECT);
    expect(offer(node, { ...snapshot, metadata: Uint8Array.of(1, 2, 3) }, chain.state.appHash)).toBe(Offered.REJECT);
    expect(offer(node, { ...snapshot, format: 99 }, chain.state.appHash)).toBe(Offered.REJECT_FORMAT);
    expect(offer({ application: chain.application }, snapshot, chain.state.appHash)).toBe(Offered.ABORT);
    expect((await node.application.applySnapshotChunk({ index: 0, chunk: new Uint8Array(1), sender: "" })).result).toBe(
      Applied.ABORT,
    );
    expect(node.state.height).toBe(0);
  });

  it("forgets the genesis that it was given before the snapshot", async () => {
    const { chain, snapshot, chunk } = await source();
    const node = await emptyNode();
    const other = {};
    node.application.initChain({
      time: { seconds: 1n, nanos: 0 },
      chainId,
      consensusParams: undefined,
      validators: [],
      appStateBytes: Buffer.from(JSON.stringify(other)),
      initialHeight: 1n,
    });
    offer(node, snapshot, chain.state.appHash);
    for (let index = 0; index < snapshot.chunks; index++)
      await node.application.applySnapshotChunk({ index, chunk: chunk(index), sender: "" });
    const block = { ...chain.nextBlock(), txs: [], decidedLastCommit: { round: 0, votes: [] } };
    expect(node.application.finalizeBlock(block).appHash).toEqual(chain.seal([]).appHash);
  });

  it("rejects a snapshot that leads to another state, wipes it, and restores an honest one after that", async () => {
    const { chain, snapshot, chunk } = await source();
    const liar = await source();
    liar.chain.seal([liar.chain.send(1, testAccount(60).address)]);
    chain.seal([]);
    await liar.chain.state.createSnapshot();
    const lie = liar.chain.application.listSnapshots().snapshots[0]!;
    const manifest = decodeManifest(lie.metadata);
    const metadata = encodeManifest({ ...manifest, appHash: chain.state.appHash });
    const node = await emptyNode();
    expect(offer(node, { ...lie, metadata, hash: sha256(metadata) }, chain.state.appHash)).toBe(Offered.ACCEPT);
    const { application } = liar.chain;
    let last: number = Applied.ACCEPT;
    for (let index = 0; index < lie.chunks && last === Applied.ACCEPT; index++) {
      const { chunk: bytes } = application.loadSnapshotChunk({ height: lie.height, format: lie.format, chunk: index });
      last = (await node.application.applySnapshotChunk({ index, chunk: bytes, sender: "liar" })).result;
    }
    expect(last).toBe(Applied.REJECT_SNAPSHOT);
    expect([node.state.height, node.application.listSnapshots().snapshots]).toEqual([0, []]);
    const trusted = decodeManifest(snapshot.metadata).appHash;
    expect(offer(node, snapshot, trusted)).toBe(Offered.ACCEPT);
    for (let index = 0; index < snapshot.chunks; index++)
      await node.application.applySnapshotChunk({ index, chunk: chunk(index), sender: "" });
    expect([node.state.height, node.state.appHash]).toEqual([4, trusted]);
  });

  it("takes up another snapshot after one was given up", async () => {
    const { chain, snapshot, chunk } = await source();
    const node = await emptyNode();
    offer(node, snapshot, chain.state.appHash);
    await node.application.applySnapshotChunk({ index: 0, chunk: chunk(0), sender: "" });
    expect(offer(node, snapshot, chain.state.appHash)).toBe(Offered.ACCEPT);
    for (let index = 0; index < snapshot.chunks; index++)
      await node.application.applySnapshotChunk({ index, chunk: chunk(index), sender: "" });
    expect(node.state.height).toBe(4);
  });

  it("has no chunk of what it does not offer", async () => {
    const { chain, snapshot } = await source();
    for (const [height, format, chunk] of [
      [99n, snapshot.format, 0],
      [snapshot.height, 99, 0],
      [snapshot.height, snapshot.format, 1000],
    ] as const) {
      expect(chain.application.loadSnapshotChunk({ height, format, chunk }).chunk).toEqual(new Uint8Array(0));
    }
  });
});
