/** What bank stores, at the SDK's keys (cosmos-sdk x/bank/types/keys.go). */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, pair, prefixedAddressKey, stringKey } from "../../chain/keycodec.ts";
import { intValue, neverEmpty, protoBoolValue } from "../../chain/valuecodec.ts";
import { Metadata, Params } from "../../proto/gen/cosmos/bank/v1beta1/bank.ts";

export const storeName = "bank";

const store = collections(storeName);

/** By denomination; one of which nothing is left is not stored. */
export const supplies = store.map(0, "supply", stringKey, intValue);

/** By base denomination. */
export const denomMetadata = store.map(1, "denom_metadata", stringKey, messageCodec(Metadata));

/** Who holds a denomination. */
export const owners = store.reverseIndex<Uint8Array, string, bigint>(
  3,
  "address_by_denom_index",
  prefixedAddressKey,
  stringKey,
);

/** By address and denomination; zero is not stored. */
export const balances = store.indexedMap(2, "balances", pair(addressKey, stringKey), intValue, [owners]);

/** Denominations that differ from the default of the parameters, or may do so later. */
export const sendEnabled = store.map(4, "send_enabled", stringKey, protoBoolValue);

/** Field 2, default_send_enabled, as a written-out false. */
const sendingOff = Uint8Array.of(0x10, 0);

export const params = store.item(5, "params", neverEmpty(messageCodec(Params), sendingOff));

export const state = { supplies, denomMetadata, balances, owners, sendEnabled, params };
