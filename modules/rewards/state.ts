/** What rewards store. */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, pair, stringKey, uint64Key } from "../../chain/keycodec.ts";
import { addressValue, intValue, remembering } from "../../chain/valuecodec.ts";
import {
  Cell,
  CellTotals,
  Clock,
  EpochRecord,
  FamilyPart,
  OracleRecord,
  Params,
  Reduction,
  RelayRecord,
  RelayResult,
  Settlement,
  Unaccrued,
} from "../../proto/gen/weir/rewards/v1/state.ts";

export const storeName = "rewards";

const store = collections(storeName);

export const params = store.item(0, "params", messageCodec(Params));

/** Which epoch is settled next, and what settlements carry from one to the next. */
export const clock = store.item(1, "clock", messageCodec(Clock));

/** The sweep under way; none between two. */
export const settlement = store.item(2, "settlement", messageCodec(Settlement));

/** By weight in the last settled epoch, and relay. */
export const relaysByWeight = store.multiIndex<bigint, bigint, RelayRecord>(
  4,
  "relays_by_weight",
  uint64Key,
  uint64Key,
  (_id, record) => record.weight,
);

/** By relay: all that rewards know of it. */
export const relays = store.indexedMap(3, "relays", uint64Key, messageCodec(RelayRecord), [relaysByWeight]);

/** By relay and who has shares in its bond: where the relay's index stood when they were last counted. */
export const shares = store.map(5, "shares", pair(uint64Key, addressKey), intValue);

export const oracles = store.map(6, "oracles", uint64Key, messageCodec(OracleRecord));

export const cells = store.map(7, "cells", stringKey, messageCodec(Cell));

/** By relay and epoch: of the last epochs. */
export const results = store.map(8, "results", pair(uint64Key, uint64Key), messageCodec(RelayResult));

/** Every relay of a page reads the same one. A record begins with its number, a short one by its last byte. */
const epochRecord = remembering(messageCodec(EpochRecord), 16, (bytes) => bytes[1] ?? 0);

/** By epoch. */
export const epochRecords = store.map(9, "epoch_records", uint64Key, epochRecord);

/** By epoch and cell: what its transient relays count for, where that is less than their weights. */
export const curves = store.map(10, "curves", pair(uint64Key, stringKey), messageCodec(Reduction));

/** By epoch and family, or relay without one: what it counts for, where that is less than its weight. */
export const caps = store.map(11, "caps", pair(uint64Key, stringKey), messageCodec(Reduction));

/** By cell: sums of the epoch that is being settled. */
export const cellTotals = store.map(12, "cell_totals", stringKey, messageCodec(CellTotals));

/** By family and cell: sums of the epoch that is being settled. */
export const familyParts = store.map(13, "family_parts", pair(stringKey, stringKey), messageCodec(FamilyPart));

/** Minted for epochs whose rewards are being accrued. */
export const unaccrued = store.item(14, "unaccrued", messageCodec(Unaccrued));

/** By account: where its rewards go, if not to itself. */
export const withdrawAddresses = store.map(15, "withdraw_addresses", addressKey, addressValue);

export const state = {
  params,
  clock,
  settlement,
  relays,
  relaysByWeight,
  shares,
  oracles,
  cells,
  results,
  epochRecords,
  curves,
  caps,
  cellTotals,
  familyParts,
  unaccrued,
  withdrawAddresses,
};
