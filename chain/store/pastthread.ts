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
import type { PastAnswer, PastRequest, PastRow, PastThreadData } from "./pastprotocol.ts";
import { reasonOf } from "./storeerrors.ts";

/** One scan answers at most so many keys, and not many more bytes than this. */
const scanRowsMax = 256;
const scanBytesMax = 1 << 18;
const heightMax = 0xffffffff;

type Scan = Extract<PastRequest, { type: "scan" }>;

/** The first row above `height` among the rows of one key; undefined when nothing overwrote it since. */
async function firstAbove(
  database: HistoryDatabase,
  prefix: Uint8Array,
  height: number,
  keyStart: number,
): Promise<PastRow | undefined> {
  const range = { gt: rowKey(prefix, height), lte: rowKey(prefix, heightMax), limit: 1 };
  for await (const [row, bytes] of database.iterator(range)) {
    return { key: keyOfPrefix(prefix, keyStart), height: rowHeight(row), ...decodeRow(row, bytes) };
  }
  return undefined;
}

/** One row a key that was overwritten above the height, in order of keys. */
async function scan(database: HistoryDatabase, request: Scan): Promise<PastAnswer> {
  const prefix = storePrefix(request.store);
  const gte: Uint8Array = request.start === undefined ? prefix : rangeBound(prefix, request.start);
  const lt: Uint8Array = request.end === undefined ? storeEnd(prefix) : rangeBound(prefix, request.end);
  const iterator = database.keys({ gte, lt, reverse: request.reverse });
  const rows: PastRow[] = [];
  let bytes = 0;
  try {
    for (let row = await iterator.next(); row !== undefined; row = await iterator.next()) {
      const ofKey = Uint8Array.from(prefixOfRow(row));
      const found = await firstAbove(database, ofKey, request.height, prefix.length);
      if (found !== undefined) {
        rows.push(found);
        bytes += found.key.length + found.value.length;
        if (rows.length >= scanRowsMax || bytes >= scanBytesMax) return { type: "rows", rows, more: true };
      }
      const beyond: Uint8Array = request.reverse ? ofKey : rowKey(ofKey, heightMax);
      iterator.seek(beyond);
    }
  } finally {
    await iterator.close();
  }
  return { type: "rows", rows, more: false };
}

async function answer(database: HistoryDatabase, request: PastRequest): Promise<PastAnswer> {
  try {
    if (request.type === "scan") return await scan(database, request);
    const prefix = storePrefix(request.store);
    const row = await firstAbove(database, rowPrefix(prefix, request.key), request.height, prefix.length);
    return { type: "rows", rows: row === undefined ? [] : [row], more: false };
  } catch (error) {
    return { type: "failed", message: reasonOf(error) };
  }
}

const { directory, port, answered }: PastThreadData = workerData;
const database: HistoryDatabase = new Level(directory, databaseOptions);
await database.open();
port.on("message", async (request: PastRequest | "close") => {
  if (request === "close") {
    await database.close();
    port.close();
    return;
  }
  port.postMessage(await answer(database, request));
  Atomics.add(answered, 0, 1);
  Atomics.notify(answered, 0);
});
port.postMessage("ready");
