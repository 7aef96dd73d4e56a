/** Rules that the SDK does not have, or that its keepers' history does not reach: parameters, past headers, the smallest amounts. */
import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import { nothingReported } from "../../chain/context.ts";
import { decOne } from "../../chain/dec.ts";
import { HistoricalInfo } from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";
import { type StakedChain, stakedChain } from "../../test/helpers/stakedchain.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { changedCommission } from "./commission.ts";
import { prunedPerBlockMax } from "./historical.ts";
import { getDelegation, getParams, slash, staking } from "./index.ts";
import * as state from "./state.ts";

const update = (chain: StakedChain, change: object) =>
  chain.message("/cosmos.staking.v1beta1.MsgUpdateParams", {
    authority: authorityAddress(),
    params: { ...getParams(chain.context()), ...change },
  }).refusal;

describe("parameters", () => {
  it("keep their denomination while anything is staked", () => {
    const chain = stakedChain();
    expect(update(chain, { bondDenom: "uusdc" })).toMatchObject({
      code: 18,
      message: "bond denom cannot become uusdc while uweir is staked: invalid request",
    });
    const empty = testChain();
    const params = { ...getParams(empty.context()), bondDenom: "uusdc" };
    const typeUrl = "/cosmos.staking.v1beta1.MsgUpdateParams";
    expect(empty.message(typeUrl, { authority: authorityAddress(), params }).refusal).toBeUndefined();
    expect(getParams(empty.context()).bondDenom).toBe("uusdc");
  });

  it.each<[words: string, change: object]>([
    ["max validators must be at most 10000: 10001", { maxValidators: 10_001 }],
    ["max entries must be at most 1000: 1001", { maxEntries: 1_001 }],
    ["historical entries must be at most 10000: 10001", { historicalEntries: 10_001 }],
    [
      "unbonding time must be at most 9223372036s: 9223372037s",
      { unbondingTime: { seconds: 9_223_372_037n, nanos: 0 } },
    ],
    ["unbonding time must be positive: 0", { unbondingTime: undefined }],
    ['math/big: cannot unmarshal "x" into a *big.Int', { minCommissionRate: "x" }],
  ])("have bounds: %s", (words, change) => {
    expect(update(stakedChain(), change)?.message).toContain(words);
  });

  it("that are fewer validators take effect at the end of the block", () => {
    const chain = stakedChain();
    expect(update(chain, { maxValidators: 1 })).toBeUndefined();
    chain.live();
    expect([...state.lastValidatorPowers.keys(chain.context())]).toHaveLength(1);
  });
});

const heights = (chain: StakedChain) => [...state.historicalInfos.keys(chain.context())];

describe("past headers", () => {
  it("are as many as the parameter says, with the validators that there were", () => {
    const chain = stakedChain({ staking: { historical_entries: 3 } });
    chain.live({ times: 5 });
    const { height } = chain.context().block;
    expect(heights(chain)).toEqual([height - 2n, height - 1n, height]);
    const { header, valset } = HistoricalInfo.decode(state.historicalInfos.get(chain.context(), height)!);
    expect(header).toMatchObject({ chainId: "weir-test-1", height });
    expect(valset.map(({ operatorAddress }) => operatorAddress)).toEqual([0, 1, 2].map(chain.operator));
  });

  it("go so many a block when they become fewer, until they are right", () => {
    const chain = stakedChain({ staking: { historical_entries: 60 } });
    chain.live({ times: 60 });
    expect(heights(chain)).toHaveLength(60);
    update(chain, { historicalEntries: 5 });
    chain.live();
    expect(heights(chain)).toHaveLength(60 - prunedPerBlockMax + 1);
    chain.live({ times: 3 });
    const { height } = chain.context().block;
    expect(heights(chain)).toEqual([4n, 3n, 2n, 1n, 0n].map((ago) => height - ago));
    update(chain, { historicalEntries: 0 });
    chain.live();
    expect(heights(chain)).toEqual([]);
  });

  it("are none where nobody validates by stakes: then nothing is written", () => {
    const chain = testChain();
    const before = chain.entries("staking");
    staking.beginBlock!(chain.context(), nothingReported);
    staking.endBlock!(chain.context());
    expect(chain.entries("staking")).toEqual(before);
  });
});

describe("small things", () => {
  it("that are worth nothing after rounding cannot be moved", () => {
    const chain = stakedChain({ staking: { max_entries: 100 } });
    chain.delegate(5, 0, 1_000n);
    const { height } = chain.context().block;
    const refusals = Array.from({ length: 60 }, () => {
      // Of one token's shares, which are rounded down, a token is left or nothing: it depends on what a share is worth.
      slash(chain.context(), chain.consensus(0), height, 1n, decOne / 7n);
      const shares = getDelegation(chain.context(), chain.accounts[5]!, chain.accounts[0]!)?.shares;
      const { refusal } = chain.redelegate(5, 0, 1, 1n);
      const left = getDelegation(chain.context(), chain.accounts[5]!, chain.accounts[0]!)?.shares;
      expect(left === shares).toBe(refusal !== undefined);
      return refusal;
    });
    const nothing = refusals.find((refusal) => refusal !== undefined);
    expect(nothing).toMatchObject({ codespace: "staking", code: 30 });
    expect(refusals).toContain(undefined);
    expect(chain.broken()).toBeUndefined();
  });

  it("a commission changes a day after it changed last, to the nanosecond", () => {
    const at = { rate: decOne / 10n, maxRate: decOne, maxChangeRate: decOne / 100n };
    const commission = { ...at, updateTime: { seconds: 1_000n, nanos: 5 } };
    const change = (seconds: bigint, nanos: number) =>
      changedCommission(commission, decOne / 10n + 1n, { seconds: 1_000n + seconds, nanos }, 0n);
    expect(() => change(86_400n, 4)).toThrow("more than once in 24h");
    expect(change(86_400n, 5)).toMatchObject({ rate: decOne / 10n + 1n, updateTime: { seconds: 87_400n, nanos: 5 } });
    expect(() => changedCommission(commission, -1n, { seconds: 200_000n, nanos: 0 }, 0n)).toThrow("must be positive");
    expect(() => changedCommission(commission, 1n, { seconds: 200_000n, nanos: 0 }, 2n)).toThrow("minimum rate of");
    // Downwards as far as one likes.
    expect(changedCommission(commission, 0n, { seconds: 200_000n, nanos: 0 }, 0n).rate).toBe(0n);
  });
});
