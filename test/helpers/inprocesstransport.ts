/**
 * Links without sockets: both ends in this process, and yet by all the rules of the seam (node/transport/transport.ts): keys that were proven, slow
 * readers, ends by halves, breaks, limits. What runs over it and over TLS alike knows nothing of either. Owns its own addresses.
 */
import { createHmac, randomBytes } from "node:crypto";
import { Duplex } from "node:stream";
import {
  type Address,
  type DialOptions,
  type Identity,
  type Link,
  LinkFailure,
  type Listener,
  type ListenOptions,
  type Transport,
} from "../../node/transport/transport.ts";

const highWaterMarkBytes = 64 << 10;
const ephemeralPortMin = 49_152;

interface Listening {
  readonly key: Uint8Array;
  readonly options: ListenOptions;
  open: number;
}

/** One end of a pair: what is written to it is read from the other, and no sooner written than there is room to read it. */
class End extends Duplex {
  other: End | undefined;
  #goOn: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: false, highWaterMark: highWaterMarkBytes, autoDestroy: true });
  }

  override _read(): void {
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const { other } = this;
    if (other === undefined || other.destroyed) return void done(brokenOff("EPIPE"));
    // A copy, as a network makes one: who reuses a buffer after it is written would spoil what the other end reads.
    const hasRoom = other.push(Buffer.from(chunk));
    if (hasRoom) return void setImmediate(done);
    other.#goOn = () => done();
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { other } = this;
    this.#goOn = undefined;
    setImmediate(() => {
      // As over TLS: what is only destroyed looks to the other end as if it had ended.
      if (other !== undefined && !other.destroyed && !other.readableEnded) other.push(null);
      other?._read();
    });
    done(error);
  }

  reset(): void {
    const { other } = this;
    this.other = undefined;
    this.destroy();
    setImmediate(() => other?.destroy(brokenOff("ECONNRESET")));
  }
}

const brokenOff = (code: string): Error => Object.assign(new Error(`${code}: the other end hung up`), { code });

function linkOf(stream: End, peerKey: Uint8Array, peerAddress: string, secret: Buffer): Link {
  return {
    stream,
    peerKey,
    peerAddress,
    exportKey: (label, context, length) => {
      const bytes: Buffer[] = [];
      for (let block = 0; bytes.length * 32 < length; block++) {
        bytes.push(createHmac("sha256", secret).update(`${block} ${label} `).update(context).digest());
      }
      return Uint8Array.from(Buffer.concat(bytes).subarray(0, length));
    },
    reset: () => stream.reset(),
  };
}

/** Those of one network reach each other, and nobody else. */
export class InProcessNetwork {
  readonly #listening = new Map<string, Listening>();
  #nextPort = ephemeralPortMin;

  transport(identity: Identity, from = "127.0.0.1"): Transport {
    return {
      dial: (address, options) => this.#dial(identity, from, address, options),
      listen: (options) => this.#listen(identity, options),
    };
  }

  async #listen({ publicKey }: Identity, options: ListenOptions): Promise<Listener> {
    const port = options.address.port === 0 ? this.#nextPort++ : options.address.port;
    const address = { host: options.address.host, port };
    const place = placeOf(address);
    if (this.#listening.has(place)) throw new LinkFailure(`${place} is in use`);
    const listening: Listening = { key: publicKey, options, open: 0 };
    this.#listening.set(place, listening);
    return {
      address,
      close: async () => {
        if (this.#listening.get(place) === listening) this.#listening.delete(place);
      },
    };
  }

  async #dial(identity: Identity, from: string, address: Address, options: DialOptions): Promise<Link> {
    const place = placeOf(address);
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (options.signal?.aborted === true) throw new LinkFailure(`${place}: given up`);
    const listening = this.#listening.get(place);
    if (listening === undefined) throw new LinkFailure(`${place}: connect ECONNREFUSED`);
    if (Buffer.compare(listening.key, options.expectedKey) !== 0) {
      throw new LinkFailure(`${place}: another key than was expected`);
    }
    const { connectionsMax, connectionsPerAddressMax, onRefused, onLink } = listening.options;
    if (listening.open >= Math.min(connectionsMax, connectionsPerAddressMax)) {
      onRefused(`${listening.open} connections are open, which is the most`);
      throw new LinkFailure(`${place}: the other end hung up during the handshake`);
    }
    const [near, far] = [new End(), new End()];
    near.other = far;
    far.other = near;
    listening.open++;
    far.once("close", () => {
      listening.open--;
    });
    const secret = randomBytes(32);
    onLink(linkOf(far, identity.publicKey, from, secret));
    return linkOf(near, listening.key, address.host, secret);
  }
}

const placeOf = ({ host, port }: Address): string => `${host}:${port}`;
