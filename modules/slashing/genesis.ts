/** Slashing's part of genesis.json, with the SDK's JSON. Owns what is refused before the chain starts. */
import { consensusAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { isPositiveDuration } from "../../chain/time.ts";
import {
  GenesisState,
  type MissedBlock,
  type SigningInfo as ProtoSigningInfo,
  type ValidatorMissedBlocks,
} from "../../proto/gen/cosmos/slashing/v1beta1/genesis.ts";
import { consensusAddressOf, consensusKeyOf, iterateValidators } from "../staking/index.ts";
import { getParams, setPublicKey } from "./keeper.ts";
import { missedBlocksOf, setMissed } from "./missedblocks.ts";
import {
  defaultParams,
  type Params,
  paramsFromProto,
  paramsProblem,
  paramsToProto,
  signedBlocksWindowMax,
} from "./params.ts";
import { type SigningInfo, signingInfoFromProto, signingInfoToProto } from "./signinginfo.ts";
import { params, signingInfos } from "./state.ts";

/** What is known of one validator. */
export interface Record {
  readonly address: Uint8Array;
  readonly info: SigningInfo;
  readonly missedBlocks: readonly MissedBlock[];
}

export interface SlashingGenesis {
  readonly params: Params;
  readonly records: readonly Record[];
}

const at = "app_state.slashing";

// ------------------------------------------------------------------------------------------------------------------- parsing

function parse(json: unknown): SlashingGenesis {
  const state = fromJson<GenesisState>(GenesisState.$type, json, at);
  const missed = readMissedBlocks(state.missedBlocks);
  const records = readSigningInfos(state.signingInfos).map(({ address, info, path }): Record => {
    const text = consensusAddress.encode(address);
    const missedBlocks = missed.get(text) ?? [];
    missed.delete(text);
    const count = BigInt(missedBlocks.filter((block) => block.missed).length);
    if (info.missedBlocksCounter !== count) {
      const found = `${info.missedBlocksCounter}`;
      throw fieldError(`${path}.missed_blocks_counter`, found, `${count}, as many as its missed_blocks`);
    }
    return { address, info, missedBlocks };
  });
  for (const address of missed.keys()) throw fieldError(`${at}.missed_blocks`, address, "validators of signing_infos");
  return { params: readParams(state.params), records };
}

function readParams(found: GenesisState["params"]): Params {
  if (found === undefined) throw fieldError(`${at}.params`, "nothing", "slashing's parameters");
  const problem = paramsProblem(found);
  if (problem !== undefined) throw fieldError(`${at}.params`, problem, "parameters in their bounds");
  const read = paramsFromProto(found);
  if (read.signedBlocksWindow < signedBlocksWindowMin) {
    throw fieldError(
      `${at}.params.signed_blocks_window`,
      `${read.signedBlocksWindow}`,
      `${signedBlocksWindowMin} or more`,
    );
  }
  const { seconds, nanos } = read.downtimeJailDuration;
  const missing = { seconds: downtimeJailSecondsMin - seconds, nanos: -nanos };
  if (!isPositiveDuration(missing)) return read;
  throw fieldError(`${at}.params.downtime_jail_duration`, `${seconds}s`, `${downtimeJailSecondsMin}s or more`);
}

/** Of a genesis the SDK asks for more than of parameters that are changed later. */
const signedBlocksWindowMin = 10n;
const downtimeJailSecondsMin = 60n;

const readAddress = (text: string, path: string): Uint8Array =>
  refusedAs(path, shown(text), "a consensus address", () => consensusAddress.decode(text));

function once(seen: Map<string, number>, address: Uint8Array, index: number, path: string): void {
  const text = consensusAddress.encode(address);
  const earlier = seen.get(text);
  if (earlier !== undefined) throw fieldError(path, `${text} again, as in [${earlier}]`, "each validator once");
  seen.set(text, index);
}

interface ReadInfo {
  readonly address: Uint8Array;
  readonly info: SigningInfo;
  readonly path: string;
}

function readSigningInfos(list: readonly ProtoSigningInfo[]): ReadInfo[] {
  const seen = new Map<string, number>();
  return list.map(({ address: text, validatorSigningInfo }, index) => {
    const path = `${at}.signing_infos[${index}]`;
    const address = readAddress(text, `${path}.address`);
    once(seen, address, index, `${path}.address`);
    const inside = `${path}.validator_signing_info`;
    if (validatorSigningInfo === undefined) throw fieldError(inside, "nothing", "a signing info");
    const info = signingInfoFromProto(validatorSigningInfo);
    for (const field of ["startHeight", "indexOffset", "missedBlocksCounter"] as const) {
      if (info[field] < 0n) throw fieldError(`${inside}.${field}`, `${info[field]}`, "0 or more");
    }
    return {
      address,
      info: { ...info, address: ownAddress(info.address, address, `${inside}.address`) },
      path: inside,
    };
  });
}

/** Genesis files of older chains leave it out. */
function ownAddress(text: string, address: Uint8Array, path: string): string {
  const expected = consensusAddress.encode(address);
  if (text !== "" && text !== expected) throw fieldError(path, shown(text), expected);
  return expected;
}

function readMissedBlocks(list: readonly ValidatorMissedBlocks[]): Map<string, readonly MissedBlock[]> {
  const byAddress = new Map<string, readonly MissedBlock[]>();
  const seen = new Map<string, number>();
  for (const [position, { address: text, missedBlocks }] of list.entries()) {
    const path = `${at}.missed_blocks[${position}]`;
    const address = readAddress(text, `${path}.address`);
    once(seen, address, position, `${path}.address`);
    let last = -1n;
    for (const [at, { index }] of missedBlocks.entries()) {
      const here = `${path}.missed_blocks[${at}].index`;
      if (index <= last) throw fieldError(here, `${index}`, `more than ${last}: each block once, in ascending order`);
      if (index >= signedBlocksWindowMax) throw fieldError(here, `${index}`, `less than ${signedBlocksWindowMax}`);
      last = index;
    }
    byAddress.set(consensusAddress.encode(address), missedBlocks);
  }
  return byAddress;
}

// ------------------------------------------------------------------------------------------------------------- start and end

/** Staking's genesis came before: its validators are there, and those that are bonded have signing infos of this height. */
function init(ctx: Context, genesis: SlashingGenesis): undefined {
  params.set(ctx, genesis.params);
  for (const validator of iterateValidators(ctx)) {
    setPublicKey(ctx, consensusAddressOf(validator), consensusKeyOf(validator));
  }
  for (const { address, info, missedBlocks } of genesis.records) {
    signingInfos.set(ctx, address, info);
    for (const { index, missed } of missedBlocks) setMissed(ctx, address, index, missed);
  }
}

const exportState = (ctx: ReadContext): SlashingGenesis => ({
  params: getParams(ctx),
  records: [...signingInfos.iterate(ctx)].map(([address, info]) => ({
    address,
    info,
    missedBlocks: missedBlocksOf(ctx, address),
  })),
});

function toState({ params, records }: SlashingGenesis): GenesisState {
  const named = records.map((record) => ({ ...record, address: consensusAddress.encode(record.address) }));
  return {
    params: paramsToProto(params),
    signingInfos: named.map(({ address, info }) => ({ address, validatorSigningInfo: signingInfoToProto(info) })),
    missedBlocks: named.map(({ address, missedBlocks }) => ({ address, missedBlocks: [...missedBlocks] })),
  };
}

export const genesis: Genesis<SlashingGenesis> = {
  default: () => ({ params: defaultParams, records: [] }),
  parse,
  toJson: (state) => toJson(GenesisState.$type, toState(state)),
  init,
  export: exportState,
};
