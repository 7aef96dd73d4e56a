/** The arithmetic of a count: who speaks for which shares, what is cut off, and when it is enough. */
import { describe, expect, it } from "vitest";
import { decFromInt, parseDec } from "../../chain/dec.ts";
import { VoteOption } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import {
  type CountedValidator,
  countDelegation,
  countValidator,
  type Decision,
  decide,
  isOption,
  noVotes,
  resultOf,
  type Sums,
  weightsOf,
} from "./count.ts";
import { defaultParams } from "./params.ts";

const {
  VOTE_OPTION_YES: yes,
  VOTE_OPTION_NO: no,
  VOTE_OPTION_ABSTAIN: abstain,
  VOTE_OPTION_NO_WITH_VETO: veto,
} = VoteOption;

const validator = (changes: Partial<CountedValidator> = {}): CountedValidator => ({
  bondedTokens: 900n,
  delegatorShares: decFromInt(1_000n),
  deductions: 0n,
  vote: [],
  ...changes,
});

const sums = (changes: Partial<Record<keyof Sums, bigint>>): Sums => {
  const all = {
    ...noVotes(),
    ...Object.fromEntries(Object.entries(changes).map(([name, n]) => [name, decFromInt(n)])),
  };
  return changes.power === undefined ? { ...all, power: all.yes + all.no + all.abstain + all.noWithVeto } : all;
};

describe("counting", () => {
  it("turns a delegator's shares into tokens, and takes them from what the validator speaks for", () => {
    const [total, one] = [noVotes(), validator({ vote: [{ option: no, weight: "1" }] })];
    countDelegation(total, weightsOf([{ option: yes, weight: "1" }]), one, decFromInt(100n));
    expect(one.deductions).toBe(decFromInt(100n));
    expect(resultOf(total)).toEqual({ yesCount: "90", abstainCount: "0", noCount: "0", noWithVetoCount: "0" });
    countValidator(total, one);
    expect(resultOf(total)).toEqual({ yesCount: "90", abstainCount: "0", noCount: "810", noWithVetoCount: "0" });
    expect(total.power).toBe(decFromInt(900n));
  });

  it("splits a vote by its weights, and cuts off what is below one", () => {
    const total = noVotes();
    const weights = [
      { option: yes, weight: "0.333333333333333333" },
      { option: abstain, weight: "0.333333333333333333" },
      { option: veto, weight: "0.333333333333333334" },
    ];
    countDelegation(total, weightsOf(weights), validator(), decFromInt(10n));
    expect(total).toEqual({
      yes: parseDec("2.999999999999999997"),
      abstain: parseDec("2.999999999999999997"),
      no: 0n,
      noWithVeto: parseDec("3.000000000000000006"),
      power: parseDec("9"),
    });
    expect(resultOf(total)).toEqual({ yesCount: "2", abstainCount: "2", noCount: "0", noWithVetoCount: "3" });
  });

  it("adds up what several delegators take from a validator", () => {
    const one = validator();
    for (const shares of [100n, 50n]) {
      countDelegation(noVotes(), weightsOf([{ option: yes, weight: "1" }]), one, decFromInt(shares));
    }
    expect(one.deductions).toBe(decFromInt(150n));
  });

  it("leaves out a validator that did not vote", () => {
    const total = noVotes();
    countValidator(total, validator());
    expect(total).toEqual(noVotes());
  });

  it("knows the four options and no other", () => {
    expect([0, 1, 2, 3, 4, 5].filter(isOption)).toEqual([1, 2, 3, 4]);
  });
});

type Case = readonly [
  what: string,
  counts: Partial<Record<keyof Sums, bigint>>,
  decision: Decision,
  expedited?: boolean,
  params?: typeof defaultParams,
];

describe("a decision", () => {
  const passes = { passes: true, burnsDeposits: false };
  const fails = { passes: false, burnsDeposits: false };
  const burns = { passes: false, burnsDeposits: true };
  const quorumBurns = { ...defaultParams, burnVoteQuorum: true };
  const vetoKeeps = { ...defaultParams, burnVoteVeto: false };

  const cases: readonly Case[] = [
    ["fails below the quorum", { yes: 333n }, fails],
    ["passes at the quorum", { yes: 334n }, passes],
    ["burns below the quorum where the parameters say so", { yes: 333n }, burns, false, quorumBurns],
    ["fails where everybody abstains", { abstain: 500n }, fails],
    ["passes with more than half of those who decide", { yes: 251n, no: 250n, abstain: 400n }, passes],
    ["fails with exactly half", { yes: 250n, no: 250n }, fails],
    ["fails by a veto of more than a third of all", { yes: 600n, noWithVeto: 400n }, burns],
    ["and keeps deposits then where the parameters say so", { yes: 600n, noWithVeto: 400n }, fails, false, vetoKeeps],
    ["passes with a veto of exactly the threshold", { yes: 666n, noWithVeto: 334n }, passes],
    ["measures a veto by all votes, those that abstain too", { yes: 400n, noWithVeto: 300n, abstain: 300n }, passes],
    ["counts a veto as a no", { yes: 300n, noWithVeto: 200n, no: 110n }, fails],
    ["fails expedited at two thirds", { yes: 667n, no: 333n }, fails, true],
    ["passes expedited above", { yes: 668n, no: 332n }, passes, true],
  ];

  it.each(cases.map((one) => [one[0], one] as const))("%s", (_what, [, counts, decision, expedited, params]) => {
    expect(decide(sums(counts), 1_000n, params ?? defaultParams, expedited ?? false)).toEqual(decision);
  });

  it("fails where nothing is staked", () => {
    expect(decide(noVotes(), 0n, quorumBurns, false)).toEqual(fails);
  });
});
