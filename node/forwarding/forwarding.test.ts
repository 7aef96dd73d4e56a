import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { verifyEd25519 } from "../../chain/crypto/ed25519.ts";
import { closingBytes, deliveryBytes } from "../../modules/market/index.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import {
  bytesOf,
  chainId,
  ForwardingScene,
  identity,
  refusalOf,
  type SceneOptions,
  transportNames,
} from "../../test/helpers/forwardingscene.ts";
import { ask } from "../transport/opening.ts";
import { intervalBytesMin } from "./credit.ts";
import { sendVoucher, sessionProof } from "./wire.ts";

const scenes: ForwardingScene[] = [];
async function open(options: SceneOptions = {}): Promise<ForwardingScene> {
  const scene = await ForwardingScene.open(options);
  scenes.push(scene);
  return scene;
}
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});

const deadlineMillis = 20_000;
const mebibyte = 1n << 20n;

for (const transport of transportNames)
  describe(`forwarding over ${transport}`, () => {
    it("carries bytes both ways, untouched, and counts each of them once", async () => {
      const scene = await open({ transport });
      const echo = await scene.destination((socket) => socket.pipe(socket));
      const client = scene.client(1n);
      await client.open();
      const { stream } = await client.forward(echo);
      const sent = randomBytes(3 << 20);
      stream.end(sent);
      const received = await bytesOf(stream);
      expect(received.equals(sent)).toBe(true);
      const receipt = await client.pay(BigInt(2 * sent.length));
      expect(receipt).toMatchObject({ refused: undefined, bytes: BigInt(2 * sent.length), nonce: 1n });
    });

    it("ends each direction by itself: a request's end goes through while its answer still comes", async () => {
      const scene = await open({ transport });
      const place = await scene.destination((socket) => {
        void bytesOf(socket).then((request) => socket.end(`heard ${request.length}`));
      });
      const client = scene.client(1n);
      const { stream } = await client.forward(place);
      stream.end(Buffer.alloc(100_000));
      expect(String(await bytesOf(stream))).toBe("heard 100000");
    });

    it("passes on that a destination broke off, and that a client did", async () => {
      const scene = await open({ transport });
      const client = scene.client(1n);
      const breaking = await scene.destination((socket) => socket.once("data", () => socket.resetAndDestroy()));
      const { stream } = await client.forward(breaking);
      stream.write("x");
      await expect(bytesOf(stream)).rejects.toThrow("ECONNRESET");
      const broken = new Promise<Error>((resolve) => {
        void scene
          .destination((socket) => socket.once("error", resolve).resume())
          .then(async (place) => {
            const link = await client.forward(place);
            link.stream.write("x");
            link.reset();
          });
      });
      expect((await broken).message).toContain("ECONNRESET");
    });

    it("holds back what comes faster than it is read, on both sides", async () => {
      const scene = await open({ transport });
      let produced = 0;
      const place = await scene.destination((socket) => {
        const more = () => {
          while (socket.writable && socket.write(Buffer.alloc(64 << 10))) produced += 64 << 10;
          produced += 64 << 10;
        };
        socket.on("drain", more);
        more();
      });
      const client = scene.client(1n);
      const { stream } = await client.forward(place);
      // Nobody reads: the source has to stop by itself, long before what the session would pay for.
      let last = -1;
      while (last !== produced) {
        last = produced;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(scene.forwarding.book.held).toEqual([]);
      const [session] = scene.forwarding.book.all;
      expect(session!.carried).toBeLessThan(2n * intervalBytesMin);
      stream.destroy();
    });

    it("serves two vouchers beyond the last good one, to the byte, and goes on when one comes", async () => {
      const scene = await open({ transport });
      const place = await scene.destination((socket) => socket.end(Buffer.alloc(40 << 20)));
      const client = scene.client(1n);
      await client.open();
      const { stream } = await client.forward(place);
      let received = 0;
      stream.on("data", (chunk: Buffer) => (received += chunk.length));
      const ended = once(stream, "end");
      // Streams wait, and the relay says so.
      const unpaid = await client.receipt();
      expect(unpaid).toMatchObject({ answers: 0n, bytes: 2n * intervalBytesMin });
      expect(unpaid.refused?.code).toBe(RefusalCode.REFUSAL_CODE_UNPAID);
      const [session] = scene.forwarding.book.all;
      expect(session!.carried).toBe(2n * intervalBytesMin);
      await client.pay(intervalBytesMin);
      while (session!.carried < 3n * intervalBytesMin) await client.receipt();
      expect(session!.carried).toBe(3n * intervalBytesMin);
      await client.pay(3n * intervalBytesMin);
      await ended;
      expect(received).toBe(40 << 20);
    });

    it("keeps a voucher on disk before its receipt goes out, and knows it after a restart", async () => {
      const scene = await open({ transport });
      const client = scene.client(1n);
      await client.open();
      const receipt = await client.pay(1000n);
      const { relay } = scene;
      const terms = { chainId, session: 1n, bytes: 1000n, deliveredBytes: receipt.bytes };
      expect(verifyEd25519(relay.publicKey, receipt.signature, deliveryBytes(terms))).toBe(true);
      await scene.restart();
      expect(await client.open()).toMatchObject({ nonce: 1n, paidBytes: 1000n, bytes: 1000n });
      const [held] = scene.forwarding.book.held;
      expect(held?.voucher).toMatchObject({ bytes: 1000n, nonce: 1n });
    });

    it("refuses a voucher with its reason, and takes the next good one", async () => {
      const scene = await open({ transport });
      const client = scene.client(1n);
      await client.open();
      await client.pay(2000n);
      const other = scene.client(2n);
      const reasons: [string, ReturnType<typeof client.voucherFor>][] = [
        ["not higher than the last one", client.voucherFor(2000n, { nonce: 1n })],
        ["not higher than the last one", client.voucherFor(1999n, { nonce: 9n })],
        ["another amount than its bytes cost", client.voucherFor(3000n, { amount: "7", nonce: 2n })],
        ["more than the session has locked", client.voucherFor(1n << 60n, { nonce: 2n })],
        ["for more than was carried", client.voucherFor(1n << 30n, { nonce: 2n })],
        ["not signed by the session's key", { ...other.voucherFor(3000n), nonce: 2n }],
        [
          "the amount is no whole number",
          client.voucherFor(3000n, { amount: "1", nonce: 2n }) && {
            ...client.voucherFor(3000n, { nonce: 2n }),
            amount: "1.0",
          },
        ],
      ];
      for (const [reason, voucher] of reasons) {
        sendVoucher(client.control.stream, voucher);
        const receipt = await client.receipt();
        expect(receipt.refused?.text).toBe(reason);
        expect(receipt).toMatchObject({ answers: voucher.nonce, nonce: 1n, paidBytes: 2000n });
      }
      expect((await client.pay(3000n, { nonce: 2n })).refused).toBeUndefined();
    });

    it("notices a top-up by the voucher that needs it", async () => {
      const scene = await open({ transport });
      const client = scene.client(1n, {}, 100n);
      await client.open();
      expect((await client.pay(3n * mebibyte)).refused?.text).toBe("more than the session has locked");
      const facts = scene.facts.get(1n)!;
      scene.facts.set(1n, { ...facts, terms: { ...facts.terms, locked: 1_000_000n } });
      expect((await client.pay(3n * mebibyte)).refused?.text).toBe(undefined);
    });

    it("lets nobody spend a session without a proof by its key, of that link", async () => {
      const scene = await open({ transport });
      const place = await scene.destination((socket) => socket.end("x"));
      const client = scene.client(1n);
      const another = await client.dial();
      const attempts: ((link: Awaited<ReturnType<typeof client.dial>>) => Uint8Array)[] = [
        () => new Uint8Array(64),
        () => new Uint8Array(0),
        () => client.proof(another),
        (link) => client.proof(link, identity().seed),
        (link) => sessionProof(link, { chainId: "another-1", session: 1n }, client.key.seed),
        (link) => sessionProof(link, { chainId, session: 2n }, client.key.seed),
      ];
      for (const forge of attempts) {
        for (const purpose of ["session", "forward"] as const) {
          const link = await client.dial();
          const proof = forge(link);
          const open =
            purpose === "session"
              ? { session: { session: 1n, proof } }
              : { forward: { session: 1n, proof, datagrams: false, ...place } };
          const refused = await refusalOf(ask(link, open, { chainId, deadlineMillis }));
          expect(refused.code).toBe(RefusalCode.REFUSAL_CODE_UNKNOWN_PEER);
        }
      }
    });

    it("signs that a client may close at once, serves it no more, and not before it is paid", async () => {
      const scene = await open({ transport });
      const place = await scene.destination((socket) => socket.end(Buffer.alloc(1 << 20)));
      const client = scene.client(1n);
      await client.open();
      const { stream } = await client.forward(place);
      stream.end();
      await bytesOf(stream);
      const tooEarly = await client.pay(1n, { closing: true });
      expect(tooEarly.refused?.text).toContain("not paid for");
      const last = client.voucherFor(mebibyte, { closing: true });
      sendVoucher(client.control.stream, last);
      const { closingSignature } = await client.receipt();
      const terms = { chainId, session: 1n, bytes: last.bytes, amount: BigInt(last.amount), nonce: last.nonce };
      expect(verifyEd25519(scene.relay.publicKey, closingSignature, closingBytes(terms))).toBe(true);
      expect((await refusalOf(client.forward(place))).code).toBe(RefusalCode.REFUSAL_CODE_NOT_NOW);
    });

    it("signs the closing of a session of which nothing was used, without a voucher", async () => {
      const scene = await open({ transport });
      const client = scene.client(1n);
      await client.open();
      const { closingSignature } = await client.pay(0n, {
        amount: "0",
        nonce: 0n,
        signature: new Uint8Array(0),
        closing: true,
      });
      const terms = { chainId, session: 1n, bytes: 0n, amount: 0n, nonce: 0n };
      expect(verifyEd25519(scene.relay.publicKey, closingSignature, closingBytes(terms))).toBe(true);
    });

    it("refuses what is not on the chain, with another relay, or over, and what nobody has room for", async () => {
      const scene = await open({ transport, limits: { flowsPerSessionMax: 1 } });
      const place = await scene.destination((socket) => socket.resume());
      const codeOf = async (promise: Promise<unknown>) => (await refusalOf(promise)).code;
      const unknown = scene.client(1n);
      scene.facts.delete(1n);
      expect(await codeOf(unknown.open())).toBe(RefusalCode.REFUSAL_CODE_NOT_NOW);
      expect(await codeOf(scene.client(2n, { relay: 8n }).open())).toBe(RefusalCode.REFUSAL_CODE_UNKNOWN_PEER);
      expect(await codeOf(scene.client(3n, { isClosing: true }).open())).toBe(RefusalCode.REFUSAL_CODE_NOT_NOW);
      expect(await codeOf(scene.client(4n, { expiresEpoch: 5n }).open())).toBe(RefusalCode.REFUSAL_CODE_NOT_NOW);
      const client = scene.client(5n);
      await client.forward(place);
      expect(await codeOf(client.forward(place))).toBe(RefusalCode.REFUSAL_CODE_FULL);
      scene.forwarding.drain();
      expect(await codeOf(scene.client(6n).open())).toBe(RefusalCode.REFUSAL_CODE_DRAINING);
    });

    it("cuts the streams of a session that the chain has closed, and says why on its control link", async () => {
      const scene = await open({ transport });
      const place = await scene.destination((socket) => socket.resume());
      const client = scene.client(1n);
      await client.open();
      const { stream } = await client.forward(place);
      scene.facts.set(1n, { ...scene.facts.get(1n)!, isClosing: true });
      scene.epoch = 6n;
      const broken = bytesOf(stream);
      await scene.forwarding.book.refresh();
      await expect(broken).rejects.toThrow("ECONNRESET");
      expect((await client.receipt()).refused?.code).toBe(RefusalCode.REFUSAL_CODE_NOT_NOW);
    });
  });
