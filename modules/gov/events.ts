/** Gov's events, with the types and attributes of cosmos-sdk x/gov/types/events.go; delays are this chain's own. */
import type { Timestamp } from "../../chain/context.ts";
import { event } from "../../chain/events.ts";
import { formatJsonTime } from "../../chain/rfc3339.ts";
import type { WeightedVoteOption } from "../../proto/gen/cosmos/gov/v1/gov.ts";

/** `messages` as the SDK lists them: each type URL behind a comma. */
export const submitted = (id: bigint, proposer: string, messages: string) =>
  event("submit_proposal", { proposal_id: `${id}`, proposal_proposer: proposer, proposal_messages: messages });

export const votingStartedAtSubmission = (id: bigint) => event("submit_proposal", { voting_period_start: `${id}` });

export const votingStartedByDeposit = (id: bigint) => event("proposal_deposit", { voting_period_start: `${id}` });

export const deposited = (id: bigint, depositor: string, amount: string) =>
  event("proposal_deposit", { depositor, amount, proposal_id: `${id}` });

/** Beside the SDK's events, which do not say whose the coins were that a vote, or giving a proposal up, cost. */
export const depositLost = (id: bigint, depositor: string, amount: string) =>
  event("proposal_deposit_lost", { proposal_id: `${id}`, depositor, amount });

/** As Go's JSON of the options. */
export const optionsText = (options: readonly WeightedVoteOption[]): string =>
  JSON.stringify(options.map(({ option, weight }) => ({ ...(option === 0 ? {} : { option }), weight })));

export const voted = (id: bigint, voter: string, options: readonly WeightedVoteOption[]) =>
  event("proposal_vote", { voter, option: optionsText(options), proposal_id: `${id}` });

export const cancelled = (id: bigint, sender: string) => event("cancel_proposal", { sender, proposal_id: `${id}` });

export const dropped = (id: bigint) =>
  event("inactive_proposal", { proposal_id: `${id}`, proposal_result: "proposal_dropped" });

export type Result =
  | "proposal_passed"
  | "proposal_rejected"
  | "expedited_proposal_rejected"
  | "proposal_failed"
  | "proposal_delayed";

export const concluded = (id: bigint, result: Result, log: string) =>
  event("active_proposal", { proposal_id: `${id}`, proposal_result: result, proposal_log: log });

export const delayed = (id: bigint, actsAt: Timestamp) =>
  event("proposal_delayed", { proposal_id: `${id}`, acts_at: formatJsonTime(actsAt) });

export const acted = (id: bigint, result: Result, log: string) =>
  event("proposal_acted", { proposal_id: `${id}`, result, log });

export const delayCancelled = (id: bigint) => event("proposal_delay_cancelled", { proposal_id: `${id}` });

export const parameterChanged = (id: bigint, module: string, name: string, before: string, after: string) =>
  event("parameter_changed", { proposal_id: `${id}`, module, name, before, after });
