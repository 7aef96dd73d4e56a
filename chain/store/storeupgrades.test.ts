import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../../test/helpers/provenvalue.ts";
import { scratchFolder } from "../../test/helpers/scratch.ts";
import { hex } from "../../test/helpers/storeblocks.ts";
import { MultiStore, type MultiStoreOptions } from "./multistore.ts";
import { rollback } from "./rollback.ts";
import { NoStoreAtHeight, StoreMisuse } from "./storeerrors.ts";
import { namesAfter, namesBefore, type StoreUpgrades, upgradedStores } from "./storeupgrades.ts";
import { type Change, type ChangeSet, compareBytes } from "./types.ts";

interface Vector {
  readonly stores: readonly string[];
  readonly blocks: readonly {
    readonly height: number;
    readonly upgrade?: StoreUpgrades;
    readonly stores: readonly string[];
    readonly writes: readonly { readonly store: string; readonly key: string; readonly value: string }[];
    readonly appHash: string;
  }[];
}

/** Go's rootmulti, whose stores change at heights 4, 6, 8 and 9. */
const vector: Vector = JSON.parse(readFileSync("test/vectors/storeupgrades.json", "utf8"));
const { blocks } = vector;
const last = blocks.length;
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const blockAt = (height: number) => blocks[height - 1]!;

function changesOf(height: number): ChangeSet {
  const byStore = new Map<string, Map<string, Change>>();
  for (const { store, key, value } of blockAt(height).writes) {
    const changes = byStore.get(store) ?? new Map<string, Change>();
    changes.set(key, [unhex(key), value === "" ? null : unhex(value)]);
    byStore.set(store, changes);
  }
  const sorted = [...byStore].sort().map(([name, changes]) => {
    return [name, [...changes.values()].sort((a, b) => compareBytes(a[0], b[0]))] as const;
  });
  return new Map(sorted);
}

/** What a plain map holds at every height, by store and key. */
function contents(): Map<string, Map<string, string>>[] {
  const heights = [new Map(vector.stores.map((name) => [name, new Map<string, string>()]))];
  for (const { upgrade, writes } of blocks) {
    const next = new Map([...heights.at(-1)!].map(([name, keys]) => [name, new Map(keys)]));
    for (const { from, to } of upgrade?.renamed ?? []) {
      next.set(to, next.get(from)!);
      next.delete(from);
    }
    for (const name of upgrade?.deleted ?? []) next.delete(name);
    for (const name of upgrade?.added ?? []) next.set(name, new Map());
    for (const { store, key, value } of writes) {
      if (value === "") next.get(store)!.delete(key);
      else next.get(store)!.set(key, value);
    }
    heights.push(next);
  }
  return heights;
}

const expected = contents();

let root: string;
beforeEach(() => {
  root = scratchFolder("storeupgrades");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const programStores = (height: number) => blockAt(height).stores;
/** A program made for the stores of the last height, which knows those before. */
const options = (more: Partial<MultiStoreOptions> = {}): MultiStoreOptions & { readonly directory: string } => ({
  storeNames: [...programStores(last)],
  earlierStores: blocks.map(({ stores }) => [...stores]),
  retainRecent: 3,
  checkpointInterval: 100,
  pruning: "nothing",
  snapshot: { interval: 5, keepRecent: 0 },
  ...more,
  directory: more.directory ?? join(root, "state"),
});

/** The chain begins with the stores that it had then. */
const begin = (more: Partial<MultiStoreOptions> = {}) =>
  MultiStore.open(options({ storeNames: [...vector.stores], ...more }));

function advance(store: MultiStore, to: number): void {
  for (let height = store.height + 1; height <= to; height++) {
    const appHash = store.apply(height, changesOf(height), blockAt(height).upgrade);
    expect(hex(appHash), `height ${height}`).toBe(blockAt(height).appHash);
    store.commit();
  }
}

async function expectEverything(store: MultiStore, from = 1): Promise<void> {
  for (let height = from; height <= store.height; height++) {
    const stores = await store.at(height);
    for (const [name, keys] of expected[height]!) {
      const found = [...stores.store(name).iterate({})].map(([key, value]) => [hex(key), hex(value)]);
      expect(found, `${name} at ${height}`).toEqual([...keys].sort());
      const [key] = [...keys.keys()];
      if (key === undefined) continue;
      const proven = await store.prove(height, name, unhex(key));
      expect(hex(proven.value!)).toBe(keys.get(key));
      expect(verifies(unhex(blockAt(height).appHash), name, unhex(key), proven)).toBe(true);
    }
  }
}

describe("a height at which the stores change", () => {
  it("gives the app hashes of Go's rootmulti, in memory and after every start", async () => {
    let store = await begin();
    for (let height = 1; height <= last; height++) {
      advance(store, height);
      await store.idle();
      await store.close();
      store = await MultiStore.open(options());
      expect(hex(store.appHash)).toBe(blockAt(height).appHash);
      expect([...store.storeNames].sort()).toEqual([...blockAt(height).stores].sort());
    }
    await store.close();
  });

  it("leaves every height before it readable and provable, in memory, in history and over a start", async () => {
    const store = await begin();
    advance(store, 7);
    await expectEverything(store);
    advance(store, last);
    await expectEverything(store);
    await store.close();
    const again = await MultiStore.open(options());
    await expectEverything(again);
    await again.close();
  });

  it("shows a store that it added as empty before, and proves nothing of it there", async () => {
    const store = await begin();
    advance(store, 7);
    for (const height of [2, 3]) {
      expect([...(await store.at(height)).store("zeta").iterate({})]).toEqual([]);
      await expect(store.prove(height, "zeta", unhex("00"))).rejects.toThrow(NoStoreAtHeight);
    }
    await store.close();
  });

  it("is rolled back over, and comes out the same again", async () => {
    const store = await begin();
    advance(store, last);
    await store.close();
    const done = await rollback(options(), last - 3);
    expect([done.height, hex(done.appHash)]).toEqual([3, blockAt(3).appHash]);
    const again = await MultiStore.open(options());
    expect([...again.storeNames]).toEqual(["acc", "bank", "params"]);
    advance(again, last);
    await expectEverything(again);
    await again.close();
  });

  it("is in no snapshot's way: one of before and one of after are restored by the same program", async () => {
    const store = await begin();
    advance(store, last);
    await store.idle();
    for (const info of store.snapshots()) {
      const target = await MultiStore.open(options({ directory: join(root, `from-${info.height}`) }));
      const restore = target.beginRestore(info, unhex(blockAt(info.height).appHash));
      for (let index = 0; index < info.chunks; index++) {
        expect(restore.add(index, store.snapshotChunk(info.height, info.format, index)!)).toBe("accepted");
      }
      await target.finishRestore(restore);
      advance(target, last);
      await expectEverything(target, info.height);
      await target.close();
    }
    expect(store.snapshots().map(({ height }) => height)).toEqual([10, 5]);
    await store.close();
  });

  it("is refused a program that knows neither set of stores, by the names of both", async () => {
    const store = await begin();
    advance(store, 4);
    await store.close();
    const old = options({ storeNames: [...vector.stores], earlierStores: [] });
    await expect(MultiStore.open(old)).rejects.toThrow(/acc, bank, params, zeta.*expects acc, bank, params/);
  });

  it("gives back the memory of stores that are gone", async () => {
    const store = await MultiStore.open({ storeNames: ["kept", "gone"], retainRecent: 1 });
    const many = Array.from(
      { length: 2_000 },
      (_, i): Change => [Buffer.from(String(i).padStart(8, "0")), unhex("aa")],
    );
    store.apply(1, new Map([["gone", many]]));
    store.commit();
    const full = store.figures().nodesLive;
    store.apply(2, new Map(), { added: [], renamed: [], deleted: ["gone"] });
    store.commit();
    expect(full).toBeGreaterThan(3_000);
    expect(store.figures().nodesLive).toBeLessThan(10);
    await store.close();
  });
});

describe("a change of the stores", () => {
  const none: StoreUpgrades = { added: [], renamed: [], deleted: [] };

  it("must fit the stores that there are", () => {
    const names = ["a", "b"];
    expect(() => namesAfter(names, { ...none, added: ["a"] })).toThrow(StoreMisuse);
    expect(() => namesAfter(names, { ...none, deleted: ["c"] })).toThrow(StoreMisuse);
    expect(() => namesAfter(names, { ...none, renamed: [{ from: "a", to: "b" }] })).toThrow(StoreMisuse);
    expect(() => namesAfter(names, { ...none, added: ["a"], deleted: ["a"] })).toThrow(StoreMisuse);
  });

  it("is told backwards too", () => {
    const upgrades = { added: ["c"], renamed: [{ from: "a", to: "d" }], deleted: ["b"] };
    expect(namesAfter(["a", "b"], upgrades)).toEqual(["c", "d"]);
    expect(namesBefore(["c", "d"], upgrades)).toEqual(["a", "b"]);
  });

  it("shows a height what it begins with", async () => {
    const store = await MultiStore.open({ storeNames: ["a", "b"] });
    store.apply(1, new Map([["a", [[unhex("01"), unhex("02")]]]]));
    store.commit();
    const seen = upgradedStores(store.latest, { added: ["c"], renamed: [{ from: "a", to: "d" }], deleted: ["b"] });
    expect(seen.store("d").get(unhex("01"))).toEqual(unhex("02"));
    expect([...seen.store("c").iterate({})]).toEqual([]);
    expect(() => seen.store("b")).toThrow(StoreMisuse);
    expect(() => seen.store("a")).toThrow(StoreMisuse);
    await store.close();
  });
});
