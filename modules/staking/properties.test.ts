/** Whatever is delegated, taken back, moved, slashed and waited for: every invariant of every module holds after every step. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import { type StakedChain, stakedChain } from "../../test/helpers/stakedchain.ts";
import { getValidatorByConsAddr, isUnbonded, slash } from "./index.ts";
import { delegatorUnbondings } from "./unbonding.ts";

type Step = (chain: StakedChain) => void;

const who = fc.nat(6);
const validator = fc.nat(2);
const amount = fc.oneof(fc.bigInt(1n, 10n), fc.bigInt(1n, 120_000_000n));

const delegate: fc.Arbitrary<Step> = fc.tuple(who, validator, amount).map(
  ([from, to, coins]) =>
    (chain) =>
      void chain.delegate(from, to, coins),
);

const undelegate: fc.Arbitrary<Step> = fc.tuple(who, validator, amount).map(
  ([from, to, coins]) =>
    (chain) =>
      void chain.undelegate(from, to, coins),
);

const redelegate: fc.Arbitrary<Step> = fc.tuple(who, validator, validator, amount).map(
  ([from, source, destination, coins]) =>
    (chain) =>
      void chain.redelegate(from, source, destination, coins),
);

/** Of the first thing that leaves a validator. */
const cancel: fc.Arbitrary<Step> = fc.tuple(who, amount).map(([from, coins]) => (chain) => {
  const [unbonding] = delegatorUnbondings(chain.context(), chain.accounts[from]!, 1);
  if (unbonding === undefined) return;
  const { balance, creationHeight } = unbonding.entries[0]!;
  chain.message("/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation", {
    delegatorAddress: accountAddress.encode(chain.accounts[from]!),
    validatorAddress: unbonding.validatorAddress,
    amount: { denom: "uweir", amount: `${coins < balance ? coins : balance}` },
    creationHeight,
  });
});

const fault: fc.Arbitrary<Step> = fc
  .tuple(validator, fc.bigInt(0n, 5n), fc.bigInt(1n, 300n), fc.bigInt(0n, 10n ** 18n))
  .map(([index, ago, power, fraction]) => (chain) => {
    const ctx = chain.context();
    const consensusAddress = chain.consensus(index);
    const faulty = getValidatorByConsAddr(ctx, consensusAddress);
    if (faulty === undefined || isUnbonded(faulty)) return;
    slash(ctx, consensusAddress, ctx.block.height - ago, power, fraction);
  });

const wait: fc.Arbitrary<Step> = fc
  .constantFrom(5n, 5n, 5n, 60n, 101n)
  .map((seconds) => (chain) => void chain.live({ seconds }));

const unjail: fc.Arbitrary<Step> = validator.map((index) => (chain) => void chain.unjail(index));

const step = fc.oneof(
  { weight: 4, arbitrary: delegate },
  { weight: 4, arbitrary: undelegate },
  { weight: 3, arbitrary: redelegate },
  { weight: 2, arbitrary: cancel },
  { weight: 2, arbitrary: fault },
  { weight: 3, arbitrary: wait },
  { weight: 1, arbitrary: unjail },
);

describe("stakes", () => {
  it("keep every invariant, whatever is done with them", () =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => {
        const chain = stakedChain({ staking: { max_validators: 2, max_entries: 3 } });
        for (const take of steps) {
          take(chain);
          expect(chain.broken()).toBeUndefined();
        }
        chain.live({ seconds: 101n });
        chain.live({ seconds: 101n });
        expect([...delegatorUnbondings(chain.context(), chain.accounts[0]!, 10)]).toEqual([]);
      }),
      { numRuns: 12 },
    ));
});
