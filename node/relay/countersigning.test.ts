import { describe, expect, it } from "vitest";
import type { AttestationRead } from "../../modules/attestation/attestationread.ts";
import { Measure } from "../../proto/gen/weir/wire/v1/wire.ts";
import { reading } from "../../test/helpers/readings.ts";
import { disagreement } from "./countersigning.ts";
import type { Seen } from "./measured.ts";

const nonce = new Uint8Array(16).fill(7);
const seen: Seen = {
  measure: Measure.fromPartial({ epoch: 9n, relay: 3n, oracle: 2n, kind: 1, sessionNonce: nonce }),
  peerKey: new Uint8Array(32),
  bytes: 250_000_000n,
  bps: 100_000_000n,
  cellBps: 524_288n,
  backgroundBps: 0n,
};
const shown = (changes: object = {}): AttestationRead => ({
  place: { chainId: "weir-1", epoch: 9n, oracle: 2n },
  reading: {
    ...reading({ relay: 3n, kind: 1, sessionNonce: nonce }),
    bytes: 240_000_000n,
    measuredBps: 98_000_000n,
    ...changes,
  },
});

describe("a transcript", () => {
  it("is agreed to where it says what the relay counted, and a little less", () => {
    expect(disagreement(shown(), seen)).toBeUndefined();
    expect(disagreement(shown({ measuredBps: 89_500_000n }), seen)).toBeUndefined();
    expect(disagreement(shown({ measuredBps: 120_000_000n }), seen)).toBeUndefined();
  });

  it("is not where it says much less, or counts bytes that were never sent back", () => {
    expect(disagreement(shown({ measuredBps: 89_000_000n }), seen)).toContain("89000000 bit/s where 100000000");
    expect(disagreement(shown({ measuredBps: 0n }), seen)).toContain("0 bit/s");
    expect(disagreement(shown({ bytes: 250_000_001n }), seen)).toContain("250000001 bytes where 250000000");
  });

  it.each([
    ["another relay", shown({ relay: 4n })],
    ["another kind", shown({ kind: 4 })],
    ["another nonce", shown({ sessionNonce: new Uint8Array(16) })],
    ["another epoch", { ...shown(), place: { ...shown().place, epoch: 8n } }],
    ["another oracle", { ...shown(), place: { ...shown().place, oracle: 3n } }],
  ])("is not where it is about %s", (_, read) => {
    expect(disagreement(read, seen)).toBe("it is about another measurement");
  });
});
