/** This chain's own queries of governance, and the files that commands read: the constitution, what a proposal means and would do, how votes stand. */
import { describe, expect, it } from "vitest";
import type { Timestamp } from "../../chain/context.ts";
import { QueryError } from "../../chain/errors.ts";
import type {
  QueryChangesResponse,
  QueryDelayedResponse,
  QueryParametersResponse,
  QuerySimulateResponse,
  QueryStandingsResponse,
} from "../../proto/gen/weir/gov/v1/query.ts";
import { changed, governed, governedChain, minimumDeposit, no, yes } from "../../test/helpers/governedchain.ts";
import { commands } from "./commands.ts";
import { proposalFileJson, readProposalFile, submissionOf } from "./proposalfile.ts";

const auth = "/cosmos.auth.v1beta1.MsgUpdateParams";
const mint = "/cosmos.mint.v1beta1.MsgUpdateParams";
const own = "/weir.gov.v1.Query";

describe("the queries of governance", () => {
  const chain = governedChain();
  const raise = changed(chain, mint, { inflationMax: `${25n * 10n ** 16n}` });

  it("list the constitution", () => {
    const { parameters } = chain.query<QueryParametersResponse>(`${own}/Parameters`, {});
    expect(new Set(parameters.map(({ module }) => module)).size).toBeGreaterThan(7);
    expect(parameters.find(({ name }) => name === "economic_delay")).toEqual({
      module: "gov",
      name: "economic_delay",
      words: "wait of a change that loosens the reserve or raises emission",
      value: "6 minutes 40 seconds",
      range: "1 second to 365 days",
      class: "economic",
      loosens: "down",
      message: "/weir.gov.v1.MsgUpdateParams",
    });
    const some = chain.query<QueryParametersResponse>(`${own}/Parameters`, { module: "mint" });
    expect(some.parameters.map(({ name }) => name)).toContain("goal_bonded");
    expect(() => chain.query(`${own}/Parameters`, { module: "nothing" })).toThrow("no module nothing has parameters");
  });

  it("say what a proposal would change", () => {
    chain.propose({ messages: [changed(chain, auth, { maxMemoCharacters: 300n }), raise] });
    const { meaning } = chain.query<QueryChangesResponse>(`${own}/Changes`, { proposalId: 1n });
    expect(meaning).toMatchObject({
      class: "economic",
      messages: [auth, mint],
      problem: "",
      delay: { seconds: 400n },
      votingPeriod: { seconds: 300n },
      changes: [
        {
          module: "auth",
          name: "max_memo_characters",
          before: "256 characters",
          after: "300 characters",
          messageIndex: 0,
          loosens: false,
          class: "routine",
        },
        {
          module: "mint",
          name: "inflation_max",
          before: "20%",
          after: "25%",
          range: "0% to 100%",
          messageIndex: 1,
          loosens: true,
          class: "economic",
        },
      ],
    });
    expect(() => chain.query(`${own}/Changes`, { proposalId: 9n })).toThrow("proposal 9 doesn't exist");
  });

  it("try messages out and leave everything as it was", () => {
    const before = chain.exported();
    const good = chain.query<QuerySimulateResponse>(`${own}/Simulate`, { messages: [raise] });
    expect(good).toMatchObject({ executes: true, problem: "", gasMax: 50_000_000n, meaning: { class: "economic" } });
    expect(good.gasUsed).toBeGreaterThan(1_000n);
    expect(chain.exported()).toEqual(before);
    const urgent = chain.query<QuerySimulateResponse>(`${own}/Simulate`, { messages: [raise], expedited: true });
    expect(urgent).toMatchObject({ executes: false, problem: expect.stringContaining("has the longer vote") });
    const spend = governed("/cosmos.distribution.v1beta1.MsgCommunityPoolSpend", {
      recipient: "weir1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqy8uuwv",
      amount: [{ denom: "uweir", amount: "5" }],
    });
    const failing = chain.query<QuerySimulateResponse>(`${own}/Simulate`, {
      messages: [changed(chain, auth, {}), spend],
    });
    expect(failing).toMatchObject({ executes: false, problem: expect.stringMatching(/^message 1: /) });
    expect(chain.exported()).toEqual(before);
    const strange = { typeUrl: auth, value: Uint8Array.of(0xff) };
    expect(() => chain.query(`${own}/Simulate`, { messages: [strange] })).toThrow(QueryError);
  });

  it("say how votes stand, the newest first, and what waits", () => {
    chain.propose({ by: 3, deposit: 3_000_000n, title: "Later" });
    chain.vote(1n, 0, yes);
    chain.vote(1n, 1, yes);
    chain.vote(1n, 2, no);
    const standings = () => chain.query<QueryStandingsResponse>(`${own}/Standings`, {}).standings;
    expect(standings()).toMatchObject([
      { proposalId: 2n, title: "Later", status: 1, turnout: "0.000000000000000000", class: "routine" },
      {
        proposalId: 1n,
        status: 2,
        class: "economic",
        turnout: "1.000000000000000000",
        yesShare: "0.670033670033670034",
        vetoShare: "0.000000000000000000",
        threshold: "0.500000000000000000",
        delayed: false,
      },
    ]);
    expect(chain.query<QueryStandingsResponse>(`${own}/Standings`, { status: 2 }).standings).toHaveLength(1);
    const { time } = chain.context().block;
    chain.end(300n);
    const [waiting] = chain.query<QueryDelayedResponse>(`${own}/Delayed`, {}).delayed;
    expect(waiting).toMatchObject({
      proposalId: 1n,
      actsAt: { seconds: time.seconds + 700n } satisfies Partial<Timestamp>,
    });
    expect(standings().find(({ proposalId }) => proposalId === 1n)).toMatchObject({ delayed: true, status: 3 });
  });
});

describe("a proposal's file", () => {
  const file = {
    messages: [
      { "@type": "/cosmos.bank.v1beta1.MsgSetSendEnabled", authority: "weir1x", send_enabled: [], use_default_for: [] },
    ],
    metadata: "m",
    deposit: `${minimumDeposit}uweir`,
    title: "t",
    summary: "s",
    expedited: true,
  };

  it("is read as simd's, and written as it was read", () => {
    expect(proposalFileJson(readProposalFile(file))).toEqual(file);
    const least = readProposalFile({ title: "t", summary: "s" });
    expect(least).toEqual({ messages: [], title: "t", summary: "s", metadata: "", deposit: "", expedited: false });
    const coins = () => [{ denom: "uweir", amount: 5n }];
    expect(submissionOf(least, "weir1y", coins)).toMatchObject({ initialDeposit: [], proposer: "weir1y" });
    expect(submissionOf(readProposalFile(file), "weir1y", coins).initialDeposit).toEqual([
      { denom: "uweir", amount: "5" },
    ]);
  });

  it.each<readonly [unknown, RegExp]>([
    [[], /the proposal: found \[\], expected an object/],
    [{ ...file, titel: "x" }, /titel: found a field that does not exist/],
    [{ ...file, messages: {} }, /messages: found \{\}, expected a list/],
    [
      { ...file, messages: Array.from({ length: 101 }, () => ({})) },
      /messages: found 101 of them, expected at most 100/,
    ],
    [{ ...file, messages: [{ "@type": "/nothing" }] }, /messages\[0\]\.@type/],
    [{ ...file, expedited: "yes" }, /expedited: found "yes"/],
    [{ ...file, title: 5 }, /title: found 5, expected text/],
    [{ summary: "s" }, /title: found nothing/],
  ])("refuses %j", (json, text) => {
    expect(() => readProposalFile(json)).toThrow(text);
  });
});

describe("the words of votes", () => {
  const build = (url: string, positionals: readonly string[]) =>
    commands.messages[url]!.arguments!.build({
      positionals,
      from: () => "weir1y",
      flag: () => undefined,
      has: () => false,
      flags: () => [],
      address: (text: string) => text,
      coins: () => [],
      file: () => ({}),
      now: () => ({ seconds: 0n, nanos: 0 }),
    });
  const vote = "/cosmos.gov.v1.MsgVote";
  const weighted = "/cosmos.gov.v1.MsgVoteWeighted";

  it.each([
    ["yes", 1],
    ["abstain", 2],
    ["NO", 3],
    ["no_with_veto", 4],
    ["no-with-veto", 4],
    ["VOTE_OPTION_NO", 3],
  ])("%s is option %i", (word, option) => {
    expect(build(vote, ["7", word])).toEqual({ proposalId: 7n, option, voter: "weir1y", metadata: "" });
  });

  it("weights may be split", () => {
    expect(build(weighted, ["7", "yes=0.6, no=0.4"])).toMatchObject({
      options: [
        { option: 1, weight: "0.600000000000000000" },
        { option: 3, weight: "0.400000000000000000" },
      ],
    });
  });

  it.each<readonly [string, readonly string[], RegExp]>([
    [vote, ["x", "yes"], /x is no proposal's number/],
    [vote, ["1", "maybe"], /maybe is no option; expected yes, no, abstain, no-with-veto/],
    [weighted, ["1", "yes"], /yes has no weight; expected for example yes=0\.6,no=0\.4/],
    [weighted, ["1", "yes=x"], /./],
  ])("%s %j is refused", (url, positionals, text) => {
    expect(() => build(url, positionals)).toThrow(text);
  });
});
