/**
 * Messages on a link: each behind its length as an unsigned varint. Owns their limits and deadlines; hands the stream over untouched behind
 * the last message that was asked for, so that raw bytes can follow.
 */
import type { Duplex } from "node:stream";
import { StreamFailure, take } from "./taking.ts";

/** Lengths up to 2²¹ − 1. */
const lengthBytesMax = 3;

interface Length {
  readonly value: number;
  readonly size: number;
}

/** The length that `bytes` begins with; undefined where more are needed. */
function readLength(bytes: Uint8Array): Length | undefined {
  let value = 0;
  for (let index = 0; index < lengthBytesMax; index++) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * index);
    if (byte >= 0x80) continue;
    if (index > 0 && byte === 0) throw new StreamFailure("the length of a message is not in its shortest form");
    return { value, size: index + 1 };
  }
  throw new StreamFailure(`the length of a message has more than ${lengthBytesMax} bytes`);
}

export function frame(message: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = message.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  if (length.length > lengthBytesMax)
    throw new StreamFailure(`a message of ${message.length} bytes is too long to send`);
  return Buffer.concat([Buffer.from(length), message]);
}

/** Where a message stands in bytes that begin with its length. */
export interface FrameBounds {
  readonly start: number;
  readonly end: number;
}

/** Of the first message; undefined where its length is not whole yet. */
export function frameBounds(bytes: Uint8Array, bytesMax: number): FrameBounds | undefined {
  const length = readLength(bytes);
  if (length === undefined) return undefined;
  if (length.value > bytesMax) {
    throw new StreamFailure(`a message of ${length.value} bytes; expected at most ${bytesMax}`);
  }
  return { start: length.size, end: length.size + length.value };
}

export interface FrameLimits {
  readonly bytesMax: number;
  readonly deadlineMillis: number;
}

/** The next message. What came behind it stays in the stream. */
export async function readFrame(stream: Duplex, { bytesMax, deadlineMillis }: FrameLimits): Promise<Buffer> {
  let start = 0;
  const whole = await take(stream, deadlineMillis, (held) => {
    const bounds = frameBounds(held, bytesMax);
    if (bounds === undefined || held.length < bounds.end) return undefined;
    start = bounds.start;
    return bounds.end;
  });
  return whole.subarray(start);
}
