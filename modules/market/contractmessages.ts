/** The market's messages about reserved contracts, plans and subscriptions. */
import { accountAddress } from "../../chain/address.ts";
import { coinFromProto } from "../../chain/coins.ts";
import { message } from "../../chain/handlers.ts";
import * as proto from "../../proto/gen/weir/market/v1/tx.ts";
import { requireBuyer } from "../attestation/index.ts";
import { requireAddress, requireCoin, requireRange, requireText } from "./checks.ts";
import {
  contractsOfOfferMax,
  offerCapacity,
  reserveCapacity,
  transferContract,
  withdrawCapacity,
} from "./contracts.ts";
import { badText, tooMany } from "./errors.ts";
import {
  cancelSubscription,
  createPlan,
  planNameBytesMax,
  planRelaysMax,
  retirePlan,
  shareQuota,
  subscribe,
} from "./subscriptions.ts";

const epochsMax = 1n << 32n;
const uint64Max = (1n << 64n) - 1n;

const offerCapacityHandler = message(proto.MsgOfferCapacity, proto.MsgOfferCapacityResponse, {
  signers: ({ operator }) => [operator],
  validate({ operator, capacityBps, pricePerEpoch, epochsMin, epochsMax: most, count }) {
    requireAddress(operator);
    requireRange("capacity_bps", capacityBps, 1n, uint64Max);
    requireCoin(pricePerEpoch, "price_per_epoch");
    requireRange("epochs_max", most, 1n, epochsMax);
    requireRange("epochs_min", epochsMin, 1n, most);
    requireRange("count", count, 1n, contractsOfOfferMax);
  },
  execute: (ctx, msg) => ({
    offer: offerCapacity(ctx, { ...msg, pricePerEpoch: coinFromProto(msg.pricePerEpoch!) }),
  }),
});

const withdrawCapacityHandler = message(proto.MsgWithdrawCapacity, proto.MsgWithdrawCapacityResponse, {
  signers: ({ operator }) => [operator],
  validate: ({ operator }) => void requireAddress(operator),
  execute(ctx, { operator, offer }) {
    withdrawCapacity(ctx, operator, offer);
    return {};
  },
});

const reserveCapacityHandler = message(proto.MsgReserveCapacity, proto.MsgReserveCapacityResponse, {
  signers: ({ buyer }) => [buyer],
  validate({ buyer, epochs, priceMax }) {
    requireAddress(buyer);
    requireRange("epochs", epochs, 1n, epochsMax);
    requireCoin(priceMax, "price_max");
  },
  execute(ctx, { priceMax, ...rest }) {
    requireBuyer(ctx, accountAddress.decode(rest.buyer));
    return { contract: reserveCapacity(ctx, { ...rest, priceMax: coinFromProto(priceMax!) }) };
  },
});

const transferContractHandler = message(proto.MsgTransferContract, proto.MsgTransferContractResponse, {
  signers: ({ owner }) => [owner],
  validate({ owner, to }) {
    requireAddress(owner);
    requireAddress(to);
  },
  execute(ctx, { owner, contract, to }) {
    requireBuyer(ctx, accountAddress.decode(to));
    transferContract(ctx, owner, contract, to);
    return {};
  },
});

function requireRelays(relays: readonly bigint[]): void {
  if (relays.length < 1 || relays.length > planRelaysMax) throw tooMany("relays", relays.length, planRelaysMax);
  for (const [index, id] of relays.entries()) {
    if (index > 0 && id <= relays[index - 1]!) throw badText(`relay ${id} is listed`, "ascending ids, each once");
  }
}

const createPlanHandler = message(proto.MsgCreatePlan, proto.MsgCreatePlanResponse, {
  signers: ({ provider }) => [provider],
  validate({ provider, name, quotaBytes, epochs, price, relays }) {
    requireAddress(provider);
    requireText("the plan's name", name, planNameBytesMax);
    requireRange("quota_bytes", quotaBytes, 1n, uint64Max);
    requireRange("epochs", epochs, 1n, epochsMax);
    requireCoin(price, "price");
    requireRelays(relays);
  },
  execute: (ctx, msg) => ({ plan: createPlan(ctx, { ...msg, price: coinFromProto(msg.price!) }) }),
});

const retirePlanHandler = message(proto.MsgRetirePlan, proto.MsgRetirePlanResponse, {
  signers: ({ provider }) => [provider],
  validate: ({ provider }) => void requireAddress(provider),
  execute(ctx, { provider, plan }) {
    retirePlan(ctx, provider, plan);
    return {};
  },
});

const subscribeHandler = message(proto.MsgSubscribe, proto.MsgSubscribeResponse, {
  signers: ({ subscriber }) => [subscriber],
  validate: ({ subscriber }) => void requireAddress(subscriber),
  execute(ctx, { subscriber, plan }) {
    requireBuyer(ctx, accountAddress.decode(subscriber));
    return { subscription: subscribe(ctx, subscriber, plan) };
  },
});

const shareQuotaHandler = message(proto.MsgShareQuota, proto.MsgShareQuotaResponse, {
  signers: ({ owner }) => [owner],
  validate({ owner, member }) {
    requireAddress(owner);
    requireAddress(member);
    if (member === owner) throw badText("the member is the owner", "another account");
  },
  execute(ctx, { owner, subscription, member, bytes }) {
    shareQuota(ctx, owner, subscription, member, bytes);
    return {};
  },
});

const cancelSubscriptionHandler = message(proto.MsgCancelSubscription, proto.MsgCancelSubscriptionResponse, {
  signers: ({ owner }) => [owner],
  validate: ({ owner }) => void requireAddress(owner),
  execute: (ctx, { owner, subscription }) => ({ refunded: `${cancelSubscription(ctx, owner, subscription)}` }),
});

export const contractMessages = {
  "/weir.market.v1.MsgOfferCapacity": offerCapacityHandler,
  "/weir.market.v1.MsgWithdrawCapacity": withdrawCapacityHandler,
  "/weir.market.v1.MsgReserveCapacity": reserveCapacityHandler,
  "/weir.market.v1.MsgTransferContract": transferContractHandler,
  "/weir.market.v1.MsgCreatePlan": createPlanHandler,
  "/weir.market.v1.MsgRetirePlan": retirePlanHandler,
  "/weir.market.v1.MsgSubscribe": subscribeHandler,
  "/weir.market.v1.MsgShareQuota": shareQuotaHandler,
  "/weir.market.v1.MsgCancelSubscription": cancelSubscriptionHandler,
};
