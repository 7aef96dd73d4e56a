/** Authz's part of genesis.json: the grants, with the SDK's JSON. Owns what is refused before the chain starts. */
import { accountAddress } from "../../chain/address.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import type { Grant, GrantAuthorization } from "../../proto/gen/cosmos/authz/v1beta1/authz.ts";
import { GenesisState } from "../../proto/gen/cosmos/authz/v1beta1/genesis.ts";
import { openAuthorization } from "./authorization.ts";
import { type GrantKey, writeGrant } from "./keeper.ts";
import { grants, marker } from "./state.ts";

type Entry = readonly [GrantKey, Grant];

const at = "app_state.authz.authorization";

function readAddress(text: string, path: string): Uint8Array {
  return refusedAs(path, shown(text), "an address", () => accountAddress.decode(text));
}

function readEntry({ granter, grantee, authorization, expiration }: GrantAuthorization, path: string): Entry {
  const from = readAddress(granter, `${path}.granter`);
  const to = readAddress(grantee, `${path}.grantee`);
  if (accountAddress.encode(from) === accountAddress.encode(to)) {
    throw fieldError(`${path}.grantee`, shown(grantee), "another address than the granter's");
  }
  const found = shown(authorization?.typeUrl);
  const messageUrl = refusedAs(`${path}.authorization`, found, "an authorization", () => {
    const opened = openAuthorization(authorization);
    opened.check();
    return opened.messageUrl();
  });
  return [[from, to, messageUrl], { authorization, expiration }];
}

function parse(json: unknown): readonly Entry[] {
  const state = fromJson<GenesisState>(GenesisState.$type, json, "app_state.authz");
  const seen = new Map<string, number>();
  return state.authorization.map((entry, index) => {
    const read = readEntry(entry, `${at}[${index}]`);
    const [[granter, grantee, messageUrl]] = read;
    const key = `${accountAddress.encode(granter)} ${accountAddress.encode(grantee)} ${messageUrl}`;
    const earlier = seen.get(key);
    if (earlier !== undefined) throw fieldError(`${at}[${index}]`, `${key} again, as in [${earlier}]`, "each one once");
    seen.set(key, index);
    return read;
  });
}

const named = ([[granter, grantee], { authorization, expiration }]: Entry): GrantAuthorization => ({
  granter: accountAddress.encode(granter),
  grantee: accountAddress.encode(grantee),
  authorization,
  expiration,
});

export const genesis: Genesis<readonly Entry[]> = {
  default: () => [],
  parse,
  toJson: (entries) => toJson(GenesisState.$type, { authorization: entries.map(named) }),
  init(ctx, entries) {
    marker.set(ctx, true);
    // Those that have expired too: the first block removes them, and state stays what was exported.
    for (const [key, grant] of entries) writeGrant(ctx, key, undefined, grant);
    return undefined;
  },
  export: (ctx) => [...grants.iterate(ctx)],
};
