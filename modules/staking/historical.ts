/**
 * Headers and validator sets of the last blocks, which a light client on another chain compares its own with (ICS-2). Owns how many
 * are kept. The validators' stored bytes are joined as they are: decoding and encoding some hundred of them a block would take longer
 * than all else that a block does of itself.
 */

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Context, EngineReport, ReadContext } from "../../chain/context.ts";
import { encodeKey } from "../../chain/keycodec.ts";
import { compareBytes } from "../../chain/store/types.ts";
import { Header } from "../../proto/gen/tendermint/types/types.ts";
import { getParams, lastValidators } from "./keeper.ts";
import * as state from "./state.ts";
import { consensusAddressOf, powerOf, type Validator } from "./validator.ts";

/** What one block takes away when the parameter was lowered. Each block adds one, so that the rest goes in time. */
export const prunedPerBlockMax = 20;

/** In the engine's order: the strongest first, those of one power by consensus address. */
function byPower(a: Validator, b: Validator): number {
  const [left, right] = [powerOf(a), powerOf(b)];
  if (left !== right) return left > right ? -1 : 1;
  return compareBytes(consensusAddressOf(a), consensusAddressOf(b));
}

/** Their bytes as they are stored. */
function validatorSet(ctx: ReadContext): Uint8Array[] {
  const { prefix, keyCodec, decodeEntry } = state.validators;
  const store = ctx.store(state.storeName);
  const list: { readonly bytes: Uint8Array; readonly validator: Validator }[] = [];
  for (const [operator] of lastValidators(ctx)) {
    const key = encodeKey(prefix, keyCodec, operator);
    const bytes = store.get(key);
    if (bytes === undefined) throw new Error("a validator of the last block is not stored");
    const [, validator] = decodeEntry([key.subarray(prefix.length), bytes]);
    list.push({ bytes, validator });
  }
  return list.sort((a, b) => byPower(a.validator, b.validator)).map(({ bytes }) => bytes);
}

/** What Go holds by value is written, though it is empty. */
const emptyParts = {
  version: { block: 0n, app: 0n },
  lastBlockId: { hash: new Uint8Array(0), partSetHeader: { total: 0, hash: new Uint8Array(0) } },
};

function headerOf({ block }: ReadContext, report: EngineReport): Header {
  const { chainId, height, time, proposerAddress } = block;
  const { nextValidatorsHash, appHash } = report;
  return Header.fromPartial({ ...emptyParts, chainId, height, time, proposerAddress, nextValidatorsHash, appHash });
}

/** The bytes of a HistoricalInfo. */
function historicalInfo(header: Header, validators: readonly Uint8Array[]): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32(0x0a).bytes(Header.encode(header).finish());
  for (const bytes of validators) writer.uint32(0x12).bytes(bytes);
  return writer.finish();
}

export function trackHistoricalInfo(ctx: Context, report: EngineReport): void {
  const { historicalEntries } = getParams(ctx);
  const { height } = ctx.block;
  const oldest = height - BigInt(historicalEntries);
  let pruned = 0;
  for (const past of state.historicalInfos.keys(ctx)) {
    if (past > oldest || pruned++ === prunedPerBlockMax) break;
    state.historicalInfos.delete(ctx, past);
  }
  if (historicalEntries === 0) return;
  const validators = validatorSet(ctx);
  // Without stakes the engine's validators are those of its genesis file: nothing to tell, and nothing is written.
  if (validators.length > 0) state.historicalInfos.set(ctx, height, historicalInfo(headerOf(ctx, report), validators));
}
