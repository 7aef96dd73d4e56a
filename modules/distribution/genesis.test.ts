/** Distribution's part of genesis.json: what begins a chain again, and what is refused before one begins. */
import { describe, expect, it } from "vitest";
import { accountAddress, consensusAddress, moduleAddress, validatorAddress } from "../../chain/address.ts";
import { address, protoCoins } from "../../test/helpers/accounts.ts";
import { stakedChain } from "../../test/helpers/stakedchain.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { distribution, fundCommunityPool } from "./index.ts";
import { currentRewards, historicalRewards, outstandingRewards, startingInfos } from "./state.ts";

const operator = validatorAddress.encode(new Uint8Array(20).fill(1));
const section = "app_state.distribution";
const base = distribution.genesis.toJson(distribution.genesis.default()) as Record<string, unknown> & {
  readonly params: object;
};
const coin = (amount: string, denom = "uweir") => ({ denom, amount });
const list = (name: string, ...entries: readonly object[]) => ({ ...base, [name]: entries });
const outstanding = (...coins: readonly object[]) => ({ validator_address: operator, outstanding_rewards: coins });

describe("distribution's genesis", () => {
  it("is the SDK's by default", () => {
    expect(base).toEqual({
      params: {
        community_tax: "0.020000000000000000",
        base_proposer_reward: "0.000000000000000000",
        bonus_proposer_reward: "0.000000000000000000",
        withdraw_addr_enabled: true,
      },
      fee_pool: { community_pool: [] },
      delegator_withdraw_infos: [],
      previous_proposer: "",
      outstanding_rewards: [],
      validator_accumulated_commissions: [],
      validator_historical_rewards: [],
      validator_current_rewards: [],
      delegator_starting_infos: [],
      validator_slash_events: [],
    });
  });

  it("must name what lies in the module's account, to the whole coin", () => {
    const account = accountAddress.encode(moduleAddress("distribution"));
    const begin = (pool: string, balance: string) =>
      testChain({
        bank: { params: { default_send_enabled: true }, balances: [{ address: account, coins: protoCoins(balance) }] },
        distribution: { ...base, fee_pool: { community_pool: [coin(pool)] } },
      });
    expect(begin("7.9", "7uweir").broken()).toBeUndefined();
    expect(() => begin("8", "7uweir")).toThrow(
      `${section}: found "8uweir" in outstanding_rewards and fee_pool, expected "7uweir", the balance of ${account}`,
    );
    expect(() => begin("6.999", "7uweir")).toThrow('found "6uweir"');
  });

  it.each<readonly [string, unknown, string]>([
    ["text", "x", `${section}: found`],
    ["no parameters", { ...base, params: null }, `${section}.params: found nothing`],
    [
      "a tax of more than all",
      { ...base, params: { ...base.params, community_tax: "1.1" } },
      "found community tax too large: 1.100000000000000000",
    ],
    [
      "a base below nothing",
      { ...base, params: { ...base.params, base_proposer_reward: "-0.1" } },
      "base proposer reward must be positive",
    ],
    [
      "a bonus below nothing",
      { ...base, params: { ...base.params, bonus_proposer_reward: "-0.1" } },
      "bonus proposer reward must be positive",
    ],
    [
      "tax and proposers that are more than all",
      {
        ...base,
        params: {
          ...base.params,
          community_tax: "0.5",
          base_proposer_reward: "0.3",
          bonus_proposer_reward: "0.200000000000000001",
        },
      },
      "sum of base, bonus proposer rewards, and community tax cannot be greater than one: 1.000000000000000001",
    ],
    [
      "a pool that is not sorted",
      { ...base, fee_pool: { community_pool: [coin("1", "bbb"), coin("1", "aaa")] } },
      `${section}.fee_pool.community_pool: found denomination aaa is not sorted`,
    ],
    [
      "a pool of zeros",
      { ...base, fee_pool: { community_pool: [coin("0")] } },
      `${section}.fee_pool.community_pool: found an amount is not positive`,
    ],
    [
      "a pool below nothing",
      { ...base, fee_pool: { community_pool: [coin("-1")] } },
      `${section}.fee_pool.community_pool: found coin -1.000000000000000000uweir amount is not positive`,
    ],
    ["a proposer of another kind", { ...base, previous_proposer: operator }, `${section}.previous_proposer: found`],
    [
      "a validator of another kind",
      list("outstanding_rewards", { validator_address: address(1), outstanding_rewards: [] }),
      `${section}.outstanding_rewards[0].validator_address: found`,
    ],
    [
      "a validator twice",
      list("outstanding_rewards", outstanding(), outstanding()),
      `${section}.outstanding_rewards[1]: found the key of [0] again`,
    ],
    [
      "a commission of no object",
      list("validator_accumulated_commissions", { validator_address: operator, accumulated: null }),
      `${section}.validator_accumulated_commissions[0].accumulated: found nothing`,
    ],
    [
      "a period that nobody refers to",
      list("validator_historical_rewards", {
        validator_address: operator,
        period: "3",
        rewards: { cumulative_reward_ratio: [], reference_count: 0 },
      }),
      `${section}.validator_historical_rewards[0].rewards.reference_count: found 0, expected 1 to 2`,
    ],
    [
      "a period that too many refer to",
      list("validator_historical_rewards", {
        validator_address: operator,
        period: "3",
        rewards: { cumulative_reward_ratio: [], reference_count: 3 },
      }),
      "found 3, expected 1 to 2",
    ],
    [
      "a period twice",
      list(
        "validator_historical_rewards",
        ...[1, 2].map((count) => ({
          validator_address: operator,
          period: "3",
          rewards: { cumulative_reward_ratio: [], reference_count: count },
        })),
      ),
      `${section}.validator_historical_rewards[1]: found the key of [0] again`,
    ],
    [
      "a running period of 0",
      list("validator_current_rewards", { validator_address: operator, rewards: { rewards: [], period: "0" } }),
      `${section}.validator_current_rewards[0].rewards.period: found 0`,
    ],
    [
      "a stake below nothing",
      list("delegator_starting_infos", {
        delegator_address: address(1),
        validator_address: operator,
        starting_info: { previous_period: "1", stake: "-1", height: "1" },
      }),
      `${section}.delegator_starting_infos[0].starting_info.stake: found -1.000000000000000000, expected 0 or more`,
    ],
    [
      "no stake",
      list("delegator_starting_infos", {
        delegator_address: address(1),
        validator_address: operator,
        starting_info: { previous_period: "1", height: "1" },
      }),
      `${section}.delegator_starting_infos[0].starting_info.stake: found nothing`,
    ],
    [
      "a slash of more than all",
      list("validator_slash_events", {
        validator_address: operator,
        height: "1",
        period: "1",
        validator_slash_event: { validator_period: "1", fraction: "1.1" },
      }),
      `${section}.validator_slash_events[0].validator_slash_event.fraction: found 1.100000000000000000, expected 0 to 1`,
    ],
    [
      "a slash that gives",
      list("validator_slash_events", {
        validator_address: operator,
        height: "1",
        period: "1",
        validator_slash_event: { validator_period: "1", fraction: "-0.1" },
      }),
      "fraction: found -0.100000000000000000, expected 0 to 1",
    ],
    [
      "no fraction",
      list("validator_slash_events", {
        validator_address: operator,
        height: "1",
        period: "1",
        validator_slash_event: { validator_period: "1" },
      }),
      "validator_slash_event.fraction: found nothing",
    ],
    [
      "a withdraw address that is none",
      list("delegator_withdraw_infos", { delegator_address: address(1), withdraw_address: "x" }),
      `${section}.delegator_withdraw_infos[0].withdraw_address: found "x", expected an address that begins with weir1`,
    ],
    [
      "a delegator that is none",
      list("delegator_withdraw_infos", { delegator_address: operator, withdraw_address: address(1) }),
      `${section}.delegator_withdraw_infos[0].delegator_address: found`,
    ],
  ])("refuses %s", (_what, state, text) => {
    expect(() => distribution.genesis.parse(state)).toThrow(text);
  });

  it("keeps a proposer, and takes parameters at their bounds", () => {
    const proposer = consensusAddress.encode(new Uint8Array(20).fill(4));
    const params = {
      community_tax: "0.500000000000000000",
      base_proposer_reward: "0.300000000000000000",
      bonus_proposer_reward: "0.200000000000000000",
      withdraw_addr_enabled: false,
    };
    const state = { ...base, params, previous_proposer: proposer };
    expect(testChain({ distribution: state }).exported().distribution).toEqual(state);
    const slash = {
      validator_address: operator,
      height: "1",
      period: "1",
      validator_slash_event: { validator_period: "1", fraction: "1.000000000000000000" },
    };
    const slashed = list("validator_slash_events", slash);
    expect(distribution.genesis.toJson(distribution.genesis.parse(slashed))).toEqual(slashed);
  });
});

describe("what is always true of rewards", () => {
  const chainWith = (change: (chain: ReturnType<typeof stakedChain>) => void) => {
    const chain = stakedChain({ validators: 2 });
    fundCommunityPool(chain.context(), chain.accounts[5]!, [{ denom: "uweir", amount: 100n }]);
    expect(chain.broken()).toBeUndefined();
    change(chain);
    return chain.broken();
  };

  it("is told when an amount is below nothing", () => {
    const broken = chainWith((chain) =>
      outstandingRewards.set(chain.context(), chain.accounts[0]!, [{ denom: "uweir", amount: -1n }]),
    );
    expect(broken).toMatch(/^distribution\/rewardsAreNeverNegative: outstanding rewards of weirvaloper1/);
  });

  it("is told when more is owed than is outstanding", () => {
    const broken = chainWith((chain) => {
      const [ctx, validator] = [chain.context(), chain.accounts[0]!];
      const current = currentRewards.get(ctx, validator)!;
      chain.setBlock({ height: ctx.block.height + 1n });
      currentRewards.set(ctx, validator, { ...current, rewards: [{ denom: "uweir", amount: 10n ** 18n }] });
    });
    expect(broken).toMatch(
      /^distribution\/everybodyCanWithdraw: weirvaloper1\w+ owes 1\.0+uweir, but has {2}outstanding$/,
    );
  });

  it("is told when references are miscounted", () => {
    const broken = chainWith((chain) => {
      const [key, rewards] = [...historicalRewards.iterate(chain.context())][0]!;
      historicalRewards.set(chain.context(), key, { ...rewards, references: rewards.references - 1 });
    });
    expect(broken).toMatch(
      /^distribution\/referencesAreCounted: 3 references are counted, but 4 are held by validators, delegations and slashes$/,
    );
  });

  it("is told when the account holds another sum", () => {
    const broken = chainWith((chain) =>
      outstandingRewards.set(chain.context(), chain.accounts[0]!, [{ denom: "uweir", amount: 10n ** 18n }]),
    );
    expect(broken).toBe("distribution/accountHoldsWhatIsOwed: 101uweir is owed, but the account holds 100uweir");
  });

  it("is told when a delegation earns nothing, or nobody's delegation earns", () => {
    const key = (chain: ReturnType<typeof stakedChain>, who: number, at: number) =>
      [chain.accounts[at]!, chain.accounts[who]!] as const;
    const moved = chainWith((chain) => {
      const info = startingInfos.get(chain.context(), key(chain, 1, 1))!;
      startingInfos.delete(chain.context(), key(chain, 1, 1));
      startingInfos.set(chain.context(), key(chain, 5, 1), info);
    });
    expect(moved).toMatch(
      /^distribution\/recordsFollowStaking: weir1\w+ earns at weirvaloper1\w+, but has no delegation$/,
    );
    const missing = chainWith((chain) => startingInfos.delete(chain.context(), key(chain, 1, 1)));
    expect(missing).toBe("distribution/recordsFollowStaking: 1 of 2 delegations earn rewards");
    const validator = chainWith((chain) => currentRewards.delete(chain.context(), chain.accounts[1]!));
    expect(validator).toMatch(/^distribution\/recordsFollowStaking: weirvaloper1\w+ has no rewards$/);
    const more = chainWith((chain) =>
      currentRewards.set(chain.context(), chain.accounts[7]!, { rewards: [], period: 1n }),
    );
    expect(more).toBe("distribution/recordsFollowStaking: 3 validators have rewards, but there are 2");
  });
});
