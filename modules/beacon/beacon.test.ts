/** Keys, their delay, the clock of epochs, ticks and genesis, block by block without an engine; whole blocks are in test/beacon.test.ts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consensusAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import type { Context, Timestamp } from "../../chain/context.ts";
import { prove, publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { addDuration } from "../../chain/time.ts";
import type * as queries from "../../proto/gen/weir/beacon/v1/query.ts";
import { type StakedChain, stakedChain } from "../../test/helpers/stakedchain.ts";
import { testBlock, testChain } from "../../test/helpers/testchain.ts";
import { weir } from "../index.ts";
import { blockEmission } from "../mint/index.ts";
import { beaconAt, currentEpoch, epochsKept, firstTickFrom, tickCount } from "./epochs.ts";
import { afterValidatorRemoved, beacon, beaconValue, epoch, epochOpenedNow, provePossession } from "./index.ts";
import { defaultParams, paramsToProto } from "./params.ts";
import { proofInput } from "./proof.ts";
import { prove as proveBlock } from "./proving.ts";
import { beacon as stored } from "./state.ts";

const chainId = "weir-test-1";
const secretOf = (name: string): Uint8Array => sha256(Buffer.from(name));

const params = (changes: object) => {
  const json = beacon.genesis.toJson(beacon.genesis.default()) as { readonly params: object };
  return { ...json, params: { ...json.params, epoch_duration: "100s", ...changes } };
};

const provingChain = (changes: object = {}): StakedChain => stakedChain({ appState: { beacon: params(changes) } });

interface BeaconBlock {
  readonly seconds?: bigint;
  readonly proposer?: number;
  /** Whose proof it brings. */
  readonly by?: string;
}

/** The beacon's part of a block; what `by` gives is executed in between. */
function block(chain: StakedChain, { seconds = 5n, proposer, by }: BeaconBlock = {}) {
  const { height, time } = chain.context().block;
  const proposerAddress = proposer === undefined ? new Uint8Array(20) : chain.consensus(proposer);
  chain.setBlock({ height: height + 1n, time: addDuration(time, { seconds, nanos: 0 }), proposerAddress });
  const ctx = chain.context();
  beacon.beginBlock?.(ctx, undefined as never);
  const proven =
    by === undefined
      ? undefined
      : chain.attempt((inner) => {
          const input = proofInput({ chainId, height: height + 1n, beacon: beaconValue(inner) });
          const message = { proposer: consensusAddress.encode(proposerAddress), proof: prove(secretOf(by), input) };
          proveBlock(inner, message);
        });
  beacon.endBlock?.(ctx);
  expect(chain.broken()).toBeUndefined();
  return { events: ctx.events.map(({ type }) => type), refusal: proven?.refusal };
}

function register(chain: StakedChain, index: number, name: string, changes: object = {}) {
  const secret = secretOf(name);
  return chain.message("/weir.beacon.v1.MsgRegisterKey", {
    validatorAddress: chain.operator(index),
    publicKey: publicKeyOf(secret),
    possession: provePossession(secret, chainId, chain.accounts[index]!),
    ...changes,
  });
}

const until = (chain: StakedChain, number: bigint): void => {
  while (currentEpoch(chain.context())?.number !== number) block(chain, { seconds: 100n });
};

const proposerOf = (chain: StakedChain, index: number) =>
  chain.query<queries.QueryProposerResponse>("/weir.beacon.v1.Query/Proposer", {
    validatorAddress: chain.operator(index),
  }).proposer!;

describe("a beacon key", () => {
  it("counts two epochs after the one it was registered in", () => {
    const chain = provingChain();
    block(chain);
    expect(register(chain, 0, "first").events[0]!.attributes.at(-1)).toMatchObject({ key: "usable_from", value: "2" });
    until(chain, 1n);
    expect(block(chain, { proposer: 0, by: "first" }).refusal).toMatchObject({ codespace: "beacon", code: 7 });
    expect(proposerOf(chain, 0).proposer).toMatchObject({ proposed: 1n, proven: 0n, withheld: 0n });
    until(chain, 2n);
    expect(block(chain, { proposer: 0, by: "first" }).refusal).toBeUndefined();
    expect(block(chain, { proposer: 0, by: "other" }).refusal).toMatchObject({ codespace: "beacon", code: 8 });
    expect(proposerOf(chain, 0).proposer).toMatchObject({ proposed: 3n, proven: 1n, withheld: 1n });
  });

  it("stays in use until the one that replaces it counts, and only the last of those that wait comes to count", () => {
    const chain = provingChain();
    block(chain);
    register(chain, 0, "first");
    until(chain, 2n);
    register(chain, 0, "second");
    until(chain, 3n);
    register(chain, 0, "third");
    expect(proposerOf(chain, 0).proposer!.keys.map(({ usableFrom }) => usableFrom)).toEqual([2n, 5n]);
    until(chain, 4n);
    expect(block(chain, { proposer: 0, by: "second" }).refusal).toMatchObject({ code: 8 });
    expect(block(chain, { proposer: 0, by: "first" }).refusal).toBeUndefined();
    until(chain, 5n);
    expect(block(chain, { proposer: 0, by: "first" }).refusal).toMatchObject({ code: 8 });
    expect(block(chain, { proposer: 0, by: "third" }).refusal).toBeUndefined();
  });

  it.each([
    ["of somebody who is no validator", 5, {}, { codespace: "staking" }],
    ["of small order", 0, { publicKey: Uint8Array.of(1, ...new Uint8Array(31)) }, { code: 2 }],
    ["that is no point", 0, { publicKey: new Uint8Array(32).fill(0xff) }, { code: 2 }],
    ["of another length", 0, { publicKey: new Uint8Array(31) }, { code: 2 }],
    ["whose secret another has", 0, { publicKey: publicKeyOf(secretOf("another")) }, { code: 3 }],
    ["without a proof of possession", 0, { possession: new Uint8Array(0) }, { code: 3 }],
  ])("is refused: one %s", (_what, index, changes, refusal) => {
    expect(register(provingChain(), index, "first", changes).refusal).toMatchObject(refusal);
  });

  it("is refused with a proof of possession of another chain or operator, and a second time", () => {
    const chain = provingChain();
    const secret = secretOf("first");
    const [own, other] = [chain.accounts[0]!, chain.accounts[1]!];
    expect(register(chain, 0, "first", { possession: provePossession(secret, "weir-1", own) }).refusal?.code).toBe(3);
    expect(register(chain, 0, "first", { possession: provePossession(secret, chainId, other) }).refusal?.code).toBe(3);
    expect(register(chain, 0, "first").refusal).toBeUndefined();
    expect(register(chain, 0, "first").refusal?.code).toBe(4);
  });

  it("goes with its validator, and what it owed", () => {
    const chain = provingChain();
    block(chain);
    register(chain, 0, "first");
    until(chain, 2n);
    block(chain, { proposer: 0 });
    expect(proposerOf(chain, 0).fineDue).not.toBe("0");
    afterValidatorRemoved(chain.context(), chain.accounts[0]!);
    expect(() => proposerOf(chain, 0)).toThrow(/has registered no beacon key and proposed no block/);
    expect(chain.broken()).toBeUndefined();
  });
});

describe("a proof", () => {
  it("is refused by its own handler, whoever brings it: an authz grant, a proposal", () => {
    const chain = provingChain();
    const value = { proposer: consensusAddress.encode(chain.consensus(0)), proof: new Uint8Array(80) };
    expect(chain.message("/weir.beacon.v1.MsgProve", value).refusal).toMatchObject({ codespace: "beacon", code: 9 });
  });

  it("counts once in a block", () => {
    const chain = provingChain();
    block(chain);
    register(chain, 0, "first");
    until(chain, 2n);
    expect(block(chain, { proposer: 0, by: "first" }).refusal).toBeUndefined();
    const ctx = chain.context();
    const input = proofInput({ chainId, height: ctx.block.height, beacon: beaconValue(ctx) });
    const message = { proposer: consensusAddress.encode(chain.consensus(0)), proof: prove(secretOf("first"), input) };
    expect(chain.attempt((inner) => void proveBlock(inner, message)).refusal).toMatchObject({ code: 6 });
  });
});

describe("a fine", () => {
  const withDebt = () => {
    const chain = provingChain({ fine_share_max: "1" });
    block(chain);
    register(chain, 0, "first");
    until(chain, 2n);
    block(chain, { proposer: 0 });
    return { chain, due: BigInt(proposerOf(chain, 0).fineDue) };
  };

  it("is ten times the validators' part of what the block's schedule emits", () => {
    const { chain, due } = withDebt();
    const seconds = chain.context().block.time.seconds - testBlock.time.seconds;
    const [first, second, day] = [379_626_000_000n, 379_265_709_856n, 86_400n];
    const emitted = first + (second * seconds) / day - (first * seconds) / day;
    expect(blockEmission(chain.context())).toBe((emitted * 1_461n) / (4n * 6_311_520n));
    expect(due).toBe(blockEmission(chain.context()));
  });

  it("is burned from its stake when the next epoch opens, to the unit", () => {
    const { chain, due } = withDebt();
    const before = chain.validator(0).tokens;
    until(chain, 3n);
    expect(chain.validator(0).tokens).toBe(before - due);
    expect(proposerOf(chain, 0)).toMatchObject({ fineDue: "0", proposer: { fined: `${due}` } });
  });

  it("is remitted where nothing is left that could be burned", () => {
    const { chain } = withDebt();
    expect(chain.undelegate(0, 0, chain.validator(0).tokens).refusal).toBeUndefined();
    until(chain, 3n);
    expect(proposerOf(chain, 0)).toMatchObject({ fineDue: "0", proposer: { fined: "0", withheld: 1n } });
  });

  it("is never more than its validator has", () => {
    const { chain } = withDebt();
    for (let count = 0; count < 6; count++) block(chain, { proposer: 0, seconds: 1n });
    expect(BigInt(proposerOf(chain, 0).fineDue)).toBeGreaterThan(chain.validator(0).tokens);
    until(chain, 3n);
    expect(chain.validator(0).tokens).toBe(0n);
    expect(chain.broken()).toBeUndefined();
  });
});

describe("the clock", () => {
  it("opens an epoch in the first block at or after its time, by the block's clock alone", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 30 }), (gaps) => {
        const chain = provingChain();
        block(chain);
        let [open, now, number] = [0, 0, 0n];
        for (const gap of gaps) {
          now += gap;
          const opened = block(chain, { seconds: BigInt(gap) }).events.includes("epoch_opened");
          expect(opened).toBe(now - open >= 100);
          expect(epochOpenedNow(chain.context())).toBe(opened);
          if (!opened) continue;
          expect(epoch(chain.context(), number)?.counted?.seconds).toBe(BigInt(Math.min(now - open, 200)));
          [open, number] = [now, number + 1n];
        }
        expect(currentEpoch(chain.context())?.number).toBe(number);
      }),
      { numRuns: 15 },
    );
  });

  it("keeps the last sixteen epochs, and ticks of the last four", () => {
    const chain = provingChain();
    until(chain, 20n);
    const ctx = chain.context();
    expect(epoch(ctx, 20n - epochsKept)).toBeUndefined();
    expect(epoch(ctx, 20n - epochsKept + 1n)?.seed).toHaveLength(32);
    expect(beaconAt(ctx, 16n, 0n)).toBeUndefined();
    expect(beaconAt(ctx, 17n, 0n)).toHaveLength(32);
    const { epochs } = chain.query<queries.QueryEpochsResponse>("/weir.beacon.v1.Query/Epochs", {});
    expect(epochs.map(({ number }) => number)).toEqual(Array.from({ length: 16 }, (_, index) => BigInt(index + 5)));
  });

  it("acts by a changed duration from the next epoch on", () => {
    const chain = provingChain();
    block(chain);
    const changed = paramsToProto({ ...defaultParams, epochDuration: { seconds: 7n, nanos: 0 } });
    const update = { authority: authorityAddress(), params: changed };
    expect(chain.message("/weir.beacon.v1.MsgUpdateParams", update).refusal).toBeUndefined();
    expect(block(chain, { seconds: 99n }).events).not.toContain("epoch_opened");
    expect(block(chain, { seconds: 1n }).events).toContain("epoch_opened");
    expect(block(chain, { seconds: 7n }).events).toContain("epoch_opened");
  });

  it.each([
    ["no duration", { epochDuration: undefined }],
    ["a duration of parts of a second", { epochDuration: { seconds: 1n, nanos: 1 } }],
    ["no delay of keys", { keyDelayEpochs: 0n }],
    ["a fine without bound", { withheldFineBlocks: 1_001n }],
    ["epochs that count for nothing", { countedDurationsMax: 0n }],
    ["more than everything", { fineShareMax: `${10n ** 18n + 1n}` }],
    ["a share that is left out", { fineShareMax: "" }],
  ])("refuses parameters with %s", (_what, changes) => {
    const update = { authority: authorityAddress(), params: { ...paramsToProto(defaultParams), ...changes } };
    expect(provingChain().message("/weir.beacon.v1.MsgUpdateParams", update).refusal).toMatchObject({ code: 10 });
  });
});

describe("the beacon of a tick", () => {
  it("is that after the last block whose time is not after the tick's", () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 3, maxLength: 40 });
    fc.assert(
      fc.property(gaps, fc.bigInt(0n, tickCount - 1n), (millis, tick) => {
        const chain = provingChain();
        const before: { readonly nanos: bigint; readonly value: Uint8Array }[] = [];
        let nanos = 0n;
        const step = (gap: bigint) => {
          const { time, height } = chain.context().block;
          nanos += gap;
          chain.setBlock({ height: height + 1n, time: later(time, gap) });
          const ctx = chain.context();
          beacon.beginBlock?.(ctx, undefined as never);
          mixFreely(ctx, nanos);
          beacon.endBlock?.(ctx);
          before.push({ nanos, value: beaconValue(ctx) });
        };
        step(0n);
        for (const gap of millis)
          if (nanos + BigInt(gap) * 1_000_000n < 100_000_000_000n) step(BigInt(gap) * 1_000_000n);
        const at = (75_000_000_000n * tick) / tickCount;
        const expected = at < nanos ? before.findLast((found) => found.nanos <= at)?.value : undefined;
        expect(beaconAt(chain.context(), 0n, tick)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it("begins at the first tick that is not before a block", () => {
    const openTime = { seconds: 1_000n, nanos: 0 };
    const of = {
      ...{ number: 0n, openTime, openHeight: 1n, counted: undefined, seed: new Uint8Array(0) },
      duration: { seconds: 800n, nanos: 0 },
    };
    const first = (nanos: bigint) => firstTickFrom(of, later(openTime, nanos));
    // Ticks are three quarters of a second.
    expect([0n, 1n, 750_000_000n, 750_000_001n].map(first)).toEqual([0n, 1n, 1n, 2n]);
    expect(first(600_000_000_000n)).toBe(tickCount);
  });

  const later = (time: Timestamp, nanos: bigint): Timestamp =>
    addDuration(time, { seconds: nanos / 1_000_000_000n, nanos: Number(nanos % 1_000_000_000n) });

  /** As a proof would, without the work. */
  function mixFreely(ctx: Context, nanos: bigint): void {
    stored.set(ctx, { value: sha256(Buffer.from(`${nanos}`)), height: ctx.block.height });
  }
});

describe("the beacon's genesis", () => {
  it("makes from an export the same chain again", () => {
    const chain = provingChain();
    block(chain);
    register(chain, 0, "first");
    until(chain, 6n);
    block(chain, { proposer: 0, by: "first" });
    block(chain, { proposer: 0 });
    const exported = chain.exported();
    const { height, time } = chain.context().block;
    const again = testChain(exported, weir, { height, time });
    expect(again.exported().beacon).toEqual(exported.beacon);
    expect(again.broken()).toBeUndefined();
  });

  const key = Buffer.from(publicKeyOf(secretOf("first"))).toString("base64");
  const operator = provingChain().operator(0);
  it.each([
    ["a beacon of another length", { beacon: { value: "AAAA" } }, /beacon.value: found 3 bytes/],
    ["a beacon of no height", { beacon: { value: `${"A".repeat(43)}=`, height: "-1" } }, /beacon.height: found -1/],
    ["no parameters", { params: null }, /params: found nothing/],
    ["an operator twice", { proposers: [{ operator }, { operator }] }, /\[1\].operator: found weirvaloper1\S+ again/],
    ["an operator that is none", { proposers: [{ operator: "weir1" }] }, /proposers\[0\].operator/],
    ["a key that is none", { proposers: [{ operator, proposer: { keys: [{ public_key: "AAAA" }] } }] }, /no point/],
    [
      "keys out of order",
      { proposers: [{ operator, proposer: { keys: [{ public_key: key, usable_from: "2" }, { public_key: key }] } }] },
      /order in which/,
    ],
    ["more proofs than blocks", { proposers: [{ operator, proposer: { proven: "1" } }] }, /at least the 1/],
    ["a negative debt", { proposers: [{ operator, fine_due: "-1" }] }, /fine_due: found -1/],
    ["ticks of no epoch", { ticks: [{ epoch: "3", ticks: [] }] }, /ticks\[0\].epoch: found 3/],
  ])("is refused with %s", (_what, changes, words) => {
    expect(() => beacon.genesis.parse({ ...params({}), ...changes })).toThrow(words);
  });
});
