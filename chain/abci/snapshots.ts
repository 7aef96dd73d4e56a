/** State sync's four calls. Owns the mapping to ABCI's answers; chain/store makes, checks and restores the snapshots themselves. */
import {
  ResponseApplySnapshotChunk_Result as Applied,
  ResponseOfferSnapshot_Result as Offered,
  type RequestApplySnapshotChunk,
  type RequestLoadSnapshotChunk,
  type RequestOfferSnapshot,
  type ResponseApplySnapshotChunk,
  type ResponseListSnapshots,
  type ResponseLoadSnapshotChunk,
  type ResponseOfferSnapshot,
} from "../../proto/gen/tendermint/abci/types.ts";
import type { Log } from "../log.ts";
import { checkpointFormat } from "../store/checkpointformat.ts";
import type { SnapshotInfo, SnapshotRestore } from "../store/snapshot.ts";
import { SnapshotRejected } from "../store/storeerrors.ts";

/** What state sync needs of the store. */
export interface SnapshotStore {
  readonly height: number;
  /** The lowest height that the state is kept whole of on disk: the blocks above it may have to be executed again. */
  readonly oldestCheckpoint: number | undefined;
  snapshots(): readonly SnapshotInfo[];
  snapshotChunk(height: number, format: number, index: number): Uint8Array | undefined;
  beginRestore(info: SnapshotInfo, trustedAppHash: Uint8Array): SnapshotRestore;
  finishRestore(restore: SnapshotRestore): Promise<void>;
}

const asOffered = (result: Offered): ResponseOfferSnapshot => ({ result });
const asApplied = (result: Applied, refetchChunks: number[] = [], rejectSenders: string[] = []) => ({
  result,
  refetchChunks,
  rejectSenders,
});

export class StateSync {
  readonly #store: SnapshotStore;
  readonly #log: Log;
  #restore: SnapshotRestore | undefined;

  constructor(store: SnapshotStore, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  list(): ResponseListSnapshots {
    const snapshots = this.#store.snapshots().map((info) => ({ ...info, height: BigInt(info.height) }));
    return { snapshots };
  }

  load({ height, format, chunk }: RequestLoadSnapshotChunk): ResponseLoadSnapshotChunk {
    return { chunk: this.#store.snapshotChunk(Number(height), format, chunk) ?? new Uint8Array(0) };
  }

  /** A new offer ends the one before it: CometBFT takes up another snapshot when it has given one up. */
  offer({ snapshot, appHash }: RequestOfferSnapshot): ResponseOfferSnapshot {
    this.#restore?.abandon();
    this.#restore = undefined;
    if (snapshot === undefined) return asOffered(Offered.REJECT);
    if (snapshot.format !== checkpointFormat) return asOffered(Offered.REJECT_FORMAT);
    if (this.#store.height !== 0) {
      this.#log.warn("a snapshot is offered to a state that is not empty", { height: this.#store.height });
      return asOffered(Offered.ABORT);
    }
    try {
      this.#restore = this.#store.beginRestore({ ...snapshot, height: Number(snapshot.height) }, appHash);
    } catch (error) {
      if (!(error instanceof SnapshotRejected)) throw error;
      this.#log.warn(error.message, { height: snapshot.height });
      return asOffered(Offered.REJECT);
    }
    return asOffered(Offered.ACCEPT);
  }

  async apply({ index, chunk, sender }: RequestApplySnapshotChunk): Promise<ResponseApplySnapshotChunk> {
    const restore = this.#restore;
    if (restore === undefined) return asApplied(Applied.ABORT);
    try {
      if (restore.add(index, chunk) === "retry") {
        // Out of turn is nobody's fault; a chunk that is not the promised one is its sender's.
        const isInTurn = index === restore.next;
        return asApplied(Applied.RETRY, [restore.next], isInTurn && sender !== "" ? [sender] : []);
      }
      if (restore.next === restore.info.chunks) await this.#finish(restore);
      return asApplied(Applied.ACCEPT);
    } catch (error) {
      if (!(error instanceof SnapshotRejected)) throw error;
      this.#restore = undefined;
      this.#log.warn(error.message, { height: restore.info.height });
      return asApplied(Applied.REJECT_SNAPSHOT);
    }
  }

  async #finish(restore: SnapshotRestore): Promise<void> {
    await this.#store.finishRestore(restore);
    this.#restore = undefined;
    this.#log.info("the state is restored from a snapshot", { height: restore.info.height });
  }
}
