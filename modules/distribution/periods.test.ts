/** Periods and their arithmetic at the edges: what must never happen is a defect, not a refusal, and stops the node. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { decOne, parseDec } from "../../chain/dec.ts";
import { parseDecCoins } from "../../chain/deccoins.ts";
import { coins, earned, eventOf, path, rewarding, share, withdraw } from "../../test/helpers/rewardingchain.ts";
import { afterValidatorRemoved } from "./hooks.ts";
import { addReference, beginValidator, recordSlash, removeReference } from "./periods.ts";
import { reconciledStake, rewardsBetween, stakeAfterSlash } from "./records.ts";
import * as state from "./state.ts";

describe("the arithmetic of a stake", () => {
  it("gives what the ratio grew by, for each token, rounded down", () => {
    const [from, until] = [parseDecCoins("0.1uweir"), parseDecCoins("0.3uusdc,0.100000000000000001uweir")];
    expect(rewardsBetween(from, until, parseDec("2.5"))).toEqual(parseDecCoins("0.75uusdc,0.000000000000000002uweir"));
    expect(rewardsBetween(from, from, decOne)).toEqual([]);
    expect(rewardsBetween(from, until, 0n)).toEqual([]);
  });

  it("knows no stake below nothing, and no ratio that falls", () => {
    const [less, more] = [parseDecCoins("1uweir"), parseDecCoins("2uweir")];
    expect(() => rewardsBetween(less, more, -1n)).toThrow("a stake of -1: it cannot be negative");
    expect(() => rewardsBetween(more, less, decOne)).toThrow("the ratio of a later period is below");
  });

  it("lowers a stake by a slash, rounded down", () => {
    expect(stakeAfterSlash(parseDec("0.000000000000000003"), parseDec("0.5"))).toBe(1n);
    expect(stakeAfterSlash(decOne, decOne)).toBe(0n);
    expect(stakeAfterSlash(decOne, 0n)).toBe(decOne);
  });

  it("lets a stake be what its shares are worth, when roundings left a little more", () => {
    const current = 1_000n;
    expect([998n, 1_000n, 1_001n, 1_003n].map((carried) => reconciledStake(carried, current))).toEqual([
      998n,
      1_000n,
      1_000n,
      1_000n,
    ]);
    expect(() => reconciledStake(1_004n, current)).toThrow(
      "a stake of 1004 after its slashes is greater than the 1000 that its shares are worth",
    );
  });
});

describe("a period", () => {
  const begun = () => {
    const chain = rewarding({ validators: 2 });
    return { chain, operator: chain.accounts[0]!, ctx: chain.context() };
  };

  it("is referred to by two at most, and by none less than none", () => {
    const { ctx, operator } = begun();
    const [[[, period]] = [[operator, 0n]]] = [...state.historicalRewards.iterate(ctx, { leading: [operator] })];
    expect(() => addReference(ctx, operator, period)).toThrow(
      `period ${period} has 2 references and would get one more`,
    );
    state.historicalRewards.set(ctx, [operator, 9n], { ratio: parseDecCoins("1uweir"), references: 0 });
    expect(() => removeReference(ctx, operator, 9n)).toThrow("period 9 has no references and would lose one");
  });

  it("that is not there is asked for by name", () => {
    const { chain, operator } = begun();
    expect(chain.attempt((ctx) => addReference(ctx, operator, 77n)).refusal).toMatchObject({
      codespace: "distribution",
      code: 6,
      message: `no historical rewards for validator ${chain.operator(0)} period 77: no validator distribution info`,
    });
  });

  it("is ended by a slash of nothing up to all", () => {
    const { ctx, operator } = begun();
    for (const fraction of [0n, decOne]) expect(() => recordSlash(ctx, operator, fraction)).not.toThrow();
    expect([...state.slashEvents.keys(ctx)]).toHaveLength(2);
    for (const fraction of [-1n, decOne + 1n]) {
      expect(() => recordSlash(ctx, operator, fraction)).toThrow("fraction must be >=0 and <=1, current fraction: ");
    }
  });

  it("begins with records of nothing", () => {
    const { ctx } = begun();
    const operator = new Uint8Array(20).fill(9);
    beginValidator(ctx, operator);
    expect(state.accumulatedCommissions.get(ctx, operator)).toEqual([]);
    expect(state.outstandingRewards.get(ctx, operator)).toEqual([]);
    expect(state.currentRewards.get(ctx, operator)).toEqual({ rewards: [], period: 1n });
    expect(state.historicalRewards.get(ctx, [operator, 0n])).toEqual({ ratio: [], references: 1 });
  });

  it("counts for nothing to who began in this block, even when rewards came in behind it", () => {
    const { chain } = begun();
    chain.delegate(5, 0, 50_000_000n);
    const { refusal } = chain.message(path("MsgDepositValidatorRewardsPool"), {
      depositor: accountAddress.encode(chain.accounts[6]!),
      validatorAddress: chain.operator(0),
      amount: coins("300uweir"),
    });
    expect(refusal).toBeUndefined();
    expect(earned(chain, 5, 0)).toBe("");
    chain.live();
    expect(earned(chain, 5, 0)).toBe("100.000000000000000000uweir");
  });
});

describe("rewards without their records", () => {
  it("are refused by name", () => {
    const chain = rewarding({ validators: 1 });
    share(chain, "1000uweir");
    state.startingInfos.delete(chain.context(), [chain.accounts[0]!, chain.accounts[0]!]);
    expect(withdraw(chain, 0, 0).refusal).toMatchObject({ codespace: "distribution", code: 5 });
    const delegatorAddress = accountAddress.encode(chain.accounts[0]!);
    const request = { delegatorAddress, validatorAddress: chain.operator(0) };
    expect(() => chain.query(path("Query/DelegationRewards"), request)).toThrow("no delegation distribution info");
  });
});

describe("a validator that is forgotten", () => {
  it("takes its own slashes and periods with it, and no other's", () => {
    const chain = rewarding({ validators: 2 });
    const [first, second] = [chain.accounts[0]!, chain.accounts[1]!];
    for (const operator of [first, second]) recordSlash(chain.context(), operator, decOne / 10n);
    const ofSecond = () =>
      chain.entries("distribution").filter(([key]) => Buffer.from(key).includes(Buffer.from(second)));
    const before = ofSecond();
    chain.attempt((ctx) => afterValidatorRemoved(ctx, first, "block"));
    expect(ofSecond()).toEqual(before);
    expect([...state.slashEvents.keys(chain.context())].map(([operator]) => operator)).toEqual([second]);
  });

  it("is paid its commission elsewhere than where it cannot be, and it is said", () => {
    const chain = rewarding({ validators: 1, commission: decOne / 2n });
    share(chain, "1000uweir");
    const blocked = moduleAddress("distribution");
    state.withdrawAddresses.set(chain.context(), chain.accounts[0]!, blocked);
    const refused = chain.attempt((ctx) => afterValidatorRemoved(ctx, chain.accounts[0]!, "message"));
    expect(refused.refusal).toMatchObject({ codespace: "sdk", code: 4 });
    const { events } = chain.attempt((ctx) => afterValidatorRemoved(ctx, chain.accounts[0]!, "block"));
    expect(eventOf(events, "withdraw_addr_redirected")).toEqual({
      original_withdraw_address: accountAddress.encode(blocked),
      withdraw_address: accountAddress.encode(chain.accounts[0]!),
      validator: chain.operator(0),
    });
  });

  it("says nothing of a redirection where there is none", () => {
    const chain = rewarding({ validators: 1, commission: decOne / 2n });
    share(chain, "1000uweir");
    const { events } = chain.attempt((ctx) => afterValidatorRemoved(ctx, chain.accounts[0]!, "block"));
    expect(eventOf(events, "withdraw_addr_redirected")).toBeUndefined();
    expect(eventOf(events, "transfer")).toMatchObject({ amount: "490uweir" });
  });
});
