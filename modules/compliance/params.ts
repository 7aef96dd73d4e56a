/** Whether compliance is in force, and its bounds. The switch is genesis': no vote turns it on or off. */
import type { BlockInfo, Context, ReadContext } from "../../chain/context.ts";
import { uncountedGas } from "../../chain/gas.ts";
import { duration, flag, integer, type ModuleParameters } from "../../chain/parameters.ts";
import type { Duration } from "../../chain/time.ts";
import { Params as ProtoParams } from "../../proto/gen/weir/compliance/v1/state.ts";
import type { MsgUpdateParams } from "../../proto/gen/weir/compliance/v1/tx.ts";
import { isOff } from "./errors.ts";
import { params } from "./state.ts";

export interface Params {
  readonly enabled: boolean;
  readonly credentialLifetimeMax: Duration;
  readonly issuersMax: number;
  readonly denomsMax: number;
  readonly credentialsMax: number;
}

const daySeconds = 86_400n;

export const defaultParams: Params = {
  enabled: false,
  credentialLifetimeMax: { seconds: 400n * daySeconds, nanos: 0 },
  issuersMax: 32,
  denomsMax: 32,
  credentialsMax: 16,
};

export const issuersMaxMax = 256;
export const denomsMaxMax = 128;
export const credentialsMaxMax = 64;

export const paramsToProto = (value: Params): ProtoParams => ({ ...value });
export const paramsOf = ({ params: value }: MsgUpdateParams): ProtoParams => value ?? ProtoParams.fromPartial({});

/** Ranges are the constitution's. */
export const paramsProblem = ({ credentialLifetimeMax }: ProtoParams): string | undefined =>
  credentialLifetimeMax === undefined ? "credential_lifetime_max is expected" : undefined;

export function getParams(ctx: ReadContext): Params {
  const stored = params.get(ctx);
  return stored === undefined
    ? defaultParams
    : { ...stored, credentialLifetimeMax: stored.credentialLifetimeMax ?? defaultParams.credentialLifetimeMax };
}

/** By block: genesis says it, an upgrade's migration could before anything else runs in a block, and nothing within one. */
const known = new WeakMap<BlockInfo, boolean>();

/** Asked by every transfer: it is read once a block, and never costs gas, so that a chain without compliance charges what the SDK charges. */
export function isOn(ctx: Context): boolean {
  const answer = known.get(ctx.block);
  if (answer !== undefined) return answer;
  const stored = ctx.metered(uncountedGas, (free) => params.get(free));
  if (stored === undefined) return false;
  known.set(ctx.block, stored.enabled);
  return stored.enabled;
}

export function requireOn(ctx: ReadContext): void {
  if (!getParams(ctx).enabled) throw isOff();
}

export const parameters: ModuleParameters<ProtoParams> = {
  typeName: ProtoParams.$type,
  message: "/weir.compliance.v1.MsgUpdateParams",
  rules: {
    enabled: flag("whether rules of compliance are in force", { class: "fixed" }),
    credential_lifetime_max: duration("longest time that a credential counts", daySeconds, 3_660n * daySeconds),
    issuers_max: integer("issuers of credentials", "issuers", 1n, BigInt(issuersMaxMax)),
    denoms_max: integer(
      "denominations with a rule, and as many that are issued",
      "denominations",
      1n,
      BigInt(denomsMaxMax),
    ),
    credentials_max: integer("credentials of one account", "credentials", 1n, BigInt(credentialsMaxMax)),
  },
  read: (ctx) => paramsToProto(getParams(ctx)),
  proposed: (_ctx, message) => paramsOf(message),
  refuse: (ctx, { enabled }) =>
    enabled === getParams(ctx).enabled ? undefined : "enabled is genesis' to say: no vote turns compliance on or off",
};
