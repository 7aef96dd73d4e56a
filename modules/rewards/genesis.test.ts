/** The rewards' part of genesis: what an export brings back, and what is refused. */
import { describe, expect, it } from "vitest";
import { SettledChain, type SettledRelay } from "../../test/helpers/settledchain.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { mint } from "../mint/index.ts";
import { rewards } from "./index.ts";
import { relays as storedRelays } from "./state.ts";

describe("an export", () => {
  it("begins another chain with the same state, whole", () => {
    const relays = Array.from({ length: 12 }, (_, index): SettledRelay => {
      const cell = `cell-${index % 2}`;
      return index < 3 ? { cell, family: 1n } : { cell };
    });
    const settled = new SettledChain({ relays, oracles: 3, rewards: { reference_bps: "1000000", bond_epochs: "1" } });
    settled.epochs(6);
    const exported = settled.chain.exported();
    const { rewards: own, bank, mint, auth } = exported;
    const again = testChain({ rewards: own, bank, mint, auth }, undefined, {
      time: settled.chain.context().block.time,
    });
    expect(again.exported().rewards).toEqual(own);
    expect(again.entries("rewards")).toEqual(settled.chain.entries("rewards"));
    for (const invariant of Object.values(rewards.invariants)) expect(invariant(again.context())).toBeUndefined();
    expect([...storedRelays.keys(again.context())]).toHaveLength(12);
  });

  it.each([
    ["without parameters", { params: null }, /app_state.rewards.params: found nothing/],
    [
      "with shares above one",
      { params: { validators_share: "0.5", oracles_share: "0.5" } },
      /the shares of an emission sum to 1.6/,
    ],
    ["with a range that is left", { params: { sweep_page: "1" } }, /sweep_page is 1 relays; expected 10/],
    [
      "of a settlement out of turn",
      { settlement: { epoch: "5", phase: "relays" } },
      /settlement.epoch: found 5, expected 0/,
    ],
    ["of an epoch that is not over", { epochs: [{ epoch: "3" }] }, /epochs\[0\].epoch: found 3, expected -1/],
    ["of a relay of nobody", { relays: [{ id: "1", record: { operator: "me" } }] }, /relays\[0\].record.operator/],
    ["of relays out of order", { relays: [{ id: "2" }, { id: "1" }] }, /relays\[0\].record: found nothing/],
    ["of a withdraw address that is none", { withdraw_addresses: [{ owner: "x" }] }, /withdraw_addresses\[0\].owner/],
  ])("is refused %s", (_what, changes, problem) => {
    const json = rewards.genesis.toJson(rewards.genesis.default()) as { readonly params: object };
    const { params, ...rest } = changes as { params?: object | null };
    const changed = { ...json, ...rest, ...(params === null ? { params } : { params: { ...json.params, ...params } }) };
    expect(() => rewards.genesis.parse(changed)).toThrow(problem);
  });
});

describe("a chain", () => {
  it("whose supply does not fit what is kept of a relay is refused when it begins", () => {
    const json = mint.genesis.toJson(mint.genesis.default()) as { readonly emission: { readonly schedule: object } };
    const schedule = { ...json.emission.schedule, supply_cap: `${1n << 63n}` };
    const state = { mint: { ...json, emission: { ...json.emission, schedule } } };
    expect(() => testChain(state)).toThrow(
      /supply_cap: found 9223372036854775808, expected at most 9223372036854775807/,
    );
    schedule.supply_cap = `${(1n << 63n) - 1n}`;
    expect(testChain(state).broken()).toBeUndefined();
  });
});
