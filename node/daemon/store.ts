/**
 * What a daemon knows after kill -9 and a power cut: tables in one LevelDB, written all or nothing, on disk when a write resolves. Owns that, and
 * that a folder belongs to one chain and one kind of daemon; does not own what is in the tables.
 */
import { mkdirSync } from "node:fs";
import type { Codec } from "../../chain/codec.ts";
import { type Database, openDatabase, put, remove, type Write } from "../../chain/consensus/database.ts";
import { fatal, textOf } from "./failure.ts";

/** Of one table, when all of it is read. */
const entriesMax = 1_000_000;
const writesMax = 10_000;

export type Change = Write;

export interface Table<Value> {
  get(key: string): Promise<Value | undefined>;
  /** In the order of the keys' bytes. */
  all(): Promise<Map<string, Value>>;
  put(key: string, value: Value): Change;
  remove(key: string): Change;
}

export interface DaemonStore {
  /** Names are of letters, digits and -; one name has one codec for ever. */
  table<Value>(name: string, codec: Codec<Value>): Table<Value>;
  /** All of them or none. Once this resolves no power cut takes them away; where it cannot, the failure is fatal. */
  write(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOwner {
  /** "relay", "oracle", "client". */
  readonly daemon: string;
  readonly chainId: string;
}

const separator = "/";
const keyOf = (table: string, key: string): Buffer => Buffer.from(`${table}${separator}${key}`);
const ownerKey = keyOf("owner", "");
const formatVersion = 1;

export async function openStore(directory: string, owner: StoreOwner): Promise<DaemonStore> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = await openDatabase(directory);
  try {
    await requireOwner(database, owner);
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    table: (name, codec) => tableOf(database, name, codec),
    async write(changes) {
      if (changes.length > writesMax) throw new Error(`${changes.length} changes at once; at most ${writesMax}`);
      try {
        await database.batch(changes, { sync: true });
      } catch (error) {
        throw fatal(`${directory} cannot be written to (${textOf(error)}): free its disk, then start again`, error);
      }
    },
    close: () => database.close(),
  };
}

/** The same in memory, for a command that runs once beside a daemon, whose folder is in use. */
export function memoryStore(): DaemonStore {
  const rows = new Map<string, Uint8Array>();
  const idOf = (key: Uint8Array) => Buffer.from(key).toString("latin1");
  const reader: Reader = {
    get: async (key) => rows.get(idOf(key)),
    async *entries({ gte, lt }) {
      const [from, to] = [idOf(gte), lt === undefined ? undefined : idOf(lt)];
      const found = [...rows].filter(([id]) => id >= from && (to === undefined || id < to));
      yield* found
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([id, value]) => [Buffer.from(id, "latin1"), value] as const);
    },
  };
  return {
    table: (name, codec) => tableOf(reader, name, codec),
    async write(changes) {
      for (const change of changes) {
        if (change.type === "put") rows.set(idOf(change.key), Uint8Array.from(change.value));
        else rows.delete(idOf(change.key));
      }
    },
    close: async () => undefined,
  };
}

type Reader = Pick<Database, "get" | "entries">;

async function requireOwner(database: Database, { daemon, chainId }: StoreOwner): Promise<void> {
  const wanted = `${formatVersion} ${daemon} ${chainId}`;
  const stored = await database.get(ownerKey);
  if (stored === undefined) return database.batch([put(ownerKey, Buffer.from(wanted))], { sync: true });
  const found = Buffer.from(stored).toString();
  if (found === wanted) return;
  throw fatal(
    `${database.path} belongs to ${JSON.stringify(found)} and this is ${JSON.stringify(wanted)} (format, daemon, chain): take another --home`,
  );
}

function tableOf<Value>(database: Reader, name: string, codec: Codec<Value>): Table<Value> {
  if (!/^[a-z0-9-]{1,32}$/.test(name) || name === "owner") throw new Error(`${name} is no name of a table`);
  const prefix = keyOf(name, "");
  const end = Buffer.from(prefix);
  end[end.length - 1]! += 1;
  return {
    async get(key) {
      const stored = await database.get(keyOf(name, key));
      return stored === undefined ? undefined : codec.decode(stored);
    },
    async all() {
      const found = new Map<string, Value>();
      for await (const [key, value] of database.entries({ gte: prefix, lt: end })) {
        if (found.size >= entriesMax) throw fatal(`the table ${name} has more than ${entriesMax} entries`);
        found.set(Buffer.from(key.subarray(prefix.length)).toString(), codec.decode(value));
      }
      return found;
    },
    put: (key, value) => put(keyOf(name, key), codec.encode(value)),
    remove: (key) => remove(keyOf(name, key)),
  };
}

/** Numbers sort as their keys do. */
export const numberKeyText = (number: bigint): string => number.toString().padStart(20, "0");

/** Plain values with bigint and bytes in them, as JSON: {"#n":"12"} and {"#b":"base64"}. For what is small and read by people in need. */
export function jsonCodec<Value>(): Codec<Value> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value, tagged)),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString(), untagged) as Value,
  };
}

function tagged(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const raw = this[key];
  if (typeof raw === "bigint") return { "#n": String(raw) };
  if (raw instanceof Uint8Array) return { "#b": Buffer.from(raw).toString("base64") };
  return value;
}

function untagged(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("#n" in value && typeof value["#n"] === "string") return BigInt(value["#n"]);
  if ("#b" in value && typeof value["#b"] === "string") return Uint8Array.from(Buffer.from(value["#b"], "base64"));
  return value;
}
