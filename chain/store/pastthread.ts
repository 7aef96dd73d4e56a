/** The worker thread that searches history. LevelDB iterates asynchronously only, and reading the state is synchronous: hence a thread. */
import { workerData } from "node:worker_threads";
import { Level } from "level";
import {
  decodeRow,
  keyOfPrefix,
  prefixOfRow,
  rangeBound,
  rowHeight,
  rowKey,
  rowPrefix,
  storeEnd,
  storePrefix,
} from "./historyrows.ts";
import { databaseOptions, type HistoryDatabase } from "./historywriter.ts";
import type { PastAnswer, PastQuestion, PastReply, PastRequest, PastRow, PastThreadData } from "./pastprotocol.ts";
import { reasonOf } from "./storeerrors.ts";

/** One scan answers at most so many keys, and not many more bytes than this. */
const scanRowsMax = 256;
const scanBytesMax = 1 << 18;
const heightMax = 0xffffffff;

/** What is used of LevelDB's iterator. */
interface AsyncRows {
  seek(key: Uint8Array): void;
  next(): Promise<[Uint8Array, Uint8Array] | undefined>;
  close(): Promise<void>;
}

type Scan = Extract<PastRequest, { type: "scan" }>;

/** Looks up, one after another, the rows of keys on both sides of a height. */
class Lookup {
  readonly #upwards: AsyncRows;
  readonly #downwards: AsyncRows;
  readonly #height: number;
  readonly #keyStart: number;

  constructor(database: HistoryDatabase, store: Uint8Array, height: number) {
    const range = { gte: store, lt: storeEnd(store) };
    this.#upwards = database.iterator(range);
    this.#downwards = database.iterator({ ...range, reverse: true });
    this.#height = height;
    this.#keyStart = store.length;
  }

  /** The first row above the height, else the last one up to it, else undefined. */
  async find(prefix: Uint8Array): Promise<PastRow | undefined> {
    const above = await this.#at(this.#upwards, prefix, rowKey(prefix, this.#height + 1), true);
    return above ?? (await this.#at(this.#downwards, prefix, rowKey(prefix, this.#height), false));
  }

  async #at(rows: AsyncRows, prefix: Uint8Array, from: Uint8Array, above: boolean): Promise<PastRow | undefined> {
    rows.seek(from);
    const next = await rows.next();
    if (next === undefined || Buffer.compare(prefixOfRow(next[0]), prefix) !== 0) return undefined;
    const [row, bytes] = next;
    return { key: keyOfPrefix(prefix, this.#keyStart), height: rowHeight(row), above, ...decodeRow(row, bytes) };
  }

  async close(): Promise<void> {
    await this.#upwards.close();
    await this.#downwards.close();
  }
}

/** One row a key that has any, in order of keys. */
async function scan(database: HistoryDatabase, request: Scan, store: Uint8Array, lookup: Lookup): Promise<PastAnswer> {
  const gte: Uint8Array = request.start === undefined ? store : rangeBound(store, request.start);
  const lt: Uint8Array = request.end === undefined ? storeEnd(store) : rangeBound(store, request.end);
  const rowKeys = database.keys({ gte, lt, reverse: request.reverse });
  const rows: PastRow[] = [];
  let bytes = 0;
  try {
    for (let row = await rowKeys.next(); row !== undefined; row = await rowKeys.next()) {
      const ofKey = Uint8Array.from(prefixOfRow(row));
      const found = await lookup.find(ofKey);
      if (found !== undefined) {
        rows.push(found);
        bytes += found.key.length + found.value.length;
        if (rows.length >= scanRowsMax || bytes >= scanBytesMax) return { type: "rows", rows, more: true };
      }
      const beyond: Uint8Array = request.reverse ? ofKey : rowKey(ofKey, heightMax);
      rowKeys.seek(beyond);
    }
  } finally {
    await rowKeys.close();
  }
  return { type: "rows", rows, more: false };
}

async function rowsFor(database: HistoryDatabase, request: PastRequest): Promise<PastAnswer> {
  const store = storePrefix(request.store);
  const lookup = new Lookup(database, store, request.height);
  try {
    if (request.type === "scan") return await scan(database, request, store, lookup);
    const row = await lookup.find(rowPrefix(store, request.key));
    return { type: "rows", rows: row === undefined ? [] : [row], more: false };
  } finally {
    await lookup.close();
  }
}

async function answer(database: HistoryDatabase, request: PastRequest): Promise<PastAnswer> {
  try {
    return await rowsFor(database, request);
  } catch (error) {
    return { type: "failed", message: reasonOf(error) };
  }
}

const { directory, port, answered }: PastThreadData = workerData;
const database: HistoryDatabase = new Level(directory, databaseOptions);
await database.open();
port.on("message", async (question: PastQuestion | "close") => {
  if (question === "close") {
    await database.close();
    port.close();
    return;
  }
  const { id, request } = question;
  port.postMessage({ id, answer: await answer(database, request) } satisfies PastReply);
  Atomics.add(answered, 0, 1);
  Atomics.notify(answered, 0);
});
port.postMessage("ready");
