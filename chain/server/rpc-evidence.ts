/** Evidence as CometBFT's JSON writes and reads it: a type's name beside its value. Owns the shape; the check is consensus/evidence.ts. */
import type { DuplicateVoteEvidence, Evidence } from "../../proto/gen/tendermint/types/evidence.ts";
import type { SignedMsgType, Vote } from "../../proto/gen/tendermint/types/types.ts";
import { emptyBlockId } from "../consensus/block.ts";
import type { AnyEvidence } from "../consensus/evidence.ts";
import { base64, hexUpper } from "../consensus/json.ts";
import { toRfc3339, zeroTime } from "../consensus/time.ts";
import { bytes, hex, int32, int64, object, time, uint32 } from "./rpc-goread.ts";
import { lightAttackJson, readLightAttack } from "./rpc-lightattack.ts";
import { jsonKind, ParamError } from "./rpc-param-error.ts";

const duplicateVote = "tendermint/DuplicateVoteEvidence";
const lightClientAttack = "tendermint/LightClientAttackEvidence";

const bytesOrNull = (bytes: Uint8Array): string | null => (bytes.length === 0 ? null : base64(bytes));

export const voteJson = (vote: Vote) => {
  const { hash, partSetHeader } = vote.blockId ?? emptyBlockId;
  return {
    type: vote.type,
    height: String(vote.height),
    round: vote.round,
    block_id: {
      hash: hexUpper(hash),
      parts: { total: partSetHeader?.total ?? 0, hash: hexUpper(partSetHeader?.hash ?? new Uint8Array()) },
    },
    timestamp: toRfc3339(vote.timestamp ?? zeroTime),
    validator_address: hexUpper(vote.validatorAddress),
    validator_index: vote.validatorIndex,
    signature: bytesOrNull(vote.signature),
    extension: bytesOrNull(vote.extension),
    extension_signature: bytesOrNull(vote.extensionSignature),
  };
};

export function evidenceJson({ duplicateVoteEvidence, lightClientAttackEvidence }: Evidence) {
  if (lightClientAttackEvidence !== undefined) {
    return { type: lightClientAttack, value: lightAttackJson(lightClientAttackEvidence) };
  }
  if (duplicateVoteEvidence === undefined) throw new Error("a piece of evidence is of no kind");
  return doubleVoteJson(duplicateVoteEvidence);
}

export function doubleVoteJson(evidence: DuplicateVoteEvidence) {
  return {
    type: duplicateVote,
    value: {
      vote_a: evidence.voteA === undefined ? null : voteJson(evidence.voteA),
      vote_b: evidence.voteB === undefined ? null : voteJson(evidence.voteB),
      TotalVotingPower: String(evidence.totalVotingPower),
      ValidatorPower: String(evidence.validatorPower),
      Timestamp: toRfc3339(evidence.timestamp ?? zeroTime),
    },
  };
}

/** Throws ParamError with the text of Go's decoder. */
export function readEvidence(json: unknown): AnyEvidence {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new ParamError(`json: cannot unmarshal ${jsonKind(json)} into Go value of type json.interfaceWrapper`);
  }
  const { type, value } = json as { readonly type?: unknown; readonly value?: unknown };
  if (type !== undefined && type !== null && typeof type !== "string") {
    throw new ParamError(
      `json: cannot unmarshal ${jsonKind(type)} into Go struct field interfaceWrapper.type of type string`,
    );
  }
  if (type === undefined || type === null || type === "") throw new ParamError("interface type cannot be empty");
  if (value === undefined) throw new ParamError("interface value cannot be empty");
  if (type === lightClientAttack) return readLightAttack(value);
  if (type !== duplicateVote) throw new ParamError(`unknown type ${JSON.stringify(type)}`);
  const fields = object(value, "map[string]json.RawMessage");
  return {
    voteA: readVote(fields.vote_a),
    voteB: readVote(fields.vote_b),
    totalVotingPower: int64(fields.TotalVotingPower),
    validatorPower: int64(fields.ValidatorPower),
    timestamp: time(fields.Timestamp),
  };
}

function readVote(json: unknown): Vote | undefined {
  if (json === undefined || json === null) return undefined;
  const vote = object(json, "map[string]json.RawMessage");
  const id = object(vote.block_id ?? {}, "map[string]json.RawMessage");
  const parts = object(id.parts ?? {}, "map[string]json.RawMessage");
  return {
    type: int32(vote.type) as SignedMsgType,
    height: int64(vote.height),
    round: int32(vote.round),
    blockId: { hash: hex(id.hash), partSetHeader: { total: uint32(parts.total), hash: hex(parts.hash) } },
    timestamp: time(vote.timestamp),
    validatorAddress: hex(vote.validator_address),
    validatorIndex: int32(vote.validator_index),
    signature: bytes(vote.signature),
    extension: bytes(vote.extension),
    extensionSignature: bytes(vote.extension_signature),
  };
}
