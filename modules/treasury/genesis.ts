/** The treasury's part of genesis.json. Owns what is refused before the chain starts; its coins stand in bank's. */
import { coinsFromProto } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis } from "../../chain/module.ts";
import { rangeProblem } from "../../chain/parameters.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { GenesisState } from "../../proto/gen/weir/treasury/v1/genesis.ts";
import { defaultParams, getParams, parameters, paramsProblem, paramsToProto } from "./params.ts";
import { getPolicy, nobody, policyProblem } from "./policy.ts";
import { spendProblem } from "./spends.ts";
import * as stored from "./state.ts";

const at = "app_state.treasury";

function parse(json: unknown): GenesisState {
  const state = fromJson<GenesisState>(GenesisState.$type, json, at);
  const params = state.params ?? paramsToProto(defaultParams);
  const problem = paramsProblem(params) ?? rangeProblem(parameters, params);
  if (problem !== undefined) throw fieldError(`${at}.params`, problem, "parameters in their ranges");
  const policy = state.policy ?? nobody;
  const wrong = policyProblem(policy);
  if (wrong !== undefined) throw fieldError(`${at}.policy`, wrong, "a policy");
  const numbers = [...state.spends, ...state.payments].map(({ id }) => id);
  const strange = numbers.find((id, index) => id >= state.nextId || numbers.indexOf(id) !== index);
  if (strange !== undefined) throw fieldError(at, `spend ${strange}`, `numbers below ${state.nextId}, each once`);
  for (const [index, spend] of state.spends.entries()) {
    const path = `${at}.spends[${index}]`;
    const asked = { ...spend, amount: coinsFromProto(spend.amount) };
    const refused = refusedAs(path, shown(spend.recipient), "a spend", () => spendProblem(asked));
    if (refused !== undefined || spend.expires === undefined) throw fieldError(path, refused ?? "no end", "a spend");
  }
  const timeless = state.payments.findIndex(({ time }) => time === undefined);
  if (timeless >= 0) throw fieldError(`${at}.payments[${timeless}].time`, "nothing", "a time");
  return { ...state, params, policy };
}

export const genesis: Genesis<GenesisState> = {
  default: () => GenesisState.fromPartial({ params: paramsToProto(defaultParams), policy: nobody }),
  parse,
  toJson: (state) => toJson(GenesisState.$type, state),
  init(ctx: Context, { params, policy, nextId, spends, payments }) {
    stored.params.set(ctx, params!);
    stored.policy.set(ctx, policy!);
    stored.spendIds.set(ctx, nextId);
    for (const spend of spends) stored.spends.set(ctx, spend.id, spend);
    for (const payment of payments) stored.payments.set(ctx, payment.id, payment);
    return undefined;
  },
  export: (ctx: ReadContext) => ({
    params: paramsToProto(getParams(ctx)),
    policy: getPolicy(ctx),
    nextId: stored.spendIds.peek(ctx),
    spends: [...stored.spends.iterate(ctx)].map(([, spend]) => spend),
    payments: [...stored.payments.iterate(ctx)].map(([, payment]) => payment),
  }),
};
