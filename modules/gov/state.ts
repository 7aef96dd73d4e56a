/** What gov stores: at the SDK's keys (cosmos-sdk x/gov/types/keys.go) what it stores too, from 64 on what is this chain's own. */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, pair, prefixedAddressKey, uint64Key } from "../../chain/keycodec.ts";
import { bytesValue, stringValue, uint64Value } from "../../chain/valuecodec.ts";
import { Deposit, Params, Proposal, Vote } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import * as weir from "../../proto/gen/weir/gov/v1/state.ts";

export const storeName = "gov";

const store = collections(storeName);

export const proposals = store.map(0, "proposals", uint64Key, messageCodec(Proposal));

/** Proposals that are voted on, by the end of the vote. */
export const activeQueue = store.timeQueue(1, "active_proposals_queue", uint64Key, uint64Value);

/** Proposals that collect deposits, by the end of that. */
export const inactiveQueue = store.timeQueue(2, "inactive_proposals_queue", uint64Key, uint64Value);

export const proposalId = store.sequence(3, "proposal_id");

export const votingProposals = store.map(4, "voting_period_proposals", uint64Key, bytesValue);

/** By proposal and depositor. */
export const deposits = store.map(16, "deposits", pair(uint64Key, prefixedAddressKey), messageCodec(Deposit));

/** By proposal and voter. */
export const votes = store.map(32, "votes", pair(uint64Key, prefixedAddressKey), messageCodec(Vote));

export const params = store.item(48, "params", messageCodec(Params));

/** A text that a chain may give itself; none where it is empty (ADR 0009). */
export const constitution = store.item(49, "constitution", stringValue);

// ------------------------------------------------------------------------------------------------------- this chain's own

export const weirParams = store.item(64, "weir_params", messageCodec(weir.Params));

/** Votes that have ended and are being counted, in the order of their proposals. */
export const tallies = store.map(65, "tallies", uint64Key, messageCodec(weir.Tally));

/** By proposal and operator. */
export const tallyValidators = store.map(
  66,
  "tally_validators",
  pair(uint64Key, addressKey),
  messageCodec(weir.TallyValidator),
);

/** Accepted proposals that wait, by when they act. */
export const delayedQueue = store.timeQueue(67, "delayed_queue", uint64Key, uint64Value);

/** Proposals whose vote is, or was, the longer one. */
export const economicProposals = store.keySet(68, "economic_proposals", uint64Key);

/** Cancelled proposals whose votes are not all removed yet. */
export const abandonedVotes = store.keySet(69, "abandoned_votes", uint64Key);

/** Proposals whose deposits are given back or burned, while that goes on. */
export const settlements = store.map(70, "settlements", uint64Key, uint64Value);

export const state = {
  proposals,
  activeQueue,
  inactiveQueue,
  proposalId,
  votingProposals,
  deposits,
  votes,
  params,
  constitution,
  weirParams,
  tallies,
  tallyValidators,
  delayedQueue,
  economicProposals,
  abandonedVotes,
  settlements,
};
