/** Gov's part of genesis.json: the SDK's JSON, and under "weir" what is this chain's own. Owns what is refused before the chain starts. */
import { accountAddress, moduleAddress, validatorAddress } from "../../chain/address.ts";
import { coinsEqual, coinsFromProto, formatCoins, sumCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis } from "../../chain/module.ts";
import { rangeProblem } from "../../chain/parameters.ts";
import { fieldError, fromJson, toJson } from "../../chain/protojson.ts";
import { GenesisState } from "../../proto/gen/cosmos/gov/v1/genesis.ts";
import { GenesisState as WeirGenesis } from "../../proto/gen/weir/gov/v1/genesis.ts";
import { getModuleAccount } from "../auth/index.ts";
import { balancesOf } from "../bank/index.ts";
import { burn, refund } from "./deposits.ts";
import { checkRecords, checkWeirRecords } from "./genesischecks.ts";
import { getParams, getWeirParams, govAccountName, inDepositPeriod, inVotingPeriod, setProposal } from "./keeper.ts";
import { parameters, weirParameters } from "./parameters.ts";
import {
  defaultParams,
  defaultWeirParams,
  type Params,
  paramsProblem,
  type WeirParams,
  weirParamsProblem,
} from "./params.ts";
import * as state from "./state.ts";

export interface GovGenesis {
  readonly standard: GenesisState;
  readonly weir: WeirGenesis;
}

const at = "app_state.gov";

const noWeirRecords: WeirGenesis = {
  params: defaultWeirParams,
  tallies: [],
  tallyValidators: [],
  delayed: [],
  economic: [],
  refunding: [],
  burning: [],
};

const defaultGenesis: GovGenesis = {
  standard: { ...GenesisState.fromPartial({}), startingProposalId: 1n, params: defaultParams },
  weir: noWeirRecords,
};

function readParams(found: Params | undefined): Params {
  if (found === undefined) throw fieldError(`${at}.params`, "nothing", "gov's parameters");
  const problem = paramsProblem(found) ?? rangeProblem(parameters, found);
  if (problem !== undefined) throw fieldError(`${at}.params`, problem, "parameters in their bounds");
  return found;
}

/** A genesis of the SDK's kind has none: then the longer vote is at least the normal one. */
function readWeirParams(found: WeirParams | undefined, params: Params): WeirParams {
  const path = `${at}.weir.params`;
  if (found === undefined) throw fieldError(path, "nothing", "the parameters of this chain's own governance");
  const problem = rangeProblem(weirParameters, found) ?? weirParamsProblem(found, params);
  if (problem !== undefined) throw fieldError(path, problem, "parameters in their bounds");
  return found;
}

function parse(json: unknown): GovGenesis {
  const { weir: own, ...rest } = typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  const standard = fromJson<GenesisState>(GenesisState.$type, own === undefined ? json : rest, at);
  const weir = own === undefined ? noWeirRecords : fromJson<WeirGenesis>(WeirGenesis.$type, own, `${at}.weir`);
  const params = readParams(standard.params);
  readWeirParams(weir.params, params);
  if (standard.startingProposalId === 0n) throw fieldError(`${at}.starting_proposal_id`, "0", "1 or more");
  checkRecords(standard, weir, at);
  checkWeirRecords(standard, weir, `${at}.weir`);
  return { standard, weir };
}

// ------------------------------------------------------------------------------------------------------------- start and end

function init(ctx: Context, { standard, weir }: GovGenesis): undefined {
  state.proposalId.set(ctx, standard.startingProposalId);
  state.params.set(ctx, standard.params!);
  state.weirParams.set(ctx, weir.params!);
  if (standard.constitution !== "") state.constitution.set(ctx, standard.constitution);
  getModuleAccount(ctx, govAccountName);
  initRecords(ctx, standard);
  initWeirRecords(ctx, weir);
  const [balance, deposited] = [
    balancesOf(ctx, moduleAddress(govAccountName)),
    sumCoins(standard.deposits.map(({ amount }) => coinsFromProto(amount))),
  ];
  if (!coinsEqual(balance, deposited)) {
    throw fieldError(
      "app_state.bank.balances",
      `${formatCoins(balance) || "nothing"} of the account ${govAccountName}`,
      `${formatCoins(deposited) || "nothing"}, the sum of its deposits`,
    );
  }
}

function initRecords(ctx: Context, { deposits, votes, proposals }: GenesisState): void {
  for (const deposit of deposits) {
    state.deposits.set(ctx, [deposit.proposalId, accountAddress.decode(deposit.depositor)], deposit);
  }
  for (const vote of votes) state.votes.set(ctx, [vote.proposalId, accountAddress.decode(vote.voter)], vote);
  for (const proposal of proposals) {
    const { id, status, depositEndTime, votingEndTime } = proposal;
    if (status === inDepositPeriod) state.inactiveQueue.set(ctx, [depositEndTime!, id], id);
    if (status === inVotingPeriod) state.activeQueue.set(ctx, [votingEndTime!, id], id);
    setProposal(ctx, proposal);
  }
}

function initWeirRecords(ctx: Context, weir: WeirGenesis): void {
  for (const { proposalId, tally } of weir.tallies) state.tallies.set(ctx, proposalId, tally!);
  for (const { proposalId, validatorAddress: operator, validator } of weir.tallyValidators) {
    state.tallyValidators.set(ctx, [proposalId, validatorAddress.decode(operator)], validator!);
  }
  for (const { proposalId, actsAt } of weir.delayed) state.delayedQueue.set(ctx, [actsAt!, proposalId], proposalId);
  for (const id of weir.economic) state.economicProposals.add(ctx, id);
  for (const id of weir.refunding) state.settlements.set(ctx, id, refund);
  for (const id of weir.burning) state.settlements.set(ctx, id, burn);
}

/** Votes of cancelled proposals, which are still being removed, are not told any more. */
function exportGenesis(ctx: ReadContext): GovGenesis {
  const settlements = [...state.settlements.iterate(ctx)];
  const ids = (kind: bigint) => settlements.filter(([, other]) => other === kind).map(([id]) => id);
  const standard: GenesisState = {
    ...GenesisState.fromPartial({}),
    startingProposalId: state.proposalId.peek(ctx),
    proposals: [...state.proposals.iterate(ctx)].map(([, proposal]) => proposal),
    deposits: [...state.deposits.iterate(ctx)].map(([, deposit]) => deposit),
    votes: [...state.votes.iterate(ctx)].filter(([[id]]) => state.proposals.has(ctx, id)).map(([, vote]) => vote),
    params: getParams(ctx),
    constitution: state.constitution.get(ctx) ?? "",
  };
  const weir: WeirGenesis = {
    params: getWeirParams(ctx),
    tallies: [...state.tallies.iterate(ctx)].map(([proposalId, tally]) => ({ proposalId, tally })),
    tallyValidators: [...state.tallyValidators.iterate(ctx)].map(([[proposalId, operator], validator]) => ({
      proposalId,
      validatorAddress: validatorAddress.encode(operator),
      validator,
    })),
    delayed: [...state.delayedQueue.keys(ctx)].map(([actsAt, proposalId]) => ({ proposalId, actsAt })),
    economic: [...state.economicProposals.keys(ctx)],
    refunding: ids(refund),
    burning: ids(burn),
  };
  return { standard, weir };
}

export const genesis: Genesis<GovGenesis> = {
  default: () => defaultGenesis,
  parse,
  toJson: ({ standard, weir }) => ({
    ...(toJson(GenesisState.$type, standard) as object),
    weir: toJson(WeirGenesis.$type, weir),
  }),
  init,
  export: exportGenesis,
};
