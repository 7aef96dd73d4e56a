/** The Application that an engine hosts: ABCI 2.0's sixteen calls with CometBFT 0.38's own message types. */
import type {
  RequestApplySnapshotChunk,
  RequestCheckTx,
  RequestEcho,
  RequestExtendVote,
  RequestFinalizeBlock,
  RequestInfo,
  RequestInitChain,
  RequestLoadSnapshotChunk,
  RequestOfferSnapshot,
  RequestPrepareProposal,
  RequestProcessProposal,
  RequestQuery,
  RequestVerifyVoteExtension,
  ResponseApplySnapshotChunk,
  ResponseCheckTx,
  ResponseCommit,
  ResponseEcho,
  ResponseExtendVote,
  ResponseFinalizeBlock,
  ResponseFlush,
  ResponseInfo,
  ResponseInitChain,
  ResponseListSnapshots,
  ResponseLoadSnapshotChunk,
  ResponseOfferSnapshot,
  ResponsePrepareProposal,
  ResponseProcessProposal,
  ResponseQuery,
  ResponseVerifyVoteExtension,
} from "../../proto/gen/tendermint/abci/types.ts";

type Answer<T> = T | Promise<T>;

/**
 * A throw means a defect: the host halts the node after InitChain, FinalizeBlock or Commit, and fails the one request elsewhere.
 * Calls of one connection are answered in the order they were made.
 */
export interface Application {
  echo(request: RequestEcho): Answer<ResponseEcho>;
  flush(): Answer<ResponseFlush>;
  info(request: RequestInfo): Answer<ResponseInfo>;
  query(request: RequestQuery): Answer<ResponseQuery>;
  checkTx(request: RequestCheckTx): Answer<ResponseCheckTx>;
  initChain(request: RequestInitChain): Answer<ResponseInitChain>;
  prepareProposal(request: RequestPrepareProposal): Answer<ResponsePrepareProposal>;
  processProposal(request: RequestProcessProposal): Answer<ResponseProcessProposal>;
  extendVote(request: RequestExtendVote): Answer<ResponseExtendVote>;
  verifyVoteExtension(request: RequestVerifyVoteExtension): Answer<ResponseVerifyVoteExtension>;
  finalizeBlock(request: RequestFinalizeBlock): Answer<ResponseFinalizeBlock>;
  commit(): Answer<ResponseCommit>;
  listSnapshots(): Answer<ResponseListSnapshots>;
  offerSnapshot(request: RequestOfferSnapshot): Answer<ResponseOfferSnapshot>;
  loadSnapshotChunk(request: RequestLoadSnapshotChunk): Answer<ResponseLoadSnapshotChunk>;
  applySnapshotChunk(request: RequestApplySnapshotChunk): Answer<ResponseApplySnapshotChunk>;
}
