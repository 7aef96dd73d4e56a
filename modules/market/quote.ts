/** What traffic costs in a cell now, and by whom: ranks relays by a stated score. Owns the score; nothing is stored. */
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decOne, decToProto } from "../../chain/dec.ts";
import type { Quote } from "../../proto/gen/weir/market/v1/query.ts";
import type { RelayWish } from "../../proto/gen/weir/market/v1/state.ts";
import { jurisdictionOf } from "../compliance/index.ts";
import { priceOf } from "./prices.ts";
import { type MarketRelay, relaysOfCell } from "./relays.ts";
import { amountFor } from "./voucher.ts";
import { unmet } from "./wishes.ts";

export const quotesDefault = 10n;
export const quotesMax = 50n;
/** Relays that a quote looks at, the best measured first: more would take longer and change little. */
export const consideredMax = 200;

export const scoredBy =
  "reputation × uptime × the root of measured bits a second, for each millionth of a dollar that a GiB costs: what is trusted, fast and cheap comes first; of equal ones the lower id";

/** Floor of the square root, by Newton's method; of at most 64 bits. */
export function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (let next = (root + value / root) >> 1n; next < root; next = (root + value / root) >> 1n) root = next;
  return root;
}

const scoreScale = 1_000_000n;
const uint64Max = (1n << 64n) - 1n;

/** Each division rounds down. A price of nothing counts as a millionth. */
export function scoreOf({ reputation, uptime, measuredBps }: MarketRelay, price: Dec): bigint {
  const trusted = (reputation * uptime) / decOne;
  const score = (trusted * squareRoot(measuredBps) * scoreScale) / (price > 0n ? price : 1n);
  return score > uint64Max ? uint64Max : score;
}

export interface QuoteRequest {
  readonly cell: string;
  readonly bytes: bigint;
  readonly stableOnly: boolean;
  readonly limit: bigint;
  readonly wish: RelayWish | undefined;
}

export interface Quotes {
  readonly quotes: Quote[];
  readonly considered: bigint;
}

function quoteOf(ctx: ReadContext, relay: MarketRelay, bytes: bigint): Quote {
  const price = priceOf(ctx, relay);
  return {
    relay: relay.id,
    operator: relay.operator,
    stable: relay.isStable,
    price: decToProto(price),
    cost: `${amountFor(bytes, price)}`,
    measuredBps: relay.measuredBps,
    reputation: decToProto(relay.reputation),
    score: scoreOf(relay, price),
    jurisdiction: jurisdictionOf(ctx, relay.id),
    exitPolicy: relay.exitPolicy,
  };
}

const byScore = (a: Quote, b: Quote): number =>
  a.score !== b.score ? (a.score > b.score ? -1 : 1) : a.relay < b.relay ? -1 : a.relay > b.relay ? 1 : 0;

export function quote(ctx: ReadContext, { cell, bytes, stableOnly, limit, wish }: QuoteRequest): Quotes {
  const quotes: Quote[] = [];
  let considered = 0n;
  for (const relay of relaysOfCell(ctx, cell, consideredMax)) {
    considered++;
    const isWanted = relay.serves && (relay.isStable || !stableOnly) && unmet(ctx, relay, wish) === undefined;
    if (isWanted) quotes.push(quoteOf(ctx, relay, bytes));
  }
  const wanted = limit === 0n ? quotesDefault : limit < quotesMax ? limit : quotesMax;
  return { quotes: quotes.sort(byScore).slice(0, Number(wanted)), considered };
}
