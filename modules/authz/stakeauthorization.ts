/**
 * A grant to delegate, undelegate, redelegate or cancel an undelegation, at some validators or at all but some, with the texts of
 * cosmos-sdk x/staking/types/authz.go.
 */
import type { Coin } from "../../chain/coins.ts";
import { coinFromProto, coinToProto, formatCoin } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { sdk, unregistered } from "../../chain/errors.ts";
import type { Coin as ProtoCoin } from "../../proto/gen/cosmos/base/v1beta1/coin.ts";
import { AuthorizationType, StakeAuthorization } from "../../proto/gen/cosmos/staking/v1beta1/authz.ts";
import {
  MsgBeginRedelegate,
  MsgCancelUnbondingDelegation,
  MsgDelegate,
  MsgUndelegate,
} from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import type { AllowedMessage, Authorization, Left } from "./authorization.ts";
import { negativeMaxTokens, unknownAuthorizationType } from "./errors.ts";
import { gasPerListed, listedMax } from "./lists.ts";

const messageUrls: Readonly<Record<number, string>> = {
  [AuthorizationType.AUTHORIZATION_TYPE_DELEGATE]: `/${MsgDelegate.$type}`,
  [AuthorizationType.AUTHORIZATION_TYPE_UNDELEGATE]: `/${MsgUndelegate.$type}`,
  [AuthorizationType.AUTHORIZATION_TYPE_REDELEGATE]: `/${MsgBeginRedelegate.$type}`,
  [AuthorizationType.AUTHORIZATION_TYPE_CANCEL_UNBONDING_DELEGATION]: `/${MsgCancelUnbondingDelegation.$type}`,
};

export const stakeAuthorization = (authorization: StakeAuthorization): Authorization => ({
  messageUrl() {
    const url = messageUrls[authorization.authorizationType];
    if (url === undefined) throw unknownAuthorizationType(`no message for type ${authorization.authorizationType}`);
    return url;
  },
  check: () => check(authorization),
  accept: (ctx, message) => accept(ctx, authorization, message),
});

function check({ maxTokens, authorizationType, allowList, denyList }: StakeAuthorization): void {
  if (maxTokens !== undefined) {
    const coin = coinFromProto(maxTokens);
    if (coin.amount < 0n) throw negativeMaxTokens(`negative coin amount: ${formatCoin(coin)}`);
  }
  if (messageUrls[authorizationType] === undefined) throw unknownAuthorizationType();
  const listed = (allowList ?? denyList)?.address.length ?? 0;
  if (listed > listedMax) throw sdk.invalidRequest(`${listed} validators in a list, expected at most ${listedMax}`);
}

interface Stake {
  readonly validator: string;
  readonly amount: Coin;
}

const noCoin: ProtoCoin = { denom: "", amount: "0" };

function stakeOf({ typeUrl, value }: AllowedMessage): Stake {
  if (typeUrl === `/${MsgBeginRedelegate.$type}`) {
    const { validatorDstAddress, amount } = value as MsgBeginRedelegate;
    return { validator: validatorDstAddress, amount: coinFromProto(amount ?? noCoin) };
  }
  if (!Object.values(messageUrls).includes(typeUrl)) throw sdk.invalidRequest("unknown msg type");
  const { validatorAddress, amount } = value as MsgDelegate | MsgUndelegate | MsgCancelUnbondingDelegation;
  return { validator: validatorAddress, amount: coinFromProto(amount ?? noCoin) };
}

function accept(ctx: Context, authorization: StakeAuthorization, message: AllowedMessage): Left {
  const { validator, amount } = stakeOf(message);
  const allowed = authorization.allowList?.address ?? [];
  const denied = authorization.denyList?.address ?? [];
  const isAllowed = allowed.length === 0 || isListed(ctx, allowed, validator);
  if (isListed(ctx, denied, validator) || !isAllowed) {
    throw sdk.unauthorized(`cannot delegate/undelegate to ${validator} validator`);
  }
  if (authorization.maxTokens === undefined) return "unchanged";
  const left = subtract(coinFromProto(authorization.maxTokens), amount);
  if (left.amount === 0n) return "nothing";
  const updated = StakeAuthorization.encode({ ...authorization, maxTokens: coinToProto(left) }).finish();
  return { updated: { typeUrl: `/${StakeAuthorization.$type}`, value: updated } };
}

function subtract(limit: Coin, amount: Coin): Coin {
  if (limit.denom !== amount.denom) throw unregistered(`invalid coin denoms: ${limit.denom}, ${amount.denom}`);
  const left = { denom: limit.denom, amount: limit.amount - amount.amount };
  if (left.amount < 0n) throw unregistered(`negative coin amount: ${formatCoin(left)}`);
  return left;
}

function isListed(ctx: Context, list: readonly string[], validator: string): boolean {
  for (const listed of list) {
    ctx.gas.consume(gasPerListed, "stake authorization");
    if (listed === validator) return true;
  }
  return false;
}
