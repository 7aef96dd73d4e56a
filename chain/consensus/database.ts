/** The engine's LevelDB under HOME/data: opening it, keys that sort by height, and what a failed write means. Owns no record. */
import { Level } from "level";

export type Database = Level<Uint8Array, Uint8Array>;

export type Write =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: Uint8Array };

export async function openDatabase(path: string): Promise<Database> {
  const database: Database = new Level(path, { keyEncoding: "view", valueEncoding: "view" });
  try {
    await database.open();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
    if (cause !== undefined && "code" in cause && cause.code === "LEVEL_LOCKED") {
      throw new Error(`${path} is in use by another process: stop the other node first`);
    }
    throw new Error(`${path} cannot be opened: ${cause?.message ?? String(error)}; restore data/ from a backup`);
  }
  return database;
}

/** Whether another process has it open. One that is damaged is in nobody's use. */
export async function isInUse(path: string): Promise<boolean> {
  const database: Database = new Level(path, { createIfMissing: false });
  try {
    await database.open();
    await database.close();
    return false;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
    return cause !== undefined && "code" in cause && cause.code === "LEVEL_LOCKED";
  }
}

export const put = (key: Uint8Array, value: Uint8Array): Write => ({ type: "put", key, value });
export const remove = (key: Uint8Array): Write => ({ type: "del", key });

/** Atomic. A chained batch hands each record over at once, which for the thousands of an index costs a fifth of a list of objects. */
export async function writeAll(
  database: Database,
  writes: readonly Write[],
  options: { sync?: boolean } = {},
): Promise<void> {
  const batch = database.batch();
  for (const write of writes) {
    if (write.type === "put") batch.put(write.key, write.value);
    else batch.del(write.key);
  }
  await batch.write(options);
}

/** One letter for the kind of record, then big-endian numbers, so that byte order is the order of heights. */
export function numberKey(kind: string, height: bigint, ...more: number[]): Buffer {
  const key = Buffer.alloc(1 + 8 + 4 * more.length);
  key.write(kind, 0, "latin1");
  key.writeBigUInt64BE(height, 1);
  more.forEach((number, i) => {
    key.writeUInt32BE(number, 9 + 4 * i);
  });
  return key;
}

export const bytesKey = (kind: string, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(kind, "latin1"), bytes]);
