/** The worker thread that writes one checkpoint and then, told to, makes it count. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { type CheckpointTask, publishCheckpoint, removeCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { type FilesSource, openFiles } from "./filessource.ts";
import { codeOf, reasonOf } from "./storeerrors.ts";

export interface CheckpointThreadData {
  readonly files: FilesSource | undefined;
  readonly write: CheckpointTask | undefined;
}

export type CheckpointRequest =
  | { readonly type: "publish"; readonly directory: string; readonly height: number }
  | { readonly type: "remove"; readonly directory: string; readonly height: number };

export type CheckpointAnswer =
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly message: string; readonly code: string | undefined };

const data: CheckpointThreadData = workerData;
const port: MessagePort = parentPort!;
const files = await openFiles(data.files);

function answer(work: () => void): void {
  try {
    work();
    port.postMessage({ type: "done" } satisfies CheckpointAnswer);
  } catch (error) {
    port.postMessage({ type: "failed", message: reasonOf(error), code: codeOf(error) } satisfies CheckpointAnswer);
  }
}

port.on("message", ({ type, directory, height }: CheckpointRequest) => {
  answer(() => (type === "publish" ? publishCheckpoint : removeCheckpoint)(files, directory, height));
});
answer(() => {
  if (data.write !== undefined) writeCheckpoint(files, data.write);
});
