/** What the beacon stores. */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, pair, uint64Key } from "../../chain/keycodec.ts";
import { bytesValue, intValue } from "../../chain/valuecodec.ts";
import { Beacon, Epoch, Params, Proposer } from "../../proto/gen/weir/beacon/v1/state.ts";

export const storeName = "beacon";

const store = collections(storeName);

export const params = store.item(0, "params", messageCodec(Params));

export const beacon = store.item(1, "beacon", messageCodec(Beacon));

/** By operator: of validators that registered a key or proposed a block. */
export const proposers = store.map(2, "proposers", addressKey, messageCodec(Proposer));

/** By operator: what it was fined since the epoch opened, and pays when the next one opens. */
export const finesDue = store.map(3, "fines_due", addressKey, intValue);

/** How many epochs have opened: the number of the next one. */
export const epochCount = store.sequence(4, "epoch_count");

/** The last ones. */
export const epochs = store.map(5, "epochs", uint64Key, messageCodec(Epoch));

/** By epoch and tick: the beacon from that tick on. */
export const ticks = store.map(6, "ticks", pair(uint64Key, uint64Key), bytesValue);

export const state = { params, beacon, proposers, finesDue, epochCount, epochs, ticks };
