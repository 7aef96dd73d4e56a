/** What compliance stores. Freezes are acts of the emergency committee, and circuit's; coins are bank's. */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, pair, stringKey, timeKey, triple, uint64Key } from "../../chain/keycodec.ts";
import { encodeUtf8, readUtf8 } from "../../chain/utf8.ts";
import { intValue } from "../../chain/valuecodec.ts";
import { Credential, DenomRule, Issuance, Issuer, Params } from "../../proto/gen/weir/compliance/v1/state.ts";

export const storeName = "compliance";

/** Makes and burns what is issued, and holds nothing. */
export const issuingName = "compliance";
/** Holds what is owed to accounts that may not receive it now. */
export const heldName = "compliance_held";

const store = collections(storeName);

export const params = store.item(0, "params", messageCodec(Params));

/** Of the issuer that is approved next. */
export const versions = store.sequence(1, "versions");

export const issuers = store.map(2, "issuers", addressKey, messageCodec(Issuer));

const credentialKey = triple(addressKey, addressKey, stringKey);

/** By the first moment at which they do not count any more. */
export const credentialsByExpiry = store.multiIndex(
  4,
  "credentials_by_expiry",
  timeKey,
  credentialKey,
  (_key, { expires }: Credential) => expires!,
);

/** By subject, issuer and kind. */
export const credentials = store.indexedMap(3, "credentials", credentialKey, messageCodec(Credential), [
  credentialsByExpiry,
]);

export const rules = store.map(5, "rules", stringKey, messageCodec(DenomRule));

export const issuances = store.map(6, "issuances", stringKey, messageCodec(Issuance));

/** By owner and denomination; nothing is not stored. */
export const held = store.map(7, "held", pair(addressKey, stringKey), intValue);

/** By epoch, denomination, flow and account: what was used of a limit. */
export const usages = store.map(8, "usages", pair(uint64Key, triple(stringKey, uint64Key, addressKey)), intValue);

/** By relay. */
export const jurisdictions = store.map(9, "jurisdictions", uint64Key, {
  encode: encodeUtf8,
  decode: (bytes) => readUtf8(bytes, 0, bytes.length),
});

export const state = {
  params,
  versions,
  issuers,
  credentials,
  credentialsByExpiry,
  rules,
  issuances,
  held,
  usages,
  jurisdictions,
};
