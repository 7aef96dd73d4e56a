/** Circuit's part of genesis.json: the SDK's fields first, then the committee's. Owns what is refused before the chain starts. */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis } from "../../chain/module.ts";
import { rangeProblem } from "../../chain/parameters.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { GenesisState } from "../../proto/gen/weir/circuit/v1/genesis.ts";
import type { ActKind, PendingAct, StandingAct } from "../../proto/gen/weir/circuit/v1/state.ts";
import { checkAct } from "./act.ts";
import { endedKept, targetsOf } from "./acts.ts";
import { committeeProblem, getCommittee } from "./committee.ts";
import { parameters } from "./parameters.ts";
import { actsMaxMax, defaultParams, getParams, paramsProblem, paramsToProto } from "./params.ts";
import { countRefusals } from "./refusals.ts";
import * as stored from "./state.ts";

const at = "app_state.circuit";

const empty = (): GenesisState =>
  GenesisState.fromPartial({
    params: paramsToProto(defaultParams),
    committee: { version: 0n, threshold: 0, members: [] },
  });

// -------------------------------------------------------------------------------------------------------------------- parsing

function parse(json: unknown): GenesisState {
  const state = fromJson<GenesisState>(GenesisState.$type, json, at);
  for (const [index, { address, permissions }] of state.accountPermissions.entries()) {
    const path = `${at}.account_permissions[${index}]`;
    refusedAs(`${path}.address`, shown(address), "an account", () => accountAddress.decode(address));
    if (permissions === undefined) throw fieldError(`${path}.permissions`, "nothing", "permissions");
  }
  const params = state.params ?? paramsToProto(defaultParams);
  const problem = paramsProblem(params) ?? rangeProblem(parameters, params);
  if (problem !== undefined) throw fieldError(`${at}.params`, problem, "parameters in their ranges");
  const committee = state.committee ?? { version: 0n, threshold: 0, members: [] };
  const wrong = committeeProblem(committee.members, committee.threshold);
  if (wrong !== undefined) throw fieldError(`${at}.committee`, wrong, "a committee");
  checkActs(state);
  return { ...state, params, committee };
}

function checkActs({ acts, ended, pending, nextId }: GenesisState): void {
  if (ended.length > endedKept) throw fieldError(`${at}.ended`, `${ended.length}`, `at most ${endedKept}`);
  if (BigInt(acts.length) > actsMaxMax) throw fieldError(`${at}.acts`, `${acts.length}`, `at most ${actsMaxMax}`);
  const numbers = new Set<bigint>();
  const check = (path: string, { id, act }: Pick<StandingAct | PendingAct, "id" | "act">): void => {
    if (numbers.has(id) || id >= nextId) throw fieldError(`${path}.id`, `${id}`, `a number below ${nextId}, each once`);
    numbers.add(id);
    refusedAs(`${path}.act`, shown(act?.kind), "an act", () => checkAct(act));
  };
  for (const [index, standing] of acts.entries()) {
    check(`${at}.acts[${index}]`, standing);
    if (standing.begins === undefined || standing.ends === undefined) {
      throw fieldError(`${at}.acts[${index}]`, "no times", "when it begins and ends");
    }
  }
  for (const [index, one] of ended.entries()) {
    if (one.act === undefined || one.ended === undefined) {
      throw fieldError(`${at}.ended[${index}]`, "no act or no time", "an act, and when it ended");
    }
    check(`${at}.ended[${index}].act`, one.act);
  }
  for (const [index, found] of pending.entries()) {
    check(`${at}.pending[${index}]`, found);
    if (found.expires === undefined) throw fieldError(`${at}.pending[${index}].expires`, "nothing", "a time");
  }
}

// -------------------------------------------------------------------------------------------------------------- start and end

function init(ctx: Context, genesis: GenesisState): undefined {
  for (const { address, permissions } of genesis.accountPermissions) {
    stored.permissions.set(ctx, accountAddress.decode(address), permissions!);
  }
  for (const url of genesis.disabledTypeUrls) {
    if (stored.disabled.has(ctx, url)) continue;
    stored.disabled.add(ctx, url);
    countRefusals(ctx, 1n);
  }
  stored.params.set(ctx, genesis.params!);
  stored.committee.set(ctx, genesis.committee!);
  stored.nonces.set(ctx, genesis.nextNonce);
  stored.actIds.set(ctx, genesis.nextId);
  for (const found of genesis.pending) stored.pending.set(ctx, found.id, found);
  if (genesis.exitsOpen !== undefined) stored.exitsOpen.set(ctx, genesis.exitsOpen);
  for (const { kind, target } of genesis.usedUp) stored.usedUp.add(ctx, [BigInt(kind), target]);
  for (const one of genesis.ended) stored.ended.set(ctx, one.act!.id, one);
  for (const standing of genesis.acts) initAct(ctx, standing, genesis);
  return undefined;
}

/** What it does to its targets follows from it, and from when exit paths open again. */
function initAct(ctx: Context, standing: StandingAct, { effects }: GenesisState): void {
  stored.acts.set(ctx, standing.id, standing);
  for (const target of targetsOf(standing.act!)) {
    const key = [BigInt(standing.act!.kind), target] as const;
    const found = effects.find((entry) => entry.kind === standing.act!.kind && entry.target === target)?.effect;
    if (found?.actId !== standing.id) continue;
    stored.effects.set(ctx, key, found);
    countRefusals(ctx, 1n);
  }
}

const exportState = (ctx: ReadContext): GenesisState => ({
  accountPermissions: [...stored.permissions.iterate(ctx)].map(([address, permissions]) => ({
    address: accountAddress.encode(address),
    permissions,
  })),
  disabledTypeUrls: [...stored.disabled.keys(ctx)],
  params: paramsToProto(getParams(ctx)),
  committee: getCommittee(ctx),
  nextNonce: stored.nonces.peek(ctx),
  nextId: stored.actIds.peek(ctx),
  pending: [...stored.pending.iterate(ctx)].map(([, found]) => found),
  acts: [...stored.acts.iterate(ctx)].map(([, found]) => found),
  usedUp: [...stored.usedUp.keys(ctx)].map(([kind, target]) => ({ kind: Number(kind) as ActKind, target })),
  exitsOpen: stored.exitsOpen.get(ctx),
  effects: [...stored.effects.iterate(ctx)].map(([[kind, target], effect]) => ({
    kind: Number(kind) as ActKind,
    target,
    effect,
  })),
  ended: [...stored.ended.iterate(ctx)].map(([, found]) => found),
});

export const genesis: Genesis<GenesisState> = {
  default: empty,
  parse,
  toJson: (state) => toJson(GenesisState.$type, state),
  init,
  export: exportState,
};
