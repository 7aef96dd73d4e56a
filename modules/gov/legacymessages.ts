/** The messages of gov v1beta1, which say the same as those of v1 (cosmos-sdk x/gov/keeper/msg_server.go legacyMsgServer). */
import { coinsFromProto } from "../../chain/coins.ts";
import { decFromProto, formatDec } from "../../chain/dec.ts";
import { message } from "../../chain/handlers.ts";
import * as proto from "../../proto/gen/cosmos/gov/v1beta1/tx.ts";
import { addressOf, depositOf } from "./arguments.ts";
import type { Router } from "./constitution.ts";
import { addDeposit } from "./deposits.ts";
import { votingStartedByDeposit } from "./events.ts";
import { legacyMessage, openContent } from "./legacy.ts";
import { isEconomicNow, submit } from "./submission.ts";
import { castVote, requireOption, requireWeights, wholeVote } from "./votes.ts";

const submitProposal = (router: Router) =>
  message(proto.MsgSubmitProposal, proto.MsgSubmitProposalResponse, {
    signers: (msg) => [msg.proposer],
    validate(msg) {
      openContent(msg.content);
      addressOf(msg.proposer, "proposer");
      coinsFromProto(msg.initialDeposit);
    },
    execute(ctx, msg) {
      const { title, description } = openContent(msg.content);
      const proposalId = submit(ctx, router, {
        messages: [legacyMessage(msg.content!)],
        proposer: addressOf(msg.proposer, "proposer"),
        deposit: coinsFromProto(msg.initialDeposit),
        metadata: "",
        title,
        summary: description,
        expedited: false,
      });
      return { proposalId };
    },
  });

const deposit = (router: Router) =>
  message(proto.MsgDeposit, proto.MsgDepositResponse, {
    signers: (msg) => [msg.depositor],
    validate(msg) {
      addressOf(msg.depositor, "depositor");
      depositOf(msg.amount);
    },
    execute(ctx, msg) {
      const depositor = addressOf(msg.depositor, "depositor");
      const starts = addDeposit(ctx, msg.proposalId, depositor, depositOf(msg.amount), isEconomicNow(ctx, router));
      if (starts) ctx.emit(votingStartedByDeposit(msg.proposalId));
      return {};
    },
  });

const vote = message(proto.MsgVote, proto.MsgVoteResponse, {
  signers: (msg) => [msg.voter],
  validate(msg) {
    addressOf(msg.voter, "voter");
    requireOption(msg.option);
  },
  execute(ctx, msg) {
    castVote(ctx, msg.proposalId, addressOf(msg.voter, "voter"), wholeVote(msg.option), "");
    return {};
  },
});

const optionsOf = (msg: proto.MsgVoteWeighted) =>
  msg.options.map(({ option, weight }) => ({ option, weight: formatDec(decFromProto(weight)) }));

const voteWeighted = message(proto.MsgVoteWeighted, proto.MsgVoteWeightedResponse, {
  signers: (msg) => [msg.voter],
  validate(msg) {
    addressOf(msg.voter, "voter");
    requireWeights(optionsOf(msg));
  },
  execute(ctx, msg) {
    castVote(ctx, msg.proposalId, addressOf(msg.voter, "voter"), optionsOf(msg), "");
    return {};
  },
});

export const legacyMessagesOver = (router: Router) => ({
  "/cosmos.gov.v1beta1.MsgSubmitProposal": submitProposal(router),
  "/cosmos.gov.v1beta1.MsgDeposit": deposit(router),
  "/cosmos.gov.v1beta1.MsgVote": vote,
  "/cosmos.gov.v1beta1.MsgVoteWeighted": voteWeighted,
});
