/**
 * The JSON of CometBFT 0.38's RPC: 64-bit integers as text, hashes in upper-case hex, other bytes in base64. Owns the shapes only.
 * ABCI results go through another encoder in CometBFT (every field is written, absent bytes are null); both ways are here.
 */
import type {
  Event,
  ExecTxResult,
  ResponseFinalizeBlock,
  ResponseInfo,
  ResponseQuery,
  TxResult,
  ValidatorUpdate,
} from "../../proto/gen/tendermint/abci/types.ts";
import type { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import type { TxProof } from "../../proto/gen/tendermint/types/types.ts";
import type { CompleteBlock } from "../consensus/block.ts";
import type { CompleteMeta } from "../consensus/block-store.ts";
import { base64, hexUpper } from "../consensus/json.ts";
import { nanosPerSecond } from "../consensus/time.ts";
import { evidenceJson } from "./rpc-evidence.ts";
import { base64OrNull, blockIdJson, commitJson, headerJson, unlessZero } from "./rpc-headerjson.ts";

export { blockIdJson, commitJson, headerJson, validatorJson } from "./rpc-headerjson.ts";

export const blockJson = ({ header, data, evidence, lastCommit }: CompleteBlock) => ({
  header: headerJson(header),
  data: { txs: data.txs.map(base64) },
  evidence: { evidence: evidence.evidence.map(evidenceJson) },
  last_commit: commitJson(lastCommit),
});

export const metaJson = ({ blockId, blockSize, header, numTxs }: CompleteMeta) => ({
  block_id: blockIdJson(blockId),
  block_size: String(blockSize),
  header: headerJson(header),
  num_txs: String(numTxs),
});

const attributesJson = (event: Event) => event.attributes.map(({ key, value, index }) => ({ key, value, index }));

export const execResultJson = (result: ExecTxResult) => ({
  code: result.code,
  data: base64OrNull(result.data),
  log: result.log,
  info: result.info,
  gas_wanted: String(result.gasWanted),
  gas_used: String(result.gasUsed),
  events: result.events.map((event) => ({ type: event.type, attributes: attributesJson(event) })),
  codespace: result.codespace,
});

/** Events of a block go through the encoder that leaves empty fields out. */
export const blockEventJson = (event: Event) => ({
  ...unlessZero("type", event.type, event.type),
  ...(event.attributes.length === 0 ? {} : { attributes: attributesJson(event) }),
});

const validatorUpdateJson = ({ pubKey, power }: ValidatorUpdate) => {
  const [type, name, bytes] =
    pubKey?.ed25519 === undefined
      ? (["tendermint.crypto.PublicKey_Secp256K1", "secp256k1", pubKey?.secp256k1] as const)
      : (["tendermint.crypto.PublicKey_Ed25519", "ed25519", pubKey.ed25519] as const);
  return {
    pub_key: { Sum: { type, value: { [name]: base64(bytes ?? new Uint8Array()) } } },
    ...unlessZero("power", power),
  };
};

function paramUpdatesJson({ block, evidence, validator, version, abci }: ConsensusParams) {
  const age = evidence?.maxAgeDuration ?? { seconds: 0n, nanos: 0 };
  return {
    ...(block && { block: { ...unlessZero("max_bytes", block.maxBytes), ...unlessZero("max_gas", block.maxGas) } }),
    ...(evidence && {
      evidence: {
        ...unlessZero("max_age_num_blocks", evidence.maxAgeNumBlocks),
        max_age_duration: String(age.seconds * BigInt(nanosPerSecond) + BigInt(age.nanos)),
        ...unlessZero("max_bytes", evidence.maxBytes),
      },
    }),
    ...(validator && {
      validator: validator.pubKeyTypes.length === 0 ? {} : { pub_key_types: validator.pubKeyTypes },
    }),
    ...(version && { version: unlessZero("app", version.app) }),
    ...(abci && { abci: unlessZero("vote_extensions_enable_height", abci.voteExtensionsEnableHeight) }),
  };
}

export const blockResultsJson = (height: bigint, results: ResponseFinalizeBlock) => ({
  height: String(height),
  txs_results: listOrNull(results.txResults, execResultJson),
  finalize_block_events: listOrNull(results.events, blockEventJson),
  validator_updates: listOrNull(results.validatorUpdates, validatorUpdateJson),
  consensus_param_updates:
    results.consensusParamUpdates === undefined ? null : paramUpdatesJson(results.consensusParamUpdates),
  app_hash: base64OrNull(results.appHash),
});

/** Inside the event of a new block, where CometBFT leaves out what is empty. */
export const finalizedJson = (results: ResponseFinalizeBlock) => ({
  ...(results.events.length === 0 ? {} : { events: results.events.map(blockEventJson) }),
  ...(results.txResults.length === 0 ? {} : { tx_results: results.txResults.map(execResultJson) }),
  validator_updates: listOrNull(results.validatorUpdates, validatorUpdateJson),
  ...(results.consensusParamUpdates === undefined
    ? {}
    : { consensus_param_updates: paramUpdatesJson(results.consensusParamUpdates) }),
  ...(results.appHash.length === 0 ? {} : { app_hash: base64(results.appHash) }),
});

/** The value of a Tx event, which CometBFT writes without what is empty, its result included. */
export const txEventJson = ({ height, index, tx, result }: TxResult) => ({
  TxResult: {
    ...unlessZero("height", height),
    ...unlessZero("index", index, index),
    ...(tx.length === 0 ? {} : { tx: base64(tx) }),
    result: briefResultJson(result ?? emptyResult),
  },
});

const briefResultJson = (result: ExecTxResult) => ({
  ...unlessZero("code", result.code, result.code),
  ...(result.data.length === 0 ? {} : { data: base64(result.data) }),
  ...unlessZero("log", result.log),
  ...unlessZero("info", result.info),
  ...unlessZero("gas_wanted", result.gasWanted),
  ...unlessZero("gas_used", result.gasUsed),
  ...(result.events.length === 0 ? {} : { events: result.events.map(blockEventJson) }),
  ...unlessZero("codespace", result.codespace),
});

export const emptyResult: ExecTxResult = {
  code: 0,
  data: new Uint8Array(),
  log: "",
  info: "",
  gasWanted: 0n,
  gasUsed: 0n,
  events: [],
  codespace: "",
};

const listOrNull = <T>(list: readonly T[], json: (item: T) => unknown) => (list.length === 0 ? null : list.map(json));

export const txProofJson = ({ rootHash, data, proof }: TxProof) => ({
  root_hash: hexUpper(rootHash),
  data: base64(data),
  proof: {
    total: String(proof?.total ?? 0n),
    index: String(proof?.index ?? 0n),
    leaf_hash: base64(proof?.leafHash ?? new Uint8Array()),
    aunts: proof?.aunts.map(base64) ?? [],
  },
});

export const queryJson = (response: ResponseQuery) => ({
  code: response.code,
  log: response.log,
  info: response.info,
  index: String(response.index),
  key: base64OrNull(response.key),
  value: base64OrNull(response.value),
  proofOps:
    response.proofOps === undefined
      ? null
      : {
          ops: response.proofOps.ops.map(({ type, key, data }) => ({
            type,
            key: base64OrNull(key),
            data: base64OrNull(data),
          })),
        },
  height: String(response.height),
  codespace: response.codespace,
});

export const infoJson = (response: ResponseInfo) => ({
  ...unlessZero("data", response.data),
  ...unlessZero("version", response.version),
  ...unlessZero("app_version", response.appVersion),
  ...unlessZero("last_block_height", response.lastBlockHeight),
  ...(response.lastBlockAppHash.length === 0 ? {} : { last_block_app_hash: base64(response.lastBlockAppHash) }),
});
