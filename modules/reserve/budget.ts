/**
 * What becomes of an epoch's burn budget. Pure; owns the roundings.
 *
 * Relays that chose stable get their share of the re-mint sold for them in the same auction: the remint share of their part of the budget in
 * stable, at once, and only the rest of it buys resting offers. Those that chose the token are minted the remint share of what was burned
 * for them; what could not be bought reaches them in stable in the same share. What is left goes to the reserve.
 */
import { type Dec, decOne } from "../../chain/dec.ts";
import type { Clearing } from "./auction.ts";

export interface Budget {
  readonly total: bigint;
  /** Of it, what relays are behind that chose the token. */
  readonly token: bigint;
  readonly remintShare: Dec;
}

/** Of the stable part, the re-mint's share, rounded down. */
export const crossedStable = ({ total, token, remintShare }: Budget): bigint =>
  ((total - token) * remintShare) / decOne;

/** What the book must fill: all of the token's part, and of the stable part what the re-mint does not cover. */
export const demandOf = (budget: Budget): bigint => budget.total - crossedStable(budget);

export interface Shares {
  /** To relays that chose stable. */
  readonly stable: bigint;
  /** To the others, in stable, of what could not be bought. */
  readonly fallback: bigint;
  /** Minted to the others. */
  readonly reminted: bigint;
  /** Minted and sold within the auction, and burned by it: on both sides of the books, and in no account. */
  readonly crossed: bigint;
  /** To the reserve. */
  readonly rest: bigint;
}

/** Each share is rounded down, and what that leaves is the reserve's. */
export function shareOut(budget: Budget, { bought, spent, isFilled, price, asked }: Omit<Clearing, "lots">): Shares {
  const { total, token, remintShare } = budget;
  const stable = crossedStable(budget);
  const demand = demandOf(budget);
  if (demand === 0n) return { stable, fallback: 0n, reminted: 0n, crossed: 0n, rest: total - stable };
  const filled = isFilled ? demand : (price * asked) / decOne;
  const scale = demand * decOne;
  const fallback = (remintShare * token * (demand - filled)) / scale;
  const reminted = (remintShare * bought * token) / scale;
  const crossed = (remintShare * bought * (total - token)) / scale;
  return { stable, fallback, reminted, crossed, rest: total - stable - spent - fallback };
}
