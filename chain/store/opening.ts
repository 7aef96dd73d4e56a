/**
 * From a folder to the newest durable state: lock, log, newest whole checkpoint, replay.
 *
 * Owns which damage is survived and which refuses to open. Everything that it concludes from hashes it computes anew.
 */
import { join } from "node:path";
import { loadCheckpoint, removeCheckpoint } from "./checkpoint.ts";
import { CheckpointDamaged } from "./checkpointformat.ts";
import { Checkpoints } from "./checkpoints.ts";
import { type Files, makeDirectoryDurably, readFile, writeDurably } from "./files.ts";
import type { FilesSource } from "./filessource.ts";
import { Forest } from "./forest.ts";
import { History, HistoryLocked, HistoryUnreadable } from "./history.ts";
import { RecordEncoder } from "./record.ts";
import { checkpointDirectory, logDirectory, replayRecord } from "./replaying.ts";
import { codeOf, reasonOf, StoreCorrupt, StoreLocked, StoreMisuse, StoreStopped } from "./storeerrors.ts";
import { type Report, WriteAheadLog } from "./wal.ts";

/** Heights that history may lag behind before the next one waits for it. */
export const historyLagMax = 64;

export interface OpenDisk {
  readonly directory: string;
  readonly files: Files;
  readonly log: WriteAheadLog;
  readonly history: History;
  readonly checkpoints: Checkpoints;
  /** What the chain began with, before any upgrade: the log is replayed from there. Undefined where nothing is here yet. */
  readonly firstStores: readonly string[] | undefined;
}

export interface OpeningOptions {
  readonly directory: string;
  readonly storeNames: readonly string[];
  /** What else the state may have, by MultiStoreOptions.earlierStores. */
  readonly earlierStores: readonly (readonly string[])[];
  readonly files: Files;
  readonly source: FilesSource | undefined;
  /** Versions to keep in memory while replaying. */
  readonly retainRecent: number;
  readonly report: Report;
}

const historyDirectory = (directory: string): string => join(directory, "history");

/** Opens what is on disk; the caller closes it. History comes first, because its lock guards all the rest. */
export async function openDisk({ directory, files, source, report }: OpeningOptions): Promise<OpenDisk> {
  stopping("making the state's folder", () => makeDirectoryDurably(files, directory));
  const history = await openHistory(files, directory, report);
  try {
    stopping("noting the process in the state's folder", () => writeDurably(files, holderPath(directory), holder()));
    const log = WriteAheadLog.open(files, logDirectory(directory), report);
    const checkpoints = stopping(
      "looking for checkpoints",
      () => new Checkpoints(files, source, checkpointDirectory(directory)),
    );
    return { directory, files, log, history, checkpoints, firstStores: readNames(files, directory) };
  } catch (error) {
    await history.close();
    throw error;
  }
}

export async function openForest(
  disk: OpenDisk,
  { storeNames, earlierStores, report, retainRecent }: OpeningOptions,
): Promise<Forest> {
  const isNew = disk.log.base === undefined && disk.checkpoints.heights.length === 0;
  if (isNew)
    stopping("noting the names of the stores", () => writeDurably(disk.files, namesPath(disk), namesText(storeNames)));
  try {
    const forest = await startForest(disk, { storeNames: disk.firstStores ?? storeNames, report, retainRecent });
    checkStores(forest, [storeNames, ...earlierStores]);
    return forest;
  } catch (error) {
    throw error instanceof StoreCorrupt ? otherStores(disk, storeNames, error) : error;
  }
}

/** Text of the names that the state was made with. */
const namesPath = ({ directory }: { readonly directory: string }): string => join(directory, "stores");
const namesText = (storeNames: readonly string[]): Uint8Array => Buffer.from([...storeNames].sort().join(", "));

function readNames(files: Files, directory: string): readonly string[] | undefined {
  const path = namesPath({ directory });
  return files.exists(path) ? Buffer.from(readFile(files, path)).toString().split(", ") : undefined;
}

function otherStores(disk: OpenDisk, storeNames: readonly string[], error: StoreCorrupt): Error {
  const madeWith = readNames(disk.files, disk.directory)?.join(", ");
  const expected = Buffer.from(namesText(storeNames)).toString();
  return madeWith === undefined || madeWith === expected ? error : storesDiffer(madeWith, expected);
}

const storesDiffer = (madeWith: string, expected: string): StoreMisuse =>
  new StoreMisuse(
    `this state has the stores ${madeWith}, and this program expects ${expected}: run the version that made it, or begin a new home`,
  );

async function startForest(
  disk: OpenDisk,
  { storeNames, report, retainRecent }: Pick<OpeningOptions, "storeNames" | "report" | "retainRecent">,
): Promise<Forest> {
  const forest = findStart(disk, storeNames, report);
  const { log, history } = disk;
  const end = Math.max(forest.height, log.last);
  if (history.applied > end) {
    report(
      `history reaches height ${history.applied}, the log only ${end}: the heights above are forgotten, to be replayed by the engine`,
    );
    if (end < history.oldest) await history.reset(forest.height);
    else await history.truncate(end);
  }
  if (forest.height > history.applied) {
    report(`history begins at height ${forest.height}: older heights cannot be read any more`);
    await history.reset(forest.height);
  }
  replayLog(disk, forest, retainRecent);
  return forest;
}

/** Only a message's text: the lock itself is LevelDB's, which a dead process cannot hold. */
const holderPath = (directory: string): string => join(directory, "holder");
const holder = (): Uint8Array => Buffer.from(`process ${process.pid}`);

function holderOf(files: Files, directory: string): string {
  const path = holderPath(directory);
  return files.exists(path) ? Buffer.from(readFile(files, path)).toString() : "another process";
}

async function openHistory(files: Files, home: string, report: Report): Promise<History> {
  const directory = historyDirectory(home);
  try {
    return await History.open(directory);
  } catch (error) {
    if (error instanceof HistoryLocked) throw new StoreLocked(home, holderOf(files, home));
    if (!(error instanceof HistoryUnreadable)) throw error;
    report(
      `history in ${directory} is unreadable (${error.message}): it is made anew from the newest checkpoint and the log`,
    );
    stopping("removing unreadable history", () => files.removeTree(directory));
    return await History.open(directory);
  }
}

/** The newest checkpoint from which log and history can be continued, or nothing when the log begins with the chain. */
function findStart(disk: OpenDisk, storeNames: readonly string[], report: Report): Forest {
  const { log, history, checkpoints } = disk;
  const usable = checkpoints.heights.filter((height) => log.base === undefined || height >= log.base).reverse();
  const continuing = usable.filter((height) => height <= history.applied);
  const damaged: number[] = [];
  for (const height of [...continuing, ...usable.filter((height) => height > history.applied)]) {
    const forest = tryCheckpoint(disk, height, report);
    if (forest === undefined) {
      damaged.push(height);
      continue;
    }
    removeDamaged(disk, damaged);
    if (height > log.last && log.last > 0)
      report(`the checkpoint of height ${height} is newer than the log's end, ${log.last}`);
    return forest;
  }
  if (log.base !== 0 && (log.base !== undefined || checkpoints.heights.length > 0)) {
    throw new StoreCorrupt(
      `${disk.directory} has no whole checkpoint that its log continues (log from height ${log.first}, checkpoints ${checkpoints.heights.join(", ") || "none"})`,
    );
  }
  removeDamaged(disk, damaged);
  return Forest.empty(storeNames);
}

/** Once a start is found without them; until then they are evidence. */
function removeDamaged({ files, checkpoints }: OpenDisk, damaged: readonly number[]): void {
  for (const height of damaged) {
    stopping(`removing the damaged checkpoint of height ${height}`, () =>
      removeCheckpoint(files, checkpoints.directory, height),
    );
    checkpoints.drop(height);
  }
}

function tryCheckpoint({ files, checkpoints }: OpenDisk, height: number, report: Report): Forest | undefined {
  try {
    return loadCheckpoint(files, checkpoints.directory, height);
  } catch (error) {
    if (!(error instanceof CheckpointDamaged) && codeOf(error) !== "ENOENT") {
      throw new StoreStopped(`reading the checkpoint of height ${height}`, error);
    }
    report(`the checkpoint of height ${height} is damaged (${reasonOf(error)}): trying an older one`);
    return undefined;
  }
}

function checkStores(forest: Forest, sets: readonly (readonly string[])[]): void {
  const textOf = (names: readonly string[]): string => Buffer.from(namesText(names)).toString();
  const found = textOf(forest.names);
  if (!sets.some((names) => textOf(names) === found)) throw storesDiffer(found, textOf(sets[0]!));
}

/** Brings the state to the log's end, comparing every root, and history with it. */
function replayLog({ log, history }: OpenDisk, forest: Forest, retainRecent: number): void {
  const from = forest.height === 0 ? (log.first ?? 1) : forest.height + 1;
  if (log.last < from) return;
  const encoder = new RecordEncoder();
  for (const record of log.read(from)) {
    const before = forest.height;
    replayRecord(forest, record);
    if (record.height > history.applied) {
      const roots = before === 0 ? undefined : forest.rootNodes(before);
      history.push({ height: record.height, record: Uint8Array.from(encoder.encode(record)), roots }, forest.memory);
      history.waitUntilApplied(Math.min(before, record.height - historyLagMax));
    }
    forest.prune(Math.min(record.height - retainRecent + 1, history.applied));
  }
  history.waitUntilApplied(log.last);
}

function stopping<T>(doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new StoreStopped(doing, error);
  }
}
