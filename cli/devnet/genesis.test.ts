/** What a devnet begins with: a chain that starts, to the unit what its guide says. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { amountOf } from "../../chain/coins.ts";
import { parseGenesis } from "../../chain/consensus/genesis.ts";
import { tryGenesis } from "../commands/genesis-validate.ts";
import { devnetAccounts } from "../devnet-accounts.ts";
import { balancesIn } from "../genesisaccounts.ts";
import { devnetGenesis } from "./genesis.ts";
import { type DevnetPlan, planDevnet } from "./plan.ts";

const endpoints = Array.from({ length: 8 }, (_, index) => ({ host: "127.0.0.1", port: 40_000 + index }));
const planOf = (changes: Partial<Parameters<typeof planDevnet>[0]> = {}): DevnetPlan =>
  planDevnet({ seed: "test", epochSeconds: 20n, hasLiar: true, endpoints, ...changes });

const keysIn = (plan: DevnetPlan): string[] =>
  [plan.validatorKey, plan.nodeKey, plan.beaconKey]
    .concat(plan.relays.flatMap(({ operatorKey, transportKey }) => [operatorKey, transportKey]))
    .concat(plan.oracles.flatMap(({ operatorKey, transportKey, vrfKey }) => [operatorKey, transportKey, vrfKey]))
    .map(({ publicKey }) => publicKey)
    .concat(plan.buyer.root, plan.buyer.codes)
    .map((key) => Buffer.from(key).toString("hex"));

describe("a devnet's plan", () => {
  it("has the same keys for the same seed, other ones for another, and never one key twice", () => {
    expect(keysIn(planOf())).toEqual(keysIn(planOf()));
    const all = [...keysIn(planOf()), ...keysIn(planOf({ seed: "other" }))];
    expect(new Set(all).size).toBe(all.length);
  });

  it("has one relay that claims ten times what it carries, unless it is told not to", () => {
    const liars = planOf().relays.filter(({ claimBps, speedBps }) => claimBps > speedBps);
    expect(liars).toMatchObject([{ name: "liar", isLiar: true, claimBps: 100_000_000n, speedBps: 10_000_000n }]);
    expect(planOf({ hasLiar: false }).relays.every(({ claimBps, speedBps }) => claimBps < speedBps)).toBe(true);
  });

  it("refuses an epoch that measuring does not fit into, and a seed that is none", () => {
    expect(() => planOf({ epochSeconds: 2n })).toThrow("--epoch 2s: expected 10s to 600s");
    expect(() => planOf({ seed: "" })).toThrow("--seed has 0 characters");
  });
});

describe("a devnet's genesis", () => {
  const document = parseGenesis(devnetGenesis(planOf()));
  const balances = balancesIn(document);
  const heldBy = (name: string) => balances.get(accountAddress.encode(moduleAddress(name))) ?? [];

  it("begins a chain whose invariants hold, with one validator", async () => {
    await expect(tryGenesis(document)).resolves.toBe(1);
  });

  it("has 600,000,000 WEIR, and 6,000,000 dollars in the reserve behind them", () => {
    const total = [...balances.values()].reduce((sum, coins) => sum + amountOf(coins, "uweir"), 0n);
    expect(total).toBe(600_000_000_000_000n);
    expect(heldBy("reserve")).toEqual([{ denom: "uusdc", amount: 6_000_000_000_000n }]);
  });

  it("leaves alice, bob, carol, dave and erin a million of each, beside the offer that rests in alice's name", () => {
    for (const { address } of devnetAccounts) {
      expect(balances.get(address)).toEqual([
        { denom: "uusdc", amount: 1_000_000_000_000n },
        { denom: "uweir", amount: 1_000_000_000_000n },
      ]);
    }
    expect(heldBy("reserve_book")).toEqual([{ denom: "uweir", amount: 100_000_000_000n }]);
    const state = document.appState as { readonly reserve: { readonly offers: readonly object[] } };
    expect(state.reserve.offers).toMatchObject([
      { seller: devnetAccounts[0]!.address, quantity: "100000000000", ask: "0.010500000000000000" },
    ]);
  });

  it("bonds 1,000 WEIR for each honest relay, 1,130 for the liar and 50,000 for each oracle", () => {
    const bonds = 4n * 1_000n + 1_130n + 3n * 50_000n;
    expect(heldBy("attestation_bonds")).toEqual([{ denom: "uweir", amount: bonds * 1_000_000n }]);
  });

  it("has codes of ten dollars that a shop paid into: four for the buyer, eight for each oracle", () => {
    expect(heldBy("market_wallets")).toEqual([{ denom: "uusdc", amount: 28n * 10_000_000n }]);
  });

  it("has relays that wait for their processes, and oracles that do not have to", () => {
    const { relays, oracles } = (
      document.appState as {
        readonly attestation: {
          readonly relays: readonly { readonly relay: { readonly standing: string } }[];
          readonly oracles: readonly { readonly oracle: { readonly standing: string } }[];
        };
      }
    ).attestation;
    expect(relays.map(({ relay }) => relay.standing)).toEqual(Array(5).fill("STANDING_PAUSED"));
    expect(oracles.map(({ oracle }) => oracle.standing)).toEqual(Array(3).fill("STANDING_ACTIVE"));
  });

  it("has epochs as long as was asked for", () => {
    const { beacon } = parseGenesis(devnetGenesis(planOf({ epochSeconds: 30n }))).appState as {
      readonly beacon: { readonly params: { readonly epoch_duration: string } };
    };
    expect(beacon.params.epoch_duration).toBe("30s");
  });
});
