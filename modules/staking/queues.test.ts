/** What falls due: in order, so much of it in a block, and never held up by what does not. */
import { describe, expect, it } from "vitest";
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { type StakedChain, stakedChain } from "../../test/helpers/stakedchain.ts";
import { balanceOf } from "../bank/index.ts";
import {
  getUnbondingDelegation,
  isUnbonded,
  isUnbonding,
  iterateValidators,
  slash,
  staking,
  totalNotBondedTokens,
  unbonding,
} from "./index.ts";
import { setValidator } from "./keeper.ts";
import { maturedPerBlockMax } from "./maturing.ts";
import * as state from "./state.ts";
import { enqueueUnbonding, setUnbondingDelegation } from "./unbonding.ts";
import { indexUnbonding, nextUnbondingId } from "./unbondingid.ts";
import { enqueueValidator, maturedValidatorsPerBlockMax } from "./validatorqueue.ts";

/** The end of a block, `seconds` after the last one. */
function end(chain: StakedChain, seconds: bigint): readonly ChainEvent[] {
  const { height, time } = chain.context().block;
  chain.setBlock({ height: height + 1n, time: { ...time, seconds: time.seconds + seconds } });
  const ctx = chain.context();
  staking.endBlock!(ctx);
  return ctx.events;
}

const completed = (events: readonly ChainEvent[], type = "complete_unbonding") =>
  events
    .filter((event) => event.type === type)
    .map(({ attributes }) => Object.fromEntries(attributes.map(({ key, value }) => [key, value])));

const spread = (index: number): Uint8Array => Uint8Array.from({ length: 20 }, (_, i) => (i < 4 ? index >> (8 * i) : 9));

/** Entries of strangers, without delegations before them: their coins come from an account. */
function unbondMany(chain: StakedChain, count: number): void {
  chain.undelegate(0, 0, 1n);
  const ctx = chain.context();
  const operator = chain.accounts[0]!;
  const entry = getUnbondingDelegation(ctx, operator, operator)!.entries[0]!;
  const validatorAddress = chain.operator(0);
  for (let index = 0; index < count; index++) {
    const unbondingId = nextUnbondingId(ctx);
    const record = {
      delegatorAddress: accountAddress.encode(spread(index)),
      validatorAddress,
      entries: [{ ...entry, unbondingId, balance: 0n, initialBalance: 0n }],
    };
    setUnbondingDelegation(ctx, record);
    enqueueUnbonding(ctx, record, record.entries[0]!);
    indexUnbonding(ctx, unbondingId, spread(index), operator);
  }
}

describe("unbonding entries", () => {
  it("come free after the unbonding time, not a second before, and are told of", () => {
    const chain = stakedChain();
    chain.delegate(5, 0, 1_000n);
    chain.undelegate(5, 0, 400n);
    const before = balanceOf(chain.context(), chain.accounts[5]!, "uweir");
    expect(completed(end(chain, 99n))).toEqual([]);
    expect(balanceOf(chain.context(), chain.accounts[5]!, "uweir")).toBe(before);
    expect(completed(end(chain, 1n))).toEqual([
      { amount: "400uweir", validator: chain.operator(0), delegator: accountAddress.encode(chain.accounts[5]!) },
    ]);
    expect(balanceOf(chain.context(), chain.accounts[5]!, "uweir")).toBe(before + 400n);
    expect(completed(end(chain, 1_000n))).toEqual([]);
    expect(totalNotBondedTokens(chain.context())).toBe(0n);
    expect(chain.broken()).toBeUndefined();
    for (const prefix of [0x32, 0x33, 0x38, 0x39, 0x41]) {
      expect(chain.entries("staking").filter(([key]) => key[0] === prefix)).toEqual([]);
    }
  });

  it("of one block are one, and wait in the queue once", () => {
    const chain = stakedChain();
    chain.undelegate(0, 0, 400n);
    chain.undelegate(0, 0, 300n);
    const record = getUnbondingDelegation(chain.context(), chain.accounts[0]!, chain.accounts[0]!)!;
    expect(record.entries).toMatchObject([{ balance: 700n, initialBalance: 700n }]);
    expect([...state.unbondingQueue.keys(chain.context())]).toHaveLength(1);
    expect(completed(end(chain, 100n))).toMatchObject([{ amount: "700uweir" }]);
  });

  it("that are taken back leave nothing behind", () => {
    const chain = stakedChain();
    chain.undelegate(0, 0, 400n);
    const creationHeight = chain.context().block.height;
    const cancel = (amount: string) =>
      chain.message("/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation", {
        delegatorAddress: accountAddress.encode(chain.accounts[0]!),
        validatorAddress: chain.operator(0),
        amount: { denom: "uweir", amount },
        creationHeight,
      }).refusal;
    expect(cancel("100")).toBeUndefined();
    expect([...state.unbondingQueue.keys(chain.context())]).toHaveLength(1);
    expect(cancel("300")).toBeUndefined();
    expect([...state.unbondingQueue.keys(chain.context())]).toHaveLength(0);
    expect([...state.unbondingIndex.keys(chain.context())]).toHaveLength(0);
    expect(chain.broken()).toBeUndefined();
    expect(completed(end(chain, 100n))).toEqual([]);
  });

  it("are so many a block, in order, and hold up nothing else", () => {
    const chain = stakedChain();
    chain.redelegate(0, 0, 1, 50n);
    unbondMany(chain, 2 * maturedPerBlockMax + 10);
    const first = end(chain, 100n);
    expect(completed(first)).toHaveLength(maturedPerBlockMax);
    // The one that is older than all others, with its coin, and those next to it.
    expect(completed(first)[0]).toMatchObject({ amount: "1uweir" });
    expect(
      completed(first)
        .slice(1)
        .map(({ delegator }) => delegator),
    ).toEqual(Array.from({ length: maturedPerBlockMax - 1 }, (_, index) => accountAddress.encode(spread(index))));
    expect(completed(first, "complete_redelegation")).toMatchObject([{ amount: "50uweir" }]);
    expect(chain.broken()).toBeUndefined();
    const second = completed(end(chain, 5n));
    expect(second).toHaveLength(maturedPerBlockMax);
    expect(second[0]!.delegator).toBe(accountAddress.encode(spread(maturedPerBlockMax - 1)));
    expect(completed(end(chain, 5n))).toHaveLength(11);
    expect(completed(end(chain, 5n))).toHaveLength(0);
    expect(chain.broken()).toBeUndefined();
  });

  it("that are due but wait cannot be slashed any more", () => {
    const chain = stakedChain();
    unbondMany(chain, maturedPerBlockMax + 5);
    const { height } = chain.context().block;
    const late = spread(maturedPerBlockMax + 4);
    end(chain, 100n);
    const waiting = getUnbondingDelegation(chain.context(), late, chain.accounts[0]!);
    expect(waiting).toBeDefined();
    slash(chain.context(), chain.consensus(0), height, 100n, 10n ** 17n);
    expect(getUnbondingDelegation(chain.context(), late, chain.accounts[0]!)).toEqual(waiting);
  });
});

describe("validators that unbond", () => {
  it("are unbonded when their time comes, and removed when nothing is left of them", () => {
    const chain = stakedChain();
    chain.delegate(5, 2, 1_000n);
    // Below what they promised to keep: both go to jail.
    chain.undelegate(1, 1, 99_000_000n);
    chain.undelegate(2, 2, 98_000_000n);
    end(chain, 5n);
    expect([chain.validator(1), chain.validator(2)].map(isUnbonding)).toEqual([true, true]);
    end(chain, 99n);
    expect(isUnbonding(chain.validator(1))).toBe(true);
    end(chain, 1n);
    expect([...iterateValidators(chain.context())].map(({ operatorAddress }) => operatorAddress).sort()).toEqual(
      [chain.operator(0), chain.operator(2)].sort(),
    );
    expect(isUnbonded(chain.validator(2))).toBe(true);
    expect(chain.validator(2).unbondingIds).toEqual([]);
    expect([...state.validatorQueue.keys(chain.context())]).toEqual([]);
    expect(chain.broken()).toBeUndefined();
  });

  it("of another block wait for their own time, and leave the queue when they are bonded again", () => {
    const chain = stakedChain({ staking: { max_validators: 2 } });
    expect(isUnbonded(chain.validator(2))).toBe(true);
    chain.delegate(5, 2, 50_000_000n);
    end(chain, 5n);
    expect(isUnbonding(chain.validator(1))).toBe(true);
    chain.delegate(5, 1, 60_000_000n);
    end(chain, 5n);
    expect([chain.validator(1).status, isUnbonding(chain.validator(0))]).toEqual([3, true]);
    expect([...state.validatorQueue.keys(chain.context())]).toHaveLength(1);
    expect([...state.unbondingTypes.keys(chain.context())]).toHaveLength(1);
    expect(chain.broken()).toBeUndefined();
  });

  it("are so many a block, the others in the next", () => {
    const chain = stakedChain();
    const ctx = chain.context();
    const { time, height } = ctx.block;
    const count = maturedValidatorsPerBlockMax + 3;
    for (let index = 0; index < count; index++) {
      const operatorAddress = validatorAddress.encode(spread(index));
      const leaving = { status: unbonding, unbondingTime: time, unbondingHeight: height } as const;
      const validator = { ...chain.validator(0), operatorAddress, ...leaving };
      setValidator(ctx, validator);
      enqueueValidator(ctx, validator);
    }
    const left = () => [...iterateValidators(chain.context())].filter(isUnbonding).length;
    expect(left()).toBe(count);
    end(chain, 5n);
    expect(left()).toBe(3);
    end(chain, 5n);
    expect(left()).toBe(0);
    expect([...state.validatorQueue.keys(chain.context())]).toEqual([]);
  });
});
