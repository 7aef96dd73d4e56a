import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { storedReading } from "../../test/helpers/readings.ts";
import { bpsMax, idMax, lossPpmMax, rttMicrosMax } from "./attestationbytes.ts";
import { packPrefix, packPrefixText, prefixOf, unpackPrefix } from "./attestationprefix.ts";
import {
  packedReadingBytes,
  type RelayReadings,
  readingsFromProto,
  readingsToProto,
  relayReadingsCodec,
} from "./readingspacked.ts";
import type { StoredReading } from "./tally.ts";

const addresses = fc.oneof(
  fc.constant(new Uint8Array(0)),
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
);
const ids = fc.bigInt(1n, idMax);
const stored: fc.Arbitrary<StoredReading> = fc.record({
  oracle: ids,
  kind: fc.integer({ min: 1, max: 4 }),
  measuredBps: fc.bigInt(0n, bpsMax),
  backgroundBps: fc.bigInt(0n, bpsMax),
  rttP50Micros: fc.nat(rttMicrosMax),
  lossPpm: fc.nat(lossPpmMax),
  checksPassed: fc.nat(4),
  isCountersigned: fc.boolean(),
  observedPrefix: addresses.map(packPrefix),
});
const records: fc.Arbitrary<RelayReadings> = fc.record({
  isAudited: fc.boolean(),
  committee: fc.array(ids, { maxLength: 127 }),
  readings: fc.array(stored, { maxLength: 20 }),
});

describe("stored readings", () => {
  it("come back as they were, packed and as protobuf", () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(relayReadingsCodec.decode(relayReadingsCodec.encode(record))).toEqual(record);
        expect(readingsFromProto(readingsToProto(record))).toEqual(record);
      }),
    );
  });

  it("take 31 bytes each behind a committee of 5 bytes a member", () => {
    expect(packedReadingBytes).toBe(31);
    const committee = [1n, 2n, 3n];
    const readings = [storedReading(1n, 5n), storedReading(2n, 6n)];
    const bytes = relayReadingsCodec.encode({ isAudited: true, committee, readings });
    expect(bytes).toHaveLength(1 + 15 + 62);
    expect(bytes[0]).toBe(0x83);
    expect(relayReadingsCodec.encode({ isAudited: false, committee: [], readings: [] })).toEqual(Uint8Array.of(0));
  });

  it("are refused when they are damaged", () => {
    expect(() => relayReadingsCodec.decode(new Uint8Array(0))).toThrow("damaged: 0 bytes");
    expect(() => relayReadingsCodec.decode(Uint8Array.of(0x82, 1, 2, 3))).toThrow("damaged: 4 bytes");
    expect(() => relayReadingsCodec.decode(new Uint8Array(1 + 30))).toThrow("damaged: 31 bytes");
  });
});

describe("an address's prefix", () => {
  it("is /24 of IPv4 and /40 of IPv6, in one form of text each", () => {
    expect(prefixOf(Uint8Array.of(203, 0, 113, 9))).toBe("203.0.113.0/24");
    expect(prefixOf(Uint8Array.of(203, 0, 113, 200))).toBe("203.0.113.0/24");
    expect(prefixOf(Uint8Array.of(203, 0, 112, 9))).toBe("203.0.112.0/24");
    const long = Uint8Array.from(Buffer.from("20010db8ff1122000000000000000009", "hex"));
    expect(prefixOf(long)).toBe("20010db8ff/40");
    expect(prefixOf(long.with(5, 0))).toBe("20010db8ff/40");
    expect(prefixOf(long.with(4, 0))).toBe("20010db800/40");
    expect(prefixOf(new Uint8Array(0))).toBeUndefined();
    expect(prefixOf(new Uint8Array(5))).toBeUndefined();
  });

  it("is read back from its text, and from no other", () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const packed = packPrefix(address);
        expect(packPrefixText(unpackPrefix(packed) ?? "")).toEqual(packed);
      }),
    );
    for (const text of ["256.0.0.0/24", "01.0.0.0/24", "1.2.3.4/24", "20010DB800/40", "20010db8/40", "x"]) {
      expect(packPrefixText(text)).toBeUndefined();
    }
  });
});
