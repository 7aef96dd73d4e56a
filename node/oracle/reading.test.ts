/** One reading of one relay over real sockets: when it is tried again, when it is a zero, what the relay signs of it, and where nobody is dialled. */
import { randomBytes } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { afterEach, describe, expect, it } from "vitest";
import { messageCodec } from "../../chain/codec.ts";
import { signEd25519 } from "../../chain/crypto/sign.ts";
import { silentLog } from "../../chain/log.ts";
import { transcriptBytes } from "../../modules/attestation/attestationbytes.ts";
import { readAttestationBytes } from "../../modules/attestation/attestationread.ts";
import { type Open, RefusalCode, TranscriptAnswer, TranscriptFrame } from "../../proto/gen/weir/wire/v1/wire.ts";
import { systemClock } from "../clock.ts";
import { PingResponder } from "../measurement/pings.ts";
import { MeasuredRelay } from "../relay/measured.ts";
import { frame, readFrame } from "../transport/frames.ts";
import { accept, hear, type Refusal, refusal, refuse } from "../transport/opening.ts";
import { tlsTransport } from "../transport/tls.ts";
import type { Identity, Link } from "../transport/transport.ts";
import { type ReadingParts, readRelay } from "./reading.ts";
import { countersign, deliverTo, isThere, type Talk } from "./talking.ts";
import { kinds, type OracleRules } from "./work.ts";

const identity = (): Identity => {
  const seed = randomBytes(32);
  return { seed, publicKey: ed25519.getPublicKey(seed) };
};
const relayIdentity = identity();
const chainId = "weir-test-1";
const deadlineMillis = 20_000;
const place = { chainId, epoch: 7n, oracle: 2n };
const talk: Talk = { transport: tlsTransport(identity()), chainId, dialMillisMax: deadlineMillis, allowsPrivate: true };

const rules: OracleRules = {
  dialMillisMax: deadlineMillis,
  dialMillisMin: 50,
  skewMillisMax: 1,
  measurementsMax: 1,
  checksMax: 1,
  deliveriesMax: 1,
  txBlocksMax: 1n,
  retryMillis: 1,
};

const parts: ReadingParts = {
  talk,
  place,
  rules,
  samples: { durationMillis: 400, warmUpMillis: 100, sampleMillis: 100 },
  streams: 2,
  pingIntervalMillis: 20,
  clock: systemClock,
  wallMillis: () => Date.now(),
  log: silentLog,
};

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface RelayOptions {
  /** Of each measurement that is asked for; undefined lets it in. */
  refuses?(attempt: number): Refusal | undefined;
  /** What it signs a transcript by. */
  readonly signer?: Identity;
}

async function relay({ refuses = () => undefined, signer = relayIdentity }: RelayOptions = {}) {
  const pings = await PingResponder.listen({ host: "127.0.0.1", port: 0 });
  const links: Link[] = [];
  const heard: Open[] = [];
  let attempts = 0;
  const admit = async () => refuses(attempts++) ?? { bytesMax: 1n << 40n, durationMillisMax: 60_000 };
  const traffic = {
    measured: () => 0,
    measurementBegins: () => ({ paidBytesBefore: 0n, fromMillis: 0 }),
    measurementEnds: () => 0n,
  };
  const measured = new MeasuredRelay({ gate: { admit }, pings, traffic, clock: systemClock, onSeen: () => undefined });
  const serve = async (link: Link) => {
    links.push(link);
    link.stream.on("error", () => undefined);
    const open = await hear(link, { chainId, deadlineMillis });
    heard.push(open);
    if (open.measure !== undefined) return measured.serve(link, open.measure);
    if (open.deliver !== undefined) return refuse(link, refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, "later", 500));
    accept(link);
    if (open.countersign === undefined) return;
    const bytes = await readFrame(link.stream, { bytesMax: 1_024, deadlineMillis });
    const { attestation } = messageCodec(TranscriptFrame).decode(bytes);
    const read = readAttestationBytes(attestation, chainId)!;
    const signature = signEd25519(signer.seed, transcriptBytes(read.place, read.reading));
    link.stream.end(frame(messageCodec(TranscriptAnswer).encode({ signature, backgroundBps: 4_000n })));
  };
  const listener = await tlsTransport(relayIdentity).listen({
    address: { host: "127.0.0.1", port: 0 },
    connectionsMax: 64,
    connectionsPerAddressMax: 64,
    handshakeMillisMax: deadlineMillis,
    onLink: (link) => void serve(link).catch(() => link.stream.destroy()),
    onRefused: () => undefined,
  });
  ends.push(async () => {
    for (const { stream } of links) stream.destroy();
    await listener.close();
    await pings.close();
  });
  return { port: listener.address.port, heard };
}

const actAt = (endpoint: string, millis = 15_000) =>
  ({
    do: "measure",
    epoch: 7n,
    duty: {
      relay: 3n,
      kind: kinds.overt,
      claimBps: 200_000_000n,
      target: { endpoints: [endpoint], transportKey: relayIdentity.publicKey },
      time: undefined,
      checksAtMillis: [],
    },
    untilMillis: Date.now() + millis,
  }) as const;

const { signal } = new AbortController();

describe("a reading", () => {
  it("is measured once and signed by the relay, with what it carried for others", async () => {
    const { port, heard } = await relay();
    const reading = (await readRelay(actAt(`127.0.0.1:${port}`), parts, signal))!;
    expect(reading.failure).toBe("");
    expect(reading.measuredBps).toBeGreaterThan(0n);
    expect(reading).toMatchObject({ backgroundBps: 4_000n, observedAddress: Uint8Array.of(127, 0, 0, 1) });
    expect(reading.relaySignature).toHaveLength(64);
    const nonces = heard.flatMap(({ measure }) =>
      measure === undefined ? [] : [Buffer.from(measure.sessionNonce).toString("hex")],
    );
    expect(nonces).toHaveLength(parts.streams);
    expect(new Set(nonces).size).toBe(1);
  });

  it("is tried again where the relay says not yet, and not where it says no", async () => {
    const later = refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, "whose turn it is is not known yet", 10);
    const patient = await relay({ refuses: (attempt) => (attempt < 2 ? later : undefined) });
    const reading = (await readRelay(actAt(`127.0.0.1:${patient.port}`), parts, signal))!;
    expect(reading.measuredBps).toBeGreaterThan(0n);
    const never = await relay({ refuses: () => refusal(RefusalCode.REFUSAL_CODE_UNKNOWN_PEER, "a stranger") });
    const zero = (await readRelay(actAt(`127.0.0.1:${never.port}`), parts, signal))!;
    expect(zero).toMatchObject({ measuredBps: 0n, bytes: 0n, durationMillis: 0, failure: "a stranger" });
    expect(never.heard).toHaveLength(1);
  });

  it("is a zero of who is not reached in its time, and nothing where there was no time", async () => {
    const zero = (await readRelay(actAt("127.0.0.1:1", 900), parts, signal))!;
    expect(zero.measuredBps).toBe(0n);
    expect(zero.failure).toContain("ECONNREFUSED");
    expect(zero.startMillis).toBeLessThan(BigInt(Date.now()));
    expect(await readRelay(actAt("127.0.0.1:1", 100), parts, signal)).toBeUndefined();
  });

  it("has no signature of the relay where it is another key's, which would spoil it", async () => {
    const { port } = await relay({ signer: identity() });
    const reading = (await readRelay(actAt(`127.0.0.1:${port}`), parts, signal))!;
    expect(reading.measuredBps).toBeGreaterThan(0n);
    expect(reading.relaySignature).toHaveLength(0);
  });

  it.each(["127.0.0.1:443", "10.0.0.7:443", "[::1]:443", "169.254.169.254:80", "localhost:443"])(
    "dials nothing private: %s is a zero unless the settings say otherwise",
    async (endpoint) => {
      const { port, heard } = await relay();
      const careful = { ...parts, talk: { ...talk, allowsPrivate: false } };
      const zero = (await readRelay(actAt(endpoint.replace(/443$/, `${port}`)), careful, signal))!;
      expect(zero.measuredBps).toBe(0n);
      expect(zero.failure).toContain("leads to no public address");
      expect(heard).toHaveLength(0);
      expect(await isThere(careful.talk, actAt(`127.0.0.1:${port}`).duty.target)).toBe(false);
    },
  );
});

describe("a relay", () => {
  it("is there where it answers, whatever it says, and not where another key does", async () => {
    const { port } = await relay();
    const { target } = actAt(`127.0.0.1:${port}`).duty;
    expect(await isThere(talk, target)).toBe(true);
    expect(await isThere({ ...talk, chainId: "another-1" }, target)).toBe(true);
    expect(await isThere(talk, { ...target, transportKey: identity().publicKey })).toBe(false);
    expect(await isThere(talk, { ...target, endpoints: ["127.0.0.1:1"] })).toBe(false);
  });

  it("is handed attestations again later where it says so, and never where it is not there for good", async () => {
    const { port } = await relay();
    const { target } = actAt(`127.0.0.1:${port}`).duty;
    expect(await deliverTo(talk, target, new Uint8Array(5))).toEqual({
      isTaken: false,
      isFinal: false,
      reason: "later",
    });
    const wrong = await deliverTo({ ...talk, chainId: "another-1" }, target, new Uint8Array(5));
    expect(wrong).toMatchObject({ isTaken: false, isFinal: true });
    const to = { address: { host: "127.0.0.1", port: 1 }, expectedKey: target.transportKey };
    await expect(
      countersign(talk, to, { sessionNonce: randomBytes(16), attestation: new Uint8Array(187) }),
    ).rejects.toThrow();
  });
});
