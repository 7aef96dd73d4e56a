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

interface Place {
  readonly chunk: number;
  readonly byte: number;
  readonly mask: number;
}

function placeOf(index: bigint): Place {
  const bit = Number(index % BigInt(chunkBits));
  const word = bit >> 6;
  return {
    chunk: Number(index / BigInt(chunkBits)),
    byte: headBytes + word * 8 + 7 - ((bit & 63) >> 3),
    mask: 1 << (bit & 7),
  };
}

export function isMissed(ctx: ReadContext, address: Uint8Array, index: bigint): boolean {
  const { chunk, byte, mask } = placeOf(index);
  const bytes = missedBlockChunks.get(ctx, [address, chunk]);
  return bytes !== undefined && (bytes[byte]! & mask) !== 0;
}

export function setMissed(ctx: Context, address: Uint8Array, index: bigint, missed: boolean): void {
  const { chunk, byte, mask } = placeOf(index);
  const bytes = missedBlockChunks.get(ctx, [address, chunk])?.slice() ?? newChunk();
  if (missed) bytes[byte]! |= mask;
  else bytes[byte]! &= ~mask;
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
  for (let bit = 0; bit < chunkBits; bit++) {
    const { byte, mask } = placeOf(BigInt(bit));
    if ((bytes[byte]! & mask) !== 0) bits.push(bit);
  }
  return bits;
}
