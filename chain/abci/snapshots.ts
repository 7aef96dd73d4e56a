/** State sync's four calls. Owns the mapping to ABCI's answers; chain/store makes, checks and restores the snapshots themselves. */
import type {
  RequestApplySnapshotChunk,
  RequestLoadSnapshotChunk,
  RequestOfferSnapshot,
  ResponseApplySnapshotChunk,
  ResponseListSnapshots,
  ResponseLoadSnapshotChunk,
  ResponseOfferSnapshot,
} from "../../proto/gen/tendermint/abci/types.ts";

type Answer<T> = T | Promise<T>;

export interface SnapshotCalls {
  list(): Answer<ResponseListSnapshots>;
  offer(request: RequestOfferSnapshot): Answer<ResponseOfferSnapshot>;
  load(request: RequestLoadSnapshotChunk): Answer<ResponseLoadSnapshotChunk>;
  apply(request: RequestApplySnapshotChunk): Answer<ResponseApplySnapshotChunk>;
}
