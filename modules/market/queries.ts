/** The market's queries. */
import { accountAddress } from "../../chain/address.ts";
import { coinsToProto } from "../../chain/coins.ts";
import type { ReadMap } from "../../chain/collections.ts";
import type { ReadContext } from "../../chain/context.ts";
import { decToProto } from "../../chain/dec.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import type { LeadingParts } from "../../chain/keycodec.ts";
import { type Page, PageError, paginate } from "../../chain/pagination.ts";
import type { PageRequest } from "../../proto/gen/cosmos/base/query/v1beta1/pagination.ts";
import * as proto from "../../proto/gen/weir/market/v1/query.ts";
import type { Session, SpotPrice } from "../../proto/gen/weir/market/v1/state.ts";
import { isCellName } from "../attestation/index.ts";
import { requireContract } from "./contracts.ts";
import { getParams, paramsToProto } from "./params.ts";
import { spotPrice } from "./prices.ts";
import { quote, scoredBy } from "./quote.ts";
import { requireSession } from "./sessions.ts";
import { meteringOf, settledIn, settledOfEpoch, settledToProto } from "./settlements.ts";
import * as stored from "./state.ts";
import { requireSubscription } from "./subscriptions.ts";
import { errorPpm } from "./voucher.ts";
import { freezeOf, heldOf, walletOf } from "./wallets.ts";
import { withHeldEnd } from "./windows.ts";
import { requireWish } from "./wishes.ts";

/** What the module refuses was asked wrongly. */
function asked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ChainError) throw new QueryError("InvalidArgument", error.message);
    throw error;
  }
}

const addressOf = (text: string): Uint8Array => asked(() => accountAddress.decode(text));

/** What the module refuses is not there, for who asks. */
function found<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof ChainError) throw new QueryError("NotFound", error.message);
    throw error;
  }
}

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

function errorOf({ meteredBytes, deliveredBytes }: Session): bigint {
  const difference = meteredBytes > deliveredBytes ? meteredBytes - deliveredBytes : deliveredBytes - meteredBytes;
  return errorPpm(meteredBytes, difference);
}

function sessionsPage(ctx: ReadContext, { client, relay, pagination }: proto.QuerySessionsRequest): Page<Session> {
  const of = (id: bigint): Session => stored.sessions.get(ctx, id)!;
  if (client !== "" && relay !== 0n) throw new QueryError("InvalidArgument", "ask for a client's or for a relay's");
  if (client !== "") {
    return pageOf(ctx, stored.sessionsByClient, pagination, ([, id]) => of(id), [addressOf(client)]);
  }
  if (relay !== 0n) return pageOf(ctx, stored.sessionsByRelay, pagination, ([, id]) => of(id), [relay]);
  return pageOf(ctx, stored.sessions, pagination, (_id, session) => session);
}

function requireCellName(cell: string): void {
  if (!isCellName(cell)) throw new QueryError("InvalidArgument", "name a cell: `weir query attestation cells`");
}

function pricesPage(ctx: ReadContext, { cell, pagination }: proto.QueryPricesRequest): Page<SpotPrice> {
  if (cell === "") return pageOf(ctx, stored.spotPrices, pagination, (_key, price) => price);
  requireCellName(cell);
  const items = [false, true].map(
    (stable): SpotPrice =>
      stored.spotPrices.get(ctx, [cell, stable]) ?? {
        cell,
        stable,
        price: decToProto(spotPrice(ctx, cell, stable)),
        epoch: 0n,
        utilization: "0",
      },
  );
  return { items, pagination: { nextKey: new Uint8Array(0), total: 2n } };
}

function denomState(ctx: ReadContext, denom: string, cap: bigint): proto.DenomState {
  return { denom, cap: `${cap}`, held: `${heldOf(ctx, denom)}`, freeze: freezeOf(ctx, denom) };
}

const marketQueries = {
  "/weir.market.v1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: paramsToProto(getParams(ctx)),
  })),

  "/weir.market.v1.Query/Wallet": query(proto.QueryWalletRequest, proto.QueryWalletResponse, (ctx, { owner }) => ({
    coins: coinsToProto(walletOf(ctx, addressOf(owner))),
  })),

  "/weir.market.v1.Query/Denoms": query(proto.QueryDenomsRequest, proto.QueryDenomsResponse, (ctx) => ({
    denoms: getParams(ctx).denoms.map(({ denom, cap }) => denomState(ctx, denom, cap)),
  })),

  "/weir.market.v1.Query/Prices": query(proto.QueryPricesRequest, proto.QueryPricesResponse, (ctx, request) => {
    const { items, pagination } = pricesPage(ctx, request);
    return { prices: items, pagination };
  }),

  "/weir.market.v1.Query/Quote": query(proto.QueryQuoteRequest, proto.QueryQuoteResponse, (ctx, request) => {
    requireCellName(request.cell);
    asked(() => requireWish(request.wish));
    return { ...quote(ctx, request), scoredBy };
  }),

  "/weir.market.v1.Query/Settled": query(
    proto.QuerySettledRequest,
    proto.QuerySettledResponse,
    (ctx, { epoch, relay }) => ({
      settlement: settledToProto(relay === 0n ? settledOfEpoch(ctx, epoch) : settledIn(ctx, epoch, relay)),
    }),
  ),

  "/weir.market.v1.Query/Metering": query(proto.QueryMeteringRequest, proto.QueryMeteringResponse, (ctx, { relay }) => {
    const metering = meteringOf(ctx, relay);
    return { metering, errorPpm: errorPpm(metering.meteredBytes, metering.differenceBytes) };
  }),
};

const sessionQueries = {
  "/weir.market.v1.Query/Session": query(proto.QuerySessionRequest, proto.QuerySessionResponse, (ctx, request) => {
    const session = withHeldEnd(
      ctx,
      found(() => requireSession(ctx, request.session)),
    );
    return { session, meteringErrorPpm: errorOf(session) };
  }),

  "/weir.market.v1.Query/Sessions": query(proto.QuerySessionsRequest, proto.QuerySessionsResponse, (ctx, request) => {
    const { items, pagination } = sessionsPage(ctx, request);
    return { sessions: items.map((session) => withHeldEnd(ctx, session)), pagination };
  }),
};

const contractQueries = {
  "/weir.market.v1.Query/CapacityOffers": query(
    proto.QueryCapacityOffersRequest,
    proto.QueryCapacityOffersResponse,
    (ctx, { relay, pagination: request }) => {
      const { items, pagination } =
        relay === 0n
          ? pageOf(ctx, stored.offers, request, (_id, offer) => offer)
          : pageOf(ctx, stored.offersByRelay, request, ([, id]) => stored.offers.get(ctx, id)!, [relay]);
      return { offers: items, pagination };
    },
  ),

  "/weir.market.v1.Query/Contract": query(proto.QueryContractRequest, proto.QueryContractResponse, (ctx, request) => {
    const contract = found(() => requireContract(ctx, request.contract));
    const uses = [...stored.contractUses.iterate(ctx, { leading: [contract.id] })];
    return { contract, uses: uses.map(([[id, epoch], bytes]) => ({ contract: id, epoch, bytes })) };
  }),

  "/weir.market.v1.Query/Contracts": query(
    proto.QueryContractsRequest,
    proto.QueryContractsResponse,
    (ctx, { owner, relay, pagination: request }) => {
      const of = (id: bigint) => stored.contracts.get(ctx, id)!;
      const { items, pagination } =
        owner !== ""
          ? pageOf(ctx, stored.contractsByOwner, request, ([, id]) => of(id), [addressOf(owner)])
          : relay !== 0n
            ? pageOf(ctx, stored.contractsByRelay, request, ([, id]) => of(id), [relay])
            : pageOf(ctx, stored.contracts, request, (_id, contract) => contract);
      return { contracts: items, pagination };
    },
  ),

  "/weir.market.v1.Query/Plans": query(proto.QueryPlansRequest, proto.QueryPlansResponse, (ctx, request) => {
    const { items, pagination } = pageOf(ctx, stored.plans, request.pagination, (_id, plan) => plan);
    return { plans: items, pagination };
  }),

  "/weir.market.v1.Query/Subscription": query(
    proto.QuerySubscriptionRequest,
    proto.QuerySubscriptionResponse,
    (ctx, request) => ({ subscription: found(() => requireSubscription(ctx, request.subscription)) }),
  ),

  "/weir.market.v1.Query/Subscriptions": query(
    proto.QuerySubscriptionsRequest,
    proto.QuerySubscriptionsResponse,
    (ctx, { owner, pagination: request }) => {
      const { items, pagination } =
        owner === ""
          ? pageOf(ctx, stored.subscriptions, request, (_id, subscription) => subscription)
          : pageOf(ctx, stored.subscriptionsByOwner, request, ([, id]) => stored.subscriptions.get(ctx, id)!, [
              addressOf(owner),
            ]);
      return { subscriptions: items, pagination };
    },
  ),
};

export const queries = { ...marketQueries, ...sessionQueries, ...contractQueries };
