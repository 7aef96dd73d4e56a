/**
 * The write-ahead log: what makes a height durable. One append and one fdatasync a height.
 *
 * Owns the log's files and the rule of what is durable. Does not own the bytes of a record (record.ts), how a file is read (logsegment.ts),
 * nor when old heights may go (multistore.ts).
 *
 * A height is acknowledged only after its fdatasync returned. A record whose acknowledgement never came may still be found at the next
 * start; that is right, because consensus has decided that block and its engine, told the newest height by Info, replays only what is newer.
 */
import { type Files, makeDirectoryDurably, readFile, writeFully } from "./files.ts";
import {
  encodeHeader,
  endOfHeight,
  judgeTail,
  readHeader,
  readLog,
  type Segment,
  segmentHeaderBytes,
  segmentPath,
  segmentPaths,
} from "./logsegment.ts";
import { findIntactRecord, type LogRecord, RecordEncoder } from "./record.ts";
import { StoreCorrupt, StoreMisuse, StoreStopped } from "./storeerrors.ts";

/** A segment that has reached this ends with the height that did so. */
export const segmentBytesMax = 32 << 20;

export type Report = (message: string) => void;

export class WriteAheadLog {
  readonly #files: Files;
  readonly #directory: string;
  readonly #encoder = new RecordEncoder();
  readonly #segments: Segment[] = [];
  #file: number | undefined;
  #end = 0;
  #last = 0;
  #stopped: StoreStopped | undefined;

  private constructor(files: Files, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /** Drops a torn tail, saying so; throws StoreCorrupt for any other damage it meets. Older segments are checked when they are read. */
  static open(files: Files, directory: string, report: Report): WriteAheadLog {
    const log = new WriteAheadLog(files, directory);
    log.#guard("opening the log", () => {
      makeDirectoryDurably(files, directory);
      log.#findSegments(report);
      log.#openNewest(report);
    });
    return log;
  }

  /** Height that the oldest record continues from; undefined when the log is empty. */
  get base(): number | undefined {
    return this.#segments[0]?.base;
  }

  /** Oldest height in the log. */
  get first(): number | undefined {
    return this.#segments[0]?.first;
  }

  /** Newest durable height; 0 when the log is empty. */
  get last(): number {
    return this.#last;
  }

  /** Bytes of the files that hold heights from `from` up to but without `to`. */
  bytesBetween(from: number, to: number): number {
    const within = this.#segments.filter(({ first }) => first >= from && first < to);
    return within.reduce((sum, { path }) => sum + this.#files.sizeOf(path), 0);
  }

  /** Durable when it returns the record's bytes, valid until the next append. `base` is given for the first record, and where the log is continued from a checkpoint beyond its end. */
  append(record: LogRecord, base: number = this.#last): Uint8Array {
    return this.#guard(`writing height ${record.height} to the log`, () => {
      if (this.#last !== 0 && record.height <= this.#last) {
        throw new StoreMisuse(`height ${record.height} is in the log already, which ends at ${this.#last}`);
      }
      const bytes = this.#encoder.encode(record);
      const fresh = this.#file === undefined || this.#end >= segmentBytesMax || base !== this.#last;
      if (fresh) this.#beginSegment(record.height, base);
      writeFully(this.#files, this.#file!, bytes, this.#end);
      this.#files.dataSync(this.#file!);
      if (fresh) this.#files.syncDirectory(this.#directory);
      this.#end += bytes.length;
      this.#last = record.height;
      return bytes;
    });
  }

  /** The next append begins a new file, so that everything before it can be cut exactly there. */
  roll(): void {
    if (this.#file !== undefined) this.#files.close(this.#file);
    this.#file = undefined;
  }

  read(from: number, to: number = this.#last): Generator<LogRecord> {
    return readLog(this.#files, this.#directory, from, to);
  }

  /** Deletes the files that hold only heights below `height`. */
  cutBelow(height: number): void {
    const kept = this.#segments.findLastIndex(({ first }) => first <= height);
    if (kept <= 0) return;
    this.#guard(`cutting the log below height ${height}`, () => {
      for (const { path } of this.#segments.splice(0, kept)) this.#files.unlink(path);
      this.#files.syncDirectory(this.#directory);
    });
  }

  /** Forgets the heights above `height`, newest first, so that a crash between leaves a log without gaps. */
  truncateAfter(height: number): void {
    this.#guard(`cutting the log above height ${height}`, () => {
      this.roll();
      while ((this.#segments.at(-1)?.first ?? 0) > height) this.#dropNewestSegment();
      const newest = this.#segments.at(-1);
      this.#last = newest === undefined ? 0 : Math.min(this.#last, height);
      if (newest !== undefined) this.#truncateSegment(newest, height);
    });
  }

  close(): void {
    this.roll();
  }

  #findSegments(report: Report): void {
    const paths = segmentPaths(this.#files, this.#directory);
    for (const [index, path] of paths.entries()) {
      const segment = readHeader(this.#files, path);
      if (typeof segment !== "string") this.#segments.push(segment);
      else if (index === paths.length - 1 && !this.#holdsRecords(path)) this.#discard(path, segment, report);
      else throw new StoreCorrupt(`${path} cannot be read: ${segment}`);
    }
  }

  /** Opens the newest segment that holds a record; a newer one without any was begun by an append that never ended. */
  #openNewest(report: Report): void {
    for (let segment = this.#segments.at(-1); segment !== undefined; segment = this.#segments.at(-1)) {
      const bytes = readFile(this.#files, segment.path);
      const tail = judgeTail(segment, bytes);
      if (tail.end === segmentHeaderBytes) {
        this.#segments.pop();
        this.#discard(segment.path, "it holds no whole record", report);
        continue;
      }
      const file = this.#files.open(segment.path, "r+");
      this.#file = file;
      if (tail.end < bytes.length) {
        report(
          `${segment.path}: dropped ${bytes.length - tail.end} bytes of an unfinished record behind height ${tail.last}`,
        );
        this.#files.truncate(file, tail.end);
      }
      this.#settle(file, bytes, tail.lastStart, tail.end);
      this.#end = tail.end;
      this.#last = tail.last;
      return;
    }
  }

  /**
   * Writes the header and the last record once more, as they are. After a failed fsync the system may hold them in its cache only and call
   * them clean; nothing may be built on that.
   */
  #settle(file: number, bytes: Uint8Array, lastStart: number, end: number): void {
    writeFully(this.#files, file, bytes.subarray(0, segmentHeaderBytes), 0);
    writeFully(this.#files, file, bytes.subarray(lastStart, end), lastStart);
    this.#files.sync(file);
    this.#files.syncDirectory(this.#directory);
  }

  #holdsRecords(path: string): boolean {
    return findIntactRecord(readFile(this.#files, path), 0) !== undefined;
  }

  #discard(path: string, why: string, report: Report): void {
    report(`${path}: removed, ${why}; its first height was never acknowledged`);
    this.#files.unlink(path);
    this.#files.syncDirectory(this.#directory);
  }

  #beginSegment(first: number, base: number): void {
    this.roll();
    const path = segmentPath(this.#directory, first);
    this.#file = this.#files.open(path, "wx");
    this.#segments.push({ path, first, base });
    writeFully(this.#files, this.#file, encodeHeader(first, base), 0);
    this.#end = segmentHeaderBytes;
  }

  #dropNewestSegment(): void {
    const segment = this.#segments.pop()!;
    this.#files.unlink(segment.path);
    this.#files.syncDirectory(this.#directory);
    this.#last = segment.base;
  }

  #truncateSegment(segment: Segment, height: number): void {
    const whole = readFile(this.#files, segment.path);
    const end = endOfHeight(segment, whole, height);
    const file = this.#files.open(segment.path, "r+");
    this.#file = file;
    this.#files.truncate(file, end);
    this.#files.sync(file);
    this.#end = end;
  }

  /** Once a write has failed, what the disk holds is unknown until the next start reads it: nothing more is written. */
  #guard<T>(doing: string, work: () => T): T {
    if (this.#stopped !== undefined) throw this.#stopped;
    try {
      return work();
    } catch (error) {
      if (error instanceof StoreCorrupt || error instanceof StoreMisuse) throw error;
      this.#stopped = new StoreStopped(doing, error);
      throw this.#stopped;
    }
  }
}
