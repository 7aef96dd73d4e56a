/** The worker thread that writes, publishes and removes checkpoints. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { type CheckpointTask, publishCheckpoint, removeCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { Files } from "./files.ts";
import { type FilesSource, openFiles } from "./filessource.ts";
import { codeOf, reasonOf } from "./storeerrors.ts";

export interface CheckpointThreadData {
  readonly files: FilesSource | undefined;
}

export type CheckpointRequest =
  | { readonly type: "write"; readonly task: CheckpointTask }
  | { readonly type: "publish" | "remove"; readonly directory: string; readonly height: number };

export type CheckpointAnswer =
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly message: string; readonly code: string | undefined };

function work(files: Files, request: CheckpointRequest): void {
  if (request.type === "write") writeCheckpoint(files, request.task);
  else if (request.type === "publish") publishCheckpoint(files, request.directory, request.height);
  else removeCheckpoint(files, request.directory, request.height);
}

function answer(files: Files, request: CheckpointRequest): CheckpointAnswer {
  try {
    work(files, request);
    return { type: "done" };
  } catch (error) {
    return { type: "failed", message: reasonOf(error), code: codeOf(error) };
  }
}

const data: CheckpointThreadData = workerData;
const port: MessagePort = parentPort!;
const files = await openFiles(data.files);
port.on("message", (request: CheckpointRequest) => port.postMessage(answer(files, request)));
