/** Feegrant's part of genesis.json: the allowances, with the SDK's JSON. Owns what is refused before the chain starts. */
import { accountAddress } from "../../chain/address.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import type { Grant } from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import { GenesisState } from "../../proto/gen/cosmos/feegrant/v1beta1/genesis.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { openAllowance } from "./allowance.ts";
import { type Pair, writeGrant } from "./keeper.ts";
import { allowances, marker } from "./state.ts";

interface Entry extends Pair {
  readonly allowance: Any;
}

const at = "app_state.feegrant.allowances";

const readAddress = (text: string, path: string): Uint8Array =>
  refusedAs(path, shown(text), "an address", () => accountAddress.decode(text));

const textOf = ({ granter, grantee }: Pair): string =>
  `${accountAddress.encode(granter)} to ${accountAddress.encode(grantee)}`;

function readEntry({ granter, grantee, allowance }: Grant, path: string): Entry {
  const [from, to] = [readAddress(granter, `${path}.granter`), readAddress(grantee, `${path}.grantee`)];
  if (accountAddress.encode(from) === accountAddress.encode(to)) {
    throw fieldError(`${path}.grantee`, shown(grantee), "another address than the granter's");
  }
  refusedAs(`${path}.allowance`, shown(allowance?.typeUrl), "a fee allowance", () => openAllowance(allowance).check());
  return { granter: from, grantee: to, allowance: allowance! };
}

function parse(json: unknown): readonly Entry[] {
  const state = fromJson<GenesisState>(GenesisState.$type, json, "app_state.feegrant");
  const seen = new Map<string, number>();
  return state.allowances.map((grant, index) => {
    const entry = readEntry(grant, `${at}[${index}]`);
    const earlier = seen.get(textOf(entry));
    if (earlier !== undefined) {
      throw fieldError(`${at}[${index}]`, `${textOf(entry)} again, as in [${earlier}]`, "each one once");
    }
    seen.set(textOf(entry), index);
    return entry;
  });
}

const toGrant = ({ granter, grantee, allowance }: Entry): Grant => ({
  granter: accountAddress.encode(granter),
  grantee: accountAddress.encode(grantee),
  allowance,
});

export const genesis: Genesis<readonly Entry[]> = {
  default: () => [],
  parse,
  toJson: (entries) => toJson(GenesisState.$type, { allowances: entries.map(toGrant) }),
  init(ctx, entries) {
    marker.set(ctx, true);
    // Those that have expired too: the first block removes them, and state stays what was exported.
    for (const { granter, grantee, allowance } of entries) writeGrant(ctx, { granter, grantee }, allowance);
    return undefined;
  },
  export: (ctx) =>
    [...allowances.iterate(ctx)].map(([[grantee, granter], { allowance }]) => ({
      granter,
      grantee,
      allowance: allowance!,
    })),
};
