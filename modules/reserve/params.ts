/** The reserve's parameters: defaults, what they mean together, and as the rules read them. */
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decFromProto, decToProto, parseDec } from "../../chain/dec.ts";
import type { Params as ProtoParams } from "../../proto/gen/weir/reserve/v1/state.ts";
import { params } from "./state.ts";

export interface Params {
  readonly corridorShare: Dec;
  readonly exitFee: Dec;
  readonly dayAllowance: Dec;
  readonly dayAllowanceDelayed: Dec;
  readonly buyShareMax: Dec;
  readonly remintShare: Dec;
  readonly auctionCeilingShare: Dec;
  readonly referenceFactorMax: Dec;
  readonly referenceWeight: Dec;
  readonly supplyMin: bigint;
  readonly lotMin: bigint;
  readonly offersMax: bigint;
}

const oneToken = 1_000_000n;

export const defaultParams: Params = {
  corridorShare: parseDec("0.2"),
  exitFee: parseDec("0.01"),
  dayAllowance: parseDec("0.02"),
  dayAllowanceDelayed: parseDec("0.1"),
  buyShareMax: parseDec("0.0025"),
  remintShare: parseDec("0.85"),
  auctionCeilingShare: parseDec("0.98"),
  referenceFactorMax: parseDec("1.1"),
  referenceWeight: parseDec("0.2"),
  supplyMin: 1_000n * oneToken,
  lotMin: oneToken,
  offersMax: 10_000n,
};

const decNames = [
  "corridorShare",
  "exitFee",
  "dayAllowance",
  "dayAllowanceDelayed",
  "buyShareMax",
  "remintShare",
  "auctionCeilingShare",
  "referenceFactorMax",
  "referenceWeight",
] as const;

type Decs = Record<(typeof decNames)[number], string>;

export const paramsToProto = (value: Params): ProtoParams => ({
  ...(Object.fromEntries(decNames.map((name) => [name, decToProto(value[name])])) as Decs),
  supplyMin: `${value.supplyMin}`,
  lotMin: `${value.lotMin}`,
  offersMax: value.offersMax,
});

/** Of parameters without a problem. */
export const paramsFromProto = (value: ProtoParams): Params => ({
  ...(Object.fromEntries(decNames.map((name) => [name, decFromProto(value[name])])) as Record<keyof Decs, Dec>),
  supplyMin: BigInt(value.supplyMin),
  lotMin: BigInt(value.lotMin),
  offersMax: value.offersMax,
});

const amountPattern = /^(?:0|[1-9][0-9]{0,38})$/;

/** What fields mean together; each one's range is the constitution's to check. */
export function paramsProblem(value: ProtoParams): string | undefined {
  for (const name of decNames) if (value[name] === "") return `${name} is missing; expected a decimal`;
  if (!amountPattern.test(value.supplyMin))
    return `supply_min is ${value.supplyMin || "nothing"}; expected a whole number`;
  if (!amountPattern.test(value.lotMin)) return `lot_min is ${value.lotMin || "nothing"}; expected a whole number`;
  const { dayAllowance, dayAllowanceDelayed } = paramsFromProto(value);
  if (dayAllowanceDelayed >= dayAllowance) return undefined;
  return "day_allowance_delayed is below day_allowance; expected a delay to let more out";
}

const known = new WeakMap<ProtoParams, Params>();

/** The store gives the same frozen message again while its bytes are the same. */
export function getParams(ctx: ReadContext): Params {
  const stored = params.get(ctx);
  if (stored === undefined) return defaultParams;
  let found = known.get(stored);
  if (found === undefined) {
    found = paramsFromProto(stored);
    known.set(stored, found);
  }
  return found;
}
