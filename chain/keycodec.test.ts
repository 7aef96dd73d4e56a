/** Keys and values against cosmossdk.io/collections and the SDK's own codecs (docs/vectors/collections). */
import { readFileSync } from "node:fs";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Codec } from "./codec.ts";
import {
  addressKey,
  boolKey,
  bytesKey,
  decodeKey,
  encodeKey,
  int64Key,
  type KeyCodec,
  type KeyCursor,
  pair,
  prefixedAddressKey,
  stringKey,
  timeKey,
  triple,
  uint64Key,
} from "./keycodec.ts";
import { compareBytes } from "./store/types.ts";
import {
  boolValue,
  bytesValue,
  intValue,
  protoBoolValue,
  protoInt64Value,
  remembering,
  stringValue,
  uint64Value,
} from "./valuecodec.ts";

interface Sample {
  readonly codec: string;
  readonly value: unknown;
  readonly terminal: string;
  /** Of keys only. */
  readonly nonTerminal?: string;
}

interface PrefixSample {
  readonly codec: string;
  readonly leading: readonly unknown[];
  readonly bytes: string;
}

const vectors: { readonly samples: readonly Sample[]; readonly prefixes: readonly PrefixSample[] } = JSON.parse(
  readFileSync(new URL("../test/vectors/collections.json", import.meta.url), "utf8"),
);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const fromHex = (text: unknown) => new Uint8Array(Buffer.from(text as string, "hex"));
const asIs = (value: unknown) => value;
const integer = (value: unknown) => BigInt(value as string);

function timestamp(value: unknown) {
  const [seconds, nanos] = (value as string).split(".");
  return { seconds: BigInt(seconds!), nanos: Number(nanos) };
}

const list =
  (...readers: readonly ((value: unknown) => unknown)[]) =>
  (value: unknown) =>
    (value as readonly unknown[]).map((part, index) => readers[index]!(part));

interface KeyKind {
  readonly codec: KeyCodec<never>;
  readonly read: (value: unknown) => unknown;
}

const kind = <K>(codec: KeyCodec<K>, read: (value: unknown) => unknown): KeyKind => ({
  codec: codec as unknown as KeyCodec<never>,
  read,
});

const keys: Readonly<Record<string, KeyKind>> = {
  string: kind(stringKey, asIs),
  bytes: kind(bytesKey, fromHex),
  address: kind(addressKey, fromHex),
  prefixedAddress: kind(prefixedAddressKey, fromHex),
  uint64: kind(uint64Key, integer),
  int64: kind(int64Key, integer),
  bool: kind(boolKey, asIs),
  time: kind(timeKey, timestamp),
  "pair(address,string)": kind(pair(addressKey, stringKey), list(fromHex, asIs)),
  "pair(string,prefixedAddress)": kind(pair(stringKey, prefixedAddressKey), list(asIs, fromHex)),
  "triple(string,uint64,bytes)": kind(triple(stringKey, uint64Key, bytesKey), list(asIs, integer, fromHex)),
};

const values: Readonly<Record<string, readonly [codec: Codec<never>, read: (value: unknown) => unknown]>> = {
  string: [stringValue as Codec<never>, asIs],
  bytes: [bytesValue as unknown as Codec<never>, fromHex],
  uint64: [uint64Value as Codec<never>, integer],
  bool: [boolValue as Codec<never>, asIs],
  protoBool: [protoBoolValue as Codec<never>, asIs],
  int: [intValue as Codec<never>, integer],
};

const name = (codec: string, value: unknown) => `${codec} ${JSON.stringify(value).slice(0, 40)}`;

function writeInner(codec: KeyCodec<never>, key: never): Uint8Array {
  const bytes = new Uint8Array(codec.inner.size(key));
  expect(codec.inner.write(bytes, 0, key)).toBe(bytes.length);
  return bytes;
}

describe("keys", () => {
  const samples = vectors.samples.filter(({ nonTerminal }) => nonTerminal !== undefined);

  it("have samples of every kind", () => {
    expect(new Set(samples.map(({ codec }) => codec))).toEqual(new Set(Object.keys(keys)));
  });

  it.each(samples.map((sample) => ({ ...sample, name: name(sample.codec, sample.value) })))(
    "are the SDK's bytes both ways: $name",
    (sample) => {
      const { codec, read } = keys[sample.codec]!;
      const key = read(sample.value) as never;
      const noPrefix = new Uint8Array(0);
      expect(hex(encodeKey(noPrefix, codec, key))).toBe(sample.terminal);
      expect(decodeKey(fromHex(sample.terminal), 0, codec)).toEqual(key);
      expect(hex(writeInner(codec, key))).toBe(sample.nonTerminal!);
      const cursor: KeyCursor = { bytes: fromHex(`${sample.nonTerminal!}`), offset: 0 };
      expect(codec.inner.read(cursor)).toEqual(key);
      expect(cursor.offset).toBe(cursor.bytes.length);
    },
  );

  it.each(vectors.prefixes.map((sample) => ({ ...sample, name: name(sample.codec, sample.leading) })))(
    "begin as the SDK's: $name",
    ({ codec, leading, bytes }) => {
      const { codec: keyCodec, read } = keys[codec]!;
      expect(hex(keyCodec.encodeLeading!(read(leading) as readonly unknown[]))).toBe(bytes);
    },
  );

  it("sort as what they stand for", () => {
    const order = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
    const encode = <K>(codec: KeyCodec<K>, key: K) => encodeKey(new Uint8Array(0), codec, key);
    fc.assert(
      fc.property(fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), (a, b) => {
        expect(Math.sign(compareBytes(encode(int64Key, a), encode(int64Key, b)))).toBe(order(a, b));
        const [x, y] = [a + (1n << 63n), b + (1n << 63n)];
        expect(Math.sign(compareBytes(encode(uint64Key, x), encode(uint64Key, y)))).toBe(order(a, b));
      }),
    );
  });

  it("of times agree with the calendar of Date", () => {
    const moments = fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moments, (moment) => {
        const millis = moment.getTime();
        const time = {
          seconds: BigInt(Math.floor(millis / 1000)),
          nanos: (((millis % 1000) + 1000) % 1000) * 1_000_000,
        };
        const bytes = encodeKey(new Uint8Array(0), timeKey, time);
        expect(Buffer.from(bytes).toString()).toBe(moment.toISOString().replace("Z", "000000"));
        expect(decodeKey(bytes, 0, timeKey)).toEqual(time);
      }),
    );
  });

  it("of any text are read back as they were written, in the middle of a key too", () => {
    const codec = pair(stringKey, triple(stringKey, bytesKey, stringKey));
    const text = fc.string({ unit: "grapheme" }).filter((candidate) => !candidate.includes("\0"));
    const bytes = fc.uint8Array({ maxLength: 255 });
    fc.assert(
      fc.property(text, text, bytes, text, (a, b, c, d) => {
        const key = [a, [b, c, d]] as const;
        expect(decodeKey(encodeKey(Uint8Array.of(9), codec, key), 1, codec)).toEqual(key);
      }),
    );
  });

  it.each<readonly [string, KeyCodec<never>, string, RegExp]>([
    ["text without an end", pair(stringKey, stringKey) as unknown as KeyCodec<never>, "6162", /has no end/],
    ["text that is no UTF-8", stringKey as KeyCodec<never>, "ff", /./],
    ["bytes that end early", prefixedAddressKey as unknown as KeyCodec<never>, "0301", /needs 3 bytes, 1 are left/],
    ["bytes without a length", prefixedAddressKey as unknown as KeyCodec<never>, "", /needs 1 bytes/],
    ["a short number", uint64Key as KeyCodec<never>, "00", /needs 8 bytes/],
    ["a long number", uint64Key as KeyCodec<never>, "000000000000000000", /1 bytes are left over/],
    ["a truth value of 2", boolKey as KeyCodec<never>, "02", /truth value of 2/],
    [
      "a day that is not",
      timeKey as unknown as KeyCodec<never>,
      hex(Buffer.from("2023-02-29T00:00:00.000000000")),
      /not on the calendar/,
    ],
    [
      "a time of another form",
      timeKey as unknown as KeyCodec<never>,
      hex(Buffer.from("2023-02-28 00:00:00.000000000")),
      /is not 2006/,
    ],
  ])("that are damaged are refused: %s", (_what, codec, bytes, message) => {
    expect(() => decodeKey(fromHex(bytes), 0, codec)).toThrow(message);
  });

  it("that cannot be written are refused", () => {
    const write = <K>(codec: KeyCodec<K>, key: K) => encodeKey(new Uint8Array(0), codec, key);
    expect(() => write(pair(stringKey, stringKey), ["a\0b", ""])).toThrow(/no zero byte/);
    expect(() => write(prefixedAddressKey, new Uint8Array(256))).toThrow(/at most 255/);
    expect(() => write(uint64Key, 1n << 64n)).toThrow(/unsigned 64-bit/);
    expect(() => write(uint64Key, -1n)).toThrow(/unsigned 64-bit/);
    expect(() => write(int64Key, 1n << 63n)).toThrow(/signed 64-bit/);
    expect(() => write(timeKey, { seconds: 253_402_300_800n, nanos: 0 })).toThrow(/years 1 to 9999/);
    expect(() => write(timeKey, { seconds: 0n, nanos: 1_000_000_000 })).toThrow(/years 1 to 9999/);
  });
});

describe("values", () => {
  const samples = vectors.samples.filter(({ nonTerminal }) => nonTerminal === undefined);
  const ofValues = samples.filter(({ codec }) => values[codec] !== undefined);

  it("have samples of every kind", () => {
    expect(new Set(ofValues.map(({ codec }) => codec))).toEqual(new Set(Object.keys(values)));
  });

  it.each(ofValues.map((sample) => ({ ...sample, name: name(sample.codec, sample.value) })))(
    "are the SDK's bytes both ways: $name",
    (sample) => {
      const [codec, read] = values[sample.codec]!;
      const value = read(sample.value) as never;
      // A false that the SDK leaves empty is written out (ADR 0009), and read either way.
      expect(hex(codec.encode(value))).toBe(
        sample.codec === "protoBool" && sample.terminal === "" ? "0800" : sample.terminal,
      );
      expect(codec.decode(fromHex(sample.terminal))).toEqual(value);
    },
  );

  it.each<readonly [string, Codec<unknown>, string]>([
    ["an integer with a leading zero", intValue as Codec<unknown>, "3031"],
    ["an integer that is empty", intValue as Codec<unknown>, ""],
    ["an integer of negative zero", intValue as Codec<unknown>, "2d30"],
    ["an integer in hexadecimal", intValue as Codec<unknown>, hex(Buffer.from("0x10"))],
    ["an integer of 80 digits", intValue as Codec<unknown>, hex(Buffer.from("9".repeat(80)))],
    ["a number of 7 bytes", uint64Value as Codec<unknown>, "00000000000000"],
    ["a truth value of two bytes", boolValue as Codec<unknown>, "0100"],
    ["a message of two", protoBoolValue as Codec<unknown>, "0802"],
    ["text that is no UTF-8", stringValue as Codec<unknown>, "c0"],
    ["a 64-bit number of another field", protoInt64Value as Codec<unknown>, "1001"],
    ["a 64-bit number without an end", protoInt64Value as Codec<unknown>, "0880"],
    ["a 64-bit number of eleven bytes", protoInt64Value as Codec<unknown>, `08${"80".repeat(10)}01`],
  ])("that are damaged are refused: %s", (_what, codec, bytes) => {
    expect(() => codec.decode(fromHex(bytes))).toThrow();
  });

  it("of 64 bits are protobuf's Int64Value, a zero too", () => {
    const message = (value: bigint) => new BinaryWriter().uint32(8).int64(value).finish();
    expect(protoInt64Value.decode(new Uint8Array(0))).toBe(0n);
    fc.assert(
      fc.property(fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), (value) => {
        expect(protoInt64Value.encode(value)).toEqual(message(value));
        expect(protoInt64Value.decode(message(value))).toBe(value);
      }),
    );
    for (const value of [0n, 1n, 127n, 128n, (1n << 28n) - 1n, 1n << 28n, -1n]) {
      expect(protoInt64Value.decode(message(value))).toBe(value);
    }
  });

  it("that are remembered are decoded once, and what has changed again", () => {
    let decoded = 0;
    const counting = { ...stringValue, decode: (bytes: Uint8Array) => `${++decoded} ${stringValue.decode(bytes)}` };
    const codec = remembering(counting, 4, (bytes) => bytes[0]!);
    const read = (text: string) => codec.decode(stringValue.encode(text));
    expect([read("a1"), read("a1"), read("b1"), read("a1")]).toEqual(["1 a1", "1 a1", "2 b1", "1 a1"]);
    // "e" has the slot of "a".
    expect([read("a2"), read("a1"), read("e1"), read("a1")]).toEqual(["3 a2", "4 a1", "5 e1", "6 a1"]);
    const reused = stringValue.encode("b1");
    expect(codec.decode(reused)).toBe("2 b1");
    reused[1] = 0x32;
    expect(codec.decode(reused)).toBe("7 b2");
    reused[1] = 0x33;
    expect(codec.decode(stringValue.encode("b2"))).toBe("7 b2");
  });

  it("beyond 256 bits are not written", () => {
    const most = (1n << 256n) - 1n;
    expect(intValue.decode(intValue.encode(most))).toBe(most);
    expect(intValue.decode(intValue.encode(-most))).toBe(-most);
    expect(() => intValue.encode(most + 1n)).toThrow(/256 bits/);
    expect(() => intValue.encode(-most - 1n)).toThrow(/256 bits/);
  });
});
