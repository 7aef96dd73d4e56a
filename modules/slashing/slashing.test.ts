/** Who misses blocks, what it costs, and how to come back; on real stakes, every invariant after every block. */
import { describe, expect, it } from "vitest";
import { accountAddress, consensusAddress, validatorAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { nothingReported } from "../../chain/context.ts";
import { decToProtoBytes, parseDec } from "../../chain/dec.ts";
import { seededRandom } from "../../test/helpers/random.ts";
import { type StakedChain, stake, stakedChain } from "../../test/helpers/stakedchain.ts";
import { supplyOf } from "../bank/index.ts";
import { getSigningInfo, isTombstoned, slashing } from "./index.ts";
import { missedBlocksOf, setMissed } from "./missedblocks.ts";
import { defaultParams, paramsToProto, signedBlocksWindowMax } from "./params.ts";
import { missedBlockChunks, publicKeys, signingInfos } from "./state.ts";

const info = (chain: StakedChain, index: number) => getSigningInfo(chain.context(), chain.consensus(index))!;
const supply = (chain: StakedChain) => supplyOf(chain.context(), "uweir");

/** Until it is jailed. */
function missUntilJailed(chain: StakedChain, index: number): void {
  for (let i = 0; i < 20 && !chain.validator(index).jailed; i++) chain.live({ absent: [index] });
  expect(chain.validator(index).jailed).toBe(true);
}

describe("a validator that misses blocks", () => {
  it("is not punished before a whole window has passed since it was bonded", () => {
    const chain = stakedChain();
    const { startHeight } = info(chain, 0);
    while (chain.context().block.height < startHeight + 10n) chain.live({ absent: [0] });
    expect(chain.validator(0).jailed).toBe(false);
    expect(info(chain, 0).missedBlocksCounter).toBe(10n);
    chain.live({ absent: [0] });
    expect(chain.validator(0).jailed).toBe(true);
  });

  it("is slashed by the fraction of its power, jailed for a while, and begins with a clean window", () => {
    const chain = stakedChain();
    chain.live({ times: 12 });
    const before = supply(chain);
    chain.live({ absent: [1], times: 5 });
    expect(chain.validator(1).jailed).toBe(false);
    const events = chain.live({ absent: [1] });
    const burned = 99_000_000n / 100n;
    expect(chain.validator(1)).toMatchObject({ jailed: true, tokens: 99_000_000n - burned });
    expect(supply(chain)).toBe(before - burned);
    const { time } = chain.context().block;
    const jailedUntil = { ...time, seconds: time.seconds + 60n };
    expect(info(chain, 1)).toMatchObject({ jailedUntil, missedBlocksCounter: 0n, indexOffset: 0n, tombstoned: false });
    expect(missedBlocksOf(chain.context(), chain.consensus(1))).toEqual([]);
    const address = consensusAddress.encode(chain.consensus(1));
    const told = events.filter(({ type }) => type === "liveness" || type === "slash");
    expect(
      told.map(({ type, attributes }) => [type, ...attributes.map(({ key, value }) => `${key}=${value}`)]),
    ).toEqual([
      ["liveness", `address=${address}`, "missed_blocks=6", `height=${chain.context().block.height}`],
      [
        "slash",
        `address=${address}`,
        "power=99",
        "reason=missing_signature",
        `jailed=${address}`,
        `burned_coins=${burned}`,
      ],
    ]);
  });

  it("is not counted while it is jailed", () => {
    const chain = stakedChain();
    missUntilJailed(chain, 0);
    const jailed = info(chain, 0);
    chain.live({ absent: [0], times: 12 });
    expect(info(chain, 0)).toEqual(jailed);
  });

  it("is forgiven what falls out of the window", () => {
    const chain = stakedChain();
    for (let i = 0; i < 60; i++) chain.live({ absent: i % 2 === 0 ? [0] : [] });
    expect(chain.validator(0).jailed).toBe(false);
    expect(info(chain, 0).missedBlocksCounter).toBe(5n);
  });

  it("is slashed with those who left it since the block that it missed", () => {
    const chain = stakedChain();
    chain.delegate(5, 0, 10_000_000n);
    chain.live({ times: 12 });
    chain.live({ absent: [0], times: 4 });
    chain.undelegate(5, 0, 4_000_000n);
    const early = chain.context().block.height;
    chain.live({ absent: [0] });
    // The slash counts from two blocks before its own: these left after it, the others before.
    chain.undelegate(5, 0, 5_000_000n);
    chain.live({ absent: [0] });
    expect(chain.validator(0).jailed).toBe(true);
    const { entries } = chain.query<{ unbond: { entries: { creationHeight: bigint; balance: string }[] } }>(
      "/cosmos.staking.v1beta1.Query/UnbondingDelegation",
      { delegatorAddr: accountAddress.encode(chain.accounts[5]!), validatorAddr: chain.operator(0) },
    ).unbond;
    const slashHeight = chain.context().block.height - 2n;
    expect(early).toBe(slashHeight);
    expect(entries.map(({ balance }) => balance)).toEqual(["3960000", "4950000"]);
  });

  it("begins to be counted where it has no signing info, and is passed over where staking does not know it", () => {
    const chain = stakedChain();
    signingInfos.delete(chain.context(), chain.consensus(0));
    const stranger = new Uint8Array(20).fill(7);
    const lastVotes = [chain.consensus(0), stranger].map((address) => ({ address, power: 1n, isAbsent: true }));
    slashing.beginBlock!(chain.context(), { ...nothingReported, lastVotes });
    expect(info(chain, 0)).toMatchObject({ startHeight: chain.context().block.height, missedBlocksCounter: 1n });
    expect(getSigningInfo(chain.context(), stranger)).toBeUndefined();
    expect(chain.broken()).toBeUndefined();
  });

  it("is jailed until the last second that there is, when its time would be beyond", () => {
    const chain = stakedChain({ slashing: { downtime_jail_duration: "252000000000s" } });
    missUntilJailed(chain, 0);
    expect(info(chain, 0).jailedUntil).toEqual({ seconds: 253_402_300_799n, nanos: 0 });
  });

  it("is not slashed once it has unbonded, though the engine still asks it for votes", () => {
    const chain = stakedChain({ staking: { max_validators: 2 } });
    chain.delegate(5, 2, 50_000_000n);
    chain.live({ seconds: 200n });
    chain.live({ seconds: 200n, times: 2 });
    expect(chain.validator(1)).toMatchObject({ status: 1, jailed: false });
    const lastVotes = [{ address: chain.consensus(1), power: 99n, isAbsent: true }];
    for (let i = 0; i < 12; i++) {
      const { height } = chain.context().block;
      chain.setBlock({ height: height + 1n });
      slashing.beginBlock!(chain.context(), { ...nothingReported, lastVotes });
    }
    expect(info(chain, 1).missedBlocksCounter).toBe(10n);
    expect(chain.validator(1)).toMatchObject({ jailed: false, tokens: 99_000_000n });
  });

  it("costs the same work whatever the window", () => {
    const gasOf = (window: string): bigint => {
      const chain = stakedChain({ slashing: { signed_blocks_window: window } });
      for (let i = 0; i < 25; i++) chain.live({ absent: i % 3 === 0 ? [0] : [] });
      const ctx = chain.context();
      const lastVotes = [{ address: chain.consensus(0), power: 100n, isAbsent: true }];
      slashing.beginBlock!(ctx, { ...nothingReported, lastVotes });
      return ctx.gas.consumed;
    };
    const small = gasOf("100");
    expect(small).toBeGreaterThan(0n);
    // The parameter itself is three bytes longer, and each costs 3 gas to read.
    expect(gasOf(`${signedBlocksWindowMax}`)).toBe(small + 9n);
  });
});

describe("the count of missed blocks", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "is that of a plain list of the last blocks, whoever was absent when (seed %i)",
    (seed) => {
      const random = seededRandom(seed);
      const window = 10 + random.below(30);
      const chain = stakedChain({
        validators: 2,
        slashing: { signed_blocks_window: `${window}`, min_signed_per_window: "0" },
      });
      const blocks: boolean[] = new Array(window).fill(false);
      let offset = Number(info(chain, 0).indexOffset);
      for (let i = 0; i < 3 * window; i++) {
        const isAbsent = random.chance(3);
        chain.live({ absent: isAbsent ? [0] : [] });
        blocks[offset++ % window] = isAbsent;
        expect(info(chain, 0)).toMatchObject({
          indexOffset: BigInt(offset),
          missedBlocksCounter: BigInt(blocks.filter((missed) => missed).length),
        });
      }
      const missed = missedBlocksOf(chain.context(), chain.consensus(0)).filter((block) => block.missed);
      expect(missed.map(({ index }) => blocks[Number(index)])).not.toContain(false);
    },
  );
});

describe("who comes and goes", () => {
  it("has its key stored as long as there is a validator, and its signing info for ever", () => {
    const chain = stakedChain();
    const { startHeight } = info(chain, 2);
    expect(publicKeys.has(chain.context(), chain.consensus(2))).toBe(true);
    chain.undelegate(2, 2, stake - 2_000_000n);
    chain.live();
    chain.live({ seconds: 200n });
    expect(publicKeys.has(chain.context(), chain.consensus(2))).toBe(false);
    expect(info(chain, 2).startHeight).toBe(startHeight);
    expect(chain.create(2, { stake }).refusal).toBeUndefined();
    chain.live();
    expect(info(chain, 2).startHeight).toBe(chain.context().block.height);
    expect(publicKeys.has(chain.context(), chain.consensus(2))).toBe(true);
  });

  it("counts from the height at which it was bonded again, without forgetting what it missed", () => {
    const chain = stakedChain({ validators: 2, staking: { max_validators: 1 } });
    chain.live({ absent: [0], times: 3 });
    expect(info(chain, 0).missedBlocksCounter).toBe(3n);
    chain.delegate(5, 1, 50_000_000n);
    chain.live();
    chain.delegate(5, 0, 90_000_000n);
    chain.live();
    expect(info(chain, 0)).toMatchObject({ startHeight: chain.context().block.height, missedBlocksCounter: 3n });
  });

  it("does not come back with a key that signed twice", () => {
    const chain = stakedChain();
    chain.live({ misbehavior: [chain.doubleSign(0)] });
    expect(isTombstoned(chain.context(), chain.consensus(0))).toBe(true);
    chain.undelegate(0, 0, chain.validator(0).tokens);
    chain.live({ seconds: 200n });
    chain.live();
    expect(chain.create(0).refusal).toMatchObject({ codespace: "slashing", code: 9 });
    expect(chain.create(0, { key: "another" }).refusal).toBeUndefined();
  });
});

describe("unjailing", () => {
  const jailedChain = () => {
    const chain = stakedChain();
    missUntilJailed(chain, 0);
    return chain;
  };

  it("is refused until the time is over, to the second, and then lets the validator vote again", () => {
    const chain = jailedChain();
    chain.live({ seconds: 59n });
    expect(chain.unjail(0).refusal).toMatchObject({ codespace: "slashing", code: 4 });
    chain.live({ seconds: 1n });
    expect(chain.unjail(0).refusal).toBeUndefined();
    chain.live();
    expect(chain.validator(0)).toMatchObject({ jailed: false, status: 3 });
    expect(info(chain, 0).startHeight).toBe(chain.context().block.height);
  });

  it("is refused for ever to one whose key signed twice", () => {
    const chain = stakedChain();
    chain.live({ misbehavior: [chain.doubleSign(0)] });
    chain.live({ seconds: 1_000_000_000n });
    expect(chain.unjail(0).refusal).toMatchObject({
      codespace: "slashing",
      code: 4,
      message: "validator still jailed; cannot be unjailed",
    });
  });

  it("is refused to such a one though a genesis file let its time be over", () => {
    const chain = jailedChain();
    const address = chain.consensus(0);
    signingInfos.set(chain.context(), address, {
      ...info(chain, 0),
      tombstoned: true,
      jailedUntil: { seconds: 0n, nanos: 0 },
    });
    expect(chain.unjail(0).refusal).toMatchObject({ codespace: "slashing", code: 4 });
  });

  it("needs the validator's own stake to be as much as it promised", () => {
    const chain = stakedChain();
    chain.create(4, { stake: 50_000_000n, minimum: 40_000_000n });
    chain.live();
    chain.undelegate(4, 4, 20_000_000n);
    chain.live();
    expect(chain.validator(4).jailed).toBe(true);
    expect(chain.unjail(4).refusal).toMatchObject({
      codespace: "slashing",
      code: 7,
      message: "30000000 less than 40000000: validator's self delegation less than minimum; cannot be unjailed",
    });
    chain.delegate(4, 4, 10_000_000n);
    expect(chain.unjail(4).refusal).toBeUndefined();
  });

  it("needs no time of one that was never bonded", () => {
    const chain = stakedChain({ validators: 2, staking: { max_validators: 2 } });
    chain.create(4, { stake: 50_000_000n, minimum: 50_000_000n });
    chain.live();
    chain.undelegate(4, 4, 1n);
    expect(chain.validator(4).jailed).toBe(true);
    chain.delegate(4, 4, 1n);
    expect(getSigningInfo(chain.context(), chain.consensus(4))).toBeUndefined();
    expect(chain.unjail(4).refusal).toBeUndefined();
  });

  it.each<readonly [string, (chain: StakedChain) => string, string, number]>([
    ["an account's address", (chain) => accountAddress.encode(chain.accounts[0]!), "sdk", 7],
    ["no address", () => "", "sdk", 7],
    ["garbage", () => "weirvaloper1xx", "sdk", 7],
    ["nobody's address", () => validatorAddress.encode(new Uint8Array(20).fill(9)), "staking", 3],
    ["a validator that is free", (chain) => chain.operator(0), "slashing", 5],
    ["a validator without own stake", withoutOwnStake, "staking", 19],
  ])("is refused for %s", (_what, address, codespace, code) => {
    const chain = stakedChain();
    const validatorAddr = address(chain);
    expect(chain.message("/cosmos.slashing.v1beta1.MsgUnjail", { validatorAddr }).refusal).toMatchObject({
      codespace,
      code,
    });
  });

  it("is signed by the account of the validator", () => {
    const chain = stakedChain();
    const { signers } = slashing.messages["/cosmos.slashing.v1beta1.MsgUnjail"]!;
    expect(signers({ validatorAddr: chain.operator(0) })).toEqual([accountAddress.encode(chain.accounts[0]!)]);
  });
});

function withoutOwnStake(chain: StakedChain): string {
  chain.delegate(5, 0, 5_000_000n);
  chain.undelegate(0, 0, stake);
  return chain.operator(0);
}

describe("slashing's parameters", () => {
  const typeUrl = "/cosmos.slashing.v1beta1.MsgUpdateParams";
  const good = paramsToProto(defaultParams);
  const update = (params: object | undefined, authority = authorityAddress()) =>
    stakedChain().message(typeUrl, { authority, params });
  const dec = (text: string) => decToProtoBytes(parseDec(text));

  it("are set by governance, as they are", () => {
    const chain = stakedChain();
    const params = { ...good, signedBlocksWindow: 77n, slashFractionDowntime: dec("0") };
    expect(chain.message(typeUrl, { authority: authorityAddress(), params }).refusal).toBeUndefined();
    expect(chain.query("/cosmos.slashing.v1beta1.Query/Params", {})).toEqual({ params });
  });

  it("are set by nobody else", () => {
    expect(update(good, accountAddress.encode(new Uint8Array(20))).refusal).toMatchObject({
      codespace: "gov",
      code: 13,
    });
  });

  it.each<readonly [string, object | undefined, string]>([
    ["none at all", undefined, "signed blocks window must be positive: 0"],
    ["no window", { ...good, signedBlocksWindow: 0n }, "signed blocks window must be positive: 0"],
    ["a window before now", { ...good, signedBlocksWindow: -1n }, "signed blocks window must be positive: -1"],
    [
      "an endless window",
      { ...good, signedBlocksWindow: signedBlocksWindowMax + 1n },
      "signed blocks window must not be above 50000000: 50000001",
    ],
    [
      "a share left out",
      { ...good, minSignedPerWindow: new Uint8Array(0) },
      "min signed per window cannot be nil: <nil>",
    ],
    [
      "a share below none",
      { ...good, minSignedPerWindow: dec("-0.1") },
      "min signed per window cannot be negative: -0.100000000000000000",
    ],
    [
      "a share above all",
      { ...good, minSignedPerWindow: dec("1.1") },
      "min signed per window too large: 1.100000000000000000",
    ],
    [
      "no time in jail",
      { ...good, downtimeJailDuration: { seconds: 0n, nanos: 0 } },
      "downtime jail duration must be positive: 0s",
    ],
    ["no time at all", { ...good, downtimeJailDuration: undefined }, "downtime jail duration must be positive: 0s"],
    [
      "a reward for signing twice",
      { ...good, slashFractionDoubleSign: dec("-1") },
      "double sign slash fraction cannot be negative: -1.000000000000000000",
    ],
    [
      "more than everything for signing twice",
      { ...good, slashFractionDoubleSign: dec("2") },
      "double sign slash fraction too large: 2.000000000000000000",
    ],
    [
      "more than everything for missing",
      { ...good, slashFractionDowntime: dec("1.000000000000000001") },
      "downtime slash fraction too large: 1.000000000000000001",
    ],
    [
      "no fraction for missing",
      { ...good, slashFractionDowntime: new Uint8Array(0) },
      "downtime slash fraction cannot be nil: <nil>",
    ],
  ])("are refused with %s", (_what, params, message) => {
    expect(update(params).refusal).toMatchObject({ codespace: "undefined", code: 1, message });
  });

  it("are refused with a decimal that is none, as a transaction that cannot be read", () => {
    const refusal = update({ ...good, slashFractionDowntime: Uint8Array.of(0x78) }).refusal;
    expect(refusal).toMatchObject({ codespace: "sdk", code: 2 });
  });

  it("may shorten the window while bits lie beyond it", () => {
    const chain = stakedChain({ slashing: { signed_blocks_window: "30" } });
    for (let i = 0; i < 28; i++) chain.live({ absent: i % 2 === 0 ? [0] : [] });
    const params = { ...good, signedBlocksWindow: 10n };
    expect(chain.message(typeUrl, { authority: authorityAddress(), params }).refusal).toBeUndefined();
    chain.live({ absent: [0], times: 3 });
    expect(chain.validator(0).jailed).toBe(true);
    expect(missedBlockChunks.has(chain.context(), [chain.consensus(0), 0])).toBe(false);
  });
});

describe("the invariants of slashing", () => {
  const nothing = new Uint8Array(20).fill(3);

  it.each<readonly [string, (chain: StakedChain) => void, RegExp]>([
    [
      "a bit that is not counted",
      (chain) => setMissed(chain.context(), chain.consensus(0), 3n, true),
      /missedBlocksAreCounted: weirvalcons1\S+ has 1 missed blocks in its bitmap, but 0 are counted/,
    ],
    [
      "a bitmap of nobody",
      (chain) => setMissed(chain.context(), nothing, 3n, false),
      /missedBlocksAreCounted: weirvalcons1\S+ has a bitmap but no signing info/,
    ],
    [
      "a bonded validator that is not counted",
      (chain) => signingInfos.delete(chain.context(), chain.consensus(1)),
      /signingInfosAreWhole: weirvaloper1\S+ is bonded but has no signing info/,
    ],
    [
      "a signing info under another's address",
      (chain) => signingInfos.set(chain.context(), nothing, info(chain, 0)),
      /signingInfosAreWhole: the signing info of weirvalcons1\S+ names weirvalcons1/,
    ],
    [
      "an offset below 0",
      (chain) => signingInfos.set(chain.context(), chain.consensus(0), { ...info(chain, 0), indexOffset: -1n }),
      /signingInfosAreWhole: the signing info of weirvalcons1\S+ counts below 0/,
    ],
    [
      "one who signed twice and is free",
      (chain) => signingInfos.set(chain.context(), chain.consensus(0), { ...info(chain, 0), tombstoned: true }),
      /tombstonedAreJailed: weirvaloper1\S+ signed twice but is not jailed/,
    ],
    [
      "a key that is gone",
      (chain) => publicKeys.delete(chain.context(), chain.consensus(0)),
      /publicKeysAreOfValidators: the key of weirvaloper1\S+ is not stored/,
    ],
    [
      "a key under another's address",
      (chain) => publicKeys.set(chain.context(), nothing, publicKeys.get(chain.context(), chain.consensus(0))!),
      /publicKeysAreOfValidators: the key under weirvalcons1\S+ is another's/,
    ],
  ])("find %s", (_what, spoil, words) => {
    const chain = stakedChain();
    expect(chain.broken()).toBeUndefined();
    spoil(chain);
    expect(chain.broken()).toMatch(words);
  });
});
