/** A growing list of 32-bit numbers outside the garbage-collected heap's view: one typed array. */
export class NumberList {
  #items = new Uint32Array(16);
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

  /** Gives back what is reserved beyond the items. */
  trim(): void {
    this.#resize(this.#length);
  }

  #resize(capacity: number): void {
    const items = new Uint32Array(Math.max(capacity, 16));
    items.set(this.#items.subarray(0, this.#length));
    this.#items = items;
  }
}
