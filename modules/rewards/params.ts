/** The rewards' parameters: defaults, what they mean together, and as the rules read them. Their ranges are parameters.ts. */
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decFromProto, decOne, decToProto, formatDec, parseDec } from "../../chain/dec.ts";
import type { Params as ProtoParams } from "../../proto/gen/weir/rewards/v1/state.ts";
import { params } from "./state.ts";

const decimals = [
  "validatorsShare",
  "oraclesShare",
  "availabilityShareMax",
  "availabilityShareMin",
  "usageBurnShare",
  "netEmissionShareMax",
  "stepMax",
  "vestingShare",
  "outdatedFactor",
  "stableUptime",
  "familyShareMax",
  "scarcityMin",
  "scarcityMax",
  "overclaimSlashMin",
  "overclaimSlashMax",
  "overclaimTolerance",
  "qualitySlash",
  "downtimeSlash",
  "downtimeUptime",
  "covertFull",
  "covertSlashBelow",
  "challengerShare",
  "oracleMissShare",
  "oracleMissSlash",
  "oracleSilenceShare",
  "oracleSilenceSlash",
] as const;

type Decimal = (typeof decimals)[number];

export interface Params
  extends Readonly<Omit<ProtoParams, Decimal | "vestingDuration">>,
    Readonly<Record<Decimal, Dec>> {
  readonly vestingSeconds: bigint;
}

export const secondsPerDay = 86_400n;

export const defaultParams: Params = {
  validatorsShare: parseDec("0.1"),
  oraclesShare: parseDec("0.05"),
  availabilityShareMax: parseDec("0.6"),
  availabilityShareMin: parseDec("0.1"),
  usageBurnShare: parseDec("0.35"),
  netEmissionShareMax: parseDec("0.01"),
  referenceBps: 100_000_000_000n,
  bondEpochs: 30n,
  stepMax: parseDec("0.1"),
  sweepPage: 500n,
  resultsKeptEpochs: 7n,
  claimWindowEpochs: 180n,
  vestingShare: parseDec("0.5"),
  vestingSeconds: 90n * secondsPerDay,
  probationEpochs: 15n,
  relayBpsMin: 5_000_000n,
  outdatedFactor: parseDec("0.9"),
  outdatedEpochs: 30n,
  stableUptime: parseDec("0.95"),
  stableEpochs: 30n,
  transientFullMbps: 10_000n,
  familyShareMax: parseDec("0.02"),
  familyParts: 3n,
  scarcityMin: parseDec("0.5"),
  scarcityMax: parseDec("1.5"),
  scarcityFamiliesMin: 3n,
  overclaimSlashMin: parseDec("0.1"),
  overclaimSlashMax: parseDec("0.3"),
  overclaimTolerance: parseDec("0.2"),
  qualitySlash: parseDec("0.01"),
  qualityIntervalEpochs: 7n,
  downtimeSlash: parseDec("0.01"),
  downtimeUptime: parseDec("0.5"),
  downtimeEpochs: 7n,
  covertReadings: 10n,
  covertFull: parseDec("0.8"),
  covertSlashBelow: parseDec("0.5"),
  challengerShare: parseDec("0.1"),
  oracleMissShare: parseDec("0.1"),
  oracleMissSlash: parseDec("0.001"),
  oracleSilenceShare: parseDec("0.666666666666666666"),
  oracleSilenceSlash: parseDec("0.01"),
  covertUnits: 1n,
};

function decimalsOf<A, B>(value: Readonly<Record<Decimal, A>>, convert: (of: A) => B): Record<Decimal, B> {
  return Object.fromEntries(decimals.map((name) => [name, convert(value[name])])) as Record<Decimal, B>;
}

export function paramsToProto({ vestingSeconds, ...value }: Params): ProtoParams {
  const duration = { seconds: vestingSeconds, nanos: 0 };
  return { ...value, ...decimalsOf(value, decToProto), vestingDuration: duration };
}

/** Read for every relay of a page: what the store gave once is decoded once. */
const decoded = new WeakMap<ProtoParams, Params>();

/** Of parameters without a problem, which nobody changes any more. */
export function paramsFromProto(stored: ProtoParams): Params {
  const known = decoded.get(stored);
  if (known !== undefined) return known;
  const { vestingDuration, ...value } = stored;
  const params = { ...value, ...decimalsOf(value, decFromProto), vestingSeconds: vestingDuration!.seconds };
  decoded.set(stored, params);
  return params;
}

const missing = (value: ProtoParams): string | undefined => {
  const name = decimals.find((decimal) => value[decimal] === "");
  return name === undefined ? undefined : `${name} is missing; expected a decimal number`;
};

/** What fields mean together: nothing is given twice, and no range is empty. Undefined when all is well. */
export function paramsProblem(value: ProtoParams): string | undefined {
  const absent = missing(value);
  if (absent !== undefined) return absent;
  const duration = value.vestingDuration;
  if (duration === undefined || duration.nanos !== 0 || duration.seconds <= 0n) {
    return "vesting_duration is no whole number of seconds; expected for example 7776000s";
  }
  const of = paramsFromProto(value);
  const shares = of.validatorsShare + of.oraclesShare + of.availabilityShareMax;
  if (shares > decOne) return `the shares of an emission sum to ${formatDec(shares)}; expected at most 1`;
  if (of.availabilityShareMin > of.availabilityShareMax)
    return "availability_share_min is above availability_share_max";
  if (of.scarcityMin > decOne || of.scarcityMax < decOne) return "the range of scarcity leaves 1 out";
  if (of.overclaimSlashMin > of.overclaimSlashMax) return "overclaim_slash_min is above overclaim_slash_max";
  if (of.oracleMissShare > of.oracleSilenceShare) return "oracle_miss_share is above oracle_silence_share";
  return undefined;
}

export function getParams(ctx: ReadContext): Params {
  const stored = params.get(ctx);
  return stored === undefined ? defaultParams : paramsFromProto(stored);
}
