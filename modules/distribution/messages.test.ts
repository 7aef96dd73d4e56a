/** Distribution's messages and queries: gifts, withdraw addresses, the community pool, parameters, and what is refused. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress, validatorAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { decOne } from "../../chain/dec.ts";
import {
  account,
  balance,
  coins,
  denom,
  earned,
  eventOf,
  outstanding,
  path,
  pool,
  rewarding,
  share,
  withdraw,
  withdrawCommission,
  withParams,
} from "../../test/helpers/rewardingchain.ts";
import type { StakedChain } from "../../test/helpers/stakedchain.ts";
import { type Outcome, testChain } from "../../test/helpers/testchain.ts";
import { slash } from "../staking/index.ts";
import { distribution } from "./index.ts";
import { getCurrentRewards } from "./periods.ts";
import * as state from "./state.ts";

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

  it("is none that cannot receive", () => {
    const blocked = accountAddress.encode(moduleAddress("distribution"));
    expect(set(rewarding(), blocked).refusal).toMatchObject({
      codespace: "sdk",
      code: 4,
      message: `${blocked} is not allowed to receive external funds: unauthorized`,
    });
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
