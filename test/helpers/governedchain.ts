/** A staked chain whose accounts propose, deposit and vote: short words for what tests of governance do again and again. */
import { accountAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { weir } from "../../modules/index.ts";
import type { Proposal, VoteOption } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import type { Standing } from "../../proto/gen/weir/gov/v1/query.ts";
import { type StakedChain, type StakedChainOptions, stakedChain } from "./stakedchain.ts";
import type { Outcome } from "./testchain.ts";

export const yes = 1;
export const abstain = 2;
export const no = 3;
export const veto = 4;

export interface GovernedChain extends StakedChain {
  propose(terms?: ProposalTerms): Outcome;
  deposit(id: bigint, account: number, amount: bigint): Outcome;
  vote(id: bigint, account: number, option: VoteOption): Outcome;
  split(id: bigint, account: number, weights: Readonly<Record<number, string>>): Outcome;
  cancel(id: bigint, account: number): Outcome;
  proposal(id: bigint): Proposal;
  standing(id: bigint): Standing;
  /** The end of a block of this module, after so many seconds; nothing else happens in it. */
  end(seconds?: bigint): readonly ChainEvent[];
}

export interface ProposalTerms {
  readonly by?: number;
  readonly messages?: readonly Any[];
  readonly deposit?: bigint;
  readonly expedited?: boolean;
  readonly title?: string;
  readonly summary?: string;
  readonly metadata?: string;
}

/** Any module's message, signed by governance. */
export function governed(typeUrl: string, value: object): Any {
  const handler = weir.modules.flatMap(({ messages }) => messages[typeUrl] ?? [])[0];
  if (handler === undefined) throw new Error(`no module handles ${typeUrl}`);
  const message = handler.request.fromPartial({ authority: authorityAddress(), ...value });
  return { typeUrl, value: handler.request.encode(message) };
}

/** Params of a module as they are now, with changes. */
export function changed(chain: StakedChain, typeUrl: string, changes: object): Any {
  const parameters = weir.modules
    .flatMap((module) => module.parameters ?? [])
    .find(({ message }) => message === typeUrl);
  if (parameters === undefined) throw new Error(`no module declares ${typeUrl}`);
  return governed(typeUrl, { params: { ...parameters.read(chain.context()), ...changes } });
}

export const minimumDeposit = 10_000_000n;

export const govGenesis = (params: object = {}, weirParams: object = {}): Record<string, unknown> => {
  const { genesis } = weir.modules.find(({ name }) => name === "gov")!;
  const state = genesis.toJson(genesis.default()) as { params: object; weir: { params: object } };
  return {
    ...state,
    params: {
      ...state.params,
      min_deposit: [{ denom: "uweir", amount: `${minimumDeposit}` }],
      expedited_min_deposit: [{ denom: "uweir", amount: `${minimumDeposit * 5n}` }],
      max_deposit_period: "200s",
      voting_period: "100s",
      expedited_voting_period: "50s",
      ...params,
    },
    weir: {
      ...state.weir,
      params: { ...state.weir.params, economic_voting_period: "300s", economic_delay: "400s", ...weirParams },
    },
  };
};

export function governedChain(
  options: StakedChainOptions & { readonly gov?: object; readonly weirGov?: object } = {},
): GovernedChain {
  const appState = { gov: govGenesis(options.gov, options.weirGov), ...options.appState };
  const chain = stakedChain({ ...options, appState });
  const name = (index: number) => accountAddress.encode(chain.accounts[index]!);
  const message = (type: string, value: object) => chain.message(`/cosmos.gov.v1.${type}`, value);
  const gov = chain.definition.modules.find((module) => module.name === "gov")!;
  return {
    ...chain,
    propose: ({ by = 0, messages = [], deposit = minimumDeposit, expedited = false, ...texts } = {}) =>
      message("MsgSubmitProposal", {
        messages,
        initialDeposit: deposit === 0n ? [] : [{ denom: "uweir", amount: `${deposit}` }],
        proposer: name(by),
        metadata: messages.length === 0 ? "text" : "",
        title: "Do it",
        summary: "It is good",
        expedited,
        ...texts,
      }),
    deposit: (proposalId, account, amount) =>
      message("MsgDeposit", {
        proposalId,
        depositor: name(account),
        amount: [{ denom: "uweir", amount: `${amount}` }],
      }),
    vote: (proposalId, account, option) =>
      message("MsgVote", { proposalId, voter: name(account), option, metadata: "" }),
    split: (proposalId, account, weights) =>
      message("MsgVoteWeighted", {
        proposalId,
        voter: name(account),
        options: Object.entries(weights).map(([option, weight]) => ({ option: Number(option), weight })),
        metadata: "",
      }),
    cancel: (proposalId, account) => message("MsgCancelProposal", { proposalId, proposer: name(account) }),
    proposal: (proposalId) =>
      chain.query<{ proposal: Proposal }>("/cosmos.gov.v1.Query/Proposal", { proposalId }).proposal,
    standing: (proposalId) =>
      chain.query<{ standing: Standing }>("/weir.gov.v1.Query/Standing", { proposalId }).standing,
    end(seconds = 5n) {
      const { height, time } = chain.context().block;
      chain.setBlock({ height: height + 1n, time: { ...time, seconds: time.seconds + seconds } });
      const ctx = chain.context();
      gov.endBlock?.(ctx);
      const broken = chain.broken();
      if (broken !== undefined) throw new Error(broken);
      return ctx.events;
    },
  };
}
