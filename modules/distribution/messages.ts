/** Distribution's messages, refused in the order and words of cosmos-sdk x/distribution/keeper/msg_server.go. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { requireAuthority } from "../../chain/authority.ts";
import {
  type Coins,
  coinsFromProto,
  coinsToProto,
  formatCoins,
  isValidCoins,
  type ProtoCoin,
} from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { addDecCoins, decCoinsFromCoins } from "../../chain/deccoinsets.ts";
import { ChainError, sdk, unregistered } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import * as proto from "../../proto/gen/cosmos/distribution/v1beta1/tx.ts";
import { isBlocked, sendToModule } from "../bank/index.ts";
import { decodedAddress, operatorAccount, requireValidator } from "../staking/index.ts";
import { allocateToValidator } from "./allocation.ts";
import { withdrawCommission, withdrawRewards } from "./delegations.ts";
import { parameters, paramsOf } from "./parameters.ts";
import { givesProposers, paramsProblem } from "./params.ts";
import { getCurrentRewards, requireHistoricalRewards } from "./periods.ts";
import {
  distributionAccountName,
  fundCommunityPool,
  notAllowedToReceiveExternally,
  setWithdrawAddress,
  spendCommunityPool,
} from "./pool.ts";
import { params } from "./state.ts";

const accountOf = (text: string, which: string) => decodedAddress(accountAddress, text, which);
const operatorOf = (text: string) => decodedAddress(validatorAddress, text, "validator");

/** At least one coin, sorted, without repeats, every amount positive. */
function decodeCoins(amount: readonly ProtoCoin[]): Coins {
  if (amount.length === 0) throw sdk.invalidCoins("amount cannot be nil");
  const coins = coinsFromProto(amount);
  if (!isValidCoins(coins)) throw sdk.invalidCoins(formatCoins(coins));
  return coins;
}

// ---------------------------------------------------------------------------------------------------------------- withdrawals

const withdrawAddressOf = (msg: proto.MsgSetWithdrawAddress) => ({
  delegator: accountOf(msg.delegatorAddress, "delegator"),
  address: accountOf(msg.withdrawAddress, "withdraw"),
});

const setWithdrawAddressHandler = message(proto.MsgSetWithdrawAddress, proto.MsgSetWithdrawAddressResponse, {
  signers: (msg) => [msg.delegatorAddress],
  validate(msg) {
    withdrawAddressOf(msg);
  },
  execute(ctx, msg) {
    const { delegator, address } = withdrawAddressOf(msg);
    setWithdrawAddress(ctx, delegator, address);
    return {};
  },
});

const delegationOf = (msg: proto.MsgWithdrawDelegatorReward) => ({
  operator: operatorOf(msg.validatorAddress),
  delegator: accountOf(msg.delegatorAddress, "delegator"),
});

const withdrawDelegatorReward = message(proto.MsgWithdrawDelegatorReward, proto.MsgWithdrawDelegatorRewardResponse, {
  signers: (msg) => [msg.delegatorAddress],
  validate(msg) {
    delegationOf(msg);
  },
  execute(ctx, msg) {
    const { operator, delegator } = delegationOf(msg);
    return { amount: coinsToProto(withdrawRewards(ctx, delegator, operator)) };
  },
});

const withdrawValidatorCommission = message(
  proto.MsgWithdrawValidatorCommission,
  proto.MsgWithdrawValidatorCommissionResponse,
  {
    signers: (msg) => [operatorAccount(msg.validatorAddress)],
    validate(msg) {
      operatorOf(msg.validatorAddress);
    },
    execute: (ctx, msg) => ({ amount: coinsToProto(withdrawCommission(ctx, operatorOf(msg.validatorAddress))) }),
  },
);

// ------------------------------------------------------------------------------------------------------------------ gifts

const fundOf = (msg: proto.MsgFundCommunityPool) => ({
  depositor: accountOf(msg.depositor, "depositor"),
  amount: decodeCoins(msg.amount),
});

const fundCommunityPoolHandler = message(proto.MsgFundCommunityPool, proto.MsgFundCommunityPoolResponse, {
  signers: (msg) => [msg.depositor],
  validate(msg) {
    fundOf(msg);
  },
  execute(ctx, msg) {
    const { depositor, amount } = fundOf(msg);
    fundCommunityPool(ctx, depositor, amount);
    return {};
  },
});

const depositOf = (msg: proto.MsgDepositValidatorRewardsPool) => ({
  depositor: accountOf(msg.depositor, "depositor"),
  amount: coinsFromProto(msg.amount),
  operator: operatorOf(msg.validatorAddress),
});

/** So many rewards that they could not be counted would stop whoever withdraws next, and every block's allocation. */
function requireCountableRewards(ctx: Context, operator: Uint8Array): void {
  const { rewards, period } = getCurrentRewards(ctx, operator);
  const { ratio } = requireHistoricalRewards(ctx, operator, period - 1n);
  try {
    addDecCoins(ratio, rewards);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw unregistered("unable to deposit coins: deposit is too large: Int overflow");
  }
}

const depositValidatorRewardsPool = message(
  proto.MsgDepositValidatorRewardsPool,
  proto.MsgDepositValidatorRewardsPoolResponse,
  {
    signers: (msg) => [msg.depositor],
    validate(msg) {
      depositOf(msg);
    },
    execute(ctx, msg) {
      const { depositor, amount, operator } = depositOf(msg);
      sendToModule(ctx, depositor, distributionAccountName, amount);
      const validator = requireValidator(ctx, operator);
      allocateToValidator(ctx, validator, decCoinsFromCoins(amount));
      if (validator.tokens > 0n) requireCountableRewards(ctx, operator);
      return {};
    },
  },
);

// ------------------------------------------------------------------------------------------------------------------ governance

function requireAuthorityAddress(authority: string): void {
  accountOf(authority, "authority");
  requireAuthority(authority);
}

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  authorize(msg) {
    requireAuthorityAddress(msg.authority);
    if (givesProposers(paramsOf(msg))) {
      throw sdk.invalidRequest("cannot update base or bonus proposer reward because these are deprecated fields");
    }
  },
  store: params.set,
});

function spendOf(msg: proto.MsgCommunityPoolSpend) {
  requireAuthorityAddress(msg.authority);
  return { amount: decodeCoins(msg.amount), recipient: accountOf(msg.recipient, "recipient") };
}

const communityPoolSpend = message(proto.MsgCommunityPoolSpend, proto.MsgCommunityPoolSpendResponse, {
  signers: (msg) => [msg.authority],
  validate(msg) {
    spendOf(msg);
  },
  execute(ctx, msg) {
    const { amount, recipient } = spendOf(msg);
    if (isBlocked(recipient)) throw notAllowedToReceiveExternally(msg.recipient);
    spendCommunityPool(ctx, recipient, amount);
    return {};
  },
});

export const messages = {
  "/cosmos.distribution.v1beta1.MsgSetWithdrawAddress": setWithdrawAddressHandler,
  "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward": withdrawDelegatorReward,
  "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission": withdrawValidatorCommission,
  "/cosmos.distribution.v1beta1.MsgFundCommunityPool": fundCommunityPoolHandler,
  "/cosmos.distribution.v1beta1.MsgUpdateParams": updateParams,
  "/cosmos.distribution.v1beta1.MsgCommunityPoolSpend": communityPoolSpend,
  "/cosmos.distribution.v1beta1.MsgDepositValidatorRewardsPool": depositValidatorRewardsPool,
};
