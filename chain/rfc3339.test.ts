import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatJsonTime, formatRfc3339, parseRfc3339 } from "./rfc3339.ts";

const second = { min: -62_135_596_800n, max: 253_402_300_799n };

describe("RFC 3339 times", () => {
  it("are written as Go writes them", () => {
    const at = (nanos: number) => ({ seconds: 1_763_721_600n, nanos });
    expect([0, 1, 120_000_000, 120_500].map((nanos) => formatRfc3339(at(nanos)))).toStrictEqual([
      "2025-11-21T10:40:00Z",
      "2025-11-21T10:40:00.000000001Z",
      "2025-11-21T10:40:00.12Z",
      "2025-11-21T10:40:00.0001205Z",
    ]);
    expect([0, 1, 120_000_000, 120_500, 5_000].map((nanos) => formatJsonTime(at(nanos)))).toStrictEqual([
      "2025-11-21T10:40:00Z",
      "2025-11-21T10:40:00.000000001Z",
      "2025-11-21T10:40:00.120Z",
      "2025-11-21T10:40:00.000120500Z",
      "2025-11-21T10:40:00.000005Z",
    ]);
  });

  it("are read back, whichever way they were written", () =>
    fc.assert(
      fc.property(fc.bigInt(second), fc.integer({ min: 0, max: 999_999_999 }), (seconds, nanos) => {
        const time = { seconds, nanos };
        expect(parseRfc3339(formatRfc3339(time))).toStrictEqual(time);
        expect(parseRfc3339(formatJsonTime(time))).toStrictEqual(time);
      }),
    ));

  it("may carry an offset", () => {
    expect(parseRfc3339("2025-11-21T11:40:00+01:00")).toStrictEqual({ seconds: 1_763_721_600n, nanos: 0 });
    expect(parseRfc3339("2025-11-21t05:10:00.5-05:30")).toStrictEqual({ seconds: 1_763_721_600n, nanos: 500_000_000 });
  });

  it("are refused when they are on no calendar or clock", () => {
    for (const text of [
      "",
      "2025-11-21",
      "2025-02-29T00:00:00Z",
      "2025-11-21T24:00:00Z",
      "2025-11-21T10:40:60Z",
      "2025-11-21T10:40:00",
      "2025-11-21T10:40:00.0000000001Z",
      "2025-11-21T10:40:00+24:00",
      "10000-01-01T00:00:00Z",
      "0001-01-01T00:00:00+00:01",
    ])
      expect(parseRfc3339(text), text).toBeUndefined();
  });
});
