/**
 * Where a home keeps snapshots: those it made beside the state, and those that were carried here. Owns that the two never mix: what came
 * from elsewhere must not be taken for this node's own state, nor be offered to others, before its app hash was checked.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CheckpointWriter, publishCheckpoint, removeCheckpoint } from "../chain/store/checkpoint.ts";
import { CheckpointDamaged, decodeManifest, type Manifest, sha256 } from "../chain/store/checkpointformat.ts";
import { Checkpoints } from "../chain/store/checkpoints.ts";
import { nodeFiles } from "../chain/store/files.ts";
import { checkpointDirectory } from "../chain/store/replaying.ts";
import { listSnapshots, loadSnapshotChunk, type SnapshotInfo, snapshotOf } from "../chain/store/snapshot.ts";
import { UsageError } from "./arguments.ts";
import type { Home } from "./home.ts";
import { progressOf } from "./progress.ts";
import { ArchiveDamaged, readArchive } from "./snapshotarchive.ts";
import { requireData } from "./stopped.ts";

export interface KeptSnapshot {
  readonly info: SnapshotInfo;
  readonly isLoaded: boolean;
  /** Throws where it is damaged on disk. */
  chunk(index: number): Uint8Array;
}

const loadedFolder = ({ data }: Home): string => join(data, "loaded-snapshots");

/** Without opening the state, which may be what has to be mended. Newest first, this node's own before loaded ones. */
export function snapshotsOf(home: Home, report: (text: string) => void): KeptSnapshot[] {
  const loaded = loadedFolder(home);
  if (!existsSync(loaded)) requireData(home);
  const places = [checkpointDirectory(home.applicationData), loaded];
  return places
    .flatMap((directory) => {
      const checkpoints = new Checkpoints(nodeFiles, undefined, directory);
      const infos = listSnapshots(nodeFiles, checkpoints, (message) => report(`${message}\n`));
      return infos.map((info) => kept(info, checkpoints, directory === loaded));
    })
    .sort((a, b) => b.info.height - a.info.height);
}

const kept = (info: SnapshotInfo, checkpoints: Checkpoints, isLoaded: boolean): KeptSnapshot => ({
  info,
  isLoaded,
  chunk(index) {
    const bytes = loadSnapshotChunk(nodeFiles, checkpoints, { ...info, index });
    if (bytes !== undefined) return bytes;
    throw new CheckpointDamaged(
      `chunk ${index} of the snapshot of height ${info.height} is missing: take another snapshot`,
    );
  },
});

export function snapshotAt(snapshots: readonly KeptSnapshot[], height: number): KeptSnapshot {
  const found = snapshots.find(({ info }) => info.height === height);
  if (found !== undefined) return found;
  const there = snapshots.map(({ info }) => info.height).join(", ");
  throw new UsageError(
    `there is no snapshot of height ${height}${there === "" ? ", nor of another" : `; there are ${there}`}`,
  );
}

interface Taking {
  readonly manifest: Manifest;
  readonly writer: CheckpointWriter;
  readonly progress: (done: number) => void;
}

/** Takes an archive in, each chunk checked against what its description promises. */
export async function loadArchive(home: Home, path: string, say: (text: string) => void): Promise<SnapshotInfo> {
  if (!existsSync(path)) throw new UsageError(`${path} is neither a height nor a file`);
  const folder = loadedFolder(home);
  let open: Taking | undefined;
  try {
    await readArchive(
      path,
      (info) => {
        const manifest = promised(info);
        const progress = progressOf(say, "chunks read", info.chunks);
        open = { manifest, progress, writer: new CheckpointWriter(nodeFiles, folder, manifest.height) };
      },
      (index, bytes) => {
        if (Buffer.compare(sha256(bytes), open!.manifest.chunkHashes[index]!) !== 0) {
          throw new ArchiveDamaged(`chunk ${index} is not the one that its description promises`);
        }
        open!.writer.chunk(index, bytes);
        open!.progress(index + 1);
      },
    );
    open!.writer.finish(open!.manifest, true);
    publishCheckpoint(nodeFiles, folder, open!.manifest.height);
    return snapshotOf(open!.manifest);
  } catch (error) {
    open?.writer.abandon();
    if (error instanceof ArchiveDamaged || error instanceof CheckpointDamaged) {
      throw new Error(`${path} is no good archive of a snapshot: ${error.message}. Nothing of it was kept`);
    }
    throw error;
  }
}

function promised(info: SnapshotInfo): Manifest {
  const manifest = decodeManifest(info.metadata);
  const { height, format, chunks, hash } = snapshotOf(manifest);
  const isSame = height === info.height && format === info.format && chunks === info.chunks;
  if (!isSame || Buffer.compare(hash, info.hash) !== 0) throw new ArchiveDamaged("its description contradicts itself");
  return manifest;
}

export const deleteLoaded = (home: Home, height: number): void =>
  removeCheckpoint(nodeFiles, loadedFolder(home), height);
