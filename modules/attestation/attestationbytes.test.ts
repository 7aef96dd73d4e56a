import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { livenessReading, reading, zeroReading } from "../../test/helpers/readings.ts";
import {
  type AttestedReading,
  attestationBytes,
  attestationBytesIn,
  attestationBytesLength,
  attestationFrame,
  attestationKind,
  bpsMax,
  bytesMax,
  compareReadings,
  durationMillisMax,
  idMax,
  readingProblem,
  rttMicrosMax,
  startMillisMax,
  transcriptBytes,
} from "./attestationbytes.ts";
import { readAttestationBytes } from "./attestationread.ts";

const place = { chainId: "weir-test-1", epoch: 41n, oracle: 3n };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Written by another program in another language, from the layout's words. */
const attested =
  "776569722f6174746573746174696f6e019b1071465a992091f956c4855f9bd9696894b9ba1378b1f061e559f6abcfdb0700000000000000290000000000000007000000000000000301000102030405060708090a0b0c0d0e0f0000000005a995c000000000004c4b400000303900005ba0000004b004000000000713fb300000018bcfe74a4000002710202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f00000000000000000000ffffcb007109";
const transcript =
  "776569722f7472616e73637269707421019b1071465a992091f956c4855f9bd9696894b9ba1378b1f061e559f6abcfdb0700000000000000290000000000000007000000000000000301202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";

describe("an attestation's bytes", () => {
  it("have one fixed layout, which never changes", () => {
    expect(hex(attestationBytes(place, reading()))).toBe(attested);
    expect(attestationBytesLength).toBe(187);
    const long = Uint8Array.from(Buffer.from("20010db8000000000000000000000009", "hex"));
    expect(hex(attestationBytes(place, reading({ observedAddress: long }))).slice(-32)).toBe(hex(long));
    expect(hex(attestationBytes(place, zeroReading())).slice(-32)).toBe("0".repeat(32));
  });

  it("give back what was read, and nothing of other bytes or of another chain", () => {
    const long = Uint8Array.from(Buffer.from("20010db8000000000000000000000009", "hex"));
    for (const one of [reading(), reading({ observedAddress: long, kind: 4 }), zeroReading(), livenessReading()]) {
      const bytes = attestationBytes(place, one);
      expect(readAttestationBytes(bytes, place.chainId)).toEqual({ place, reading: one });
      expect(readAttestationBytes(bytes, "weir-test-2")).toBeUndefined();
      expect(readAttestationBytes(bytes.subarray(1), place.chainId)).toBeUndefined();
      for (const index of [0, 16, 20]) {
        const changed = bytes.slice();
        changed[index]! ^= 1;
        expect(readAttestationBytes(changed, place.chainId)).toBeUndefined();
      }
    }
  });

  it("differ where anything that is read differs", () => {
    const changes: Partial<AttestedReading>[] = [
      { relay: 8n },
      { kind: 4 },
      { sessionNonce: new Uint8Array(16) },
      { measuredBps: 95_000_001n },
      { backgroundBps: 0n },
      { rttP50Micros: 12_346 },
      { rttP95Micros: 23_457 },
      { lossPpm: 1_201 },
      { checksPassed: 3 },
      { bytes: 118_750_001n },
      { startMillis: 1_700_000_123_457n },
      { durationMillis: 10_001 },
      { transcriptHash: new Uint8Array(32) },
      { observedAddress: Uint8Array.of(203, 0, 113, 10) },
    ];
    expect(new Set(changes.flatMap(Object.keys)).size).toBe(Object.keys(reading()).length);
    const all = changes.map((change) => hex(attestationBytes(place, reading(change))));
    expect(new Set([attested, ...all]).size).toBe(all.length + 1);
  });

  it("are of one chain, epoch and oracle: none is good for another", () => {
    const places = [{ chainId: "weir-test-2" }, { epoch: 42n }, { oracle: 4n }].map((change) => ({
      ...place,
      ...change,
    }));
    const all = [place, ...places].map((where) => hex(attestationBytes(where, reading())));
    expect(new Set(all).size).toBe(4);
    const transcripts = [place, ...places].map((where) => hex(transcriptBytes(where, reading())));
    expect(new Set(transcripts).size).toBe(4);
  });

  it("are never a transcript's, which a relay signs", () => {
    expect(hex(transcriptBytes(place, reading()))).toBe(transcript);
    for (const change of [{ relay: 8n }, { kind: 4 }, { transcriptHash: new Uint8Array(32) }]) {
      expect(hex(transcriptBytes(place, reading(change)))).not.toBe(transcript);
    }
    expect(attested.startsWith(transcript.slice(0, 32))).toBe(false);
  });

  it("are made from one frame for many without touching it", () => {
    const frame = attestationFrame(place);
    const before = hex(frame);
    expect(hex(attestationBytesIn(frame, reading()))).toBe(attested);
    expect(hex(attestationBytesIn(frame, zeroReading()))).toBe(hex(attestationBytes(place, zeroReading())));
    expect(hex(frame)).toBe(before);
  });
});

const refused = (changes: Partial<AttestedReading>, text: string | RegExp) =>
  expect(readingProblem(reading(changes)) ?? "taken").toMatch(text);
const taken = (value: AttestedReading) => expect(readingProblem(value)).toBeUndefined();

describe("a reading", () => {
  it("is taken when it makes sense: measured, zero, or of liveness", () => {
    taken(reading());
    taken(zeroReading());
    taken(zeroReading({ kind: attestationKind.covert, durationMillis: 3_000, checksPassed: 2 }));
    taken(livenessReading());
    taken(
      livenessReading({ rttP50Micros: 10, rttP95Micros: 20, lossPpm: 5, observedAddress: Uint8Array.of(1, 2, 3, 4) }),
    );
  });

  it("holds numbers up to their bounds and no further", () => {
    const most = {
      relay: idMax,
      measuredBps: bpsMax,
      backgroundBps: bpsMax,
      rttP50Micros: rttMicrosMax,
      rttP95Micros: rttMicrosMax,
      lossPpm: 1_000_000,
      checksPassed: 4,
      bytes: bytesMax,
      startMillis: startMillisMax,
      durationMillis: durationMillisMax,
    };
    taken(reading(most));
    expect({ idMax, bpsMax, bytesMax, startMillisMax }).toEqual({
      idMax: 1_099_511_627_775n,
      bpsMax: 10_000_000_000_000n,
      bytesMax: 750_000_000_000_000n,
      startMillisMax: 8_796_093_022_207n,
    });
    refused({ ...most, relay: idMax + 1n }, "relay is 1099511627776; expected 1 to 1099511627775");
    refused({ ...most, measuredBps: bpsMax + 1n }, /^measured_bps is 10000000000001; expected 0 to/);
    refused({ ...most, backgroundBps: bpsMax + 1n }, /^background_bps is/);
    refused({ ...most, rttP95Micros: rttMicrosMax + 1 }, "rtt_p95_micros is 60000001; expected 0 to 60000000");
    refused({ ...most, lossPpm: 1_000_001 }, "loss_ppm is 1000001; expected 0 to 1000000");
    refused({ ...most, checksPassed: 5 }, "checks_passed is 5; expected 0 to 4");
    refused({ ...most, bytes: bytesMax + 1n }, /^bytes is/);
    refused({ ...most, startMillis: startMillisMax + 1n }, /^start_millis is/);
    refused({ ...most, durationMillis: durationMillisMax + 1 }, "duration_millis is 600001; expected 0 to 600000");
    refused({ relay: 0n }, "relay is 0; expected 1 to 1099511627775");
    refused({ startMillis: 0n }, "start_millis is 0; expected 1");
    taken(reading({ relay: 1n, startMillis: 1n, lossPpm: 0, checksPassed: 0, rttP50Micros: 0, rttP95Micros: 0 }));
  });

  it("has a kind that there is", () => {
    for (const kind of [0, 5, 255]) refused({ kind }, `kind is ${kind}; expected 1 to 4`);
    for (const kind of [1, 3, 4]) taken(reading({ kind }));
  });

  it("has a median round-trip time not above its 95th percentile", () => {
    refused({ rttP50Micros: 23_457 }, "rtt_p50_micros is 23457; expected 0 to 23456");
    taken(reading({ rttP50Micros: 23_456 }));
  });

  it("has a nonce, a transcript and an address of their lengths", () => {
    refused({ sessionNonce: new Uint8Array(15) }, "session_nonce has 15 bytes; expected 16");
    refused({ transcriptHash: new Uint8Array(33) }, "transcript_hash has 33 bytes; expected 32");
    refused({ observedAddress: new Uint8Array(5).fill(1) }, "observed_address has 5 bytes; expected 4 or 16");
    refused({ observedAddress: new Uint8Array(0) }, "observed_address is missing");
    refused({ observedAddress: new Uint8Array(4) }, "observed_address is the unspecified one");
    refused({ observedAddress: new Uint8Array(16) }, "observed_address is the unspecified one");
    const mapped = Uint8Array.from([...new Uint8Array(10), 0xff, 0xff, 1, 2, 3, 4]);
    refused({ observedAddress: mapped }, "IPv4 address in IPv6 form; expected its 4 bytes");
    taken(reading({ observedAddress: Uint8Array.from([...new Uint8Array(10), 0xff, 0xfe, 1, 2, 3, 4]) }));
  });

  it("was not measured where nothing was received or no time passed", () => {
    refused({ durationMillis: 0 }, "duration_millis is 0 although something was measured");
    refused({ bytes: 0n }, "0 bytes in 10000 ms are too few for 95000000 bit/s");
    expect(readingProblem(zeroReading({ backgroundBps: 1n }))).toBe(
      "background_bps of a relay that was not reached; expected 0",
    );
  });

  it("received three eighths of what its rate carries in its time, or the rate is no median of it", () => {
    // 8 Mbit/s for 10 s is 10,000,000 bytes.
    taken(reading({ measuredBps: 8_000_000n, bytes: 3_750_000n }));
    refused({ measuredBps: 8_000_000n, bytes: 3_749_999n }, "3749999 bytes in 10000 ms are too few for 8000000 bit/s");
    // Any samples: the median of the last three quarters never asks for more bytes than all samples sum up to.
    fc.assert(
      fc.property(fc.array(fc.nat(100_000_000), { minLength: 4, maxLength: 20 }), (samples) => {
        const kept = samples.slice(Math.floor(samples.length / 4)).sort((a, b) => a - b);
        const median = BigInt(kept[(kept.length - 1) >> 1]!);
        const bits = samples.reduce((sum, sample) => sum + BigInt(sample), 0n);
        const value = { measuredBps: median, bytes: (bits + 7n) / 8n, durationMillis: samples.length * 1000 };
        if (median > 0n) expect(readingProblem(reading({ ...value, backgroundBps: 0n }))).toBeUndefined();
      }),
    );
  });

  it("of liveness measures nothing", () => {
    const problem = "checks of liveness measure nothing; expected rates, bytes and duration of 0";
    for (const change of [
      { measuredBps: 1n, observedAddress: Uint8Array.of(1, 1, 1, 1) },
      { backgroundBps: 1n },
      { bytes: 1n },
      { durationMillis: 1 },
    ]) {
      expect(readingProblem(livenessReading(change))).toBe(problem);
    }
  });

  it("stands in its tree by relay, then by kind", () => {
    expect(compareReadings(reading({ relay: 7n }), reading({ relay: 8n, kind: 1 }))).toBeLessThan(0);
    expect(compareReadings(reading({ relay: 9n }), reading({ relay: 8n, kind: 4 }))).toBeGreaterThan(0);
    expect(compareReadings(reading({ kind: 1 }), reading({ kind: 3 }))).toBeLessThan(0);
    expect(compareReadings(reading({ kind: 4 }), reading({ kind: 3 }))).toBeGreaterThan(0);
    expect(compareReadings(reading(), reading({ measuredBps: 1n }))).toBe(0);
  });
});
