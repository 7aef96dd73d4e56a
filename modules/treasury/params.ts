/** The treasury's parameters: defaults and bounds. */
import type { ReadContext } from "../../chain/context.ts";
import { duration, integer, type ModuleParameters } from "../../chain/parameters.ts";
import type { Duration } from "../../chain/time.ts";
import { Params as ProtoParams } from "../../proto/gen/weir/treasury/v1/state.ts";
import type { MsgUpdateParams } from "../../proto/gen/weir/treasury/v1/tx.ts";
import { params } from "./state.ts";

export interface Params {
  readonly approvalPeriod: Duration;
  readonly pendingMax: number;
}

export const defaultParams: Params = { approvalPeriod: { seconds: 14n * 86_400n, nanos: 0 }, pendingMax: 32 };
export const pendingMaxMax = 256;

export const paramsToProto = ({ approvalPeriod, pendingMax }: Params): ProtoParams => ({ approvalPeriod, pendingMax });
export const paramsOf = ({ params: value }: MsgUpdateParams): ProtoParams => value ?? ProtoParams.fromPartial({});

/** Ranges are the constitution's. */
export const paramsProblem = ({ approvalPeriod }: ProtoParams): string | undefined =>
  approvalPeriod === undefined ? "approval_period is expected" : undefined;

export function getParams(ctx: ReadContext): Params {
  const stored = params.get(ctx);
  return stored === undefined ? defaultParams : { ...stored, approvalPeriod: stored.approvalPeriod! };
}

export const parameters: ModuleParameters<ProtoParams> = {
  typeName: ProtoParams.$type,
  message: "/weir.treasury.v1.MsgUpdateParams",
  rules: {
    approval_period: duration("time to collect approvals of a spend of the treasury", 3_600n, 90n * 86_400n),
    pending_max: integer("spends of the treasury that may wait at a time", "spends", 1n, BigInt(pendingMaxMax)),
  },
  read: (ctx) => paramsToProto(getParams(ctx)),
  proposed: (_ctx, message) => paramsOf(message),
};
