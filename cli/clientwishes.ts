/** What a buyer asks of relays, from the flags. Owns their names and what is refused. */
import type { Wishes } from "../node/client/choice.ts";
import { type FlagSpec, UsageError } from "./arguments.ts";
import { typedPrice } from "./clientwords.ts";
import type { Invocation } from "./command.ts";

export const wishFlags: readonly FlagSpec[] = [
  { name: "region", value: "CELL", help: "only relays there, europe-west; may be given again", repeated: true },
  { name: "max-price", value: "DOLLARS", help: "what a GiB may cost at most" },
  { name: "stable", help: "only relays of the class STABLE" },
  {
    name: "port",
    value: "PORT",
    help: "a port that the relay must carry to; may be given again (default 80 and 443)",
    repeated: true,
  },
  {
    name: "jurisdiction",
    value: "CC",
    help: "only relays that say they stand under this law, NL; may be given again",
    repeated: true,
  },
  { name: "relay", value: "ID", help: "this relay and no other; may be given again", repeated: true },
];

export const gib = 1n << 30n;
const webPorts = [80, 443];
const portMax = 65_535;

const number = (text: string, name: string, max: number): number => {
  const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw new UsageError(`--${name} ${text}: expected a number from 1 to ${max}`);
  return value;
};

function jurisdictionOf(text: string): string {
  if (!/^[A-Za-z]{2}$/.test(text))
    throw new UsageError(`--jurisdiction ${text}: expected two letters (ISO 3166-1), NL`);
  return text.toUpperCase();
}

export function wishesOf(invocation: Invocation, bytes: bigint = gib): Wishes {
  const price = invocation.flag("max-price");
  const ports = invocation.flags("port").map((text) => number(text, "port", portMax));
  return {
    regions: invocation.flags("region"),
    bytes,
    priceMax: price === undefined ? undefined : typedPrice(price, "--max-price"),
    stableOnly: invocation.has("stable"),
    ports: ports.length === 0 ? webPorts : ports,
    jurisdictions: invocation.flags("jurisdiction").map(jurisdictionOf),
    relays: invocation.flags("relay").map((text) => BigInt(number(text, "relay", Number.MAX_SAFE_INTEGER))),
  };
}
