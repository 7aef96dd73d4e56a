/** Evidence as CometBFT's JSON writes and reads it: a type's name beside its value. Owns the shape; the check is consensus/evidence.ts. */
import type { DuplicateVoteEvidence, Evidence } from "../../proto/gen/tendermint/types/evidence.ts";
import type { SignedMsgType, Vote } from "../../proto/gen/tendermint/types/types.ts";
import { emptyBlockId } from "../consensus/block.ts";
import { base64, hexUpper } from "../consensus/json.ts";
import { fromRfc3339, toRfc3339, zeroTime } from "../consensus/time.ts";
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

export function evidenceJson({ duplicateVoteEvidence: evidence }: Evidence) {
  if (evidence === undefined) throw new Error("the only evidence known here is that of a duplicate vote");
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
export function readEvidence(json: unknown): DuplicateVoteEvidence {
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
  if (type === lightClientAttack) {
    throw new ParamError("evidence of an attack on light clients is not taken here: one engine alone has no peers");
  }
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

type Fields = Readonly<Record<string, unknown>>;

function object(value: unknown, goType: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ParamError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${goType}`);
}

function int64(value: unknown): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value !== "string") {
    throw new ParamError(`invalid 64-bit integer encoding ${JSON.stringify(JSON.stringify(value))}, expected string`);
  }
  if (!/^-?\d{1,19}$/.test(value) || BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) {
    throw new ParamError(`json: cannot unmarshal number ${value} into Go value of type int64`);
  }
  return BigInt(value);
}

function integer(value: unknown, from: number, to: number, goType: string): number {
  if (value === undefined || value === null) return 0;
  const isFit = typeof value === "number" && Number.isInteger(value) && value >= from && value <= to;
  if (isFit) return value;
  const what = typeof value === "number" ? `number ${value}` : jsonKind(value);
  throw new ParamError(`json: cannot unmarshal ${what} into Go value of type ${goType}`);
}

const int32 = (value: unknown) => integer(value, -(2 ** 31), 2 ** 31 - 1, "int32");
const uint32 = (value: unknown) => integer(value, 0, 2 ** 32 - 1, "uint32");

function text(value: unknown, goType: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw new ParamError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${goType}`);
}

function hex(value: unknown): Uint8Array {
  const digits = text(value, "string");
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) throw new ParamError(`invalid hex string: ${JSON.stringify(digits)}`);
  return new Uint8Array(Buffer.from(digits, "hex"));
}

function bytes(value: unknown): Uint8Array {
  const encoded = text(value, "[]uint8");
  const decoded = Buffer.from(encoded, "base64");
  if (decoded.toString("base64") !== encoded) throw new ParamError("illegal base64 data at input byte 0");
  return new Uint8Array(decoded);
}

function time(value: unknown) {
  if (value === undefined || value === null) return zeroTime;
  const written = JSON.stringify(JSON.stringify(value));
  if (typeof value !== "string") throw new ParamError(`JSON time must be an RFC3339 string, but got ${written}`);
  if (!value.endsWith("Z")) throw new ParamError(`JSON time must be UTC and end with 'Z', but got ${written}`);
  const read = fromRfc3339(value);
  if (read === undefined) throw new ParamError(`parsing time ${JSON.stringify(value)}: expected an RFC 3339 time`);
  return read;
}
