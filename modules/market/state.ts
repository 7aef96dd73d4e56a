/** What the market stores. */

import { accountAddress } from "../../chain/address.ts";
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, boolKey, pair, prefixedAddressKey, stringKey, triple, uint64Key } from "../../chain/keycodec.ts";
import { intValue, neverEmpty, uint64Value } from "../../chain/valuecodec.ts";
import {
  CapacityOffer,
  Contract,
  Freeze,
  Metering,
  Params,
  Plan,
  Reservation,
  Session,
  Settlement,
  SpotPrice,
  Subscription,
  Sweep,
} from "../../proto/gen/weir/market/v1/state.ts";

export const storeName = "market";

/** What sessions, contracts and subscriptions do not lock. */
export const walletsName = "market_wallets";
/** What they lock. */
export const escrowName = "market_escrow";
/** The oracles' share of what was settled, until rewards takes it. */
export const oraclesName = "market_oracles";
/** Of modules/reserve. */
export const burnBudgetName = "reserve_burn";
export const reserveName = "reserve";

const store = collections(storeName);
const addressOf = (text: string): Uint8Array => accountAddress.decode(text);

export const params = store.item(0, "params", messageCodec(Params));

/** By owner and denomination; nothing is not stored. */
export const wallets = store.map(1, "wallets", pair(addressKey, stringKey), intValue);

export const frozen = store.map(2, "frozen", stringKey, messageCodec(Freeze));

export const sessionCount = store.sequence(3, "session_count");

export const sessionsByClient = store.multiIndex<Uint8Array, bigint, Session>(
  5,
  "sessions_by_client",
  prefixedAddressKey,
  uint64Key,
  (_id, { client }) => addressOf(client),
);
export const sessionsByRelay = store.multiIndex<bigint, bigint, Session>(
  6,
  "sessions_by_relay",
  uint64Key,
  uint64Key,
  (_id, { relay }) => relay,
);
/** By the first epoch in which they take no voucher any more. */
export const sessionsByEnd = store.multiIndex<bigint, bigint, Session>(
  7,
  "sessions_by_end",
  uint64Key,
  uint64Key,
  (_id, { endsEpoch }) => endsEpoch,
);
export const sessions = store.indexedMap(4, "sessions", uint64Key, messageCodec(Session), [
  sessionsByClient,
  sessionsByRelay,
  sessionsByEnd,
]);

/** By epoch and relay. */
export const relaySettlements = store.map(8, "relay_settlements", pair(uint64Key, uint64Key), messageCodec(Settlement));

/** By epoch, cell and class. */
export const cellSettlements = store.map(
  9,
  "cell_settlements",
  triple(uint64Key, stringKey, boolKey),
  messageCodec(Settlement),
);

export const epochSettlements = store.map(10, "epoch_settlements", uint64Key, messageCodec(Settlement));

/** By relay. */
export const meterings = store.map(11, "meterings", uint64Key, messageCodec(Metering));

/** By cell and class; one that never moved is not stored. */
export const spotPrices = store.map(12, "spot_prices", pair(stringKey, boolKey), messageCodec(SpotPrice));

export const offerCount = store.sequence(13, "offer_count");
export const offersByRelay = store.multiIndex<bigint, bigint, CapacityOffer>(
  15,
  "offers_by_relay",
  uint64Key,
  uint64Key,
  (_id, { relay }) => relay,
);
export const offers = store.indexedMap(14, "offers", uint64Key, messageCodec(CapacityOffer), [offersByRelay]);

export const contractCount = store.sequence(16, "contract_count");
export const contractsByOwner = store.multiIndex<Uint8Array, bigint, Contract>(
  18,
  "contracts_by_owner",
  prefixedAddressKey,
  uint64Key,
  (_id, { owner }) => addressOf(owner),
);
export const contractsByRelay = store.multiIndex<bigint, bigint, Contract>(
  19,
  "contracts_by_relay",
  uint64Key,
  uint64Key,
  (_id, { relay }) => relay,
);
export const contracts = store.indexedMap(17, "contracts", uint64Key, messageCodec(Contract), [
  contractsByOwner,
  contractsByRelay,
]);
/** By contract and epoch, until the epoch is paid: what its sessions carried. */
export const contractUses = store.map(20, "contract_uses", pair(uint64Key, uint64Key), uint64Value);

export const planCount = store.sequence(21, "plan_count");
export const plans = store.map(22, "plans", uint64Key, messageCodec(Plan));

export const subscriptionCount = store.sequence(23, "subscription_count");
export const subscriptionsByOwner = store.multiIndex<Uint8Array, bigint, Subscription>(
  25,
  "subscriptions_by_owner",
  prefixedAddressKey,
  uint64Key,
  (_id, { owner }) => addressOf(owner),
);
/** By the first epoch after its term. */
export const subscriptionsByEnd = store.multiIndex<bigint, bigint, Subscription>(
  26,
  "subscriptions_by_end",
  uint64Key,
  uint64Key,
  (_id, { endsEpoch }) => endsEpoch,
);
export const subscriptions = store.indexedMap(24, "subscriptions", uint64Key, messageCodec(Subscription), [
  subscriptionsByOwner,
  subscriptionsByEnd,
]);

/** Of epoch 0, where nothing is paid yet, it would be all defaults. */
export const sweep = store.item(27, "sweep", neverEmpty(messageCodec(Sweep), Uint8Array.of(0x08, 0)));

/** By relay. */
export const reservations = store.map(28, "reservations", uint64Key, messageCodec(Reservation));

/** See windows.ts; not stored while no pause has held any. */
export const heldUntil = store.item(29, "held_until", uint64Value);

export const state = {
  params,
  wallets,
  frozen,
  sessionCount,
  sessions,
  sessionsByClient,
  sessionsByRelay,
  sessionsByEnd,
  relaySettlements,
  cellSettlements,
  epochSettlements,
  meterings,
  spotPrices,
  offerCount,
  offers,
  offersByRelay,
  contractCount,
  contracts,
  contractsByOwner,
  contractsByRelay,
  contractUses,
  planCount,
  plans,
  subscriptionCount,
  subscriptions,
  subscriptionsByOwner,
  subscriptionsByEnd,
  sweep,
  reservations,
  heldUntil,
};
