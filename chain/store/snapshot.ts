/**
 * State-sync snapshots: checkpoints offered to others, and the restoring of one that another node offers.
 *
 * Owns what is offered and every check on what is restored. Does not own the bytes (checkpointformat.ts) nor whom to trust: the app hash
 * comes from a light client.
 */
import { CheckpointWriter, publishCheckpoint, readChunk, readManifest, setOffered } from "./checkpoint.ts";
import {
  CheckpointDamaged,
  CheckpointImporter,
  checkpointFormat,
  decodeManifest,
  encodeManifest,
  type Manifest,
  sha256,
} from "./checkpointformat.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Files } from "./files.ts";
import type { Forest } from "./forest.ts";
import { reasonOf, SnapshotRejected, StoreStopped } from "./storeerrors.ts";
import type { Report } from "./wal.ts";

/** What ABCI calls a snapshot. */
export interface SnapshotInfo {
  readonly height: number;
  readonly format: number;
  readonly chunks: number;
  /** SHA-256 of the metadata. */
  readonly hash: Uint8Array;
  /** The manifest: height, app hash and the hash of every chunk. */
  readonly metadata: Uint8Array;
}

export interface SnapshotRule {
  /** Every how many heights one is made; 0: never. */
  readonly interval: number;
  /** How many stay; 0: all. */
  readonly keepRecent: number;
}

export function snapshotOf(manifest: Manifest): SnapshotInfo {
  const metadata = encodeManifest(manifest);
  const { height, chunkHashes } = manifest;
  return { height, format: checkpointFormat, chunks: chunkHashes.length, hash: sha256(metadata), metadata };
}

/** Newest first. A damaged one is left out, and said so. */
export function listSnapshots(files: Files, { directory, offered }: Checkpoints, report: Report): SnapshotInfo[] {
  const snapshots: SnapshotInfo[] = [];
  for (const height of offered.toReversed()) {
    try {
      snapshots.push(snapshotOf(readManifest(files, directory, height)));
    } catch (error) {
      if (!(error instanceof CheckpointDamaged)) throw error;
      report(`the snapshot of height ${height} is damaged and not offered: ${error.message}`);
    }
  }
  return snapshots;
}

/** undefined when there is no such chunk. A chunk damaged on disk is never handed out. */
export function loadSnapshotChunk(
  files: Files,
  { directory, offered }: Checkpoints,
  { height, format, index }: { readonly height: number; readonly format: number; readonly index: number },
): Uint8Array | undefined {
  if (format !== checkpointFormat || !offered.includes(height)) return undefined;
  const expected = readManifest(files, directory, height).chunkHashes[index];
  if (expected === undefined) return undefined;
  const chunk = readChunk(files, directory, height, index);
  if (Buffer.compare(sha256(chunk), expected) !== 0) {
    throw new CheckpointDamaged(
      `chunk ${index} of the snapshot of height ${height} is damaged on disk: delete that snapshot`,
    );
  }
  return chunk;
}

/** The offered ones that a rule does not keep, which are offered no more. */
export function withdrawOld(files: Files, { directory, offered }: Checkpoints, { keepRecent }: SnapshotRule): void {
  if (keepRecent === 0) return;
  for (const height of offered.slice(0, -keepRecent)) setOffered(files, directory, height, false);
}

export interface RestoreTarget {
  readonly files: Files;
  /** Folder of checkpoints; undefined: memory only. */
  readonly directory: string | undefined;
  /** One of these the snapshot must have. */
  readonly storeSets: readonly (readonly string[])[];
}

/** One snapshot on its way in. What it has written counts for nothing until the last chunk has led to the right app hash. */
export class SnapshotRestore {
  readonly info: SnapshotInfo;
  readonly #target: RestoreTarget;
  readonly #importer: CheckpointImporter;
  readonly #writer: CheckpointWriter | undefined;

  /** `appHash` is the trusted one: a light client's, not the offer's. */
  constructor(target: RestoreTarget, info: SnapshotInfo, appHash: Uint8Array) {
    this.info = info;
    this.#target = target;
    const manifest = checkedManifest(info, appHash);
    this.#importer = new CheckpointImporter(manifest);
    const { files, directory } = target;
    if (directory !== undefined) this.#writer = stopping(() => new CheckpointWriter(files, directory, info.height));
  }

  /** Index of the chunk that comes next. */
  get next(): number {
    return this.#importer.next;
  }

  /** "retry": this is not the chunk that the snapshot promised; nothing is lost, ask another peer for it. */
  add(index: number, chunk: Uint8Array): "accepted" | "retry" {
    const expected = this.#importer.manifest.chunkHashes[index];
    if (index !== this.next || expected === undefined) return "retry";
    if (Buffer.compare(sha256(chunk), expected) !== 0) return "retry";
    try {
      this.#importer.push(chunk);
    } catch (error) {
      throw this.#reject(error);
    }
    stopping(() => this.#writer?.chunk(index, chunk));
    return "accepted";
  }

  /** After the last chunk: the state, durable as a checkpoint. */
  finish(): Forest {
    const { files, directory, storeSets } = this.#target;
    const forest = this.#imported();
    const found = forest.names.join(", ");
    const expected = storeSets.map((names) => [...names].sort().join(", "));
    if (!expected.includes(found)) {
      throw this.#reject(new Error(`it has the stores ${found}, expected ${expected.join("; or ")}`));
    }
    if (this.#writer === undefined || directory === undefined) return forest;
    stopping(() => {
      this.#writer?.finish(this.#importer.manifest, false);
      publishCheckpoint(files, directory, this.info.height);
    });
    return forest;
  }

  abandon(): void {
    stopping(() => this.#writer?.abandon());
  }

  #imported(): Forest {
    try {
      return this.#importer.finish();
    } catch (error) {
      throw this.#reject(error);
    }
  }

  #reject(error: unknown): SnapshotRejected {
    this.abandon();
    return new SnapshotRejected(reasonOf(error));
  }
}

function checkedManifest({ height, format, chunks, hash, metadata }: SnapshotInfo, appHash: Uint8Array): Manifest {
  if (format !== checkpointFormat) {
    throw new SnapshotRejected(`its format is ${format}, this program reads ${checkpointFormat}`);
  }
  if (Buffer.compare(sha256(metadata), hash) !== 0) throw new SnapshotRejected("its hash is not that of its metadata");
  const manifest = decoded(metadata);
  if (manifest.height !== height || manifest.chunkHashes.length !== chunks) {
    throw new SnapshotRejected(
      `its metadata says height ${manifest.height} and ${manifest.chunkHashes.length} chunks, the offer ${height} and ${chunks}`,
    );
  }
  if (Buffer.compare(manifest.appHash, appHash) !== 0) {
    throw new SnapshotRejected(`its app hash is ${hex(manifest.appHash)}, the trusted one ${hex(appHash)}`);
  }
  return manifest;
}

function decoded(metadata: Uint8Array): Manifest {
  try {
    return decodeManifest(metadata);
  } catch (error) {
    throw new SnapshotRejected(reasonOf(error));
  }
}

function stopping<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new StoreStopped("writing the snapshot that is being restored", error);
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
