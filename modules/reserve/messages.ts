/** The reserve's messages. */
import { accountAddress } from "../../chain/address.ts";
import { requireAuthority } from "../../chain/authority.ts";
import { coinFromProto, coinProblem } from "../../chain/coins.ts";
import { decFromProto, formatDec } from "../../chain/dec.ts";
import { message } from "../../chain/handlers.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import { Params } from "../../proto/gen/weir/reserve/v1/state.ts";
import * as proto from "../../proto/gen/weir/reserve/v1/tx.ts";
import { cancelOffer, placeOffer } from "./book.ts";
import { buy } from "./buy.ts";
import { badAmount, invalidParams } from "./errors.ts";
import { parameters } from "./parameters.ts";
import { paramsProblem } from "./params.ts";
import { askToRedeem } from "./redeem.ts";
import { buyInSale, endSale, openSale } from "./sale.ts";
import { askMax, params } from "./state.ts";

const amountPattern = /^[1-9][0-9]{0,38}$/;
const shownMax = 40;

function requireQuantity(text: string): bigint {
  if (!amountPattern.test(text))
    throw badAmount("the quantity", text.slice(0, shownMax), "a whole number above nothing");
  return BigInt(text);
}

function requireAsk(text: string): bigint {
  const ask = text === "" ? 0n : decFromProto(text);
  if (ask < 1n || ask > askMax) throw badAmount("the ask", formatDec(ask), `above nothing, to ${formatDec(askMax)}`);
  return ask;
}

const offerHandler = message(proto.MsgOffer, proto.MsgOfferResponse, {
  signers: ({ seller }) => [seller],
  validate({ seller, quantity, ask }) {
    accountAddress.decode(seller);
    requireQuantity(quantity);
    requireAsk(ask);
  },
  execute: (ctx, { seller, quantity, ask }) => ({
    offer: placeOffer(ctx, { seller, quantity: BigInt(quantity), ask: decFromProto(ask) }),
  }),
});

const cancelOfferHandler = message(proto.MsgCancelOffer, proto.MsgCancelOfferResponse, {
  signers: ({ seller }) => [seller],
  validate: ({ seller }) => void accountAddress.decode(seller),
  execute(ctx, { seller, offer }) {
    cancelOffer(ctx, seller, offer);
    return {};
  },
});

const redeemHandler = message(proto.MsgRedeem, proto.MsgRedeemResponse, {
  signers: ({ holder }) => [holder],
  validate({ holder, quantity }) {
    accountAddress.decode(holder);
    requireQuantity(quantity);
  },
  execute: (ctx, { holder, quantity }) => ({ epoch: askToRedeem(ctx, holder, BigInt(quantity)) }),
});

function validatePurchase({ buyer, quantity, costMax }: proto.MsgBuy): void {
  accountAddress.decode(buyer);
  requireQuantity(quantity);
  const problem = costMax === undefined ? "nothing" : coinProblem(coinFromProto(costMax));
  if (problem !== undefined) throw badAmount("cost_max", problem, "an amount with its denomination");
}

const buyHandler = message(proto.MsgBuy, proto.MsgBuyResponse, {
  signers: ({ buyer }) => [buyer],
  validate: validatePurchase,
  execute: (ctx, { buyer, quantity, costMax }) => ({
    cost: `${buy(ctx, { buyer, quantity: BigInt(quantity), costMax: coinFromProto(costMax!) })}`,
  }),
});

const openSaleHandler = message(proto.MsgOpenSale, proto.MsgOpenSaleResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, quantity }) {
    requireAuthority(authority);
    requireQuantity(quantity);
  },
  execute(ctx, { quantity, priceStart, priceEnd, epochs }) {
    openSale(ctx, {
      ...{ quantity: BigInt(quantity), start: decFromProto(priceStart || "0"), end: decFromProto(priceEnd || "0") },
      epochs,
    });
    return {};
  },
});

const endSaleHandler = message(proto.MsgEndSale, proto.MsgEndSaleResponse, {
  signers: ({ authority }) => [authority],
  validate: ({ authority }) => requireAuthority(authority),
  execute(ctx) {
    endSale(ctx);
    return {};
  },
});

const buyInSaleHandler = message(proto.MsgBuyInSale, proto.MsgBuyInSaleResponse, {
  signers: ({ buyer }) => [buyer],
  validate: validatePurchase,
  execute: (ctx, { buyer, quantity, costMax }) => ({
    cost: `${buyInSale(ctx, { buyer, quantity: BigInt(quantity), costMax: coinFromProto(costMax!) })}`,
  }),
});

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: (msg) => msg.params ?? Params.fromPartial({}),
  problem: paramsProblem,
  refusal: invalidParams,
  store: (ctx, next) => params.set(ctx, next),
});

export const messages = {
  "/weir.reserve.v1.MsgOffer": offerHandler,
  "/weir.reserve.v1.MsgCancelOffer": cancelOfferHandler,
  "/weir.reserve.v1.MsgRedeem": redeemHandler,
  "/weir.reserve.v1.MsgBuy": buyHandler,
  "/weir.reserve.v1.MsgOpenSale": openSaleHandler,
  "/weir.reserve.v1.MsgEndSale": endSaleHandler,
  "/weir.reserve.v1.MsgBuyInSale": buyInSaleHandler,
  "/weir.reserve.v1.MsgUpdateParams": updateParams,
};
