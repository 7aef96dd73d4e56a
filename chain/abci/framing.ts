/**
 * CometBFT's socket frames: an unsigned varint of a message's length, then the message. Owns cutting a stream of bytes into frames, however
 * they arrive, and putting the length before one that goes out; it owns no message.
 */

/** As CometBFT's own reader takes it: no message of ABCI is longer. */
export const frameBytesMax = 0x7fff_ffff;
/** Of a length in 31 bits. */
const headBytesMax = 5;

/** The bytes are no frame: the stream cannot be read any further. */
export class FrameError extends Error {}

export class FrameReader {
  readonly #bytesMax: number;
  /** What has come and is not cut yet, in order; of the first only what follows `#at`. */
  #parts: Uint8Array[] = [];
  #at = 0;
  #bytes = 0;
  /** Of the frame whose head is read; -1 before. */
  #length = -1;

  constructor(bytesMax: number = frameBytesMax) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that wait for the rest of their frame. */
  get waiting(): number {
    return this.#bytes;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
  }

  /** The next whole frame's message, or undefined until more has come; throws FrameError. May share memory with what was pushed. */
  next(): Uint8Array | undefined {
    if (this.#length < 0 && !this.#readHead()) return undefined;
    if (this.#bytes < this.#length) return undefined;
    const frame = this.#take(this.#length);
    this.#length = -1;
    return frame;
  }

  #readHead(): boolean {
    let length = 0;
    let shift = 1;
    for (let index = 0; index < headBytesMax; index++) {
      const byte = this.#byteAt(index);
      if (byte === undefined) return false;
      length += (byte & 0x7f) * shift;
      if (byte < 0x80) {
        this.#checkLength(length, index, byte);
        this.#take(index + 1);
        this.#length = length;
        return true;
      }
      shift *= 0x80;
    }
    throw new FrameError(`a frame's length is written in more than ${headBytesMax} bytes; expected an unsigned varint`);
  }

  #checkLength(length: number, index: number, lastByte: number): void {
    if (index > 0 && lastByte === 0)
      throw new FrameError(`a frame's length, ${length}, is not written in its shortest form`);
    if (length > this.#bytesMax) throw new FrameError(`a frame of ${length} bytes; at most ${this.#bytesMax} are read`);
  }

  #byteAt(index: number): number | undefined {
    let rest = this.#at + index;
    for (const part of this.#parts) {
      if (rest < part.length) return part[rest];
      rest -= part.length;
    }
    return undefined;
  }

  /** The next `count` bytes, which are there. Copies only what came in more than one part. */
  #take(count: number): Uint8Array {
    const first = this.#parts[0];
    this.#bytes -= count;
    if (first === undefined || first.length - this.#at >= count) return this.#cut(first ?? new Uint8Array(0), count);
    const whole = new Uint8Array(count);
    let written = 0;
    while (written < count) {
      const part = this.#parts[0]!;
      const taken = this.#cut(part, Math.min(count - written, part.length - this.#at));
      whole.set(taken, written);
      written += taken.length;
    }
    return whole;
  }

  #cut(part: Uint8Array, count: number): Uint8Array {
    const taken = part.subarray(this.#at, this.#at + count);
    this.#at += count;
    if (this.#at === part.length) {
      this.#parts.shift();
      this.#at = 0;
    }
    return taken;
  }
}

/** The length that goes before a message. */
export function frameHead(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

export const frameOf = (message: Uint8Array): Uint8Array => {
  const head = frameHead(message.length);
  const frame = new Uint8Array(head.length + message.length);
  frame.set(head);
  frame.set(message, head.length);
  return frame;
};
