/** Rules of denominations: which may have one, and what one may say. Owns no flow; restrictions.ts applies them. */
import { accountAddress } from "../../chain/address.ts";
import { isValidDenom } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { ChainError } from "../../chain/errors.ts";
import { parseIntText } from "../../chain/int.ts";
import { type DenomRule, Flow, type FlowLimit, type Requirement } from "../../proto/gen/weir/compliance/v1/state.ts";
import { mintDenom } from "../mint/index.ts";
import { bondDenom } from "../staking/index.ts";
import { nativeIsFree, noRule, tooMany } from "./errors.ts";
import * as events from "./events.ts";
import { getParams, requireOn } from "./params.ts";
import { rules } from "./state.ts";
import { isJurisdiction, isKind, levelMax } from "./texts.ts";

export const requiredIssuersMax = 16;
export const jurisdictionsMax = 256;

export const flows: readonly Flow[] = [Flow.FLOW_RECEIVE, Flow.FLOW_TOP_UP, Flow.FLOW_REDEEM];

/** What fees, stakes and votes are made of is nobody's to restrict. Genesis alone says which that is. */
export const isNative = (ctx: ReadContext, denom: string): boolean =>
  denom === bondDenom(ctx) || denom === mintDenom(ctx);

export const ruleOf = (ctx: ReadContext, denom: string): DenomRule | undefined => rules.get(ctx, denom);

export function setRule(ctx: Context, rule: DenomRule): void {
  requireOn(ctx);
  const { denom } = rule;
  if (isNative(ctx, denom)) throw nativeIsFree(denom);
  const { denomsMax } = getParams(ctx);
  if (!rules.has(ctx, denom) && [...rules.keys(ctx)].length >= denomsMax) {
    throw tooMany("denominations have a rule", denomsMax);
  }
  rules.set(ctx, denom, rule);
  ctx.emit(events.ruleSet(denom));
}

export function removeRule(ctx: Context, denom: string): void {
  requireOn(ctx);
  if (!rules.has(ctx, denom)) throw noRule(denom);
  rules.delete(ctx, denom);
  ctx.emit(events.ruleRemoved(denom));
}

// -------------------------------------------------------------------------------------------------------------- what it may say

function requirementProblem({ kind, levelMin, issuers, jurisdictions }: Requirement): string | undefined {
  if (!isKind(kind))
    return `requires the kind ${JSON.stringify(kind.slice(0, 32))}; expected 1 to 32 of a-z, 0-9 and -`;
  if (levelMin > levelMax) return `requires level ${levelMin}; expected ${levelMax} at most`;
  if (issuers.length > requiredIssuersMax)
    return `names ${issuers.length} issuers; expected ${requiredIssuersMax} at most`;
  if (jurisdictions.length > jurisdictionsMax) return `names ${jurisdictions.length} jurisdictions`;
  if (!jurisdictions.every(isJurisdiction)) return "names a jurisdiction that is not two capital letters";
  try {
    for (const issuer of issuers) accountAddress.decode(issuer);
  } catch (error) {
    if (error instanceof ChainError) return error.message;
    throw error;
  }
  return undefined;
}

function limitsProblem(limits: readonly FlowLimit[]): string | undefined {
  const named = limits.map(({ flow }) => flow);
  if (named.some((flow) => !flows.includes(flow))) return "limits what is no flow";
  if (new Set(named).size !== named.length) return "limits a flow twice";
  for (const { amount } of limits) {
    if (!/^\d{1,78}$/.test(amount))
      return `has the limit ${JSON.stringify(amount.slice(0, 80))}; expected a whole number`;
    parseIntText(amount);
  }
  return undefined;
}

/** Of a rule alone; throws nothing. */
export function ruleProblem({ denom, requirement, limits, freezable }: DenomRule): string | undefined {
  if (!isValidDenom(denom)) return `the rule is for ${JSON.stringify(denom.slice(0, 128))}, which is no denomination`;
  if (limits.length > 0 && requirement === undefined) return "it has limits, but says no credential that lifts them";
  if (limits.length === 0 && requirement !== undefined)
    return "it requires a credential, but limits nothing without one";
  if (limits.length === 0 && !freezable) return "it says nothing: expected limits, or that accounts may be frozen";
  return (requirement === undefined ? undefined : requirementProblem(requirement)) ?? limitsProblem(limits);
}
