import { createHmac, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { nonceOfPing, numberOfPing, pingBytes, pingDirections, pingKey, pingPacket } from "./pingpacket.ts";
import { PingLedger, PingResponder, ping } from "./pings.ts";

const { question, answer } = pingDirections;
const key = randomBytes(32);
const nonce = randomBytes(16);
const open: PingResponder[] = [];
afterEach(() => Promise.all(open.splice(0).map((responder) => responder.close())));

async function responder(): Promise<PingResponder> {
  const made = await PingResponder.listen({ host: "127.0.0.1", port: 0 });
  open.push(made);
  return made;
}

describe("a ping", () => {
  it("is believed from who has the key, in its direction, unchanged", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(pingBytes - 1), fc.integer({ min: 1, max: 255 }), (number, at, change) => {
        const packet = pingPacket(key, nonce, number, question);
        expect(nonceOfPing(packet)).toBe(nonce.toString("hex"));
        expect(numberOfPing(key, packet, question)).toBe(number);
        expect(numberOfPing(key, packet, answer)).toBeUndefined();
        expect(numberOfPing(randomBytes(32), packet, question)).toBeUndefined();
        packet[at]! ^= change;
        expect(numberOfPing(key, packet, question)).toBeUndefined();
      }),
    );
    expect(nonceOfPing(Buffer.alloc(pingBytes + 1))).toBeUndefined();
  });

  it("has a key of its link and measurement", () => {
    const link = {
      stream: undefined as never,
      exportKey: (label: string, context: Uint8Array, length: number) =>
        Uint8Array.from(createHmac("sha256", key).update(label).update(context).digest().subarray(0, length)),
    };
    expect(pingKey(link, nonce)).toHaveLength(32);
    expect(pingKey(link, nonce)).not.toEqual(pingKey(link, randomBytes(16)));
  });

  it("comes back over a real socket, is timed, and is lost where nobody answers", async () => {
    const relay = await responder();
    expect(relay.add(nonce, key)).toBe(true);
    const over = new AbortController();
    const asking = ping(
      { host: "127.0.0.1", port: relay.port },
      { key, sessionNonce: nonce, intervalMillis: 1, patienceMillis: 20_000, signal: over.signal },
    );
    over.abort();
    const figures = await asking;
    expect(figures.sent).toBeGreaterThan(0);
    expect(figures.lost).toBe(0);
    expect(figures.rttP50Micros).toBeGreaterThan(0);
    expect(figures.rttP95Micros).toBeGreaterThanOrEqual(figures.rttP50Micros);
    relay.forget(nonce);
    const unheard = await ping(
      { host: "127.0.0.1", port: relay.port },
      { key, sessionNonce: nonce, intervalMillis: 1, patienceMillis: 20, signal: AbortSignal.abort() },
    );
    expect(unheard).toEqual({ sent: 1, lost: 1, lossPpm: 1_000_000, rttP50Micros: 0, rttP95Micros: 0 });
  });

  it("gets no answer where it is forged: only the true one after it does", async () => {
    const relay = await responder();
    relay.add(nonce, key);
    const socket = createSocket("udp4");
    const answers: Buffer[] = [];
    socket.on("message", (packet) => answers.push(packet));
    const send = (packet: Buffer) => socket.send(packet, relay.port, "127.0.0.1");
    send(pingPacket(randomBytes(32), nonce, 1, question));
    send(pingPacket(key, randomBytes(16), 2, question));
    send(pingPacket(key, nonce, 3, answer));
    send(Buffer.alloc(0));
    send(Buffer.alloc(2000));
    send(pingPacket(key, nonce, 4, question));
    await once(socket, "message");
    socket.close();
    expect(answers.map((packet) => numberOfPing(key, packet, answer))).toEqual([4]);
    expect(answers[0]).toHaveLength(pingBytes);
  });
});

describe("the ledger of pings", () => {
  it("counts an answer once, and none to what was never asked", () => {
    const ledger = new PingLedger();
    for (const at of [0, 10, 20, 30]) ledger.ask(at);
    ledger.answered(0, 5);
    ledger.answered(0, 500);
    ledger.answered(2, 21);
    ledger.answered(99, 40);
    expect(ledger.figures).toEqual({ sent: 4, lost: 2, lossPpm: 500_000, rttP50Micros: 1000, rttP95Micros: 5000 });
    expect(ledger.allAnswered).toBe(false);
    expect(new PingLedger().figures.lossPpm).toBe(0);
  });
});
