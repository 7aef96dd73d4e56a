/** Headers, commits and validators as CometBFT's RPC writes them, read strictly: they are hashed and verified. Owns the shapes alone. */
import {
  asArray,
  asInteger,
  asObject,
  asString,
  fromBase64,
  fromHex,
  type JsonObject,
} from "../../chain/consensus/json.ts";
import { fromRfc3339 } from "../../chain/consensus/time.ts";
import { consensusAddress, validatorsMax } from "../../chain/consensus/validators.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import type { BlockID, Commit, CommitSig, Header } from "../../proto/gen/tendermint/types/types.ts";
import { BlockIDFlag, type Validator } from "../../proto/gen/tendermint/types/validator.ts";

/** With the parts without which it has no hash. */
export type LightHeader = Header & { readonly time: Timestamp; readonly lastBlockId: BlockID };

export interface SignedHeader {
  readonly header: LightHeader;
  readonly commit: Commit & { readonly blockId: BlockID };
}

const hex = (fields: JsonObject, name: string): Uint8Array => fromHex(asString(fields[name], name), name);

function number(fields: JsonObject, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new Error(`${name}: expected a whole number, found ${JSON.stringify(value)}`);
  }
  return value;
}

function time(fields: JsonObject, name: string): Timestamp {
  const text = asString(fields[name], name);
  const read = fromRfc3339(text);
  if (read === undefined) throw new Error(`${name}: expected a time, found ${JSON.stringify(text)}`);
  return read;
}

function blockId(fields: JsonObject, name: string): BlockID {
  const id = asObject(fields[name], name);
  const parts = asObject(id.parts, `${name}.parts`);
  return { hash: hex(id, "hash"), partSetHeader: { total: number(parts, "total"), hash: hex(parts, "hash") } };
}

/** Go leaves a version of 0 out. */
const version = (fields: JsonObject) => ({
  block: asInteger(fields.block ?? "0", "version.block"),
  app: asInteger(fields.app ?? "0", "version.app"),
});

export function readHeader(json: unknown): LightHeader {
  const fields = asObject(json, "the header");
  return {
    version: version(asObject(fields.version, "version")),
    chainId: asString(fields.chain_id, "chain_id"),
    height: asInteger(fields.height, "height"),
    time: time(fields, "time"),
    lastBlockId: blockId(fields, "last_block_id"),
    lastCommitHash: hex(fields, "last_commit_hash"),
    dataHash: hex(fields, "data_hash"),
    validatorsHash: hex(fields, "validators_hash"),
    nextValidatorsHash: hex(fields, "next_validators_hash"),
    consensusHash: hex(fields, "consensus_hash"),
    appHash: hex(fields, "app_hash"),
    lastResultsHash: hex(fields, "last_results_hash"),
    evidenceHash: hex(fields, "evidence_hash"),
    proposerAddress: hex(fields, "proposer_address"),
  };
}

function readSignature(json: unknown): CommitSig {
  const fields = asObject(json, "a signature of the commit");
  const flag = number(fields, "block_id_flag");
  if (flag < BlockIDFlag.BLOCK_ID_FLAG_ABSENT || flag > BlockIDFlag.BLOCK_ID_FLAG_NIL) {
    throw new Error(`block_id_flag: expected 1, 2 or 3, found ${flag}`);
  }
  const signature = fields.signature ?? "";
  return {
    blockIdFlag: flag as BlockIDFlag,
    validatorAddress: hex(fields, "validator_address"),
    timestamp: time(fields, "timestamp"),
    signature: fromBase64(asString(signature, "signature"), "signature"),
  };
}

export function readSignedHeader(json: unknown): SignedHeader {
  const fields = asObject(json, "the signed header");
  const commit = asObject(fields.commit, "the commit");
  const signatures = asArray(commit.signatures, "signatures");
  if (signatures.length > validatorsMax) throw new Error(`the commit has ${signatures.length} signatures`);
  return {
    header: readHeader(fields.header),
    commit: {
      height: asInteger(commit.height, "height"),
      round: number(commit, "round"),
      blockId: blockId(commit, "block_id"),
      signatures: signatures.map(readSignature),
    },
  };
}

const ed25519Type = "tendermint/PubKeyEd25519";

/** The address is that of the key, whatever the answer says. */
export function readValidator(json: unknown): Validator {
  const fields = asObject(json, "a validator");
  const key = asObject(fields.pub_key, "pub_key");
  if (key.type !== ed25519Type)
    throw new Error(`pub_key.type: expected ${ed25519Type}, found ${JSON.stringify(key.type)}`);
  const pubKey = { ed25519: fromBase64(asString(key.value, "pub_key.value"), "pub_key.value"), secp256k1: undefined };
  const votingPower = asInteger(fields.voting_power, "voting_power");
  if (votingPower <= 0n) throw new Error(`voting_power: expected more than 0, found ${votingPower}`);
  return { address: consensusAddress(pubKey), pubKey, votingPower, proposerPriority: 0n };
}
