/** Counts over several blocks: whatever stakes do meanwhile, a vote ends as it stood in the block in which it ended, and no power counts twice. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { decFromRatio, parseDec } from "../../chain/dec.ts";
import type { TallyResult } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { abstain, type GovernedChain, governedChain, no, veto, yes } from "../../test/helpers/governedchain.ts";
import {
  isBonded,
  isUnbonded,
  iterateDelegations,
  iterateValidators,
  slash,
  totalBondedTokens,
} from "../staking/index.ts";
import type { Router } from "./constitution.ts";
import { endBlockOver } from "./endblock.ts";
import { inVotingPeriod } from "./keeper.ts";
import { tallies, tallyValidators, votes } from "./state.ts";

/** Texts alone are proposed here. */
const noModules: Router = { handler: () => undefined, parameters: () => [] };

const validators = 4;
const accounts = 8;
const votingSeconds = 100n;

// --------------------------------------------------------------------------------------------------------------- what happens

type Act =
  | { readonly kind: "delegate" | "undelegate"; readonly who: number; readonly to: number; readonly amount: bigint }
  | {
      readonly kind: "redelegate";
      readonly who: number;
      readonly from: number;
      readonly to: number;
      readonly amount: bigint;
    }
  | { readonly kind: "slash"; readonly to: number; readonly permille: bigint }
  | { readonly kind: "block" };

const who = fc.nat(accounts - 1);
const validator = fc.nat(validators - 1);
const amount = fc.bigInt({ min: 1n, max: 60_000_000n });

const acts = (most: number) =>
  fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("delegate" as const), who, to: validator, amount }),
      fc.record({ kind: fc.constant("undelegate" as const), who, to: validator, amount }),
      fc.record({ kind: fc.constant("redelegate" as const), who, from: validator, to: validator, amount }),
      fc.record({ kind: fc.constant("slash" as const), to: validator, permille: fc.bigInt({ min: 1n, max: 300n }) }),
      fc.constant({ kind: "block" as const }),
    ),
    { maxLength: most },
  );

interface Ballot {
  readonly who: number;
  readonly weights: Readonly<Record<number, string>>;
}

const ballots = fc.array(
  fc.record({
    who,
    weights: fc.constantFrom<Readonly<Record<number, string>>>(
      { [yes]: "1" },
      { [no]: "1" },
      { [abstain]: "1" },
      { [yes]: "0.333333333333333333", [veto]: "0.666666666666666667" },
      { [yes]: "0.25", [no]: "0.25", [abstain]: "0.25", [veto]: "0.25" },
    ),
  }),
  { maxLength: 12 },
);

/** What is refused changes nothing, which is fine too. */
function happen(chain: GovernedChain, act: Act): void {
  if (act.kind === "delegate") chain.delegate(act.who, act.to, act.amount);
  if (act.kind === "undelegate") chain.undelegate(act.who, act.to, act.amount);
  if (act.kind === "redelegate") chain.redelegate(act.who, act.from, act.to, act.amount);
  // Who never was bonded has nothing that it could be slashed for.
  if (act.kind !== "slash" || isUnbonded(chain.validator(act.to))) return;
  const { height } = chain.context().block;
  const at = height - 3n > 0n ? height - 3n : 1n;
  chain.attempt((ctx) => void slash(ctx, chain.consensus(act.to), at, 90n, decFromRatio(act.permille, 1000n)));
}

function block(chain: GovernedChain, page: bigint, seconds = 5n): void {
  const { height, time } = chain.context().block;
  chain.setBlock({ height: height + 1n, time: { ...time, seconds: time.seconds + seconds } });
  const staking = chain.definition.modules.find(({ name }) => name === "staking")!;
  endBlockOver(noModules, () => page)(chain.context());
  staking.endBlock!(chain.context());
  expect(chain.broken()).toBeUndefined();
}

const tallyOf = (chain: GovernedChain): TallyResult =>
  chain.query<{ tally: TallyResult }>("/cosmos.gov.v1.Query/TallyResult", { proposalId: 1n }).tally;

function voted(before: readonly Act[], ballots: readonly Ballot[]): GovernedChain {
  const chain = governedChain({ validators, staking: { max_validators: 3, max_entries: 50 } });
  expect(chain.propose({ by: 5 }).refusal).toBeUndefined();
  for (const act of before) happen(chain, act);
  for (const { who, weights } of ballots) expect(chain.split(1n, who, weights).refusal).toBeUndefined();
  return chain;
}

/** As the end of the vote finds things, in one block or in many. */
function counted(chain: GovernedChain, during: readonly Act[], page: bigint): TallyResult {
  block(chain, page, votingSeconds);
  for (const act of during) {
    if (act.kind === "block") block(chain, page);
    else happen(chain, act);
    expect(chain.broken()).toBeUndefined();
  }
  let blocks = 0;
  while (chain.proposal(1n).status === inVotingPeriod) {
    expect(blocks++).toBeLessThan(200);
    block(chain, page);
  }
  return chain.proposal(1n).finalTallyResult!;
}

/** What a vote comes to, delegation by delegation: exact fractions, rounded nowhere and in no order of votes. */
function independently(chain: GovernedChain, ballots: readonly Ballot[]): Record<number, bigint> {
  const weightsOf = new Map(ballots.map(({ who, weights }) => [accountAddress.encode(chain.accounts[who]!), weights]));
  const ctx = chain.context();
  const sums: Record<number, bigint> = { [yes]: 0n, [abstain]: 0n, [no]: 0n, [veto]: 0n };
  const bonded = new Map([...iterateValidators(ctx)].filter(isBonded).map((one) => [one.operatorAddress, one]));
  for (const { delegatorAddress, validatorAddress: operator, shares } of iterateDelegations(ctx)) {
    const one = bonded.get(operator);
    if (one === undefined) continue;
    const speaker = accountAddress.encode(validatorAddress.decode(operator));
    const weights = weightsOf.get(delegatorAddress) ?? weightsOf.get(speaker) ?? {};
    for (const [option, weight] of Object.entries(weights)) {
      sums[Number(option)]! += (shares * one.tokens * parseDec(weight)) / one.delegatorShares;
    }
  }
  return sums;
}

const unit = 10n ** 18n;
/** Of sums of some roundings, each of a 10^-18. */
const isNear = (text: string, exact: bigint): boolean => {
  const difference = BigInt(text) * unit - exact;
  return difference <= 100n && difference > -unit - 100n;
};

describe("a count over blocks", () => {
  it("ends as the vote stood when it ended, whatever stakes do meanwhile", () => {
    fc.assert(
      fc.property(acts(12), ballots, acts(20), fc.bigInt({ min: 1n, max: 6n }), (before, cast, during, page) => {
        const chain = voted(before, cast);
        const bonded = totalBondedTokens(chain.context());
        const [expected, exact] = [tallyOf(chain), independently(chain, cast)];
        const actual = counted(chain, during, page);
        expect(actual).toEqual(expected);
        const parts = [actual.yesCount, actual.abstainCount, actual.noCount, actual.noWithVetoCount];
        for (const [index, option] of [yes, abstain, no, veto].entries()) {
          expect([option, parts[index], isNear(parts[index]!, exact[option]!)]).toEqual([option, parts[index], true]);
        }
        // No power twice: all of it together is never more than there was.
        expect(parts.reduce((sum, part) => sum + BigInt(part), 0n) <= bonded).toBe(true);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it("does not depend on the order in which votes were cast", () => {
    const once = fc.uniqueArray(who, { minLength: 2 });
    fc.assert(
      fc.property(acts(8), once, fc.infiniteStream(fc.nat(3)), (before, voters, options) => {
        const all = [yes, no, abstain, veto];
        const cast = voters.map((voter) => ({ who: voter, weights: { [all[options.next().value!]!]: "1" } }));
        const [one, other] = [voted(before, cast), voted(before, [...cast].reverse())];
        expect(counted(one, [], 1n)).toEqual(counted(other, [], 1_000n));
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  it("refuses votes on what is being counted, and leaves nothing of its own behind", () => {
    const chain = voted(
      [],
      [
        { who: 0, weights: { [yes]: "1" } },
        { who: 1, weights: { [yes]: "1" } },
      ],
    );
    block(chain, 1n, votingSeconds);
    expect([...tallies.keys(chain.context())]).toEqual([1n]);
    expect(chain.standing(1n)).toMatchObject({ counting: true, tally: { yesCount: "199000000" } });
    expect(chain.vote(1n, 2, yes).refusal).toMatchObject({ codespace: "gov", code: 3 });
    expect(chain.cancel(1n, 5).refusal).toMatchObject({ codespace: "gov", code: 20 });
    expect(chain.deposit(1n, 6, 5_000_000n).refusal).toBeUndefined();
    const exported = chain.exported().gov as object;
    expect(chain.definition.modules.find(({ name }) => name === "gov")!.genesis.parse(exported)).toBeDefined();
    expect(counted(chain, [], 1n).yesCount).toBe("199000000");
    const ctx = chain.context();
    for (const left of [tallies, tallyValidators, votes]) expect([...left.keys(ctx)]).toEqual([]);
  });

  it("counts several votes that end together one after another, each by the same stakes", () => {
    const chain = governedChain();
    for (const by of [4, 5, 6]) chain.propose({ by });
    for (const id of [1n, 2n, 3n]) for (const account of [0, 1, 2]) chain.vote(id, account, yes);
    block(chain, 1n, votingSeconds);
    expect([...tallies.keys(chain.context())]).toEqual([1n, 2n, 3n]);
    chain.undelegate(0, 0, 90_000_000n);
    for (let blocks = 0; blocks < 30; blocks++) block(chain, 2n);
    for (const id of [1n, 2n, 3n]) expect(chain.proposal(id).finalTallyResult!.yesCount).toBe("297000000");
  });

  it("bounds what a voter costs by the validators there are, however many it delegated to", () => {
    const chain = governedChain({ validators: 6, staking: { max_validators: 2 } });
    for (const to of [0, 1, 2, 3, 4, 5]) chain.delegate(7, to, 1_000_000n);
    chain.propose({ by: 6 });
    chain.vote(1n, 7, yes);
    expect(tallyOf(chain)).toMatchObject({ yesCount: "2000000" });
    block(chain, 3n, votingSeconds);
    expect(chain.proposal(1n).finalTallyResult).toMatchObject({ yesCount: "2000000" });
  });
});
