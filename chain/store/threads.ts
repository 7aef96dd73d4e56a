/** Starts the store's worker threads. */
import { extname } from "node:path";
import { type Transferable, Worker } from "node:worker_threads";

/** Source or compiled, as this file is. */
const extension = extname(import.meta.url);

/** `name` is a file beside this one. Flags of the process that say how to read its main program would keep a thread from starting. */
export const startThread = (name: string, workerData: unknown, transferList: readonly Transferable[] = []): Worker =>
  new Worker(new URL(`./${name}${extension}`, import.meta.url), {
    workerData,
    transferList: [...transferList],
    execArgv: [],
  });
