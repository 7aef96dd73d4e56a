/**
 * Which blocks of the window a validator missed: a bit a block, in chunks as the SDK stores them, so that a block changes one chunk.
 * Owns the bits; the count of them is the signing info's (liveness.ts).
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import { missedBlockChunks } from "./state.ts";

/** Bits of a chunk (MissedBlockBitmapChunkSize). */
export const chunkBits = 1024;

/** A chunk is the number of its bits as eight bytes and then its words of 64 bits, high byte first. */
const headBytes = 8;
const chunkBytes = headBytes + chunkBits / 8;

function newChunk(): Uint8Array {
  const chunk = new Uint8Array(chunkBytes);
  new DataView(chunk.buffer).setBigUint64(0, BigInt(chunkBits));
  return chunk;
}

/** Where a bit of a chunk is. */
const byteOf = (bit: number): number => headBytes + (bit >> 6) * 8 + 7 - ((bit & 63) >> 3);
const maskOf = (bit: number): number => 1 << (bit & 7);

interface Place {
  readonly chunk: number;
  readonly bit: number;
}

/** The window's bound keeps both far within what a number holds. */
const placeOf = (index: bigint): Place => ({
  chunk: Number(index / BigInt(chunkBits)),
  bit: Number(index % BigInt(chunkBits)),
});

const isSet = (bytes: Uint8Array, bit: number): boolean => (bytes[byteOf(bit)]! & maskOf(bit)) !== 0;

export function isMissed(ctx: ReadContext, address: Uint8Array, index: bigint): boolean {
  const { chunk, bit } = placeOf(index);
  const bytes = missedBlockChunks.get(ctx, [address, chunk]);
  return bytes !== undefined && isSet(bytes, bit);
}

export function setMissed(ctx: Context, address: Uint8Array, index: bigint, missed: boolean): void {
  const { chunk, bit } = placeOf(index);
  const bytes = missedBlockChunks.get(ctx, [address, chunk])?.slice() ?? newChunk();
  if (missed) bytes[byteOf(bit)]! |= maskOf(bit);
  else bytes[byteOf(bit)]! &= ~maskOf(bit);
  missedBlockChunks.set(ctx, [address, chunk], bytes);
}

/** The window bounds how many chunks there are. */
export function clearMissed(ctx: Context, address: Uint8Array): void {
  for (const key of [...missedBlockChunks.keys(ctx, { leading: [address] })]) missedBlockChunks.delete(ctx, key);
}

export interface MissedBlock {
  readonly index: bigint;
  readonly missed: boolean;
}

/**
 * In ascending order. Of a chunk in which no bit is set any more its first block is told as not missed: so genesis makes the same
 * chunks again, and it is what the SDK's genesis understands too.
 */
export function missedBlocksOf(ctx: ReadContext, address: Uint8Array): MissedBlock[] {
  const chunks = [...missedBlockChunks.iterate(ctx, { leading: [address] })];
  chunks.sort(([[, a]], [[, b]]) => a - b);
  return chunks.flatMap(([[, chunk], bytes]) => {
    const first = BigInt(chunk) * BigInt(chunkBits);
    const set = setBits(bytes).map((bit) => ({ index: first + BigInt(bit), missed: true }));
    return set.length === 0 ? [{ index: first, missed: false }] : set;
  });
}

function setBits(bytes: Uint8Array): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < chunkBits; bit++) if (isSet(bytes, bit)) bits.push(bit);
  return bits;
}
