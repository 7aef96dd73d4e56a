/** The messages of cosmos.circuit and of the emergency committee. */
import { accountAddress } from "../../chain/address.ts";
import { requireAuthority } from "../../chain/authority.ts";
import { sdk } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import type { AnyMessageHandler } from "../../chain/module.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import * as sdkProto from "../../proto/gen/cosmos/circuit/v1/tx.ts";
import * as proto from "../../proto/gen/weir/circuit/v1/tx.ts";
import { checkAct } from "./act.ts";
import { restore } from "./acts.ts";
import { approve, propose } from "./approvals.ts";
import { committeeProblem, elect } from "./committee.ts";
import { invalidCommittee, invalidParams, invalidSignatures } from "./errors.ts";
import { parameters, paramsOf } from "./parameters.ts";
import { paramsProblem } from "./params.ts";
import { authorize, reset, trip, urlLengthMax, urlsMax } from "./permissions.ts";
import { signaturesProblem, submitSigned } from "./signing.ts";
import { params } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";

/** Acts ended by one vote. */
const liftedMax = 64;

function checkUrls(urls: readonly string[]): void {
  if (urls.length <= urlsMax && urls.every((url) => url.length <= urlLengthMax)) return;
  throw sdk.invalidRequest(`at most ${urlsMax} type URLs of at most ${urlLengthMax} characters are expected`);
}

const authorizeHandler = message(sdkProto.MsgAuthorizeCircuitBreaker, sdkProto.MsgAuthorizeCircuitBreakerResponse, {
  signers: ({ granter }) => [granter],
  validate({ granter, grantee, permissions }) {
    for (const address of [granter, grantee]) accountAddress.decode(address);
    checkUrls(permissions?.limitTypeUrls ?? []);
  },
  execute(ctx, msg) {
    authorize(ctx, msg);
    return { success: true };
  },
});

const tripHandler = (chain: Surroundings) =>
  message(sdkProto.MsgTripCircuitBreaker, sdkProto.MsgTripCircuitBreakerResponse, {
    signers: ({ authority }) => [authority],
    validate({ authority, msgTypeUrls }) {
      accountAddress.decode(authority);
      checkUrls(msgTypeUrls);
    },
    execute(ctx, msg) {
      trip(ctx, chain, msg);
      return { success: true };
    },
  });

const resetHandler = message(sdkProto.MsgResetCircuitBreaker, sdkProto.MsgResetCircuitBreakerResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, msgTypeUrls }) {
    accountAddress.decode(authority);
    checkUrls(msgTypeUrls);
  },
  execute(ctx, msg) {
    reset(ctx, msg);
    return { success: true };
  },
});

const proposeHandler = (chain: Surroundings) =>
  message(proto.MsgProposeAct, proto.MsgProposeActResponse, {
    signers: ({ member }) => [member],
    validate({ member, act }) {
      accountAddress.decode(member);
      checkAct(act);
    },
    execute: (ctx, { member, act }) => propose(ctx, chain, member, checkAct(act)),
  });

const approveHandler = (chain: Surroundings) =>
  message(proto.MsgApproveAct, proto.MsgApproveActResponse, {
    signers: ({ member }) => [member],
    validate({ member }) {
      accountAddress.decode(member);
    },
    execute: (ctx, { member, id }) => ({ stands: approve(ctx, chain, member, id) }),
  });

const submitHandler = (chain: Surroundings) =>
  message(proto.MsgSubmitSignedAct, proto.MsgSubmitSignedActResponse, {
    signers: ({ submitter }) => [submitter],
    validate(msg) {
      accountAddress.decode(msg.submitter);
      checkAct(msg.act);
      const problem = signaturesProblem(msg);
      if (problem !== undefined) throw invalidSignatures(problem);
    },
    execute: (ctx, msg) => ({ id: submitSigned(ctx, chain, msg) }),
  });

const setCommittee = message(proto.MsgSetCommittee, proto.MsgSetCommitteeResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, members, threshold }) {
    requireAuthority(authority);
    const problem = committeeProblem(members, threshold);
    if (problem !== undefined) throw invalidCommittee(problem);
  },
  execute: (ctx, { members, threshold }) => ({ version: elect(ctx, members, threshold) }),
});

const restorePowers = message(proto.MsgRestorePowers, proto.MsgRestorePowersResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, lift }) {
    requireAuthority(authority);
    if (lift.length > liftedMax) throw sdk.invalidRequest(`${lift.length} acts, expected at most ${liftedMax}`);
    if (new Set(lift).size !== lift.length) throw sdk.invalidRequest("an act is named twice");
  },
  execute(ctx, { lift, renew }) {
    restore(ctx, lift, renew);
    return {};
  },
});

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  refusal: invalidParams,
  store: params.set,
});

export const messagesOver = (chain: Surroundings): Readonly<Record<string, AnyMessageHandler>> => ({
  "/cosmos.circuit.v1.MsgAuthorizeCircuitBreaker": authorizeHandler,
  "/cosmos.circuit.v1.MsgTripCircuitBreaker": tripHandler(chain),
  "/cosmos.circuit.v1.MsgResetCircuitBreaker": resetHandler,
  "/weir.circuit.v1.MsgProposeAct": proposeHandler(chain),
  "/weir.circuit.v1.MsgApproveAct": approveHandler(chain),
  "/weir.circuit.v1.MsgSubmitSignedAct": submitHandler(chain),
  "/weir.circuit.v1.MsgSetCommittee": setCommittee,
  "/weir.circuit.v1.MsgRestorePowers": restorePowers,
  "/weir.circuit.v1.MsgUpdateParams": updateParams,
});
