/**
 * What was prefetched and in which slot it lies. Owns the order of one batch and the way from a check to its place; does not own the
 * ring, nor the batches beside it. A new batch replaces the one before; one may also grow while it is asked for.
 */
import type { SignatureCheck } from "./types.ts";

/** Places that are no slot. */
export const notInRing = -1;
export const knownGood = -2;

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

/** A few bits of r and s: enough to find a candidate, which is then compared whole. */
const tagOf = (signature: Uint8Array): number => wordAt(signature, 4) ^ wordAt(signature, 36);

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const sameCheck = (a: SignatureCheck, b: SignatureCheck): boolean =>
  a === b ||
  (a.scheme === b.scheme &&
    sameBytes(a.signature, b.signature) &&
    sameBytes(a.publicKey, b.publicKey) &&
    sameBytes(a.message, b.message));

export class PrefetchedChecks {
  /** Forgotten one by one as they are asked for. */
  #checks: (SignatureCheck | undefined)[] = [];
  #places = new Int16Array(0);
  #byTag = new Map<number, number>();
  /** Everything before is asked for or passed over. */
  #asked = 0;
  /** Everything before has a place. */
  #placed = 0;

  start(checks: readonly SignatureCheck[]): void {
    this.#checks = [];
    this.#byTag.clear();
    this.#asked = 0;
    this.#placed = 0;
    this.append(checks);
  }

  append(checks: readonly SignatureCheck[]): void {
    for (const check of checks) this.#checks.push(check);
    if (this.#places.length >= this.#checks.length) return;
    const places = new Int16Array(2 * this.#checks.length);
    places.set(this.#places.subarray(0, this.#placed));
    this.#places = places;
  }

  /** The next check without a place. */
  next(): SignatureCheck | undefined {
    return this.#checks[this.#placed];
  }

  place(slot: number): void {
    const { signature } = this.#checks[this.#placed]!;
    this.#places[this.#placed] = slot;
    // The first of two that share a tag keeps it: a repeat must not make everything before it look passed over.
    const tag = tagOf(signature);
    if (slot !== notInRing && !this.#byTag.has(tag)) this.#byTag.set(tag, this.#placed);
    this.#placed++;
  }

  /** The position of a check that has a place and was not asked for before; -1 for any other. */
  find(check: SignatureCheck): number {
    if (this.#asked >= this.#placed) return -1;
    const position = this.#byTag.get(tagOf(check.signature)) ?? -1;
    if (position < this.#asked || !sameCheck(this.#checks[position]!, check)) return -1;
    return position;
  }

  /** Takes all places up to this position, in order, and gives the slots among them to `release`; returns the last. */
  takeThrough(position: number, release: (slot: number) => void): number {
    for (; this.#asked < position; this.#asked++) {
      const slot = this.#places[this.#asked]!;
      if (slot >= 0) release(slot);
      this.#checks[this.#asked] = undefined;
    }
    this.#asked = position + 1;
    this.#checks[position] = undefined;
    return this.#places[position]!;
  }

  /** Everything was asked for or passed over. */
  get isOver(): boolean {
    return this.#asked >= this.#checks.length;
  }

  /** Drops what was not asked for. */
  clear(release: (slot: number) => void): void {
    if (this.#placed > this.#asked) {
      const last = this.takeThrough(this.#placed - 1, release);
      if (last >= 0) release(last);
    }
    this.start([]);
  }
}
