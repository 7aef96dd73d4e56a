/** The reserve's queries. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { coinsToProto } from "../../chain/coins.ts";
import type { ReadMap } from "../../chain/collections.ts";
import type { ReadContext } from "../../chain/context.ts";
import { decOne, decToProto } from "../../chain/dec.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import type { LeadingParts } from "../../chain/keycodec.ts";
import { type Page, PageError, paginate } from "../../chain/pagination.ts";
import type { PageRequest } from "../../proto/gen/cosmos/base/query/v1beta1/pagination.ts";
import * as proto from "../../proto/gen/weir/reserve/v1/query.ts";
import type { EpochReport } from "../../proto/gen/weir/reserve/v1/state.ts";
import { balanceOf } from "../bank/index.ts";
import { isDenomFrozen } from "../market/index.ts";
import { mintDenom } from "../mint/index.ts";
import { worth } from "./basket.ts";
import { epochNow, requireOffer } from "./book.ts";
import { buyRoom } from "./buy.ts";
import { getMarks } from "./finalize.ts";
import { burnCoinsHeld, principalCoins, tokenSupply } from "./holdings.ts";
import { getParams, paramsToProto } from "./params.ts";
import { owedToRelays } from "./payouts.ts";
import { ceilingOf, floorOf } from "./prices.ts";
import { allowanceOf } from "./redeem.ts";
import { saleCost, saleLeft, salePrice, standingSale } from "./sale.ts";
import {
  bookName,
  offersByAsk,
  offersBySeller,
  redemptions,
  redemptionsAsked,
  reports,
  restingCount,
} from "./state.ts";

const epochsDefault = 8n;
const epochsMax = 64n;

function pageOf<K, V, T>(
  ctx: ReadContext,
  collection: ReadMap<K, V>,
  request: PageRequest | undefined,
  toItem: (key: K, value: V) => T,
  leading?: LeadingParts<K>,
): Page<T> {
  try {
    return paginate(ctx, collection, request, toItem, leading);
  } catch (error) {
    if (error instanceof PageError) throw new QueryError("InvalidArgument", error.message);
    throw error;
  }
}

function sellerOf(text: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw new QueryError("InvalidArgument", error.message);
    throw error;
  }
}

/** Of the last so many, the latest last. */
function lastReports(ctx: ReadContext, count: bigint): EpochReport[] {
  const found: EpochReport[] = [];
  for (const [, report] of reports.iterate(ctx, { reverse: true })) {
    if (BigInt(found.length) === count) break;
    found.push(report);
  }
  return found.reverse();
}

const limitOf = (asked: bigint, usual: bigint): bigint =>
  asked === 0n ? usual : asked < epochsMax ? asked : epochsMax;

/** R over all coins at the reference price; 0 where nothing has a price. */
const coverageOf = (principal: bigint, supply: bigint, reference: bigint): bigint =>
  supply === 0n || reference === 0n ? 0n : (principal * decOne * decOne) / (supply * reference);

const bookAddress = moduleAddress(bookName);

/** What rests in the book: its account without what waits to be redeemed. */
function offeredNow(ctx: ReadContext): bigint {
  let waiting = 0n;
  for (const [, { quantity }] of redemptions.iterate(ctx)) waiting += BigInt(quantity);
  return balanceOf(ctx, bookAddress, mintDenom(ctx)) - waiting;
}

function report(ctx: ReadContext, { epochs }: proto.QueryReportRequest): proto.QueryReportResponse {
  const basket = principalCoins(ctx);
  const [principal, supply] = [worth(basket), tokenSupply(ctx)];
  const { reference } = getMarks(ctx);
  const epoch = epochNow(ctx);
  return {
    principal: `${principal}`,
    basket: coinsToProto(basket),
    frozen: basket.map(({ denom }) => denom).filter((denom) => isDenomFrozen(ctx, denom)),
    supply: `${supply}`,
    floor: decToProto(floorOf(principal, supply)),
    ceiling: decToProto(ceilingOf(principal, supply, getParams(ctx).corridorShare)),
    reference: decToProto(reference),
    burnBudget: `${worth(burnCoinsHeld(ctx)) - owedToRelays(ctx).stable}`,
    coverage: decToProto(coverageOf(principal, supply, reference)),
    buyRoom: `${buyRoom(ctx)}`,
    allowance: `${allowanceOf(ctx, epoch)}`,
    redemptionsAsked: `${redemptionsAsked.get(ctx, epoch) ?? 0n}`,
    offers: restingCount.get(ctx) ?? 0n,
    offered: `${offeredNow(ctx)}`,
    epochs: lastReports(ctx, limitOf(epochs, epochsDefault)),
  };
}

function reportsFrom(ctx: ReadContext, from: bigint, limit: bigint): EpochReport[] {
  const found: EpochReport[] = [];
  for (const [, one] of reports.iterate(ctx, { start: from })) {
    if (BigInt(found.length) === limit) break;
    found.push(one);
  }
  return found;
}

export const queries = {
  "/weir.reserve.v1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: paramsToProto(getParams(ctx)),
  })),

  "/weir.reserve.v1.Query/Sale": query(proto.QuerySaleRequest, proto.QuerySaleResponse, (ctx, { quantity }) => {
    const sale = standingSale(ctx);
    const asked = /^[0-9]{1,30}$/.test(quantity) ? BigInt(quantity) : 0n;
    return {
      sale,
      price: decToProto(sale === undefined ? 0n : salePrice(ctx, sale)),
      left: `${saleLeft(ctx)}`,
      cost: `${sale === undefined ? 0n : saleCost(ctx, sale, asked)}`,
    };
  }),

  "/weir.reserve.v1.Query/Report": query(proto.QueryReportRequest, proto.QueryReportResponse, report),

  "/weir.reserve.v1.Query/Epochs": query(proto.QueryEpochsRequest, proto.QueryEpochsResponse, (ctx, request) => ({
    epochs: reportsFrom(ctx, request.from, limitOf(request.limit, epochsMax)),
  })),

  "/weir.reserve.v1.Query/Offers": query(
    proto.QueryOffersRequest,
    proto.QueryOffersResponse,
    (ctx, { seller, pagination: request }) => {
      const of = ([, id]: readonly [unknown, bigint]) => requireOffer(ctx, id);
      const { items, pagination } =
        seller === ""
          ? pageOf(ctx, offersByAsk, request, of)
          : pageOf(ctx, offersBySeller, request, of, [sellerOf(seller)]);
      return { offers: items, pagination };
    },
  ),

  "/weir.reserve.v1.Query/Redemptions": query(
    proto.QueryRedemptionsRequest,
    proto.QueryRedemptionsResponse,
    (ctx, { epoch, pagination: request }) => {
      const { items, pagination } = pageOf(ctx, redemptions, request, (_key, found) => found, [epoch]);
      return { redemptions: items, pagination };
    },
  ),
};
