/** Bonds, what leaves them and what is slashed of them; sequences of all that are compared with a model in bondsmodel.test.ts. */
import { describe, expect, it } from "vitest";
import { moduleAddress } from "../../chain/address.ts";
import { decOne, parseDec } from "../../chain/dec.ts";
import { accountOf, nameOf, registryChain, transportKey, weirs } from "../../test/helpers/registrychain.ts";
import { denom } from "../../test/helpers/testapplication.ts";
import { balanceOf, supplyOf } from "../bank/index.ts";
import { leastTokensIn, tokensAtOpen, withTokens } from "./bondpool.ts";
import { bond as bondTo, poolOf } from "./bonds.ts";
import {
  delegateToRelay,
  minimumBondIn,
  oracleSubject,
  type RelayAtOpen,
  relayAtOpen,
  relayBond,
  relaySubject,
  relaysOf,
  sharesOf,
  slashOracle,
  slashRelay,
} from "./index.ts";
import * as state from "./state.ts";

const first = relaySubject(1n);

const withRelay = (params = {}) => {
  const chain = registryChain({ params });
  expect(chain.registerRelay(0).refusal).toBeUndefined();
  return chain;
};

type Chain = ReturnType<typeof withRelay>;

const balance = (chain: Chain, account: number): bigint => balanceOf(chain.context(), accountOf(account), denom);

describe("a bond", () => {
  it("is its operator's stake and what others delegate, each by shares", () => {
    const chain = withRelay();
    expect(chain.bond(1, first, weirs(500)).refusal).toBeUndefined();
    expect(chain.bond(1, first, weirs(100)).refusal).toBeUndefined();
    expect(relayBond(chain.context(), 1n)).toBe(weirs(1_600));
    expect(sharesOf(chain.context(), 1n, nameOf(1))).toBe(weirs(600) * decOne);
    expect(relaysOf(chain.context(), nameOf(1), 10)).toEqual([1n]);
    chain.block();
  });

  it.each([
    ["dust", 1, first, weirs(1) - 1n, 16],
    ["to nobody", 1, relaySubject(9n), weirs(1), 3],
    ["to an oracle that is none", 1, oracleSubject(9n), weirs(1), 4],
    ["of nothing", 1, first, 0n, 6],
    ["to neither a relay nor an oracle", 1, { kind: 0 as const, id: 1n }, weirs(1), 6],
    ["to id 0", 1, relaySubject(0n), weirs(1), 6],
  ])("is refused: %s", (_what, who, subject, amount, code) => {
    expect(withRelay().bond(who, subject, amount).refusal).toMatchObject({ codespace: "attestation", code });
  });

  it("to an oracle is its operator's alone, whoever offers", () => {
    const chain = withRelay();
    chain.registerOracle(2);
    expect(chain.bond(0, oracleSubject(1n), weirs(10)).refusal).toMatchObject({ code: 17 });
    expect(chain.bond(1, oracleSubject(1n), weirs(10)).refusal).toMatchObject({ code: 17 });
    expect(chain.bond(2, oracleSubject(1n), weirs(10)).refusal).toBeUndefined();
  });

  it("is refused to a module's account, which could not be paid back", () => {
    const chain = withRelay();
    const { refusal } = chain.attempt((ctx) => {
      bondTo(ctx, { subject: first, delegator: moduleAddress("distribution"), amount: weirs(1) });
    });
    expect(refusal).toMatchObject({ code: 35 });
  });

  it("is restaked by who settles, as by a message", () => {
    const chain = withRelay();
    chain.attempt((ctx) => void delegateToRelay(ctx, { relayId: 1n, delegator: nameOf(3), amount: weirs(7) }));
    expect(sharesOf(chain.context(), 1n, nameOf(3))).toBe(weirs(7) * decOne);
  });

  it("counts with its least in an epoch, so that what is there for a moment counts for nothing", () => {
    const chain = withRelay();
    const least = (epoch: bigint) => minimumBondIn(chain.context(), epoch, 1n);
    expect(least(0n)).toBe(0n);
    chain.epochs(1);
    chain.bond(1, first, weirs(9_000));
    expect(least(1n)).toBe(weirs(1_000));
    chain.epochs(1);
    expect(least(2n)).toBe(weirs(10_000));
    chain.unbond(1, first, weirs(9_000));
    expect(least(2n)).toBe(weirs(1_000));
    chain.bond(1, first, weirs(9_000));
    expect(least(2n)).toBe(weirs(1_000));
    chain.epochs(3);
    expect([1n, 2n, 3n, 4n, 5n].map(least)).toEqual([1_000n, 1_000n, 10_000n, 10_000n, 10_000n].map(weirs));
  });
});

describe("spans of a bond", () => {
  it("say of every epoch that is read what there was, however often it changed", () => {
    let pool = { tokens: 5n, shares: 5n, spans: [] as never[] } as Parameters<typeof withTokens>[0];
    const opened = new Map<bigint, bigint>();
    const least = new Map<bigint, bigint>();
    for (let epoch = 0n; epoch < 40n; epoch++) {
      opened.set(epoch, pool.tokens);
      least.set(epoch, pool.tokens);
      for (let step = 0n; step < (epoch * 7n) % 4n; step++) {
        const tokens = (epoch * 13n + step * 29n + 3n) % 17n;
        pool = withTokens(pool, tokens, epoch);
        if (tokens < least.get(epoch)!) least.set(epoch, tokens);
      }
      for (let read = epoch < 4n ? 0n : epoch - 4n; read <= epoch; read++) {
        expect(tokensAtOpen(pool, read)).toBe(opened.get(read));
        expect(leastTokensIn(pool, read)).toBe(least.get(read));
      }
      expect(pool.spans.length).toBeLessThanOrEqual(6);
    }
  });
});

describe("unbonding", () => {
  it("pays after its time, to the unit, and forgets", () => {
    const chain = withRelay();
    chain.bond(1, first, weirs(500));
    const before = balance(chain, 1);
    expect(chain.unbond(1, first, weirs(200)).refusal).toBeUndefined();
    chain.block(299n);
    expect(balance(chain, 1)).toBe(before);
    chain.block();
    expect(balance(chain, 1)).toBe(before + weirs(200));
    expect([...state.unbondings.iterate(chain.context())]).toEqual([]);
    expect([...state.unbondingPools.iterate(chain.context())]).toEqual([]);
  });

  it("of one epoch is one, paid with the last of it", () => {
    const chain = withRelay();
    chain.bond(1, first, weirs(500));
    const before = balance(chain, 1);
    for (let count = 0; count < 20; count++) {
      expect(chain.unbond(1, first, weirs(2)).refusal).toBeUndefined();
      chain.block(2n);
    }
    expect([...state.unbondings.iterate(chain.context())]).toHaveLength(1);
    chain.block(260n);
    expect(balance(chain, 1)).toBe(before);
    chain.block(38n);
    expect(balance(chain, 1)).toBe(before + weirs(40));
  });

  it("waits in so many epochs at most", () => {
    const chain = withRelay({ unbondingsMax: 2, unbondingTime: { seconds: 100_000n, nanos: 0 } });
    chain.bond(1, first, weirs(500));
    for (let count = 0; count < 2; count++) {
      expect(chain.unbond(1, first, weirs(1)).refusal).toBeUndefined();
      expect(chain.unbond(1, first, weirs(1)).refusal).toBeUndefined();
      chain.epochs(1);
    }
    expect(chain.unbond(1, first, weirs(1)).refusal).toMatchObject({ code: 23 });
    expect(chain.unbond(0, first, weirs(1)).refusal).toMatchObject({ code: 21 });
  });

  it("leaves no dust, no operator without a stake, and takes no more than there is", () => {
    const chain = withRelay();
    chain.bond(1, first, weirs(10));
    expect(chain.unbond(1, first, weirs(10) + 1n).refusal).toMatchObject({ code: 19 });
    expect(chain.unbond(1, first, weirs(10) - 1n).refusal).toMatchObject({ code: 20 });
    expect(chain.unbond(2, first, weirs(1)).refusal).toMatchObject({ code: 18 });
    expect(chain.unbond(0, first, weirs(1)).refusal).toMatchObject({ code: 21 });
    expect(chain.unbond(1, first, weirs(10)).refusal).toBeUndefined();
    expect(sharesOf(chain.context(), 1n, nameOf(1))).toBe(0n);
    chain.block();
  });

  it("pays only so many a block, and the rest in the next ones", () => {
    const chain = withRelay();
    const ctx = chain.context();
    chain.bond(1, first, weirs(5_000));
    // As many entries of one bond as no message could make in one epoch.
    const pool = poolOf(ctx, first);
    expect(pool.tokens).toBe(weirs(6_000));
    for (let epoch = 1_000n; epoch < 1_600n; epoch++) {
      const key = [accountOf(1), first, epoch] as const;
      const completionTime = { seconds: ctx.block.time.seconds + 10n, nanos: 0 };
      state.unbondingPools.set(ctx, [first, epoch], { tokens: "1000000", shares: `${weirs(1) * decOne}` });
      state.unbondings.set(ctx, key, { shares: `${weirs(1) * decOne}`, initial: "1000000", completionTime });
      state.unbondingQueue.set(ctx, [completionTime, key], true);
    }
    const held = poolOf(ctx, first).tokens - weirs(600);
    const shares = held * decOne;
    state.bonds.set(ctx, first, { tokens: held, shares, spans: [] });
    state.delegations.set(ctx, [first, accountOf(1)], shares - weirs(1_000) * decOne);
    const before = balance(chain, 1);
    chain.block(10n);
    expect(balance(chain, 1)).toBe(before + weirs(500));
    chain.block();
    expect(balance(chain, 1)).toBe(before + weirs(600));
  });
});

describe("a slash", () => {
  it("takes its share of the bond and of what began to leave since, and burns it", () => {
    const chain = withRelay();
    chain.bond(1, first, weirs(1_000));
    chain.epochs(1);
    chain.unbond(1, first, weirs(100));
    chain.epochs(1);
    chain.unbond(1, first, weirs(200));
    const supply = supplyOf(chain.context(), denom);
    const slash = { fraction: parseDec("0.25"), sinceEpoch: 2n, reason: "test" };
    let burned = 0n;
    chain.attempt((ctx) => {
      burned = slashRelay(ctx, 1n, slash).burned;
    });
    expect(burned).toBe(weirs(1_700) / 4n + weirs(200) / 4n);
    expect(supplyOf(chain.context(), denom)).toBe(supply - burned);
    expect(relayBond(chain.context(), 1n)).toBe((weirs(1_700) * 3n) / 4n);
    const before = balance(chain, 1);
    chain.epochs(4);
    expect(balance(chain, 1)).toBe(before + weirs(100) + weirs(150));
  });

  it("pays a bounty out of what it takes, but to no account that takes no payments", () => {
    const chain = withRelay();
    const slash = { fraction: parseDec("0.5"), sinceEpoch: 0n, reason: "test" };
    const before = balance(chain, 5);
    chain.attempt((ctx) => {
      const bounty = { to: nameOf(5), share: parseDec("0.1") };
      expect(slashRelay(ctx, 1n, { ...slash, bounty })).toEqual({ burned: weirs(450), bounty: weirs(50) });
    });
    expect(balance(chain, 5)).toBe(before + weirs(50));
    chain.block();
  });

  it("of everything leaves nothing, and nobody can buy shares of nothing", () => {
    const chain = withRelay();
    chain.bond(1, first, weirs(10));
    chain.attempt((ctx) => void slashRelay(ctx, 1n, { fraction: decOne, sinceEpoch: 0n, reason: "test" }));
    expect(relayBond(chain.context(), 1n)).toBe(0n);
    expect(chain.bond(2, first, weirs(10)).refusal).toMatchObject({ code: 22 });
    expect(chain.unbond(1, first, 1n).refusal).toMatchObject({ code: 19 });
    chain.block();
  });

  it("of an oracle takes its operator's", () => {
    const chain = withRelay();
    chain.registerOracle(2);
    chain.attempt((ctx) => {
      const { burned } = slashOracle(ctx, 1n, { fraction: parseDec("0.05"), sinceEpoch: 0n, reason: "test" });
      expect(burned).toBe(weirs(2_500));
    });
    chain.block();
  });
});

describe("a tie", () => {
  const oraclesOf = (chain: Chain, epoch: bigint): RelayAtOpen["delegatingOperators"] | undefined =>
    relayAtOpen(chain.context(), epoch, 1n)?.delegatingOperators;

  it("holds from the open after an oracle's operator delegates to the open after it does not", () => {
    const chain = withRelay();
    chain.registerOracle(2);
    chain.epochs(2);
    chain.bond(2, first, weirs(5));
    chain.bond(3, first, weirs(5));
    chain.epochs(2);
    chain.unbond(2, first, weirs(5));
    chain.epochs(1);
    chain.bond(2, first, weirs(5));
    chain.epochs(1);
    expect(chain.epoch()).toBe(6n);
    const tied = [2n, 3n, 4n, 5n, 6n].map((epoch) => [...oraclesOf(chain, epoch)!]);
    expect(tied).toEqual([[], [nameOf(2)], [nameOf(2)], [], [nameOf(2)]]);
  });

  it("comes with the oracle where its operator delegated before", () => {
    const chain = withRelay();
    chain.bond(2, first, weirs(5));
    chain.epochs(1);
    expect(oraclesOf(chain, 1n)).toEqual(new Set());
    chain.registerOracle(2);
    chain.registerOracle(2, { transportKey: transportKey("second", 2), vrfKey: undefined });
    chain.epochs(1);
    expect(oraclesOf(chain, 2n)).toEqual(new Set([nameOf(2)]));
    expect(oraclesOf(chain, 1n)).toEqual(new Set());
  });

  it("that never came to count is forgotten", () => {
    const chain = withRelay();
    chain.registerOracle(2);
    chain.bond(2, first, weirs(5));
    chain.unbond(2, first, weirs(5));
    expect([...state.ties.iterate(chain.context())]).toEqual([]);
  });
});
