/** Who validates: the strongest, as many as there are seats, and what the engine is told of them. */
import { describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import type { ValidatorUpdate } from "../../chain/module.ts";
import { type StakedChain, stake, stakedChain } from "../../test/helpers/stakedchain.ts";
import { inflationGenesis, mint } from "../mint/index.ts";
import {
  bondedValidatorsByPower,
  getLastTotalPower,
  isBonded,
  isUnbonded,
  isUnbonding,
  jail,
  lastValidators,
  powerOf,
  powerToTokens,
  slash,
  staking,
  totalBondedTokens,
  unjail,
} from "./index.ts";
import { totalPowerMax } from "./validator.ts";

function end(chain: StakedChain): readonly ValidatorUpdate[] {
  const { height, time } = chain.context().block;
  chain.setBlock({ height: height + 1n, time: { ...time, seconds: time.seconds + 5n } });
  return staking.endBlock!(chain.context());
}

const powers = (updates: readonly ValidatorUpdate[]) => updates.map(({ power }) => power);
const bondedNow = (chain: StakedChain) =>
  [...bondedValidatorsByPower(chain.context())].map(({ operatorAddress }) => operatorAddress);

describe("the validator set", () => {
  it("has a power for every million, and tells the engine only of what changed", () => {
    const chain = stakedChain();
    expect([0, 1, 2].map((index) => powerOf(chain.validator(index)))).toEqual([100n, 99n, 98n]);
    expect(getLastTotalPower(chain.context())).toBe(297n);
    expect(end(chain)).toEqual([]);
    chain.delegate(5, 1, 999_999n);
    expect(end(chain)).toEqual([]);
    chain.delegate(5, 1, 1n);
    expect(powers(end(chain))).toEqual([100n]);
    expect(getLastTotalPower(chain.context())).toBe(298n);
    expect([...lastValidators(chain.context())].map(([, power]) => power).sort()).toEqual([100n, 100n, 98n]);
  });

  it("has as many as there are seats; who falls out begins to unbond, and both pools follow", () => {
    const chain = stakedChain({ staking: { max_validators: 2 } });
    expect([isBonded(chain.validator(0)), isBonded(chain.validator(1))]).toEqual([true, true]);
    expect(isUnbonded(chain.validator(2))).toBe(true);
    expect(totalBondedTokens(chain.context())).toBe(2n * stake - 1_000_000n);
    chain.delegate(5, 2, 10_000_000n);
    expect(powers(end(chain))).toEqual([108n, 0n]);
    expect(isUnbonding(chain.validator(1))).toBe(true);
    expect(chain.validator(1)).toMatchObject({ unbondingHeight: chain.context().block.height, unbondingIds: [1n] });
    expect(totalBondedTokens(chain.context())).toBe(108_000_000n + stake);
    expect(bondedNow(chain)).toEqual([chain.operator(2), chain.operator(0)]);
    expect(chain.broken()).toBeUndefined();
  });

  it("prefers, of two with one power, the one with the lower address", () => {
    const chain = stakedChain({ validators: 1, staking: { max_validators: 2 } });
    chain.create(1, { stake });
    chain.create(2, { stake });
    chain.create(3, { stake });
    end(chain);
    const lowest = [1, 2, 3].sort((a, b) => Buffer.compare(chain.accounts[a]!, chain.accounts[b]!))[0]!;
    expect(isBonded(chain.validator(lowest))).toBe(
      [0, 1, 2, 3].filter((i) => Buffer.compare(chain.accounts[i]!, chain.accounts[lowest]!) < 0).length < 2,
    );
    const expected = [0, 1, 2, 3].sort((a, b) => Buffer.compare(chain.accounts[a]!, chain.accounts[b]!)).slice(0, 2);
    expect(bondedNow(chain)).toEqual(expected.map((index) => chain.operator(index)));
  });

  it("has nobody without a whole unit of power", () => {
    const chain = stakedChain();
    chain.create(3, { stake: 999_999n });
    expect(end(chain)).toEqual([]);
    expect(isUnbonded(chain.validator(3))).toBe(true);
    chain.delegate(5, 3, 1n);
    expect(powers(end(chain))).toEqual([1n]);
  });

  it("loses the jailed at the end of the block, and has them again when they are free", () => {
    const chain = stakedChain();
    jail(chain.context(), chain.consensus(1));
    expect(bondedNow(chain)).not.toContain(chain.operator(1));
    expect(powers(end(chain))).toEqual([0n]);
    expect(chain.validator(1)).toMatchObject({ jailed: true, tokens: 99_000_000n });
    expect(() => jail(chain.context(), chain.consensus(1))).toThrow("cannot jail already jailed validator");
    unjail(chain.context(), chain.consensus(1));
    expect(() => unjail(chain.context(), chain.consensus(1))).toThrow("is not jailed");
    expect(powers(end(chain))).toEqual([99n]);
    expect(chain.validator(1).unbondingIds).toEqual([]);
    expect(() => jail(chain.context(), new Uint8Array(20))).toThrow("is not stored");
    expect(chain.broken()).toBeUndefined();
  });

  it("never has more power than CometBFT can count, whoever it is staked to", () => {
    const half = powerToTokens(totalPowerMax / 2n);
    const rich = Array.from({ length: 8 }, (_, index) => ({
      address: accountAddress.encode(sha256(Buffer.from(`account ${index}`)).slice(0, 20)),
      coins: [{ denom: "uweir", amount: `${half}` }],
    }));
    const bank = { params: { send_enabled: [], default_send_enabled: true }, balances: rich };
    const chain = stakedChain({ appState: { bank, mint: mint.genesis.toJson(inflationGenesis("uweir")) } });
    const staked = 297_000_000n;
    const refused = { codespace: "staking", code: 1001 };
    expect(chain.delegate(5, 0, half - staked + 1n).refusal).toMatchObject(refused);
    expect(chain.delegate(5, 0, half - staked).refusal).toBeUndefined();
    expect(chain.delegate(6, 0, 1n).refusal).toMatchObject(refused);
    expect(chain.delegate(6, 1, half / 100n).refusal).toMatchObject(refused);
    expect(powers(end(chain)).every((power) => power < totalPowerMax)).toBe(true);
    expect(chain.broken()).toBeUndefined();
  });
});

describe("a slash", () => {
  it("burns what the power at the fault was worth, and no more than there is", () => {
    const chain = stakedChain();
    const { height } = chain.context().block;
    const half = 5n * 10n ** 17n;
    expect(slash(chain.context(), chain.consensus(0), height, 100n, half)).toBe(50_000_000n);
    expect(slash(chain.context(), chain.consensus(0), height, 1_000n, half)).toBe(50_000_000n);
    expect(slash(chain.context(), chain.consensus(0), height, 1_000n, half)).toBe(0n);
    expect(chain.validator(0)).toMatchObject({ tokens: 0n, delegatorShares: stake * 10n ** 18n });
    expect(chain.delegate(5, 0, 5n).refusal).toMatchObject({ codespace: "staking", code: 34 });
    expect(chain.broken()).toBeUndefined();
    expect(powers(end(chain))).toEqual([0n]);
  });

  it("is nothing to a validator that is gone, and a defect where it cannot be", () => {
    const chain = stakedChain({ staking: { max_validators: 2 } });
    const { height } = chain.context().block;
    expect(slash(chain.context(), new Uint8Array(20), height, 1n, 1n)).toBe(0n);
    expect(() => slash(chain.context(), chain.consensus(0), height, 1n, -1n)).toThrow("negative slash factor");
    expect(() => slash(chain.context(), chain.consensus(0), height + 1n, 1n, 1n)).toThrow("this is height");
    expect(() => slash(chain.context(), chain.consensus(2), height, 1n, 1n)).toThrow("unbonded validator");
  });
});
