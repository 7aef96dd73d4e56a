/**
 * The hash by which a transaction is known, computed once for each array of bytes. Owns the memory of it, which lasts as long as the array
 * does: so a transaction's bytes are never changed after they were first hashed.
 */
import { hash } from "node:crypto";

const keys = new WeakMap<Uint8Array, string>();

/** SHA-256 as a text of one character a byte: fit to be a key. */
export function txKey(tx: Uint8Array): string {
  let key = keys.get(tx);
  if (key === undefined) {
    key = hash("sha256", tx, "binary");
    keys.set(tx, key);
  }
  return key;
}

export const txHash = (tx: Uint8Array): Uint8Array => new Uint8Array(Buffer.from(txKey(tx), "latin1"));
