/**
 * Links over TLS 1.3 and TCP. Both ends show an ed25519 key; neither trusts any authority. Owns sockets, handshakes and their limits; does not
 * own which keys are welcome beyond the one that a dialler expects (the daemons look at `peerKey`), nor what is said.
 */
import { constants, type X509Certificate } from "node:crypto";
import { connect as connectPlain, type Socket } from "node:net";
import { connect, createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { certificateOf, keyOfCertificate, privateKeyOf } from "./certificate.ts";
import { addressBytes } from "./resolve.ts";
import {
  type Address,
  type DialOptions,
  type Identity,
  type Link,
  LinkFailure,
  type Listener,
  type ListenOptions,
  type Transport,
} from "./transport.ts";

const protocol = "weir/1";
/** The least work of the three that TLS 1.3 has on machines with AES instructions, then the one for those without. */
const ciphers = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";
/** What waits in a socket before its writer is told to pause: one connection's part of a relay's memory. */
const highWaterMarkBytes = 256 << 10;

const sharedOptions = ({ publicKey, seed }: Identity) =>
  ({
    key: privateKeyOf(seed).export({ type: "pkcs8", format: "pem" }),
    cert: certificateOf({ publicKey, seed }),
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    ciphers,
    ALPNProtocols: [protocol],
    // The keys on the chain say who is who: no authority does.
    rejectUnauthorized: false,
    // A resumed session would show no certificate.
    secureOptions: constants.SSL_OP_NO_TICKET,
    highWaterMark: highWaterMarkBytes,
  }) as const;

/** Literal, an IPv4 address not in its IPv6 form. */
const literalAddress = (address: string | undefined): string => (address ?? "").replace(/^::ffff:(?=\d+\.)/, "");

const peerCertificate = (socket: TLSSocket): X509Certificate | undefined => socket.getPeerX509Certificate();

function linkOf(socket: TLSSocket, carrier: Socket | undefined, peerKey: Uint8Array): Link {
  socket.setNoDelay(true);
  let isReset = false;
  return {
    stream: socket,
    peerKey,
    peerAddress: literalAddress(socket.remoteAddress),
    exportKey: (label, context, length) =>
      Uint8Array.from(socket.exportKeyingMaterial(length, `EXPORTER-${label}`, Buffer.from(context))),
    reset() {
      if (isReset) return;
      isReset = true;
      // Outside of whatever TLS is doing now: a carrier that goes away under it takes the process along.
      setImmediate(() => {
        if (carrier === undefined || carrier.destroyed) socket.destroy();
        else carrier.resetAndDestroy();
      });
    },
  };
}

const sameKey = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

/** How many connections there are, of each address and in all. */
class Places {
  readonly #options: ListenOptions;
  readonly #byAddress = new Map<string, number>();
  #all = 0;

  constructor(options: ListenOptions) {
    this.#options = options;
  }

  /** Why there is none for one more from there; undefined where there was one, which is taken until the socket is closed. */
  refusal(socket: Socket): string | undefined {
    const { connectionsMax, connectionsPerAddressMax } = this.#options;
    const address = addressGroup(literalAddress(socket.remoteAddress));
    const taken = this.#byAddress.get(address) ?? 0;
    if (this.#all >= connectionsMax) return `${connectionsMax} connections are open, which is the most`;
    if (taken >= connectionsPerAddressMax) {
      return `${connectionsPerAddressMax} connections of one address are open, which is the most`;
    }
    this.#all++;
    this.#byAddress.set(address, taken + 1);
    socket.once("close", () => this.#leave(address));
    return undefined;
  }

  #leave(address: string): void {
    this.#all--;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}

/** Of IPv6 one subscriber has a /64 to itself. */
const addressGroup = (address: string): string => {
  const bytes = addressBytes(address);
  return bytes?.length === 16 ? Buffer.from(bytes.subarray(0, 8)).toString("hex") : address;
};

/** The TCP sockets under those of TLS, by where they come from: only they can be reset. */
class Carriers {
  readonly #sockets = new Map<string, Socket>();

  add(socket: Socket): void {
    const place = placeOf(socket);
    this.#sockets.set(place, socket);
    socket.once("close", () => {
      if (this.#sockets.get(place) === socket) this.#sockets.delete(place);
    });
  }

  of(socket: TLSSocket): Socket | undefined {
    return this.#sockets.get(placeOf(socket));
  }
}

const placeOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

function welcome(socket: TLSSocket, carriers: Carriers, { onLink, onRefused }: ListenOptions): void {
  const peerKey = keyOfCertificate(peerCertificate(socket));
  if (peerKey === undefined || socket.alpnProtocol !== protocol) {
    socket.destroy();
    onRefused(peerKey === undefined ? "no ed25519 certificate was shown" : `not the protocol ${protocol}`);
    return;
  }
  onLink(linkOf(socket, carriers.of(socket), peerKey));
}

function listen(identity: Identity, options: ListenOptions): Promise<Listener> {
  const { address, handshakeMillisMax, onRefused } = options;
  const places = new Places(options);
  const serverOptions: TlsOptions = {
    ...sharedOptions(identity),
    requestCert: true,
    handshakeTimeout: handshakeMillisMax,
  };
  const carriers = new Carriers();
  const server = createServer(serverOptions, (socket) => welcome(socket, carriers, options));
  server.prependListener("connection", (socket: Socket) => {
    const refusal = places.refusal(socket);
    if (refusal === undefined) return carriers.add(socket);
    socket.destroy();
    onRefused(refusal);
  });
  server.on("tlsClientError", (error) => onRefused(`the handshake failed: ${error.message}`));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address.host, port: address.port }, () => {
      server.off("error", reject);
      server.on("error", (error) => onRefused(error.message));
      const bound = server.address();
      const port = bound !== null && typeof bound === "object" ? bound.port : address.port;
      resolve({
        address: { host: address.host, port },
        close: () => new Promise<void>((closed) => server.close(() => closed())),
      });
    });
  });
}

function dial(identity: Identity, { host, port }: Address, options: DialOptions): Promise<Link> {
  return new Promise((resolve, reject) => {
    const carrier = connectPlain({ host, port });
    const socket = connect({ socket: carrier, ...sharedOptions(identity), checkServerIdentity: () => undefined });
    const fail = (reason: string) => {
      clearTimeout(deadline);
      options.signal?.removeEventListener("abort", abort);
      socket.destroy();
      reject(new LinkFailure(`${host}:${port}: ${reason}`));
    };
    const abort = () => fail("given up");
    const closed = () => fail(carrier.errored?.message ?? "the other end hung up during the handshake");
    const failed = (error: Error) => fail(error.message);
    const deadline = setTimeout(() => fail(`no link within ${options.deadlineMillis} ms`), options.deadlineMillis);
    options.signal?.addEventListener("abort", abort, { once: true });
    carrier.once("error", failed);
    socket.once("error", failed);
    socket.once("close", closed);
    socket.once("secureConnect", () => {
      const peerKey = keyOfCertificate(peerCertificate(socket));
      if (peerKey === undefined || !sameKey(peerKey, options.expectedKey)) return fail("another key than was expected");
      if (socket.alpnProtocol !== protocol) return fail(`does not speak ${protocol}`);
      clearTimeout(deadline);
      options.signal?.removeEventListener("abort", abort);
      carrier.off("error", failed);
      socket.off("error", failed);
      socket.off("close", closed);
      resolve(linkOf(socket, carrier, peerKey));
    });
    if (options.signal?.aborted === true) abort();
  });
}

export const tlsTransport = (identity: Identity): Transport => ({
  dial: (address, options) => dial(identity, address, options),
  listen: (options) => listen(identity, options),
});
