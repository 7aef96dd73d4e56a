/** A client of the bench: opens sessions and streams, counts what comes and goes, and pays for it as clients do. Owns its links. */
import { type KeyObject, randomBytes, sign } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { amountFor, voucherBytes } from "../../modules/market/index.ts";
import { voucherIntervalBytes } from "../../node/forwarding/credit.ts";
import { halfOpen, readReceipt, sendVoucher, sessionProof } from "../../node/forwarding/wire.ts";
import { privateKeyOf } from "../../node/transport/certificate.ts";
import { ask } from "../../node/transport/opening.ts";
import { tlsTransport } from "../../node/transport/tls.ts";
import type { Address, Identity, Link } from "../../node/transport/transport.ts";
import { benchChainId, benchPricePerGib } from "./relayprocess.ts";

const deadlineMillis = 60_000;
const affordableBytes = 1n << 60n;

export function identity(): Identity {
  const seed = randomBytes(32);
  return { seed, publicKey: ed25519.getPublicKey(seed) };
}

const transport = tlsTransport(identity());

export interface RelayAt {
  readonly address: Address;
  readonly publicKey: Uint8Array;
}

export const dial = ({ address, publicKey }: RelayAt): Promise<Link> =>
  transport.dial(address, { expectedKey: publicKey, deadlineMillis });

export class Buyer {
  readonly #relay: RelayAt;
  readonly #session: bigint;
  readonly #seed: Uint8Array;
  readonly #key: KeyObject;
  #control: Link | undefined;
  #counted = 0;
  #paid = 0;
  #nonce = 0n;
  #nextAt = 0;

  constructor(relay: RelayAt, session: bigint, seed: Uint8Array) {
    this.#relay = relay;
    this.#session = session;
    this.#seed = seed;
    this.#key = privateKeyOf(seed);
  }

  get vouchers(): bigint {
    return this.#nonce;
  }

  async #dial(): Promise<Link> {
    const link = await dial(this.#relay);
    link.stream.on("error", () => link.stream.destroy());
    return link;
  }

  #proof(link: Link): Uint8Array {
    return sessionProof(link, { chainId: benchChainId, session: this.#session }, this.#seed);
  }

  async open(): Promise<void> {
    const link = await this.#dial();
    await ask(link, { session: { session: this.#session, proof: this.#proof(link) } }, terms);
    this.#control = link;
    this.#nextAt = this.#interval();
    void this.#hear(link);
  }

  /** Receipts are read, and whoever refuses ends the bench. */
  async #hear({ stream }: Link): Promise<void> {
    while (!stream.destroyed) {
      const receipt = await readReceipt(stream, deadlineMillis).catch(() => undefined);
      if (receipt === undefined) return;
      if (receipt.answers !== 0n && receipt.refused !== undefined) throw new Error(receipt.refused.text);
      if (receipt.refused !== undefined) this.#pay(Number(receipt.bytes));
    }
  }

  /** Half an interval: the relay never has to wait for it. */
  #interval(): number {
    return Number(voucherIntervalBytes({ paidBytes: BigInt(this.#paid), affordableBytes })) / 2;
  }

  async forward({ host, port }: Address): Promise<Link> {
    const link = await this.#dial();
    const forward = { session: this.#session, proof: this.#proof(link), datagrams: false, host, port };
    await ask(link, { forward }, terms);
    halfOpen(link);
    return link;
  }

  count(bytes: number): void {
    this.#counted += bytes;
    if (this.#counted >= this.#nextAt) this.#pay(this.#counted);
  }

  #pay(counted: number): void {
    if (this.#control === undefined || counted <= this.#paid) return;
    this.#paid = counted;
    this.#nextAt = this.#counted + this.#interval();
    const bytes = BigInt(counted);
    const amount = amountFor(bytes, benchPricePerGib);
    const nonce = ++this.#nonce;
    const signed = voucherBytes({ chainId: benchChainId, session: this.#session, bytes, amount, nonce });
    const signature = Uint8Array.from(sign(null, signed, this.#key));
    sendVoucher(this.#control.stream, { bytes, amount: `${amount}`, nonce, signature });
  }

  close(): void {
    this.#control?.stream.destroy();
  }
}

const terms = { chainId: benchChainId, deadlineMillis } as const;
