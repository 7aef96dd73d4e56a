/** What consensus stores: one value, at the SDK's key (cosmos-sdk x/consensus/keeper/keeper.go). */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";

export const storeName = "consensus";

const store = collections(storeName);

export const params = store.item("Consensus", "params", messageCodec(ConsensusParams));

export const state = { params };
