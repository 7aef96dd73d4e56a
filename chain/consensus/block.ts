/** Blocks as CometBFT 0.38 makes them: header, data, evidence, last commit, and the sizes that bound them. Owns no storage. */
import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import type { CommitInfo, ExtendedCommitInfo } from "../../proto/gen/tendermint/abci/types.ts";
import { Block } from "../../proto/gen/tendermint/types/block.ts";
import type { Evidence } from "../../proto/gen/tendermint/types/evidence.ts";
import { EvidenceList } from "../../proto/gen/tendermint/types/evidence.ts";
import type { BlockID, Commit, Header } from "../../proto/gen/tendermint/types/types.ts";
import { BlockIDFlag, type ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";
import {
  commitHash,
  consensusHash,
  dataHash,
  evidenceHash,
  headerHash,
  partSetHeader,
  validatorSetHash,
} from "./hashes.ts";
import { blockBytesMax, type CompleteParams } from "./params.ts";
import type { EngineState } from "./state.ts";
import { weightedMedian } from "./time.ts";
import { findValidator } from "./validators.ts";

export const blockProtocol = 11n;
export const p2pProtocol = 8n;

export const emptyBlockId: BlockID = {
  hash: new Uint8Array(),
  partSetHeader: { total: 0, hash: new Uint8Array() },
};

/** What the first block carries in place of a commit. */
export const emptyCommit: Commit = { height: 0n, round: 0, blockId: emptyBlockId, signatures: [] };

/** A block whose parts are all there, as everything made or stored here is. */
export interface CompleteBlock extends Block {
  header: Header & { time: Timestamp };
  data: { txs: Uint8Array[] };
  evidence: NonNullable<Block["evidence"]>;
  lastCommit: Commit;
}

export interface MadeBlock {
  readonly block: CompleteBlock;
  readonly bytes: Uint8Array;
  readonly id: BlockID;
}

/** The time of a block is the weighted median of the votes for the one before (BFT time), and genesis time for the first. */
export function blockTime(state: EngineState, lastCommit: Commit): Timestamp {
  if (state.lastBlockHeight === 0n) return state.lastBlockTime;
  const times = lastCommit.signatures
    .filter((signature) => signature.blockIdFlag !== BlockIDFlag.BLOCK_ID_FLAG_ABSENT)
    .map((signature) => {
      const validator = findValidator(state.lastValidators, signature.validatorAddress);
      if (validator === undefined || signature.timestamp === undefined) {
        throw new Error(
          `a signature of the commit of height ${lastCommit.height} is not by a validator of that height`,
        );
      }
      return { time: signature.timestamp, weight: validator.votingPower };
    });
  return weightedMedian(times);
}

export function makeBlock(
  state: EngineState,
  height: bigint,
  txs: Uint8Array[],
  lastCommit: Commit,
  proposerAddress: Uint8Array,
  evidence: Evidence[] = [],
): MadeBlock {
  const header = {
    version: { block: blockProtocol, app: state.appVersion },
    chainId: state.chainId,
    height,
    time: blockTime(state, lastCommit),
    lastBlockId: state.lastBlockId,
    lastCommitHash: commitHash(lastCommit),
    dataHash: dataHash(txs),
    validatorsHash: validatorSetHash(state.validators),
    nextValidatorsHash: validatorSetHash(state.nextValidators),
    consensusHash: consensusHash(state.params),
    appHash: state.appHash,
    lastResultsHash: state.lastResultsHash,
    evidenceHash: evidenceHash(evidence),
    proposerAddress,
  };
  const block: CompleteBlock = { header, data: { txs }, evidence: { evidence }, lastCommit };
  const bytes = Block.encode(block).finish();
  return { block, bytes, id: { hash: headerHash(header), partSetHeader: partSetHeader(bytes) } };
}

export function decodeBlock(bytes: Uint8Array): CompleteBlock {
  const { header, data, evidence, lastCommit } = Block.decode(bytes);
  if (!header?.time || !data || !evidence || !lastCommit) {
    throw new Error("a stored block is incomplete: the disk or a program damaged it; restore data/ from a backup");
  }
  return { header: { ...header, time: header.time }, data, evidence, lastCommit };
}

/** types/block.go: what a block needs besides its transactions. */
const headerBytesMax = 626n;
const overheadBytes = 11n;
const commitOverheadBytes = 94n;
const commitSignatureBytes = 109n + 2n;

/** The bytes that transactions may take in the next block. */
export function dataBytesMax(params: CompleteParams, validatorCount: number, evidence: Evidence[] = []): bigint {
  const bytesMax = params.block.maxBytes === -1n ? blockBytesMax : params.block.maxBytes;
  const commitBytes = commitOverheadBytes + commitSignatureBytes * BigInt(validatorCount);
  const evidenceBytes = BigInt(EvidenceList.encode({ evidence }).finish().length);
  const left = bytesMax - overheadBytes - headerBytesMax - commitBytes - evidenceBytes;
  if (left < 0n) {
    throw new Error(
      `block.max_bytes ${bytesMax} is too small for a header and a commit of ${validatorCount} validators`,
    );
  }
  return left;
}

/** A transaction's bytes in a block: the field's tag, its length as a varint, and itself. */
export function txBytesInBlock(tx: Uint8Array): number {
  let lengthBytes = 1;
  for (let rest = tx.length; rest >= 0x80; rest >>>= 7) lengthBytes++;
  return 1 + lengthBytes + tx.length;
}

/** Who signed the commit in `block`, as the application is told; nobody for the first block. */
export function lastCommitInfo(block: CompleteBlock, lastValidators: ValidatorSet): CommitInfo {
  return {
    round: block.lastCommit.round,
    votes: block.lastCommit.signatures.map(({ blockIdFlag }, i) => ({
      validator: voter(lastValidators, i),
      blockIdFlag,
    })),
  };
}

export function extendedCommitInfo(commit: Commit, lastValidators: ValidatorSet): ExtendedCommitInfo {
  return {
    round: commit.round,
    votes: commit.signatures.map(({ blockIdFlag }, i) => ({
      validator: voter(lastValidators, i),
      voteExtension: new Uint8Array(),
      extensionSignature: new Uint8Array(),
      blockIdFlag,
    })),
  };
}

function voter(set: ValidatorSet, index: number) {
  const validator = set.validators[index];
  if (validator === undefined)
    throw new Error(`a commit has more signatures than its ${set.validators.length} validators`);
  return { address: validator.address, power: validator.votingPower };
}
