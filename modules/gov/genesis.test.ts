/** Gov's genesis: what is exported begins the same governance again, in the middle of everything; what no message could have made is refused. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress, validatorAddress } from "../../chain/address.ts";
import { changed, governedChain, minimumDeposit, yes } from "../../test/helpers/governedchain.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { weir } from "../index.ts";
import { tallies } from "./state.ts";

const gov = weir.modules.find(({ name }) => name === "gov")!;
const mint = "/cosmos.mint.v1beta1.MsgUpdateParams";

/** One proposal in every stage: deposits, vote, count, delay, done; and one that was withdrawn a moment ago. */
function busy() {
  const chain = governedChain({ weirGov: { tally_page: "10" } });
  chain.propose({ messages: [changed(chain, mint, { inflationMax: `${3n * 10n ** 17n}` })] });
  for (const account of [0, 1, 2]) chain.vote(1n, account, yes);
  chain.end(300n);
  chain.propose({ by: 3 });
  for (let account = 0; account < 8; account++) {
    for (const to of [0, 1, 2]) chain.delegate(account, to, 1_000_000n);
    chain.vote(2n, account, yes);
  }
  chain.end(100n);
  expect([...tallies.keys(chain.context())]).toEqual([2n]);
  chain.propose({ by: 4 });
  chain.vote(3n, 0, yes);
  chain.propose({ by: 5, deposit: 2_000_000n });
  chain.propose({ by: 6 });
  chain.vote(5n, 1, yes);
  chain.cancel(5n, 6);
  return chain;
}

describe("gov's genesis", () => {
  it("begins again where it was exported, votes, counts and delays included", () => {
    const chain = busy();
    const exported = chain.exported();
    const again = testChain(exported, undefined, chain.context().block);
    expect(again.exported().gov).toEqual(exported.gov);
    expect(again.broken()).toBeUndefined();
    const { time, height } = chain.context().block;
    for (const one of [chain, again]) {
      for (let step = 1n; step <= 12n; step++) {
        one.setBlock({ height: height + step, time: { ...time, seconds: time.seconds + 50n * step } });
        gov.endBlock!(one.context());
        expect(one.broken()).toBeUndefined();
      }
    }
    expect(again.exported().gov).toEqual(chain.exported().gov);
    const { proposals } = again.exported().gov as { proposals: readonly { id: string; status: string }[] };
    expect(proposals.map(({ id, status }) => [id, status])).toEqual([
      ["1", "PROPOSAL_STATUS_PASSED"],
      ["2", "PROPOSAL_STATUS_PASSED"],
      ["3", "PROPOSAL_STATUS_PASSED"],
    ]);
  });

  it("is the default where it says nothing, without this chain's part too", () => {
    const state = gov.genesis.toJson(gov.genesis.default()) as Record<string, unknown>;
    const { weir: own, ...standard } = state;
    expect(gov.genesis.parse(standard)).toEqual(gov.genesis.parse(state));
    expect(own).toMatchObject({ params: { economic_delay: "1209600s" } });
  });

  type Json = Record<string, unknown>;
  const proposal = {
    id: "1",
    messages: [],
    status: "PROPOSAL_STATUS_VOTING_PERIOD",
    final_tally_result: { yes_count: "0", abstain_count: "0", no_count: "0", no_with_veto_count: "0" },
    submit_time: "2026-01-01T00:00:00Z",
    deposit_end_time: "2026-01-01T00:00:00Z",
    total_deposit: [],
    voting_start_time: "2026-01-01T00:00:00Z",
    voting_end_time: "2026-01-03T00:00:00Z",
    metadata: "m",
    title: "t",
    summary: "s",
    proposer: "",
    expedited: false,
    failed_reason: "",
  };
  const voter = accountAddress.encode(moduleAddress("somebody"));
  const vote = { proposal_id: "1", voter, options: [{ option: "VOTE_OPTION_YES", weight: "1" }], metadata: "" };
  const deposit = { proposal_id: "1", depositor: voter, amount: [{ denom: "uweir", amount: "5" }] };
  const tally = {
    params: (gov.genesis.toJson(gov.genesis.default()) as { params: unknown }).params,
    bonded_tokens: "5",
    yes: "0",
    abstain: "0",
    no: "0",
    no_with_veto: "0",
    power: "0",
    counted_votes: "0",
  };
  const noted = { bonded_tokens: "5", delegator_shares: "5", deductions: "0", vote: [] };
  const operator = validatorAddress.encode(moduleAddress("somebody"));

  it.each<readonly [string, Json, Json, RegExp]>([
    [
      "a starting number of zero",
      { starting_proposal_id: "0" },
      {},
      /starting_proposal_id: found 0, expected 1 or more/,
    ],
    ["no parameters", { params: null }, {}, /gov\.params: found nothing/],
    [
      "a proposal of a later number",
      { proposals: [{ ...proposal, id: "2" }] },
      {},
      /proposals\[0\]\.id: found 2, expected 1 to 1/,
    ],
    ["a proposal twice", { proposals: [proposal, proposal] }, {}, /proposals\[1\]\.id: found 1 again/],
    [
      "a proposal without a status",
      { proposals: [{ ...proposal, status: "PROPOSAL_STATUS_UNSPECIFIED" }] },
      {},
      /status: found 0/,
    ],
    [
      "a vote without an end",
      { proposals: [{ ...proposal, voting_end_time: null }] },
      {},
      /voting_end_time: found no time/,
    ],
    [
      "a proposal without its tally",
      { proposals: [{ ...proposal, final_tally_result: null }] },
      {},
      /final_tally_result: found nothing/,
    ],
    ["a deposit on nothing", { deposits: [deposit] }, {}, /deposits\[0\]\.proposal_id: found 1, expected a proposal/],
    ["a deposit twice", { proposals: [proposal], deposits: [deposit, deposit] }, {}, /deposits\[1\]: found .* again/],
    [
      "a deposit of nobody",
      { proposals: [proposal], deposits: [{ ...deposit, depositor: "x" }] },
      {},
      /depositor: found "x"/,
    ],
    [
      "a deposit of no coins",
      { proposals: [proposal], deposits: [{ ...deposit, amount: [{ denom: "uweir", amount: "0" }] }] },
      {},
      /amount: found/,
    ],
    ["a vote on nothing", { votes: [vote] }, {}, /votes\[0\]\.proposal_id: found 1/],
    ["a vote twice", { proposals: [proposal], votes: [vote, vote] }, {}, /votes\[1\]: found .* again/],
    [
      "a vote of too much",
      { proposals: [proposal], votes: [{ ...vote, options: [...vote.options, ...vote.options] }] },
      {},
      /options: found .* whose weights make one/,
    ],
    [
      "a count of what is not voted on",
      {},
      { tallies: [{ proposal_id: "1", tally }] },
      /tallies\[0\]: found proposal 1 of status none/,
    ],
    [
      "a count without its parameters",
      { proposals: [proposal] },
      { tallies: [{ proposal_id: "1", tally: { ...tally, params: null } }] },
      /tally: found no tally with its params/,
    ],
    [
      "a negative count",
      { proposals: [proposal] },
      { tallies: [{ proposal_id: "1", tally: { ...tally, yes: "-1" } }] },
      /yes: found/,
    ],
    [
      "a noted validator without a count",
      { proposals: [proposal] },
      { tally_validators: [{ proposal_id: "1", validator_address: operator, validator: noted }] },
      /a proposal that is counted/,
    ],
    [
      "a noted validator without shares",
      { proposals: [proposal] },
      {
        tallies: [{ proposal_id: "1", tally }],
        tally_validators: [
          { proposal_id: "1", validator_address: operator, validator: { ...noted, delegator_shares: "0" } },
        ],
      },
      /delegator_shares: found .* above 0/,
    ],
    [
      "more deductions than shares",
      { proposals: [proposal] },
      {
        tallies: [{ proposal_id: "1", tally }],
        tally_validators: [{ proposal_id: "1", validator_address: operator, validator: { ...noted, deductions: "6" } }],
      },
      /deductions: found/,
    ],
    [
      "a delay of what did not pass",
      { proposals: [proposal] },
      { delayed: [{ proposal_id: "1", acts_at: "2026-01-01T00:00:00Z" }] },
      /delayed\[0\]: found proposal 1 of status 2/,
    ],
    [
      "a delay without an end",
      { proposals: [{ ...proposal, status: "PROPOSAL_STATUS_PASSED" }] },
      { delayed: [{ proposal_id: "1", acts_at: null }] },
      /acts_at: found nothing/,
    ],
    ["an economic vote on nothing", {}, { economic: ["1"] }, /economic\[0\]: found 1/],
    [
      "a longer vote that is shorter",
      {},
      {
        params: {
          economic_voting_period: "1s",
          economic_delay: "1s",
          execution_gas_max: "1000000",
          voting_proposals_max: "5",
          tally_page: "100",
        },
      },
      /economic_voting_period is 1s; expected at least the voting_period, 168h0m0s/,
    ],
  ])("refuses %s", (_what, changes, own, text) => {
    const state = gov.genesis.toJson(gov.genesis.default()) as { readonly weir: object };
    const json = { ...state, starting_proposal_id: "2", ...changes, weir: { ...state.weir, ...own } };
    expect(() => gov.genesis.parse(json)).toThrow(text);
  });

  it("refuses deposits that nobody holds", () => {
    const state = gov.genesis.toJson(gov.genesis.default()) as object;
    const total = [{ denom: "uweir", amount: `${minimumDeposit}` }];
    const held = {
      ...state,
      starting_proposal_id: "2",
      proposals: [{ ...proposal, total_deposit: total }],
      deposits: [{ ...deposit, amount: total }],
    };
    expect(() => testChain({ gov: held })).toThrow(
      /nothing of the account gov, expected 10000000uweir, the sum of its deposits/,
    );
  });
});
