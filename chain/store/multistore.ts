/**
 * The committed state: every store's tree in memory, made durable by the log, with its past behind it.
 *
 * Owns the order of things at apply, commit and open. Does not own the trees (forest.ts), the log (wal.ts), what heights overwrote
 * (history.ts), checkpoints (checkpoint.ts), nor proofs of heights that memory does not hold (replay.ts).
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Files, makeDirectoryDurably, nodeFiles } from "./files.ts";
import { Forest } from "./forest.ts";
import { History } from "./history.ts";
import { oldestKept, type Pruning, type PruningRule, pruningRule } from "./pruning.ts";
import { RecordEncoder } from "./record.ts";
import { HeightNotRetained, StoreCorrupt, StoreMisuse } from "./storeerrors.ts";
import type { ChangeSet, CommittedState, ProvenValue, ReadStores } from "./types.ts";
import { type Report, WriteAheadLog } from "./wal.ts";

/** Heights that history may lag behind before a commit waits for it. */
const historyLagMax = 64;

export interface MultiStoreOptions {
  /** Folder of the state; undefined: memory only, and gone at the end. */
  readonly directory?: string | undefined;
  readonly storeNames: readonly string[];
  /** Versions that stay in memory. */
  readonly retainRecent?: number;
  readonly pruning?: Pruning;
  readonly log?: Report;
  readonly files?: Files;
}

interface Disk {
  readonly log: WriteAheadLog;
  readonly history: History;
}

interface Pending {
  readonly height: number;
  readonly changes: ChangeSet;
  readonly appHash: Uint8Array;
}

export class MultiStore implements CommittedState {
  readonly #forest: Forest;
  readonly #disk: Disk | undefined;
  readonly #retainRecent: number;
  readonly #pruning: PruningRule | undefined;
  #pending: Pending | undefined;
  #height = 0;
  #appHash: Uint8Array = createHash("sha256").digest();
  #latest: ReadStores;
  #stopped: unknown;

  private constructor(options: MultiStoreOptions, forest: Forest, disk: Disk | undefined) {
    this.#forest = forest;
    this.#disk = disk;
    this.#retainRecent = options.retainRecent ?? 100;
    this.#pruning = pruningRule(options.pruning ?? "default");
    this.#latest = forest.stores(forest.height);
    this.#publish(forest.height);
  }

  static async open(options: MultiStoreOptions): Promise<MultiStore> {
    if (options.directory === undefined) return new MultiStore(options, Forest.empty(options.storeNames), undefined);
    const files = options.files ?? nodeFiles;
    const report = options.log ?? (() => {});
    makeDirectoryDurably(files, options.directory);
    const history = await History.open(join(options.directory, "history"));
    try {
      const log = WriteAheadLog.open(files, join(options.directory, "log"), report);
      const forest = await replay(Forest.empty(options.storeNames), log, history);
      return new MultiStore(options, forest, { log, history });
    } catch (error) {
      await history.close();
      throw error;
    }
  }

  get storeNames(): readonly string[] {
    return this.#forest.names;
  }

  get height(): number {
    return this.#height;
  }

  get appHash(): Uint8Array {
    return this.#appHash;
  }

  get latest(): ReadStores {
    return this.#latest;
  }

  get oldestHeight(): number {
    return this.#disk?.history.oldest ?? this.#forest.oldest;
  }

  recent(height: number): ReadStores | undefined {
    if (height === this.#height) return this.#latest;
    if (height > this.#height || height < Math.max(this.oldestHeight, this.#forest.oldest)) return undefined;
    return this.#forest.stores(height);
  }

  async at(height: number): Promise<ReadStores> {
    const recent = this.recent(height);
    if (recent !== undefined) return recent;
    throw this.#notRetained(height);
  }

  async prove(height: number, store: string, key: Uint8Array): Promise<ProvenValue> {
    if (this.recent(height) !== undefined) return this.#forest.prove(height, store, key);
    throw this.#notRetained(height);
  }

  apply(height: number, changes: ChangeSet): Uint8Array {
    if (this.#stopped !== undefined) throw this.#stopped;
    if (this.#pending !== undefined) {
      throw new StoreMisuse(
        `height ${this.#pending.height} is applied but not committed: commit it before height ${height}`,
      );
    }
    const appHash = this.#forest.apply(height, changes);
    this.#pending = { height, changes, appHash };
    return appHash;
  }

  /**
   * Durable when it returns. When it throws, the height was not acknowledged; whether it is found at the next start is open, and either is
   * right (wal.ts).
   */
  commit(): void {
    if (this.#stopped !== undefined) throw this.#stopped;
    const pending = this.#pending;
    if (pending === undefined) throw new StoreMisuse("nothing is applied that could be committed");
    try {
      if (this.#disk !== undefined) this.#makeDurable(this.#disk, pending);
    } catch (error) {
      this.#stopped = error;
      throw error;
    }
    this.#pending = undefined;
    this.#publish(pending.height);
    this.#tidy(pending.height);
  }

  async close(): Promise<void> {
    this.#stopped ??= new StoreMisuse("the store is closed");
    this.#disk?.log.close();
    await this.#disk?.history.close();
  }

  #makeDurable({ log, history }: Disk, pending: Pending): void {
    const { height } = pending;
    const first = this.#height === 0;
    history.waitUntilApplied(Math.min(this.#height, height - historyLagMax));
    const record = log.append(pending, this.#height);
    const roots = first ? undefined : this.#forest.rootNodes(this.#height);
    history.push({ height, record: first ? noRecord : Uint8Array.from(record), roots }, this.#forest.memory);
  }

  #publish(height: number): void {
    if (height === 0) return;
    this.#height = height;
    this.#appHash = this.#forest.appHash(height);
    this.#latest = this.#forest.stores(height);
  }

  /** History reads the values that a height overwrote from memory: what it has not written yet must stay. */
  #tidy(height: number): void {
    const unread = this.#disk === undefined ? height : this.#disk.history.applied;
    this.#forest.prune(Math.min(height - this.#retainRecent + 1, unread));
    const oldest = oldestKept(this.#pruning, height);
    if (oldest !== undefined) this.#disk?.history.prune(oldest);
  }

  #notRetained(height: number): HeightNotRetained {
    return new HeightNotRetained(height, this.oldestHeight, this.#height);
  }
}

const noRecord = new Uint8Array(0);

/** Brings the state to the log's end, comparing every root, and history with it. */
async function replay(forest: Forest, log: WriteAheadLog, history: History): Promise<Forest> {
  if (log.base === undefined) return forest;
  if (log.base !== 0)
    throw new StoreCorrupt(`the log begins after height ${log.base}, and there is no checkpoint of it`);
  if (history.applied > log.last) await history.truncate(log.last);
  const encoder = new RecordEncoder();
  const first = log.first!;
  for (const record of log.read(first)) {
    const before = forest.height;
    const appHash = forest.apply(record.height, record.changes);
    if (Buffer.compare(appHash, record.appHash) !== 0) throw wrongRoot(record.height, appHash, record.appHash);
    if (record.height > history.applied) {
      const roots = before === 0 ? undefined : forest.rootNodes(before);
      history.push({ height: record.height, record: Uint8Array.from(encoder.encode(record)), roots }, forest.memory);
      history.waitUntilApplied(Math.min(before, record.height - historyLagMax));
    }
    forest.prune(Math.min(record.height - 1, history.applied));
  }
  return forest;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const wrongRoot = (height: number, found: Uint8Array, expected: Uint8Array) =>
  new StoreCorrupt(`replaying height ${height} gives the app hash ${hex(found)}, and the log says ${hex(expected)}`);
