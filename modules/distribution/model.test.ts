/**
 * F1 against a slow exact model: at each allocation the model gives every single delegation its share as a fraction of whole numbers, by
 * the shares that it has then. Nobody is ever paid more than that, and less only by what roundings cost.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import { decOne } from "../../chain/dec.ts";
import type { DecCoins } from "../../chain/deccoins.ts";
import { type StakedChain, stakedChain } from "../../test/helpers/stakedchain.ts";
import type { Outcome } from "../../test/helpers/testchain.ts";
import { balancesOf, mintCoins, sendBetweenModules } from "../bank/index.ts";
import { inflationGenesis, mint } from "../mint/index.ts";
import { getDelegation, getValidator, iterateDelegations, iterateValidators, slash } from "../staking/index.ts";
import { rewardsNow } from "./delegations.ts";
import { getAccumulatedCommission, getOutstandingRewards } from "./periods.ts";

/** Whole numbers of 10^-18 coins, exactly. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

const nothing: Fraction = { over: 0n, under: 1n };

function commonDivisor(a: bigint, b: bigint): bigint {
  let [left, right] = [a, b];
  while (right !== 0n) [left, right] = [right, left % right];
  return left;
}

function plus(a: Fraction, b: Fraction): Fraction {
  const [over, under] = [a.over * b.under + b.over * a.under, a.under * b.under];
  const divisor = commonDivisor(over, under);
  return divisor === 0n ? nothing : { over: over / divisor, under: under / divisor };
}

const denoms = ["uusdc", "uweir"] as const;
const amountIn = (coins: readonly { denom: string; amount: bigint }[], denom: string): bigint =>
  coins.find((coin) => coin.denom === denom)?.amount ?? 0n;

type Step =
  | { readonly what: "fees"; readonly uusdc: bigint; readonly uweir: bigint }
  | { readonly what: "delegate" | "undelegate" | "withdraw"; who: number; to: number; amount: bigint }
  | { readonly what: "redelegate"; who: number; from: number; to: number; amount: bigint }
  | { readonly what: "slash"; readonly of: number; readonly fraction: bigint };

const who = fc.nat(7);
const operator = fc.nat(2);
const amount = fc.bigInt({ min: 1n, max: 150_000_000n });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ what: fc.constant("fees"), uusdc: fc.bigInt(0n, 20n), uweir: amount }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant("delegate"), who, to: operator, amount }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant("undelegate"), who, to: operator, amount }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant("withdraw"), who, to: operator, amount }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant("redelegate"), who, from: operator, to: operator, amount }) },
    {
      weight: 1,
      arbitrary: fc.record({ what: fc.constant("slash"), of: operator, fraction: fc.bigInt(1n, (decOne * 9n) / 10n) }),
    },
  ) as fc.Arbitrary<Step>,
  { minLength: 5, maxLength: 25 },
);

class Model {
  readonly chain: StakedChain;
  /** By delegator, validator and denomination. */
  readonly earned = new Map<string, Fraction>();
  /** What was sent out as rewards, by the same; and how often, each of which may keep back less than one coin. */
  readonly paid = new Map<string, bigint>();
  readonly withdrawals = new Map<string, bigint>();
  /** The least that any validator had. */
  tokensMin = tokensMax;

  constructor(chain: StakedChain) {
    this.chain = chain;
  }

  /** A block; what it gave to a validator's delegators, the model gives to each by its share. */
  live(): void {
    const before = this.shared();
    const delegations = [...iterateDelegations(this.chain.context())];
    const validators = [...iterateValidators(this.chain.context())];
    const totals = new Map(validators.map((validator) => [validator.operatorAddress, validator.delegatorShares]));
    for (const { tokens } of validators) if (tokens < this.tokensMin) this.tokensMin = tokens > 0n ? tokens : 1n;
    this.chain.live();
    const after = this.shared();
    for (const { delegatorAddress, validatorAddress: validator, shares } of delegations) {
      for (const denom of denoms) {
        const given = amountIn(after.get(validator)!, denom) - amountIn(before.get(validator)!, denom);
        this.earn(`${delegatorAddress} ${validator} ${denom}`, { over: given * shares, under: totals.get(validator)! });
      }
    }
  }

  earn(key: string, share: Fraction): void {
    this.earned.set(key, plus(this.earned.get(key) ?? nothing, share));
  }

  /** Outstanding but for commission: only an allocation raises it. */
  shared(): Map<string, DecCoins> {
    const ctx = this.chain.context();
    return new Map(
      [...iterateValidators(ctx)].map(({ operatorAddress }) => {
        const bytes = validatorAddress.decode(operatorAddress);
        const commission = getAccumulatedCommission(ctx, bytes);
        const coins = getOutstandingRewards(ctx, bytes).map(({ denom, amount: all }) => ({
          denom,
          amount: all - amountIn(commission, denom),
        }));
        return [operatorAddress, coins];
      }),
    );
  }

  /** Reads from events what was withdrawn by whom. */
  follow({ events }: Outcome): void {
    for (const { type, attributes } of events) {
      if (type !== "withdraw_rewards") continue;
      const [coins = "", validator, delegator] = attributes.map(({ value }) => value);
      for (const denom of denoms) {
        const key = `${delegator} ${validator} ${denom}`;
        const paid = BigInt(new RegExp(`(?:^|,)([0-9]+)${denom}(?:,|$)`).exec(coins)?.[1] ?? 0n);
        this.paid.set(key, (this.paid.get(key) ?? 0n) + paid);
        this.withdrawals.set(key, (this.withdrawals.get(key) ?? 0n) + 1n);
      }
    }
  }

  /**
   * A withdrawal keeps less than one coin. A step may leave a delegation's stake one token behind what its shares are worth (tokens are
   * whole, and what is cut off of a leaver's belongs to the others), and cuts off 10^-18 of each token's reward.
   */
  check(steps: number): void {
    const ctx = this.chain.context();
    for (const [key, { over, under }] of this.earned) {
      const [delegator = "", validator = "", denom = ""] = key.split(" ");
      const [account, bytes] = [accountAddress.decode(delegator), validatorAddress.decode(validator)];
      const delegation = getDelegation(ctx, account, bytes);
      const left =
        delegation === undefined ? [] : rewardsNow(ctx, account, bytes, getValidator(ctx, bytes)!, delegation);
      const received = (this.paid.get(key) ?? 0n) * decOne + amountIn(left, denom);
      const short = over - received * under;
      const kept = (this.withdrawals.get(key) ?? 0n) * decOne + tokensMax * BigInt(steps);
      const behind = (over * BigInt(steps)) / this.tokensMin;
      const words = `${key} got ${received} of ${over}/${under}`;
      expect(short >= 0n, words).toBe(true);
      expect(short <= kept * under + behind, words).toBe(true);
    }
  }
}

/** Nobody here has more. */
const tokensMax = 8_000_000_000n;

function payFees(ctx: Context, uusdc: bigint, uweir: bigint): void {
  const fees = [
    { denom: "uusdc", amount: uusdc },
    { denom: "uweir", amount: uweir },
  ].filter((coin) => coin.amount > 0n);
  mintCoins(ctx, "mint", fees);
  sendBetweenModules(ctx, "mint", "fee_collector", fees);
}

const withdraw = (chain: StakedChain, account: number, validator: number) =>
  chain.message("/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward", {
    delegatorAddress: accountAddress.encode(chain.accounts[account]!),
    validatorAddress: chain.operator(validator),
  });

/** For something done three blocks ago, so that it falls on redelegations too. */
function slashed(chain: StakedChain, index: number, fraction: bigint): Outcome {
  const { tokens = 0n } = getValidator(chain.context(), chain.accounts[index]!) ?? {};
  const { height } = chain.context().block;
  return chain.attempt((ctx) => {
    if (tokens > 0n) slash(ctx, chain.consensus(index), height - 3n, tokens / 1_000_000n, fraction);
  });
}

function run(chain: StakedChain, step: Step): Outcome {
  switch (step.what) {
    case "fees":
      return chain.attempt((ctx) => payFees(ctx, step.uusdc, step.uweir));
    case "delegate":
      return chain.delegate(step.who, step.to, step.amount);
    case "undelegate":
      return chain.undelegate(step.who, step.to, step.amount);
    case "redelegate":
      return chain.redelegate(step.who, step.from, step.to, step.amount);
    case "withdraw":
      return withdraw(chain, step.who, step.to);
    case "slash":
      return slashed(chain, step.of, step.fraction);
  }
}

describe("rewards, by periods", () => {
  it("are what an exact sharing out of every block would give, and never more", () => {
    fc.assert(
      fc.property(steps, fc.bigInt(0n, decOne), (list, commission) => {
        const chain = stakedChain({
          commission,
          appState: { mint: mint.genesis.toJson(inflationGenesis("uweir")) },
          staking: { unbonding_time: "40s" },
        });
        const model = new Model(chain);
        for (const step of list) {
          model.follow(run(chain, step));
          model.live();
        }
        model.live();
        model.check(list.length + 2);
        expect(balancesOf(chain.context(), chain.accounts[0]!).length).toBeGreaterThan(0);
      }),
      { numRuns: 15 },
    );
  });
});
