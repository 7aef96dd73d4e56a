/** Bank's messages, refused in the order and words of cosmos-sdk x/bank/keeper/msg_server.go. */
import { accountAddress } from "../../chain/address.ts";
import { requireAuthority } from "../../chain/authority.ts";
import {
  type Coins,
  coinsEqual,
  coinsFromProto,
  denomProblem,
  formatCoins,
  isValidCoins,
  type ProtoCoin,
  sumCoins,
} from "../../chain/coins.ts";
import { ChainError, sdk } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import type { StoreKey } from "../../chain/store/types.ts";
import * as proto from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { accountPlace } from "../auth/index.ts";
import { inputOutputMismatch, multipleSenders, noInputs, noOutputs, notAllowedToReceive } from "./errors.ts";
import { isBlocked, type Share, sendCoins, sendShares } from "./keeper.ts";
import { parameters, paramsOf } from "./parameters.ts";
import { paramsProblem } from "./params.ts";
import { requireSendEnabled, setSendEnabled } from "./sendenabled.ts";
import { balances, params } from "./state.ts";

function decodeAddress(text: string, which: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidAddress(`invalid ${which} address: ${error.message}`);
    throw error;
  }
}

/** At least one coin, sorted, without repeats, every amount positive. */
function decodeCoins(amount: readonly ProtoCoin[]): Coins {
  const coins = coinsFromProto(amount);
  if (!isValidCoins(coins) || coins.length === 0) throw sdk.invalidCoins(formatCoins(coins));
  return coins;
}

// ----------------------------------------------------------------------------------------------------------------------- send

interface Transfer extends Share {
  readonly from: Uint8Array;
}

/** The last one: a message is executed soon after it was validated, and is never changed. */
let known: { readonly msg: proto.MsgSend; readonly transfer: Transfer } | undefined;

function transferOf(msg: proto.MsgSend): Transfer {
  if (known?.msg === msg) return known.transfer;
  const transfer: Transfer = {
    from: decodeAddress(msg.fromAddress, "from"),
    to: decodeAddress(msg.toAddress, "to"),
    coins: decodeCoins(msg.amount),
  };
  known = { msg, transfer };
  return transfer;
}

/** Both accounts, and their balances of the first coin. */
function readsOfSend({ fromAddress, toAddress, amount: [coin] }: proto.MsgSend): StoreKey[] {
  if (coin === undefined) return [];
  const { denom } = coin;
  const [from, to] = [accountAddress.decode(fromAddress), accountAddress.decode(toAddress)];
  return [accountPlace(from), accountPlace(to), balances.placeOf([from, denom]), balances.placeOf([to, denom])];
}

const send = message(proto.MsgSend, proto.MsgSendResponse, {
  signers: (msg) => [msg.fromAddress],
  validate(msg) {
    transferOf(msg);
  },
  reads: readsOfSend,
  execute(ctx, msg) {
    const { from, to, coins } = transferOf(msg);
    requireSendEnabled(ctx, coins);
    if (isBlocked(to)) throw notAllowedToReceive(msg.toAddress);
    sendCoins(ctx, from, to, coins);
    return {};
  },
});

// ----------------------------------------------------------------------------------------------------------------- multi-send

interface Distribution {
  readonly from: Uint8Array;
  readonly total: Coins;
  readonly shares: readonly Share[];
}

function distributionOf({ inputs, outputs }: proto.MsgMultiSend): Distribution {
  const input = inputs[0];
  if (input === undefined) throw noInputs();
  if (inputs.length > 1) throw multipleSenders();
  if (outputs.length === 0) throw noOutputs();
  const from = decodeAddress(input.address, "input");
  const total = decodeCoins(input.coins);
  const shares = outputs.map(({ address, coins }) => ({
    to: decodeAddress(address, "output"),
    coins: decodeCoins(coins),
  }));
  if (!coinsEqual(total, sumCoins(shares.map(({ coins }) => coins)))) throw inputOutputMismatch();
  return { from, total, shares };
}

const multiSend = message(proto.MsgMultiSend, proto.MsgMultiSendResponse, {
  signers: (msg) => [...new Set(msg.inputs.map(({ address }) => address))],
  validate(msg) {
    distributionOf(msg);
  },
  execute(ctx, msg) {
    const { from, total, shares } = distributionOf(msg);
    requireSendEnabled(ctx, total);
    for (const [index, { to }] of shares.entries()) {
      if (isBlocked(to)) throw notAllowedToReceive(msg.outputs[index]!.address);
    }
    sendShares(ctx, from, total, shares);
    return {};
  },
});

// ------------------------------------------------------------------------------------------------------------------ governance

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  store: params.set,
});

const setSendEnabledHandler = message(proto.MsgSetSendEnabled, proto.MsgSetSendEnabledResponse, {
  signers: (msg) => [msg.authority],
  validate(msg) {
    requireAuthority(msg.authority);
    const seen = new Set<string>();
    for (const { denom } of msg.sendEnabled) {
      if (seen.has(denom)) throw sdk.invalidRequest(`duplicate denom entries found for ${JSON.stringify(denom)}`);
      seen.add(denom);
      requireDenom(denom, "SendEnabled");
    }
    for (const denom of msg.useDefaultFor) requireDenom(denom, "UseDefaultFor");
  },
  execute(ctx, msg) {
    setSendEnabled(ctx, msg.sendEnabled, msg.useDefaultFor);
    return {};
  },
});

function requireDenom(denom: string, field: string): void {
  const problem = denomProblem(denom);
  if (problem !== undefined) throw sdk.invalidRequest(`invalid ${field} denom ${JSON.stringify(denom)}: ${problem}`);
}

export const messages = {
  "/cosmos.bank.v1beta1.MsgSend": send,
  "/cosmos.bank.v1beta1.MsgMultiSend": multiSend,
  "/cosmos.bank.v1beta1.MsgUpdateParams": updateParams,
  "/cosmos.bank.v1beta1.MsgSetSendEnabled": setSendEnabledHandler,
};
