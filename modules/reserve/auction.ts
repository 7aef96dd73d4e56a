/**
 * The burn auction: one price for all, found in a book of offers. Owns the price and what each offer sells at it. Pure; what is done with it is
 * finalize.ts's.
 *
 * The price is the lowest p from the floor to the cap at which p · Q(p) covers the demand, Q(p) the quantity asked at p or below (asks below the
 * floor count as the floor). Where no price does, it is the cap, and what is asked up to it is bought.
 */
import { type Dec, decOne } from "../../chain/dec.ts";

export interface Ask {
  readonly id: bigint;
  readonly quantity: bigint;
  readonly ask: Dec;
}

export interface AuctionTerms {
  /** Stable units to be spent on the book. */
  readonly demand: bigint;
  readonly floor: Dec;
  readonly cap: Dec;
}

export interface Lot {
  readonly id: bigint;
  readonly quantity: bigint;
  /** Rounded down; what that leaves of the demand goes to the reserve. */
  readonly payment: bigint;
}

export interface Clearing {
  readonly price: Dec;
  /** Whether the book covers the demand. */
  readonly isFilled: boolean;
  /** The highest ask at or below the price, and what is asked at or below it: from them anyone finds the price again. 0 of an empty book. */
  readonly lastAsk: Dec;
  readonly asked: bigint;
  readonly lots: readonly Lot[];
  readonly bought: bigint;
  readonly spent: bigint;
}

/** Offers of one price. */
interface Level {
  readonly ask: Dec;
  readonly asks: readonly Ask[];
  readonly quantity: bigint;
}

/** Ascending, those beyond the cap left out. `book` is in ascending order of asks. */
function levelsOf(book: readonly Ask[], { floor, cap }: AuctionTerms): Level[] {
  const levels: { ask: Dec; asks: Ask[]; quantity: bigint }[] = [];
  for (const one of book) {
    const ask = one.ask < floor ? floor : one.ask;
    if (ask > cap) break;
    const last = levels.at(-1);
    if (last?.ask === ask) {
      last.asks.push(one);
      last.quantity += one.quantity;
    } else levels.push({ ask, asks: [one], quantity: one.quantity });
  }
  return levels;
}

/** The lowest price at which so much is worth the demand; rounded up, so that it is. */
export const priceToCover = (demand: bigint, quantity: bigint): Dec => (demand * decOne + quantity - 1n) / quantity;

interface Found {
  readonly price: Dec;
  readonly isFilled: boolean;
  readonly lastAsk: Dec;
  readonly asked: bigint;
}

function findPrice(levels: readonly Level[], { demand, cap }: AuctionTerms): Found {
  let asked = 0n;
  for (const [index, level] of levels.entries()) {
    asked += level.quantity;
    const needed = priceToCover(demand, asked);
    const price = needed > level.ask ? needed : level.ask;
    const next = levels[index + 1]?.ask ?? cap + 1n;
    // At the next ask or above it more is asked, so that a lower price may do.
    if (price < next) return { price, isFilled: true, lastAsk: level.ask, asked };
  }
  return { price: cap, isFilled: false, lastAsk: levels.at(-1)?.ask ?? 0n, asked };
}

/** From the lowest ask up; of the last price that is needed, pro-rata. Quantities are rounded down. */
function lotsOf(levels: readonly Level[], wanted: bigint, price: Dec): Lot[] {
  const lots: Lot[] = [];
  let left = wanted;
  for (const level of levels) {
    if (left === 0n) break;
    const taken = level.quantity < left ? level.quantity : left;
    for (const { id, quantity } of level.asks) {
      const lot = (quantity * taken) / level.quantity;
      if (lot > 0n) lots.push({ id, quantity: lot, payment: (lot * price) / decOne });
    }
    left -= taken;
  }
  return lots;
}

export function clear(book: readonly Ask[], terms: AuctionTerms): Clearing {
  const levels = levelsOf(book, terms);
  const found = findPrice(levels, terms);
  const { price, isFilled, asked } = found;
  // What the demand buys, rounded down; no more than is asked, since the price covers it.
  const wanted = isFilled ? (terms.demand * decOne) / price : asked;
  const lots = price === 0n ? [] : lotsOf(levels, wanted, price);
  const bought = lots.reduce((sum, { quantity }) => sum + quantity, 0n);
  const spent = lots.reduce((sum, { payment }) => sum + payment, 0n);
  return { ...found, lots, bought, spent };
}
