/**
 * genesis.json in CometBFT's schema: reading with checks, writing, and the answers an engine needs of it. `app_state` is the
 * application's own business and is passed on as it is.
 */
import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import type { ValidatorUpdate } from "../../proto/gen/tendermint/abci/types.ts";
import type { PublicKey } from "../../proto/gen/tendermint/crypto/keys.ts";
import { compareBytes } from "../store/types.ts";
import {
  asArray,
  asInteger,
  asObject,
  asString,
  base64,
  fromBase64,
  fromHex,
  hexUpper,
  type JsonObject,
} from "./json.ts";
import { type CompleteParams, checkParams, defaultConsensusParams } from "./params.ts";
import { fromRfc3339, nanosPerSecond, toRfc3339 } from "./time.ts";
import { consensusAddress, totalPowerMax, validatorsMax } from "./validators.ts";

export const chainIdLengthMax = 50;

export interface GenesisValidator {
  readonly address: Uint8Array;
  readonly publicKey: PublicKey;
  readonly power: bigint;
  readonly name: string;
}

export interface GenesisDocument {
  readonly genesisTime: Timestamp;
  readonly chainId: string;
  readonly initialHeight: bigint;
  readonly consensusParams: CompleteParams;
  readonly validators: readonly GenesisValidator[];
  readonly appHash: Uint8Array;
  readonly appState: unknown;
}

export function parseGenesis(text: string, path = "genesis.json"): GenesisDocument {
  const document = asObject(parse(text, path), path);
  const chainId = asString(document.chain_id, `${path}: chain_id`);
  if (chainId === "") throw new Error(`${path}: genesis doc must include non-empty chain_id`);
  if (Buffer.byteLength(chainId) > chainIdLengthMax) {
    throw new Error(`${path}: chain_id in genesis doc is too long (max: ${chainIdLengthMax})`);
  }
  const time = asString(document.genesis_time, `${path}: genesis_time`);
  const genesisTime = fromRfc3339(time);
  if (genesisTime === undefined)
    throw new Error(`${path}: genesis_time ${JSON.stringify(time)} is not an RFC 3339 time`);
  const initialHeight = asInteger(document.initial_height ?? "1", `${path}: initial_height`);
  if (initialHeight < 0n) throw new Error(`${path}: initial_height cannot be negative (got ${initialHeight})`);
  return {
    genesisTime,
    chainId,
    initialHeight: initialHeight === 0n ? 1n : initialHeight,
    consensusParams: parseConsensusParams(document.consensus_params, `${path}: consensus_params`),
    validators: parseValidators(document.validators, `${path}: validators`),
    appHash: fromHex(asString(document.app_hash ?? "", `${path}: app_hash`), `${path}: app_hash`),
    appState: document.app_state,
  };
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function parseConsensusParams(value: unknown, where: string): CompleteParams {
  if (value === undefined || value === null) return defaultConsensusParams();
  const all = asObject(value, where);
  const part = (name: string): JsonObject => asObject(all[name] ?? {}, `${where}.${name}`);
  const integer = (name: string, field: string, fallback?: string): bigint =>
    asInteger(part(name)[field] ?? fallback, `${where}.${name}.${field}`);
  const age = integer("evidence", "max_age_duration");
  const params = {
    block: { maxBytes: integer("block", "max_bytes"), maxGas: integer("block", "max_gas") },
    evidence: {
      maxAgeNumBlocks: integer("evidence", "max_age_num_blocks"),
      maxAgeDuration: { seconds: age / BigInt(nanosPerSecond), nanos: Number(age % BigInt(nanosPerSecond)) },
      maxBytes: integer("evidence", "max_bytes", "0"),
    },
    validator: {
      pubKeyTypes: asArray(part("validator").pub_key_types, `${where}.validator.pub_key_types`).map((type, i) =>
        asString(type, `${where}.validator.pub_key_types[${i}]`),
      ),
    },
    version: { app: integer("version", "app", "0") },
    abci: { voteExtensionsEnableHeight: integer("abci", "vote_extensions_enable_height", "0") },
  };
  checkParams(params);
  return params;
}

function parseValidators(value: unknown, where: string): GenesisValidator[] {
  const list = asArray(value ?? [], where);
  if (list.length > validatorsMax) throw new Error(`${where}: ${list.length} validators, more than ${validatorsMax}`);
  return list.map((item, i) => parseValidator(item, `${where}[${i}]`));
}

function parseValidator(value: unknown, where: string): GenesisValidator {
  const validator = asObject(value, where);
  const publicKey = parsePublicKey(validator.pub_key, `${where}.pub_key`);
  const power = asInteger(validator.power, `${where}.power`);
  if (power <= 0n || power > totalPowerMax) {
    throw new Error(`${where}.power is ${power}; expected between 1 and ${totalPowerMax}`);
  }
  const expected = consensusAddress(publicKey);
  const address = fromHex(asString(validator.address ?? "", `${where}.address`), `${where}.address`);
  if (address.length > 0 && compareBytes(address, expected) !== 0) {
    throw new Error(`${where}.address is ${hexUpper(address)}; the address of its pub_key is ${hexUpper(expected)}`);
  }
  return { address: expected, publicKey, power, name: asString(validator.name ?? "", `${where}.name`) };
}

const keyTypes = {
  "tendermint/PubKeyEd25519": { scheme: "ed25519", length: 32 },
  "tendermint/PubKeySecp256k1": { scheme: "secp256k1", length: 33 },
} as const;

function parsePublicKey(value: unknown, where: string): PublicKey {
  const key = asObject(value, where);
  const type = asString(key.type, `${where}.type`);
  if (!Object.hasOwn(keyTypes, type)) {
    throw new Error(`${where}.type is ${JSON.stringify(type)}; known are ${Object.keys(keyTypes).join(", ")}`);
  }
  const { scheme, length } = keyTypes[type as keyof typeof keyTypes];
  const bytes = fromBase64(asString(key.value, `${where}.value`), `${where}.value`);
  if (bytes.length !== length) throw new Error(`${where}.value has ${bytes.length} bytes; expected ${length}`);
  return { [scheme]: bytes };
}

export function publicKeyJson(key: PublicKey): { type: string; value: string } {
  if (key.ed25519 !== undefined) return { type: "tendermint/PubKeyEd25519", value: base64(key.ed25519) };
  return { type: "tendermint/PubKeySecp256k1", value: base64(key.secp256k1 ?? new Uint8Array()) };
}

export function consensusParamsJson(params: CompleteParams) {
  const age = params.evidence.maxAgeDuration ?? { seconds: 0n, nanos: 0 };
  return {
    block: { max_bytes: String(params.block.maxBytes), max_gas: String(params.block.maxGas) },
    evidence: {
      max_age_num_blocks: String(params.evidence.maxAgeNumBlocks),
      max_age_duration: String(age.seconds * BigInt(nanosPerSecond) + BigInt(age.nanos)),
      max_bytes: String(params.evidence.maxBytes),
    },
    validator: { pub_key_types: params.validator.pubKeyTypes },
    version: { app: String(params.version.app) },
    abci: { vote_extensions_enable_height: String(params.abci.voteExtensionsEnableHeight) },
  };
}

export function genesisJson(genesis: GenesisDocument) {
  const validators = genesis.validators.map(({ address, publicKey, power, name }) => ({
    address: hexUpper(address),
    pub_key: publicKeyJson(publicKey),
    power: String(power),
    name,
  }));
  return {
    genesis_time: toRfc3339(genesis.genesisTime),
    chain_id: genesis.chainId,
    initial_height: String(genesis.initialHeight),
    consensus_params: consensusParamsJson(genesis.consensusParams),
    ...(validators.length === 0 ? {} : { validators }),
    app_hash: hexUpper(genesis.appHash),
    ...(genesis.appState === undefined ? {} : { app_state: genesis.appState }),
  };
}

export const genesisUpdates = (genesis: GenesisDocument): ValidatorUpdate[] =>
  genesis.validators.map(({ publicKey, power }) => ({ pubKey: publicKey, power }));
