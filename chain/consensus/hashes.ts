/**
 * The hashes and sign bytes of CometBFT 0.38's blocks. Owns what is hashed in which order; the tree is store/merkle.ts.
 * Fields that Go holds by value are written even when empty, so every object here is complete (see `filled` helpers in block.ts).
 */
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import { ExecTxResult } from "../../proto/gen/tendermint/abci/types.ts";
import type { Proof } from "../../proto/gen/tendermint/crypto/proof.ts";
import { CanonicalProposal, CanonicalVote } from "../../proto/gen/tendermint/types/canonical.ts";
import {
  DuplicateVoteEvidence,
  type Evidence,
  LightClientAttackEvidence,
} from "../../proto/gen/tendermint/types/evidence.ts";
import { type ConsensusParams, HashedParams } from "../../proto/gen/tendermint/types/params.ts";
import {
  BlockID,
  type Commit,
  CommitSig,
  type Header,
  type Part,
  type PartSetHeader,
  SignedMsgType,
  type TxProof,
} from "../../proto/gen/tendermint/types/types.ts";
import { SimpleValidator, type ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";
import { Consensus } from "../../proto/gen/tendermint/version/types.ts";
import { sha256 } from "../crypto/hash.ts";
import { txHash } from "../crypto/txhash.ts";
import { type MerkleProof, merkleProof, merkleRoot } from "../store/merkle.ts";

/** types/params.go BlockPartSizeBytes. */
export const blockPartBytes = 65_536;

const nothing = new Uint8Array();

/** protobuf's StringValue, Int64Value and BytesValue; an empty one is no bytes at all. */
const wrappedString = (value: string): Uint8Array =>
  value === "" ? nothing : new BinaryWriter().uint32(10).string(value).finish();
const wrappedInt64 = (value: bigint): Uint8Array =>
  value === 0n ? nothing : new BinaryWriter().uint32(8).int64(value).finish();
const wrappedBytes = (value: Uint8Array): Uint8Array =>
  value.length === 0 ? nothing : new BinaryWriter().uint32(10).bytes(value).finish();

export function headerHash(header: Header): Uint8Array {
  const { version, time, lastBlockId } = header;
  if (version === undefined || time === undefined || lastBlockId === undefined) {
    throw new Error("a header without version, time or last block id has no hash");
  }
  return merkleRoot([
    Consensus.encode(version).finish(),
    wrappedString(header.chainId),
    wrappedInt64(header.height),
    Timestamp.encode(time).finish(),
    BlockID.encode(lastBlockId).finish(),
    wrappedBytes(header.lastCommitHash),
    wrappedBytes(header.dataHash),
    wrappedBytes(header.validatorsHash),
    wrappedBytes(header.nextValidatorsHash),
    wrappedBytes(header.consensusHash),
    wrappedBytes(header.appHash),
    wrappedBytes(header.lastResultsHash),
    wrappedBytes(header.evidenceHash),
    wrappedBytes(header.proposerAddress),
  ]);
}

/** The leaves are the transactions' hashes, not the transactions. */
export const dataHash = (txs: readonly Uint8Array[]): Uint8Array => merkleRoot(txs.map(txHash));

export const commitHash = (commit: Commit): Uint8Array =>
  merkleRoot(commit.signatures.map((signature) => CommitSig.encode(signature).finish()));

export const validatorSetHash = (set: ValidatorSet): Uint8Array =>
  merkleRoot(set.validators.map(({ pubKey, votingPower }) => SimpleValidator.encode({ pubKey, votingPower }).finish()));

/** Only the block's limits are hashed; the rest of the parameters is not. */
export function consensusHash(params: ConsensusParams): Uint8Array {
  if (params.block === undefined) throw new Error("consensus parameters without block limits have no hash");
  return sha256(
    HashedParams.encode({ blockMaxBytes: params.block.maxBytes, blockMaxGas: params.block.maxGas }).finish(),
  );
}

/** Of what every node computes alike: log, info and events are left out. */
export function resultsHash(results: readonly ExecTxResult[]): Uint8Array {
  const leaves = results.map(({ code, data, gasWanted, gasUsed }) =>
    ExecTxResult.encode({ code, data, log: "", info: "", gasWanted, gasUsed, events: [], codespace: "" }).finish(),
  );
  return merkleRoot(leaves);
}

/** types/evidence.go Bytes(): the bare evidence, not the oneof around it. */
export function evidenceHash(list: readonly Evidence[]): Uint8Array {
  return merkleRoot(
    list.map(({ duplicateVoteEvidence, lightClientAttackEvidence }) => {
      if (duplicateVoteEvidence !== undefined) return DuplicateVoteEvidence.encode(duplicateVoteEvidence).finish();
      if (lightClientAttackEvidence === undefined) throw new Error("a piece of evidence is of no kind");
      return LightClientAttackEvidence.encode(lightClientAttackEvidence).finish();
    }),
  );
}

function splitParts(blockBytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < blockBytes.length; at += blockPartBytes) {
    chunks.push(blockBytes.subarray(at, at + blockPartBytes));
  }
  return chunks;
}

export function partSetHeader(blockBytes: Uint8Array): PartSetHeader {
  const chunks = splitParts(blockBytes);
  return { total: chunks.length, hash: merkleRoot(chunks) };
}

/** The parts as a peer would receive them, each with its proof. */
export function partSet(blockBytes: Uint8Array): Part[] {
  const chunks = splitParts(blockBytes);
  return chunks.map((bytes, index) => ({ index, bytes, proof: toProof(merkleProof(chunks, index)) }));
}

const toProof = ({ total, index, leafHash, aunts }: MerkleProof): Proof => ({
  total: BigInt(total),
  index: BigInt(index),
  leafHash,
  aunts: [...aunts],
});

/** That `txs[index]` is in the block whose header has this data hash. */
export function txProof(txs: readonly Uint8Array[], index: number): TxProof {
  const leaves = txs.map(txHash);
  return { rootHash: merkleRoot(leaves), data: txs[index]!, proof: toProof(merkleProof(leaves, index)) };
}

export interface VoteToSign {
  readonly type: SignedMsgType;
  readonly height: bigint;
  readonly round: number;
  readonly blockId: BlockID;
  readonly timestamp: Timestamp;
}

const isZeroBlockId = (id: BlockID): boolean =>
  id.hash.length === 0 && (id.partSetHeader === undefined || id.partSetHeader.hash.length === 0);

const canonicalBlockId = (id: BlockID) =>
  isZeroBlockId(id) ? undefined : { hash: id.hash, partSetHeader: id.partSetHeader ?? { total: 0, hash: nothing } };

const lengthDelimited = (bytes: Uint8Array): Uint8Array => new BinaryWriter().bytes(bytes).finish();

export function voteSignBytes(chainId: string, vote: VoteToSign): Uint8Array {
  const canonical = CanonicalVote.encode({
    type: vote.type,
    height: vote.height,
    round: BigInt(vote.round),
    blockId: canonicalBlockId(vote.blockId),
    timestamp: vote.timestamp,
    chainId,
  });
  return lengthDelimited(canonical.finish());
}

export interface ProposalToSign {
  readonly height: bigint;
  readonly round: number;
  /** -1 when there is no proof-of-lock round. */
  readonly polRound: number;
  readonly blockId: BlockID;
  readonly timestamp: Timestamp;
}

export function proposalSignBytes(chainId: string, proposal: ProposalToSign): Uint8Array {
  const canonical = CanonicalProposal.encode({
    type: SignedMsgType.SIGNED_MSG_TYPE_PROPOSAL,
    height: proposal.height,
    round: BigInt(proposal.round),
    polRound: BigInt(proposal.polRound),
    blockId: canonicalBlockId(proposal.blockId),
    timestamp: proposal.timestamp,
    chainId,
  });
  return lengthDelimited(canonical.finish());
}
