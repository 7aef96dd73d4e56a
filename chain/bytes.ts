/**
 * Room for bytes. An array of more than 64 bytes has memory of its own outside the heap, which costs ten times as much to get as the array
 * itself; so arrays of middling length are cut from a common block. Owns that choice and nothing of what is written.
 *
 * A block is never used twice: it goes when the last array that was cut from it goes, so an array that is kept for long keeps its block.
 */

/** Up to here arrays lie in the heap (V8's typed_array_max_size_in_heap). */
const heapBytesMax = 64;
/** Beyond this a block would be mostly waste. */
const cutBytesMax = 1024;
const blockBytes = 1 << 14;

let block = new ArrayBuffer(0);
let used = 0;

/** An array of zeros. */
export function newBytes(length: number): Uint8Array {
  if (length <= heapBytesMax || length > cutBytesMax) return new Uint8Array(length);
  if (used + length > block.byteLength) {
    block = new ArrayBuffer(blockBytes);
    used = 0;
  }
  const bytes = new Uint8Array(block, used, length);
  used += length;
  return bytes;
}

export function copyBytes(source: Uint8Array): Uint8Array {
  const copy = newBytes(source.length);
  copy.set(source);
  return copy;
}
