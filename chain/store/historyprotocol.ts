/** What the committing thread and the thread that writes history say to each other. */
import type { MessagePort } from "node:worker_threads";

/** Places in the memory that both share: the newest height written, the newest made durable, the oldest readable, 1 once failed. */
export const slot = { applied: 0, synced: 1, oldest: 2, failed: 3 } as const;

/** One height's record as the log holds it, and where the values are that it overwrote. */
export interface HistoryBlock {
  readonly height: number;
  readonly record: Uint8Array;
  /** Root node by store, before this height; undefined for a chain's first height, which overwrites nothing. */
  readonly roots: ReadonlyMap<string, number> | undefined;
}

export interface HistoryThreadData {
  readonly directory: string;
  readonly port: MessagePort;
  /** One number a slot. */
  readonly shared: Int32Array;
}

/** Where values stand; sent again only when there are more chunks. */
export interface MemoryChunks {
  readonly nodeChunks: readonly SharedArrayBuffer[];
  readonly byteChunks: readonly SharedArrayBuffer[];
}

export type HistoryRequest =
  | { readonly type: "write"; readonly block: HistoryBlock; readonly chunks: MemoryChunks | undefined }
  | { readonly type: "prune"; readonly oldest: number }
  | { readonly type: "sync" | "close"; readonly id: number }
  | { readonly type: "truncate" | "reset"; readonly id: number; readonly height: number };

export type HistoryAnswer =
  | { readonly type: "opened" }
  | { readonly type: "done"; readonly id: number }
  | { readonly type: "failed"; readonly message: string; readonly code: string | undefined };
