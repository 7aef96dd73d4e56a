/**
 * Where a relay carries traffic to: which ports, which names, and no address that is not public. Owns one spelling of a destination and the
 * verdict on it; does not own resolving and dialling (dialling.ts), nor the policy that stands on the chain (modules/attestation). Pure but for
 * the platform's tables of international names.
 */
import { domainToASCII } from "node:url";
import { carriesPort } from "../../modules/attestation/exitpolicy.ts";
import type { ExitPolicy } from "../../proto/gen/weir/attestation/v1/state.ts";
import { addressBytes } from "../transport/resolve.ts";

export interface ExitRules {
  /** As announced on the chain. */
  readonly policy: ExitPolicy;
  /** With all names below them; none: every name. A literal address is in no list, so that a list of allowed names refuses it. */
  readonly allowedDomains: readonly string[];
  readonly deniedDomains: readonly string[];
}

/** Kept shut even where all ports are announced: mail between servers, which is spam alone by the time it comes from a relay. */
export const deniedPorts: readonly number[] = [25];
export const domainsMax = 10_000;
const nameBytesMax = 253;
const textMax = 1_024;
const portMax = 65_535;

export interface Destination {
  /** A name in lower case and ASCII without a dot at its end, or a literal address. */
  readonly host: string;
  readonly port: number;
  readonly isLiteral: boolean;
}

/** Letters, digits, - and _; never all digits at the end, which some resolvers read as an address. */
const namePattern = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** What the platform would cut off, leave out or read as something else than a part of a name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const foreign = /[\u0000-\u0020\u007f/?#@:\\[\]%<>^|]/;

/** As the platform writes a host; empty where it is none. */
const hostOf = (text: string): string =>
  foreign.test(text) ? "" : domainToASCII(text.endsWith(".") ? text.slice(0, -1) : text);

/** One spelling of a name; undefined where it is none. "Bücher.Example." is "xn--bcher-kva.example". */
export function nameOf(text: string): string | undefined {
  if (text.length === 0 || text.length > textMax) return undefined;
  const ascii = hostOf(text);
  return ascii.length <= nameBytesMax && namePattern.test(ascii) ? ascii : undefined;
}

/** Of IPv6 with or without brackets; numbers that a resolver would read as an IPv4 address ("127.1", "0x7f000001") count as what they lead to. */
function literalOf(text: string): string | undefined {
  if (text.length > textMax) return undefined;
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (addressBytes(bare) !== undefined) return bare;
  const read = hostOf(text);
  return addressBytes(read) === undefined ? undefined : read;
}

/** What a client asked for, in one spelling; undefined where it is no destination. */
export function destinationOf(host: string, port: number): Destination | undefined {
  if (!Number.isInteger(port) || port < 1 || port > portMax) return undefined;
  const literal = literalOf(host);
  if (literal !== undefined) return { host: literal, port, isLiteral: true };
  const name = nameOf(host);
  return name === undefined ? undefined : { host: name, port, isLiteral: false };
}

/** Lists of names, as they are looked up: every name above a destination's is asked for, so that a list of ten thousand costs no more. */
export class Exits {
  readonly #policy: ExitPolicy;
  readonly #allowed: ReadonlySet<string>;
  readonly #denied: ReadonlySet<string>;

  constructor({ policy, allowedDomains, deniedDomains }: ExitRules) {
    this.#policy = policy;
    this.#allowed = listOf("allowed_domains", allowedDomains);
    this.#denied = listOf("denied_domains", deniedDomains);
  }

  /** Why nothing is carried there, for the client alone; undefined: it is. */
  refusal({ host, port, isLiteral }: Destination): string | undefined {
    if (!carriesPort(this.#policy, port) || deniedPorts.includes(port))
      return `this relay carries nothing to port ${port}`;
    if (isLiteral) return this.#allowed.size === 0 ? undefined : "this relay carries to certain names only";
    if (isBelow(host, this.#denied)) return "this relay carries nothing to that name";
    return this.#allowed.size === 0 || isBelow(host, this.#allowed)
      ? undefined
      : "this relay carries to certain names only";
  }
}

function listOf(what: string, domains: readonly string[]): ReadonlySet<string> {
  if (domains.length > domainsMax) throw new RangeError(`${what} has ${domains.length} names; at most ${domainsMax}`);
  return new Set(
    domains.map((text) => {
      const name = nameOf(text.startsWith("*.") ? text.slice(2) : text.replace(/^\./, ""));
      if (name === undefined)
        throw new RangeError(`${what}: ${JSON.stringify(text.slice(0, 64))} is no domain; write example.org`);
      return name;
    }),
  );
}

function isBelow(host: string, list: ReadonlySet<string>): boolean {
  if (list.size === 0) return false;
  for (let at = 0; at >= 0; at = host.indexOf(".", at) + 1 || -1) {
    if (list.has(host.slice(at))) return true;
  }
  return false;
}
