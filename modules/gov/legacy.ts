/**
 * Proposals as gov v1beta1 has them: a content in place of messages. Owns which contents there are (text; what others did is done by
 * messages now) and what a proposal of today looks like to clients of yesterday (cosmos-sdk x/gov/migrations/v3/convert.go).
 */
import { authorityAddress } from "../../chain/authority.ts";
import { decToProto, parseDec } from "../../chain/dec.ts";
import { sdk } from "../../chain/errors.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";
import type * as v1 from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { MsgExecLegacyContent } from "../../proto/gen/cosmos/gov/v1/tx.ts";
import * as v1beta1 from "../../proto/gen/cosmos/gov/v1beta1/gov.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { invalidProposalContent, noProposalHandlerExists } from "./errors.ts";

const textUrl = `/${v1beta1.TextProposal.$type}`;
export const execLegacyUrl = `/${MsgExecLegacyContent.$type}`;

/** cosmos-sdk x/gov/types/v1beta1: in bytes. */
const titleLengthMax = 140;
const descriptionLengthMax = 10_000;

const blank = /^\s*$/;

const isLonger = (text: string, most: number): boolean => text.length > most || encodeUtf8(text).length > most;

/** What a content says; throws where it is missing, of a kind that nothing handles, or too long. */
export function openContent(content: Any | undefined): v1beta1.TextProposal {
  if (content === undefined) throw invalidProposalContent("missing content");
  if (content.typeUrl !== textUrl) {
    throw noProposalHandlerExists(`${content.typeUrl}; propose the message that does it, by gov v1`);
  }
  const text = v1beta1.TextProposal.decode(content.value);
  if (blank.test(text.title)) throw invalidProposalContent("proposal title cannot be blank");
  if (isLonger(text.title, titleLengthMax)) {
    throw invalidProposalContent(`proposal title is longer than max length of ${titleLengthMax}`);
  }
  if (text.description === "") throw invalidProposalContent("proposal description cannot be blank");
  if (isLonger(text.description, descriptionLengthMax)) {
    throw invalidProposalContent(`proposal description is longer than max length of ${descriptionLengthMax}`);
  }
  return text;
}

/** As the message of today that carries it. */
export function legacyMessage(content: Any): Any {
  const value = MsgExecLegacyContent.encode({ content, authority: authorityAddress() }).finish();
  return { typeUrl: execLegacyUrl, value };
}

// ---------------------------------------------------------------------------------------------------------------- as it was

/** Go's zero time, where there is none yet. */
const noTime = { seconds: -62_135_596_800n, nanos: 0 };

export const legacyTally = (tally: v1.TallyResult | undefined): v1beta1.TallyResult => ({
  yes: tally?.yesCount || "0",
  abstain: tally?.abstainCount || "0",
  no: tally?.noCount || "0",
  noWithVeto: tally?.noWithVetoCount || "0",
});

/** A content where it has one, else its one message in place of it. */
export function legacyProposal(proposal: v1.Proposal): v1beta1.Proposal {
  const [message, ...others] = proposal.messages;
  if (message === undefined || others.length > 0) {
    const refused = sdk.invalidType(
      "can't convert a gov/v1 Proposal to gov/v1beta1 Proposal when amount of proposal messages not exactly one",
    );
    // How its baseapp tells what a query refuses without a status.
    throw sdk.unknownRequest(refused.message);
  }
  return {
    proposalId: proposal.id,
    content: message.typeUrl === execLegacyUrl ? MsgExecLegacyContent.decode(message.value).content : message,
    status: proposal.status,
    finalTallyResult: legacyTally(proposal.finalTallyResult),
    submitTime: proposal.submitTime ?? noTime,
    depositEndTime: proposal.depositEndTime ?? noTime,
    totalDeposit: proposal.totalDeposit,
    votingStartTime: proposal.votingStartTime ?? noTime,
    votingEndTime: proposal.votingEndTime ?? noTime,
  };
}

export const legacyVote = ({ proposalId, voter, options }: v1.Vote): v1beta1.Vote => ({
  proposalId,
  voter,
  option: v1beta1.VoteOption.VOTE_OPTION_UNSPECIFIED,
  options: options.map(({ option, weight }) => ({ option, weight: decToProto(parseDec(weight)) })),
});
