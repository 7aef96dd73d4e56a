import { type Duplex, duplexPair } from "node:stream";
import { describe, expect, it } from "vitest";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { parseDec } from "../../chain/dec.ts";
import { silentLog } from "../../chain/log.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import type { Clock } from "../clock.ts";
import { isSessionProof, readVoucher, sendReceipt } from "../forwarding/wire.ts";
import { accept, hear, refusal, refuse } from "../transport/opening.ts";
import type { Link } from "../transport/transport.ts";
import { ControlLink, type ControlOptions } from "./controllink.ts";
import { newPayer, receiptMillisMax, type Signed } from "./payer.ts";

const chainId = "weir-devnet-1";
const seed = new Uint8Array(32).fill(5);
const mib = 1 << 20;
const deadlineMillis = 20_000;

/** Time that passes when a test says so. */
class TestClock implements Clock {
  #now = 0;
  #due: { readonly at: number; readonly action: () => void }[] = [];

  now = (): number => this.#now;

  after = (millis: number, action: () => void): (() => void) => {
    const entry = { at: this.#now + millis, action };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((one) => one !== entry);
    };
  };

  pass(millis: number): void {
    const until = this.#now + millis;
    for (;;) {
      const [first] = this.#due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (first === undefined) break;
      this.#due = this.#due.filter((one) => one !== first);
      this.#now = Math.max(this.#now, first.at);
      first.action();
    }
    this.#now = until;
  }
}

const linkOf = (stream: Duplex): Link => ({
  stream,
  peerKey: new Uint8Array(32),
  peerAddress: "192.0.2.1",
  exportKey: () => new Uint8Array(32).fill(1),
  reset: () => stream.destroy(),
});

/** A control link, and the relay's end of each link that it dials. */
async function opened(changes: Partial<ControlOptions> = {}) {
  const clock = new TestClock();
  const ends: Duplex[] = [];
  const kept: Signed[] = [];
  const said: string[] = [];
  const control = new ControlLink({
    payer: newPayer({ chainId, session: 7n, pricePerGib: parseDec("50000") }, 1_000_000n),
    sessionSeed: seed,
    dial: async () => {
      const [near, far] = duplexPair();
      ends.push(far);
      void serveOpening(far);
      return linkOf(near);
    },
    sign: () => new Uint8Array(64).fill(9),
    keep: async (voucher) => void kept.push(voucher),
    clock,
    log: silentLog,
    onLost: (why) => void said.push(why),
    onDraining: () => void said.push("draining"),
    ...changes,
  });
  await control.open();
  return { control, clock, ends, kept, said };
}

async function serveOpening(far: Duplex): Promise<void> {
  const link = linkOf(far);
  const { session } = await hear(link, { chainId, deadlineMillis });
  const key = ed25519KeyPair(seed).publicKey;
  if (session === undefined || !isSessionProof(link, { chainId, session: 7n }, key, session.proof)) {
    refuse(link, refusal(RefusalCode.REFUSAL_CODE_UNKNOWN_PEER, "not the session's key"));
    return;
  }
  accept(link);
  sendReceipt(far, {});
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

describe("a control link", () => {
  it("proves its session, and sends each voucher only when it is on disk", async () => {
    const disk = Promise.withResolvers<void>();
    const { control, ends } = await opened({ keep: () => disk.promise });
    const voucher = readVoucher(ends[0]!, deadlineMillis);
    let isThere = false;
    void voucher.then(() => {
      isThere = true;
    });
    control.count(5 * mib);
    for (let i = 0; i < 20; i++) await turn();
    expect(isThere).toBe(false);
    disk.resolve();
    expect(await voucher).toMatchObject({ bytes: BigInt(5 * mib), nonce: 1n, closing: false });
    control.end();
  });

  it("sends nothing more once a voucher could not be kept", async () => {
    const { control, said } = await opened({ keep: () => Promise.reject(new Error("the disk is full")) });
    control.count(5 * mib);
    await until(() => said.length > 0);
    expect(said[0]).toContain("the disk is full");
    expect(control.payer.stopped).toContain("could not be kept");
    control.end();
  });

  it("gives up a relay that answers no voucher", async () => {
    const { control, clock, said, kept } = await opened();
    control.count(5 * mib);
    await until(() => kept.length === 1);
    await turn();
    clock.pass(receiptMillisMax - 1_000);
    expect(said).toEqual([]);
    clock.pass(2_000);
    expect(said).toEqual(["it takes vouchers and answers none"]);
    control.end();
  });

  it("gives up a relay that refuses a voucher, and one that says that the session is over", async () => {
    const one = await opened();
    one.control.count(5 * mib);
    await readVoucher(one.ends[0]!, deadlineMillis);
    const refused = refusal(RefusalCode.REFUSAL_CODE_MALFORMED, "not higher than the last one");
    sendReceipt(one.ends[0]!, { answers: 1n, refused: { code: refused.code, text: refused.message, retryMillis: 0 } });
    await until(() => one.said.length > 0);
    expect(one.said[0]).toContain("not higher than the last one");
    const other = await opened();
    const over = { code: RefusalCode.REFUSAL_CODE_NOT_NOW, text: "it is closed", retryMillis: 0 };
    sendReceipt(other.ends[0]!, { refused: over });
    await until(() => other.said.length > 0);
    expect(other.said).toEqual(["it is closed"]);
  });

  it("notices a relay that drains, and pays at once where one waits for it", async () => {
    const { control, ends, said } = await opened();
    const code = RefusalCode.REFUSAL_CODE_DRAINING;
    sendReceipt(ends[0]!, { refused: { code, text: "", retryMillis: 0 } });
    await until(() => said.length > 0);
    expect(said).toEqual(["draining"]);
    control.count(70_000);
    expect((await readVoucher(ends[0]!, deadlineMillis)).bytes).toBe(70_000n);
    sendReceipt(ends[0]!, { answers: 1n, bytes: 70_000n });
    control.count(1_000);
    const waits = { code: RefusalCode.REFUSAL_CODE_UNPAID, text: "", retryMillis: 0 };
    sendReceipt(ends[0]!, { bytes: 71_000n, refused: waits });
    expect(await readVoucher(ends[0]!, deadlineMillis)).toMatchObject({ bytes: 71_000n, nonce: 2n });
    control.end();
  });

  it("goes on over another link when one breaks, with the next voucher", async () => {
    const { control, ends } = await opened();
    control.count(5 * mib);
    expect((await readVoucher(ends[0]!, deadlineMillis)).nonce).toBe(1n);
    ends[0]!.destroy();
    await until(() => ends.length === 2);
    const second = readVoucher(ends[1]!, deadlineMillis);
    await turn();
    control.count(9 * mib);
    expect((await second).nonce).toBe(2n);
    control.end();
  });

  it("asks for the closing with what is owed, and takes no for an answer", async () => {
    const { control, ends, kept } = await opened();
    control.count(100);
    const closing = control.close();
    const voucher = await readVoucher(ends[0]!, deadlineMillis);
    expect(voucher).toMatchObject({ bytes: 100n, nonce: 1n, closing: true });
    expect(kept).toHaveLength(1);
    sendReceipt(ends[0]!, { answers: 1n, bytes: 100n, closingSignature: new Uint8Array(64).fill(3) });
    expect(Uint8Array.from((await closing)!)).toEqual(new Uint8Array(64).fill(3));
    // One that was sent just before, without asking, is answered first.
    const third = await opened();
    third.control.count(5 * mib);
    await readVoucher(third.ends[0]!, deadlineMillis);
    const agreed = third.control.close();
    expect(await readVoucher(third.ends[0]!, deadlineMillis)).toMatchObject({ nonce: 1n, closing: true });
    sendReceipt(third.ends[0]!, { answers: 1n, nonce: 1n, bytes: BigInt(5 * mib) });
    sendReceipt(third.ends[0]!, { answers: 1n, nonce: 1n, closingSignature: new Uint8Array(64).fill(3) });
    expect(await agreed).toHaveLength(64);
    const other = await opened();
    other.control.count(100);
    const refused = other.control.close();
    await readVoucher(other.ends[0]!, deadlineMillis);
    sendReceipt(other.ends[0]!, { answers: 1n, bytes: 100n });
    expect(await refused).toBeUndefined();
  });
});
