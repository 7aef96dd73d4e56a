import { describe, expect, it } from "vitest";
import { ExecTxResult } from "../../proto/gen/tendermint/abci/types.ts";
import { Block } from "../../proto/gen/tendermint/types/block.ts";
import { EvidenceList } from "../../proto/gen/tendermint/types/evidence.ts";
import { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import { Commit, Header, Part, Proposal, SignedMsgType, TxProof } from "../../proto/gen/tendermint/types/types.ts";
import { BlockIDFlag } from "../../proto/gen/tendermint/types/validator.ts";
import { fromHex, toHex, blockVectors as vectors } from "../../test/helpers/block-vectors.ts";
import { sha256 } from "../crypto/hash.ts";
import { decodeBlock, emptyBlockId } from "./block.ts";
import {
  commitHash,
  consensusHash,
  dataHash,
  evidenceHash,
  headerHash,
  partSet,
  partSetHeader,
  proposalSignBytes,
  resultsHash,
  txProof,
  voteSignBytes,
} from "./hashes.ts";
import { weightedMedian } from "./time.ts";

/** As docs/vectors/blocks makes them. */
const transaction = (size: number, index: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => (at % 2 === 0 ? size & 0xff : index & 0xff));

describe("hashes and sign bytes equal CometBFT's", () => {
  it.each(vectors.headers)("for the header $hash", ({ proto, hash }) => {
    const header = Header.decode(fromHex(proto));
    expect(toHex(headerHash(header))).toBe(hash);
    expect(toHex(Header.encode(header).finish())).toBe(proto);
  });

  it.each(vectors.commits)("for the commit $hash and each of its votes", ({ proto, hash, signBytes }) => {
    const commit = Commit.decode(fromHex(proto));
    expect(toHex(commitHash(commit))).toBe(hash);
    expect(toHex(Commit.encode(commit).finish())).toBe(proto);
    const votes = commit.signatures.map(({ blockIdFlag, timestamp }) =>
      voteSignBytes(vectors.chainId, {
        type: SignedMsgType.SIGNED_MSG_TYPE_PRECOMMIT,
        height: commit.height,
        round: commit.round,
        blockId: blockIdFlag === BlockIDFlag.BLOCK_ID_FLAG_COMMIT ? commit.blockId! : emptyBlockId,
        timestamp: timestamp!,
      }),
    );
    expect(votes.map(toHex)).toEqual(signBytes);
  });

  it.each(vectors.proposals)("for the proposal $proto", ({ proto, signBytes }) => {
    const { height, round, polRound, blockId, timestamp } = Proposal.decode(fromHex(proto));
    const proposal = { height, round, polRound, blockId: blockId!, timestamp: timestamp! };
    expect(toHex(proposalSignBytes(vectors.chainId, proposal))).toBe(signBytes);
  });

  it.each(vectors.blocks)("for the block $hash, its transactions and its parts", (vector) => {
    const block = decodeBlock(fromHex(vector.proto));
    block.data.txs = vector.sizes.map(transaction);
    expect(toHex(headerHash(block.header))).toBe(vector.hash);
    expect(toHex(dataHash(block.data.txs))).toBe(vector.dataHash);
    const bytes = Block.encode(block).finish();
    const { total, hash } = partSetHeader(bytes);
    expect([total, toHex(hash)]).toEqual([vector.total, vector.partHash]);
    const parts = partSet(bytes).map((part) => ({
      index: part.index,
      proto: toHex(sha256(Part.encode(part).finish())),
    }));
    expect(parts).toEqual(vector.parts);
  });

  it.each(vectors.txProofs)("for the transactions $hash and the proof of each", ({ txs, hash, proofs }) => {
    const bytes = txs.map(fromHex);
    expect(toHex(dataHash(bytes))).toBe(hash);
    for (const { index, proto } of proofs) {
      expect(toHex(TxProof.encode(txProof(bytes, index)).finish())).toBe(proto);
    }
  });

  it.each(vectors.params)("for the consensus parameters $proto", ({ proto, hash }) => {
    expect(toHex(consensusHash(ConsensusParams.decode(fromHex(proto))))).toBe(hash);
  });

  it.each(vectors.results)("for the results $hash, log and events left out", ({ results, hash }) => {
    expect(toHex(resultsHash(results.map((proto) => ExecTxResult.decode(fromHex(proto)))))).toBe(hash);
  });

  it.each(vectors.evidence)("for the evidence $hash", ({ proto, hash }) => {
    expect(toHex(evidenceHash(EvidenceList.decode(fromHex(proto)).evidence))).toBe(hash);
  });

  it.each(vectors.medians)("for the weighted median $median", ({ votes, median }) => {
    const nanos = 1_000_000_000n;
    const times = votes.map(({ nanos: at, weight }) => ({
      time: { seconds: BigInt(at) / nanos, nanos: Number(BigInt(at) % nanos) },
      weight: BigInt(weight),
    }));
    const found = weightedMedian(times);
    expect(String(found.seconds * nanos + BigInt(found.nanos))).toBe(median);
  });
});
