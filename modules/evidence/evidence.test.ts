/** What follows when a validator signed twice, and what is ignored; on real stakes, every invariant after every block. */
import { describe, expect, it } from "vitest";
import { accountAddress, consensusAddress } from "../../chain/address.ts";
import type { Misbehavior } from "../../chain/context.ts";
import { formatDec } from "../../chain/dec.ts";
import { Equivocation } from "../../proto/gen/cosmos/evidence/v1beta1/evidence.ts";
import type { QueryAllEvidenceResponse, QueryEvidenceResponse } from "../../proto/gen/cosmos/evidence/v1beta1/query.ts";
import { MsgUnjail } from "../../proto/gen/cosmos/slashing/v1beta1/tx.ts";
import { type StakedChain, stakedChain } from "../../test/helpers/stakedchain.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { supplyOf } from "../bank/index.ts";
import { consensusParams, defaultConsensusParams } from "../consensus/index.ts";
import { getSigningInfo } from "../slashing/index.ts";
import { publicKeys, signingInfos } from "../slashing/state.ts";
import { getDelegation } from "../staking/index.ts";
import { hashOf, toAny } from "./equivocation.ts";
import { evidence } from "./index.ts";
import { evidences } from "./state.ts";

const listOf = (chain: StakedChain) =>
  chain.query<QueryAllEvidenceResponse>("/cosmos.evidence.v1beta1.Query/AllEvidence", {}).evidence;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function isIgnored(chain: StakedChain, misbehavior: readonly Misbehavior[]): void {
  const before = chain.validator(0);
  chain.live({ misbehavior });
  expect(listOf(chain)).toEqual([]);
  expect(chain.validator(0)).toMatchObject({ jailed: before.jailed, tokens: before.tokens });
}

describe("a validator that signed twice", () => {
  it.each(["duplicateVote", "lightClientAttack"] as const)(
    "is slashed, jailed for ever and tombstoned (%s)",
    (kind) => {
      const chain = stakedChain();
      const supply = supplyOf(chain.context(), "uweir");
      const caught = chain.doubleSign(0, { kind });
      const events = chain.live({ misbehavior: [caught] });
      expect(chain.validator(0)).toMatchObject({ jailed: true, tokens: 95_000_000n });
      expect(supplyOf(chain.context(), "uweir")).toBe(supply - 5_000_000n);
      expect(getSigningInfo(chain.context(), chain.consensus(0))).toMatchObject({
        tombstoned: true,
        jailedUntil: { seconds: 253_402_300_799n, nanos: 0 },
      });
      const address = consensusAddress.encode(chain.consensus(0));
      const told = events.filter(({ type }) => type === "slash");
      expect(told.map(({ attributes }) => attributes.map(({ key, value }) => `${key}=${value}`))).toEqual([
        [`address=${address}`, "power=100", "reason=double_sign", "burned_coins=5000000"],
        [`jailed=${address}`],
      ]);
      const [stored] = listOf(chain);
      expect(Equivocation.decode(stored!.value)).toEqual({
        height: caught.height,
        time: caught.time,
        power: 100n,
        consensusAddress: address,
      });
      const one = { hash: hex(hashOf(stored!)).toUpperCase() };
      expect(chain.query<QueryEvidenceResponse>("/cosmos.evidence.v1beta1.Query/Evidence", one).evidence).toEqual(
        stored,
      );
    },
  );

  it("pays once, however often it is reported", () => {
    const chain = stakedChain();
    const [first, second] = [chain.doubleSign(0), chain.doubleSign(0, { height: 8n })];
    chain.live({ misbehavior: [first, second] });
    chain.live({ misbehavior: [first, second] });
    expect(chain.validator(0).tokens).toBe(95_000_000n);
    expect(listOf(chain)).toHaveLength(1);
  });

  it("pays although it is in jail already, without being told so again", () => {
    const chain = stakedChain();
    for (let i = 0; i < 20 && !chain.validator(0).jailed; i++) chain.live({ absent: [0] });
    expect(chain.validator(0)).toMatchObject({ jailed: true, status: 2, tokens: 99_000_000n });
    const events = chain.live({ misbehavior: [chain.doubleSign(0)] });
    expect(chain.validator(0).tokens).toBe(94_000_000n);
    expect(events.filter(({ type }) => type === "slash")).toHaveLength(1);
  });

  it("makes those pay who left it since, wherever their stake is now", () => {
    const chain = stakedChain();
    for (const account of [5, 6, 7]) chain.delegate(account, 0, 20_000_000n);
    chain.live();
    chain.undelegate(5, 0, 8_000_000n);
    chain.redelegate(7, 0, 2, 9_000_000n);
    chain.live({ times: 3 });
    const caught = chain.doubleSign(0, { power: 143n });
    chain.undelegate(5, 0, 8_000_000n);
    chain.redelegate(6, 0, 1, 10_000_000n);
    chain.live({ times: 2 });
    const tokens = chain.validator(0).tokens;
    const moved = chain.validator(1).tokens;
    const supply = supplyOf(chain.context(), "uweir");
    chain.live({ misbehavior: [caught] });
    // A twentieth of all 143 that signed: of the 8 that left and the 10 that moved since their part, of the rest what is left to pay.
    expect(chain.validator(0).tokens).toBe(tokens - (7_150_000n - 400_000n - 500_000n));
    expect(chain.validator(1).tokens).toBe(moved - 500_000n);
    expect(supplyOf(chain.context(), "uweir")).toBe(supply - 7_150_000n);
    const { entries } = chain.query<{ unbond: { entries: { balance: string }[] } }>(
      "/cosmos.staking.v1beta1.Query/UnbondingDelegation",
      { delegatorAddr: accountAddress.encode(chain.accounts[5]!), validatorAddr: chain.operator(0) },
    ).unbond;
    // What left before the vote for two blocks had no part in it.
    expect(entries.map(({ balance }) => balance)).toEqual(["8000000", "7600000"]);
    const redelegated = getDelegation(chain.context(), chain.accounts[7]!, chain.accounts[2]!)!;
    expect(formatDec(redelegated.shares)).toBe("9000000.000000000000000000");
  });
});

it("makes those pay who left in the block before the one that was signed twice, and none before them", () => {
  const chain = stakedChain();
  chain.delegate(5, 0, 20_000_000n);
  chain.live();
  for (const amount of [4_000_000n, 6_000_000n]) {
    chain.undelegate(5, 0, amount);
    chain.live();
  }
  chain.live({ misbehavior: [chain.doubleSign(0)] });
  const { entries } = chain.query<{ unbond: { entries: { balance: string }[] } }>(
    "/cosmos.staking.v1beta1.Query/UnbondingDelegation",
    { delegatorAddr: accountAddress.encode(chain.accounts[5]!), validatorAddr: chain.operator(0) },
  ).unbond;
  expect(entries.map(({ balance }) => balance)).toEqual(["4000000", "5700000"]);
});

describe("evidence is ignored", () => {
  const ageMax = { maxAgeNumBlocks: 5n, maxAgeDuration: { seconds: 100n, nanos: 0 }, maxBytes: 1_000n };
  const agingChain = () => {
    const chain = stakedChain();
    consensusParams.set(chain.context(), { ...defaultConsensusParams, evidence: ageMax });
    return chain;
  };

  it("when it is too old by both time and blocks", () => {
    const chain = agingChain();
    const caught = chain.doubleSign(0);
    chain.live({ times: 5, seconds: 30n });
    isIgnored(chain, [caught]);
  });

  it.each([
    ["blocks", 1n, 8],
    ["time", 90n, 3],
  ] as const)("but not when it is too old by %s alone", (_what, seconds, times) => {
    const chain = agingChain();
    const caught = chain.doubleSign(0);
    chain.live({ times, seconds });
    chain.live({ misbehavior: [caught] });
    expect(listOf(chain)).toHaveLength(1);
  });

  it("but not at the very number of blocks that is allowed", () => {
    const chain = agingChain();
    const caught = chain.doubleSign(0);
    chain.live({ times: 4, seconds: 60n });
    chain.live({ misbehavior: [caught] });
    expect(listOf(chain)).toHaveLength(1);
  });

  it("but not at the very age that is allowed", () => {
    const chain = agingChain();
    const caught = chain.doubleSign(0);
    chain.live({ times: 5, seconds: 20n });
    chain.live({ misbehavior: [caught], seconds: 0n });
    expect(listOf(chain)).toHaveLength(1);
  });

  it.each<readonly [string, (chain: StakedChain) => Misbehavior]>([
    ["of somebody unknown", (chain) => chain.doubleSign(0, { address: new Uint8Array(20).fill(9) })],
    ["of a height to come", (chain) => chain.doubleSign(0, { height: 1_000n })],
    [
      "of a validator without signing info",
      (chain) => {
        signingInfos.delete(chain.context(), chain.consensus(0));
        chain.setBlock({});
        return chain.doubleSign(0);
      },
    ],
    [
      "of a validator whose key is not stored",
      (chain) => {
        publicKeys.delete(chain.context(), chain.consensus(0));
        return chain.doubleSign(0);
      },
    ],
  ])("%s", (_what, spoil) => {
    const chain = stakedChain();
    const caught = spoil(chain);
    const before = chain.validator(0);
    const { height } = chain.context().block;
    chain.setBlock({ height: height + 1n });
    evidence.beginBlock!(chain.context(), { ...nothing, misbehavior: [caught] });
    expect(evidences.keys(chain.context()).next().done).toBe(true);
    expect(chain.validator(0)).toEqual(before);
  });

  it("of a validator that has unbonded", () => {
    const chain = stakedChain({ staking: { max_validators: 2 } });
    chain.delegate(5, 2, 50_000_000n);
    chain.live();
    expect(chain.validator(1).status).toBe(2);
    chain.live({ seconds: 200n });
    expect(chain.validator(1).status).toBe(1);
    chain.live({ misbehavior: [chain.doubleSign(1)] });
    expect(listOf(chain)).toEqual([]);
  });
});

const nothing = { lastVotes: [], nextValidatorsHash: new Uint8Array(0), appHash: new Uint8Array(0) };

const good: Equivocation = {
  height: 3n,
  time: { seconds: 1_700_000_000n, nanos: 0 },
  power: 5n,
  consensusAddress: consensusAddress.encode(new Uint8Array(20).fill(1)),
};
const alice = accountAddress.encode(new Uint8Array(20).fill(4));

describe("evidence that a user submits", () => {
  const typeUrl = "/cosmos.evidence.v1beta1.MsgSubmitEvidence";

  it.each<readonly [string, object, string, number, string]>([
    ["has no handler", {}, "evidence", 2, "equivocation: unregistered handler for evidence type"],
    ["may be missing", { evidence: undefined }, "evidence", 3, "missing evidence: invalid evidence"],
    [
      "may be none",
      { evidence: { typeUrl: `/${MsgUnjail.$type}`, value: new Uint8Array(0) } },
      "sdk",
      34,
      "is no evidence",
    ],
    [
      "may have no time",
      { evidence: toAny({ ...good, time: undefined }) },
      "evidence",
      3,
      "invalid equivocation time: 0 s",
    ],
    [
      "may have no height",
      { evidence: toAny({ ...good, height: 0n }) },
      "evidence",
      3,
      "invalid equivocation height: 0",
    ],
    [
      "may have no power",
      { evidence: toAny({ ...good, power: 0n }) },
      "evidence",
      3,
      "validator power: 0: invalid evidence",
    ],
    [
      "may name nobody",
      { evidence: toAny({ ...good, consensusAddress: "" }) },
      "evidence",
      3,
      "validator consensus address: ",
    ],
    [
      "may come from nobody",
      { submitter: "" },
      "sdk",
      7,
      "invalid submitter address: empty address string is not allowed",
    ],
    ["may come from a validator", { submitter: good.consensusAddress }, "sdk", 7, "invalid submitter address: "],
  ])("%s", (_what, changes, codespace, code, words) => {
    const message = { submitter: alice, evidence: toAny(good), ...changes };
    const { refusal } = testChain().message(typeUrl, message);
    expect(refusal).toMatchObject({ codespace, code });
    expect(refusal!.message).toContain(words);
  });

  it("may be there already", () => {
    const chain = stakedChain();
    chain.live({ misbehavior: [chain.doubleSign(0)] });
    const { refusal } = chain.message(typeUrl, { submitter: alice, evidence: listOf(chain)[0] });
    expect(refusal).toMatchObject({ codespace: "evidence", code: 5 });
    expect(refusal!.message).toMatch(/^[0-9A-F]{64}: evidence already exists$/);
  });

  it("is signed by who submits it", () => {
    expect(evidence.messages[typeUrl]!.signers({ submitter: alice })).toEqual([alice]);
  });
});

describe("evidence's genesis", () => {
  const { genesis } = evidence;
  const json = (changes: object = {}) => ({
    "@type": "/cosmos.evidence.v1beta1.Equivocation",
    height: "3",
    time: "2023-11-14T22:13:20Z",
    power: "5",
    consensus_address: good.consensusAddress,
    ...changes,
  });

  it("brings back all evidence", () => {
    const chain = stakedChain();
    chain.live({ misbehavior: [chain.doubleSign(0), chain.doubleSign(1)] });
    const appState = chain.exported();
    const again = testChain(appState);
    expect(again.entries("evidence")).toHaveLength(2);
    expect(again.entries("evidence")).toEqual(chain.entries("evidence"));
    expect(again.exported()).toEqual(appState);
    expect(genesis.toJson(genesis.parse({ evidence: [json()] }))).toEqual({ evidence: [json()] });
  });

  it.each<readonly [string, readonly object[], RegExp]>([
    [
      "another message",
      [{ "@type": "/cosmos.slashing.v1beta1.MsgUnjail" }],
      /evidence\[0\].@type: found .*MsgUnjail.*, expected \/cosmos.evidence/,
    ],
    ["the same twice", [json(), json()], /evidence\[1\]: found the evidence of \[0\] again/],
    ["no height", [json({ height: "0" })], /evidence\[0\]: found invalid equivocation height: 0/],
    [
      "no consensus address",
      [json({ consensus_address: alice })],
      /consensus_address: found .*, expected a consensus address/,
    ],
  ])("is refused with %s", (_what, list, words) => {
    expect(() => genesis.parse({ evidence: list })).toThrow(words);
  });

  it("is refused in other shapes", () => {
    expect(() => genesis.parse({ evidence: 1 })).toThrow("app_state.evidence.evidence: found 1, expected a list");
  });
});

describe("the invariant of evidence", () => {
  it("finds what is not under its hash, and what is none", () => {
    const chain = stakedChain();
    evidences.set(chain.context(), new Uint8Array(32), toAny(good));
    expect(chain.broken()).toMatch(/^evidence\/evidenceIsUnderItsHash: evidence of hash/);
    evidences.delete(chain.context(), new Uint8Array(32));
    const bad = toAny({ ...good, power: 0n });
    evidences.set(chain.context(), hashOf(bad), bad);
    expect(chain.broken()).toMatch(/invalid equivocation validator power: 0/);
  });
});
