/** The worker thread that goes back: it keeps the forest it last used, so that successive heights are cheap. */
import { parentPort, workerData } from "node:worker_threads";
import { loadCheckpoint } from "./checkpoint.ts";
import { type FilesSource, openFiles } from "./filessource.ts";
import { Forest } from "./forest.ts";
import { readLog } from "./logsegment.ts";
import { checkpointDirectory, logDirectory, replayRecord } from "./replaying.ts";
import { NoStoreAtHeight, reasonOf, StoreCorrupt } from "./storeerrors.ts";
import type { ProvenValue } from "./types.ts";

export interface ReplayThreadData {
  readonly directory: string;
  readonly storeNames: readonly string[];
  readonly files: FilesSource | undefined;
}

export interface ReplayRequest {
  readonly id: number;
  readonly from: number;
  /** Oldest height in the log: where a chain without checkpoints begins. */
  readonly first: number;
  readonly height: number;
  readonly store: string;
  readonly key: Uint8Array;
}

export type ReplayAnswer =
  | { readonly type: "proven"; readonly id: number; readonly proven: ProvenValue }
  | {
      readonly type: "absent";
      readonly id: number;
      readonly store: string;
      readonly height: number;
      readonly newest: number;
    }
  | { readonly type: "corrupt" | "failed"; readonly id: number; readonly message: string };

/** Versions kept for the next request. */
const versionsKept = 100;

const { directory, storeNames, files: source }: ReplayThreadData = workerData;
const port = parentPort!;
const files = await openFiles(source);
let forest = Forest.empty(storeNames);

function forestAt({ from, first, height }: ReplayRequest): Forest {
  const usable = forest.height >= from && forest.oldest <= height && forest.height > 0;
  if (!usable) {
    forest = Forest.empty(storeNames);
    if (from > 0) forest = loadCheckpoint(files, checkpointDirectory(directory), from);
  }
  if (forest.height >= height) return forest;
  const next = forest.height === 0 ? first : forest.height + 1;
  for (const record of readLog(files, logDirectory(directory), next, height)) {
    replayRecord(forest, record);
    forest.prune(record.height - versionsKept + 1);
  }
  return forest;
}

function answer(request: ReplayRequest): ReplayAnswer {
  const { id, height, store, key } = request;
  try {
    return { type: "proven", id, proven: forestAt(request).prove(height, store, key) };
  } catch (error) {
    if (error instanceof NoStoreAtHeight) return { type: "absent", id, store, height, newest: forest.height };
    forest = Forest.empty(storeNames);
    return { type: error instanceof StoreCorrupt ? "corrupt" : "failed", id, message: reasonOf(error) };
  }
}

port.on("message", (request: ReplayRequest) => port.postMessage(answer(request)));
