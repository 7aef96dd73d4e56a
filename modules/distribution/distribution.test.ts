/** Who gets what, and where it goes when it cannot go where it should. Amounts over a long history are in sdk.test.ts and model.test.ts. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress, validatorAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { nothingReported } from "../../chain/context.ts";
import { decOne } from "../../chain/dec.ts";
import { formatDecCoins, parseCoins } from "../../chain/deccoins.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { type StakedChain, type StakedChainOptions, stake, stakedChain } from "../../test/helpers/stakedchain.ts";
import { type Outcome, testChain } from "../../test/helpers/testchain.ts";
import { balanceOf, mintCoins, sendBetweenModules } from "../bank/index.ts";
import { inflationGenesis, mint } from "../mint/index.ts";
import { delegate, getDelegation, getValidator, lastValidators, slash, unbond } from "../staking/index.ts";
import { beginBlock } from "./allocation.ts";
import { rewardsNow } from "./delegations.ts";
import { distribution } from "./index.ts";
import { getAccumulatedCommission, getCurrentRewards, getOutstandingRewards } from "./periods.ts";
import { getCommunityPool } from "./pool.ts";
import * as state from "./state.ts";

const path = (name: string) => `/cosmos.distribution.v1beta1.${name}`;
const denom = "uweir";
const coins = (text: string) =>
  parseCoins(text).map(({ denom: unit, amount }) => ({ denom: unit, amount: `${amount}` }));

const paramsJson = { community_tax: "0.02", base_proposer_reward: "0", bonus_proposer_reward: "0" };
const emptyGenesis = distribution.genesis.toJson(distribution.genesis.default()) as object;
const withParams = (changes: object) => ({
  ...emptyGenesis,
  params: { ...paramsJson, withdraw_addr_enabled: true, ...changes },
});

/** Minting by inflation, but in years so long that nothing comes of it: so that tests may make coins. */
const inflation = mint.genesis.toJson({
  ...inflationGenesis(denom),
  params: { ...inflationGenesis(denom).params, blocksPerYear: (1n << 63n) - 1n },
});

const rewarding = (options: StakedChainOptions = {}): StakedChain =>
  stakedChain({ ...options, appState: { mint: inflation, ...options.appState } });

function payFees(chain: StakedChain, text: string): void {
  mintCoins(chain.context(), "mint", parseCoins(text));
  sendBetweenModules(chain.context(), "mint", "fee_collector", parseCoins(text));
}

/** A block that shares this out. */
function share(chain: StakedChain, text: string): readonly ChainEvent[] {
  payFees(chain, text);
  return chain.live();
}

const account = (chain: StakedChain, index: number) => accountAddress.encode(chain.accounts[index]!);
const withdraw = (chain: StakedChain, who: number, validator: number): Outcome =>
  chain.message(path("MsgWithdrawDelegatorReward"), {
    delegatorAddress: account(chain, who),
    validatorAddress: chain.operator(validator),
  });
const withdrawCommission = (chain: StakedChain, index: number): Outcome =>
  chain.message(path("MsgWithdrawValidatorCommission"), { validatorAddress: chain.operator(index) });
const balance = (chain: StakedChain, index: number) => balanceOf(chain.context(), chain.accounts[index]!, denom);
const pool = (chain: StakedChain) => formatDecCoins(getCommunityPool(chain.context()));
const outstanding = (chain: StakedChain, index: number) =>
  formatDecCoins(getOutstandingRewards(chain.context(), chain.accounts[index]!));
const earned = (chain: StakedChain, who: number, validator: number): string => {
  const [ctx, delegator, operator] = [chain.context(), chain.accounts[who]!, chain.accounts[validator]!];
  const delegation = getDelegation(ctx, delegator, operator)!;
  return formatDecCoins(rewardsNow(ctx, delegator, operator, getValidator(ctx, operator)!, delegation));
};
const eventOf = (events: readonly ChainEvent[], type: string): Record<string, string> | undefined => {
  const found = events.find((event) => event.type === type);
  return found && Object.fromEntries(found.attributes.map(({ key, value }) => [key, value]));
};

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
    expect(chain.live().map(({ type }) => type)).not.toContain("rewards");
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

describe("a withdraw address", () => {
  const set = (chain: StakedChain, to: string): Outcome =>
    chain.message(path("MsgSetWithdrawAddress"), { delegatorAddress: account(chain, 0), withdrawAddress: to });

  it("receives rewards and commission from then on", () => {
    const chain = rewarding({ validators: 1, commission: decOne / 2n });
    share(chain, "1000uweir");
    expect(eventOf(set(chain, account(chain, 6)).events, "set_withdraw_address")).toEqual({
      withdraw_address: account(chain, 6),
    });
    const before = balance(chain, 6);
    withdraw(chain, 0, 0);
    withdrawCommission(chain, 0);
    expect(balance(chain, 6) - before).toBe(980n);
    const { withdrawAddress } = chain.query<{ withdrawAddress: string }>(path("Query/DelegatorWithdrawAddress"), {
      delegatorAddress: account(chain, 0),
    });
    expect(withdrawAddress).toBe(account(chain, 6));
  });

  it("is not set where the parameters forbid it", () => {
    const chain = rewarding({ appState: { distribution: withParams({ withdraw_addr_enabled: false }) } });
    expect(set(chain, account(chain, 6)).refusal).toMatchObject({ codespace: "distribution", code: 8 });
  });
});

describe("the community pool", () => {
  const spend = (chain: StakedChain, text: string, changes: object = {}): Outcome =>
    chain.message(path("MsgCommunityPoolSpend"), {
      authority: authorityAddress(),
      recipient: account(chain, 6),
      amount: coins(text),
      ...changes,
    });

  it("is funded by anybody and spent by governance, to the last whole coin", () => {
    const chain = rewarding({ validators: 1 });
    share(chain, "77uweir");
    const { refusal } = chain.message(path("MsgFundCommunityPool"), {
      depositor: account(chain, 5),
      amount: coins("100uweir"),
    });
    expect(refusal).toBeUndefined();
    expect(pool(chain)).toBe("101.540000000000000000uweir");
    expect(spend(chain, "102uweir").refusal).toMatchObject({ codespace: "distribution", code: 9 });
    expect(spend(chain, "1uusdc").refusal).toMatchObject({ codespace: "distribution", code: 9 });
    const before = balance(chain, 6);
    expect(spend(chain, "101uweir").refusal).toBeUndefined();
    expect(balance(chain, 6) - before).toBe(101n);
    expect(pool(chain)).toBe("0.540000000000000000uweir");
    expect(chain.broken()).toBeUndefined();
  });
});

describe("a gift to a validator", () => {
  it("is its commission's and its delegators', as if it had earned it", () => {
    const chain = rewarding({ validators: 1, commission: decOne / 4n });
    chain.live();
    const { refusal } = chain.message(path("MsgDepositValidatorRewardsPool"), {
      depositor: account(chain, 5),
      validatorAddress: chain.operator(0),
      amount: coins("100uweir"),
    });
    expect(refusal).toBeUndefined();
    expect(earned(chain, 0, 0)).toBe("75.000000000000000000uweir");
    expect(outstanding(chain, 0)).toBe("100.000000000000000000uweir");
    expect(chain.broken()).toBeUndefined();
  });

  it("that could not be counted is refused", () => {
    const chain = rewarding({ validators: 1 });
    share(chain, "1000uweir");
    withdraw(chain, 0, 0);
    const most = ((1n << 256n) - 1n) * decOne + decOne - 1n;
    const [operator, ctx] = [chain.accounts[0]!, chain.context()];
    const { period } = getCurrentRewards(ctx, operator);
    const ratio = [{ denom, amount: most - 5n * decOne }];
    state.historicalRewards.set(ctx, [operator, period - 1n], { ratio, references: 2 });
    const gift = (text: string) =>
      chain.message(path("MsgDepositValidatorRewardsPool"), {
        depositor: account(chain, 5),
        validatorAddress: chain.operator(0),
        amount: coins(text),
      }).refusal;
    expect(gift("6uweir")).toMatchObject({
      codespace: "undefined",
      code: 1,
      message: "unable to deposit coins: deposit is too large: Int overflow",
    });
    expect(gift("5uweir")).toBeUndefined();
  });
});

describe("a bad address", () => {
  const bad = "weir1nobody";
  const me = accountAddress.encode(new Uint8Array(20).fill(1));
  const operator = validatorAddress.encode(new Uint8Array(20).fill(1));
  it.each<readonly [string, object, string]>([
    ["MsgSetWithdrawAddress", { delegatorAddress: bad, withdrawAddress: me }, "invalid delegator address: "],
    ["MsgSetWithdrawAddress", { delegatorAddress: me, withdrawAddress: bad }, "invalid withdraw address: "],
    [
      "MsgWithdrawDelegatorReward",
      { delegatorAddress: bad, validatorAddress: operator },
      "invalid delegator address: ",
    ],
    ["MsgWithdrawDelegatorReward", { delegatorAddress: me, validatorAddress: me }, "invalid validator address: "],
    ["MsgWithdrawValidatorCommission", { validatorAddress: bad }, "invalid validator address: "],
    ["MsgFundCommunityPool", { depositor: bad, amount: coins("1uweir") }, "invalid depositor address: "],
    [
      "MsgDepositValidatorRewardsPool",
      { depositor: bad, validatorAddress: operator, amount: coins("1uweir") },
      "invalid depositor address: ",
    ],
    [
      "MsgDepositValidatorRewardsPool",
      { depositor: me, validatorAddress: bad, amount: coins("1uweir") },
      "invalid validator address: ",
    ],
    [
      "MsgCommunityPoolSpend",
      { authority: bad, recipient: me, amount: coins("1uweir") },
      "invalid authority address: ",
    ],
    [
      "MsgCommunityPoolSpend",
      { authority: authorityAddress(), recipient: bad, amount: coins("1uweir") },
      "invalid recipient address: ",
    ],
    ["MsgUpdateParams", { authority: bad, params: undefined }, "invalid authority address: "],
  ])("in %s is refused: %o", (name, message, text) => {
    const { refusal } = testChain().message(path(name), message);
    expect(refusal).toMatchObject({ codespace: "sdk", code: 7 });
    expect(refusal!.message.startsWith(text)).toBe(true);
  });

  it.each<readonly [string, object]>([
    ["MsgSetWithdrawAddress", { delegatorAddress: me, withdrawAddress: bad }],
    ["MsgWithdrawDelegatorReward", { delegatorAddress: me, validatorAddress: operator }],
    ["MsgWithdrawValidatorCommission", { validatorAddress: operator }],
    ["MsgFundCommunityPool", { depositor: me }],
    ["MsgDepositValidatorRewardsPool", { depositor: me }],
    ["MsgCommunityPoolSpend", { authority: me }],
    ["MsgUpdateParams", { authority: me }],
  ])("is not the signer of %s", (name, message) => {
    expect(distribution.messages[path(name)]!.signers(message)).toEqual([me]);
  });
});

describe("distribution's parameters", () => {
  const update = (params: object | undefined) =>
    testChain().message(path("MsgUpdateParams"), { authority: authorityAddress(), params }).refusal;
  const good = {
    communityTax: `${decOne / 10n}`,
    baseProposerReward: "",
    bonusProposerReward: "",
    withdrawAddrEnabled: true,
  };

  it("are stored with their zeros", () => {
    const chain = testChain();
    expect(chain.message(path("MsgUpdateParams"), { authority: authorityAddress(), params: good }).refusal).toBe(
      undefined,
    );
    expect(chain.query(path("Query/Params"), {})).toEqual({
      params: { ...good, baseProposerReward: "0", bonusProposerReward: "0" },
    });
  });

  it.each<readonly [object | undefined, string]>([
    [undefined, "community tax must be not nil"],
    [{ ...good, communityTax: "" }, "community tax must be not nil"],
    [{ ...good, communityTax: "-1" }, "community tax must be positive: -0.000000000000000001"],
    [{ ...good, communityTax: `${decOne + 1n}` }, "community tax too large: 1.000000000000000001"],
  ])("are refused: %o", (params, message) => {
    expect(update(params)).toMatchObject({ codespace: "undefined", code: 1, message });
  });

  it("may be all of it", () => {
    expect(update({ ...good, communityTax: `${decOne}` })).toBeUndefined();
    expect(update({ ...good, communityTax: "0" })).toBeUndefined();
  });
});

describe("queries of rewards", () => {
  it("page through slashes by height", () => {
    const chain = rewarding({ validators: 1 });
    const heights: bigint[] = [];
    for (let i = 0; i < 5; i++) {
      chain.attempt((ctx) => void slash(ctx, chain.consensus(0), ctx.block.height, 100n, decOne / 100n));
      heights.push(chain.context().block.height);
      chain.live();
    }
    const slashes = (startingHeight: bigint, endingHeight: bigint, pagination?: object) =>
      chain.query<{ slashes: { validatorPeriod: bigint }[]; pagination: { total: bigint; nextKey: Uint8Array } }>(
        path("Query/ValidatorSlashes"),
        { validatorAddress: chain.operator(0), startingHeight, endingHeight, pagination },
      );
    expect(slashes(0n, heights[4]!).slashes).toHaveLength(5);
    const some = slashes(heights[1]!, heights[3]!);
    expect(some.slashes).toHaveLength(3);
    expect(some.pagination.total).toBe(3n);
    const page = slashes(heights[1]!, heights[3]!, { limit: 2n });
    expect(page.slashes).toEqual(some.slashes.slice(0, 2));
    const next = slashes(heights[1]!, heights[3]!, { key: page.pagination.nextKey });
    expect(next.slashes).toEqual(some.slashes.slice(2));
    expect(() => slashes(0n, 9n, { key: new Uint8Array(3), offset: 1n })).toThrow("either offset or key");
  });

  it("refuse what is no address", () => {
    const ask = (name: string, request: object) => () => testChain().query(path(`Query/${name}`), request);
    expect(ask("ValidatorCommission", { validatorAddress: "x" })).toThrow("decoding bech32 failed");
    expect(ask("DelegationTotalRewards", { delegatorAddress: "x" })).toThrow("decoding bech32 failed");
  });
});
