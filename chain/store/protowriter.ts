/** Writes protobuf fields in the order they are given, leaving out empty ones as proto3 does. Made for proofs: small, rare messages. */

import { writeVarint } from "./treehash.ts";

/** Two varints of 32-bit numbers. */
const headBytesMax = 10;

export class ProtoWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  varint(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(headBytesMax);
    this.#length = writeVarint(this.#bytes, this.#length, field << 3);
    this.#length = writeVarint(this.#bytes, this.#length, value);
  }

  bytes(field: number, value: Uint8Array): void {
    if (value.length > 0) this.message(field, value);
  }

  /** Written even when empty: a message that is there. */
  message(field: number, value: Uint8Array): void {
    this.head(field, value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Announces a field of so many bytes, which must follow. */
  head(field: number, length: number): void {
    this.#reserve(headBytesMax + length);
    this.#length = writeVarint(this.#bytes, this.#length, (field << 3) | 2);
    this.#length = writeVarint(this.#bytes, this.#length, length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  raw(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    for (let i = from; i < to; i++) this.#bytes[this.#length++] = source[i]!;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const bytes = new Uint8Array(2 * (this.#length + more));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}
