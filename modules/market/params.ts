/** The market's parameters: defaults, what they mean together, and as the rules read them. */
import { type Coin, denomProblem } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decFromProto, decOne, decToProto, formatDec, parseDec } from "../../chain/dec.ts";
import { parseIntText } from "../../chain/int.ts";
import type { Params as ProtoParams, Split as ProtoSplit } from "../../proto/gen/weir/market/v1/state.ts";
import { type Split, splitNames, sumOfShares } from "./split.ts";
import type { PriceRules } from "./spotprice.ts";
import { params } from "./state.ts";

export interface Params extends PriceRules {
  readonly denoms: readonly { readonly denom: string; readonly cap: bigint }[];
  readonly split: Split;
  readonly disputeEpochs: bigint;
  readonly sessionEpochsMax: bigint;
  readonly depositMin: bigint;
  readonly relayBondShare: Dec;
  readonly leaseBondShare: Dec;
  readonly deliveryShareMin: Dec;
  readonly termEpochsMax: bigint;
}

export const denomsMax = 16;
/** A thousand million dollars: more than a stable coin of a young chain should be trusted with. */
const defaultCap = 1_000_000_000_000_000n;

/** Points of one mechanism: a genesis chooses one. */
export const splitPresets = {
  burn: { burn: "0.9", direct: "0" },
  hybrid: { burn: "0.12", direct: "0.78" },
  fees: { burn: "0", direct: "0.9" },
} as const;
export type SplitPreset = keyof typeof splitPresets;

export const presetSplit = (preset: SplitPreset): Split => ({
  burn: parseDec(splitPresets[preset].burn),
  direct: parseDec(splitPresets[preset].direct),
  reserve: parseDec("0.05"),
  oracles: parseDec("0.03"),
  stakers: parseDec("0.02"),
});

export const defaultParams: Params = {
  denoms: [{ denom: "uusdc", cap: defaultCap }],
  split: presetSplit("burn"),
  genesisPrice: parseDec("50000"),
  targetUtilization: parseDec("0.15"),
  priceStepMax: parseDec("0.125"),
  priceRange: 20n,
  disputeEpochs: 2n,
  sessionEpochsMax: 90n,
  depositMin: 10_000n,
  relayBondShare: parseDec("0.05"),
  leaseBondShare: parseDec("0.01"),
  deliveryShareMin: parseDec("0.95"),
  termEpochsMax: 365n,
};

const splitToProto = (split: Split): ProtoSplit => ({
  burn: decToProto(split.burn),
  direct: decToProto(split.direct),
  reserve: decToProto(split.reserve),
  oracles: decToProto(split.oracles),
  stakers: decToProto(split.stakers),
});

const dec = (text: string): Dec => (text === "" ? 0n : decFromProto(text));

const splitFromProto = (split: ProtoSplit | undefined): Split => ({
  burn: dec(split?.burn ?? ""),
  direct: dec(split?.direct ?? ""),
  reserve: dec(split?.reserve ?? ""),
  oracles: dec(split?.oracles ?? ""),
  stakers: dec(split?.stakers ?? ""),
});

export const paramsToProto = (value: Params): ProtoParams => ({
  denoms: value.denoms.map(({ denom, cap }) => ({ denom, cap: `${cap}` })),
  split: splitToProto(value.split),
  genesisPrice: decToProto(value.genesisPrice),
  targetUtilization: decToProto(value.targetUtilization),
  priceStepMax: decToProto(value.priceStepMax),
  priceRange: value.priceRange,
  disputeEpochs: value.disputeEpochs,
  sessionEpochsMax: value.sessionEpochsMax,
  depositMin: `${value.depositMin}`,
  relayBondShare: decToProto(value.relayBondShare),
  leaseBondShare: decToProto(value.leaseBondShare),
  deliveryShareMin: decToProto(value.deliveryShareMin),
  termEpochsMax: value.termEpochsMax,
});

/** Of parameters without a problem. */
export const paramsFromProto = (value: ProtoParams): Params => ({
  denoms: value.denoms.map(({ denom, cap }) => ({ denom, cap: parseIntText(cap) })),
  split: splitFromProto(value.split),
  genesisPrice: decFromProto(value.genesisPrice),
  targetUtilization: decFromProto(value.targetUtilization),
  priceStepMax: decFromProto(value.priceStepMax),
  priceRange: value.priceRange,
  disputeEpochs: value.disputeEpochs,
  sessionEpochsMax: value.sessionEpochsMax,
  depositMin: parseIntText(value.depositMin),
  relayBondShare: decFromProto(value.relayBondShare),
  leaseBondShare: decFromProto(value.leaseBondShare),
  deliveryShareMin: decFromProto(value.deliveryShareMin),
  termEpochsMax: value.termEpochsMax,
});

const intText = /^(?:0|[1-9][0-9]{0,38})$/;

function denomsProblem({ denoms }: ProtoParams): string | undefined {
  let last = "";
  for (const { denom, cap } of denoms) {
    const problem = denomProblem(denom);
    if (problem !== undefined) return `denoms: ${problem}`;
    if (denom <= last) return `denoms: ${denom} after ${last}; expected them sorted, each once`;
    if (!intText.test(cap)) return `denoms: the cap of ${denom} is ${cap || "nothing"}; expected a whole number`;
    last = denom;
  }
  return undefined;
}

/** What fields mean together; each one's range is the constitution's to check. */
export function paramsProblem(value: ProtoParams): string | undefined {
  const problem = denomsProblem(value);
  if (problem !== undefined) return problem;
  if (!intText.test(value.depositMin))
    return `deposit_min is ${value.depositMin || "nothing"}; expected a whole number`;
  const split = splitFromProto(value.split);
  if (splitNames.some((name) => split[name] < 0n)) return "split: a share is below 0";
  const sum = sumOfShares(split);
  return sum === decOne ? undefined : `split: the shares add up to ${formatDec(sum)}; expected 1`;
}

export function getParams(ctx: ReadContext): Params {
  const stored = params.get(ctx);
  return stored === undefined ? defaultParams : paramsOf(stored);
}

const known = new WeakMap<ProtoParams, Params>();

/** The store gives the same frozen message again while its bytes are the same. */
function paramsOf(stored: ProtoParams): Params {
  let found = known.get(stored);
  if (found === undefined) {
    found = paramsFromProto(stored);
    known.set(stored, found);
  }
  return found;
}

export const capOf = ({ denoms }: Params, { denom }: Coin): bigint | undefined =>
  denoms.find((rule) => rule.denom === denom)?.cap;
