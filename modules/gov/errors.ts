/** Gov's errors, with the numbers and texts of cosmos-sdk x/gov/types/errors.go; from 40 on this chain's own. They are for ever. */
import { ChainError, unregistered } from "../../chain/errors.ts";

const gov = (code: number, text: string, detail?: string) =>
  new ChainError("gov", code, detail === undefined ? text : `${detail}: ${text}`);

export const inactiveProposal = (detail: string) => gov(3, "inactive proposal", detail);
export const invalidProposalContent = (detail: string) => gov(5, "invalid proposal content", detail);
export const invalidVote = (detail: string) => gov(7, "invalid vote option", detail);
export const noProposalHandlerExists = (detail: string) => gov(9, "no handler exists for proposal type", detail);
export const unroutableProposalMessage = (detail: string) =>
  gov(10, "proposal message not recognized by router", detail);
export const noProposalMessages = (detail: string) => gov(11, "no messages proposed", detail);
export const invalidProposalMessage = (detail: string) => gov(12, "invalid proposal message", detail);
export const metadataTooLong = (detail: string) => gov(15, "metadata too long", detail);
export const minimumDepositTooSmall = (detail: string) => gov(16, "minimum deposit is too small", detail);
export const invalidProposer = (detail: string) => gov(18, "invalid proposer", detail);
export const votingPeriodEnded = (detail: string) => gov(20, "voting period already ended", detail);
export const invalidProposal = (detail: string) => gov(21, "invalid proposal", detail);
export const summaryTooLong = (detail: string) => gov(22, "summary too long", detail);
export const invalidDepositDenom = (detail: string) => gov(23, "invalid deposit denom", detail);

/** How the SDK's collections say that there is no such proposal. */
export const noProposal = (id: bigint) =>
  unregistered(`collections: not found: key '${id}' of type github.com/cosmos/gogoproto/cosmos.gov.v1.Proposal`);

export const parameterIsFixed = (name: string, message: string) =>
  gov(40, `${message} would change ${name}, which no vote changes; propose all params with it as it is`);

export const tooManyMessages = (count: number, most: number) =>
  gov(41, `a proposal of ${count} messages; expected at most ${most}: make several proposals of it`);

export const proposalTooLarge = (size: number, most: number) =>
  gov(
    42,
    `a proposal of ${size} bytes; expected at most ${most}: put long texts elsewhere and name them in the metadata`,
  );

export const messageNotForProposals = (typeUrl: string, why: string) => gov(43, `${typeUrl} in a proposal: ${why}`);

export const economicIsNotExpedited = (names: string) =>
  gov(
    44,
    `an expedited proposal would change ${names}: an economic change has the longer vote; propose it without expedited`,
  );

export const tooManyVotes = (most: bigint) =>
  gov(45, `${most} proposals are voted on already, the most at one time; deposit the rest when one of them has ended`);

export const notDelayed = (id: bigint) =>
  gov(46, `proposal ${id} does not wait: see the delayed ones by weir query gov delayed`);

export const changedMeanwhile = (names: string) =>
  gov(47, `it would now change ${names}, which is economic, but its vote was the normal one; propose it anew`);

export const spendsDeposits = () =>
  gov(48, "it would change what the gov account holds, which are deposits of proposals; spend from the community pool");

export const unusableParams = (problem: string) => gov(49, `${problem}; propose all params within their ranges`);
