/** What the reserve stores. Its coins are in bank's accounts: R is what `reserve` holds, B what `reserve_burn` holds. */
import { accountAddress } from "../../chain/address.ts";
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, type KeyCodec, type KeyPart, pair, prefixedAddressKey, uint64Key } from "../../chain/keycodec.ts";
import { intValue } from "../../chain/valuecodec.ts";
import {
  EpochReport,
  Flows,
  Marks,
  Offer,
  Params,
  Payout,
  Redeeming,
  Redemption,
  Sale,
} from "../../proto/gen/weir/reserve/v1/state.ts";

export const storeName = "reserve";

/** R. */
export const reserveName = "reserve";
/** B, and what relays will be paid of it. */
export const burnName = "reserve_burn";
/** The token of offers and redemptions. */
export const bookName = "reserve_book";

const store = collections(storeName);

export const params = store.item(0, "params", messageCodec(Params));
export const marks = store.item(1, "marks", messageCodec(Marks));

const priceBytes = 16;
/** An ask has at most so many bits: beyond any price that there is. */
export const askMax = (1n << 120n) - 1n;

const pricePart: KeyPart<bigint> = {
  size: () => priceBytes,
  write(target, offset, value) {
    let left = value;
    for (let i = priceBytes - 1; i >= 0; i--) {
      target[offset + i] = Number(left & 0xffn);
      left >>= 8n;
    }
    return offset + priceBytes;
  },
  read(cursor) {
    let value = 0n;
    for (let i = 0; i < priceBytes; i++) value = (value << 8n) | BigInt(cursor.bytes[cursor.offset + i] ?? 0);
    cursor.offset += priceBytes;
    return value;
  },
};
const priceKey: KeyCodec<bigint> = { last: pricePart, inner: pricePart };

export const offerCount = store.sequence(2, "offer_count");
export const offersByAsk = store.multiIndex<bigint, bigint, Offer>(
  4,
  "offers_by_ask",
  priceKey,
  uint64Key,
  (_id, { ask }) => BigInt(ask),
);
export const offersBySeller = store.multiIndex<Uint8Array, bigint, Offer>(
  5,
  "offers_by_seller",
  prefixedAddressKey,
  uint64Key,
  (_id, { seller }) => accountAddress.decode(seller),
);
export const offers = store.indexedMap(3, "offers", uint64Key, messageCodec(Offer), [offersByAsk, offersBySeller]);
/** How many rest. */
export const restingCount = store.item(6, "resting_count", intValue);

/** By epoch and holder. */
export const redemptions = store.map(7, "redemptions", pair(uint64Key, addressKey), messageCodec(Redemption));
/** By epoch: what all of its redemptions are of. */
export const redemptionsAsked = store.map(8, "redemptions_asked", uint64Key, intValue);
export const redeeming = store.item(9, "redeeming", messageCodec(Redeeming));

export const flows = store.item(10, "flows", messageCodec(Flows));

/** By epoch: what relays are paid of its auction, until all are. */
export const payouts = store.map(11, "payouts", uint64Key, messageCodec(Payout));

export const reports = store.map(12, "reports", uint64Key, messageCodec(EpochReport));

/** The one that stands, or the last that was. */
export const sale = store.item(13, "sale", messageCodec(Sale));

export const state = {
  params,
  marks,
  offerCount,
  offers,
  offersByAsk,
  offersBySeller,
  restingCount,
  redemptions,
  redemptionsAsked,
  redeeming,
  flows,
  payouts,
  reports,
  sale,
};
