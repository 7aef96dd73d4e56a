/** The three economies that a genesis can begin with: each file is a point of one mechanism, and a chain runs with it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decToProto, parseDec } from "../chain/dec.ts";
import { market } from "../modules/market/index.ts";
import { presetSplit, type SplitPreset, splitPresets } from "../modules/market/params.ts";
import { bytesPerGib } from "../modules/market/voucher.ts";
import { startCoins, textOf } from "./helpers/marketchain.ts";
import { reserveChain } from "./helpers/reservechain.ts";

const folder = join(import.meta.dirname, "..", "genesis", "presets");

interface Preset {
  readonly app_state: {
    readonly market: { readonly params: { readonly split: Readonly<Record<string, string>> } };
    readonly reserve: { readonly params: { readonly remint_share: string } };
  };
}

const presetOf = (name: string): Preset["app_state"] =>
  (JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Preset).app_state;

/** Settles 100 GiB, five dollars, and gives what the relay has of it when its epoch is finalized without any offer. */
function relayIncome(name: string): bigint {
  const preset = presetOf(name);
  const reserveParams = (reserveChain().exported().reserve as { readonly params: object }).params;
  const chain = reserveChain(preset.market.params, undefined, {
    reserve: { params: { ...reserveParams, ...preset.reserve.params } },
  });
  chain.addRelay({ operator: textOf("rival") });
  chain.topUp("alice", 5_000_000n);
  const id = chain.opened({ deposit: 5_000_000n });
  expect(chain.settle([chain.voucher(id, 100n * bytesPerGib)])).toMatchObject([{ code: 0, paid: "5000000" }]);
  for (let epoch = 0; epoch < 3; epoch++) chain.turn();
  expect(chain.broken()).toBeUndefined();
  return chain.stables("rival") - startCoins;
}

describe("the presets", () => {
  it("are the ones that the market names, and each is whole parameters of it", () => {
    expect(readdirSync(folder).sort()).toEqual(
      Object.keys(splitPresets)
        .map((name) => `${name}.json`)
        .sort(),
    );
    const defaults = market.genesis.toJson(market.genesis.default()) as { readonly params: object };
    for (const name of Object.keys(splitPresets)) {
      const { split } = presetOf(name).market.params;
      const expected = presetSplit(name as SplitPreset);
      expect(Object.fromEntries(Object.entries(split).map(([part, text]) => [part, parseDec(text)]))).toEqual(expected);
      const parsed = market.genesis.parse({ ...defaults, params: { ...defaults.params, split } });
      expect(parsed.params.split.burn).toBe(decToProto(expected.burn));
    }
  });

  it("leave a relay that is paid in stable .765, .78 and .9 of a dollar", () => {
    expect(["burn", "hybrid", "fees"].map(relayIncome)).toEqual([3_825_000n, 3_900_000n, 4_500_000n]);
  });
});
