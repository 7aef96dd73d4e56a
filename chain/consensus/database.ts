/**
 * The engine's LevelDB under HOME/data: opening it, keys that sort by height, a checksum beside every value, and what a failure means.
 * LevelDB hands out blocks of its files with flipped bits unchecked; here they are refused. Owns no record.
 */
import { crc32 } from "node:zlib";
import { Level } from "level";

export type Write =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: Uint8Array };

export type Entry = readonly [key: Uint8Array, value: Uint8Array];

export interface Range {
  readonly gte: Uint8Array;
  readonly lt?: Uint8Array;
  readonly lte?: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

type Stored = Level<Uint8Array, Uint8Array>;

const checksumBytes = 4;

/** Over key and value: a record in another's place is damage too. */
const checksumOf = (key: Uint8Array, value: Uint8Array): number => crc32(value, crc32(key));

function sealed(key: Uint8Array, value: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(checksumBytes + value.length);
  bytes.writeUInt32LE(checksumOf(key, value), 0);
  bytes.set(value, checksumBytes);
  return bytes;
}

export class Database {
  readonly path: string;
  readonly #level: Stored;

  constructor(path: string, level: Stored) {
    this.path = path;
    this.#level = level;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const stored = await this.#reading(() => this.#level.get(key));
    return stored === undefined ? undefined : this.#opened(key, stored);
  }

  async *entries(range: Range): AsyncGenerator<Entry> {
    const iterator = this.#level.iterator(range);
    try {
      for (;;) {
        const next = await this.#reading(() => iterator.next());
        if (next === undefined) return;
        yield [next[0], this.#opened(...next)];
      }
    } finally {
      await iterator.close();
    }
  }

  /** Up to `count` entries a step; a step reads about so many bytes at once. */
  async *steps(range: Range, count: number, highWaterMarkBytes: number): AsyncGenerator<Entry[]> {
    const iterator = this.#level.iterator({ ...range, highWaterMarkBytes });
    try {
      for (;;) {
        const found = await this.#reading(() => iterator.nextv(count));
        if (found.length === 0) return;
        yield found.map(([key, stored]) => [key, this.#opened(key, stored)] as const);
      }
    } finally {
      await iterator.close();
    }
  }

  /** Atomic. A chained batch hands each record over at once, which for the thousands of an index costs a fifth of a list of objects. */
  async batch(writes: readonly Write[], options: { readonly sync?: boolean } = {}): Promise<void> {
    const batch = this.#level.batch();
    for (const write of writes) {
      if (write.type === "put") batch.put(write.key, sealed(write.key, write.value));
      else batch.del(write.key);
    }
    await batch.write(options);
  }

  clear(range: Range): Promise<void> {
    return this.#level.clear(range);
  }

  close(): Promise<void> {
    return this.#level.close();
  }

  #opened(key: Uint8Array, stored: Uint8Array): Uint8Array {
    const value = stored.subarray(checksumBytes);
    const { buffer, byteOffset, length } = stored;
    const isWhole =
      length >= checksumBytes && new DataView(buffer, byteOffset, length).getUint32(0, true) === checksumOf(key, value);
    if (!isWhole)
      throw this.#damaged(`the record ${Buffer.from(key).toString("hex").slice(0, 80)} has a wrong checksum`);
    return value;
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw this.#damaged(reasonOf(error));
    }
  }

  #damaged(what: string): Error {
    return new Error(
      `${this.path} is damaged (${what}): the disk or a program changed it, or an older version wrote it; restore data/ from a backup`,
    );
  }
}

const causeOf = (error: unknown): Error | undefined =>
  error instanceof Error && error.cause instanceof Error ? error.cause : undefined;

const reasonOf = (error: unknown): string =>
  causeOf(error)?.message ?? (error instanceof Error ? error.message : String(error));

const isLocked = (error: unknown): boolean => {
  const cause = causeOf(error);
  return cause !== undefined && "code" in cause && cause.code === "LEVEL_LOCKED";
};

export async function openDatabase(path: string): Promise<Database> {
  const level: Stored = new Level(path, { keyEncoding: "view", valueEncoding: "view" });
  try {
    await level.open();
  } catch (error) {
    if (isLocked(error)) throw new Error(`${path} is in use by another process: stop the other node first`);
    throw new Error(`${path} cannot be opened: ${reasonOf(error)}; restore data/ from a backup`);
  }
  return new Database(path, level);
}

/** Whether another process has it open. One that is damaged is in nobody's use. */
export async function isInUse(path: string): Promise<boolean> {
  const level: Stored = new Level(path, { createIfMissing: false });
  try {
    await level.open();
    await level.close();
    return false;
  } catch (error) {
    return isLocked(error);
  }
}

export const put = (key: Uint8Array, value: Uint8Array): Write => ({ type: "put", key, value });
export const remove = (key: Uint8Array): Write => ({ type: "del", key });

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
