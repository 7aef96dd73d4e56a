import { createHmac, randomBytes } from "node:crypto";
import { duplexPair, Transform } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { echo, type KeyedLink } from "./echo.ts";
import { FalseEcho, measureEcho } from "./echoed.ts";
import { addKeystream, keystreamFrom } from "./keystream.ts";
import { devnetSamples, mainnetSamples, quantile, ReceivedBytes } from "./samples.ts";

const nonce = randomBytes(16);
const bytesMax = 1n << 40n;

/** A link in this process: the seam that daemons know, over no socket. */
function linkPair(): [KeyedLink, KeyedLink] {
  const secret = randomBytes(32);
  const exportKey = (label: string, context: Uint8Array, length: number) =>
    Uint8Array.from(createHmac("sha256", secret).update(label).update(context).digest().subarray(0, length));
  const [near, far] = duplexPair();
  return [
    { stream: near, exportKey },
    { stream: far, exportKey },
  ];
}

/** Measures until so many bytes came back. */
async function measured(near: KeyedLink, bytes: number): Promise<number> {
  const over = new AbortController();
  let back = 0;
  await measureEcho(near, {
    seed: randomBytes(32),
    sessionNonce: nonce,
    signal: over.signal,
    clock: systemClock,
    onBytes: (more) => {
      back += more;
      if (back >= bytes) over.abort();
    },
  });
  return back;
}

describe("a measurement's stream", () => {
  it("is a keystream that can be had at any offset", () => {
    const key = randomBytes(32);
    const whole = keystreamFrom(key, 0n).update(Buffer.alloc(4096));
    fc.assert(
      fc.property(fc.nat(255), fc.nat(256), (block, length) => {
        const offset = block * 16;
        const part = whole.subarray(offset, offset + length);
        expect(addKeystream(key, BigInt(offset), Buffer.alloc(part.length))).toEqual(part);
      }),
    );
  });

  it("comes back transformed, is counted by both ends, and agrees", async () => {
    const [near, far] = linkPair();
    const echoed = echo(far, nonce, { bytesMax });
    const back = await measured(near, 40 << 20);
    expect(back).toBeGreaterThanOrEqual(40 << 20);
    far.stream.destroy();
    expect((await echoed).bytes).toBeGreaterThanOrEqual(BigInt(back));
  });

  it.each([
    ["sends back what it was sent", (chunk: Buffer) => chunk],
    ["makes up what it sends", (chunk: Buffer) => randomBytes(chunk.length)],
  ])("is found false when the relay %s", async (_, transform) => {
    const [near, far] = linkPair();
    const liar = new Transform({ transform: (chunk, _encoding, done) => done(null, transform(chunk)) });
    far.stream.pipe(liar).pipe(far.stream);
    await expect(measured(near, 1 << 20)).rejects.toThrow(FalseEcho);
  });

  it("is found false when the relay stops computing after a while", async () => {
    const [near, far] = linkPair();
    const cipher = keystreamFrom(far.exportKey("weir-measure-1", nonce, 32), 0n);
    let seen = 0;
    const liar = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        seen += chunk.length;
        done(null, seen < 1 << 20 ? cipher.update(chunk) : chunk);
      },
    });
    far.stream.pipe(liar).pipe(far.stream);
    await expect(measured(near, 1 << 30)).rejects.toThrow(FalseEcho);
  });

  it("fails when the relay hangs up, and ends a measurement that takes more than any may", async () => {
    const [near, far] = linkPair();
    const measuring = measured(near, 1 << 30);
    const echoed = echo(far, nonce, { bytesMax: 1n << 20n });
    expect((await echoed).failure?.message).toContain("more than the 1048576 bytes");
    await expect(measuring).rejects.toThrow();
  });
});

describe("what a measurement comes to", () => {
  it("is the lower median of what came back after the warm-up", () => {
    const received = new ReceivedBytes(mainnetSamples);
    const megabytes = [90, 80, 12, 13, 11, 12, 14, 0, 12, 13];
    for (const [second, count] of megabytes.entries()) received.add(second * 1000 + 999, count * 1_000_000);
    received.add(10_000, 77);
    received.add(-1, 77);
    expect(received.bps).toBe(96_000_000n);
    expect(received.bytes).toBe(257_000_000n);
  });

  it("forgives no token bucket: a burst at the beginning does not count", () => {
    const rate = 10_000_000 / 8;
    const received = new ReceivedBytes(devnetSamples);
    for (let at = 0; at < 2_000; at += 10) received.add(at, rate / 100 + (at < 500 ? 50_000 : 0));
    expect(received.bps).toBe(10_000_000n);
  });

  it("is nothing where nothing came back", () => {
    expect(new ReceivedBytes(mainnetSamples).bps).toBe(0n);
    expect(quantile([], 0.5)).toBe(0);
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 3, 2], 0.95)).toBe(4);
  });
});
