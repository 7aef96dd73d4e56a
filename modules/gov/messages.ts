/** Gov's messages, v1 and this chain's own, refused in the order and words of cosmos-sdk x/gov/keeper/msg_server.go. */
import { authorityAddress, invalidSigner, requireAuthority } from "../../chain/authority.ts";
import { coinsFromProto } from "../../chain/coins.ts";
import { message } from "../../chain/handlers.ts";
import type { AnyMessageHandler } from "../../chain/module.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import * as proto from "../../proto/gen/cosmos/gov/v1/tx.ts";
import * as weir from "../../proto/gen/weir/gov/v1/tx.ts";
import { addressOf, depositOf } from "./arguments.ts";
import type { Router } from "./constitution.ts";
import { cancelDelayed } from "./delayed.ts";
import { addDeposit } from "./deposits.ts";
import { unusableParams } from "./errors.ts";
import { cancelled, votingStartedByDeposit } from "./events.ts";
import { openContent } from "./legacy.ts";
import { legacyMessagesOver } from "./legacymessages.ts";
import { parameters, paramsOf, weirParameters, weirParamsOf } from "./parameters.ts";
import { paramsProblem } from "./params.ts";
import { params, weirParams } from "./state.ts";
import { cancel, isEconomicNow, requireTexts, submit } from "./submission.ts";
import { castVote, requireOption, requireWeights, wholeVote } from "./votes.ts";

const submitProposal = (router: Router) =>
  message(proto.MsgSubmitProposal, proto.MsgSubmitProposalResponse, {
    signers: (msg) => [msg.proposer],
    validate(msg) {
      requireTexts(msg);
      addressOf(msg.proposer, "proposer");
      coinsFromProto(msg.initialDeposit);
    },
    execute(ctx, msg) {
      requireTexts(msg);
      const proposer = addressOf(msg.proposer, "proposer");
      return { proposalId: submit(ctx, router, { ...msg, proposer, deposit: coinsFromProto(msg.initialDeposit) }) };
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
    castVote(ctx, msg.proposalId, addressOf(msg.voter, "voter"), wholeVote(msg.option), msg.metadata);
    return {};
  },
});

const voteWeighted = message(proto.MsgVoteWeighted, proto.MsgVoteWeightedResponse, {
  signers: (msg) => [msg.voter],
  validate(msg) {
    addressOf(msg.voter, "voter");
    requireWeights(msg.options);
  },
  execute(ctx, msg) {
    castVote(ctx, msg.proposalId, addressOf(msg.voter, "voter"), msg.options, msg.metadata);
    return {};
  },
});

const cancelProposal = message(proto.MsgCancelProposal, proto.MsgCancelProposalResponse, {
  signers: (msg) => [msg.proposer],
  validate(msg) {
    addressOf(msg.proposer, "proposer");
  },
  execute(ctx, { proposalId, proposer }) {
    cancel(ctx, proposalId, proposer);
    ctx.emit(cancelled(proposalId, proposer));
    return { proposalId, canceledTime: ctx.block.time, canceledHeight: ctx.block.height };
  },
});

/** A text that was accepted changes nothing: that it was accepted is what it is for. */
const execLegacyContent = message(proto.MsgExecLegacyContent, proto.MsgExecLegacyContentResponse, {
  signers: (msg) => [msg.authority],
  validate(msg) {
    if (msg.authority !== authorityAddress()) {
      throw invalidSigner(`expected ${authorityAddress()} got ${msg.authority}`);
    }
    openContent(msg.content);
  },
  execute(_ctx, msg) {
    openContent(msg.content);
    return {};
  },
});

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  store: params.set,
});

const updateWeirParams = parameterUpdate(weir.MsgUpdateParams, weir.MsgUpdateParamsResponse, weirParameters, {
  params: weirParamsOf,
  problem: () => undefined,
  refusal: unusableParams,
  store: weirParams.set,
});

const cancelDelayedHandler = message(weir.MsgCancelDelayed, weir.MsgCancelDelayedResponse, {
  signers: (msg) => [msg.authority],
  validate(msg) {
    requireAuthority(msg.authority);
  },
  execute(ctx, { proposalId }) {
    cancelDelayed(ctx, proposalId);
    return {};
  },
});

/** `router` has the messages and parameters of every module of the chain. */
export const messagesOver = (router: Router): Readonly<Record<string, AnyMessageHandler>> => ({
  "/cosmos.gov.v1.MsgSubmitProposal": submitProposal(router),
  "/cosmos.gov.v1.MsgDeposit": deposit(router),
  "/cosmos.gov.v1.MsgVote": vote,
  "/cosmos.gov.v1.MsgVoteWeighted": voteWeighted,
  "/cosmos.gov.v1.MsgCancelProposal": cancelProposal,
  "/cosmos.gov.v1.MsgExecLegacyContent": execLegacyContent,
  "/cosmos.gov.v1.MsgUpdateParams": updateParams,
  ...legacyMessagesOver(router),
  "/weir.gov.v1.MsgUpdateParams": updateWeirParams,
  "/weir.gov.v1.MsgCancelDelayed": cancelDelayedHandler,
});
