/**
 * Bytes that only who has the key can foresee, at any offset: AES-256 in counter mode. An oracle sends one such stream; a relay adds another to
 * what it receives and sends that back; so a byte that comes back right was received, computed with and sent. Owns no sockets.
 */
import { type Cipheriv, createCipheriv, createHmac } from "node:crypto";

export const keystreamKeyBytes = 32;
const algorithm = "aes-256-ctr";
export const blockBytes = 16;
const counterBytes = 16;

/** The counter of a block: the streams begin at zero, since no key is ever used twice. */
function counterAt(block: bigint): Buffer {
  const counter = Buffer.alloc(counterBytes);
  counter.writeBigUInt64BE(block, counterBytes - 8);
  return counter;
}

/** Adds the stream from `offset` on, a multiple of 16, to whatever is put in. */
export const keystreamFrom = (key: Uint8Array, offset: bigint): Cipheriv =>
  createCipheriv(algorithm, key, counterAt(offset / BigInt(blockBytes)));

/** `length` bytes of the stream at `offset`, a multiple of 16, added to `bytes`. */
export function addKeystream(key: Uint8Array, offset: bigint, bytes: Uint8Array): Buffer {
  const cipher = keystreamFrom(key, offset);
  return cipher.update(bytes);
}

/** Keys for purposes of one secret: none tells anything of another. */
export const keyFor = (secret: Uint8Array, purpose: string): Uint8Array =>
  Uint8Array.from(createHmac("sha256", secret).update(purpose).digest());
