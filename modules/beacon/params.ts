/** The beacon's parameters: defaults, bounds, and as the rules read them. Pure. */
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decFromProto, decOne, decToProto, formatDec, parseDec } from "../../chain/dec.ts";
import type { Duration } from "../../chain/time.ts";
import type { Params as ProtoParams } from "../../proto/gen/weir/beacon/v1/state.ts";
import { params } from "./state.ts";

export interface Params {
  readonly epochDuration: Duration;
  readonly keyDelayEpochs: bigint;
  readonly withheldFineBlocks: bigint;
  readonly countedDurationsMax: bigint;
  readonly fineShareMax: Dec;
}

export const defaultParams: Params = {
  epochDuration: { seconds: 86_400n, nanos: 0 },
  keyDelayEpochs: 2n,
  withheldFineBlocks: 10n,
  countedDurationsMax: 2n,
  fineShareMax: parseDec("0.01"),
};

export const epochSecondsMax = 30n * 86_400n;
export const keyDelayMax = 100n;
export const fineBlocksMax = 1_000n;
export const countedMax = 10n;

export const paramsToProto = (value: Params): ProtoParams => ({
  ...value,
  epochDuration: { ...value.epochDuration },
  fineShareMax: decToProto(value.fineShareMax),
});

/** Of parameters without a problem. */
export const paramsFromProto = (value: ProtoParams): Params => ({
  ...value,
  epochDuration: value.epochDuration!,
  fineShareMax: decFromProto(value.fineShareMax),
});

function shareProblem(name: string, text: string): string | undefined {
  if (text === "") return `${name} is missing; expected a share from 0 to 1`;
  const value = decFromProto(text);
  return value < 0n || value > decOne ? `${name} is ${formatDec(value)}; expected a share from 0 to 1` : undefined;
}

const rangeProblem = (name: string, value: bigint, least: bigint, most: bigint): string | undefined =>
  value < least || value > most ? `${name} is ${value}; expected ${least} to ${most}` : undefined;

function durationProblem(duration: Duration | undefined): string | undefined {
  const { seconds, nanos } = duration ?? { seconds: 0n, nanos: 0 };
  if (seconds >= 1n && seconds <= epochSecondsMax && nanos === 0) return undefined;
  return `epoch_duration is ${seconds}s and ${nanos}ns; expected whole seconds, 1 to ${epochSecondsMax}`;
}

/** Undefined when all is well. */
export const paramsProblem = (value: ProtoParams): string | undefined =>
  durationProblem(value.epochDuration) ??
  rangeProblem("key_delay_epochs", value.keyDelayEpochs, 1n, keyDelayMax) ??
  rangeProblem("withheld_fine_blocks", value.withheldFineBlocks, 0n, fineBlocksMax) ??
  rangeProblem("counted_durations_max", value.countedDurationsMax, 1n, countedMax) ??
  shareProblem("fine_share_max", value.fineShareMax);

/** What was made of the stored ones last: an item gives the same object until they change, and every block reads them. */
let made: { readonly stored: ProtoParams; readonly value: Params } | undefined;

export function getParams(ctx: ReadContext): Params {
  const stored = params.get(ctx);
  if (stored === undefined) return defaultParams;
  if (made?.stored !== stored) made = { stored, value: paramsFromProto(stored) };
  return made.value;
}
