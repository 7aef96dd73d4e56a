/**
 * The neighbourhood of an address: what two machines share that are likely to be one machine's, or one provider's. Pure; the one form in which
 * the registry of oracles and the tally of relays compare addresses.
 */
import { ipv4Bytes, ipv6Bytes } from "./attestationbytes.ts";

const ipv4PrefixBytes = 3;
const ipv6PrefixBytes = 5;
/** What a packed prefix has: its family, then the bytes. */
export const packedPrefixBytes = 1 + ipv6PrefixBytes;

/** "203.0.113.0/24", or "20010db800/40" for IPv6; undefined for no address. */
export function prefixOf(address: Uint8Array): string | undefined {
  return unpackPrefix(packPrefix(address));
}

/** Family (0 for none), then the prefix's bytes, then zeros. */
export function packPrefix(address: Uint8Array): Uint8Array {
  const packed = new Uint8Array(packedPrefixBytes);
  if (address.length !== ipv4Bytes && address.length !== ipv6Bytes) return packed;
  const isShort = address.length === ipv4Bytes;
  packed[0] = isShort ? 4 : 6;
  packed.set(address.subarray(0, isShort ? ipv4PrefixBytes : ipv6PrefixBytes), 1);
  return packed;
}

export function unpackPrefix(packed: Uint8Array): string | undefined {
  if (packed[0] === 4) return `${[...packed.subarray(1, 1 + ipv4PrefixBytes)].join(".")}.0/24`;
  if (packed[0] !== 6) return undefined;
  const hex = [...packed.subarray(1)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `${hex.join("")}/40`;
}

/** The packed form of what `unpackPrefix` wrote; undefined of any other text. */
export function packPrefixText(text: string): Uint8Array | undefined {
  const packed = new Uint8Array(packedPrefixBytes);
  const short = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.0\/24$/.exec(text);
  const long = /^([0-9a-f]{10})\/40$/.exec(text);
  if (short !== null) packed.set([4, ...short.slice(1).map(Number)]);
  if (long !== null) packed.set([6, ...long[1]!.match(/../g)!.map((byte) => Number.parseInt(byte, 16))]);
  return text === "" || unpackPrefix(packed) === text ? packed : undefined;
}
