/**
 * What an endpoint may look like: "host:port", "192.0.2.1:443", "[2001:db8::1]:443". Owns the syntax and which literal addresses are public;
 * nothing here resolves a name. Pure, so that daemons judge addresses as the chain does.
 */

export const endpointLengthMax = 262;
export const endpointsMax = 4;
const hostLengthMax = 253;
const portMax = 65_535;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Of a literal one: 4 or 16 bytes. */
  readonly address: Uint8Array | undefined;
}

const decimalOctet = /^(0|[1-9][0-9]{0,2})$/;

/** Four numbers without leading zeros: "0127.0.0.1" is read in octal by some. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => decimalOctet.test(part) && Number(part) <= 255)) return undefined;
  return Uint8Array.from(parts, Number);
}

const group = /^[0-9a-f]{1,4}$/;
const groupsMax = 8;

/** Groups of one side of "::"; undefined when one is none. */
function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  return parts.every((part) => group.test(part)) ? parts.map((part) => Number.parseInt(part, 16)) : undefined;
}

/** Lower case, without a zone and without an IPv4 tail. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const sides = text.split("::");
  if (sides.length > 2 || text.length > 39) return undefined;
  const before = groupsOf(sides[0]!);
  const after = groupsOf(sides[1] ?? "");
  if (before === undefined || after === undefined) return undefined;
  const missing = groupsMax - before.length - after.length;
  if (sides.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...before, ...new Array<number>(missing).fill(0), ...after];
  return Uint8Array.from(groups.flatMap((value) => [value >> 8, value & 0xff]));
}

/** The one spelling of RFC 5952, so that an address is written in one way. */
export function formatIpv6(address: Uint8Array): string {
  const groups = Array.from({ length: groupsMax }, (_, index) => (address[2 * index]! << 8) | address[2 * index + 1]!);
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groupsMax; start++) {
    let length = 0;
    while (start + length < groupsMax && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const words = groups.map((value) => value.toString(16));
  if (best.length < 2) return words.join(":");
  return `${words.slice(0, best.start).join(":")}::${words.slice(best.start + best.length).join(":")}`;
}

/** ::ffff:0:0/96 is an IPv4 address, which has a spelling of its own. */
const isMapped = (address: Uint8Array): boolean =>
  address.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 0xff));

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** RFC 1123, lower case. A last label of digits could be read as an address. */
function isName(host: string): boolean {
  if (host.length > hostLengthMax) return false;
  const labels = host.split(".");
  return labels.every((part) => label.test(part)) && /^[a-z]/.test(labels.at(-1)!);
}

const portPattern = /^[1-9][0-9]{0,4}$/;

/** Undefined when it is none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  if (text.length > endpointLengthMax) return undefined;
  const colon = text.lastIndexOf(":");
  const [host, portText] = [text.slice(0, colon), text.slice(colon + 1)];
  const port = Number(portText);
  if (colon < 1 || !portPattern.test(portText) || port > portMax) return undefined;
  if (host.startsWith("[")) {
    const inside = host.slice(1, -1);
    const address = host.endsWith("]") ? parseIpv6(inside) : undefined;
    const isWrittenSo = address !== undefined && !isMapped(address) && formatIpv6(address) === inside;
    return isWrittenSo ? { host: inside, port, address } : undefined;
  }
  const address = parseIpv4(host);
  return address !== undefined || isName(host) ? { host, port, address } : undefined;
}

// ------------------------------------------------------------------------------------------------------ public addresses

interface Block {
  readonly bytes: readonly number[];
  readonly bits: number;
}

const block = (bits: number, ...bytes: readonly number[]): Block => ({ bits, bytes });

/** IANA's special-purpose registry: what does not lead to a machine on the public Internet. */
const reserved4: readonly Block[] = [
  block(8, 0),
  block(8, 10),
  block(10, 100, 64),
  block(8, 127),
  block(16, 169, 254),
  block(12, 172, 16),
  block(24, 192, 0, 0),
  block(24, 192, 0, 2),
  block(24, 192, 88, 99),
  block(16, 192, 168),
  block(15, 198, 18),
  block(24, 198, 51, 100),
  block(24, 203, 0, 113),
  block(3, 224),
];

/** Only 2000::/3 is given to anybody; of it these are not, or hold an IPv4 address. */
const reserved6: readonly Block[] = [
  block(23, 0x20, 0x01),
  block(32, 0x20, 0x01, 0x0d, 0xb8),
  block(16, 0x20, 0x02),
  block(20, 0x3f, 0xff),
];
const global6 = block(3, 0x20);

function isWithin(address: Uint8Array, { bytes, bits }: Block): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = (0xff << Math.max(0, 8 - (bits - bit))) & 0xff;
    if (((address[bit / 8]! ^ (bytes[bit / 8] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

export function isPublicUnicast(address: Uint8Array): boolean {
  if (address.length === 4) return !reserved4.some((one) => isWithin(address, one));
  if (address.length !== 16 || !isWithin(address, global6)) return false;
  return !reserved6.some((one) => isWithin(address, one));
}

// ---------------------------------------------------------------------------------------------------------- lists of them

export interface EndpointRules {
  /** An oracle measures from where it says; a name could move. */
  readonly literal: boolean;
  /** No private, loopback or other special address, and no name without a dot. */
  readonly publicOnly: boolean;
}

function endpointProblem(text: string, { literal, publicOnly }: EndpointRules): string | undefined {
  const shown = text.slice(0, 64);
  const found = parseEndpoint(text);
  if (found === undefined) {
    return `"${shown}" is no endpoint; expected host:port, 192.0.2.1:443 or [2001:db8::1]:443, in lower case`;
  }
  const { address, host } = found;
  if (address === undefined && literal) return `"${shown}" names a host; an oracle registers its literal address`;
  if (!publicOnly) return undefined;
  if (address === undefined ? !host.includes(".") : !isPublicUnicast(address)) {
    return `"${shown}" cannot be reached from everywhere; expected a public address`;
  }
  return undefined;
}

/** What is wrong with a list of endpoints, or undefined. */
export function endpointsProblem(endpoints: readonly string[], rules: EndpointRules): string | undefined {
  if (endpoints.length === 0 || endpoints.length > endpointsMax) {
    return `there are ${endpoints.length} endpoints; expected 1 to ${endpointsMax}`;
  }
  if (new Set(endpoints).size < endpoints.length) return "an endpoint is there twice; expected each once";
  for (const text of endpoints) {
    const problem = endpointProblem(text, rules);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
