/** What feegrant stores, at the SDK's keys (cosmossdk.io/x/feegrant key.go). */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, pair, prefixedAddressKey, timeKey, triple } from "../../chain/keycodec.ts";
import { boolValue } from "../../chain/valuecodec.ts";
import { Grant } from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";

export const storeName = "feegrant";

const store = collections(storeName);

/** By grantee and granter. */
export const allowances = store.map(0, "allowances", pair(addressKey, prefixedAddressKey), messageCodec(Grant));

/** By expiry, grantee and granter. */
export const allowanceQueue = store.keySet(1, "allowance_queue", triple(timeKey, addressKey, prefixedAddressKey));

/** Always there: of an empty tree nothing can be proven, not even that something is absent. */
export const marker = store.item(255, "marker", boolValue);

export const state = { allowances, allowanceQueue, marker };
