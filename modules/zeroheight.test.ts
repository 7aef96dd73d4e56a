/** A state that is made ready to begin a chain at height 1: nothing is lost, and no height of the old chain is left in it. */
import { describe, expect, it } from "vitest";
import { decOne } from "../chain/dec.ts";
import { type LivedBlock, type StakedChain, stakedChain } from "../test/helpers/stakedchain.ts";
import { testChain } from "../test/helpers/testchain.ts";
import { balanceOf, sendToModule, supplyOf } from "./bank/index.ts";
import { getCommunityPool } from "./distribution/index.ts";
import { getSigningInfo } from "./slashing/index.ts";
import { toZeroHeight } from "./zeroheight.ts";

const fee = 1_000_003n;

/** Stakes that came, left and moved, one validator in jail, one that signed twice, rewards that nobody has withdrawn. */
function livelyChain(): StakedChain {
  const chain = stakedChain({ commission: decOne / 10n });
  for (const account of [5, 6, 7]) chain.delegate(account, 0, 20_000_001n);
  chain.live({ times: 3 });
  chain.undelegate(5, 0, 3_000_000n);
  chain.redelegate(6, 0, 1, 4_000_000n);
  for (let i = 0; i < 12; i++) liveWithFees(chain, { absent: [2] });
  liveWithFees(chain, { misbehavior: [chain.doubleSign(1)] });
  liveWithFees(chain);
  return chain;
}

function liveWithFees(chain: StakedChain, block: LivedBlock = {}): void {
  sendToModule(chain.context(), chain.accounts[4]!, "fee_collector", [{ denom: "uweir", amount: fee }]);
  chain.live(block);
}

function atZeroHeight(chain: StakedChain, allowed?: readonly number[]): Record<string, never> {
  const now = chain.context();
  chain.setBlock({ height: 0n });
  const zero = chain.context();
  chain.setBlock({ height: now.block.height });
  toZeroHeight(now, zero, allowed === undefined ? {} : { allowed: new Set(allowed.map((i) => chain.operator(i))) });
  return chain.exported() as Record<string, never>;
}

/** Every value of these names, anywhere in the JSON. */
function valuesOf(json: unknown, names: readonly string[]): unknown[] {
  if (Array.isArray(json)) return json.flatMap((part) => valuesOf(part, names));
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([name, part]) => [
    ...(names.includes(name) ? [part] : []),
    ...valuesOf(part, names),
  ]);
}

describe("a state for height 1", () => {
  it("has no height of the old chain", () => {
    const { staking, slashing, distribution } = atZeroHeight(livelyChain());
    const heights = ["creation_height", "unbonding_height", "start_height", "height", "starting_height"];
    const found = [staking, slashing, distribution].flatMap((part) => valuesOf(part, heights));
    expect(found.length).toBeGreaterThan(10);
    expect(new Set(found)).toEqual(new Set(["0"]));
    expect(valuesOf(distribution, ["validator_slash_events"])).toEqual([[]]);
  });

  it("keeps every coin, and has paid rewards out to the last whole one", () => {
    const chain = livelyChain();
    const before = {
      supply: supplyOf(chain.context(), "uweir"),
      delegator: balanceOf(chain.context(), chain.accounts[7]!, "uweir"),
    };
    atZeroHeight(chain);
    expect(supplyOf(chain.context(), "uweir")).toBe(before.supply);
    expect(balanceOf(chain.context(), chain.accounts[7]!, "uweir")).toBeGreaterThan(before.delegator);
    const outstanding = chain.query<{ rewards: { rewards: readonly object[] } }>(
      "/cosmos.distribution.v1beta1.Query/ValidatorOutstandingRewards",
      { validatorAddress: chain.operator(0) },
    );
    expect(outstanding.rewards.rewards).toEqual([]);
    expect(getCommunityPool(chain.context())[0]?.amount).toBeGreaterThan(0n);
  });

  it("begins a chain that lives on, every invariant whole", () => {
    const chain = livelyChain();
    const appState = atZeroHeight(chain);
    const again = testChain(appState);
    expect(again.broken()).toBeUndefined();
    expect(again.exported()).toEqual(appState);
    // In jail and tombstoned stays who was.
    expect(getSigningInfo(again.context(), chain.consensus(1))).toMatchObject({ tombstoned: true, startHeight: 0n });
  });

  it("jails all validators but those that are named", () => {
    const chain = stakedChain();
    const appState = atZeroHeight(chain, [1]);
    expect([0, 1, 2].map((index) => chain.validator(index).jailed)).toEqual([true, false, true]);
    expect(chain.validator(0)).toMatchObject({ status: 2, unbondingHeight: 0n });
    const { last_validator_powers: powers } = appState.staking as unknown as {
      last_validator_powers: readonly object[];
    };
    expect(powers).toEqual([{ address: chain.operator(1), power: "99" }]);
    expect(testChain(appState).broken()).toBeUndefined();
  });
});
