/**
 * The committed state: every store's tree in memory, made durable by the log, with its past behind it.
 *
 * Owns the order of things at apply and commit. Does not own the trees (forest.ts), what is on disk (disk.ts), nor how it is opened
 * (opening.ts).
 */
import { createHash } from "node:crypto";
import { Disk, type DiskFigures, type DiskOptions } from "./disk.ts";
import { type Files, nodeFiles } from "./files.ts";
import type { FilesSource } from "./filessource.ts";
import { openFiles } from "./filessource.ts";
import { Forest, type StoreDescriptor } from "./forest.ts";
import { HashTeam } from "./hashteam.ts";
import { openDisk, openForest } from "./opening.ts";
import { type Pruning, pruningRule } from "./pruning.ts";
import { type SnapshotInfo, SnapshotRestore, type SnapshotRule } from "./snapshot.ts";
import { codeOf, HeightNotRetained, StoreMisuse, StoreStopped } from "./storeerrors.ts";
import type { StoreUpgrades } from "./storeupgrades.ts";
import type { MemoryFigures } from "./treememory.ts";
import type { ChangeSet, CommittedState, ProvenValue, ReadStores } from "./types.ts";
import type { Report } from "./wal.ts";

export interface MultiStoreOptions {
  /** Folder of the state; undefined: memory only, and gone at the end. */
  readonly directory?: string | undefined;
  readonly storeNames: readonly string[];
  /** Other sets of stores that a state may have: of before the upgrades that this program brings. */
  readonly earlierStores?: readonly (readonly string[])[] | undefined;
  /** Versions that stay in memory. */
  readonly retainRecent?: number | undefined;
  readonly pruning?: Pruning | undefined;
  /** Every how many heights the state is written whole; what is younger is replayed at start. */
  readonly checkpointInterval?: number | undefined;
  readonly snapshot?: SnapshotRule | undefined;
  /** Takes one line a notable event. */
  readonly log?: Report | undefined;
  /** Told of each fsync of the log: how long it took. */
  readonly onLogSync?: ((seconds: number) => void) | undefined;
  /** For tests: the file operations to use instead of the system's. */
  readonly files?: FilesSource | undefined;
  /** For tests: the size of a checkpoint's chunks. */
  readonly chunkBytes?: number | undefined;
}

export type StoreFigures = MemoryFigures & DiskFigures;

const noDiskFigures: DiskFigures = { logBytes: 0, historyLag: 0, historyUnsynced: 0 };

/** The log alone syncs data. */
function timed(files: Files, onSync: MultiStoreOptions["onLogSync"]): Files {
  if (onSync === undefined) return files;
  return {
    ...files,
    dataSync(file) {
      const begun = performance.now();
      files.dataSync(file);
      onSync((performance.now() - begun) / 1_000);
    },
  };
}

const retainRecentDefault = 100;
const checkpointIntervalDefault = 1000;
const noSnapshots: SnapshotRule = { interval: 0, keepRecent: 2 };

interface Pending {
  readonly height: number;
  readonly changes: ChangeSet;
  readonly appHash: Uint8Array;
  readonly upgrades: StoreUpgrades | undefined;
}

export class MultiStore implements CommittedState {
  readonly #disk: Disk | undefined;
  readonly #retainRecent: number;
  readonly #hashTeam = new HashTeam();
  readonly #earlierStores: readonly (readonly string[])[];
  #forest: Forest;
  #pending: Pending | undefined;
  #height = 0;
  #appHash: Uint8Array = createHash("sha256").digest();
  #latest: ReadStores;
  #stopped: Error | undefined;

  private constructor(
    forest: Forest,
    retainRecent: number,
    disk: Disk | undefined,
    earlierStores: readonly (readonly string[])[],
  ) {
    forest.serve(this.#hashTeam.hash);
    this.#forest = forest;
    this.#retainRecent = retainRecent;
    this.#earlierStores = earlierStores;
    this.#disk = disk;
    this.#latest = forest.stores(forest.height);
    this.#publish(forest.height);
  }

  static async open(options: MultiStoreOptions): Promise<MultiStore> {
    const { directory, storeNames, retainRecent = retainRecentDefault, earlierStores = [] } = options;
    if (directory === undefined) return new MultiStore(Forest.empty(storeNames), retainRecent, undefined, []);
    const files = timed(await openFiles(options.files), options.onLogSync);
    const report = options.log ?? (() => {});
    const opening = { directory, storeNames, earlierStores, retainRecent, files, source: options.files, report };
    const open = await openDisk(opening);
    try {
      const forest = await openForest(open, opening);
      const settings: DiskOptions = {
        storeNames: open.firstStores ?? storeNames,
        report,
        source: options.files,
        retainRecent,
        pruning: pruningRule(options.pruning ?? "default"),
        checkpointInterval: options.checkpointInterval ?? checkpointIntervalDefault,
        snapshot: options.snapshot ?? noSnapshots,
        chunkBytes: options.chunkBytes,
      };
      return new MultiStore(forest, retainRecent, new Disk(open, settings), earlierStores);
    } catch (error) {
      open.log.close();
      await open.history.close();
      throw typed(error);
    }
  }

  get storeNames(): readonly string[] {
    return this.#forest.names;
  }

  /** What the state takes, and how far the disk is behind: for metrics. */
  figures(): StoreFigures {
    return { ...this.#forest.memory.figures(), ...(this.#disk?.figures(this.#height) ?? noDiskFigures) };
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
    return this.#disk?.oldest ?? this.#forest.oldest;
  }

  recent(height: number): ReadStores | undefined {
    if (height === this.#height) return this.#latest;
    const oldest = Math.max(this.oldestHeight, this.#forest.oldest, this.#height - this.#retainRecent + 1);
    if (height > this.#height || height < oldest) return undefined;
    return this.#forest.stores(height);
  }

  /** Describes a height that is in memory for another thread, and keeps it until it is released; undefined when it is not. */
  pin(height: number): { readonly stores: readonly StoreDescriptor[]; readonly release: () => void } | undefined {
    return this.recent(height) === undefined ? undefined : this.#forest.pin(height);
  }

  async at(height: number): Promise<ReadStores> {
    const recent = this.recent(height);
    if (recent !== undefined) return recent;
    this.#checkRetained(height);
    return await this.#disk!.past(this.#forest, height, () => this.#checkRetained(height));
  }

  async prove(height: number, store: string, key: Uint8Array): Promise<ProvenValue> {
    if (this.recent(height) !== undefined) return this.#forest.prove(height, store, key);
    this.#checkRetained(height);
    return await this.#disk!.prove(height, store, key);
  }

  apply(height: number, changes: ChangeSet, upgrades?: StoreUpgrades): Uint8Array {
    this.#checkRunning();
    if (this.#pending !== undefined) {
      throw new StoreMisuse(
        `height ${this.#pending.height} is applied but not committed: commit it before height ${height}`,
      );
    }
    const appHash = this.#forest.apply(height, changes, upgrades);
    this.#pending = { height, changes, appHash, upgrades };
    return appHash;
  }

  /**
   * Durable when it returns. When it throws, the height was not acknowledged; whether it is found at the next start is open, and either is
   * right (wal.ts).
   */
  commit(): void {
    this.#checkRunning();
    const pending = this.#pending;
    if (pending === undefined) throw new StoreMisuse("nothing is applied that could be committed");
    this.#stopping(() => this.#disk?.append(this.#forest, pending, this.#height));
    this.#pending = undefined;
    this.#publish(pending.height);
    this.#forest.prune(this.#disk?.oldestInMemory(pending.height) ?? pending.height - this.#retainRecent + 1);
    this.#stopping(() => this.#disk?.afterCommit(this.#forest, pending.height, pending.appHash));
  }

  // ------------------------------------------------------------------------------------------------------------ snapshots

  /** The lowest height that is kept whole, offered to others or not. */
  get oldestCheckpoint(): number | undefined {
    return this.#disk?.oldestCheckpoint;
  }

  /** Newest first. */
  snapshots(): SnapshotInfo[] {
    return this.#disk?.snapshots() ?? [];
  }

  snapshotChunk(height: number, format: number, index: number): Uint8Array | undefined {
    return this.#disk?.snapshotChunk(height, format, index);
  }

  /** Makes one of the newest height, while blocks go on. */
  async createSnapshot(): Promise<SnapshotInfo> {
    this.#checkRunning();
    if (this.#disk === undefined || this.#height === 0) throw new StoreMisuse("there is no state on disk to snapshot");
    return await this.#disk.createSnapshot(this.#forest, this.#height, this.#appHash);
  }

  async deleteSnapshot(height: number): Promise<void> {
    await this.#disk?.deleteSnapshot(height);
  }

  /** Begins to restore a snapshot into this empty store; throws SnapshotRejected when it cannot be the trusted one. */
  beginRestore(info: SnapshotInfo, trustedAppHash: Uint8Array): SnapshotRestore {
    this.#checkRunning();
    if (this.#height !== 0 || this.#pending !== undefined) {
      throw new StoreMisuse(`a snapshot restores an empty state, and this one is at height ${this.#height}`);
    }
    const { files, directory } = this.#disk?.checkpointPlace ?? { files: nodeFiles, directory: undefined };
    const storeSets = [this.storeNames, ...this.#earlierStores];
    return new SnapshotRestore({ files, directory, storeSets }, info, trustedAppHash);
  }

  /** After the last chunk: checks the app hash and makes the restored state this store's own. */
  async finishRestore(restore: SnapshotRestore): Promise<void> {
    this.#checkRunning();
    const forest = restore.finish();
    await this.#disk?.restored(forest.height);
    forest.serve(this.#hashTeam.hash);
    this.#forest = forest;
    this.#publish(forest.height);
  }

  // -------------------------------------------------------------------------------------------------------------- the end

  /** Resolves when no checkpoint or snapshot is being written. */
  async idle(): Promise<void> {
    await this.#disk?.idle();
  }

  async close(): Promise<void> {
    this.#stopped ??= new StoreMisuse("the store is closed");
    await this.#hashTeam.close();
    await this.#disk?.close();
  }

  #publish(height: number): void {
    if (height === 0) return;
    this.#height = height;
    this.#appHash = this.#forest.appHash(height);
    this.#latest = this.#forest.stores(height);
  }

  #checkRunning(): void {
    this.#stopped ??= this.#disk?.failure;
    if (this.#stopped !== undefined) throw this.#stopped;
  }

  #checkRetained(height: number): void {
    if (height < this.oldestHeight || height > this.#height || height < 1 || this.#disk === undefined) {
      const oldest = this.#disk === undefined ? this.#forest.oldest : this.oldestHeight;
      throw new HeightNotRetained(height, oldest, this.#height);
    }
  }

  #stopping(work: () => void): void {
    try {
      work();
    } catch (error) {
      const stopped = typed(error);
      this.#stopped = stopped;
      throw stopped;
    }
  }
}

/** What the system says of a file, in the store's own words; anything else as it is. */
function typed(error: unknown): Error {
  if (error instanceof Error && (error.name.startsWith("Store") || !/^E[A-Z0-9]+$/.test(codeOf(error) ?? "")))
    return error;
  return new StoreStopped("work on the state's files", error);
}
