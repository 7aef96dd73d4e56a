/** What staking stores, at the SDK's keys (cosmos-sdk x/staking/types/keys.go). */
import { type Codec, type GeneratedMessage, messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import type { Timestamp } from "../../chain/context.ts";
import {
  addressKey,
  type KeyCodec,
  type Pair,
  pair,
  prefixedAddressKey,
  timeKey,
  triple,
  uint64Key,
} from "../../chain/keycodec.ts";
import { sortableTimeLength } from "../../chain/sortabletime.ts";
import { addressValue, bytesValue, protoInt64Value, remembering, uint64Value } from "../../chain/valuecodec.ts";
import { IntProto } from "../../proto/gen/cosmos/base/v1beta1/coin.ts";
import * as proto from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";
import * as delegation from "./delegation.ts";
import { validatorFromProto, validatorToProto } from "./validator.ts";

export const storeName = "staking";

const store = collections(storeName);

/** A protobuf message that the module holds in a shape of its own, numbers as numbers. */
function recordCodec<P, R>(message: GeneratedMessage<P>, read: (p: P) => R, write: (record: R) => P): Codec<R> {
  const { encode, decode } = messageCodec(message);
  return { encode: (record) => encode(write(record)), decode: (bytes) => read(decode(bytes)) };
}

// ------------------------------------------------------------------------------------------------- keys that only staking has

/** An address with each bit turned over, so that of two validators of one power the one with the lower address comes first. */
const turnedAddressKey: KeyCodec<Uint8Array> = {
  last: turned(prefixedAddressKey.last),
  inner: turned(prefixedAddressKey.inner),
};

function turned(part: KeyCodec<Uint8Array>["last"]): KeyCodec<Uint8Array>["last"] {
  const turn = (address: Uint8Array) => address.map((byte) => byte ^ 0xff);
  return {
    size: part.size,
    write: (target, offset, key) => part.write(target, offset, turn(key)),
    read: (cursor) => turn(part.read(cursor)),
  };
}

/** The SDK writes the length of a time, always 29, as eight bytes before it. */
const timeLengthKey: KeyCodec<Timestamp> = { last: withLength(timeKey.last), inner: withLength(timeKey.inner) };

function withLength(part: KeyCodec<Timestamp>["last"]): KeyCodec<Timestamp>["last"] {
  const length = BigInt(sortableTimeLength);
  return {
    size: (key) => 8 + part.size(key),
    write: (target, offset, key) => part.write(target, uint64Key.inner.write(target, offset, length), key),
    read(cursor) {
      if (uint64Key.inner.read(cursor) !== length) throw new Error("stored key is damaged: a time of another length");
      return part.read(cursor);
    },
  };
}

// ---------------------------------------------------------------------------------------------------------------- validators

/** Of validators that the engine had in the last block; set by the end of a block only. */
export const lastValidatorPowers = store.map(0x11, "last_validator_powers", prefixedAddressKey, protoInt64Value);

export const lastTotalPower = store.item(
  0x12,
  "last_total_power",
  recordCodec(
    IntProto,
    ({ int }) => BigInt(int || "0"),
    (power: bigint) => ({ int: `${power}` }),
  ),
);

/** More than the validator set that a chain has, so that most of them have a slot of their own. */
const validatorSlots = 1 << 12;

/** A record begins with the operator's address, whose last characters are a checksum. */
const operatorSlot = (bytes: Uint8Array): number => {
  const end = 2 + bytes[1]!;
  return bytes[end - 1]! * 0x10_000 + bytes[end - 2]! * 0x4_00 + bytes[end - 3]! * 0x20 + bytes[end - 4]!;
};

/** By operator. */
export const validators = store.map(
  0x21,
  "validators",
  prefixedAddressKey,
  remembering(recordCodec(proto.Validator, validatorFromProto, validatorToProto), validatorSlots, operatorSlot),
);

/** Operators by consensus address. */
export const validatorsByConsensusAddress = store.map(
  0x22,
  "validators_by_consensus_address",
  prefixedAddressKey,
  addressValue,
);

/** Operators by the power that they would have; the jailed are not in it. Read backwards, the strongest is first. */
export const validatorsByPower = store.map(
  0x23,
  "validators_by_power",
  pair(uint64Key, turnedAddressKey),
  addressValue,
);

/** By the time and height at which they are unbonded. */
export const validatorQueue = store.map(
  0x43,
  "validator_queue",
  pair(timeLengthKey, uint64Key),
  messageCodec(proto.ValAddresses),
);

// --------------------------------------------------------------------------------------------------------------- delegations

/** By delegator and validator. */
export const delegations = store.map(
  0x31,
  "delegations",
  pair(addressKey, prefixedAddressKey),
  recordCodec(proto.Delegation, delegation.delegationFromProto, delegation.delegationToProto),
);

/** By validator and delegator. */
export const delegationsByValidator = store.keySet(0x71, "delegations_by_validator", pair(addressKey, addressKey));

/** By delegator and validator. */
export const unbondingDelegations = store.map(
  0x32,
  "unbonding_delegations",
  pair(addressKey, prefixedAddressKey),
  recordCodec(proto.UnbondingDelegation, delegation.unbondingFromProto, delegation.unbondingToProto),
);

/** By validator and delegator. */
export const unbondingsByValidator = store.keySet(
  0x33,
  "unbondings_by_validator",
  pair(addressKey, prefixedAddressKey),
);

/** By delegator, source and destination. */
export const redelegations = store.map(
  0x34,
  "redelegations",
  triple(addressKey, addressKey, prefixedAddressKey),
  recordCodec(proto.Redelegation, delegation.redelegationFromProto, delegation.redelegationToProto),
);

/** By source, delegator and destination. */
export const redelegationsBySource = store.keySet(
  0x35,
  "redelegations_by_source",
  triple(addressKey, addressKey, prefixedAddressKey),
);

/** By destination, delegator and source. */
export const redelegationsByDestination = store.keySet(
  0x36,
  "redelegations_by_destination",
  triple(addressKey, addressKey, prefixedAddressKey),
);

/** The last number given to something that unbonds. */
export const lastUnbondingId = store.item(0x37, "last_unbonding_id", uint64Value);

/** The key of the record in which it unbonds, with its prefix. */
export const unbondingIndex = store.map(0x38, "unbonding_index", uint64Key, bytesValue);

/** Which kind of record that is. */
export const unbondingTypes = store.map(0x39, "unbonding_types", uint64Key, uint64Value);

/**
 * Which unbonding delegation has an entry that completes at a time, by that entry's number: those of one block in the order in which they
 * began. Unlike the SDK's, one key an entry, so that no entry makes another one dearer (docs/adr/0010).
 */
export const unbondingQueue = store.timeQueue(0x41, "unbonding_queue", uint64Key, messageCodec(proto.DVPair));

export const redelegationQueue = store.timeQueue(0x42, "redelegation_queue", uint64Key, messageCodec(proto.DVVTriplet));

// ----------------------------------------------------------------------------------------------------------------------- rest

/** Headers and validator sets by height, for light clients that run on other chains. */
export const historicalInfos = store.map(0x50, "historical_infos", uint64Key, bytesValue);

export const params = store.item(0x51, "params", messageCodec(proto.Params));

export type ByPower = Pair<bigint, Uint8Array>;

export const state = {
  lastValidatorPowers,
  lastTotalPower,
  validators,
  validatorsByConsensusAddress,
  validatorsByPower,
  validatorQueue,
  delegations,
  delegationsByValidator,
  unbondingDelegations,
  unbondingsByValidator,
  redelegations,
  redelegationsBySource,
  redelegationsByDestination,
  lastUnbondingId,
  unbondingIndex,
  unbondingTypes,
  unbondingQueue,
  redelegationQueue,
  historicalInfos,
  params,
};
