/** What distribution stores, at the SDK's keys (cosmos-sdk x/distribution/types/keys.go). */
import { type Codec, type GeneratedMessage, messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import type { DecCoins } from "../../chain/deccoins.ts";
import { type KeyCodec, pair, prefixedAddressKey, triple, uint64Key } from "../../chain/keycodec.ts";
import { addressValue, neverEmpty } from "../../chain/valuecodec.ts";
import * as proto from "../../proto/gen/cosmos/distribution/v1beta1/distribution.ts";
import { decodeDecCoins, encodeCoinsAndNumber, encodeDecCoins, readCoinsAndNumber } from "./coinsbytes.ts";
import * as records from "./records.ts";

export const storeName = "distribution";

const store = collections(storeName);

/** A protobuf message that the module holds in a shape of its own, numbers as numbers. */
function recordCodec<P, R>(message: GeneratedMessage<P>, read: (p: P) => R, write: (record: R) => P): Codec<R> {
  const { encode, decode } = messageCodec(message);
  return { encode: (record) => encode(write(record)), decode: (bytes) => read(decode(bytes)) };
}

/** Field 15, which none of the messages has and every reader passes over, as 0: a set of no coins must not be an empty value. */
const noCoins = Uint8Array.of(0x78, 0);

/** Each of these messages holds a set of coins as its field 1, and nothing else. */
const coinsCodec: Codec<DecCoins> = neverEmpty({ encode: encodeDecCoins, decode: decodeDecCoins }, noCoins);

/** A set of coins and a number: by hand where it is short, by the generated code where it is not. */
function coinsAndNumberCodec<P, R>(
  message: GeneratedMessage<P>,
  read: (p: P) => R,
  make: (coins: DecCoins, number: bigint) => R,
  partsOf: (record: R) => readonly [coins: DecCoins, number: bigint],
): Codec<R> {
  return {
    encode: (record) => encodeCoinsAndNumber(...partsOf(record)),
    decode(bytes) {
      const parts = readCoinsAndNumber(bytes);
      return parts === undefined ? read(message.decode(bytes)) : make(parts.coins, parts.number);
    },
  };
}

/** Numbers of periods are written with their lowest byte first, so that the store does not hold them in order. */
const periodPart: KeyCodec<bigint>["last"] = {
  size: () => 8,
  write(target, offset, key) {
    const end = uint64Key.last.write(target, offset, key);
    target.subarray(offset, end).reverse();
    return end;
  },
  read(cursor) {
    const bytes = cursor.bytes.slice(cursor.offset, cursor.offset + 8).reverse();
    cursor.offset += 8;
    return uint64Key.last.read({ bytes, offset: 0 });
  },
};
const periodKey: KeyCodec<bigint> = { last: periodPart, inner: periodPart };

/** Coins that belong to nobody: taxes, remainders, gifts. */
export const communityPool = store.item(0, "fee_pool", coinsCodec);

/** The consensus address of the last block's proposer; kept only while the parameters give proposers something. */
export const previousProposer = store.item(1, "previous_proposer", bytesMessage());

/** google.protobuf.BytesValue. */
function bytesMessage(): Codec<Uint8Array> {
  return {
    encode: (value) => Uint8Array.of(0x0a, value.length, ...value),
    decode(bytes) {
      if (bytes[0] === 0x0a && bytes[1] === bytes.length - 2 && bytes[1] < 0x80) return bytes.slice(2);
      throw new Error("stored value is damaged: no google.protobuf.BytesValue; restore the store from a snapshot");
    },
  };
}

/** What a validator and its delegators have not withdrawn, by operator. */
export const outstandingRewards = store.map(2, "outstanding_rewards", prefixedAddressKey, coinsCodec);

/** Where a delegator's rewards go, if not to the delegator. */
export const withdrawAddresses = store.map(3, "withdraw_addresses", prefixedAddressKey, addressValue);

/** By validator and delegator. */
export const startingInfos = store.map(
  4,
  "starting_infos",
  pair(prefixedAddressKey, prefixedAddressKey),
  recordCodec(proto.DelegatorStartingInfo, records.startingFromProto, records.startingToProto),
);

/** By validator and period. */
export const historicalRewards = store.map(
  5,
  "historical_rewards",
  pair(prefixedAddressKey, periodKey),
  coinsAndNumberCodec(
    proto.ValidatorHistoricalRewards,
    records.historicalFromProto,
    (ratio, references) => ({ ratio, references: Number(references) }),
    ({ ratio, references }) => [ratio, BigInt(references)],
  ),
);

/** By operator. */
export const currentRewards = store.map(
  6,
  "current_rewards",
  prefixedAddressKey,
  coinsAndNumberCodec(
    proto.ValidatorCurrentRewards,
    records.currentFromProto,
    (rewards, period) => ({ rewards, period }),
    ({ rewards, period }) => [rewards, period],
  ),
);

/** A validator's own part that it has not withdrawn, by operator. */
export const accumulatedCommissions = store.map(7, "accumulated_commissions", prefixedAddressKey, coinsCodec);

/** By validator, height and period. */
export const slashEvents = store.map(
  8,
  "slash_events",
  triple(prefixedAddressKey, uint64Key, uint64Key),
  recordCodec(proto.ValidatorSlashEvent, records.slashFromProto, records.slashToProto),
);

export const params = store.item(9, "params", messageCodec(proto.Params));

export const state = {
  communityPool,
  previousProposer,
  outstandingRewards,
  withdrawAddresses,
  startingInfos,
  historicalRewards,
  currentRewards,
  accumulatedCommissions,
  slashEvents,
  params,
};
