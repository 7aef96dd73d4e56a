/**
 * ABCI's sixteen calls as the messages Request and Response carry them. Owns which method of the Application a request asks for, and what
 * is answered where a defect fails one request only (ARCHITECTURE.md, the defect rule); owns no connection.
 */
import {
  ResponseApplySnapshotChunk_Result as Applied,
  ResponseOfferSnapshot_Result as Offered,
  type Request,
  type Response,
  ResponseProcessProposal_ProposalStatus as Status,
  ResponseVerifyVoteExtension_VerifyStatus as Verified,
} from "../../proto/gen/tendermint/abci/types.ts";
import { internalError } from "../errors.ts";
import type { Application } from "./application.ts";

export type Method = keyof Application & keyof Request;

export const methods: readonly Method[] = [
  "checkTx",
  "flush",
  "echo",
  "info",
  "query",
  "initChain",
  "prepareProposal",
  "processProposal",
  "extendVote",
  "verifyVoteExtension",
  "finalizeBlock",
  "commit",
  "listSnapshots",
  "offerSnapshot",
  "loadSnapshotChunk",
  "applySnapshotChunk",
];

/** The calls that decide blocks. They come by one connection, which owns the state as long as it is open. */
const ofConsensus: ReadonlySet<Method> = new Set([
  "initChain",
  "prepareProposal",
  "processProposal",
  "extendVote",
  "verifyVoteExtension",
  "finalizeBlock",
  "commit",
]);

export const isOfConsensus = (method: Method): boolean => ofConsensus.has(method);

export const methodOf = (request: Request): Method | undefined =>
  methods.find((method) => request[method] !== undefined);

/** Asks the application; the answer is a Promise only where the application's is one. */
export function call(app: Application, method: Method, request: Request): Response | Promise<Response> {
  const run = app[method] as (this: Application, argument: unknown) => unknown;
  const answer = run.call(app, request[method]);
  if (answer instanceof Promise) return answer.then((value: unknown) => ({ [method]: value }));
  return { [method]: answer };
}

const noBytes = new Uint8Array(0);
const refused = () => {
  const { code, codespace, message } = internalError();
  return { code, codespace, log: message, info: "" };
};

/**
 * What a request is answered that met a defect and decides nothing: that request fails, the chain goes on. Undefined for a call that
 * decides: there is no answer that other nodes would have too, so the node halts.
 */
export function failedAnswer(method: Method): Response | undefined {
  switch (method) {
    case "checkTx":
      return { checkTx: { ...refused(), data: noBytes, gasWanted: 0n, gasUsed: 0n, events: [] } };
    case "query":
      return { query: { ...refused(), index: 0n, key: noBytes, value: noBytes, proofOps: undefined, height: 0n } };
    case "prepareProposal":
      return { prepareProposal: { txs: [] } };
    case "processProposal":
      return { processProposal: { status: Status.REJECT } };
    case "extendVote":
      return { extendVote: { voteExtension: noBytes } };
    case "verifyVoteExtension":
      return { verifyVoteExtension: { status: Verified.REJECT } };
    case "listSnapshots":
      return { listSnapshots: { snapshots: [] } };
    case "loadSnapshotChunk":
      return { loadSnapshotChunk: { chunk: noBytes } };
    case "offerSnapshot":
      return { offerSnapshot: { result: Offered.ABORT } };
    case "applySnapshotChunk":
      return { applySnapshotChunk: { result: Applied.ABORT, refetchChunks: [], rejectSenders: [] } };
    default:
      return undefined;
  }
}
