/**
 * What the engine knows between two blocks, as CometBFT's state.State: validators of three heights, parameters, the hashes that the next
 * header carries. Owns its steps (genesis, after a block) and its bytes; it stores nothing.
 */
import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import type {
  ResponseFinalizeBlock,
  ResponseInitChain,
  ValidatorUpdate,
} from "../../proto/gen/tendermint/abci/types.ts";
import { State } from "../../proto/gen/tendermint/state/types.ts";
import type { BlockID, Header } from "../../proto/gen/tendermint/types/types.ts";
import type { ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";
import { merkleRoot } from "../store/merkle.ts";
import { blockProtocol, emptyBlockId } from "./block.ts";
import { type GenesisDocument, genesisUpdates } from "./genesis.ts";
import { resultsHash } from "./hashes.ts";
import { type CompleteParams, updateParams } from "./params.ts";
import { changeValidators, emptyValidatorSet, incrementPriority, newValidatorSet } from "./validators.ts";

/** The release whose formats these are; clients choose their dialect by it. */
export const cometVersion = "0.38.25";

export interface EngineState {
  readonly chainId: string;
  readonly initialHeight: bigint;
  /** 0 before the first block. */
  readonly lastBlockHeight: bigint;
  readonly lastBlockId: BlockID;
  /** The genesis time before the first block. */
  readonly lastBlockTime: Timestamp;
  readonly validators: ValidatorSet;
  readonly nextValidators: ValidatorSet;
  readonly lastValidators: ValidatorSet;
  readonly validatorsChangedAt: bigint;
  readonly params: CompleteParams;
  readonly paramsChangedAt: bigint;
  readonly lastResultsHash: Uint8Array;
  readonly appHash: Uint8Array;
  readonly appVersion: bigint;
}

export const nextHeight = (state: EngineState): bigint =>
  state.lastBlockHeight === 0n ? state.initialHeight : state.lastBlockHeight + 1n;

function setsOf(updates: readonly ValidatorUpdate[]) {
  const validators = newValidatorSet(updates);
  const nextValidators = updates.length === 0 ? emptyValidatorSet : incrementPriority(validators);
  return { validators, nextValidators };
}

export function genesisState(genesis: GenesisDocument, appVersion: bigint): EngineState {
  return {
    chainId: genesis.chainId,
    initialHeight: genesis.initialHeight,
    lastBlockHeight: 0n,
    lastBlockId: emptyBlockId,
    lastBlockTime: genesis.genesisTime,
    ...setsOf(genesisUpdates(genesis)),
    lastValidators: emptyValidatorSet,
    validatorsChangedAt: genesis.initialHeight,
    params: genesis.consensusParams,
    paramsChangedAt: genesis.initialHeight,
    lastResultsHash: merkleRoot([]),
    appHash: genesis.appHash,
    appVersion,
  };
}

export function afterInitChain(state: EngineState, answer: ResponseInitChain): EngineState {
  const sets = answer.validators.length === 0 ? {} : setsOf(answer.validators);
  const params =
    answer.consensusParams === undefined ? state.params : updateParams(state.params, answer.consensusParams);
  const next = {
    ...state,
    ...sets,
    params,
    appVersion: answer.consensusParams === undefined ? state.appVersion : params.version.app,
    appHash: answer.appHash.length > 0 ? answer.appHash : state.appHash,
  };
  if (next.validators.validators.length === 0) {
    throw new Error("the genesis names no validator and the application's InitChain answered with none");
  }
  return next;
}

/** Validator changes of height H decide from H + 2, parameter changes from H + 1. */
export function afterBlock(
  state: EngineState,
  header: Header,
  blockId: BlockID,
  answer: ResponseFinalizeBlock,
): EngineState {
  const { validatorUpdates, consensusParamUpdates } = answer;
  checkKeyTypes(validatorUpdates, state.params);
  const params = consensusParamUpdates === undefined ? state.params : updateParams(state.params, consensusParamUpdates);
  checkExtensionHeight(state.params, params, header.height);
  return {
    chainId: state.chainId,
    initialHeight: state.initialHeight,
    lastBlockHeight: header.height,
    lastBlockId: blockId,
    lastBlockTime: header.time ?? state.lastBlockTime,
    validators: state.nextValidators,
    nextValidators: incrementPriority(changeValidators(state.nextValidators, validatorUpdates)),
    lastValidators: state.validators,
    validatorsChangedAt: validatorUpdates.length > 0 ? header.height + 2n : state.validatorsChangedAt,
    params,
    paramsChangedAt: consensusParamUpdates === undefined ? state.paramsChangedAt : header.height + 1n,
    lastResultsHash: resultsHash(answer.txResults),
    appHash: answer.appHash,
    appVersion: consensusParamUpdates === undefined ? state.appVersion : params.version.app,
  };
}

function checkKeyTypes(updates: readonly ValidatorUpdate[], params: CompleteParams): void {
  for (const { pubKey, power } of updates) {
    if (power === 0n) continue;
    const type = pubKey?.ed25519 === undefined ? "secp256k1" : "ed25519";
    if (params.validator.pubKeyTypes.includes(type)) continue;
    const allowed = params.validator.pubKeyTypes.join(", ");
    throw new Error(`a validator update has a ${type} key; the consensus parameters allow ${allowed}`);
  }
}

/** Vote extensions may be switched on for a later height only, and never off again once on. */
function checkExtensionHeight(before: CompleteParams, after: CompleteParams, height: bigint): void {
  const old = before.abci.voteExtensionsEnableHeight;
  const wanted = after.abci.voteExtensionsEnableHeight;
  if (old === wanted) return;
  if (old > 0n && old <= height) throw new Error(`vote extensions cannot be changed once enabled, at height ${old}`);
  if (wanted > 0n && wanted <= height) {
    throw new Error(`vote extensions cannot be enabled from a past or current height, ${wanted}`);
  }
}

export function encodeState(state: EngineState): Uint8Array {
  const message: State = {
    version: { consensus: { block: blockProtocol, app: state.appVersion }, software: cometVersion },
    chainId: state.chainId,
    initialHeight: state.initialHeight,
    lastBlockHeight: state.lastBlockHeight,
    lastBlockId: state.lastBlockId,
    lastBlockTime: state.lastBlockTime,
    nextValidators: state.nextValidators,
    validators: state.validators,
    lastValidators: state.lastValidators,
    lastHeightValidatorsChanged: state.validatorsChangedAt,
    consensusParams: state.params,
    lastHeightConsensusParamsChanged: state.paramsChangedAt,
    lastResultsHash: state.lastResultsHash,
    appHash: state.appHash,
  };
  return State.encode(message).finish();
}

export function decodeState(bytes: Uint8Array): EngineState {
  const message = State.decode(bytes);
  const { validators, nextValidators, lastValidators, lastBlockId, lastBlockTime } = message;
  const block = message.consensusParams?.block;
  const evidence = message.consensusParams?.evidence;
  const validator = message.consensusParams?.validator;
  const version = message.consensusParams?.version;
  const abci = message.consensusParams?.abci;
  if (!validators || !nextValidators || !lastValidators || !lastBlockId || !lastBlockTime) throw damaged();
  if (!block || !evidence || !validator || !version || !abci) throw damaged();
  return {
    chainId: message.chainId,
    initialHeight: message.initialHeight,
    lastBlockHeight: message.lastBlockHeight,
    lastBlockId,
    lastBlockTime,
    validators,
    nextValidators,
    lastValidators,
    validatorsChangedAt: message.lastHeightValidatorsChanged,
    params: { block, evidence, validator, version, abci },
    paramsChangedAt: message.lastHeightConsensusParamsChanged,
    lastResultsHash: message.lastResultsHash,
    appHash: message.appHash,
    appVersion: message.version?.consensus?.app ?? 0n,
  };
}

const damaged = () =>
  new Error("the engine's stored state is incomplete: the disk or a program damaged it; restore data/ from a backup");
