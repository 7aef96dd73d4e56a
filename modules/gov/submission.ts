/** A proposal is made and withdrawn (cosmos-sdk x/gov/keeper/proposal.go and msg_server.go). Owns what is refused before any vote, and in which order. */
import { accountAddress } from "../../chain/address.ts";
import type { Coins } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { ChainError, sdk } from "../../chain/errors.ts";
import { storeGas } from "../../chain/gas.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import { Proposal } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { economicNames, meaningOf, type OpenMessage, openMessage, openProposed, type Router } from "./constitution.ts";
import { noVotes, resultOf } from "./count.ts";
import { addDeposit, chargeDeposits, requireInitialDeposit } from "./deposits.ts";
import {
  economicIsNotExpedited,
  invalidProposal,
  invalidProposalContent,
  invalidProposer,
  noProposalMessages,
  votingPeriodEnded,
} from "./errors.ts";
import { submitted, votingStartedAtSubmission } from "./events.ts";
import {
  deleteProposal,
  getParams,
  inDepositPeriod,
  inVotingPeriod,
  isCounted,
  requireProposal,
  setProposal,
} from "./keeper.ts";
import { execLegacyUrl } from "./legacy.ts";
import {
  metadataLengthMax,
  requireMessageCount,
  requireMetadataLength,
  requireProposalSize,
  requireSummaryLength,
} from "./limits.ts";
import { abandonedVotes, inactiveQueue, proposalId, votes } from "./state.ts";

export interface Submission {
  readonly messages: readonly Any[];
  readonly proposer: Uint8Array;
  readonly deposit: Coins;
  readonly metadata: string;
  readonly title: string;
  readonly summary: string;
  readonly expedited: boolean;
}

// --------------------------------------------------------------------------------------------------------------- the metadata

const metadataFields: readonly string[] = ["title", "summary", "details", "proposal_forum_url", "vote_option_context"];

/** As Go reads JSON into its ProposalMetadata: names in any case, null left out; undefined where it is none of that shape. */
function readMetadata(metadata: string): Readonly<Record<string, string>> | undefined {
  if (metadata.length > metadataLengthMax) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(metadata);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (json === null) return {};
  if (typeof json !== "object" || Array.isArray(json)) return undefined;
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    const field = name.toLowerCase();
    if (field === "authors") {
      if (value !== null && !(Array.isArray(value) && value.every((author) => typeof author === "string")))
        return undefined;
    } else if (metadataFields.includes(field) && value !== null) {
      if (typeof value !== "string") return undefined;
      read[field] = value;
    }
  }
  return read;
}

/** Whoever repeats title and summary in the metadata says the same there. Metadata of another shape is the client's affair. */
function requireSameTexts({ metadata, title, summary }: Submission): void {
  const read = metadata === "" ? undefined : readMetadata(metadata);
  if (read === undefined) return;
  const { title: otherTitle = "", summary: otherSummary = "" } = read;
  if (otherTitle !== title) {
    throw invalidProposalContent(`metadata title '${otherTitle}' must equal proposal title '${title}'`);
  }
  if (otherSummary !== summary) {
    throw invalidProposalContent(`metadata summary '${otherSummary}' must equal proposal summary '${summary}'`);
  }
}

export function requireTexts({
  messages,
  metadata,
  title,
  summary,
}: Omit<Submission, "deposit" | "expedited" | "proposer">): void {
  if (title === "") throw sdk.invalidRequest("proposal title cannot be empty");
  if (summary === "") throw sdk.invalidRequest("proposal summary cannot be empty");
  if (messages.length === 0 && metadata === "") {
    throw noProposalMessages("either metadata or Msgs length must be non-nil");
  }
  requireMessageCount(messages.length);
}

// ----------------------------------------------------------------------------------------------------------------- submitting

/** A content is tried out before anybody votes on it. */
function tryContents(ctx: Context, opened: readonly OpenMessage[]): void {
  for (const { typeUrl, handler, value } of opened) {
    if (typeUrl !== execLegacyUrl) continue;
    try {
      handler.execute(ctx, value);
    } catch (error) {
      if (!(error instanceof ChainError) || (error.codespace === "gov" && error.code === 9)) throw error;
      throw invalidProposalContent(error.message);
    }
  }
}

function requireProposable(ctx: Context, router: Router, { messages, expedited }: Submission): void {
  const opened = openProposed(router, messages);
  tryContents(ctx, opened);
  const meaning = meaningOf(ctx, router, opened);
  if (expedited && meaning.isEconomic) throw economicIsNotExpedited(economicNames(meaning));
}

function store(ctx: Context, submission: Submission): Proposal {
  const { messages, metadata, title, summary, expedited } = submission;
  const submitTime = ctx.block.time;
  const proposal: Proposal = {
    ...Proposal.fromPartial({}),
    id: proposalId.next(ctx),
    messages: [...messages],
    metadata,
    title,
    summary,
    expedited,
    status: inDepositPeriod,
    finalTallyResult: resultOf(noVotes()),
    submitTime,
    depositEndTime: addDuration(submitTime, getParams(ctx).maxDepositPeriod!),
    proposer: accountAddress.encode(submission.proposer),
  };
  const size = Proposal.encode(proposal).finish().length;
  requireProposalSize(size);
  setProposal(ctx, proposal);
  inactiveQueue.set(ctx, [proposal.depositEndTime!, proposal.id], proposal.id);
  const listed = messages.map(({ typeUrl }) => `,${typeUrl}`).join("");
  ctx.emit(submitted(proposal.id, proposal.proposer, listed));
  ctx.gas.consume(3n * storeGas.writePerByte * BigInt(size), "submit proposal");
  return proposal;
}

/** Which vote it takes as things are. */
export const isEconomicNow =
  (ctx: Context, router: Router) =>
  ({ messages }: Proposal): boolean =>
    meaningOf(
      ctx,
      router,
      messages.map((message) => openMessage(router, message)),
    ).isEconomic;

export function submit(ctx: Context, router: Router, submission: Submission): bigint {
  requireSameTexts(submission);
  requireInitialDeposit(ctx, submission.deposit, submission.expedited);
  requireMetadataLength(submission.metadata);
  requireSummaryLength(submission.summary);
  requireMetadataLength(submission.title);
  requireProposable(ctx, router, submission);
  const { id } = store(ctx, submission);
  const starts = addDeposit(ctx, id, submission.proposer, submission.deposit, isEconomicNow(ctx, router));
  if (starts) ctx.emit(votingStartedAtSubmission(id));
  return id;
}

// ----------------------------------------------------------------------------------------------------------------- cancelling

/** Votes are removed at the end of the block, or of the next ones where they are many. */
export function cancel(ctx: Context, id: bigint, proposer: string): void {
  const proposal = requireProposal(ctx, id);
  if (proposal.proposer === "") {
    throw invalidProposal(`proposal ${id} doesn't have proposer ${proposer}, so cannot be canceled`);
  }
  if (proposal.proposer !== proposer) throw invalidProposer(`invalid proposer ${proposer}`);
  if (proposal.status !== inDepositPeriod && proposal.status !== inVotingPeriod) {
    throw invalidProposal("proposal should be in the deposit or voting period");
  }
  const { votingEndTime } = proposal;
  const isOver = votingEndTime !== undefined && compareTimes(votingEndTime, ctx.block.time) < 0;
  if (isOver || isCounted(ctx, id)) {
    throw votingPeriodEnded(`voting period is already ended for this proposal ${id}`);
  }
  chargeDeposits(ctx, id);
  if (votes.keys(ctx, { leading: [id] }).next().done === false) abandonedVotes.add(ctx, id);
  deleteProposal(ctx, proposal);
}
