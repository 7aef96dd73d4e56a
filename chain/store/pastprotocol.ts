/** What a reader of past heights and the thread that searches history for it say to each other. */
import type { MessagePort } from "node:worker_threads";

export interface PastThreadData {
  readonly directory: string;
  readonly port: MessagePort;
  /** Counts answers; the reader waits for it to change. */
  readonly answered: Int32Array;
}

export type PastRequest =
  | { readonly type: "first"; readonly store: string; readonly key: Uint8Array; readonly height: number }
  | {
      readonly type: "scan";
      readonly store: string;
      readonly start: Uint8Array | undefined;
      readonly end: Uint8Array | undefined;
      readonly reverse: boolean;
      readonly height: number;
    };

/** What a key was before it was first overwritten above a height. */
export interface PastRow {
  readonly key: Uint8Array;
  /** The height that overwrote it. */
  readonly height: number;
  /** Version of the leaf before; 0: absent. */
  readonly version: number;
  readonly value: Uint8Array;
}

export type PastAnswer =
  | { readonly type: "rows"; readonly rows: readonly PastRow[]; readonly more: boolean }
  | { readonly type: "failed"; readonly message: string };
