/**
 * Addresses as text and bytes. Owns the configured prefix, the SDK's refusals and the tables that keep the hot path cheap; bech32
 * itself is bech32.ts, and what an address is a hash of is crypto/hash.ts.
 */
import { bech32Encoder, decodeBech32 } from "./bech32.ts";
import { sha256Truncated } from "./crypto/hash.ts";
import { ChainError, sdk } from "./errors.ts";

/** cosmos-sdk types/address MaxAddrLen; accounts of keys and modules have 20 bytes. */
export const addressBytesMax = 255;

export interface AddressFormat {
  readonly prefix: string;
  /** Empty bytes are empty text, as in the SDK. */
  encode(address: Uint8Array): string;
  /** The bytes are shared with other callers: copy before writing. Throws ChainError (sdk 7 or 9) with the SDK's text. */
  decode(text: string): Uint8Array;
}

/** The text alone, without the registered one behind it: a caller wraps it as `invalid from address: <text>: invalid address`. */
const refused = (text: string): ChainError => new ChainError("sdk", 7, text);

const isBlank = (text: string): boolean => text.trim().length === 0;

function decodeFresh(prefix: string, text: string): Uint8Array {
  if (isBlank(text)) throw refused("empty address string is not allowed");
  const decoded = decodeBech32(text);
  if (decoded.prefix !== prefix) throw refused(`invalid Bech32 prefix; expected ${prefix}, got ${decoded.prefix}`);
  requireAddressLength(decoded.bytes);
  return decoded.bytes;
}

/** cosmos-sdk VerifyAddressFormat. */
export function requireAddressLength(address: Uint8Array): void {
  if (address.length === 0) throw sdk.unknownAddress("addresses cannot be empty");
  if (address.length > addressBytesMax) {
    throw sdk.unknownAddress(`address max length is ${addressBytesMax}, got ${address.length}`);
  }
}

interface Known {
  readonly text: string;
  readonly address: Uint8Array;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The last six characters are a checksum of all others: as good as a hash, and cheap. */
function textSlot(text: string, slots: number): number {
  let sum = 0;
  for (let i = text.length - 6; i < text.length; i++) sum = Math.imul(sum, 37) + text.charCodeAt(i);
  return sum & (slots - 1);
}

/** Addresses are hashes: their first bytes spread. One who grinds for a full slot wins others' cache misses, no more. */
const bytesSlot = (address: Uint8Array, slots: number): number =>
  (address[0]! | (address[1]! << 8) | (address[2]! << 16)) & (slots - 1);

/**
 * Each slot holds the last address that fell into it: bounded by its shape, and nothing to evict. `slots` is a power of two. What is learned
 * one way serves the other, as an address has one text in lower case.
 */
export function addressFormat(prefix: string, slots: number = 1 << 12): AddressFormat {
  const encodeFresh = bech32Encoder(prefix);
  const byText: (Known | undefined)[] = new Array(slots).fill(undefined);
  const byBytes: (Known | undefined)[] = new Array(slots).fill(undefined);
  return {
    prefix,
    encode(address) {
      if (address.length === 0) return "";
      const slot = bytesSlot(address, slots);
      const known = byBytes[slot];
      if (known !== undefined && isSame(known.address, address)) return known.text;
      const text = encodeFresh(address);
      const learned: Known = { text, address: address.slice() };
      byBytes[slot] = learned;
      byText[textSlot(text, slots)] = learned;
      return text;
    },
    decode(text) {
      const slot = textSlot(text, slots);
      const known = byText[slot];
      if (known !== undefined && known.text === text) return known.address;
      const address = decodeFresh(prefix, text);
      const learned: Known = { text, address };
      byText[slot] = learned;
      if (text.startsWith(prefix)) byBytes[bytesSlot(address, slots)] = learned;
      return address;
    },
  };
}

/** As many accounts as are likely to act within a few minutes. */
const accountSlots = 1 << 17;

interface Formats {
  readonly account: AddressFormat;
  readonly validator: AddressFormat;
  readonly consensus: AddressFormat;
}

const formatsOf = (prefix: string): Formats => ({
  account: addressFormat(prefix, accountSlots),
  validator: addressFormat(`${prefix}valoper`),
  consensus: addressFormat(`${prefix}valcons`),
});

const defaultPrefix = "weir";
let configured: string | undefined;
let formats: Formats | undefined;

/** Modules are constants, so the prefix is the process's: set once at start, before the first address, and sealed from then on. */
export function configureAddresses(prefix: string): void {
  if (!/^[a-z][a-z02-9]{0,19}$/.test(prefix)) {
    throw new Error(
      `address prefix "${prefix}" is not lower case letters and digits (no 1); name one such as "${defaultPrefix}"`,
    );
  }
  const inUse = configured ?? (formats === undefined ? undefined : defaultPrefix);
  if (inUse !== undefined && inUse !== prefix) {
    throw new Error(
      `address prefix is already "${inUse}" and cannot become "${prefix}"; configure it once, before the chain starts`,
    );
  }
  configured = prefix;
}

function inUse(): Formats {
  formats ??= formatsOf(configured ?? defaultPrefix);
  return formats;
}

const following = (choose: (formats: Formats) => AddressFormat): AddressFormat => ({
  get prefix() {
    return choose(inUse()).prefix;
  },
  encode: (address) => choose(inUse()).encode(address),
  decode: (text) => choose(inUse()).decode(text),
});

/** weir1…: accounts, modules and multisigs. */
export const accountAddress: AddressFormat = following((formats) => formats.account);
/** weirvaloper1…: the account bytes of a validator's operator. */
export const validatorAddress: AddressFormat = following((formats) => formats.validator);
/** weirvalcons1…: the hash of a validator's consensus key. */
export const consensusAddress: AddressFormat = following((formats) => formats.consensus);

const utf8 = new TextEncoder();

/** cosmos-sdk types/address Module: an account without a key. */
export const moduleAddress = (name: string): Uint8Array => sha256Truncated(utf8.encode(name));
