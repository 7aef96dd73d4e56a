/**
 * A relay that forwards, a chain that says what it is told to say, and clients that pay, all in this process: over TLS or without sockets between
 * client and relay. Owns what it opens, until it is closed.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { ed25519 } from "@noble/curves/ed25519.js";
import { decOne } from "../../chain/dec.ts";
import { type Log, silentLog } from "../../chain/log.ts";
import { amountFor, voucherBytes } from "../../modules/market/index.ts";
import { type Clock, systemClock } from "../../node/clock.ts";
import type { SessionFacts } from "../../node/forwarding/facts.ts";
import { type ForwardingOptions, type ForwardingSettings, PaidForwarding } from "../../node/forwarding/forwarding.ts";
import { halfOpen, readReceipt, sendVoucher, sessionProof } from "../../node/forwarding/wire.ts";
import { nothingSettled } from "../../node/relay/ledger.ts";
import { settleDefaults } from "../../node/relay/settling.ts";
import { VoucherStore } from "../../node/relay/voucherstore.ts";
import { ask, hear, type Refusal } from "../../node/transport/opening.ts";
import { tlsTransport } from "../../node/transport/tls.ts";
import type { Address, Identity, Link, Listener, Transport } from "../../node/transport/transport.ts";
import { ExitKind } from "../../proto/gen/weir/attestation/v1/state.ts";
import type { ReceiptFrame, VoucherFrame } from "../../proto/gen/weir/wire/v1/wire.ts";
import { InProcessNetwork } from "./inprocesstransport.ts";

export const chainId = "weir-test-1";
const relayId = 7n;
const deadlineMillis = 20_000;
export const pricePerGib = 50_000n * decOne;

export const identity = (): Identity => {
  const seed = randomBytes(32);
  return { seed, publicKey: ed25519.getPublicKey(seed) };
};

export type TransportName = "TLS" | "no sockets";
export const transportNames: readonly TransportName[] = ["TLS", "no sockets"];

export function transportsOf(name: TransportName): (who: Identity) => Transport {
  if (name === "TLS") return tlsTransport;
  const network = new InProcessNetwork();
  return (who) => network.transport(who);
}

export interface SceneOptions {
  readonly transport?: TransportName;
  readonly settings?: Partial<ForwardingSettings>;
  readonly limits?: ForwardingOptions["limits"];
  readonly lookup?: ForwardingOptions["lookup"];
  readonly traffic?: ForwardingOptions["traffic"];
  readonly log?: Log;
  readonly clock?: Clock;
  readonly directory?: string;
}

export class ForwardingScene {
  readonly directory: string;
  /** What the chain says; a test changes it. */
  readonly facts = new Map<bigint, SessionFacts>();
  readonly asked: bigint[] = [];
  epoch = 5n;
  /** While it lasts the chain does not answer. */
  silence: Promise<void> | undefined;
  readonly relay = identity();
  readonly #options: SceneOptions;
  readonly #transports: (who: Identity) => Transport;
  readonly #links = new Set<Link>();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #forwarding!: PaidForwarding;
  #vouchers!: VoucherStore;
  #listener!: Listener;

  private constructor(options: SceneOptions) {
    this.#options = options;
    this.#transports = transportsOf(options.transport ?? "TLS");
    this.directory = options.directory ?? mkdtempSync(join(tmpdir(), "weir-forwarding-"));
  }

  static async open(options: SceneOptions = {}): Promise<ForwardingScene> {
    const scene = new ForwardingScene(options);
    await scene.#start();
    return scene;
  }

  get forwarding(): PaidForwarding {
    return this.#forwarding;
  }

  get address(): Address {
    return this.#listener.address;
  }

  async #start(): Promise<void> {
    const { limits, lookup, traffic, log = silentLog, clock = systemClock, settings } = this.#options;
    this.#vouchers = await VoucherStore.open(join(this.directory, "vouchers"));
    const all: ForwardingSettings = {
      exit: { kind: ExitKind.EXIT_KIND_ALL, ports: [] },
      deniedDomains: [],
      allowedDomains: [],
      allowsPrivate: true,
      sessionsMax: 1000,
      flowsMax: 10_000,
      settle: settleDefaults,
      ...settings,
    };
    this.#forwarding = await PaidForwarding.open({
      chainId,
      relay: relayId,
      identity: this.relay,
      source: {
        session: async (id) => {
          this.asked.push(id);
          await this.silence;
          return this.facts.get(id);
        },
        epoch: async () => this.epoch,
      },
      vouchers: this.#vouchers,
      traffic: traffic ?? { carried: () => 0, closedReason: undefined },
      settings: () => all,
      log,
      clock,
      ...(limits === undefined ? {} : { limits }),
      ...(lookup === undefined ? {} : { lookup }),
    });
    this.#listener = await this.#transports(this.relay).listen({
      address: { host: "127.0.0.1", port: 0 },
      connectionsMax: 20_000,
      connectionsPerAddressMax: 20_000,
      handshakeMillisMax: deadlineMillis,
      onLink: (link) => void this.#serve(link),
      onRefused: () => undefined,
    });
  }

  async #serve(link: Link): Promise<void> {
    this.#links.add(link);
    link.stream.on("error", () => undefined);
    try {
      const { session, forward } = await hear(link, { chainId, deadlineMillis });
      if (session !== undefined) await this.#forwarding.serveSession(link, session);
      else if (forward !== undefined) await this.#forwarding.serveForward(link, forward);
    } catch {
      // What cannot be heard was refused, or hung up.
    } finally {
      link.stream.destroy();
      this.#links.delete(link);
    }
  }

  /** As after kill -9: what is on disk is there, the rest is not. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  async #stop(): Promise<void> {
    this.#forwarding.close();
    for (const { stream } of this.#links) stream.destroy();
    await this.#listener.close();
    await this.#vouchers.close();
  }

  async close(): Promise<void> {
    await this.#stop();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    if (this.#options.directory === undefined) rmSync(this.directory, { recursive: true });
  }

  /** A program somewhere, that a client wants to reach. */
  async destination(onSocket: (socket: Socket) => void): Promise<Address> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
      onSocket(socket);
    });
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  }

  /** A session that stands on the chain. */
  client(session: bigint, changes: Partial<SessionFacts> = {}, locked = 1_000_000_000n): SceneClient {
    const client = new SceneClient(this, session, this.#transports(identity()));
    const terms = { chainId, session, key: client.key.publicKey, pricePerGib, locked };
    this.facts.set(session, {
      terms,
      relay: relayId,
      denom: "uusdc",
      settled: nothingSettled,
      settledAmount: 0n,
      expiresEpoch: 20n,
      endsEpoch: 22n,
      isClosing: false,
      ...changes,
    });
    return client;
  }
}

/** A client's side, each piece by itself, so that a test can get each of them wrong. */
export class SceneClient {
  readonly key = identity();
  readonly session: bigint;
  readonly #scene: ForwardingScene;
  readonly #transport: Transport;
  #control: Link | undefined;
  #nonce = 0n;

  constructor(scene: ForwardingScene, session: bigint, transport: Transport) {
    this.#scene = scene;
    this.session = session;
    this.#transport = transport;
  }

  dial(): Promise<Link> {
    const { address, relay } = this.#scene;
    return this.#transport.dial(address, { expectedKey: relay.publicKey, deadlineMillis }).then((link) => {
      link.stream.on("error", () => undefined);
      return link;
    });
  }

  proof(link: Link, seed = this.key.seed): Uint8Array {
    return sessionProof(link, { chainId, session: this.session }, seed);
  }

  /** The control link, and the receipt that comes first on it. */
  async open(): Promise<ReceiptFrame> {
    const link = await this.dial();
    await ask(link, { session: { session: this.session, proof: this.proof(link) } }, { chainId, deadlineMillis });
    this.#control = link;
    return await this.receipt();
  }

  receipt(): Promise<ReceiptFrame> {
    return readReceipt(this.#control!.stream, deadlineMillis);
  }

  get control(): Link {
    return this.#control!;
  }

  voucherFor(bytes: bigint, changes: Partial<VoucherFrame> = {}): VoucherFrame {
    const amount = changes.amount ?? `${amountFor(bytes, pricePerGib)}`;
    const nonce = changes.nonce ?? ++this.#nonce;
    const terms = { chainId, session: this.session, bytes, amount: BigInt(amount), nonce };
    const signature = ed25519.sign(voucherBytes(terms), this.key.seed);
    return { bytes, amount, nonce, signature, closing: false, ...changes };
  }

  /** The receipt that answers it; what nobody asked for is passed over. */
  async pay(bytes: bigint, changes: Partial<VoucherFrame> = {}): Promise<ReceiptFrame> {
    const voucher = this.voucherFor(bytes, changes);
    sendVoucher(this.control.stream, voucher);
    for (;;) {
      const receipt = await this.receipt();
      if (receipt.answers === voucher.nonce) return receipt;
    }
  }

  /** Rejects with a Refusal where the relay does not want to. */
  async forward(destination: { host: string; port: number }, changes: { datagrams?: boolean } = {}): Promise<Link> {
    const link = await this.dial();
    const purpose = { session: this.session, proof: this.proof(link), datagrams: false, ...destination, ...changes };
    await ask(link, { forward: purpose }, { chainId, deadlineMillis });
    halfOpen(link);
    return link;
  }
}

/** What a promise was refused with. */
export const refusalOf = (promise: Promise<unknown>): Promise<Refusal> =>
  promise.then(
    () => {
      throw new Error("it was not refused");
    },
    (error: Refusal) => error,
  );

/** All that comes until the end; rejects where the stream breaks. */
export async function bytesOf(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
