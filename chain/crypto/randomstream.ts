/**
 * Random numbers that everyone who knows a seed computes alike: the ChaCha20 keystream of RFC 8439 under the seed's SHA-256.
 * Owns the stream and how a number below a bound is taken from it without bias.
 */
import { chacha20 } from "@noble/ciphers/chacha.js";
import { sha256 } from "./hash.ts";

const nonce = new Uint8Array(12);
/** Four ChaCha20 blocks at a time. */
const chunkBytes = 256;
const zeros = new Uint8Array(chunkBytes);
const blocksPerChunk = chunkBytes / 64;
const numberBytes = 16;
/** Bounds above this would leave too few numbers to reject from. */
export const randomBoundMax = 1n << 120n;

export class RandomStream {
  readonly #key: Uint8Array;
  #chunk = zeros;
  #chunks = 0;
  #offset = chunkBytes;

  constructor(seed: Uint8Array) {
    this.#key = sha256(seed);
  }

  /** The next 16 bytes of the stream as a little-endian number. */
  #next(): bigint {
    if (this.#offset === chunkBytes) {
      this.#chunk = chacha20(this.#key, nonce, zeros, undefined, this.#chunks * blocksPerChunk);
      this.#chunks++;
      this.#offset = 0;
    }
    const view = new DataView(this.#chunk.buffer, this.#chunk.byteOffset + this.#offset, numberBytes);
    this.#offset += numberBytes;
    return view.getBigUint64(0, true) | (view.getBigUint64(8, true) << 64n);
  }

  /** A number in [0, bound), each as likely: what lies past the last whole multiple of the bound is drawn again. */
  below(bound: bigint): bigint {
    if (bound <= 0n || bound > randomBoundMax) throw new RangeError(`a random number below ${bound} cannot be drawn`);
    const limit = ((1n << 128n) / bound) * bound;
    for (;;) {
      const number = this.#next();
      if (number < limit) return number % bound;
    }
  }
}
