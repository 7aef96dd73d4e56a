/** What evidence stores, at the SDK's keys (cosmossdk.io/x/evidence/types/keys.go). */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { bytesKey } from "../../chain/keycodec.ts";
import { Any } from "../../proto/gen/google/protobuf/any.ts";

export const storeName = "evidence";

const store = collections(storeName);

/** By the hash of what the Any holds. */
export const evidences = store.map(0, "evidences", bytesKey, messageCodec(Any));

export const state = { evidences };
