/**
 * Signatures that were seen to be good, so that they are not computed twice. Owns the table; it may save work and never changes a
 * result: an entry is a SHA-256 over all that a verification depends on, and only true answers are kept.
 *
 * The table is two-way: a signature may lie in two places, the newer pushes out the older. So it is bounded by its shape, leaves the
 * garbage collector nothing to do, and needs no hash to say that it has never seen a signature.
 */
import { sha256 } from "./hash.ts";
import type { CacheFigures, SignatureCheck } from "./types.ts";

/** About as many signatures as twenty large blocks hold, in 5 MB. */
const setsDefault = 1 << 16;
const ways = 2;
const digestWords = 8;
/** Two words of the signature itself, then the digest. */
const entryWords = 2 + digestWords;
const signatureBytes = 64;

export interface PositiveCache {
  has(check: SignatureCheck): boolean;
  add(check: SignatureCheck): void;
  /** True when an entry for this very signature may be there: a word compare, without hashing. */
  mayHave(signature: Uint8Array): boolean;
  /** Adds by a digest that `checkDigest` made, perhaps on another thread. */
  addDigest(signature: Uint8Array, digest: Uint8Array): void;
  /** Of `has`, since the start. */
  figures(): CacheFigures;
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

let scratch = new Uint8Array(4096);

/** Binds scheme, key, signature and message. Key and signature have one length per scheme, so no two checks share a digest. */
export function checkDigest({ scheme, publicKey, signature, message }: SignatureCheck): Uint8Array {
  const length = 1 + publicKey.length + signature.length + message.length;
  if (scratch.length < length) scratch = new Uint8Array(2 * length);
  scratch[0] = scheme === "secp256k1" ? 1 : 2;
  scratch.set(publicKey, 1);
  scratch.set(signature, 1 + publicKey.length);
  scratch.set(message, 1 + publicKey.length + signature.length);
  return sha256(scratch.subarray(0, length));
}

/** `sets` is a power of two. */
export function positiveCache(sets: number = setsDefault): PositiveCache {
  const table = new Uint32Array(sets * ways * entryWords);

  /** Where the two entries of this signature's set begin. The low words of s are as good as random for honest signatures. */
  const setStart = (signature: Uint8Array): number => (wordAt(signature, 60) & (sets - 1)) * ways * entryWords;

  function hasTag(at: number, signature: Uint8Array): boolean {
    return table[at] === wordAt(signature, 4) && table[at + 1] === wordAt(signature, 36);
  }

  function hasDigest(at: number, digest: Uint8Array): boolean {
    for (let i = 0; i < digestWords; i++) if (table[at + 2 + i] !== wordAt(digest, 4 * i)) return false;
    return true;
  }

  function addDigest(signature: Uint8Array, digest: Uint8Array): void {
    const first = setStart(signature);
    if (!hasTag(first, signature)) table.copyWithin(first + entryWords, first, first + entryWords);
    table[first] = wordAt(signature, 4);
    table[first + 1] = wordAt(signature, 36);
    for (let i = 0; i < digestWords; i++) table[first + 2 + i] = wordAt(digest, 4 * i);
  }

  function mayHave(signature: Uint8Array): boolean {
    if (signature.length !== signatureBytes) return false;
    const first = setStart(signature);
    return hasTag(first, signature) || hasTag(first + entryWords, signature);
  }

  function isThere(check: SignatureCheck): boolean {
    if (!mayHave(check.signature)) return false;
    const first = setStart(check.signature);
    const digest = checkDigest(check);
    return hasDigest(first, digest) || hasDigest(first + entryWords, digest);
  }

  let [hits, misses] = [0, 0];
  return {
    mayHave,
    addDigest,
    figures: () => ({ hits, misses }),
    has(check) {
      const found = isThere(check);
      if (found) hits++;
      else misses++;
      return found;
    },
    add: (check) => addDigest(check.signature, checkDigest(check)),
  };
}
