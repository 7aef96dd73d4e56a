/** What upgrade stores, at the SDK's keys (cosmossdk.io/x/upgrade/types/keys.go). */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { pair, stringKey, uint64Key } from "../../chain/keycodec.ts";
import { boolValue, uint64Value } from "../../chain/valuecodec.ts";
import { Plan } from "../../proto/gen/cosmos/upgrade/v1beta1/upgrade.ts";

export const storeName = "upgrade";

const store = collections(storeName);

export const plan = store.item(0, "plan", messageCodec(Plan));

/** By height, then name. */
export const done = store.map(1, "done", pair(uint64Key, stringKey), boolValue);

/** By module: the version of its state. */
export const versions = store.map(2, "module_versions", stringKey, uint64Value);

/** How many upgrades were carried out. */
export const protocolVersion = store.item(3, "protocol_version", uint64Value);

export const state = { plan, done, versions, protocolVersion };
