/** What authz stores, at the SDK's keys (cosmos-sdk x/authz/keeper/keys.go). */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, prefixedAddressKey, stringKey, timeKey, triple } from "../../chain/keycodec.ts";
import { boolValue } from "../../chain/valuecodec.ts";
import { Grant, GrantQueueItem } from "../../proto/gen/cosmos/authz/v1beta1/authz.ts";

export const storeName = "authz";

const store = collections(storeName);

/** By granter, grantee and the type URL of the message that it allows. */
export const grants = store.map(1, "grants", triple(addressKey, addressKey, stringKey), messageCodec(Grant));

/** By expiry, granter and grantee: which of their grants end then. */
export const grantQueue = store.map(
  2,
  "grant_queue",
  triple(timeKey, addressKey, prefixedAddressKey),
  messageCodec(GrantQueueItem),
);

/** Always there: of an empty tree nothing can be proven, not even that something is absent. */
export const marker = store.item(255, "marker", boolValue);

export const state = { grants, grantQueue, marker };
