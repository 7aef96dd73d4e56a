/** What mint stores: the SDK's two values at its keys (cosmos-sdk x/mint/types/keys.go), and the emission schedule beside them. */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { Minter, Params } from "../../proto/gen/cosmos/mint/v1beta1/mint.ts";
import { Emission } from "../../proto/gen/weir/mint/v1/state.ts";

export const storeName = "mint";

const store = collections(storeName);

/** Inflation and annual provisions as of the last block; a chain with an emission schedule leaves it as genesis wrote it. */
export const minter = store.item(0, "minter", messageCodec(Minter));

export const params = store.item(1, "params", messageCodec(Params));

/** Only where genesis chose a schedule. */
export const emission = store.item(2, "emission", messageCodec(Emission));

export const state = { minter, params, emission };
