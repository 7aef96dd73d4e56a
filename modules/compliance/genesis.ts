/** Compliance's part of genesis.json, and with it the switch. Owns what is refused before the chain starts; coins stand in bank's. */
import { accountAddress } from "../../chain/address.ts";
import { coinsFromProto, coinsProblem, coinsToProto, isValidDenom } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis } from "../../chain/module.ts";
import { rangeProblem } from "../../chain/parameters.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { GenesisState } from "../../proto/gen/weir/compliance/v1/genesis.ts";
import type { Credential, Held } from "../../proto/gen/weir/compliance/v1/state.ts";
import { heldOf } from "./held.ts";
import { invariants } from "./invariants.ts";
import { defaultParams, getParams, parameters, paramsProblem, paramsToProto } from "./params.ts";
import { flows, ruleProblem } from "./rules.ts";
import * as stored from "./state.ts";
import { hashBytes, isJurisdiction, isKind, issuerProblem, levelMax } from "./texts.ts";

const at = "app_state.compliance";

const empty = (): GenesisState => GenesisState.fromPartial({ params: paramsToProto(defaultParams) });

// -------------------------------------------------------------------------------------------------------------------- parsing

function checkEach<T>(
  list: readonly T[],
  name: string,
  nameOf: (one: T) => string,
  problem: (one: T) => string | undefined,
) {
  const seen = new Set<string>();
  for (const [index, one] of list.entries()) {
    const path = `${at}.${name}[${index}]`;
    if (seen.has(nameOf(one))) throw fieldError(path, `${nameOf(one)} again`, "each once");
    seen.add(nameOf(one));
    const found = refusedAs(path, shown(nameOf(one)), "a valid entry", () => problem(one));
    if (found !== undefined) throw fieldError(path, found, "a valid entry");
  }
}

function credentialProblem({ issuer, subject, kind, level, jurisdiction, hash, issued, expires }: Credential) {
  accountAddress.decode(issuer);
  accountAddress.decode(subject);
  if (!isKind(kind)) return `${kind} is no kind`;
  if (level > levelMax) return `level ${level}`;
  if (jurisdiction !== "" && !isJurisdiction(jurisdiction)) return `jurisdiction ${jurisdiction}`;
  if (hash.length !== hashBytes) return `a hash of ${hash.length} bytes`;
  return issued === undefined || expires === undefined ? "no times" : undefined;
}

const amountProblem = (amount: string): string | undefined =>
  /^[1-9]\d{0,77}$/.test(amount) ? undefined : `the amount ${amount.slice(0, 80)}`;

function heldProblem({ owner, coins }: Held): string | undefined {
  accountAddress.decode(owner);
  return coins.length === 0 ? "no coins" : coinsProblem(coinsFromProto(coins));
}

function parse(json: unknown): GenesisState {
  const state = fromJson<GenesisState>(GenesisState.$type, json, at);
  const params = state.params ?? paramsToProto(defaultParams);
  const problem = paramsProblem(params) ?? rangeProblem(parameters, params);
  if (problem !== undefined) throw fieldError(`${at}.params`, problem, "parameters in their ranges");
  checkEach(
    state.issuers,
    "issuers",
    ({ address }) => address,
    ({ address, name, reference, kinds, version }) => {
      accountAddress.decode(address);
      if (version >= state.nextVersion) return `version ${version}, and next_version is ${state.nextVersion}`;
      return issuerProblem(name, reference, kinds);
    },
  );
  const nameOf = ({ subject, issuer, kind }: Credential) => `${subject} ${issuer} ${kind}`;
  checkEach(state.credentials, "credentials", nameOf, credentialProblem);
  checkEach(state.rules, "rules", ({ denom }) => denom, ruleProblem);
  checkEach(
    state.issuances,
    "issuances",
    ({ denom }) => denom,
    ({ denom, issuer, cap }) => {
      if (issuer !== "") accountAddress.decode(issuer);
      if (!/^\d{1,78}$/.test(cap)) return `the cap ${cap.slice(0, 80)}`;
      return isValidDenom(denom) ? undefined : "no denomination";
    },
  );
  checkEach(state.held, "held", ({ owner }) => owner, heldProblem);
  const usageName = ({ epoch, denom, flow, account }: GenesisState["usages"][number]) =>
    `${epoch} ${denom} ${flow} ${account}`;
  checkEach(state.usages, "usages", usageName, ({ account, flow, amount }) => {
    accountAddress.decode(account);
    return flows.includes(flow) ? amountProblem(amount) : `flow ${flow}`;
  });
  checkEach(
    state.jurisdictions,
    "jurisdictions",
    ({ relay }) => `${relay}`,
    ({ jurisdiction }) => (isJurisdiction(jurisdiction) ? undefined : `jurisdiction ${jurisdiction.slice(0, 8)}`),
  );
  return { ...state, params };
}

// -------------------------------------------------------------------------------------------------------------- start and end

function init(ctx: Context, genesis: GenesisState): undefined {
  stored.params.set(ctx, genesis.params!);
  if (genesis.nextVersion > 0n) stored.versions.set(ctx, genesis.nextVersion);
  for (const issuer of genesis.issuers) stored.issuers.set(ctx, accountAddress.decode(issuer.address), issuer);
  for (const credential of genesis.credentials) {
    const { subject, issuer, kind } = credential;
    const key = [accountAddress.decode(subject), accountAddress.decode(issuer), kind] as const;
    stored.credentials.replace(ctx, key, undefined, credential);
  }
  for (const rule of genesis.rules) stored.rules.set(ctx, rule.denom, rule);
  for (const issuance of genesis.issuances) stored.issuances.set(ctx, issuance.denom, issuance);
  for (const { owner, coins } of genesis.held) {
    const address = accountAddress.decode(owner);
    for (const { denom, amount } of coinsFromProto(coins)) stored.held.set(ctx, [address, denom], amount);
  }
  for (const { epoch, denom, flow, account, amount } of genesis.usages) {
    stored.usages.set(ctx, [epoch, [denom, BigInt(flow), accountAddress.decode(account)]], BigInt(amount));
  }
  for (const { relay, jurisdiction } of genesis.jurisdictions) stored.jurisdictions.set(ctx, relay, jurisdiction);
  requireSound(ctx);
  return undefined;
}

/** What must fit other modules' genesis, or the switch, is what is always true: bank, mint and staking were read before. */
function requireSound(ctx: ReadContext): void {
  for (const [name, invariant] of Object.entries(invariants)) {
    const problem = name === "usagesAreOfNow" ? undefined : invariant(ctx);
    if (problem !== undefined) throw fieldError(at, problem, `what holds ${name}`);
  }
}

function exportState(ctx: ReadContext): GenesisState {
  const values = <V>(pairs: Iterable<readonly [unknown, V]>): V[] => [...pairs].map(([, value]) => value);
  const owners = new Map([...stored.held.keys(ctx)].map(([owner]) => [accountAddress.encode(owner), owner]));
  return {
    params: paramsToProto(getParams(ctx)),
    nextVersion: stored.versions.peek(ctx),
    issuers: values(stored.issuers.iterate(ctx)),
    credentials: values(stored.credentials.iterate(ctx)),
    rules: values(stored.rules.iterate(ctx)),
    issuances: values(stored.issuances.iterate(ctx)),
    held: [...owners].map(([owner, address]) => ({ owner, coins: coinsToProto(heldOf(ctx, address)) })),
    usages: [...stored.usages.iterate(ctx)].map(([[epoch, [denom, flow, account]], amount]) => ({
      epoch,
      denom,
      flow: flows.find((one) => BigInt(one) === flow)!,
      account: accountAddress.encode(account),
      amount: `${amount}`,
    })),
    jurisdictions: [...stored.jurisdictions.iterate(ctx)].map(([relay, jurisdiction]) => ({ relay, jurisdiction })),
  };
}

export const genesis: Genesis<GenesisState> = {
  default: empty,
  parse,
  toJson: (state) => toJson(GenesisState.$type, state),
  init,
  export: exportState,
};
