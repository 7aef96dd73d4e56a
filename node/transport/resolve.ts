/**
 * From a name to the one address that is dialled. A name is resolved once, and what it leads to must be public, so that nobody makes a daemon
 * talk to the network it stands in. Owns that rule; does not own the syntax of endpoints nor which addresses are public (modules/attestation).
 */
import { lookup } from "node:dns/promises";
import { isIPv4, isIPv6 } from "node:net";
import { isPublicUnicast } from "../../modules/attestation/endpoints.ts";

/** What is not dialled, and why. */
export class AddressRefused extends Error {}

export type Lookup = (host: string) => Promise<readonly string[]>;

export interface ResolveOptions {
  /** Private and loopback addresses too: for tests and devnets of one machine. Off unless asked for. */
  readonly allowsPrivate: boolean;
  readonly deadlineMillis: number;
  readonly lookup?: Lookup;
}

const systemLookup: Lookup = async (host) =>
  (await lookup(host, { all: true, order: "verbatim" })).map(({ address }) => address);

const ipv4Bytes = (text: string): Uint8Array => Uint8Array.from(text.split("."), Number);

/** An IPv6 address may end in an IPv4 one. */
function ipv6Bytes(text: string): Uint8Array | undefined {
  const tail = /(?<=:)\d+\.\d+\.\d+\.\d+$/.exec(text)?.[0];
  const [a = 0, b = 0, c = 0, d = 0] = tail === undefined ? [] : ipv4Bytes(tail);
  const plain = tail === undefined ? text : `${text.slice(0, -tail.length)}${hex(a, b)}:${hex(c, d)}`;
  const [head = "", rest] = plain.split("::");
  const groups = (side: string) => (side === "" ? [] : side.split(":").map((one) => Number.parseInt(one, 16)));
  const before = groups(head);
  const after = groups(rest ?? "");
  const missing = 8 - before.length - after.length;
  if (missing < 0) return undefined;
  const all = [...before, ...new Array<number>(missing).fill(0), ...after];
  return Uint8Array.from(all.flatMap((value) => [value >> 8, value & 0xff]));
}

const hex = (high: number, low: number): string => ((high << 8) | low).toString(16);

/** 4 or 16 bytes; undefined where the text is no literal address. An IPv4 address in IPv6 form counts as what it leads to. */
export function addressBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return ipv4Bytes(text);
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const bytes = ipv6Bytes(text);
  const isMapped = bytes?.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 0xff)) === true;
  return isMapped ? bytes.subarray(12) : bytes;
}

function isAllowed(address: string, allowsPrivate: boolean): boolean {
  const bytes = addressBytes(address);
  if (bytes === undefined) return false;
  return isPublicUnicast(bytes) || (allowsPrivate && !isNeverAMachine(bytes));
}

/** Nobody, everybody, or many: not one machine. */
const isNeverAMachine = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte === 0) || (bytes.length === 4 ? bytes[0]! >= 224 : bytes[0] === 0xff);

/** The literal address to dial: the first that is allowed, in the order of the system. */
export async function resolveOnce(host: string, options: ResolveOptions): Promise<string> {
  const { allowsPrivate, deadlineMillis } = options;
  const isLiteral = addressBytes(host) !== undefined;
  const addresses = isLiteral ? [host] : await within(deadlineMillis, host, (options.lookup ?? systemLookup)(host));
  const found = addresses.find((address) => isAllowed(address, allowsPrivate));
  if (found !== undefined) return found;
  const shown = host.slice(0, 64);
  if (addresses.length === 0) throw new AddressRefused(`${shown} leads to no address`);
  throw new AddressRefused(`${shown} leads to no public address`);
}

function within<T>(millis: number, host: string, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new AddressRefused(`${host.slice(0, 64)} was not resolved within ${millis} ms`));
    const deadline = setTimeout(late, millis);
    promise
      .then(resolve, (error: Error) =>
        reject(new AddressRefused(`${host.slice(0, 64)} cannot be resolved: ${error.message}`)),
      )
      .finally(() => clearTimeout(deadline));
  });
}
