/**
 * The bytes of sets of decimal coins, by hand: a block reads and writes three of them for every validator, and the generated code takes
 * several times as long. They are the generated code's bytes, which still does what is longer; a test holds the two to each other. Pure.
 */
import { type Dec, isDecInRange } from "../../chain/dec.ts";
import type { DecCoin, DecCoins } from "../../chain/deccoins.ts";
import { decCoinsFromProto, decCoinsToProto } from "../../chain/deccoinsets.ts";
import { readUtf8 } from "../../chain/utf8.ts";
import { ValidatorOutstandingRewards } from "../../proto/gen/cosmos/distribution/v1beta1/distribution.ts";

/** Field 1 of the set's message and of a coin; field 2 of a coin. */
const tags = { coin: 0x0a, denom: 0x0a, amount: 0x12 } as const;

/** Lengths below this are one byte. */
const shortLength = 0x80;
const zero = 0x30;

function writeText(target: Uint8Array, offset: number, tag: number, text: string): number {
  target[offset++] = tag;
  target[offset++] = text.length;
  for (let i = 0; i < text.length; i++) target[offset++] = text.charCodeAt(i);
  return offset;
}

/** As field 1 of a message, a coin each; denominations are ASCII. */
export function encodeDecCoins(coins: DecCoins): Uint8Array {
  const amounts: string[] = [];
  let length = 0;
  for (const { denom, amount } of coins) {
    const text = amount.toString();
    const size = 4 + denom.length + text.length;
    if (size >= shortLength) return encodeLong(coins);
    amounts.push(text);
    length += 2 + size;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (let i = 0; i < coins.length; i++) {
    const { denom } = coins[i]!;
    bytes[offset++] = tags.coin;
    bytes[offset++] = 4 + denom.length + amounts[i]!.length;
    offset = writeText(bytes, offset, tags.denom, denom);
    offset = writeText(bytes, offset, tags.amount, amounts[i]!);
  }
  return bytes;
}

/** Every message that holds a set of coins as its field 1 has these bytes. */
const encodeLong = (coins: DecCoins): Uint8Array =>
  ValidatorOutstandingRewards.encode({ rewards: decCoinsToProto(coins) }).finish();

/** So many digits are a number that is exact. */
const chunkDigits = 15;
const chunkFactor = 10n ** BigInt(chunkDigits);

/** Undefined for what is not written here: the generated code reads it, or says what is wrong. */
function readAmount(bytes: Uint8Array, start: number, end: number): Dec | undefined {
  if (start === end || bytes[start] === zero) return undefined;
  let amount = 0n;
  for (let at = start; at < end; ) {
    const stop = at === start ? at + ((end - start) % chunkDigits || chunkDigits) : at + chunkDigits;
    let chunk = 0;
    for (; at < stop; at++) {
      const digit = bytes[at]! - zero;
      if (digit < 0 || digit > 9) return undefined;
      chunk = chunk * 10 + digit;
    }
    amount = amount * chunkFactor + BigInt(chunk);
  }
  return isDecInRange(amount) ? amount : undefined;
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! >= shortLength) return false;
  return true;
}

/** Coins of field 1, from the start of `bytes` to `end`; undefined for anything that is not written here. */
function readCoins(bytes: Uint8Array, end: number): DecCoin[] | undefined {
  const coins: DecCoin[] = [];
  let offset = 0;
  while (offset < end) {
    if (bytes[offset] !== tags.coin || bytes[offset + 2] !== tags.denom) return undefined;
    const stop = offset + 2 + bytes[offset + 1]!;
    const denomEnd = offset + 4 + bytes[offset + 3]!;
    if (bytes[offset + 1]! >= shortLength || stop > end || bytes[denomEnd] !== tags.amount) return undefined;
    if (denomEnd + 2 + bytes[denomEnd + 1]! !== stop) return undefined;
    const amount = readAmount(bytes, denomEnd + 2, stop);
    if (amount === undefined || !isAscii(bytes, offset + 4, denomEnd)) return undefined;
    coins.push({ denom: readUtf8(bytes, offset + 4, denomEnd), amount });
    offset = stop;
  }
  return coins;
}

export const decodeDecCoins = (bytes: Uint8Array): DecCoins =>
  readCoins(bytes, bytes.length) ?? decCoinsFromProto(ValidatorOutstandingRewards.decode(bytes).rewards);

/** Where field 2, a number, begins behind the coins; the end where it is not there. */
function coinsEnd(bytes: Uint8Array): number {
  let offset = 0;
  while (offset < bytes.length && bytes[offset] === tags.coin && bytes[offset + 1]! < shortLength) {
    offset += 2 + bytes[offset + 1]!;
  }
  return offset;
}

const numberTag = 0x10;
/** Seven digits of seven bits each are exact. */
const numberBytesMax = 7;

/** A set of coins and a number, as fields 1 and 2; undefined for anything that is not written here. */
export function readCoinsAndNumber(
  bytes: Uint8Array,
): { readonly coins: DecCoins; readonly number: bigint } | undefined {
  const end = coinsEnd(bytes);
  if (end > bytes.length) return undefined;
  const coins = readCoins(bytes, end);
  if (coins === undefined) return undefined;
  if (end === bytes.length) return { coins, number: 0n };
  const last = bytes.length - 1;
  if (bytes[end] !== numberTag || last - end > numberBytesMax || last === end) return undefined;
  let number = 0;
  for (let at = last; at > end; at--) {
    if (bytes[at]! >= shortLength !== at < last) return undefined;
    number = number * shortLength + (bytes[at]! & 0x7f);
  }
  return { coins, number: BigInt(number) };
}

export function encodeCoinsAndNumber(coins: DecCoins, number: bigint): Uint8Array {
  const first = encodeDecCoins(coins);
  if (number === 0n) return first;
  const digits: number[] = [];
  for (let rest = number; rest > 0n; rest >>= 7n) digits.push(Number(rest & 0x7fn));
  const bytes = new Uint8Array(first.length + 1 + digits.length);
  bytes.set(first);
  bytes[first.length] = numberTag;
  for (const [i, digit] of digits.entries()) {
    bytes[first.length + 1 + i] = i < digits.length - 1 ? digit | shortLength : digit;
  }
  return bytes;
}
