import { randomBytes } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { afterEach, describe, expect, it } from "vitest";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { type Clock, systemClock } from "../clock.ts";
import { PingResponder } from "../measurement/pings.ts";
import { type Admission, MeasuredRelay, type Seen } from "../relay/measured.ts";
import { ask, hear, type Refusal, refusal } from "../transport/opening.ts";
import { tlsTransport } from "../transport/tls.ts";
import type { Identity, Link } from "../transport/transport.ts";
import { type MeasureTask, measureRelay } from "./measure.ts";

const identity = (): Identity => {
  const seed = randomBytes(32);
  return { seed, publicKey: ed25519.getPublicKey(seed) };
};
const relayIdentity = identity();
const oracleIdentity = identity();
const oracle = tlsTransport(oracleIdentity);
const chainId = "weir-test-1";
const deadlineMillis = 20_000;
const samples = { durationMillis: 2_000, warmUpMillis: 500, sampleMillis: 250 };

/** A millisecond goes by whenever somebody looks, and with every turn of the event loop that somebody waits for: machines may be slow. */
function countedClock(): Clock {
  let now = 0;
  return {
    now: () => ++now,
    after: (millis, action) => {
      const due = now + millis;
      let isOff = false;
      const turn = () => {
        if (isOff) return;
        if (++now >= due) action();
        else setImmediate(turn);
      };
      setImmediate(turn);
      return () => {
        isOff = true;
      };
    },
  };
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A relay on this machine that lets in whom `admit` says. */
async function listening(
  admit: () => Admission | Refusal = () => ({ bytesMax: 1n << 40n, durationMillisMax: 60_000 }),
) {
  const pings = await PingResponder.listen({ host: "127.0.0.1", port: 0 });
  const seen: Seen[] = [];
  let wake: () => void = () => {};
  const relay = new MeasuredRelay({
    gate: { admit: async () => admit() },
    pings,
    traffic: {
      measured: () => 0,
      measurementBegins: () => ({ paidBytesBefore: 0n, fromMillis: 0 }),
      measurementEnds: () => 0n,
    },
    clock: systemClock,
    onSeen: (one) => {
      seen.push(one);
      wake();
    },
  });
  const links: Link[] = [];
  const refusals: Error[] = [];
  const listener = await tlsTransport(relayIdentity).listen({
    address: { host: "127.0.0.1", port: 0 },
    connectionsMax: 64,
    connectionsPerAddressMax: 64,
    handshakeMillisMax: deadlineMillis,
    onLink: (link) => {
      links.push(link);
      link.stream.on("error", () => {});
      hear(link, { chainId, deadlineMillis })
        .then((open) => relay.serve(link, open.measure!))
        .catch((error: Error) => refusals.push(error));
    },
    onRefused: () => {},
  });
  ends.push(async () => {
    for (const { stream } of links) stream.destroy();
    await listener.close();
    await pings.close();
  });
  const nextSeen = async () => {
    while (seen.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return seen.shift()!;
  };
  return { address: listener.address, nextSeen, relay, refusals };
}

const task = (address: { host: string; port: number }, changes: Partial<MeasureTask> = {}): MeasureTask => ({
  chainId,
  epoch: 7n,
  relay: 3n,
  oracle: 2n,
  kind: 1,
  relayKey: relayIdentity.publicKey,
  address,
  streams: 4,
  samples,
  bpsMax: 1_000_000_000n,
  pingIntervalMillis: 20,
  dialMillisMax: deadlineMillis,
  clock: countedClock(),
  ...changes,
});

describe("a measurement over real sockets", () => {
  it("counts what came back, sees no loss where there is none, and both ends agree on the bytes", async () => {
    const { address, nextSeen } = await listening();
    const measured = await measureRelay(oracle, task(address));
    expect(measured.failure).toBeUndefined();
    expect(measured.bytes).toBeGreaterThan(0n);
    expect(measured.pings!.sent).toBeGreaterThan(0);
    expect(measured.observedAddress).toBe("127.0.0.1");
    expect(measured.transcriptHash).toHaveLength(32);
    const { bytes, measure } = await nextSeen();
    expect(bytes).toBeGreaterThanOrEqual(measured.bytes);
    expect(measure.epoch).toBe(7n);
  });

  it("sends no faster than it may", async () => {
    const { address } = await listening();
    const { bytes } = await measureRelay(oracle, task(address, { bpsMax: 40_000_000n }));
    // A cell of each stream at once, and what the rate gives in the time.
    expect(bytes).toBeLessThanOrEqual(BigInt(4 * 65_536) + (40_000_000n / 8n / 1000n) * BigInt(samples.durationMillis));
  });

  it("is zeros with the reason where nobody listens, another key answers, or the relay refuses", async () => {
    const { address } = await listening(() => refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, "the slot is over"));
    const refused = await measureRelay(oracle, task(address));
    expect(refused).toMatchObject({ bps: 0n, bytes: 0n, durationMillis: 0, failure: "the slot is over" });
    const other = await measureRelay(oracle, task(address, { relayKey: identity().publicKey }));
    expect(other.failure).toContain("another key");
    const nobody = await measureRelay(oracle, task({ host: "127.0.0.1", port: 1 }));
    expect(nobody.failure).toContain("ECONNREFUSED");
    const elsewhere = await measureRelay(oracle, task(address, { chainId: "another-1" }));
    expect(elsewhere.failure).toBe(`this end serves the chain ${chainId}`);
  });

  it("is cut off when it takes more than was admitted, and is zeros then", async () => {
    const { address } = await listening(() => ({ bytesMax: 4n << 16n, durationMillisMax: 60_000 }));
    const { bps, failure } = await measureRelay(oracle, task(address));
    expect(bps).toBe(0n);
    expect(failure).toBeDefined();
  });

  it("is taken once: a nonce comes back neither after its measurement nor from another key, nor a stream twice", async () => {
    const { address, nextSeen } = await listening();
    const sessionNonce = randomBytes(16);
    const measure = {
      epoch: 7n,
      relay: 3n,
      oracle: 2n,
      kind: 1,
      sessionNonce,
      stream: 0,
      streams: 2,
      durationMillis: 200,
    };
    const dial = (identityOf = oracle) =>
      identityOf.dial(address, { expectedKey: relayIdentity.publicKey, deadlineMillis });
    const terms = { chainId, deadlineMillis };
    const first = await dial();
    expect((await ask(first, { measure }, terms)).pingPort).toBeGreaterThan(0);
    await expect(ask(await dial(), { measure }, terms)).rejects.toThrow("belongs to another measurement");
    const stranger = tlsTransport(identity());
    const second = { ...measure, stream: 1 };
    await expect(ask(await dial(stranger), { measure: second }, terms)).rejects.toThrow("belongs to another");
    first.stream.end();
    first.stream.resume();
    await nextSeen();
    await expect(ask(await dial(), { measure: second }, terms)).rejects.toThrow("used before");
  });

  it.each([
    [{ sessionNonce: new Uint8Array(5) }, "a nonce of 5 bytes"],
    [{ streams: 17 }, "17 streams"],
    [{ streams: 0 }, "0 streams"],
    [{ stream: 2 }, "stream 2 of 2"],
    [{ durationMillis: 0 }, "takes no time"],
  ])("is refused where it is malformed: %o", async (changes, text) => {
    const { address } = await listening();
    const measure = {
      epoch: 7n,
      relay: 3n,
      oracle: 2n,
      kind: 1,
      sessionNonce: randomBytes(16),
      stream: 0,
      streams: 2,
      durationMillis: 200,
    };
    const link = await oracle.dial(address, { expectedKey: relayIdentity.publicKey, deadlineMillis });
    await expect(ask(link, { measure: { ...measure, ...changes } }, { chainId, deadlineMillis })).rejects.toThrow(text);
  });
});
