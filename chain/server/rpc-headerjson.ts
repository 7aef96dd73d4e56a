/** The JSON of headers, commits and validators, which blocks and evidence both hold. Owns the shapes only; the rest is rpc-json.ts. */
import type { BlockID, Commit, CommitSig, Header } from "../../proto/gen/tendermint/types/types.ts";
import type { Validator } from "../../proto/gen/tendermint/types/validator.ts";
import { emptyBlockId } from "../consensus/block.ts";
import { publicKeyJson } from "../consensus/genesis.ts";
import { base64, hexUpper } from "../consensus/json.ts";
import { toRfc3339, zeroTime } from "../consensus/time.ts";

/** Go writes a nil slice as null. */
export const base64OrNull = (bytes: Uint8Array): string | null => (bytes.length === 0 ? null : base64(bytes));

/** Go's omitempty: the field is left out when it has its zero value. */
export const unlessZero = (name: string, value: bigint | number | string | undefined, text: unknown = String(value)) =>
  value === undefined || value === 0n || value === 0 || value === "" ? {} : { [name]: text };

export const blockIdJson = ({ hash, partSetHeader }: BlockID) => ({
  hash: hexUpper(hash),
  parts: { total: partSetHeader?.total ?? 0, hash: hexUpper(partSetHeader?.hash ?? new Uint8Array()) },
});

export const headerJson = (header: Header) => ({
  version: { ...unlessZero("block", header.version?.block), ...unlessZero("app", header.version?.app) },
  chain_id: header.chainId,
  height: String(header.height),
  time: toRfc3339(header.time ?? zeroTime),
  last_block_id: blockIdJson(header.lastBlockId ?? emptyBlockId),
  last_commit_hash: hexUpper(header.lastCommitHash),
  data_hash: hexUpper(header.dataHash),
  validators_hash: hexUpper(header.validatorsHash),
  next_validators_hash: hexUpper(header.nextValidatorsHash),
  consensus_hash: hexUpper(header.consensusHash),
  app_hash: hexUpper(header.appHash),
  last_results_hash: hexUpper(header.lastResultsHash),
  evidence_hash: hexUpper(header.evidenceHash),
  proposer_address: hexUpper(header.proposerAddress),
});

const commitSigJson = ({ blockIdFlag, validatorAddress, timestamp, signature }: CommitSig) => ({
  block_id_flag: blockIdFlag,
  validator_address: hexUpper(validatorAddress),
  timestamp: toRfc3339(timestamp ?? zeroTime),
  signature: base64OrNull(signature),
});

export const commitJson = ({ height, round, blockId, signatures }: Commit) => ({
  height: String(height),
  round,
  block_id: blockIdJson(blockId ?? emptyBlockId),
  signatures: signatures.map(commitSigJson),
});

export const validatorJson = ({ address, pubKey, votingPower, proposerPriority }: Validator) => ({
  address: hexUpper(address),
  pub_key: publicKeyJson(pubKey ?? {}),
  voting_power: String(votingPower),
  proposer_priority: String(proposerPriority),
});
