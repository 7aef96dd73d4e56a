/** Lots by FIFO: what was acquired first leaves first, with what it had cost. Pure; owns the roundings. Money is in millionths of a dollar. */

export interface Lot {
  readonly amount: bigint;
  readonly cost: bigint;
  readonly time: string;
  readonly height: string;
}

export interface Taken {
  /** The lots, or parts of them, that left. */
  readonly lots: readonly Lot[];
  readonly cost: bigint;
  /** For which there was no lot: of a history that is not complete. */
  readonly short: bigint;
}

/** Of one denomination of one account, the oldest first. */
export class LotQueue {
  #lots: Lot[] = [];
  #first = 0;

  get amount(): bigint {
    return this.#lots.slice(this.#first).reduce((sum, { amount }) => sum + amount, 0n);
  }

  get cost(): bigint {
    return this.#lots.slice(this.#first).reduce((sum, { cost }) => sum + cost, 0n);
  }

  push(lot: Lot): void {
    if (lot.amount > 0n) this.#lots.push(lot);
  }

  /** The cost of a part is rounded down; what that leaves stays with the rest of the lot, so that no cost is lost. */
  take(amount: bigint): Taken {
    const lots: Lot[] = [];
    let left = amount;
    while (left > 0n && this.#first < this.#lots.length) {
      const lot = this.#lots[this.#first]!;
      if (lot.amount <= left) {
        lots.push(lot);
        left -= lot.amount;
        this.#first++;
        continue;
      }
      const cost = (lot.cost * left) / lot.amount;
      lots.push({ ...lot, amount: left, cost });
      this.#lots[this.#first] = { ...lot, amount: lot.amount - left, cost: lot.cost - cost };
      left = 0n;
    }
    if (this.#first > compactFrom) this.#compact();
    return { lots, cost: lots.reduce((sum, { cost }) => sum + cost, 0n), short: left };
  }

  #compact(): void {
    this.#lots = this.#lots.slice(this.#first);
    this.#first = 0;
  }
}

/** Lots that left are forgotten so many at once. */
const compactFrom = 1_024;
