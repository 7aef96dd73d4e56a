import { rmSync } from "node:fs";
import { join } from "node:path";
import { Level } from "level";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { scratchFolder } from "../../test/helpers/scratch.ts";
import { difference, StateModel } from "../../test/helpers/statemodel.ts";
import { blockChanges, keyOf, smallStore } from "../../test/helpers/storeblocks.ts";
import { decodeRow, encodeRow, keyOfPrefix, rowKey, rowPrefix, storePrefix } from "./historyrows.ts";
import { databaseOptions, type HistoryDatabase } from "./historywriter.ts";
import { MultiStore } from "./multistore.ts";
import { StoreCorrupt } from "./storeerrors.ts";

const heights = 16;
/** Read after every injury: memory holds the newest four only. */
const readHeights = [1, 6, 11];
const keys = [keyOf(3), keyOf(40)];
const model = new StateModel();
let root: string;

beforeAll(async () => {
  root = scratchFolder("past");
  const store = await MultiStore.open(smallStore(root));
  while (store.height < heights) {
    const changes = blockChanges(2, store.height + 1);
    model.apply(changes, store.apply(store.height + 1, changes));
    store.commit();
  }
  await store.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function withDatabase<T>(work: (database: HistoryDatabase) => Promise<T>): Promise<T> {
  const database: HistoryDatabase = new Level(join(root, "history"), databaseOptions);
  await database.open();
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const isRow = (key: Uint8Array): boolean => key[0] === "u".charCodeAt(0);

/** Injures rows, as LevelDB would find them after a flipped bit, reads everything, and heals them. */
async function injured(rows: readonly Uint8Array[], injury: (bytes: Uint8Array) => Uint8Array | undefined) {
  const before = await withDatabase(async (database) => {
    const values = await database.getMany([...rows]);
    for (const [i, row] of rows.entries()) {
      const bytes = injury(Uint8Array.from(values[i]!));
      if (bytes === undefined) await database.del(row);
      else await database.put(row, bytes);
    }
    return values;
  });
  const outcomes = await readAll();
  await withDatabase(async (database) => {
    for (const [i, row] of rows.entries()) await database.put(row, before[i]!);
  });
  return outcomes;
}

async function readAll(): Promise<{ wrong: string[]; refused: number; right: number }> {
  const store = await MultiStore.open(smallStore(root));
  const outcomes = { wrong: [] as string[], refused: 0, right: 0 };
  for (const height of readHeights) {
    try {
      const wrong = difference(model, await store.at(height), height, keys);
      if (wrong === undefined) outcomes.right++;
      else outcomes.wrong.push(wrong);
    } catch (error) {
      if (!(error instanceof StoreCorrupt)) throw error;
      expect(error.message).toMatch(/history of past heights is damaged/);
      outcomes.refused++;
    }
  }
  await store.close();
  return outcomes;
}

const rowsOf = (): Promise<Uint8Array[]> =>
  withDatabase(async (database) => (await database.keys().all()).filter(isRow));

describe("reading the past", () => {
  it("is right when nothing is damaged", async () => {
    expect(await readAll()).toEqual({ wrong: [], refused: 0, right: readHeights.length });
  });

  it("is never wrong when a row is lost that did not delete its key", async () => {
    const rows = await rowsOf();
    const deleting = await withDatabase(async (database) => {
      const values = await database.getMany(rows);
      return values.map((bytes, i) => decodeRow(rows[i]!, bytes!).deleted);
    });
    let refused = 0;
    for (let i = 0; i < rows.length; i += 23) {
      const row = rows[i]!;
      if (deleting[i]) continue;
      const outcomes = await injured([row], () => undefined);
      expect(outcomes.wrong).toEqual([]);
      refused += outcomes.refused;
    }
    expect(refused).toBeGreaterThan(0);
  });

  it("refuses rows with a flipped bit", async () => {
    const rows = await rowsOf();
    const outcomes = await injured(rows.slice(0, 40), (bytes) => {
      bytes[bytes.length - 1]! ^= 4;
      return bytes;
    });
    expect(outcomes.wrong).toEqual([]);
    expect(outcomes.refused).toBeGreaterThan(0);
  });

  it("begins anew when LevelDB has lost a height's batch", async () => {
    const lost = Buffer.concat([Buffer.from("h"), Buffer.of(0, 0, 0, heights - 2)]);
    const list = await withDatabase((database) => database.get(lost));
    expect(list).toBeDefined();
    await withDatabase((database) => database.del(lost));
    const reports: string[] = [];
    const store = await MultiStore.open(smallStore(root, { log: (line) => void reports.push(line) }));
    expect(store.height).toBe(heights);
    expect(reports[0]).toMatch(/unreadable .*height 14 has no list of its rows.* made anew/);
    expect(difference(model, await store.at(heights - 1), heights - 1, keys)).toBeUndefined();
    await store.close();
  });
});

describe("a row", () => {
  it("keeps the order of keys, the ones that hold zeros or begin like others included, and gives its key back", () => {
    const prefix = storePrefix("bank");
    const inOrder = [[1], [1, 0], [1, 0, 0], [1, 0, 1], [1, 1], [1, 255], [2], [255], [255, 255]].map((bytes) =>
      Uint8Array.from(bytes),
    );
    const rows = inOrder.flatMap((key) => [1, 7, 0xfffffffe].map((height) => rowKey(rowPrefix(prefix, key), height)));
    expect([...rows].reverse().sort(Buffer.compare)).toEqual(rows);
    for (const key of inOrder) expect(keyOfPrefix(rowPrefix(prefix, key), prefix.length)).toEqual(key);
  });

  it("is refused under another key", () => {
    const row = { version: 3, deleted: true, value: Uint8Array.of(1, 2) };
    const bytes = encodeRow(Buffer.from("a"), row);
    expect(decodeRow(Buffer.from("a"), bytes)).toEqual(row);
    expect(() => decodeRow(Buffer.from("b"), bytes)).toThrow(StoreCorrupt);
  });
});

describe("a reader of a past height", () => {
  it("takes no other question's answer for its own, when woken early or out of patience", async () => {
    const store = await MultiStore.open(smallStore(root));
    const past = (await store.at(1)).store("bank");
    const ask = (index: number) => past.get(keyOf(index));
    const indexes = Array.from({ length: 60 }, (_, index) => index);
    const expected = indexes.map(ask);
    const wait = vi.spyOn(Atomics, "wait");
    try {
      for (const index of indexes) {
        wait.mockImplementationOnce(() => "ok");
        expect(ask(index), `key ${index}`).toEqual(expected[index]);
        wait.mockReset();
        wait.mockImplementationOnce(() => "timed-out");
        // One that memory answers does not wait.
        if (index % 20 === 0) expect(() => indexes.map(ask)).toThrow("did not answer");
        wait.mockReset();
        expect(ask(index), `key ${index}`).toEqual(expected[index]);
      }
    } finally {
      wait.mockRestore();
      await store.close();
    }
  });
});
