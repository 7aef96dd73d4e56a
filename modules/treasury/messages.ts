/** The treasury's messages. */
import { accountAddress } from "../../chain/address.ts";
import { requireAuthority } from "../../chain/authority.ts";
import { coinsFromProto, coinsProblem } from "../../chain/coins.ts";
import { sdk } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import * as proto from "../../proto/gen/weir/treasury/v1/tx.ts";
import { invalidParams, invalidPolicy, invalidSpend } from "./errors.ts";
import { parameters, paramsOf, paramsProblem } from "./params.ts";
import { denomsMax, policyProblem, setPolicy } from "./policy.ts";
import { type Asked, approve, fund, propose, spendProblem, withdraw } from "./spends.ts";
import { params } from "./state.ts";

const askedBy = ({ recipient, amount, reason }: proto.MsgProposeSpend): Asked => ({
  recipient,
  amount: coinsFromProto(amount),
  reason,
});

const proposeSpend = message(proto.MsgProposeSpend, proto.MsgProposeSpendResponse, {
  signers: ({ member }) => [member],
  validate(msg) {
    accountAddress.decode(msg.member);
    const problem = spendProblem(askedBy(msg));
    if (problem !== undefined) throw invalidSpend(problem);
  },
  execute: (ctx, msg) => propose(ctx, msg.member, askedBy(msg)),
});

const approveSpend = message(proto.MsgApproveSpend, proto.MsgApproveSpendResponse, {
  signers: ({ member }) => [member],
  validate({ member }) {
    accountAddress.decode(member);
  },
  execute: (ctx, { member, id }) => ({ paid: approve(ctx, member, id) }),
});

const withdrawApproval = message(proto.MsgWithdrawApproval, proto.MsgWithdrawApprovalResponse, {
  signers: ({ member }) => [member],
  validate({ member }) {
    accountAddress.decode(member);
  },
  execute(ctx, { member, id }) {
    withdraw(ctx, member, id);
    return {};
  },
});

const fundHandler = message(proto.MsgFund, proto.MsgFundResponse, {
  signers: ({ sender }) => [sender],
  validate({ sender, amount }) {
    accountAddress.decode(sender);
    const problem =
      amount.length > denomsMax ? `at most ${denomsMax} denoms are expected` : coinsProblem(coinsFromProto(amount));
    if (problem !== undefined || amount.length === 0) throw sdk.invalidCoins(problem ?? "no coins");
  },
  execute(ctx, { sender, amount }) {
    fund(ctx, sender, coinsFromProto(amount));
    return {};
  },
});

const setPolicyHandler = message(proto.MsgSetPolicy, proto.MsgSetPolicyResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, ...next }) {
    requireAuthority(authority);
    const problem = policyProblem(next);
    if (problem !== undefined) throw invalidPolicy(problem);
  },
  execute: (ctx, { members, threshold, dailyLimit }) => ({
    version: setPolicy(ctx, { members, threshold, dailyLimit }),
  }),
});

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  refusal: invalidParams,
  store: params.set,
});

export const messages = {
  "/weir.treasury.v1.MsgProposeSpend": proposeSpend,
  "/weir.treasury.v1.MsgApproveSpend": approveSpend,
  "/weir.treasury.v1.MsgWithdrawApproval": withdrawApproval,
  "/weir.treasury.v1.MsgFund": fundHandler,
  "/weir.treasury.v1.MsgSetPolicy": setPolicyHandler,
  "/weir.treasury.v1.MsgUpdateParams": updateParams,
};
