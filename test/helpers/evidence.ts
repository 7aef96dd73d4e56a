/** A validator that votes twice for one height, or signs a block beside the chain: for tests of evidence. */
import { readFileSync } from "node:fs";
import { headerHash, voteSignBytes } from "../../chain/consensus/hashes.ts";
import { parseKey } from "../../chain/consensus/keys.ts";
import { totalPower } from "../../chain/consensus/validators.ts";
import { ed25519Address } from "../../chain/crypto/hash.ts";
import { sign } from "../../chain/crypto/sign.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import type { DuplicateVoteEvidence, LightClientAttackEvidence } from "../../proto/gen/tendermint/types/evidence.ts";
import { type Header, SignedMsgType, type Vote } from "../../proto/gen/tendermint/types/types.ts";
import { BlockIDFlag, type ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";

export interface DoubleVote {
  readonly keyPath: string;
  readonly chainId: string;
  readonly height: bigint;
  /** Of the block of that height. */
  readonly time: Timestamp;
  readonly power: bigint;
  /** Of all validators; there is but one when it is left out. */
  readonly totalPower?: bigint;
  readonly round?: number;
}

export function makeDoubleVote(options: DoubleVote): DuplicateVoteEvidence {
  const { keyPath, chainId, height, time, power, totalPower = power, round = 0 } = options;
  const key = parseKey(readFileSync(keyPath, "utf8"), keyPath);
  const vote = (fill: number): Vote => {
    const unsigned = {
      type: SignedMsgType.SIGNED_MSG_TYPE_PRECOMMIT,
      height,
      round,
      blockId: {
        hash: new Uint8Array(32).fill(fill),
        partSetHeader: { total: 1, hash: new Uint8Array(32).fill(fill) },
      },
      timestamp: time,
    };
    return {
      ...unsigned,
      validatorAddress: ed25519Address(key.publicKey),
      validatorIndex: 0,
      signature: sign(key, voteSignBytes(chainId, unsigned)),
      extension: new Uint8Array(),
      extensionSignature: new Uint8Array(),
    };
  };
  return { voteA: vote(1), voteB: vote(2), totalVotingPower: totalPower, validatorPower: power, timestamp: time };
}

export interface LightAttack {
  readonly keyPath: string;
  readonly chainId: string;
  /** The chain's own block at the height of the conflicting one, or below it. */
  readonly header: Header;
  readonly validators: ValidatorSet;
  /** What is different in the block that was signed beside it. */
  readonly change: Partial<Header>;
  readonly commonHeight: bigint;
  readonly commonTime: Timestamp;
  readonly round?: number;
}

/** The first validator's key signs; all of its set is blamed, unless a test says otherwise. */
export function makeLightAttack(options: LightAttack): LightClientAttackEvidence {
  const { keyPath, chainId, validators, commonHeight, commonTime, round = 0 } = options;
  const key = parseKey(readFileSync(keyPath, "utf8"), keyPath);
  const header = { ...options.header, ...options.change };
  const vote = {
    type: SignedMsgType.SIGNED_MSG_TYPE_PRECOMMIT,
    height: header.height,
    round,
    blockId: { hash: headerHash(header), partSetHeader: { total: 1, hash: new Uint8Array(32).fill(1) } },
    timestamp: header.time ?? commonTime,
  };
  const signature = {
    blockIdFlag: BlockIDFlag.BLOCK_ID_FLAG_COMMIT,
    validatorAddress: ed25519Address(key.publicKey),
    timestamp: vote.timestamp,
    signature: sign(key, voteSignBytes(chainId, vote)),
  };
  const commit = { height: header.height, round, blockId: vote.blockId, signatures: [signature] };
  return {
    conflictingBlock: {
      signedHeader: { header, commit },
      validatorSet: { ...validators, proposer: validators.validators[0] },
    },
    commonHeight,
    byzantineValidators: validators.validators,
    totalVotingPower: totalPower(validators),
    timestamp: commonTime,
  };
}
