/** Who gets what, and where it goes when it cannot go where it should. Amounts over a long history are in sdk.test.ts and model.test.ts. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { nothingReported } from "../../chain/context.ts";
import { decOne } from "../../chain/dec.ts";
import { formatDecCoins, parseCoins } from "../../chain/deccoins.ts";
import {
  account,
  balance,
  coins,
  earned,
  eventOf,
  outstanding,
  payFees,
  pool,
  rewarding,
  share,
  withdraw,
  withdrawCommission,
  withParams,
} from "../../test/helpers/rewardingchain.ts";
import { type StakedChain, stake } from "../../test/helpers/stakedchain.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { mintCoins, sendBetweenModules } from "../bank/index.ts";
import { delegate, getValidator, lastValidators, slash, unbond } from "../staking/index.ts";
import { beginBlock } from "./allocation.ts";
import { distribution } from "./index.ts";
import { getAccumulatedCommission, getCurrentRewards, getOutstandingRewards } from "./periods.ts";
import { getCommunityPool } from "./pool.ts";
import * as state from "./state.ts";

describe("what a block collected", () => {
  it("is shared by voting power, after the community's tax, with commission first", () => {
    const chain = rewarding({ validators: 2, commission: decOne / 10n });
    // Powers 100 and 99.
    const events = share(chain, "19900uweir");
    expect(outstanding(chain, 0)).toBe("9799.999999999999985202uweir");
    expect(formatDecCoins(getAccumulatedCommission(chain.context(), chain.accounts[0]!))).toBe(
      "979.999999999999998520uweir",
    );
    expect(formatDecCoins(getCurrentRewards(chain.context(), chain.accounts[0]!).rewards)).toBe(
      "8819.999999999999986682uweir",
    );
    expect(pool(chain)).toBe("398.000000000000019502uweir");
    expect(eventOf(events, "commission")).toMatchObject({ amount: "979.999999999999998520uweir" });
    expect(eventOf(events, "rewards")).toEqual({
      amount: "9799.999999999999985202uweir",
      validator: chain.operator(0),
    });
  });

  it("is shared among all who might have voted, the absent too", () => {
    const chain = rewarding({ validators: 2 });
    payFees(chain, "19900uweir");
    chain.live({ absent: [0] });
    expect(outstanding(chain, 0)).toBe("9799.999999999999985202uweir");
  });

  it("goes to the community where nobody voted", () => {
    const chain = rewarding();
    payFees(chain, "7uusdc,19900uweir");
    beginBlock(chain.context(), nothingReported);
    expect(pool(chain)).toBe("7.000000000000000000uusdc,19900.000000000000000000uweir");
    expect(chain.broken()).toBeUndefined();
  });

  it("leaves the part of a validator that is gone to the community", () => {
    const chain = rewarding({ validators: 1 });
    payFees(chain, "1000uweir");
    const known = [...lastValidators(chain.context())].map(([, power]) => ({
      address: chain.consensus(0),
      power,
      isAbsent: false,
    }));
    const gone = { address: new Uint8Array(20).fill(3), power: 300n, isAbsent: false };
    beginBlock(chain.context(), { ...nothingReported, lastVotes: [...known, gone] });
    expect(outstanding(chain, 0)).toBe("245.000000000000000000uweir");
    expect(pool(chain)).toBe("755.000000000000000000uweir");
  });

  it("waits in the first block", () => {
    const chain = rewarding();
    payFees(chain, "1000uweir");
    chain.setBlock({ height: 1n });
    beginBlock(chain.context(), nothingReported);
    expect(pool(chain)).toBe("");
    chain.setBlock({ height: 2n });
    beginBlock(chain.context(), nothingReported);
    expect(pool(chain)).toBe("1000.000000000000000000uweir");
  });

  it("is nothing now and then: then nothing is written and nothing said", () => {
    const chain = rewarding();
    share(chain, "1000uweir");
    const before = chain.entries("distribution");
    const types = chain.live().map(({ type }) => type);
    expect(types).not.toContain("rewards");
    // Of minting nothing, as in the SDK.
    expect(types.filter((type) => type === "transfer")).toHaveLength(1);
    expect(chain.entries("distribution")).toEqual(before);
  });

  it("costs the same to share, however many delegations there are", () => {
    const cost = (chain: StakedChain): bigint => {
      payFees(chain, "1000000uweir");
      const lastVotes = [...lastValidators(chain.context())].map(([, power], index) => ({
        address: chain.consensus(index),
        power,
        isAbsent: false,
      }));
      chain.setBlock({ height: 100n });
      const ctx = chain.context();
      beginBlock(ctx, { ...nothingReported, lastVotes });
      return ctx.gas.consumed;
    };
    const few = rewarding({ validators: 1 });
    const many = rewarding({ validators: 1 });
    for (let i = 0; i < 300; i++) {
      const delegator = new Uint8Array(20).fill(7);
      delegator.set([i >> 8, i & 255]);
      many.attempt((ctx) => {
        mintCoins(ctx, "mint", parseCoins("5uweir"));
        ctx.attempt(() => sendBetweenModules(ctx, "mint", "fee_collector", parseCoins("5uweir")));
      });
      many.message("/cosmos.bank.v1beta1.MsgSend", {
        fromAddress: account(many, 5),
        toAddress: accountAddress.encode(delegator),
        amount: coins("5uweir"),
      });
      const { refusal } = many.attempt((ctx) => {
        delegate(ctx, delegator, 5n, getValidator(ctx, many.accounts[0]!)!);
      });
      expect(refusal).toBeUndefined();
    }
    const [less, more] = [cost(few), cost(many)];
    // A digit more in a number costs 30 gas a byte; a delegation that was read or written would cost 1,000 and more.
    expect(more - less < 1_000n).toBe(true);
    expect(less > 20_000n).toBe(true);
  });
});

describe("a proposer", () => {
  it("gets nothing more than others by default", () => {
    const chain = rewarding({ validators: 2 });
    share(chain, "19900uweir");
    expect(state.previousProposer.get(chain.context())).toBeUndefined();
  });

  it("gets what genesis says: the base, and of the bonus as much as voted", () => {
    const genesis = withParams({ base_proposer_reward: "0.1", bonus_proposer_reward: "0.4" });
    const chain = rewarding({ validators: 2, appState: { distribution: genesis } });
    chain.setBlock({ proposerAddress: chain.consensus(1) });
    chain.live();
    payFees(chain, "10000uweir");
    // Powers 100 and 99; the second one alone votes: 0.1 + 0.4 · 99/199.
    const events = chain.live({ absent: [0] });
    expect(eventOf(events, "proposer_reward")).toEqual({
      amount: "2989.949748743718590000uweir",
      validator: chain.operator(1),
    });
    // The rest but the tax, by power.
    expect(outstanding(chain, 0)).toBe("3422.135804651397688299uweir");
    expect(chain.broken()).toBeUndefined();
    expect(chain.exported().distribution).toMatchObject({ previous_proposer: expect.stringMatching(/^weirvalcons1/) });
    expect(testChain(chain.exported()).entries("distribution")).toEqual(chain.entries("distribution"));
  });

  it("that is gone, or was not there yet, leaves its part to the community", () => {
    const genesis = withParams({ base_proposer_reward: "0.1" });
    const chain = rewarding({ validators: 1, appState: { distribution: genesis } });
    state.previousProposer.set(chain.context(), new Uint8Array(20).fill(9));
    share(chain, "1000uweir");
    expect(pool(chain)).toBe("120.000000000000000000uweir");
    expect(outstanding(chain, 0)).toBe("880.000000000000000000uweir");
  });
});

describe("rewards of a delegation", () => {
  it("are its share since it began, and nothing in the block in which it began", () => {
    const chain = rewarding({ validators: 1 });
    share(chain, "1000uweir");
    expect(chain.delegate(5, 0, stake).refusal).toBeUndefined();
    expect(earned(chain, 5, 0)).toBe("");
    share(chain, "1000uweir");
    expect(earned(chain, 0, 0)).toBe("1470.000000000000000000uweir");
    expect(earned(chain, 5, 0)).toBe("490.000000000000000000uweir");
  });

  it("are paid in whole coins, and what is below one goes to the community", () => {
    const chain = rewarding({ validators: 1 });
    share(chain, "77uweir");
    const before = balance(chain, 0);
    expect(earned(chain, 0, 0)).toBe("75.460000000000000000uweir");
    const { events, refusal } = withdraw(chain, 0, 0);
    expect(refusal).toBeUndefined();
    expect(balance(chain, 0) - before).toBe(75n);
    expect(eventOf(events, "withdraw_rewards")).toEqual({
      amount: "75uweir",
      validator: chain.operator(0),
      delegator: account(chain, 0),
    });
    expect(pool(chain)).toBe("2.000000000000000000uweir");
    expect(outstanding(chain, 0)).toBe("");
    expect(chain.broken()).toBeUndefined();
  });

  it("may be nothing, which is said with a coin", () => {
    const chain = rewarding({ validators: 1 });
    chain.live();
    expect(eventOf(withdraw(chain, 0, 0).events, "withdraw_rewards")).toMatchObject({ amount: "0uweir" });
  });

  it("count by the lower stake from a slash on", () => {
    const chain = rewarding({ validators: 1 });
    chain.delegate(5, 0, stake);
    chain.live();
    share(chain, "1000uweir");
    chain.attempt((ctx) => void slash(ctx, chain.consensus(0), ctx.block.height, 200n, decOne / 2n));
    chain.delegate(6, 0, stake);
    share(chain, "1000uweir");
    // Half before; after it, 50 of 200 million.
    expect(earned(chain, 5, 0)).toBe("735.000000000000000000uweir");
    expect(earned(chain, 6, 0)).toBe("490.000000000000000000uweir");
    expect([...state.slashEvents.iterate(chain.context())].map(([, event]) => event.fraction)).toEqual([decOne / 2n]);
  });

  it("of a validator that lost everything go to the community", () => {
    const chain = rewarding({ validators: 2 });
    share(chain, "19900uweir");
    chain.attempt((ctx) => void slash(ctx, chain.consensus(0), ctx.block.height, 100n, decOne));
    const before = outstanding(chain, 0);
    payFees(chain, "1000uweir");
    const lastVotes = [{ address: chain.consensus(0), power: 100n, isAbsent: false }];
    chain.setBlock({ height: chain.context().block.height + 1n });
    beginBlock(chain.context(), { ...nothingReported, lastVotes });
    expect(outstanding(chain, 0)).not.toBe(before);
    const had = balance(chain, 0);
    expect(withdraw(chain, 0, 0).refusal).toBeUndefined();
    expect(balance(chain, 0) - had).toBe(9799n);
    expect(pool(chain)).toBe("1398.999999999900019502uweir");
    expect(chain.broken()).toBeUndefined();
  });

  it("are withdrawn when the stake changes", () => {
    const chain = rewarding({ validators: 2 });
    share(chain, "19900uweir");
    const { events } = chain.redelegate(0, 0, 1, 5_000_000n);
    expect(eventOf(events, "withdraw_rewards")).toMatchObject({ amount: "9799uweir" });
    share(chain, "19900uweir");
    expect(eventOf(chain.undelegate(0, 1, 5_000_000n).events, "withdraw_rewards")).toMatchObject({
      amount: "466uweir",
    });
    expect(chain.broken()).toBeUndefined();
  });
});

describe("a commission", () => {
  it("is paid in whole coins, and the rest stays", () => {
    const chain = rewarding({ validators: 1, commission: decOne / 2n });
    share(chain, "77uweir");
    const before = balance(chain, 0);
    const { events } = withdrawCommission(chain, 0);
    expect(balance(chain, 0) - before).toBe(37n);
    expect(eventOf(events, "withdraw_commission")).toEqual({ amount: "37uweir" });
    expect(formatDecCoins(getAccumulatedCommission(chain.context(), chain.accounts[0]!))).toBe(
      "0.730000000000000000uweir",
    );
    expect(outstanding(chain, 0)).toBe("38.460000000000000000uweir");
    expect(chain.broken()).toBeUndefined();
  });

  it("below one coin is nothing to send, and stays", () => {
    const chain = rewarding({ validators: 1, commission: decOne / 2n });
    share(chain, "1uweir");
    const { events, refusal } = withdrawCommission(chain, 0);
    expect(refusal).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(["withdraw_commission"]);
    expect(withdrawCommission(chain, 0).refusal).toBeUndefined();
  });

  it("of nothing is refused", () => {
    expect(withdrawCommission(rewarding(), 0).refusal).toMatchObject({ codespace: "distribution", code: 7 });
  });
});

describe("rewards for an address that cannot receive", () => {
  const blocked = moduleAddress("distribution");
  const misdirected = () => {
    const chain = rewarding({ validators: 2, commission: decOne / 2n });
    share(chain, "19900uweir");
    chain.redelegate(0, 0, 1, 5_000_000n);
    share(chain, "19900uweir");
    state.withdrawAddresses.set(chain.context(), chain.accounts[0]!, blocked);
    return chain;
  };
  const refusal = {
    codespace: "sdk",
    code: 4,
    message: `${accountAddress.encode(blocked)} is not allowed to receive funds: unauthorized`,
  };

  it("are refused to their owner, whatever would withdraw them", () => {
    const chain = misdirected();
    expect(withdraw(chain, 0, 1).refusal).toMatchObject(refusal);
    expect(withdrawCommission(chain, 0).refusal).toMatchObject(refusal);
    expect(chain.undelegate(0, 1, 1_000_000n).refusal).toMatchObject(refusal);
    expect(chain.delegate(0, 1, 1_000_000n).refusal).toMatchObject(refusal);
  });

  it("go to their owner where a slash withdraws them, and it is said", () => {
    const chain = misdirected();
    const before = balance(chain, 0);
    const height = chain.context().block.height - 2n;
    const { events } = chain.attempt((ctx) => void slash(ctx, chain.consensus(0), height, 95n, decOne / 10n));
    expect(balance(chain, 0) > before).toBe(true);
    expect(eventOf(events, "withdraw_addr_redirected")).toEqual({
      original_withdraw_address: accountAddress.encode(blocked),
      withdraw_address: account(chain, 0),
      validator: chain.operator(1),
      delegator: account(chain, 0),
    });
    expect(chain.broken()).toBeUndefined();
  });

  it("go to the community where the owner cannot receive either", () => {
    const chain = rewarding({ validators: 1 });
    const owner = moduleAddress("mint");
    mintCoins(chain.context(), "mint", parseCoins("100000000uweir"));
    chain.attempt((ctx) => void delegate(ctx, owner, stake, getValidator(ctx, chain.accounts[0]!)!));
    chain.live();
    share(chain, "1000uweir");
    const before = pool(chain);
    const { events } = chain.attempt((ctx) => void unbond(ctx, owner, chain.accounts[0]!, 10n * decOne, "block"));
    expect(eventOf(events, "withdraw_addr_redirected")).toMatchObject({ withdraw_address: "community_pool" });
    expect(eventOf(events, "withdraw_rewards")).toMatchObject({ amount: "490uweir" });
    expect([before, pool(chain)]).toEqual(["20.000000000000000000uweir", "510.000000000000000000uweir"]);
    for (const invariant of Object.values(distribution.invariants)) expect(invariant(chain.context())).toBeUndefined();
  });
});

describe("a validator that is removed", () => {
  const emptied = (withdrawTo?: Uint8Array) => {
    const chain = rewarding({ validators: 2, commission: decOne / 3n });
    share(chain, "19901uweir");
    chain.attempt((ctx) => void slash(ctx, chain.consensus(1), ctx.block.height, 99n, decOne / 10n));
    share(chain, "19901uweir");
    if (withdrawTo !== undefined) state.withdrawAddresses.set(chain.context(), chain.accounts[1]!, withdrawTo);
    return chain;
  };
  const leave = (chain: StakedChain) =>
    chain.undelegate(1, 1, getValidator(chain.context(), chain.accounts[1]!)!.tokens);

  it("is paid its commission, leaves a last remainder to the community, and nothing else", () => {
    const chain = emptied();
    expect(leave(chain).refusal).toBeUndefined();
    chain.live();
    const [commission] = getAccumulatedCommission(chain.context(), chain.accounts[1]!);
    const before = balance(chain, 1);
    const pooled = getCommunityPool(chain.context())[0]!.amount;
    const left = getOutstandingRewards(chain.context(), chain.accounts[1]!)[0]!.amount;
    const tokens = [...chain.entries("staking")].length;
    chain.live({ seconds: 100n });
    expect(tokens).toBeGreaterThan([...chain.entries("staking")].length);
    // What comes back of the stake is more, of course; the commission is on top of it.
    expect(getValidator(chain.context(), chain.accounts[1]!)).toBeUndefined();
    const unbonded = 89_100_000n;
    expect(balance(chain, 1) - before).toBe(unbonded + commission!.amount / decOne);
    expect(getCommunityPool(chain.context())[0]!.amount).toBe(pooled + left - (commission!.amount / decOne) * decOne);
    const own = (key: Uint8Array) => Buffer.from(key).includes(Buffer.from(chain.accounts[1]!));
    expect(chain.entries("distribution").filter(([key]) => own(key))).toEqual([]);
    expect(chain.broken()).toBeUndefined();
  });

  it("is paid where it can be, and it is said", () => {
    const chain = emptied(undefined);
    expect(leave(chain).refusal).toBeUndefined();
    chain.live();
    const before = balance(chain, 1);
    state.withdrawAddresses.set(chain.context(), chain.accounts[1]!, moduleAddress("distribution"));
    chain.live({ seconds: 100n });
    expect(balance(chain, 1) - before > 89_100_000n).toBe(true);
    expect(chain.broken()).toBeUndefined();
  });
});
