/**
 * Coins that changed hands in a block, one movement for each pair of accounts, out of bank's events (modules/bank/keeper.ts says in which order they come).
 * Owns that nothing of a balance's change is lost on the way; what a movement was for is kinds.ts's.
 */
import { type Coins, newCoins, subtractCoins, trySubtractCoins } from "../../chain/coins.ts";
import type { ToldBlock, ToldEvent } from "./blockevents.ts";

export interface Movement {
  /** Empty where coins were made. */
  readonly from: string;
  /** Empty where they were destroyed. */
  readonly to: string;
  readonly coins: Coins;
  /** Of the last of its events in the block. */
  readonly at: number;
  readonly event: ToldEvent;
}

/** No account: the other side is in no event. Nothing of this chain leaves it out. */
export const unknownSide = "unknown";

const coinPattern = /^([0-9]{1,80})([a-zA-Z][a-zA-Z0-9/:._-]{2,127})$/;

/** "5uusdc,7uweir", as events write it. */
export function parseCoins(text: string): Coins {
  if (text === "") return [];
  const coins = text.split(",").map((part) => {
    const [, amount, denom] = coinPattern.exec(part) ?? [];
    if (amount === undefined || denom === undefined) throw new Error(`an event has the amount ${text.slice(0, 80)}`);
    return { denom, amount: BigInt(amount) };
  });
  return newCoins(coins);
}

const isOf = (event: ToldEvent | undefined, type: string): event is ToldEvent => event?.type === type;

/** What one account gave: to one other, to many at once, or to nobody. */
function given(events: readonly ToldEvent[], first: number): { readonly movements: Movement[]; readonly next: number } {
  const event = events[first]!;
  const from = event.attributes.spender ?? unknownSide;
  let left = parseCoins(event.attributes.amount ?? "");
  if (isOf(events[first + 1], "burn")) {
    return { movements: [{ from, to: "", coins: left, at: first + 1, event }], next: first + 2 };
  }
  const movements: Movement[] = [];
  let next = first + 1;
  while (left.length > 0 && isOf(events[next], "coin_received")) {
    const coins = parseCoins(events[next]!.attributes.amount ?? "");
    if (trySubtractCoins(left, coins) === undefined) break;
    left = subtractCoins(left, coins);
    const to = events[next]!.attributes.receiver ?? unknownSide;
    next++;
    if (isOf(events[next], "transfer")) next++;
    movements.push({ from, to, coins, at: next - 1, event });
  }
  if (left.length > 0) movements.push({ from, to: unknownSide, coins: left, at: next - 1, event });
  return { movements, next };
}

export function movementsOf({ events }: ToldBlock): Movement[] {
  const found: Movement[] = [];
  for (let at = 0; at < events.length; ) {
    const event = events[at]!;
    if (event.type === "coin_spent") {
      const { movements, next } = given(events, at);
      found.push(...movements);
      at = next;
      continue;
    }
    if (event.type === "coin_received") {
      const from = isOf(events[at + 1], "coinbase") ? "" : unknownSide;
      const coins = parseCoins(event.attributes.amount ?? "");
      found.push({ from, to: event.attributes.receiver ?? unknownSide, coins, at, event });
    }
    at++;
  }
  return found;
}
