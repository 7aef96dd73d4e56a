/** Slashing's parameters: as the chain holds them, their defaults and what is wrong with others, in the SDK's words. Pure. */
import { type Dec, decFromProtoBytes, decFromRatio, decOne, decToProtoBytes, formatDec } from "../../chain/dec.ts";
import type { Duration } from "../../chain/time.ts";
import { isPositiveDuration } from "../../chain/time.ts";
import type * as proto from "../../proto/gen/cosmos/slashing/v1beta1/slashing.ts";

export interface Params {
  /** Blocks over which missed ones are counted. */
  readonly signedBlocksWindow: bigint;
  readonly minSignedPerWindow: Dec;
  readonly downtimeJailDuration: Duration;
  readonly slashFractionDoubleSign: Dec;
  readonly slashFractionDowntime: Dec;
}

export const defaultParams: Params = {
  signedBlocksWindow: 100n,
  minSignedPerWindow: decFromRatio(1n, 2n),
  downtimeJailDuration: { seconds: 600n, nanos: 0 },
  slashFractionDoubleSign: decFromRatio(1n, 20n),
  slashFractionDowntime: decFromRatio(1n, 100n),
};

/** More than a year of blocks a second apart. The SDK has no bound; here it bounds what a validator's bitmap holds. */
export const signedBlocksWindowMax = 50_000_000n;

const noTime: Duration = { seconds: 0n, nanos: 0 };

const decFields = ["minSignedPerWindow", "slashFractionDoubleSign", "slashFractionDowntime"] as const;

const words: Readonly<Record<(typeof decFields)[number], string>> = {
  minSignedPerWindow: "min signed per window",
  slashFractionDoubleSign: "double sign slash fraction",
  slashFractionDowntime: "downtime slash fraction",
};

/** Throws ChainError (sdk 2) on decimals that are none; what is left out reads as zero. */
export const paramsFromProto = (params: proto.Params): Params => ({
  signedBlocksWindow: params.signedBlocksWindow,
  minSignedPerWindow: decOf(params.minSignedPerWindow),
  downtimeJailDuration: params.downtimeJailDuration ?? noTime,
  slashFractionDoubleSign: decOf(params.slashFractionDoubleSign),
  slashFractionDowntime: decOf(params.slashFractionDowntime),
});

const decOf = (bytes: Uint8Array): Dec => (bytes.length === 0 ? 0n : decFromProtoBytes(bytes));

export const paramsToProto = (params: Params): proto.Params => ({
  signedBlocksWindow: params.signedBlocksWindow,
  minSignedPerWindow: decToProtoBytes(params.minSignedPerWindow),
  downtimeJailDuration: { ...params.downtimeJailDuration },
  slashFractionDoubleSign: decToProtoBytes(params.slashFractionDoubleSign),
  slashFractionDowntime: decToProtoBytes(params.slashFractionDowntime),
});

/** Undefined when all is well. In the SDK's order; a decimal that the wire leaves out is Go's nil. */
export function paramsProblem(params: proto.Params): string | undefined {
  const { signedBlocksWindow: window, downtimeJailDuration = noTime } = params;
  if (window <= 0n) return `signed blocks window must be positive: ${window}`;
  if (window > signedBlocksWindowMax) {
    return `signed blocks window must not be above ${signedBlocksWindowMax}: ${window}`;
  }
  const minSigned = fractionProblem(params, "minSignedPerWindow");
  if (minSigned !== undefined) return minSigned;
  if (!isPositiveDuration(downtimeJailDuration)) {
    return `downtime jail duration must be positive: ${downtimeJailDuration.seconds}s`;
  }
  return fractionProblem(params, "slashFractionDoubleSign") ?? fractionProblem(params, "slashFractionDowntime");
}

function fractionProblem(params: proto.Params, field: (typeof decFields)[number]): string | undefined {
  const bytes = params[field];
  if (bytes.length === 0) return `${words[field]} cannot be nil: <nil>`;
  const value = decFromProtoBytes(bytes);
  if (value < 0n) return `${words[field]} cannot be negative: ${formatDec(value)}`;
  if (value > decOne) return `${words[field]} too large: ${formatDec(value)}`;
  return undefined;
}
