/** What an account has in bonds and with validators, by what they told: what it put in, less what slashes took. Owns how a slash is shared; rounding shows when it leaves. */
import { type Dec, decOne } from "../../chain/dec.ts";
import type { StakeFact } from "./facts.ts";

interface Leaving {
  amount: bigint;
  readonly due: number;
}

export interface Place {
  readonly height: string;
  readonly time: string;
  readonly tx: string;
}

export interface Loss {
  readonly place: Place;
  readonly subject: string;
  readonly loss: bigint;
}

export class Stakes {
  readonly #held = new Map<string, bigint>();
  readonly #leaving = new Map<string, Leaving[]>();
  /** Paid out in one block. */
  readonly #paid = new Map<string, { readonly place: Place; amount: bigint }>();

  heldIn(subject: string): bigint {
    return this.#held.get(subject) ?? 0n;
  }

  #change(subject: string, change: bigint): void {
    this.#held.set(subject, (this.#held.get(subject) ?? 0n) + change);
  }

  take({ change, subject, target, amount: text, due, height, time, tx }: StakeFact): void {
    const amount = BigInt(text);
    if (change === "in") this.#change(subject, amount);
    else if (change === "moved") {
      this.#change(subject, -amount);
      this.#change(target, amount);
    } else if (change === "leaving") {
      this.#change(subject, -amount);
      this.#leaving.set(subject, [...(this.#leaving.get(subject) ?? []), { amount, due: Date.parse(due) }]);
    } else if (change === "back") {
      this.#change(subject, amount);
      this.#takeBack(subject, amount);
    } else {
      const paid = this.#paid.get(subject) ?? { place: { height, time, tx }, amount: 0n };
      paid.amount += amount;
      this.#paid.set(subject, paid);
    }
  }

  /** The latest first: an entry that is cancelled names a height, which no event of its beginning tells. */
  #takeBack(subject: string, amount: bigint): void {
    let left = amount;
    for (const entry of [...(this.#leaving.get(subject) ?? [])].reverse()) {
      const part = entry.amount < left ? entry.amount : left;
      entry.amount -= part;
      left -= part;
    }
  }

  /** Rounded down. What is leaving loses too, and shows it when it is paid. */
  slash(subject: string, part: Dec, whole: Dec): bigint {
    const held = this.#held.get(subject);
    if (held === undefined) return 0n;
    if (whole === 0n) return part / decOne;
    const loss = held > 0n ? (held * part) / whole : 0n;
    if (loss > 0n) this.#held.set(subject, held - loss);
    return loss;
  }

  /** What was due and was not paid, of blocks before the one that comes. */
  lossesBefore(height: string | undefined): Loss[] {
    const found: Loss[] = [];
    for (const [subject, { place, amount }] of [...this.#paid]) {
      if (place.height === height) continue;
      this.#paid.delete(subject);
      const at = Date.parse(place.time);
      const entries = this.#leaving.get(subject) ?? [];
      const due = entries.filter((entry) => entry.due <= at).reduce((sum, entry) => sum + entry.amount, 0n);
      this.#leaving.set(
        subject,
        entries.filter((entry) => entry.due > at),
      );
      if (due !== amount) found.push({ place, subject, loss: due - amount });
    }
    return found;
  }
}
