/** The committee's parameters: defaults, bounds, and as the rules read them. Pure but for reading them. */
import type { ReadContext } from "../../chain/context.ts";
import type { Duration } from "../../chain/time.ts";
import type { Params as ProtoParams } from "../../proto/gen/weir/circuit/v1/state.ts";
import { params } from "./state.ts";

export interface Params {
  readonly actDurationMax: Duration;
  readonly exitPauseMax: Duration;
  readonly approvalPeriod: Duration;
  readonly actsMax: number;
}

const hours = (count: bigint): Duration => ({ seconds: count * 3_600n, nanos: 0 });

/** No vote lets the committee keep users from their own for longer. */
export const exitPauseSecondsMax = 72n * 3_600n;
export const actDurationSecondsMax = 30n * 86_400n;
export const approvalSecondsMax = 7n * 86_400n;
export const actsMaxMax = 64n;

export const defaultParams: Params = {
  actDurationMax: hours(14n * 24n),
  exitPauseMax: hours(72n),
  approvalPeriod: hours(48n),
  actsMax: 16,
};

export const paramsToProto = ({ actsMax, ...durations }: Params): ProtoParams => ({ ...durations, actsMax });

/** Ranges are the constitution's (parameters.ts); together nothing is asked of them. */
export const paramsProblem = (value: ProtoParams): string | undefined =>
  value.actDurationMax === undefined || value.exitPauseMax === undefined || value.approvalPeriod === undefined
    ? "act_duration_max, exit_pause_max and approval_period are expected"
    : undefined;

export function getParams(ctx: ReadContext): Params {
  const stored = params.get(ctx);
  if (stored === undefined) return defaultParams;
  const { actDurationMax, exitPauseMax, approvalPeriod, actsMax } = stored;
  return { actDurationMax: actDurationMax!, exitPauseMax: exitPauseMax!, approvalPeriod: approvalPeriod!, actsMax };
}
