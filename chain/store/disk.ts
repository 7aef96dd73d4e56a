/**
 * The state's disk while the store runs: what each committed height leads to there.
 *
 * Owns when a checkpoint is due, what may be cut, and who reads the past. Does not own the forest, which it is given, nor when a height is
 * published (multistore.ts).
 */
import { join } from "node:path";
import { type CheckpointTask, checkpointBytes, readManifest, setOffered } from "./checkpoint.ts";
import { CheckpointAbandoned, logFloor, needlessCheckpoints } from "./checkpoints.ts";
import type { Files } from "./files.ts";
import type { FilesSource } from "./filessource.ts";
import type { Forest } from "./forest.ts";
import { historyLagMax, type OpenDisk } from "./opening.ts";
import { PastSearch, pastStores } from "./past.ts";
import { oldestKept, type PruningRule } from "./pruning.ts";
import type { LogRecord } from "./record.ts";
import { Replay } from "./replay.ts";
import {
  listSnapshots,
  loadSnapshotChunk,
  type SnapshotInfo,
  type SnapshotRule,
  snapshotOf,
  withdrawOld,
} from "./snapshot.ts";
import { StoreBusy, StoreMisuse, StoreStopped } from "./storeerrors.ts";
import type { ProvenValue, ReadStores } from "./types.ts";
import type { Report } from "./wal.ts";

/** A checkpoint pins a version; when it takes longer than this many times the recent versions, it is given up. */
const pinnedTimesMax = 10;

/** A checkpoint is due when the log since the last one is longer than this and than that checkpoint: replaying it is what a start takes. */
const logBytesBetweenCheckpoints = 64 << 20;

/** One being written, and a snapshot that waits: its height may not be missed. */
const writingMax = 2;

const noRecord = new Uint8Array(0);

export interface DiskOptions {
  readonly storeNames: readonly string[];
  readonly report: Report;
  readonly source: FilesSource | undefined;
  readonly retainRecent: number;
  readonly pruning: PruningRule | undefined;
  readonly checkpointInterval: number;
  readonly snapshot: SnapshotRule;
  readonly chunkBytes: number | undefined;
}

export interface DiskFigures {
  /** Of the log since the newest checkpoint. */
  readonly logBytes: number;
  /** Heights that LevelDB has not written yet, and has not synced yet. */
  readonly historyLag: number;
  readonly historyUnsynced: number;
}

export class Disk {
  readonly #open: OpenDisk;
  readonly #options: DiskOptions;
  #search: PastSearch | undefined;
  #replay: Replay | undefined;
  /** Heights of the checkpoint being written and of one that waits for it; both are pinned in memory. */
  readonly #writing: number[] = [];
  #written: Promise<void> = Promise.resolve();
  #closing = false;
  #logBytes = 0;
  #checkpointBytes = 0;
  #failure: StoreStopped | undefined;

  constructor(open: OpenDisk, options: DiskOptions) {
    this.#open = open;
    this.#options = options;
    const newest = open.checkpoints.heights.at(-1) ?? 0;
    this.#logBytes = open.log.bytesBetween(newest + 1, open.log.last + 1);
    if (newest > 0) this.#checkpointBytes = checkpointBytes(open.files, open.checkpoints.directory, newest);
  }

  /** Why nothing more is accepted. */
  get failure(): StoreStopped | undefined {
    return this.#failure;
  }

  get oldest(): number {
    return this.#open.history.oldest;
  }

  get oldestCheckpoint(): number | undefined {
    return this.#open.checkpoints.heights[0];
  }

  figures(height: number): DiskFigures {
    const { applied, synced } = this.#open.history;
    return {
      logBytes: this.#logBytes,
      historyLag: Math.max(0, height - applied),
      historyUnsynced: Math.max(0, height - synced),
    };
  }

  get checkpointPlace(): { readonly files: Files; readonly directory: string } {
    return { files: this.#open.files, directory: this.#open.checkpoints.directory };
  }

  /** Makes a height durable and hands it to history, which reads from memory what the height overwrote. */
  append(forest: Forest, record: LogRecord, before: number): void {
    const { log, history } = this.#open;
    history.waitUntilApplied(Math.min(before, record.height - historyLagMax));
    const bytes = log.append(record, before);
    this.#logBytes += bytes.length;
    const first = before === 0;
    const roots = first ? undefined : forest.rootNodes(before);
    history.push({ height: record.height, record: first ? noRecord : Uint8Array.from(bytes), roots }, forest.memory);
  }

  /** The version before every height that history has not written yet must stay. */
  oldestInMemory(height: number): number {
    return Math.min(height - this.#options.retainRecent + 1, this.#open.history.applied);
  }

  afterCommit(forest: Forest, height: number, appHash: Uint8Array): void {
    const oldest = oldestKept(this.#options.pruning, height);
    if (oldest !== undefined) this.#open.history.prune(oldest);
    this.#giveUpSlowCheckpoint(height);
    const { checkpointInterval, snapshot, report } = this.#options;
    const offered = snapshot.interval > 0 && height % snapshot.interval === 0;
    const longLog = this.#logBytes > Math.max(logBytesBetweenCheckpoints, this.#checkpointBytes);
    const writing = this.#writing.length;
    if (!offered && height % checkpointInterval !== 0 && !(longLog && writing === 0)) return;
    if (writing < (offered ? writingMax : 1)) this.#beginCheckpoint(forest, height, appHash, offered).catch(() => {});
    else report(`no checkpoint of height ${height}: the one of height ${this.#writing[0]} is still being written`);
  }

  async past(forest: Forest, height: number, checkRetained: () => void): Promise<ReadStores> {
    this.#search ??= new PastSearch(join(this.#open.directory, "history"));
    await this.#search.ready();
    checkRetained();
    return pastStores({ forest, history: this.#open.history, search: this.#search, checkRetained }, height);
  }

  prove(height: number, store: string, key: Uint8Array): Promise<ProvenValue> {
    const { directory, checkpoints, log } = this.#open;
    const { storeNames, source } = this.#options;
    this.#replay ??= new Replay({ directory, storeNames, files: source });
    return this.#replay.prove({ from: checkpoints.below(height) ?? 0, first: log.first ?? 1, height, store, key });
  }

  snapshots(): SnapshotInfo[] {
    return listSnapshots(this.#open.files, this.#open.checkpoints, this.#options.report);
  }

  snapshotChunk(height: number, format: number, index: number): Uint8Array | undefined {
    return loadSnapshotChunk(this.#open.files, this.#open.checkpoints, { height, format, index });
  }

  async createSnapshot(forest: Forest, height: number, appHash: Uint8Array): Promise<SnapshotInfo> {
    const { files, checkpoints } = this.#open;
    if (this.#writing.length >= writingMax) throw new StoreBusy(`${writingMax} checkpoints are being written already`);
    if (checkpoints.heights.includes(height)) setOffered(files, checkpoints.directory, height, true);
    else await this.#beginCheckpoint(forest, height, appHash, true);
    return snapshotOf(readManifest(files, checkpoints.directory, height));
  }

  async deleteSnapshot(height: number): Promise<void> {
    const { files, checkpoints } = this.#open;
    if (!checkpoints.offered.includes(height)) throw new StoreMisuse(`there is no snapshot of height ${height}`);
    setOffered(files, checkpoints.directory, height, false);
    await this.#tidyUp();
  }

  /** The state was restored from a snapshot, which is its first checkpoint. */
  async restored(height: number): Promise<void> {
    this.#open.checkpoints.add(height);
    await this.#open.history.reset(height);
  }

  async idle(): Promise<void> {
    await this.#written;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#open.checkpoints.abandon();
    await this.idle();
    // Whatever was between two steps then may have begun the next one.
    await this.#open.checkpoints.abandon();
    await this.#search?.close();
    await this.#replay?.close();
    this.#open.log.close();
    await this.#open.history.close();
  }

  /** Resolves when it counts. Its failure stops the store, whoever waits for this or not. */
  #beginCheckpoint(forest: Forest, height: number, appHash: Uint8Array, offered: boolean): Promise<void> {
    const { stores, release } = forest.pin(height);
    this.#writing.push(height);
    this.#open.log.roll();
    this.#logBytes = 0;
    const { directory } = this.#open.checkpoints;
    const task = { directory, height, appHash, stores, offered, chunkBytes: this.#options.chunkBytes };
    const done = this.#written
      .then(() => this.#writeCheckpoint(task))
      .finally(() => {
        release();
        this.#writing.shift();
      });
    this.#written = done.catch((error: unknown) => this.#checkpointFailed(height, error));
    return done;
  }

  async #writeCheckpoint(task: CheckpointTask): Promise<void> {
    const { files, checkpoints, history } = this.#open;
    if (this.#closing) throw new CheckpointAbandoned("the store is closing");
    // A start from this checkpoint cannot tell history what was before it.
    await checkpoints.write(task, () => history.sync());
    this.#checkpointBytes = checkpointBytes(files, task.directory, task.height);
    await this.#tidyUp();
  }

  #checkpointFailed(height: number, error: unknown): void {
    if (error instanceof CheckpointAbandoned) {
      if (!this.#closing) this.#options.report(`the checkpoint of height ${height} took too long and was given up`);
      return;
    }
    this.#failure ??=
      error instanceof StoreStopped ? error : new StoreStopped(`writing the checkpoint of height ${height}`, error);
    this.#options.report(this.#failure.message);
  }

  #giveUpSlowCheckpoint(height: number): void {
    const pinned = this.#writing[0] ?? height;
    if (height - pinned > pinnedTimesMax * this.#options.retainRecent) void this.#open.checkpoints.abandon();
  }

  /** Drops the checkpoints and cuts the log that nothing retained needs any more. */
  async #tidyUp(): Promise<void> {
    const { files, checkpoints, log, history } = this.#open;
    withdrawOld(files, checkpoints, this.#options.snapshot);
    const replaying = this.#replay?.floor ?? Number.POSITIVE_INFINITY;
    const oldest = Math.min(this.oldest, replaying);
    await checkpoints.remove(
      needlessCheckpoints({
        heights: checkpoints.heights,
        offered: checkpoints.offered,
        oldest,
        logBytes: (from, to) => log.bytesBetween(from + 1, to + 1),
        checkpointBytes: (height) => checkpointBytes(files, checkpoints.directory, height),
      }),
    );
    const floor = logFloor(checkpoints.heights, oldest);
    if (floor !== undefined) log.cutBelow(Math.min(floor, history.synced) + 1);
  }
}
