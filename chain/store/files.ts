/**
 * The one door to the disk for what the store writes itself (LevelDB has its own).
 *
 * Owns the list of operations, so that tests can fail any of them, and their durable compositions. Does not own what is written.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

export interface Files {
  open(path: string, flags: "r" | "r+" | "wx" | "w"): number;
  close(file: number): void;
  size(file: number): number;
  read(file: number, target: Uint8Array, offset: number, length: number, position: number): number;
  /** May write less than asked. */
  write(file: number, source: Uint8Array, offset: number, length: number, position: number): number;
  dataSync(file: number): void;
  sync(file: number): void;
  truncate(file: number, length: number): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  removeTree(path: string): void;
  /** Makes missing parents too. */
  makeDirectory(path: string): void;
  /** Makes the names in a folder durable. */
  syncDirectory(path: string): void;
  list(path: string): string[];
  exists(path: string): boolean;
  sizeOf(path: string): number;
}

export const nodeFiles: Files = {
  open: (path, flags) => openSync(path, flags, 0o600),
  close: (file) => closeSync(file),
  size: (file) => fstatSync(file).size,
  read: (file, target, offset, length, position) => readSync(file, target, offset, length, position),
  write: (file, source, offset, length, position) => writeSync(file, source, offset, length, position),
  dataSync: (file) => fdatasyncSync(file),
  sync: (file) => fsyncSync(file),
  truncate: (file, length) => ftruncateSync(file, length),
  rename: (from, to) => renameSync(from, to),
  unlink: (path) => unlinkSync(path),
  removeTree: (path) => rmSync(path, { recursive: true, force: true }),
  makeDirectory: (path) => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  },
  syncDirectory: (path) => {
    const directory = openSync(path, "r");
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  },
  list: (path) => readdirSync(path),
  exists: (path) => existsSync(path),
  sizeOf: (path) => statSync(path).size,
};

/** Writes all of `bytes` at `position`, in as many calls as the system needs. */
export function writeFully(files: Files, file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const written = files.write(file, bytes, done, bytes.length - done, position + done);
    if (written <= 0) throw new Error(`a write of ${bytes.length - done} bytes wrote none`);
    done += written;
  }
}

/** Reads up to `length` bytes at `position`; fewer only where the file ends. */
export function readFully(files: Files, file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const read = files.read(file, bytes, done, length - done, position + done);
    if (read === 0) return bytes.subarray(0, done);
    done += read;
  }
  return bytes;
}

export function readFile(files: Files, path: string): Uint8Array {
  const file = files.open(path, "r");
  try {
    return readFully(files, file, 0, files.size(file));
  } finally {
    files.close(file);
  }
}

/** A new file whose bytes are durable when this returns; its name is durable once its folder is synced. */
export function writeDurably(files: Files, path: string, bytes: Uint8Array): void {
  const file = files.open(path, "w");
  try {
    writeFully(files, file, bytes, 0);
    files.sync(file);
  } finally {
    files.close(file);
  }
}

/** Makes a folder whose name survives a power cut. */
export function makeDirectoryDurably(files: Files, path: string): void {
  if (files.exists(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectoryDurably(files, parent);
  files.makeDirectory(path);
  files.syncDirectory(parent);
}
