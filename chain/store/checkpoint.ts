/**
 * Checkpoints on disk: a folder a height, with its manifest and chunks.
 *
 * Owns their files and that a half-written one is never taken for a whole one. Does not own the bytes (checkpointformat.ts), nor when one is
 * made or dropped (checkpoints.ts).
 *
 *   <height>/manifest     the manifest, then its SHA-256
 *   <height>/<index>      chunks
 *   <height>/offered      present when it is offered to others as a snapshot
 *   .new-<height>/        one being written, .old-<height>/ one being deleted: neither counts, both are removed at the next start
 */
import { join } from "node:path";
import {
  CheckpointDamaged,
  CheckpointImporter,
  decodeManifest,
  encodeManifest,
  exportChunks,
  type Manifest,
  sha256,
} from "./checkpointformat.ts";
import { type Files, makeDirectoryDurably, readFile, writeDurably } from "./files.ts";
import type { Forest, StoreDescriptor } from "./forest.ts";
import { heightName } from "./logsegment.ts";

const checkpointName = /^\d{16}$/;
const unfinishedName = /^\.(new|old)-/;
const hashBytes = 32;
const chunkDigits = 5;

const chunkName = (index: number): string => String(index).padStart(chunkDigits, "0");
const pathOf = (directory: string, height: number): string => join(directory, heightName(height));
const newPathOf = (directory: string, height: number): string => join(directory, `.new-${heightName(height)}`);

export interface CheckpointTask {
  readonly directory: string;
  readonly height: number;
  readonly appHash: Uint8Array;
  readonly stores: readonly StoreDescriptor[];
  readonly offered: boolean;
  readonly chunkBytes?: number | undefined;
}

/** Writes a checkpoint beside the others without making it one of them. Runs in a worker thread. */
export function writeCheckpoint(files: Files, task: CheckpointTask): Manifest {
  const { directory, height, appHash } = task;
  const writer = new CheckpointWriter(files, directory, height);
  const chunkHashes: Uint8Array[] = [];
  let bytes = 0;
  for (const chunk of exportChunks(height, appHash, task.stores, task.chunkBytes)) {
    writer.chunk(chunkHashes.length, chunk);
    chunkHashes.push(sha256(chunk));
    bytes += chunk.length;
  }
  const manifest = { height, appHash, bytes, chunkHashes };
  writer.finish(manifest, task.offered);
  return manifest;
}

/** The files of a checkpoint that is not yet one. */
export class CheckpointWriter {
  readonly #files: Files;
  readonly #path: string;

  constructor(files: Files, directory: string, height: number) {
    this.#files = files;
    this.#path = newPathOf(directory, height);
    makeDirectoryDurably(files, directory);
    files.removeTree(this.#path);
    files.makeDirectory(this.#path);
  }

  chunk(index: number, bytes: Uint8Array): void {
    writeDurably(this.#files, join(this.#path, chunkName(index)), bytes);
  }

  finish(manifest: Manifest, offered: boolean): void {
    const encoded = encodeManifest(manifest);
    writeDurably(this.#files, join(this.#path, "manifest"), Buffer.concat([encoded, sha256(encoded)]));
    if (offered) writeDurably(this.#files, join(this.#path, "offered"), new Uint8Array(0));
    this.#files.syncDirectory(this.#path);
  }

  abandon(): void {
    this.#files.removeTree(this.#path);
  }
}

/** Makes a written checkpoint count, all at once. */
export function publishCheckpoint(files: Files, directory: string, height: number): void {
  removeCheckpoint(files, directory, height);
  files.rename(newPathOf(directory, height), pathOf(directory, height));
  files.syncDirectory(directory);
}

export function removeCheckpoint(files: Files, directory: string, height: number): void {
  const path = pathOf(directory, height);
  if (!files.exists(path)) return;
  const old = join(directory, `.old-${heightName(height)}`);
  files.removeTree(old);
  files.rename(path, old);
  files.syncDirectory(directory);
  files.removeTree(old);
}

/** Heights with a checkpoint, ascending; first removes what a crash left unfinished. */
export function findCheckpoints(files: Files, directory: string): number[] {
  if (!files.exists(directory)) return [];
  const names = files.list(directory);
  for (const name of names) if (unfinishedName.test(name)) files.removeTree(join(directory, name));
  return names
    .filter((name) => checkpointName.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

export function readManifest(files: Files, directory: string, height: number): Manifest {
  const bytes = readFile(files, join(pathOf(directory, height), "manifest"));
  const encoded = bytes.subarray(0, Math.max(0, bytes.length - hashBytes));
  if (Buffer.compare(sha256(encoded), bytes.subarray(encoded.length)) !== 0) {
    throw new CheckpointDamaged("its manifest has a wrong hash");
  }
  const manifest = decodeManifest(encoded);
  if (manifest.height !== height) throw new CheckpointDamaged(`its manifest says height ${manifest.height}`);
  return manifest;
}

export const readChunk = (files: Files, directory: string, height: number, index: number): Uint8Array =>
  readFile(files, join(pathOf(directory, height), chunkName(index)));

/** Bytes of its files; of a damaged one too. */
export function checkpointBytes(files: Files, directory: string, height: number): number {
  const path = pathOf(directory, height);
  return files.list(path).reduce((sum, name) => sum + files.sizeOf(join(path, name)), 0);
}

export const isOffered = (files: Files, directory: string, height: number): boolean =>
  files.exists(join(pathOf(directory, height), "offered"));

export function setOffered(files: Files, directory: string, height: number, offered: boolean): void {
  const path = join(pathOf(directory, height), "offered");
  if (files.exists(path) === offered) return;
  if (offered) writeDurably(files, path, new Uint8Array(0));
  else files.unlink(path);
  files.syncDirectory(pathOf(directory, height));
}

/** Reads a checkpoint whole, every hash computed anew; throws CheckpointDamaged, or what the system says of a file that is missing. */
export function loadCheckpoint(files: Files, directory: string, height: number): Forest {
  const importer = new CheckpointImporter(readManifest(files, directory, height));
  for (let index = 0; index < importer.manifest.chunkHashes.length; index++) {
    importer.push(readChunk(files, directory, height, index));
  }
  return importer.finish();
}
