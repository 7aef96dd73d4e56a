/** The rewards' messages. */
import { accountAddress } from "../../chain/address.ts";
import { message } from "../../chain/handlers.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import * as proto from "../../proto/gen/weir/rewards/v1/tx.ts";
import { claim, claimAll, claimOracle, restake, setWithdrawAddress } from "./claims.ts";
import { invalidParams } from "./errors.ts";
import { coinsToProto } from "./oraclerecord.ts";
import { parameters, paramsOf } from "./parameters.ts";
import { paramsProblem } from "./params.ts";
import { params } from "./state.ts";

interface Claimed {
  readonly claimant: string;
}

const signers = ({ claimant }: Claimed): string[] => [claimant];
const validate = ({ claimant }: Claimed): void => void accountAddress.decode(claimant);

const claimHandler = message(proto.MsgClaim, proto.MsgClaimResponse, {
  signers,
  validate,
  execute: (ctx, { claimant, relayId }: proto.MsgClaim) => ({ amount: `${claim(ctx, relayId, claimant)}` }),
});

const claimAllHandler = message(proto.MsgClaimAll, proto.MsgClaimAllResponse, {
  signers,
  validate,
  execute(ctx, { claimant }) {
    const { amount, relays } = claimAll(ctx, claimant);
    return { amount: `${amount}`, relays };
  },
});

const restakeHandler = message(proto.MsgRestake, proto.MsgRestakeResponse, {
  signers,
  validate,
  execute: (ctx, { claimant, relayId }: proto.MsgRestake) => ({ amount: `${restake(ctx, relayId, claimant)}` }),
});

const claimOracleHandler = message(proto.MsgClaimOracle, proto.MsgClaimOracleResponse, {
  signers,
  validate,
  execute: (ctx, { claimant, oracleId }: proto.MsgClaimOracle) => ({
    amount: coinsToProto(claimOracle(ctx, oracleId, claimant)),
  }),
});

const setWithdrawAddressHandler = message(proto.MsgSetWithdrawAddress, proto.MsgSetWithdrawAddressResponse, {
  signers: ({ owner }) => [owner],
  validate({ owner, withdrawAddress }) {
    accountAddress.decode(owner);
    accountAddress.decode(withdrawAddress);
  },
  execute(ctx, { owner, withdrawAddress }) {
    setWithdrawAddress(ctx, owner, withdrawAddress);
    return {};
  },
});

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  refusal: invalidParams,
  store: params.set,
});

export const messages = {
  "/weir.rewards.v1.MsgClaim": claimHandler,
  "/weir.rewards.v1.MsgClaimAll": claimAllHandler,
  "/weir.rewards.v1.MsgRestake": restakeHandler,
  "/weir.rewards.v1.MsgClaimOracle": claimOracleHandler,
  "/weir.rewards.v1.MsgSetWithdrawAddress": setWithdrawAddressHandler,
  "/weir.rewards.v1.MsgUpdateParams": updateParams,
};
