/** What a buyer asks of a relay beside its price: ports that it carries, and under whose law it says it stands. Owns when a relay suits. */
import type { ReadContext } from "../../chain/context.ts";
import type { RelayWish } from "../../proto/gen/weir/market/v1/state.ts";
import { carriesPorts } from "../attestation/index.ts";
import { isJurisdiction, jurisdictionOf } from "../compliance/index.ts";
import { badText } from "./errors.ts";
import type { MarketRelay } from "./relays.ts";

export const wishedPortsMax = 16;
export const wishedJurisdictionsMax = 32;
const portMax = 65_535;

/** Of the wish alone. */
export function requireWish(wish: RelayWish | undefined): void {
  if (wish === undefined) return;
  const { ports, jurisdictions } = wish;
  if (ports.length > wishedPortsMax)
    throw badText(`a wish of ${ports.length} ranges of ports`, `at most ${wishedPortsMax}`);
  const strange = ports.find(({ first, last }) => first < 1 || last > portMax || first > last);
  if (strange !== undefined)
    throw badText(`a wish of the ports ${strange.first} to ${strange.last}`, `1 to ${portMax}`);
  if (jurisdictions.length > wishedJurisdictionsMax) {
    throw badText(`a wish of ${jurisdictions.length} jurisdictions`, `at most ${wishedJurisdictionsMax}`);
  }
  const other = jurisdictions.find((text) => !isJurisdiction(text));
  if (other !== undefined) {
    throw badText(
      `a wish of the jurisdiction ${JSON.stringify(other.slice(0, 8))}`,
      "two capital letters, as DE or US",
    );
  }
}

/** Why the relay does not suit; undefined: it does. */
export function unmet(ctx: ReadContext, relay: MarketRelay, wish: RelayWish | undefined): string | undefined {
  if (wish === undefined) return undefined;
  const closed = wish.ports.find((range) => !carriesPorts(relay.exitPolicy, range));
  if (closed !== undefined) return `its exit policy does not carry ports ${closed.first} to ${closed.last}`;
  if (wish.jurisdictions.length === 0) return undefined;
  const declared = jurisdictionOf(ctx, relay.id);
  if (wish.jurisdictions.includes(declared)) return undefined;
  return `it ${declared === "" ? "declares no jurisdiction" : `declares ${declared}`}, not ${wish.jurisdictions.join(", ")}`;
}
