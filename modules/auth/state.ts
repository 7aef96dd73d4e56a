/** What auth stores, at the SDK's keys (cosmos-sdk x/auth/types/keys.go). The store is named "acc", as there. */

import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, uint64Key } from "../../chain/keycodec.ts";
import { Params } from "../../proto/gen/cosmos/auth/v1beta1/auth.ts";
import type { Account } from "./account.ts";
import { accountCodec } from "./accountcodec.ts";

export const storeName = "acc";

const store = collections(storeName);

export const params = store.item(0, "params", messageCodec(Params));

export const nextAccountNumber = store.sequence(2, "account_number");

export const accountsByNumber = store.uniqueIndex<bigint, Uint8Array, Account>(
  "accountNumber",
  "account_by_number",
  uint64Key,
  addressKey,
  (_address, account) => account.base.accountNumber,
);

export const accounts = store.indexedMap(1, "accounts", addressKey, accountCodec, [accountsByNumber]);

export const state = { params, nextAccountNumber, accounts, accountsByNumber };
