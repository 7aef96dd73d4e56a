/**
 * Transactions decoded lately, by the hash of their bytes: one that waits for a block is asked about again and again. Owns the table; what
 * it gives is what decoding those bytes gives, so it saves work and changes no result. Refusals are not kept.
 */
import { txKey } from "../crypto/txhash.ts";
import type { DecodedTx } from "../tx/types.ts";

/** Bytes of transactions that are remembered; decoded they take some ten times that. */
const bytesMaxDefault = 4 << 20;
/** One that is larger costs more to keep than to decode. */
const txBytesMax = 4 << 10;

export class DecodedTxs {
  readonly #decode: (bytes: Uint8Array) => DecodedTx;
  readonly #bytesMax: number;
  readonly #txs = new Map<string, DecodedTx>();
  #bytes = 0;

  /** `decode` throws a ChainError to refuse. */
  constructor(decode: (bytes: Uint8Array) => DecodedTx, bytesMax: number = bytesMaxDefault) {
    this.#decode = decode;
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What is likely to be asked for again: remembered. */
  remember(bytes: Uint8Array): DecodedTx {
    if (bytes.length > txBytesMax) return this.#decode(bytes);
    const key = txKey(bytes);
    const known = this.#txs.get(key);
    if (known !== undefined) return known;
    const tx = this.#decode(bytes);
    this.#txs.set(key, tx);
    this.#bytes += bytes.length;
    this.#forgetOldest();
    return tx;
  }

  /** What is asked for the last time: looked for and not kept. */
  take(bytes: Uint8Array): DecodedTx {
    if (this.#txs.size === 0 || bytes.length > txBytesMax) return this.#decode(bytes);
    const key = txKey(bytes);
    const known = this.#txs.get(key);
    if (known === undefined) return this.#decode(bytes);
    this.#txs.delete(key);
    this.#bytes -= bytes.length;
    return known;
  }

  #forgetOldest(): void {
    for (const [key, { bytes }] of this.#txs) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#txs.delete(key);
      this.#bytes -= bytes.length;
    }
  }
}
