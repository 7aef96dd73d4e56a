/** Evidence of an attack on light clients in CometBFT's JSON: a signed header, its validators, and who is blamed. Owns the shape only. */
import type { PublicKey } from "../../proto/gen/tendermint/crypto/keys.ts";
import type { LightClientAttackEvidence } from "../../proto/gen/tendermint/types/evidence.ts";
import type { BlockID, Commit, CommitSig, Header, LightBlock } from "../../proto/gen/tendermint/types/types.ts";
import type { Validator, ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";
import { toRfc3339, zeroTime } from "../consensus/time.ts";
import { validatorsMax } from "../consensus/validators.ts";
import { bytes, hex, int32, int64, object, text, time, uint32 } from "./rpc-goread.ts";
import { commitJson, headerJson, validatorJson } from "./rpc-headerjson.ts";
import { jsonKind, ParamError } from "./rpc-param-error.ts";

const fieldsType = "map[string]json.RawMessage";

const validatorSetJson = ({ validators, proposer }: ValidatorSet) => ({
  validators: validators.map(validatorJson),
  proposer: proposer === undefined ? null : validatorJson(proposer),
});

const lightBlockJson = ({ signedHeader, validatorSet }: LightBlock) => ({
  signed_header:
    signedHeader === undefined
      ? null
      : {
          header: signedHeader.header === undefined ? null : headerJson(signedHeader.header),
          commit: signedHeader.commit === undefined ? null : commitJson(signedHeader.commit),
        },
  validator_set: validatorSet === undefined ? null : validatorSetJson(validatorSet),
});

export const lightAttackJson = (evidence: LightClientAttackEvidence) => ({
  ConflictingBlock: evidence.conflictingBlock === undefined ? null : lightBlockJson(evidence.conflictingBlock),
  CommonHeight: String(evidence.commonHeight),
  ByzantineValidators:
    evidence.byzantineValidators.length === 0 ? null : evidence.byzantineValidators.map(validatorJson),
  TotalVotingPower: String(evidence.totalVotingPower),
  Timestamp: toRfc3339(evidence.timestamp ?? zeroTime),
});

export function readLightAttack(json: unknown): LightClientAttackEvidence {
  const fields = object(json, fieldsType);
  return {
    conflictingBlock: optional(fields.ConflictingBlock, readLightBlock),
    commonHeight: int64(fields.CommonHeight),
    byzantineValidators: list(fields.ByzantineValidators, readValidator),
    totalVotingPower: int64(fields.TotalVotingPower),
    timestamp: time(fields.Timestamp),
  };
}

function optional<T>(json: unknown, read: (json: unknown) => T): T | undefined {
  return json === undefined || json === null ? undefined : read(json);
}

function list<T>(json: unknown, read: (json: unknown) => T): T[] {
  if (json === undefined || json === null) return [];
  if (!Array.isArray(json))
    throw new ParamError(`json: cannot unmarshal ${jsonKind(json)} into Go value of type []json.RawMessage`);
  if (json.length > validatorsMax)
    throw new ParamError(`a list of ${json.length} entries, expected at most ${validatorsMax}`);
  return json.map(read);
}

function readLightBlock(json: unknown): LightBlock {
  const block = object(json, fieldsType);
  const signed = optional(block.signed_header, (value) => object(value, fieldsType));
  return {
    signedHeader:
      signed === undefined
        ? undefined
        : { header: optional(signed.header, readHeader), commit: optional(signed.commit, readCommit) },
    validatorSet: optional(block.validator_set, readValidatorSet),
  };
}

function readHeader(json: unknown): Header {
  const header = object(json, fieldsType);
  const version = object(header.version ?? {}, fieldsType);
  return {
    version: { block: int64(version.block), app: int64(version.app) },
    chainId: text(header.chain_id, "string"),
    height: int64(header.height),
    time: time(header.time),
    lastBlockId: readBlockId(header.last_block_id),
    lastCommitHash: hex(header.last_commit_hash),
    dataHash: hex(header.data_hash),
    validatorsHash: hex(header.validators_hash),
    nextValidatorsHash: hex(header.next_validators_hash),
    consensusHash: hex(header.consensus_hash),
    appHash: hex(header.app_hash),
    lastResultsHash: hex(header.last_results_hash),
    evidenceHash: hex(header.evidence_hash),
    proposerAddress: hex(header.proposer_address),
  };
}

function readBlockId(json: unknown): BlockID {
  const id = object(json ?? {}, fieldsType);
  const parts = object(id.parts ?? {}, fieldsType);
  return { hash: hex(id.hash), partSetHeader: { total: uint32(parts.total), hash: hex(parts.hash) } };
}

function readCommit(json: unknown): Commit {
  const commit = object(json, fieldsType);
  return {
    height: int64(commit.height),
    round: int32(commit.round),
    blockId: readBlockId(commit.block_id),
    signatures: list(commit.signatures, readSignature),
  };
}

function readSignature(json: unknown): CommitSig {
  const signature = object(json, fieldsType);
  return {
    blockIdFlag: int32(signature.block_id_flag) as CommitSig["blockIdFlag"],
    validatorAddress: hex(signature.validator_address),
    timestamp: time(signature.timestamp),
    signature: bytes(signature.signature),
  };
}

function readValidatorSet(json: unknown): ValidatorSet {
  const set = object(json, fieldsType);
  return {
    validators: list(set.validators, readValidator),
    proposer: optional(set.proposer, readValidator),
    totalVotingPower: 0n,
  };
}

const keyTypes: Readonly<Record<string, { readonly name: "ed25519" | "secp256k1"; readonly length: number }>> = {
  "tendermint/PubKeyEd25519": { name: "ed25519", length: 32 },
  "tendermint/PubKeySecp256k1": { name: "secp256k1", length: 33 },
};

function readValidator(json: unknown): Validator {
  const validator = object(json, fieldsType);
  return {
    address: hex(validator.address),
    pubKey: optional(validator.pub_key, readKey),
    votingPower: int64(validator.voting_power),
    proposerPriority: int64(validator.proposer_priority),
  };
}

function readKey(json: unknown): PublicKey {
  const key = object(json, fieldsType);
  const type = text(key.type, "string");
  const known = Object.hasOwn(keyTypes, type) ? keyTypes[type] : undefined;
  if (known === undefined) throw new ParamError(`unknown type ${JSON.stringify(type)}`);
  const value = bytes(key.value);
  if (value.length !== known.length) throw new ParamError(`a ${type} has ${known.length} bytes, got ${value.length}`);
  return { [known.name]: value };
}
