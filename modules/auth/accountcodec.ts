/**
 * A base account's bytes, by hand: every transaction reads and writes one, and the generated code takes ten times as long. The bytes
 * are the generated code's, which still does module and vesting accounts; a test holds the two to each other. Pure.
 */
import { copyBytes, newBytes } from "../../chain/bytes.ts";
import type { Codec } from "../../chain/codec.ts";
import { compareBytes } from "../../chain/store/types.ts";
import { encodeUtf8, readUtf8, utf8Length, writeUtf8 } from "../../chain/utf8.ts";
import { Any } from "../../proto/gen/google/protobuf/any.ts";
import { type Account, accountFromAny, accountToAny, type BaseAccount, baseAccountUrl } from "./account.ts";

/** Tags: the field's number and its wire type. */
const tags = {
  typeUrl: 0x0a,
  value: 0x12,
  address: 0x0a,
  publicKey: 0x12,
  accountNumber: 0x18,
  sequence: 0x20,
} as const;

/** An Any of a base account begins with these bytes: its type URL and the tag of its value. */
const head = Uint8Array.of(tags.typeUrl, baseAccountUrl.length, ...encodeUtf8(baseAccountUrl), tags.value);

export const accountCodec: Codec<Account> = {
  encode(account) {
    if (account.module === undefined && account.vesting === undefined) return encodeBaseAccount(account.base);
    return Any.encode(accountToAny(account)).finish();
  },
  decode(bytes) {
    if (isBaseAccount(bytes)) return { base: knownBase(bytes) };
    const any = Any.decode(bytes);
    const account = accountFromAny(any);
    if (account !== undefined) return account;
    throw new Error(`stored account of type ${any.typeUrl} is not known to this binary; run the one that wrote it`);
  },
};

/** The last one. A transaction reads its sender's account several times, and what equal bytes decode to is equal. */
let known: { readonly bytes: Uint8Array; readonly base: Readonly<BaseAccount> } | undefined;

function knownBase(bytes: Uint8Array): Readonly<BaseAccount> {
  if (known === undefined || compareBytes(known.bytes, bytes) !== 0)
    known = { bytes: copyBytes(bytes), base: decodeBaseAccount(bytes) };
  return known.base;
}

export function isBaseAccount(bytes: Uint8Array): boolean {
  for (let i = 0; i < head.length; i++) if (bytes[i] !== head[i]) return false;
  return true;
}

// ------------------------------------------------------------------------------------------------------------------- writing

/** Below 2^31, a number's bits can be shifted as a machine word. */
const wordMax = 1n << 31n;

function varintLength(value: bigint): number {
  let length = 1;
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) length++;
  return length;
}

function writeVarint(target: Uint8Array, offset: number, value: bigint): number {
  let rest = value;
  for (; rest >= wordMax; rest >>= 7n) target[offset++] = Number(rest & 0x7fn) | 0x80;
  let word = Number(rest);
  for (; word > 0x7f; word >>>= 7) target[offset++] = (word & 0x7f) | 0x80;
  target[offset++] = word;
  return offset;
}

const lengthSize = (length: number): number => (length < 0x80 ? 1 : varintLength(BigInt(length)));
const blockSize = (length: number): number => 1 + lengthSize(length) + length;
const numberSize = (value: bigint): number => (value === 0n ? 0 : 1 + varintLength(value));

function writeTagged(target: Uint8Array, offset: number, tag: number, length: number): number {
  target[offset++] = tag;
  if (length >= 0x80) return writeVarint(target, offset, BigInt(length));
  target[offset++] = length;
  return offset;
}

function writeNumber(target: Uint8Array, offset: number, tag: number, value: bigint): number {
  if (value === 0n) return offset;
  target[offset++] = tag;
  return writeVarint(target, offset, value);
}

/** Empty text and bytes are left out, as proto3 has it; an empty message is not. */
function encodeBaseAccount({ address, pubKey, accountNumber, sequence }: BaseAccount): Uint8Array {
  const addressLength = utf8Length(address);
  const urlLength = pubKey === undefined ? 0 : utf8Length(pubKey.typeUrl);
  const keyLength = pubKey === undefined ? 0 : pubKey.value.length;
  const anyLength = (urlLength === 0 ? 0 : blockSize(urlLength)) + (keyLength === 0 ? 0 : blockSize(keyLength));
  const length =
    (addressLength === 0 ? 0 : blockSize(addressLength)) +
    (pubKey === undefined ? 0 : blockSize(anyLength)) +
    numberSize(accountNumber) +
    numberSize(sequence);
  // The generated code leaves out an empty value too.
  if (length === 0) return head.slice(0, -1);

  const bytes = newBytes(head.length + lengthSize(length) + length);
  bytes.set(head);
  let offset = writeTagged(bytes, head.length - 1, tags.value, length);
  if (addressLength > 0) offset = writeUtf8(bytes, writeTagged(bytes, offset, tags.address, addressLength), address);
  if (pubKey !== undefined) {
    offset = writeTagged(bytes, offset, tags.publicKey, anyLength);
    if (urlLength > 0) offset = writeUtf8(bytes, writeTagged(bytes, offset, tags.typeUrl, urlLength), pubKey.typeUrl);
    if (keyLength > 0) {
      offset = writeTagged(bytes, offset, tags.value, keyLength);
      bytes.set(pubKey.value, offset);
      offset += keyLength;
    }
  }
  offset = writeNumber(bytes, offset, tags.accountNumber, accountNumber);
  writeNumber(bytes, offset, tags.sequence, sequence);
  return bytes;
}

// ------------------------------------------------------------------------------------------------------------------- reading

interface Reader {
  readonly bytes: Uint8Array;
  offset: number;
}

const damaged = (what: string) => new Error(`stored account is damaged: ${what}; restore the store from a snapshot`);

const uint64Bits = 64n;

function readVarint(reader: Reader): bigint {
  const first = reader.bytes[reader.offset++];
  if (first === undefined) throw damaged("it ends within a number");
  if (first < 0x80) return BigInt(first);
  let value = BigInt(first & 0x7f);
  for (let shift = 7n; shift < uint64Bits; shift += 7n) {
    const byte = reader.bytes[reader.offset++];
    if (byte === undefined) throw damaged("it ends within a number");
    if (shift === 63n && byte > 1) break;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw damaged("a number of more than 64 bits");
}

/** The end of a block whose length stands here. */
function readBlock(reader: Reader): number {
  const end = Number(readVarint(reader)) + reader.offset;
  if (end > reader.bytes.length) throw damaged("it ends within a field");
  return end;
}

function readText(reader: Reader): string {
  const end = readBlock(reader);
  const text = readUtf8(reader.bytes, reader.offset, end);
  reader.offset = end;
  return text;
}

function readPublicKey(reader: Reader): Any {
  const end = readBlock(reader);
  const any: Any = { typeUrl: "", value: new Uint8Array(0) };
  while (reader.offset < end) {
    const tag = reader.bytes[reader.offset++]!;
    if (tag === tags.typeUrl) any.typeUrl = readText(reader);
    else if (tag === tags.value) {
      const valueEnd = readBlock(reader);
      any.value = reader.bytes.slice(reader.offset, valueEnd);
      reader.offset = valueEnd;
    } else throw damaged(`tag ${tag} in its public key`);
  }
  return any;
}

function decodeBaseAccount(bytes: Uint8Array): BaseAccount {
  const reader: Reader = { bytes, offset: head.length };
  if (readBlock(reader) !== bytes.length) throw damaged("bytes are left over");
  const base: BaseAccount = { address: "", pubKey: undefined, accountNumber: 0n, sequence: 0n };
  while (reader.offset < bytes.length) {
    const tag = bytes[reader.offset++]!;
    if (tag === tags.address) base.address = readText(reader);
    else if (tag === tags.publicKey) base.pubKey = readPublicKey(reader);
    else if (tag === tags.accountNumber) base.accountNumber = readVarint(reader);
    else if (tag === tags.sequence) base.sequence = readVarint(reader);
    else throw damaged(`tag ${tag}`);
  }
  return base;
}
