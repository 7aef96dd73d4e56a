/**
 * The bytes of transactions' results, made once a block for the two records that hold them. Owns the encoding, the same as the generated
 * code's: written from the end to the start, so that each length is known before it is written and nothing is measured or copied twice.
 */
import {
  type Event,
  type ExecTxResult,
  ResponseFinalizeBlock,
  type ResponseFinalizeBlock as Results,
} from "../../proto/gen/tendermint/abci/types.ts";

const bytesAtStart = 1 << 16;
const varintBytesMax = 10;
const asciiEnd = 0x80;

class BackwardWriter {
  #buffer = Buffer.allocUnsafe(bytesAtStart);
  #at = bytesAtStart;

  /** Where the next byte goes before; a difference of two is a length. */
  get at(): number {
    return this.#at - this.#buffer.length;
  }

  /** Drops what an encoding that threw has left. */
  start(): void {
    this.#at = this.#buffer.length;
  }

  finish(): Uint8Array {
    const bytes = Buffer.allocUnsafe(this.#buffer.length - this.#at);
    this.#buffer.copy(bytes, 0, this.#at);
    return bytes;
  }

  varint(value: number): void {
    this.#reserve(varintBytesMax);
    if (value < asciiEnd) {
      this.#buffer[--this.#at] = value;
      return;
    }
    let count = 1;
    for (let rest = value; rest >= asciiEnd; rest = Math.floor(rest / asciiEnd)) count++;
    this.#at -= count;
    let rest = value;
    for (let i = 0; i < count - 1; i++) {
      this.#buffer[this.#at + i] = (rest % asciiEnd) | asciiEnd;
      rest = Math.floor(rest / asciiEnd);
    }
    this.#buffer[this.#at + count - 1] = rest;
  }

  /** A negative one takes ten bytes, as protobuf's int64. */
  int64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new Error(`${value} does not fit into 64 bits`);
    if (value >= 0n && value <= Number.MAX_SAFE_INTEGER) {
      this.varint(Number(value));
      return;
    }
    const digits: number[] = [];
    for (let rest = BigInt.asUintN(64, value); rest > 0n; rest >>= 7n) digits.push(Number(rest & 0x7fn) | asciiEnd);
    digits[digits.length - 1]! &= asciiEnd - 1;
    this.raw(Uint8Array.from(digits));
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#at -= bytes.length;
    this.#buffer.set(bytes, this.#at);
  }

  /** Most text is ASCII and short: byte by byte it is copied faster than by a native call. */
  text(text: string): void {
    this.#reserve(text.length);
    const buffer = this.#buffer;
    let at = this.#at;
    for (let i = text.length - 1; i >= 0; i--) {
      const code = text.charCodeAt(i);
      if (code >= asciiEnd) {
        this.raw(Buffer.from(text));
        return;
      }
      buffer[--at] = code;
    }
    this.#at = at;
  }

  #reserve(bytes: number): void {
    if (this.#at >= bytes) return;
    const used = this.#buffer.length - this.#at;
    const grown = Buffer.allocUnsafe(2 * (used + bytes));
    this.#buffer.copy(grown, grown.length - used, this.#at);
    this.#buffer = grown;
    this.#at = grown.length - used;
  }
}

const writer = new BackwardWriter();

function textField(tag: number, text: string): void {
  if (text === "") return;
  const end = writer.at;
  writer.text(text);
  writer.varint(end - writer.at);
  writer.varint(tag);
}

function int64Field(tag: number, value: bigint): void {
  if (value === 0n) return;
  writer.int64(value);
  writer.varint(tag);
}

function eventField({ type, attributes }: Event): void {
  const end = writer.at;
  for (let i = attributes.length - 1; i >= 0; i--) {
    const { key, value, index } = attributes[i]!;
    const attributeEnd = writer.at;
    if (index) {
      writer.varint(1);
      writer.varint(24);
    }
    textField(18, value);
    textField(10, key);
    writer.varint(attributeEnd - writer.at);
    writer.varint(18);
  }
  textField(10, type);
  writer.varint(end - writer.at);
  writer.varint(58);
}

function writeTxResult(result: ExecTxResult): void {
  textField(66, result.codespace);
  for (let i = result.events.length - 1; i >= 0; i--) eventField(result.events[i]!);
  int64Field(48, result.gasUsed);
  int64Field(40, result.gasWanted);
  textField(34, result.info);
  textField(26, result.log);
  if (result.data.length > 0) {
    writer.raw(result.data);
    writer.varint(result.data.length);
    writer.varint(18);
  }
  if (result.code !== 0) int64Field(8, BigInt(result.code >>> 0));
}

export function encodeTxResult(result: ExecTxResult): Uint8Array {
  writer.start();
  writeTxResult(result);
  return writer.finish();
}

export const encodeTxResults = (results: readonly ExecTxResult[]): Uint8Array[] => results.map(encodeTxResult);

/** Tag and length before bytes. */
function head(tag: number, length: number): Uint8Array {
  writer.start();
  writer.varint(length);
  writer.varint(tag);
  return writer.finish();
}

/** A ResponseFinalizeBlock whose transactions' results are `txResults`. */
export function encodeResults(results: Results, txResults: readonly Uint8Array[]): Uint8Array {
  const { events, ...others } = results;
  const empty = { events: [], txResults: [], validatorUpdates: [], consensusParamUpdates: undefined };
  const parts: Uint8Array[] = [ResponseFinalizeBlock.encode({ ...empty, events, appHash: new Uint8Array() }).finish()];
  for (const bytes of txResults) parts.push(head(18, bytes.length), bytes);
  parts.push(ResponseFinalizeBlock.encode({ ...others, events: [], txResults: [] }).finish());
  return Buffer.concat(parts);
}

/** The same in one piece, behind its length and the tag of the field that holds it, behind the length of those: as a socket's frame. */
export function encodeResultsFrame(results: Results, tag: number): Uint8Array {
  const { events, txResults, ...others } = results;
  const empty = { txResults: [], validatorUpdates: [], consensusParamUpdates: undefined, appHash: new Uint8Array() };
  writer.start();
  const end = writer.at;
  writer.raw(ResponseFinalizeBlock.encode({ ...others, events: [], txResults: [] }).finish());
  for (let i = txResults.length - 1; i >= 0; i--) {
    const resultEnd = writer.at;
    writeTxResult(txResults[i]!);
    writer.varint(resultEnd - writer.at);
    writer.varint(18);
  }
  writer.raw(ResponseFinalizeBlock.encode({ ...empty, events }).finish());
  writer.varint(end - writer.at);
  writer.varint(tag);
  writer.varint(end - writer.at);
  return writer.finish();
}

/** A TxResult: height, place in the block, transaction and result. */
export function encodeIndexed(height: bigint, index: number, tx: Uint8Array, result: Uint8Array): Uint8Array {
  writer.start();
  writer.raw(result);
  writer.varint(result.length);
  writer.varint(34);
  if (tx.length > 0) {
    writer.raw(tx);
    writer.varint(tx.length);
    writer.varint(26);
  }
  int64Field(16, BigInt(index));
  int64Field(8, height);
  return writer.finish();
}
