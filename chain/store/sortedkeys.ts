/** Keys in ascending order under many insertions: blocks of bounded length, so that an insertion moves few. Owns order, not values. */

const blockLengthMax = 512;

/** Latin-1 text of raw bytes: JavaScript's string order is then the order of the bytes. */
export type KeyText = string;

export class SortedKeys {
  #blocks: KeyText[][];

  constructor(keys: readonly KeyText[]) {
    const sorted = [...keys].sort();
    this.#blocks = [];
    for (let start = 0; start < sorted.length; start += blockLengthMax / 2) {
      this.#blocks.push(sorted.slice(start, start + blockLengthMax / 2));
    }
  }

  /** Adds a key; one that is there already stays once. */
  add(key: KeyText): void {
    const blocks = this.#blocks;
    const at = Math.max(0, this.#lastBlockStartingAtOrBefore(key));
    const block = blocks[at];
    if (block === undefined) {
      blocks.push([key]);
      return;
    }
    const index = lowerBound(block, key);
    if (block[index] === key) return;
    block.splice(index, 0, key);
    if (block.length > blockLengthMax) blocks.splice(at + 1, 0, block.splice(blockLengthMax / 2));
  }

  /** The smallest key that is greater than `key`, or not less when `orEqual`. */
  after(key: KeyText, orEqual: boolean): KeyText | undefined {
    const at = Math.max(0, this.#lastBlockStartingAtOrBefore(key));
    const block = this.#blocks[at];
    if (block === undefined) return undefined;
    let index = lowerBound(block, key);
    if (!orEqual && block[index] === key) index++;
    return block[index] ?? this.#blocks[at + 1]?.[0];
  }

  /** The greatest key that is less than `key`; the greatest of all when `key` is undefined. */
  before(key: KeyText | undefined): KeyText | undefined {
    if (key === undefined) return this.#blocks.at(-1)?.at(-1);
    const at = this.#lastBlockStartingAtOrBefore(key);
    const block = this.#blocks[at];
    if (block === undefined) return undefined;
    return block[lowerBound(block, key) - 1] ?? this.#blocks[at - 1]?.at(-1);
  }

  #lastBlockStartingAtOrBefore(key: KeyText): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#blocks[middle]![0]! <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function lowerBound(block: readonly KeyText[], key: KeyText): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (block[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
