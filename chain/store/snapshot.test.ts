import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../../test/helpers/provenvalue.ts";
import { scratchFolder } from "../../test/helpers/scratch.ts";
import { commitBlock, hex, keyOf, smallStore, storeNames } from "../../test/helpers/storeblocks.ts";
import { decodeManifest, encodeManifest, sha256 } from "./checkpointformat.ts";
import { MultiStore } from "./multistore.ts";
import type { SnapshotInfo, SnapshotRestore } from "./snapshot.ts";
import { SnapshotRejected, StoreMisuse } from "./storeerrors.ts";

const seed = 5;
const height = 20;
let root: string;
let source: MultiStore;
let target: MultiStore;
let info: SnapshotInfo;
let trusted: Uint8Array;

async function chain(name: string, heights: number, reopenEvery = 1000): Promise<MultiStore> {
  let store = await MultiStore.open(smallStore(join(root, name)));
  while (store.height < heights) {
    commitBlock(store, seed);
    if (store.height % 5 === 0) await store.idle();
    if (store.height % reopenEvery !== 0) continue;
    await store.close();
    store = await MultiStore.open(smallStore(join(root, name)));
  }
  return store;
}

beforeEach(async () => {
  root = scratchFolder("snapshot");
  source = await chain("source", height);
  target = await MultiStore.open(smallStore(join(root, "target")));
  info = source.snapshots()[0]!;
  trusted = source.appHash;
});
afterEach(async () => {
  await source.close();
  await target.close();
  rmSync(root, { recursive: true, force: true });
});

const chunkOf = (index: number): Uint8Array => source.snapshotChunk(height, 1, index)!;

function addAll(restore: SnapshotRestore): void {
  for (let index = 0; index < info.chunks; index++) expect(restore.add(index, chunkOf(index))).toBe("accepted");
}

const leftBehind = (): string[] => readdirSync(join(root, "target", "checkpoints"));

describe("a snapshot", () => {
  it("is made at its interval, several chunks of bounded size, the newest first, and old ones are withdrawn", async () => {
    expect(source.snapshots().map((each) => each.height)).toEqual([20, 10]);
    expect(info.chunks).toBeGreaterThan(1);
    for (let index = 0; index < info.chunks; index++) expect(chunkOf(index).length).toBeLessThanOrEqual(2048);
    while (source.height < 30) commitBlock(source, seed);
    await source.idle();
    expect(source.snapshots().map((each) => each.height)).toEqual([30, 20]);
    expect(source.snapshotChunk(10, 1, 0)).toBeUndefined();
    await source.deleteSnapshot(20);
    expect(source.snapshots().map((each) => each.height)).toEqual([30]);
  });

  it("is the same bytes on a node that was restarted again and again", async () => {
    const other = await chain("other", height, 3);
    expect(other.snapshots()[0]).toEqual(info);
    for (let index = 0; index < info.chunks; index++)
      expect(other.snapshotChunk(height, 1, index)).toEqual(chunkOf(index));
    await other.close();
  });

  it("can be made on demand, while blocks go on", async () => {
    commitBlock(source, seed);
    const making = source.createSnapshot();
    for (let i = 0; i < 7; i++) commitBlock(source, seed);
    expect((await making).height).toBe(21);
    expect(source.height).toBe(28);
    expect(source.snapshots().map((each) => each.height)).toEqual([21, 20]);
  });
});

describe("restoring", () => {
  it("gives a state that goes on as the source does, proves, serves the snapshot on, and opens again", async () => {
    const restore = target.beginRestore(info, trusted);
    addAll(restore);
    await target.finishRestore(restore);
    expect([target.height, target.oldestHeight, hex(target.appHash)]).toEqual([height, height, hex(trusted)]);
    while (target.height < height + 12) expect(commitBlock(target, seed)).toBe(commitBlock(source, seed));
    await target.idle();
    await target.close();
    target = await MultiStore.open(smallStore(join(root, "target")));
    expect(hex(target.appHash)).toBe(hex(source.appHash));
    for (const past of [height, height + 3]) {
      for (const name of storeNames) {
        expect([...(await target.at(past)).store(name).iterate({})]).toEqual([
          ...(await source.at(past)).store(name).iterate({}),
        ]);
      }
    }
    expect(verifies(trusted, "bank", keyOf(7), await target.prove(height, "bank", keyOf(7)))).toBe(true);
    await source.idle();
    expect(target.snapshots()[0]).toEqual(source.snapshots()[0]);
  });

  it("asks again for a chunk that is not the promised one, and takes the right one then", async () => {
    const restore = target.beginRestore(info, trusted);
    const wrong = Uint8Array.from(chunkOf(0));
    wrong[100]! ^= 1;
    expect(restore.add(0, wrong)).toBe("retry");
    expect(restore.add(1, chunkOf(1))).toBe("retry");
    expect(restore.add(0, chunkOf(1))).toBe("retry");
    addAll(restore);
    expect(restore.add(info.chunks, chunkOf(0))).toBe("retry");
    await target.finishRestore(restore);
    expect(target.height).toBe(height);
  });

  it("refuses an offer that is not of the trusted app hash, or does not hang together", () => {
    const offers: [Partial<SnapshotInfo>, Uint8Array, RegExp][] = [
      [{}, sha256(trusted), /the trusted one/],
      [{ format: 2 }, trusted, /format is 2/],
      [{ hash: sha256(trusted) }, trusted, /not that of its metadata/],
      [{ height: 19 }, trusted, /says height 20/],
      [{ chunks: 1 }, trusted, /chunks, the offer 20 and 1/],
      [{ metadata: new Uint8Array(10), hash: sha256(new Uint8Array(10)) }, trusted, /manifest is not one/],
    ];
    for (const [change, hash, why] of offers) {
      const begin = () => target.beginRestore({ ...info, ...change }, hash);
      expect(begin).toThrow(SnapshotRejected);
      expect(begin).toThrow(why);
    }
    expect(target.height).toBe(0);
  });

  /** A liar makes everything fit but the state itself. */
  function forged(change: (chunk: Buffer, index: number) => void): { info: SnapshotInfo; chunks: Buffer[] } {
    const chunks = Array.from({ length: info.chunks }, (_, index) => Buffer.from(chunkOf(index)));
    chunks.forEach(change);
    const manifest = { ...decodeManifest(info.metadata), chunkHashes: chunks.map(sha256) };
    const metadata = encodeManifest(manifest);
    return { info: { ...info, metadata, hash: sha256(metadata) }, chunks };
  }

  it("wipes everything when the last chunk leads to another app hash, and can then restore an honest one", async () => {
    let refused = 0;
    for (let bit = 0; bit < 2048 * 8; bit += 641) {
      const lie = forged((chunk, index) => {
        if (index === 0) chunk[bit >> 3]! ^= 1 << (bit & 7);
      });
      const restore = target.beginRestore(lie.info, trusted);
      const attempt = async () => {
        for (const [index, chunk] of lie.chunks.entries()) restore.add(index, chunk);
        await target.finishRestore(restore);
      };
      await expect(attempt()).rejects.toThrow(SnapshotRejected);
      expect(leftBehind()).toEqual([]);
      refused++;
    }
    expect([refused, target.height]).toEqual([26, 0]);
    const restore = target.beginRestore(info, trusted);
    addAll(restore);
    await target.finishRestore(restore);
    expect(target.height).toBe(height);
  });

  it("rejects a snapshot that ends too early, and of other stores", async () => {
    const restore = target.beginRestore(info, trusted);
    for (let index = 0; index < info.chunks - 1; index++) restore.add(index, chunkOf(index));
    await expect(target.finishRestore(restore)).rejects.toThrow("does not end where its manifest says");
    expect(leftBehind()).toEqual([]);
    const other = await MultiStore.open({ ...smallStore(join(root, "other")), storeNames: ["bank"] });
    const strange = other.beginRestore(info, trusted);
    addAll(strange);
    await expect(other.finishRestore(strange)).rejects.toThrow("expected bank");
    await other.close();
  });

  it("rejects one in crumbs, each of which would cost a copy of what is not complete yet", () => {
    const head = chunkOf(0).slice(0, 54);
    const crumb = (byte: number) => [1, 0, 0, 0, byte];
    const chunk = Buffer.concat([
      head,
      Buffer.of(3),
      Buffer.from("acc"),
      Buffer.from([...crumb(0x57), ...crumb(0x54)]),
    ]);
    const metadata = encodeManifest({ height, appHash: trusted, bytes: chunk.length, chunkHashes: [sha256(chunk)] });
    const restore = target.beginRestore({ ...info, chunks: 1, hash: sha256(metadata), metadata }, trusted);
    expect(() => restore.add(0, chunk)).toThrow("a piece of less than 65536 bytes is not the last");
    expect(leftBehind()).toEqual([]);
  });

  it("is for an empty state only, and what is left of one that was cut short is gone at the next start", async () => {
    expect(() => source.beginRestore(info, trusted)).toThrow(StoreMisuse);
    target.beginRestore(info, trusted).add(0, chunkOf(0));
    expect(leftBehind()).toHaveLength(1);
    await target.close();
    target = await MultiStore.open(smallStore(join(root, "target")));
    expect(leftBehind()).toEqual([]);
    expect(target.height).toBe(0);
  });
});
