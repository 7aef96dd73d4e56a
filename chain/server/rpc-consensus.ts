/**
 * `consensus_state` and `dump_consensus_state`: the round as CometBFT shows it. Between two blocks of this engine nothing is voted on yet,
 * so the round is always the one that begins; its last commit is real. Owns the shapes.
 */
import type { Commit, CommitSig, Vote } from "../../proto/gen/tendermint/types/types.ts";
import { SignedMsgType } from "../../proto/gen/tendermint/types/types.ts";
import { BlockIDFlag, type ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";
import { emptyBlockId } from "../consensus/block.ts";
import { describeVote } from "../consensus/evidence.ts";
import { hexUpper } from "../consensus/json.ts";
import { nextHeight } from "../consensus/state.ts";
import { addMillis, laterOf, toRfc3339, zeroTime } from "../consensus/time.ts";
import { proposerOf, totalPower } from "../consensus/validators.ts";
import { compareBytes } from "../store/types.ts";
import { validatorJson } from "./rpc-json.ts";
import { method, type RpcBackend, type RpcMethod } from "./rpc-method.ts";

/** consensus/types/round_state.go: waiting for the next height to begin. */
const stepNewHeight = 1;
const nilVote = "nil-Vote";
const noBytes = new Uint8Array();

function bits(set: ValidatorSet, hasVoted: readonly boolean[]): string {
  const total = totalPower(set);
  const voted = set.validators.reduce(
    (sum, { votingPower }, i) => (hasVoted[i] === true ? sum + votingPower : sum),
    0n,
  );
  const marks = hasVoted.map((has) => (has ? "x" : "_")).join("");
  const percent = total === 0n ? 0 : Math.round(Number((voted * 1_000_000n) / total) / 10_000);
  return `BA{${hasVoted.length}:${marks}} ${voted}/${total} = ${(percent / 100).toFixed(2)}`;
}

function votesJson({ engine }: RpcBackend) {
  const { validators } = engine.state;
  const nobody = validators.validators.map(() => false);
  const votes = validators.validators.map(() => nilVote);
  const bitArray = bits(validators, nobody);
  return [
    { round: 0, prevotes: votes, prevotes_bit_array: bitArray, precommits: votes, precommits_bit_array: bitArray },
  ];
}

/** When the last commit was reached; the genesis time before the first. */
function commitTime({ engine }: RpcBackend) {
  return engine.lastCommit.signatures.reduce(
    (latest, { timestamp }) => laterOf(latest, timestamp ?? zeroTime),
    engine.height === 0n ? engine.state.lastBlockTime : zeroTime,
  );
}

const startTime = (backend: RpcBackend): string =>
  toRfc3339(addMillis(commitTime(backend), backend.engine.options.blockMillis));

function consensusState(backend: RpcBackend) {
  const { state } = backend.engine;
  const { address } = proposerOf(state.validators);
  const index = state.validators.validators.findIndex((validator) => compareBytes(validator.address, address) === 0);
  return {
    round_state: {
      "height/round/step": `${nextHeight(state)}/0/${stepNewHeight}`,
      start_time: startTime(backend),
      proposal_block_hash: "",
      locked_block_hash: "",
      valid_block_hash: "",
      height_vote_set: votesJson(backend),
      proposer: { address: hexUpper(address), index },
    },
  };
}

const validatorSetJson = ({ validators, proposer }: ValidatorSet) => ({
  validators: validators.length === 0 ? null : validators.map(validatorJson),
  proposer: proposer === undefined ? null : validatorJson(proposer),
});

/** The vote that stands behind a commit's signature. */
export const precommitOf = (
  { height, round, blockId }: Commit,
  signature: CommitSig,
  validatorIndex: number,
): Vote => ({
  type: SignedMsgType.SIGNED_MSG_TYPE_PRECOMMIT,
  height,
  round,
  blockId: blockId ?? emptyBlockId,
  timestamp: signature.timestamp,
  validatorAddress: signature.validatorAddress,
  validatorIndex,
  signature: signature.signature,
  extension: noBytes,
  extensionSignature: noBytes,
});

function lastCommitJson({ engine }: RpcBackend) {
  const { signatures } = engine.lastCommit;
  if (signatures.length === 0) return null;
  const hasSigned = signatures.map(({ blockIdFlag }) => blockIdFlag !== BlockIDFlag.BLOCK_ID_FLAG_ABSENT);
  return {
    votes: signatures.map((signature, i) =>
      hasSigned[i] === true ? describeVote(precommitOf(engine.lastCommit, signature, i)) : nilVote,
    ),
    votes_bit_array: bits(engine.state.lastValidators, hasSigned),
    peer_maj_23s: {},
  };
}

function dumpConsensusState(backend: RpcBackend) {
  const { state } = backend.engine;
  return {
    round_state: {
      height: String(nextHeight(state)),
      round: 0,
      step: stepNewHeight,
      start_time: startTime(backend),
      commit_time: toRfc3339(commitTime(backend)),
      validators: validatorSetJson(state.validators),
      proposal: null,
      proposal_block: null,
      proposal_block_parts: null,
      locked_round: -1,
      locked_block: null,
      locked_block_parts: null,
      valid_round: -1,
      valid_block: null,
      valid_block_parts: null,
      votes: votesJson(backend),
      commit_round: -1,
      last_commit: lastCommitJson(backend),
      last_validators: validatorSetJson(state.lastValidators),
      triggered_timeout_precommit: false,
    },
    peers: [],
  };
}

export const consensusMethods: Readonly<Record<string, RpcMethod>> = {
  consensus_state: method({}, consensusState),
  dump_consensus_state: method({}, dumpConsensusState),
};
