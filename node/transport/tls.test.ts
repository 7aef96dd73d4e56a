import { randomBytes } from "node:crypto";
import { type AddressInfo, connect as connectPlain, createServer as createPlainServer } from "node:net";
import { connect } from "node:tls";
import { ed25519 } from "@noble/curves/ed25519.js";
import { afterEach, describe, expect, it } from "vitest";
import { keyOfCertificate } from "./certificate.ts";
import { tlsTransport } from "./tls.ts";
import { type Identity, type Link, LinkFailure, type Listener, type ListenOptions } from "./transport.ts";

const identity = (): Identity => {
  const seed = randomBytes(32);
  return { seed, publicKey: ed25519.getPublicKey(seed) };
};
const relay = identity();
const oracle = identity();
const relayTransport = tlsTransport(relay);
const oracleTransport = tlsTransport(oracle);
const deadlineMillis = 20_000;

const open: Listener[] = [];
const links: Link[] = [];
afterEach(async () => {
  for (const { stream } of links.splice(0)) stream.destroy();
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function listening(changes: Partial<ListenOptions> = {}) {
  const arrived = new Queue<Link>();
  const refused = new Queue<string>();
  const listener = await relayTransport.listen({
    address: { host: "127.0.0.1", port: 0 },
    connectionsMax: 8,
    connectionsPerAddressMax: 8,
    handshakeMillisMax: deadlineMillis,
    onLink: (link) => {
      links.push(link);
      arrived.add(link);
    },
    onRefused: (reason) => refused.add(reason),
    ...changes,
  });
  open.push(listener);
  return { address: listener.address, arrived, refused, listener };
}

/** What happened, in its order, for a test that waits for the next of it. */
class Queue<T> {
  readonly #items: T[] = [];
  #wake: () => void = () => {};

  add(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  async next(): Promise<T> {
    while (this.#items.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#items.shift()!;
  }
}

async function dial(address: { host: string; port: number }, expectedKey = relay.publicKey): Promise<Link> {
  const link = await oracleTransport.dial(address, { expectedKey, deadlineMillis });
  links.push(link);
  return link;
}

describe("a link over TLS", () => {
  it("shows each end the other's key, carries bytes, and gives both the same secret of this link alone", async () => {
    const { address, arrived } = await listening();
    const [near, far] = [await dial(address), await arrived.next()];
    expect(Buffer.from(near.peerKey)).toEqual(Buffer.from(relay.publicKey));
    expect(Buffer.from(far.peerKey)).toEqual(Buffer.from(oracle.publicKey));
    expect(far.peerAddress).toBe("127.0.0.1");
    const nonce = randomBytes(16);
    expect(near.exportKey("weir-test", nonce, 32)).toEqual(far.exportKey("weir-test", nonce, 32));
    expect(near.exportKey("weir-test", nonce, 32)).not.toEqual(far.exportKey("weir-other", nonce, 32));
    const again = await dial(address);
    expect(again.exportKey("weir-test", nonce, 32)).not.toEqual(near.exportKey("weir-test", nonce, 32));
    const echoed = new Promise<Buffer>((resolve) => near.stream.once("data", resolve));
    far.stream.once("data", (bytes: Buffer) => far.stream.write(bytes));
    near.stream.write("through and back");
    expect((await echoed).toString()).toBe("through and back");
  });

  it("is hung up on by who dials and finds another key", async () => {
    const { address } = await listening();
    await expect(dial(address, oracle.publicKey)).rejects.toThrow(LinkFailure);
    await expect(dial(address, oracle.publicKey)).rejects.toThrow("another key than was expected");
  });

  it("is not given to who shows no key, another kind of key, or speaks something else", async () => {
    const { address, refused } = await listening();
    const keyless = connect({ ...address, rejectUnauthorized: false, ALPNProtocols: ["weir/1"] });
    keyless.on("error", () => {});
    expect(await refused.next()).toBe("no ed25519 certificate was shown");
    const stranger = connectPlain(address, () => stranger.end("GET / HTTP/1.1\r\n\r\n"));
    stranger.on("error", () => {});
    expect(await refused.next()).toContain("the handshake failed");
    expect(keyOfCertificate(undefined)).toBeUndefined();
  });

  it("fails with what happened where nobody listens, hangs up or says nothing until the deadline", async () => {
    const { address, listener } = await listening();
    await listener.close();
    await expect(dial(address)).rejects.toThrow("ECONNREFUSED");
    const aborted = oracleTransport.dial(address, {
      expectedKey: relay.publicKey,
      deadlineMillis,
      signal: AbortSignal.abort(),
    });
    await expect(aborted).rejects.toThrow("given up");
    const silent = createPlainServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const waiting = oracleTransport.dial(
      { host: "127.0.0.1", port },
      { expectedKey: relay.publicKey, deadlineMillis: 50 },
    );
    await expect(waiting).rejects.toThrow("no link within 50 ms");
    silent.close();
  });

  it("is refused beyond the connections that there may be, of one address and in all, and free again after one is closed", async () => {
    for (const limits of [{ connectionsPerAddressMax: 2 }, { connectionsMax: 2 }]) {
      const { address, arrived, refused } = await listening(limits);
      const first = await dial(address);
      const firstArrived = await arrived.next();
      await dial(address);
      await arrived.next();
      await expect(dial(address)).rejects.toThrow(LinkFailure);
      expect(await refused.next()).toContain("which is the most");
      const closed = new Promise((resolve) => firstArrived.stream.once("close", resolve));
      first.stream.destroy();
      await closed;
      expect((await dial(address)).peerKey).toHaveLength(32);
    }
  });
});
