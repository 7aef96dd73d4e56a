/** What the treasury stores; its coins are the module account's, in bank. */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { uint64Key } from "../../chain/keycodec.ts";
import { neverEmpty } from "../../chain/valuecodec.ts";
import { Params, Payment, Policy, Spend } from "../../proto/gen/weir/treasury/v1/state.ts";

export const storeName = "treasury";

const store = collections(storeName);

export const params = store.item(0, "params", messageCodec(Params));

export const policy = store.item(1, "policy", neverEmpty(messageCodec(Policy), Uint8Array.of(8, 0)));

export const spendIds = store.sequence(2, "spend_ids");

/** That wait for approvals. */
export const spends = store.map(3, "spends", uint64Key, messageCodec(Spend));

/** Of the last 24 hours, by the number of the spend. */
export const payments = store.map(4, "payments", uint64Key, messageCodec(Payment));

export const state = { params, policy, spendIds, spends, payments };
