/** The parameters of relays, oracles and readings: defaults, ranges, and as the rules read them. Pure. */
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decFromProto, decToProto, parseDec } from "../../chain/dec.ts";
import { parseIntText } from "../../chain/int.ts";
import type { Duration } from "../../chain/time.ts";
import { type Params as ProtoParams, Stage } from "../../proto/gen/weir/attestation/v1/state.ts";
import { params } from "./state.ts";

type Decimals =
  | "trustedReputation"
  | "bondFloor"
  | "covertRate"
  | "backgroundShare"
  | "equivocationSlash"
  | "equivocationBounty"
  | "bandShare"
  | "outlierSlash"
  | "badBelow";
type Amounts = "relayBondMin" | "oracleBondMin" | "delegationMin" | "escrowMax" | "challengeBond";
type Durations = "unbondingTime" | "leaveNotice";

export type Params = Readonly<
  Omit<ProtoParams, Decimals | Amounts | Durations> &
    Record<Decimals, Dec> &
    Record<Amounts, bigint> &
    Record<Durations, Duration>
>;

const weir = 1_000_000n;
const mbps = 1_000_000n;
const days = (count: bigint): Duration => ({ seconds: count * 86_400n, nanos: 0 });

export const defaultParams: Params = {
  stage: Stage.STAGE_OPEN,
  committeeSize: 9,
  prefixRules: true,
  auditOneIn: 3n,
  auditOneInEvidenced: 4n,
  trustedReputation: parseDec("0.8"),
  relayBondMin: 1_000n * weir,
  oracleBondMin: 50_000n * weir,
  bondFloor: parseDec("0.5"),
  unbondingTime: days(21n),
  unbondingsMax: 7,
  delegationMin: weir,
  unprovenBps: 100n * mbps,
  leaveNotice: days(90n),
  drainEpochsMax: 30n,
  keyDelayEpochs: 2n,
  familyLeaveEpochs: 7n,
  oraclesMax: 2_000n,
  operatorRelaysMax: 10,
  operatorOraclesMax: 1,
  operatorBpsMax: 10_000n * mbps,
  escrowMax: 1_000_000n * 1_000_000n,
  covertRate: parseDec("0.2"),
  challengeBond: 1_000n * weir,
  disputesMax: 1_000,
  backgroundShare: parseDec("0.1"),
  equivocationSlash: parseDec("0.05"),
  equivocationBounty: 0n,
  sweepPage: 500,
  bandShare: parseDec("0.1"),
  outlierSlash: parseDec("0.1"),
  badBelow: parseDec("0.8"),
};

const decimals: readonly Decimals[] = [
  "trustedReputation",
  "bondFloor",
  "covertRate",
  "backgroundShare",
  "equivocationSlash",
  "equivocationBounty",
  "bandShare",
  "outlierSlash",
  "badBelow",
];
const amounts: readonly Amounts[] = ["relayBondMin", "oracleBondMin", "delegationMin", "escrowMax", "challengeBond"];

const mapped = <K extends string, V>(keys: readonly K[], read: (key: K) => V): Record<K, V> =>
  Object.fromEntries(keys.map((key) => [key, read(key)])) as Record<K, V>;

export const paramsToProto = (value: Params): ProtoParams => ({
  ...value,
  ...mapped(decimals, (key) => decToProto(value[key])),
  ...mapped(amounts, (key) => `${value[key]}`),
  unbondingTime: { ...value.unbondingTime },
  leaveNotice: { ...value.leaveNotice },
});

const decode = (value: ProtoParams): Params => ({
  ...value,
  ...mapped(decimals, (key) => decFromProto(value[key])),
  ...mapped(amounts, (key) => parseIntText(value[key])),
  unbondingTime: value.unbondingTime!,
  leaveNotice: value.leaveNotice!,
});

/** Read by every message and for every relay of a page: what the store gave once is decoded once. */
const decoded = new WeakMap<ProtoParams, Params>();

/** Of parameters without a problem, which nobody changes any more. */
export function paramsFromProto(stored: ProtoParams): Params {
  let value = decoded.get(stored);
  if (value === undefined) {
    value = decode(stored);
    decoded.set(stored, value);
  }
  return value;
}

export function getParams(ctx: ReadContext): Params {
  const stored = params.get(ctx);
  return stored === undefined ? defaultParams : paramsFromProto(stored);
}
