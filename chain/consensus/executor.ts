/**
 * What happens to a decided block: FinalizeBlock, results stored, Commit, state and index stored. Owns the order of these writes and
 * the requests to the application; it decides no block (local.ts) and repeats none (handshake.ts).
 */
import type { RequestFinalizeBlock, ResponseFinalizeBlock } from "../../proto/gen/tendermint/abci/types.ts";
import type { BlockID, Commit } from "../../proto/gen/tendermint/types/types.ts";
import type { ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";
import type { Application } from "../abci/application.ts";
import { type CompleteBlock, lastCommitInfo } from "./block.ts";
import type { BlockIndex } from "./block-index.ts";
import type { BlockStore } from "./block-store.ts";
import { type EvidencePool, misbehaviorOf } from "./evidence.ts";
import { encodeTxResults } from "./resultbytes.ts";
import { afterBlock, type EngineState } from "./state.ts";
import type { TxIndex } from "./tx-index.ts";

export interface Stores {
  readonly blocks: BlockStore;
  readonly index: TxIndex;
  readonly blockIndex: BlockIndex;
  readonly evidence: EvidencePool;
}

export interface DecidedBlock {
  readonly block: CompleteBlock;
  readonly id: BlockID;
}

export interface AppliedBlock extends DecidedBlock {
  readonly results: ResponseFinalizeBlock;
  readonly state: EngineState;
  /** The application needs no block below; 0 keeps all. */
  readonly retainHeight: bigint;
}

/** What is published of a block: with the commit that decided it. */
export interface SealedBlock extends AppliedBlock {
  readonly commit: Commit;
}

export function finalizeRequest({ block, id }: DecidedBlock, lastValidators: ValidatorSet): RequestFinalizeBlock {
  const { header, data, evidence } = block;
  return {
    txs: data.txs,
    decidedLastCommit: lastCommitInfo(block, lastValidators),
    misbehavior: misbehaviorOf(evidence.evidence),
    hash: id.hash,
    height: header.height,
    time: header.time,
    nextValidatorsHash: header.nextValidatorsHash,
    proposerAddress: header.proposerAddress,
  };
}

export async function finalize(
  app: Application,
  decided: DecidedBlock,
  lastValidators: ValidatorSet,
): Promise<ResponseFinalizeBlock> {
  const results = await app.finalizeBlock(finalizeRequest(decided, lastValidators));
  const { height } = decided.block.header;
  const expected = decided.block.data.txs.length;
  if (results.txResults.length !== expected) {
    const found = results.txResults.length;
    throw new Error(`the application answered block ${height} of ${expected} transactions with ${found} results`);
  }
  return results;
}

/** Results are durable before Commit, which cannot be asked for them again; state and index follow in one write. */
export async function applyBlock(
  app: Application,
  stores: Stores,
  state: EngineState,
  decided: DecidedBlock,
  beforeCommit: () => Promise<void> = async () => {},
): Promise<AppliedBlock> {
  const { header } = decided.block;
  const results = await finalize(app, decided, state.lastValidators);
  const next = afterBlock(state, header, decided.id, results);
  const txResults = encodeTxResults(results.txResults);
  await stores.blocks.saveResults(header.height, results, txResults);
  await beforeCommit();
  const { retainHeight } = await app.commit();
  await saveApplied(stores, decided, results, next, txResults);
  return { ...decided, results, state: next, retainHeight };
}

export async function saveApplied(
  { blocks, index, blockIndex, evidence }: Stores,
  { block }: DecidedBlock,
  results: ResponseFinalizeBlock,
  next: EngineState,
  txResults: readonly Uint8Array[] = encodeTxResults(results.txResults),
): Promise<void> {
  const { height } = block.header;
  const writes = await index.writes(height, block.data.txs, results, txResults);
  for (const write of blockIndex.writes(height, results)) writes.push(write);
  for (const write of evidence.writes(block.evidence.evidence)) writes.push(write);
  await blocks.saveState(next, writes);
}
