/** The life of proposals: deposits, votes, conclusions, expedited and economic ones. */
import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import { decToProto, parseDec } from "../../chain/dec.ts";
import type { ChainEvent } from "../../chain/events.ts";
import {
  abstain,
  changed,
  type GovernedChain,
  governed,
  governedChain,
  minimumDeposit,
  no,
  veto,
  yes,
} from "../../test/helpers/governedchain.ts";
import { balanceOf } from "../bank/index.ts";
import { isLooseningWaiting } from "./index.ts";
import { failed, inDepositPeriod, inVotingPeriod, passed, rejected } from "./keeper.ts";

const resultsOf = (events: readonly ChainEvent[]): (string | undefined)[] =>
  events
    .filter(({ type }) => type === "active_proposal" || type === "inactive_proposal" || type === "proposal_acted")
    .map(({ attributes }) => attributes.find(({ key }) => key === "proposal_result" || key === "result")?.value);

const coins = (chain: GovernedChain, account: number) => balanceOf(chain.context(), chain.accounts[account]!, "uweir");

const auth = "/cosmos.auth.v1beta1.MsgUpdateParams";
const mint = "/cosmos.mint.v1beta1.MsgUpdateParams";

const dec = (text: string) => decToProto(parseDec(text));

const memo = (chain: GovernedChain, length: bigint) => changed(chain, auth, { maxMemoCharacters: length });
const memoOf = (chain: GovernedChain) =>
  chain.query<{ params: { maxMemoCharacters: bigint } }>("/cosmos.auth.v1beta1.Query/Params", {}).params
    .maxMemoCharacters;

const accepted = (chain: GovernedChain, id: bigint) => {
  for (const account of [0, 1, 2]) expect(chain.vote(id, account, yes).refusal).toBeUndefined();
};

describe("a proposal", () => {
  it("changes what it says once it is accepted, and gives its deposits back", () => {
    const chain = governedChain();
    const before = coins(chain, 0);
    expect(chain.propose({ messages: [memo(chain, 300n)] }).refusal).toBeUndefined();
    expect(coins(chain, 0)).toBe(before - minimumDeposit);
    expect(chain.proposal(1n).status).toBe(inVotingPeriod);
    accepted(chain, 1n);
    expect(chain.end(99n)).toEqual([]);
    const events = chain.end(1n);
    expect(resultsOf(events)).toEqual(["proposal_passed"]);
    expect(memoOf(chain)).toBe(300n);
    expect(coins(chain, 0)).toBe(before);
    expect(chain.proposal(1n)).toMatchObject({ status: passed, finalTallyResult: { yesCount: "297000000" } });
    expect(events.find(({ type }) => type === "parameter_changed")?.attributes.map(({ value }) => value)).toEqual([
      "1",
      "auth",
      "max_memo_characters",
      "256 characters",
      "300 characters",
    ]);
  });

  it("that finds too few deposits is dropped, and they come back", () => {
    const chain = governedChain();
    const before = coins(chain, 0);
    expect(chain.propose({ deposit: 1_000_000n }).refusal).toBeUndefined();
    expect(chain.proposal(1n).status).toBe(inDepositPeriod);
    expect(chain.vote(1n, 0, yes).refusal).toMatchObject({ codespace: "gov", code: 3 });
    chain.end(199n);
    expect(resultsOf(chain.end(1n))).toEqual(["proposal_dropped"]);
    expect(coins(chain, 0)).toBe(before);
    expect(() => chain.proposal(1n)).toThrow("proposal 1 doesn't exist");
    expect(chain.deposit(1n, 0, 1_000_000n).refusal).toMatchObject({ codespace: "undefined", code: 1 });
  });

  it.each([
    ["burns the deposits of what is dropped, where the parameters say so", { burn_proposal_deposit_prevote: true }, []],
    ["burns them after a veto", {}, [yes, veto, veto]],
    ["burns them where too few voted, if the parameters say so", { burn_vote_quorum: true }, []],
  ])("%s", (_what, gov, votes: readonly number[]) => {
    const chain = governedChain({ gov });
    const before = coins(chain, 4);
    const deposit = "burn_proposal_deposit_prevote" in gov ? 1_000_000n : minimumDeposit;
    expect(chain.propose({ by: 4, deposit }).refusal).toBeUndefined();
    for (const [account, option] of votes.entries()) chain.vote(1n, account, option as 1);
    chain.end(200n);
    expect(coins(chain, 4)).toBe(before - deposit);
  });

  it("needs a quorum, a majority of those who decide, and no veto", () => {
    const chain = governedChain();
    const silent = 0;
    const cases: readonly (readonly [votes: readonly number[], status: number])[] = [
      [[silent, silent, yes], rejected],
      [[yes], passed],
      [[yes, abstain], passed],
      [[abstain, abstain, abstain], rejected],
      [[yes, no, no], rejected],
      [[yes, yes, veto], passed],
      [[yes, veto, veto], rejected],
    ];
    for (const [index, [votes, status]] of cases.entries()) {
      const id = BigInt(index + 1);
      expect(chain.propose({ by: 5 }).refusal).toBeUndefined();
      for (const [account, option] of votes.entries()) chain.vote(id, account, option as 1);
      chain.end(100n);
      expect([votes, chain.proposal(id).status]).toEqual([votes, status]);
    }
  });

  it("is voted on by delegators in place of their validators", () => {
    const chain = governedChain();
    chain.delegate(3, 0, 50_000_000n);
    chain.propose({ by: 5 });
    chain.vote(1n, 0, yes);
    chain.vote(1n, 3, no);
    chain.split(1n, 1, { [yes]: "0.25", [abstain]: "0.75" });
    expect(chain.standing(1n).tally).toMatchObject({
      yesCount: "124750000",
      noCount: "50000000",
      abstainCount: "74250000",
    });
    chain.vote(1n, 3, yes);
    expect(chain.standing(1n).tally).toMatchObject({ yesCount: "174750000", noCount: "0" });
  });

  it("that does not pass expedited is voted on anew, as any other", () => {
    const chain = governedChain();
    expect(chain.propose({ expedited: true, deposit: minimumDeposit * 5n }).refusal).toBeUndefined();
    chain.vote(1n, 0, yes);
    chain.vote(1n, 1, no);
    expect(resultsOf(chain.end(50n))).toEqual(["expedited_proposal_rejected"]);
    expect(chain.proposal(1n)).toMatchObject({ expedited: false, status: inVotingPeriod });
    expect(chain.standing(1n).tally).toMatchObject({ yesCount: "0" });
    accepted(chain, 1n);
    expect(resultsOf(chain.end(49n))).toEqual([]);
    expect(resultsOf(chain.end(1n))).toEqual(["proposal_passed"]);
  });

  it("passes expedited by two thirds, at once", () => {
    const chain = governedChain();
    chain.propose({ expedited: true, deposit: minimumDeposit * 5n, messages: [memo(chain, 400n)] });
    accepted(chain, 1n);
    expect(resultsOf(chain.end(50n))).toEqual(["proposal_passed"]);
    expect(memoOf(chain)).toBe(400n);
  });

  it("is executed whole or not at all, and says why not", () => {
    const chain = governedChain();
    const spend = governed("/cosmos.distribution.v1beta1.MsgCommunityPoolSpend", {
      recipient: authorityAddress(),
      amount: [{ denom: "uweir", amount: "1" }],
    });
    chain.propose({ messages: [memo(chain, 300n), spend] });
    accepted(chain, 1n);
    expect(resultsOf(chain.end(100n))).toEqual(["proposal_failed"]);
    expect(chain.proposal(1n)).toMatchObject({
      status: failed,
      failedReason: expect.stringContaining("is not allowed to receive external funds"),
    });
    expect(memoOf(chain)).toBe(256n);
  });

  it("costs a part of its deposits when it is withdrawn, and forgets its votes", () => {
    const chain = governedChain();
    const [mine, other] = [coins(chain, 5), coins(chain, 6)];
    chain.propose({ by: 5 });
    chain.deposit(1n, 6, 1_000_001n);
    accepted(chain, 1n);
    expect(chain.cancel(1n, 6).refusal).toMatchObject({ code: 18 });
    expect(chain.cancel(1n, 5).refusal).toBeUndefined();
    chain.end();
    expect(coins(chain, 5)).toBe(mine - minimumDeposit / 2n);
    // Half of what is odd is rounded down.
    expect(coins(chain, 6)).toBe(other - 500_000n);
    expect(chain.entries("gov").filter(([key]) => key[0] === 0x20)).toEqual([]);
    expect(chain.cancel(1n, 5).refusal).toMatchObject({ codespace: "undefined" });
  });
});

describe("an economic change", () => {
  it("has the longer vote, and acts at once where it loosens nothing", () => {
    const chain = governedChain();
    expect(chain.propose({ messages: [changed(chain, mint, { inflationMax: dec("0.1") })] }).refusal).toBeUndefined();
    expect(chain.standing(1n)).toMatchObject({ class: "economic" });
    accepted(chain, 1n);
    expect(resultsOf(chain.end(299n))).toEqual([]);
    expect(resultsOf(chain.end(1n))).toEqual(["proposal_passed"]);
  });

  it("waits where it raises the emission, and acts then", () => {
    const chain = governedChain();
    chain.propose({ messages: [changed(chain, mint, { inflationMax: dec("0.3") })] });
    accepted(chain, 1n);
    expect(resultsOf(chain.end(300n))).toEqual(["proposal_delayed"]);
    expect(chain.standing(1n)).toMatchObject({ delayed: true, status: passed });
    expect(isLooseningWaiting(chain.context())).toBe(true);
    const maxNow = () =>
      chain.query<{ params: { inflationMax: string } }>("/cosmos.mint.v1beta1.Query/Params", {}).params.inflationMax;
    expect(maxNow()).toBe(dec("0.2"));
    chain.end(399n);
    expect(maxNow()).toBe(dec("0.2"));
    expect(resultsOf(chain.end(1n))).toEqual(["proposal_passed"]);
    expect(maxNow()).toBe(dec("0.3"));
    expect(chain.standing(1n)).toMatchObject({ delayed: false, status: passed });
    expect(isLooseningWaiting(chain.context())).toBe(false);
  });

  it("is stopped by a later vote while it waits", () => {
    const chain = governedChain();
    chain.propose({ messages: [changed(chain, mint, { inflationMax: dec("0.3") })] });
    accepted(chain, 1n);
    chain.end(300n);
    chain.propose({ messages: [governed("/weir.gov.v1.MsgCancelDelayed", { proposalId: 1n })] });
    accepted(chain, 2n);
    chain.end(100n);
    expect(chain.proposal(2n).status).toBe(passed);
    expect(chain.proposal(1n)).toMatchObject({ status: failed, failedReason: expect.stringContaining("later vote") });
    expect(resultsOf(chain.end(1_000n))).toEqual([]);
  });

  it("is stopped in spite of a veto", () => {
    const chain = governedChain();
    chain.propose({ messages: [changed(chain, mint, { inflationMax: dec("0.3") })] });
    accepted(chain, 1n);
    chain.end(300n);
    chain.propose({ messages: [governed("/weir.gov.v1.MsgCancelDelayed", { proposalId: 1n })] });
    for (const account of [0, 1]) chain.vote(2n, account, yes);
    chain.delegate(3, 0, 60_000_000n);
    for (const account of [2, 3]) chain.vote(2n, account, veto);
    chain.end(100n);
    expect(chain.proposal(2n).status).toBe(passed);
    expect(chain.proposal(1n).status).toBe(failed);
  });

  it("is not expedited", () => {
    const chain = governedChain();
    const raise = changed(chain, mint, { inflationMax: dec("0.3") });
    expect(chain.propose({ messages: [raise], expedited: true, deposit: minimumDeposit * 5n }).refusal).toMatchObject({
      code: 44,
      message: expect.stringContaining("mint's inflation_max"),
    });
  });

  it("that was a routine one when it was proposed fails", () => {
    const chain = governedChain();
    // Repeats the present inflation_max beside a routine change; meanwhile another vote lowers it.
    const lower = changed(chain, mint, { inflationMax: dec("0.1") });
    chain.propose({ messages: [lower] });
    accepted(chain, 1n);
    chain.end(250n);
    chain.propose({ messages: [changed(chain, mint, {})] });
    accepted(chain, 2n);
    chain.end(50n);
    expect(chain.proposal(1n).status).toBe(passed);
    chain.end(50n);
    expect(chain.proposal(2n)).toMatchObject({
      status: failed,
      failedReason: expect.stringContaining("inflation_max"),
    });
  });

  it("of what is fixed is refused", () => {
    const chain = governedChain();
    expect(chain.propose({ messages: [changed(chain, mint, { mintDenom: "uother" })] }).refusal).toMatchObject({
      code: 40,
      message:
        "/cosmos.mint.v1beta1.MsgUpdateParams would change mint's mint_denom, which no vote changes; propose all params with it as it is",
    });
  });

  it("shortens a time of governance by half at most", () => {
    const chain = governedChain();
    const delay = (seconds: bigint) =>
      chain.propose({
        messages: [changed(chain, "/weir.gov.v1.MsgUpdateParams", { economicDelay: { seconds, nanos: 0 } })],
      }).refusal;
    expect(delay(199n)).toMatchObject({ code: 12, message: expect.stringContaining("halve it at most") });
    expect(delay(200n)).toBeUndefined();
  });
});
