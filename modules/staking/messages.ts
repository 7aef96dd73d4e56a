/** Staking's messages about delegations, refused in the order and words of cosmos-sdk x/staking/keeper/msg_server.go. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { type Coin, coinFromProto, coinProblem, coinToProto, formatCoin, type ProtoCoin } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { formatDec } from "../../chain/dec.ts";
import { sdk, unregistered } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import { compareTimes } from "../../chain/time.ts";
import type { Params } from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";
import * as proto from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { decodedAddress } from "./addresses.ts";
import { delegate, delegateStaked, requireUnbondShares } from "./delegate.ts";
import type { UnbondingEntry } from "./delegation.ts";
import { invalidExchangeRate, validatorJailed } from "./errors.ts";
import { delegated, redelegated, unbondingCancelled, undelegated } from "./events.ts";
import { bondDenom, getParams, requireValidator } from "./keeper.ts";
import { parameters, paramsOf } from "./parameters.ts";
import { paramsProblem } from "./params.ts";
import { totalBondedTokens, totalNotBondedTokens } from "./pools.ts";
import { beginRedelegation } from "./redelegation.ts";
import * as state from "./state.ts";
import { forgetUnbondingEntry, getUnbondingDelegation, setUnbondingDelegation, undelegate } from "./unbonding.ts";
import { hasInvalidExchangeRate, unbonding } from "./validator.ts";
import { validatorMessages } from "./validatormessages.ts";

const operatorOf = (text: string, which = "validator"): Uint8Array => decodedAddress(validatorAddress, text, which);
const delegatorOf = (text: string): Uint8Array => decodedAddress(accountAddress, text, "delegator");

const noCoin: ProtoCoin = { denom: "", amount: "0" };

/** `problem` is what the SDK says of this message's amount. */
function positiveCoin(proto: ProtoCoin | undefined, problem: string): Coin {
  const coin = coinFromProto(proto ?? noCoin);
  if (coinProblem(coin) !== undefined || coin.amount <= 0n) throw sdk.invalidRequest(problem);
  return coin;
}

function requireBondDenom(ctx: ReadContext, { denom }: Coin): void {
  const expected = bondDenom(ctx);
  if (denom !== expected) {
    throw sdk.invalidRequest(`invalid coin denomination: got ${denom}, expected ${expected}`);
  }
}

// ------------------------------------------------------------------------------------------------------------------- delegate

interface Order {
  readonly delegator: Uint8Array;
  readonly operator: Uint8Array;
  readonly coin: Coin;
}

type DelegationMessage = Pick<proto.MsgDelegate, "delegatorAddress" | "validatorAddress" | "amount">;

function orderOf(msg: DelegationMessage, problem: string): Order {
  const operator = operatorOf(msg.validatorAddress);
  const delegator = delegatorOf(msg.delegatorAddress);
  return { delegator, operator, coin: positiveCoin(msg.amount, problem) };
}

const delegationProblem = "invalid delegation amount";

const delegateMessage = message(proto.MsgDelegate, proto.MsgDelegateResponse, {
  signers: (msg) => [msg.delegatorAddress],
  validate(msg) {
    orderOf(msg, delegationProblem);
  },
  execute(ctx, msg) {
    const { delegator, operator, coin } = orderOf(msg, delegationProblem);
    const validator = requireValidator(ctx, operator);
    requireBondDenom(ctx, coin);
    const shares = delegate(ctx, delegator, coin.amount, validator);
    ctx.emit(delegated(msg, formatCoin(coin), formatDec(shares)));
    return {};
  },
});

// ----------------------------------------------------------------------------------------------------------------- undelegate

const sharesProblem = "invalid shares amount";

const undelegateMessage = message(proto.MsgUndelegate, proto.MsgUndelegateResponse, {
  signers: (msg) => [msg.delegatorAddress],
  validate(msg) {
    orderOf(msg, sharesProblem);
  },
  execute(ctx, msg) {
    const { delegator, operator, coin } = orderOf(msg, sharesProblem);
    const shares = requireUnbondShares(ctx, delegator, operator, coin.amount);
    requireBondDenom(ctx, coin);
    const { completionTime, amount } = undelegate(ctx, delegator, operator, shares);
    const undelegatedCoin = { denom: coin.denom, amount };
    ctx.emit(undelegated(msg, formatCoin(undelegatedCoin), completionTime));
    return { completionTime, amount: coinToProto(undelegatedCoin) };
  },
});

// ----------------------------------------------------------------------------------------------------------------- redelegate

function routeOf(msg: proto.MsgBeginRedelegate) {
  const source = operatorOf(msg.validatorSrcAddress, "source validator");
  const destination = operatorOf(msg.validatorDstAddress, "destination validator");
  const delegator = delegatorOf(msg.delegatorAddress);
  return { source, destination, delegator, coin: positiveCoin(msg.amount, sharesProblem) };
}

const beginRedelegateMessage = message(proto.MsgBeginRedelegate, proto.MsgBeginRedelegateResponse, {
  signers: (msg) => [msg.delegatorAddress],
  validate(msg) {
    routeOf(msg);
  },
  execute(ctx, msg) {
    const { source, destination, delegator, coin } = routeOf(msg);
    const shares = requireUnbondShares(ctx, delegator, source, coin.amount);
    requireBondDenom(ctx, coin);
    const completionTime = beginRedelegation(ctx, [delegator, source, destination], shares);
    ctx.emit(redelegated(msg.validatorSrcAddress, msg.validatorDstAddress, formatCoin(coin), completionTime));
    return { completionTime };
  },
});

// ------------------------------------------------------------------------------------------------------------ cancel unbonding

function cancellationOf(msg: proto.MsgCancelUnbondingDelegation): Order {
  const order = orderOf(msg, "invalid amount");
  if (msg.creationHeight <= 0n) throw sdk.invalidRequest("invalid height");
  return order;
}

/** What is left of the entry, if anything is. */
function withoutAmount(entry: UnbondingEntry, amount: bigint): UnbondingEntry[] {
  const balance = entry.balance - amount;
  return balance === 0n ? [] : [{ ...entry, balance, initialBalance: entry.initialBalance - amount }];
}

const cancelUnbonding = message(proto.MsgCancelUnbondingDelegation, proto.MsgCancelUnbondingDelegationResponse, {
  signers: (msg) => [msg.delegatorAddress],
  validate(msg) {
    cancellationOf(msg);
  },
  execute(ctx, msg) {
    const { delegator, operator, coin } = cancellationOf(msg);
    requireBondDenom(ctx, coin);
    const validator = requireValidator(ctx, operator);
    if (hasInvalidExchangeRate(validator)) throw invalidExchangeRate();
    if (validator.jailed) throw validatorJailed();
    const record = getUnbondingDelegation(ctx, delegator, operator);
    if (record === undefined) throw nothingUnbonding(msg);
    const index = record.entries.findIndex(({ creationHeight }) => creationHeight === msg.creationHeight);
    const entry = record.entries[index];
    if (entry === undefined) {
      throw sdk.notFound(`unbonding delegation entry is not found at block height ${msg.creationHeight}`);
    }
    if (entry.balance < coin.amount) {
      throw sdk.invalidRequest("amount is greater than the unbonding delegation entry balance");
    }
    if (compareTimes(entry.completionTime, ctx.block.time) < 0) {
      throw sdk.invalidRequest("unbonding delegation is already processed");
    }
    delegateStaked(ctx, delegator, coin.amount, unbonding, validator);
    const left = withoutAmount(entry, coin.amount);
    if (left.length === 0) forgetUnbondingEntry(ctx, entry);
    setUnbondingDelegation(ctx, { ...record, entries: record.entries.toSpliced(index, 1, ...left) });
    ctx.emit(unbondingCancelled(msg, formatCoin(coin), msg.creationHeight));
    return {};
  },
});

/** In the SDK a gRPC status, which a transaction shows as its text. */
const nothingUnbonding = ({ delegatorAddress, validatorAddress: operator }: proto.MsgCancelUnbondingDelegation) =>
  unregistered(
    `rpc error: code = NotFound desc = unbonding delegation with delegator ${delegatorAddress} not found for validator ${operator}`,
  );

// ----------------------------------------------------------------------------------------------------------------- parameters

/** Unlike in the SDK, what is staked keeps its denomination: the pools could not pay it out in another. */
function requireSameDenom(ctx: ReadContext, next: Params): void {
  const { bondDenom: current } = getParams(ctx);
  if (next.bondDenom === current || totalBondedTokens(ctx) + totalNotBondedTokens(ctx) === 0n) return;
  throw sdk.invalidRequest(`bond denom cannot become ${next.bondDenom} while ${current} is staked`);
}

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  store(ctx, next) {
    requireSameDenom(ctx, next);
    state.params.set(ctx, next);
  },
});

export const messages = {
  ...validatorMessages,
  "/cosmos.staking.v1beta1.MsgDelegate": delegateMessage,
  "/cosmos.staking.v1beta1.MsgBeginRedelegate": beginRedelegateMessage,
  "/cosmos.staking.v1beta1.MsgUndelegate": undelegateMessage,
  "/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation": cancelUnbonding,
  "/cosmos.staking.v1beta1.MsgUpdateParams": updateParams,
};
