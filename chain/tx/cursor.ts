/**
 * Reads protobuf's wire primitives in canonical form and remembers where it is, so that a refusal can say so. Owns varints,
 * fixed-width numbers, text and the wording of where; what a field means is chain/tx/strict.ts.
 */
import { type ChainError, sdk } from "../errors.ts";
import { depthMax, type FieldPlan } from "./strictplan.ts";

/** Keeps a byte-order mark as a character, as protobuf does. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Up to here a loop over ASCII beats the decoder's call. */
const shortText = 16;

const two32 = 0x1_0000_0000;

/** Where the decoded bytes stand in what the client sent, for errors. */
export interface Origin {
  readonly name: string;
  readonly offset: number;
}

/** One decoding runs at a time and only its refusal reads the trail, so all share it. */
const trailFields = new Array<FieldPlan | undefined>(depthMax + 2).fill(undefined);
const trailElements = new Array<number>(depthMax + 2).fill(-1);

export class Cursor {
  readonly bytes: Uint8Array;
  private readonly origin: Origin | undefined;
  at = 0;
  /** Messages met so far. */
  messages = 0;
  /** Where the decoding is, by depth: field and, in a repeated one, which element. */
  readonly fields = trailFields;
  readonly elements = trailElements;
  depth = 0;
  /** Low and high half of the last varint. */
  low = 0;
  high = 0;
  private view: DataView | undefined;

  constructor(bytes: Uint8Array, origin: Origin | undefined) {
    this.bytes = bytes;
    this.origin = origin;
  }

  path(): string {
    let text = this.origin?.name ?? "";
    for (let depth = 0; depth <= this.depth; depth++) {
      const field = this.fields[depth];
      if (field === undefined) break;
      text += text === "" ? field.name : `.${field.name}`;
      if (field.recurs) text += `[${this.elements[depth]}]`;
    }
    return text;
  }

  refuse(found: string, expected: string, offset = this.at): ChainError {
    const path = this.path();
    return sdk.txDecode(
      `${path === "" ? "" : `${path}, `}byte ${offset + (this.origin?.offset ?? 0)}: ${found}; expected ${expected}`,
    );
  }

  /** Leaves the 64 bits in `low` and `high`. Ten bytes at most, and no more than the value needs (ADR-027). */
  varint(end: number): void {
    const first = this.at;
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (this.at >= end) throw this.refuse("a number is cut short", "its last byte");
      const byte = this.bytes[this.at++]!;
      const bits = byte & 0x7f;
      if (index < 4) low += bits * 2 ** (7 * index);
      else if (index === 4) {
        low += (bits & 0x0f) * 2 ** 28;
        high = bits >> 4;
      } else high += bits * 2 ** (7 * index - 32);
      if (byte >= 0x80) continue;
      if (byte === 0 && index > 0)
        throw this.refuse("a number is longer than it needs to be", "the shortest form", first);
      if (high >= two32) throw this.refuse("a number exceeds 64 bits", "at most 64 bits", first);
      this.low = low;
      this.high = high;
      return;
    }
    throw this.refuse("a number has more than ten bytes", "at most ten", first);
  }

  /** A varint that fits 32 bits: tags and lengths. */
  uint32(end: number): number {
    const first = this.at;
    const byte = first < end ? this.bytes[first]! : 0x80;
    if (byte < 0x80) {
      this.at = first + 1;
      return byte;
    }
    this.varint(end);
    if (this.high !== 0) throw this.refuse("a number exceeds 32 bits", "at most 4294967295", first);
    return this.low;
  }

  /** The end of what a length prefix announces. */
  block(end: number): number {
    const first = this.at;
    const length = this.uint32(end);
    if (length > end - this.at)
      throw this.refuse(`${length} bytes are announced`, `at most the ${end - this.at} bytes left`, first);
    return this.at + length;
  }

  unsigned64(): bigint {
    return this.high === 0 ? BigInt(this.low) : (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  text(end: number): string {
    const { bytes, at } = this;
    if (end - at <= shortText) {
      let text = "";
      let index = at;
      for (; index < end; index++) {
        const byte = bytes[index]!;
        if (byte >= 0x80) break;
        text += String.fromCharCode(byte);
      }
      if (index === end) {
        this.at = end;
        return text;
      }
    }
    let text: string;
    try {
      text = utf8.decode(bytes.subarray(at, end));
    } catch {
      throw this.refuse("the text is not UTF-8", "valid UTF-8");
    }
    this.at = end;
    return text;
  }

  /** `width` bytes for a fixed-width number. */
  fixed(width: number, end: number): DataView {
    if (end - this.at < width) throw this.refuse("a number is cut short", `${width} bytes`);
    this.view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    return this.view;
  }
}
