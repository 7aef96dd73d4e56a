/** Where the registry keeps what it keeps: prefixes 0 to 63 of the module's store; readings.ts has the rest. Encodings are for ever. */

import { accountAddress } from "../../chain/address.ts";
import type { Codec } from "../../chain/codec.ts";
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { addressKey, bytesKey, pair, stringKey, triple, uint64Key } from "../../chain/keycodec.ts";
import { boolValue, intValue, remembering, uint64Value } from "../../chain/valuecodec.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/state.ts";
import { type BondPool, poolFromProto, poolToProto } from "./bondpool.ts";
import { searchKey } from "./searchkey.ts";
import { subjectKey, subjectValue } from "./subject.ts";

export const storeName = "attestation";

/** Shared by both sides of the module, so that no prefix is given twice. */
export const store = collections(storeName);

export const params = store.item(0, "params", messageCodec(proto.Params));

// ------------------------------------------------------------------------------------------------------ who is registered

/** Of ids that were given: the last one. */
export const relayCount = store.sequence(1, "relay_count");
export const oracleCount = store.sequence(2, "oracle_count");

export const relaysByOperator = store.multiIndex<Uint8Array, bigint, proto.Relay>(
  4,
  "relays_by_operator",
  addressKey,
  uint64Key,
  (_id, { operator }) => accountAddress.decode(operator),
);
export const relays = store.indexedMap(3, "relays", uint64Key, messageCodec(proto.Relay), [relaysByOperator]);

export const oraclesByOperator = store.multiIndex<Uint8Array, bigint, proto.Oracle>(
  6,
  "oracles_by_operator",
  addressKey,
  uint64Key,
  (_id, { operator }) => accountAddress.decode(operator),
);
export const oracles = store.indexedMap(5, "oracles", uint64Key, messageCodec(proto.Oracle), [oraclesByOperator]);

/** By operator; who has nothing registered has none. */
export const operators = store.map(7, "operators", addressKey, messageCodec(proto.Operator));

/** Transport keys and keys of proofs, each once on the chain. */
export const keys = store.map(8, "keys", bytesKey, subjectValue);

export const trusts = store.map(9, "trusts", uint64Key, messageCodec(proto.RelayTrusts));

/** Relays that take sessions, in the order in which they are searched. */
export const search = store.keySet(10, "search", searchKey);

/** Who is in a cell, by what is announced. */
export const cellMembers = store.keySet(11, "cell_members", pair(stringKey, subjectKey));

/** Who leaves when, and whose record goes when. */
export const departures = store.timeQueue(12, "departures", subjectKey, boolValue);

/** Oracles that have not left. */
export const activeOracles = store.item(13, "active_oracles", uint64Value);

// ------------------------------------------------------------------------------------------------------------------ bonds

const poolCodec: Codec<BondPool> = {
  encode: (pool) => messageCodec(proto.BondPool).encode(poolToProto(pool)),
  decode: (bytes) => poolFromProto(messageCodec(proto.BondPool).decode(bytes)),
};

export const bonds = store.map(16, "bonds", subjectKey, poolCodec);

/** Shares of a bond, as a Dec's integer. */
export const delegations = store.map(17, "delegations", pair(subjectKey, addressKey), intValue);
/** By delegator. */
export const delegationsByDelegator = store.keySet(18, "delegations_by_delegator", pair(addressKey, subjectKey));

/** By the epoch in which they began. */
export const unbondingPools = store.map(
  19,
  "unbonding_pools",
  pair(subjectKey, uint64Key),
  messageCodec(proto.UnbondingPool),
);
export const unbondings = store.map(
  20,
  "unbondings",
  triple(addressKey, subjectKey, uint64Key),
  messageCodec(proto.Unbonding),
);
export const unbondingQueue = store.timeQueue(
  21,
  "unbonding_queue",
  triple(addressKey, subjectKey, uint64Key),
  boolValue,
);

/** By relay and operator of oracles. */
export const ties = store.map(22, "ties", pair(uint64Key, addressKey), messageCodec(proto.Ties));

// --------------------------------------------------------------------------------------------------------------- families

export const familyCount = store.sequence(32, "family_count");
export const families = store.map(33, "families", uint64Key, messageCodec(proto.Family));
export const memberships = store.map(34, "memberships", addressKey, messageCodec(proto.Memberships));
/** By what is announced. */
export const familyMembers = store.keySet(35, "family_members", pair(uint64Key, addressKey));
export const invitations = store.map(36, "invitations", pair(uint64Key, addressKey), messageCodec(proto.Invitation));
export const invitationsByOperator = store.keySet(37, "invitations_by_operator", pair(addressKey, uint64Key));

// ------------------------------------------------------------------------------------------------------------- governance

export const cells = store.map(48, "cells", stringKey, messageCodec(proto.Cell));
/** The names in order. */
export const cellRtts = store.map(49, "cell_rtts", pair(stringKey, stringKey), uint64Value);
export const pilotOperators = store.keySet(50, "pilot_operators", addressKey);
export const pilotBuyers = store.keySet(51, "pilot_buyers", addressKey);
export const denials = store.map(52, "denials", addressKey, messageCodec(proto.Denial));
export const software = store.item(53, "software", messageCodec(proto.SoftwareVersions));
/** Of the last epochs. */
const openingSlots = 16;
/** Every relay of a page asks for its epoch's. The second byte is the epoch's last bits. */
const openingCodec = remembering(messageCodec(proto.Opening), openingSlots, (bytes) => bytes[1]! & (openingSlots - 1));
export const openings = store.map(54, "openings", uint64Key, openingCodec);

export const registryState = {
  params,
  relayCount,
  relays,
  relaysByOperator,
  oracleCount,
  oracles,
  oraclesByOperator,
  operators,
  keys,
  trusts,
  search,
  cellMembers,
  departures,
  activeOracles,
  bonds,
  delegations,
  delegationsByDelegator,
  unbondingPools,
  unbondings,
  unbondingQueue,
  ties,
  familyCount,
  families,
  memberships,
  familyMembers,
  invitations,
  invitationsByOperator,
  cells,
  cellRtts,
  pilotOperators,
  pilotBuyers,
  denials,
  software,
  openings,
};
