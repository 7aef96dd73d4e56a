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

/** The row of a key that says what it was at the height asked for. */
export interface PastRow {
  readonly key: Uint8Array;
  /** The height that wrote the row. */
  readonly height: number;
  /** True: the first row above the height asked for, which holds the answer. False: the last one up to it; the answer is the present. */
  readonly above: boolean;
  /** Version of the leaf before; 0: absent. */
  readonly version: number;
  readonly deleted: boolean;
  readonly value: Uint8Array;
}

export type PastAnswer =
  | { readonly type: "rows"; readonly rows: readonly PastRow[]; readonly more: boolean }
  | { readonly type: "failed"; readonly message: string };

/** Numbered, because a reader that has lost patience asks something else while the answer is still on its way. */
export interface PastQuestion {
  readonly id: number;
  readonly request: PastRequest;
}

export interface PastReply {
  readonly id: number;
  readonly answer: PastAnswer;
}
