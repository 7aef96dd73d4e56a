/** What is known of a validator's signing, and its bytes, written and read by hand: every block changes one a validator. Pure. */
import { consensusAddress } from "../../chain/address.ts";
import { newBytes } from "../../chain/bytes.ts";
import { type Codec, messageCodec } from "../../chain/codec.ts";
import type { Timestamp } from "../../chain/context.ts";
import { isAscii, writeUtf8 } from "../../chain/utf8.ts";
import { ValidatorSigningInfo } from "../../proto/gen/cosmos/slashing/v1beta1/slashing.ts";

export interface SigningInfo {
  /** weirvalcons1… */
  readonly address: string;
  /** When it was last bonded: before a window has passed from then on, it is not punished. */
  readonly startHeight: bigint;
  /** Blocks counted since then; modulo the window, the next block's place in the bitmap. */
  readonly indexOffset: bigint;
  readonly jailedUntil: Timestamp;
  /** It signed twice: its key never validates again. */
  readonly tombstoned: boolean;
  /** The bits that are set in the bitmap. */
  readonly missedBlocksCounter: bigint;
}

const epoch: Timestamp = { seconds: 0n, nanos: 0 };

export const newSigningInfo = (address: Uint8Array, startHeight: bigint): SigningInfo => ({
  address: consensusAddress.encode(address),
  startHeight,
  indexOffset: 0n,
  jailedUntil: epoch,
  tombstoned: false,
  missedBlocksCounter: 0n,
});

export const signingInfoFromProto = (info: ValidatorSigningInfo): SigningInfo => ({
  ...info,
  jailedUntil: info.jailedUntil ?? epoch,
});

export const signingInfoToProto = (info: SigningInfo): ValidatorSigningInfo => ({ ...info });

// ---------------------------------------------------------------------------------------------------------------------- bytes

const generated = messageCodec(ValidatorSigningInfo);

/** The record of a validator that was never jailed: an address in ASCII, then heights that a number holds. All others are generated code's. */
const tags = { address: 0x0a, startHeight: 0x10, indexOffset: 0x18, jailedUntil: 0x22, missed: 0x30 } as const;

const plainAddressMax = 0x7f;
const plainNumberMax = BigInt(Number.MAX_SAFE_INTEGER);

const isPlainNumber = (value: bigint): boolean => value >= 0n && value <= plainNumberMax;

function isPlain({ address, startHeight, indexOffset, jailedUntil, tombstoned, missedBlocksCounter }: SigningInfo) {
  return (
    !tombstoned &&
    jailedUntil.seconds === 0n &&
    jailedUntil.nanos === 0 &&
    address.length > 0 &&
    address.length <= plainAddressMax &&
    isAscii(address) &&
    isPlainNumber(startHeight) &&
    isPlainNumber(indexOffset) &&
    isPlainNumber(missedBlocksCounter)
  );
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/** A field of zero is not written. */
const fieldLength = (value: number): number => (value === 0 ? 0 : 1 + varintLength(value));

function writeField(target: Uint8Array, offset: number, tag: number, value: number): number {
  if (value === 0) return offset;
  target[offset] = tag;
  let at = offset + 1;
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) target[at++] = (rest % 0x80) | 0x80;
  target[at] = rest;
  return at + 1;
}

function encodePlain(info: SigningInfo): Uint8Array {
  const { address } = info;
  const [start, index, missed] = [info.startHeight, info.indexOffset, info.missedBlocksCounter].map(Number);
  const length = 4 + address.length + fieldLength(start!) + fieldLength(index!) + fieldLength(missed!);
  const bytes = newBytes(length);
  bytes[0] = tags.address;
  bytes[1] = address.length;
  let at = writeUtf8(bytes, 2, address);
  at = writeField(bytes, at, tags.startHeight, start!);
  at = writeField(bytes, at, tags.indexOffset, index!);
  // The SDK holds it by value, and writes its being empty.
  bytes[at] = tags.jailedUntil;
  bytes[at + 1] = 0;
  writeField(bytes, at + 2, tags.missed, missed!);
  return bytes;
}

/** Undefined where it is not what encodePlain writes. */
function decodePlain(bytes: Uint8Array): SigningInfo | undefined {
  const addressEnd = 2 + bytes[1]!;
  if (bytes[0] !== tags.address || bytes[1]! > plainAddressMax || addressEnd + 2 > bytes.length) return undefined;
  const cursor = { at: addressEnd };
  const startHeight = readField(bytes, cursor, tags.startHeight);
  const indexOffset = readField(bytes, cursor, tags.indexOffset);
  if (bytes[cursor.at] !== tags.jailedUntil || bytes[cursor.at + 1] !== 0) return undefined;
  cursor.at += 2;
  const missedBlocksCounter = readField(bytes, cursor, tags.missed);
  if (cursor.at !== bytes.length) return undefined;
  let address = "";
  for (let i = 2; i < addressEnd; i++) {
    if (bytes[i]! > 0x7f) return undefined;
    address += String.fromCharCode(bytes[i]!);
  }
  return { address, startHeight, indexOffset, jailedUntil: epoch, tombstoned: false, missedBlocksCounter };
}

/** Zero where the field is not there. What is too large for a number leaves the cursor where it cannot end. */
function readField(bytes: Uint8Array, cursor: { at: number }, tag: number): bigint {
  if (bytes[cursor.at] !== tag) return 0n;
  let value = 0;
  let factor = 1;
  for (let at = cursor.at + 1; at < bytes.length; at++) {
    const byte = bytes[at]!;
    value += (byte & 0x7f) * factor;
    if (value > Number.MAX_SAFE_INTEGER) break;
    if (byte < 0x80) {
      cursor.at = at + 1;
      return BigInt(value);
    }
    factor *= 0x80;
  }
  cursor.at = bytes.length + 1;
  return 0n;
}

export const signingInfoCodec: Codec<SigningInfo> = {
  encode: (info) => (isPlain(info) ? encodePlain(info) : generated.encode(signingInfoToProto(info))),
  decode: (bytes) => decodePlain(bytes) ?? signingInfoFromProto(generated.decode(bytes)),
};
