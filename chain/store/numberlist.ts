/** A growing list of 32-bit numbers outside the garbage-collected heap's view: one typed array. */

const capacityMin = 16;

export class NumberList {
  #items = new Uint32Array(capacityMin);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#items[index]!;
  }

  push(item: number): void {
    if (this.#length === this.#items.length) this.#resize(this.#length * 2);
    this.#items[this.#length++] = item;
  }

  pop(): number | undefined {
    return this.#length === 0 ? undefined : this.#items[--this.#length];
  }

  append(other: NumberList): void {
    const length = this.#length + other.#length;
    if (length > this.#items.length) this.#resize(Math.max(length, 2 * this.#items.length));
    this.#items.set(other.#items.subarray(0, other.#length), this.#length);
    this.#length = length;
  }

  /** Empties it; what is reserved stays, for the next use. */
  clear(): void {
    this.#length = 0;
  }

  /** Gives back what is reserved beyond the items, when it is much. */
  trim(): void {
    if (this.#items.length > 2 * this.#length) this.#resize(this.#length);
  }

  #resize(capacity: number): void {
    const items = new Uint32Array(Math.max(capacity, capacityMin));
    items.set(this.#items.subarray(0, this.#length));
    this.#items = items;
  }
}
