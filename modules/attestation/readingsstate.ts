/** Where readings are kept: prefixes 64 to 95 of the module's store; state.ts has the rest. Encodings are for ever. */
import { messageCodec } from "../../chain/codec.ts";
import { pair, uint64Key } from "../../chain/keycodec.ts";
import { neverEmpty, remembering, stringValue } from "../../chain/valuecodec.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/readings.ts";
import { relayReadingsCodec } from "./readingspacked.ts";
import { store } from "./state.ts";

/** By epoch and oracle. */
export const commits = store.map(64, "commits", pair(uint64Key, uint64Key), messageCodec(proto.Commit));

/** By epoch and relay: each relay of which anything was read. */
export const readings = store.map(65, "readings", pair(uint64Key, uint64Key), relayReadingsCodec);

/** By epoch: what its slots follow from. */
export const plans = store.map(66, "plans", uint64Key, messageCodec(proto.EpochPlan));

/** Read by every message of an epoch: what the same bytes decoded to is given again. */
const oracleSetsKept = 4;
const oracleSet = remembering(messageCodec(proto.OracleSet), oracleSetsKept, (bytes) => bytes.length);

/** By epoch: who could be drawn, noted when its seed was known. */
export const oracleSets = store.map(74, "oracle_sets", uint64Key, oracleSet);

/** By epoch and oracle: what its proof said. */
export const covertLists = store.map(
  67,
  "covert_lists",
  pair(uint64Key, uint64Key),
  messageCodec(proto.CovertAssignments),
);

/** One that counts nothing yet says so: no value is empty (ADR 0009). */
const oracleTally = neverEmpty(messageCodec(proto.OracleTally), Uint8Array.of(0x08, 0x00));

/** By epoch and oracle. */
export const oracleTallies = store.map(68, "oracle_tallies", pair(uint64Key, uint64Key), oracleTally);

export const tallySweep = store.item(69, "tally_sweep", messageCodec(proto.TallySweep));

/** By the epoch that is disputed, and relay. */
export const disputes = store.map(70, "disputes", pair(uint64Key, uint64Key), messageCodec(proto.Dispute));

/** By oracle. */
export const disputeRecords = store.map(71, "dispute_records", uint64Key, messageCodec(proto.DisputeRecord));

/** By relay: the cell that it cannot be in. */
export const refutations = store.map(72, "refutations", uint64Key, stringValue);

/** By epoch and oracle: who was slashed for it. */
export const equivocations = store.keySet(73, "equivocations", pair(uint64Key, uint64Key));

export const readingsState = {
  commits,
  readings,
  plans,
  oracleSets,
  covertLists,
  oracleTallies,
  tallySweep,
  disputes,
  disputeRecords,
  refutations,
  equivocations,
};
