/** A validator that votes twice for one height, for tests of evidence. */
import { readFileSync } from "node:fs";
import { voteSignBytes } from "../../chain/consensus/hashes.ts";
import { parseKey } from "../../chain/consensus/keys.ts";
import { ed25519Address } from "../../chain/crypto/hash.ts";
import { sign } from "../../chain/crypto/sign.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import type { DuplicateVoteEvidence } from "../../proto/gen/tendermint/types/evidence.ts";
import { SignedMsgType, type Vote } from "../../proto/gen/tendermint/types/types.ts";

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
