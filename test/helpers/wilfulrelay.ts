/** A relay that speaks the protocol and does as a test says: counts too much, answers no voucher, carries nothing, hangs up. Owns no money. */
import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { signEd25519 } from "../../chain/crypto/sign.ts";
import { closingBytes, deliveryBytes } from "../../modules/market/index.ts";
import { readVoucher, sendReceipt } from "../../node/forwarding/wire.ts";
import { accept, hear } from "../../node/transport/opening.ts";
import { tlsTransport } from "../../node/transport/tls.ts";
import type { Identity, Link, Listener } from "../../node/transport/transport.ts";
import type { VoucherFrame } from "../../proto/gen/weir/wire/v1/wire.ts";

export interface Wilful {
  /** What it says that it carried, of what it did. */
  counts: (carried: bigint) => bigint;
  answersVouchers: boolean;
  agreesToClose: boolean;
  /** Of a forwarded stream: how many bytes it sends, endlessly where it is not said. */
  sends: number;
  /** Takes streams and says nothing on them. */
  isMute: boolean;
}

export class WilfulRelay {
  readonly will: Wilful = {
    counts: (carried) => carried,
    answersVouchers: true,
    agreesToClose: true,
    sends: 1 << 20,
    isMute: false,
  };
  readonly vouchers: VoucherFrame[] = [];
  readonly links = new Set<Link>();
  readonly #identity: Identity;
  readonly #chainId: string;
  #listener: Listener | undefined;
  #carried = 0n;
  streams = 0;

  constructor(identity: Identity, chainId: string) {
    this.#identity = identity;
    this.#chainId = chainId;
  }

  async listen(port: number): Promise<void> {
    this.#listener = await tlsTransport(this.#identity).listen({
      address: { host: "127.0.0.1", port },
      connectionsMax: 100,
      connectionsPerAddressMax: 100,
      handshakeMillisMax: 5_000,
      onLink: (link) => {
        this.links.add(link);
        link.stream.on("error", () => undefined);
        link.stream.once("close", () => this.links.delete(link));
        this.#serve(link).catch(() => link.stream.destroy());
      },
      onRefused: () => undefined,
    });
  }

  /** Cuts what is there; where `forGood`, nobody gets in again. */
  async cut(forGood: boolean): Promise<void> {
    const closed = forGood ? this.#listener?.close() : undefined;
    for (const link of this.links) link.reset();
    await closed;
  }

  async #serve(link: Link): Promise<void> {
    const open = await hear(link, { chainId: this.#chainId, deadlineMillis: 5_000 });
    accept(link);
    if (open.session !== undefined) await this.#control(link, open.session.session);
    else if (open.forward !== undefined) this.#forward(link.stream);
  }

  async #control(link: Link, session: bigint): Promise<void> {
    const { stream } = link;
    const says = (bytes: bigint, more: object = {}) =>
      sendReceipt(stream, { bytes, nonce: this.#lastNonce(), ...more });
    says(this.will.counts(this.#carried));
    for (;;) {
      const voucher = await readVoucher(stream, 600_000);
      this.vouchers.push(voucher);
      if (!this.will.answersVouchers) continue;
      const { bytes, nonce, amount } = voucher;
      const counted = this.will.counts(this.#carried);
      const chainId = this.#chainId;
      const signature = signEd25519(
        this.#identity.seed,
        deliveryBytes({ chainId, session, bytes, deliveredBytes: counted }),
      );
      const closing = closingBytes({ chainId, session, bytes, amount: BigInt(amount), nonce });
      const closingSignature =
        voucher.closing && this.will.agreesToClose ? signEd25519(this.#identity.seed, closing) : new Uint8Array();
      says(counted, { answers: nonce, signature, closingSignature });
    }
  }

  #lastNonce = (): bigint => this.vouchers.at(-1)?.nonce ?? 0n;

  /** To whatever is asked: the same bytes. */
  #forward(stream: Duplex): void {
    this.streams += 1;
    stream.on("data", (chunk: Buffer) => {
      this.#carried += BigInt(chunk.length);
    });
    stream.resume();
    if (this.will.isMute) return;
    const part = createHash("sha512").update("a part of what is sent").digest();
    const chunk = Buffer.alloc(64 << 10, part);
    let left = this.will.sends;
    const send = () => {
      while (left > 0 && !stream.destroyed) {
        const next = chunk.subarray(0, Math.min(left, chunk.length));
        left -= next.length;
        this.#carried += BigInt(next.length);
        if (!stream.write(next)) return void stream.once("drain", send);
      }
      if (!stream.destroyed) stream.end();
    };
    send();
  }
}
