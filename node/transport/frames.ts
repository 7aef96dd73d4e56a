/**
 * Messages on a link: each behind its length as an unsigned varint. Owns their limits and deadlines; hands the stream over untouched behind
 * the last message that was asked for, so that raw bytes can follow.
 */
import type { Duplex } from "node:stream";

/** What the other end did wrong: its link is of no more use. */
export class FrameFailure extends Error {}

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
    if (index > 0 && byte === 0) throw new FrameFailure("the length of a message is not in its shortest form");
    return { value, size: index + 1 };
  }
  throw new FrameFailure(`the length of a message has more than ${lengthBytesMax} bytes`);
}

export function frame(message: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = message.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  if (length.length > lengthBytesMax)
    throw new FrameFailure(`a message of ${message.length} bytes is too long to send`);
  return Buffer.concat([Buffer.from(length), message]);
}

export interface FrameLimits {
  readonly bytesMax: number;
  readonly deadlineMillis: number;
}

/** The next message. What came behind it stays in the stream. Only one may be read at a time. */
export function readFrame(stream: Duplex, { bytesMax, deadlineMillis }: FrameLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let held: Buffer = Buffer.alloc(0);
    const settle = (finish: () => void) => {
      clearTimeout(deadline);
      stream.off("readable", look);
      stream.off("end", ended);
      stream.off("error", failed);
      stream.off("close", ended);
      finish();
    };
    const fail = (error: Error) => settle(() => reject(error));
    const failed = (error: Error) => fail(new FrameFailure(`the link broke: ${error.message}`));
    const ended = () => fail(new FrameFailure("the other end hung up"));
    const look = () => {
      for (let chunk: Buffer | null = stream.read(); chunk !== null; chunk = stream.read()) {
        held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
        const whole = wholeFrame(held, bytesMax);
        if (whole === "too little") continue;
        if (whole instanceof FrameFailure) return fail(whole);
        const rest = held.subarray(whole.end);
        return settle(() => {
          if (rest.length > 0) stream.unshift(rest);
          resolve(held.subarray(whole.start, whole.end));
        });
      }
    };
    const deadline = setTimeout(() => fail(new FrameFailure(`no message within ${deadlineMillis} ms`)), deadlineMillis);
    stream.on("readable", look);
    stream.once("end", ended);
    stream.once("error", failed);
    stream.once("close", ended);
    look();
  });
}

function wholeFrame(held: Buffer, bytesMax: number): { start: number; end: number } | "too little" | FrameFailure {
  try {
    const length = readLength(held);
    if (length === undefined) return "too little";
    if (length.value > bytesMax) {
      return new FrameFailure(`a message of ${length.value} bytes; expected at most ${bytesMax}`);
    }
    const end = length.size + length.value;
    return held.length < end ? "too little" : { start: length.size, end };
  } catch (error) {
    if (error instanceof FrameFailure) return error;
    throw error;
  }
}
