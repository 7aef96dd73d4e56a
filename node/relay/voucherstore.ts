/**
 * The vouchers that a relay holds, on disk: the highest of each session, there before anybody is told that it is kept. Owns their bytes and that
 * order; does not own which voucher is good (ledger.ts) nor when it is settled.
 */
import { type Database, openDatabase, type Write } from "../../chain/consensus/database.ts";
import type { HeldVoucher } from "./ledger.ts";

/** session 8, big-endian → bytes 8 · amount 16 · nonce 8 · delivered 8 · signature 64 */
const keyLength = 8;
const at = { bytes: 0, amount: 8, nonce: 24, delivered: 32, signature: 40 } as const;
const signatureBytes = 64;
const valueLength = at.signature + signatureBytes;
const wordBits = 64n;
const wordMask = (1n << wordBits) - 1n;

function keyOf(session: bigint): Buffer {
  const key = Buffer.alloc(keyLength);
  key.writeBigUInt64BE(session);
  return key;
}

function encode({ bytes, amount, nonce, delivered, signature }: HeldVoucher): Buffer {
  const value = Buffer.alloc(valueLength);
  value.writeBigUInt64BE(bytes, at.bytes);
  value.writeBigUInt64BE(amount >> wordBits, at.amount);
  value.writeBigUInt64BE(amount & wordMask, at.amount + 8);
  value.writeBigUInt64BE(nonce, at.nonce);
  value.writeBigUInt64BE(delivered, at.delivered);
  value.set(signature, at.signature);
  return value;
}

function decode(stored: Uint8Array): HeldVoucher {
  const value = Buffer.from(stored);
  return {
    bytes: value.readBigUInt64BE(at.bytes),
    amount: (value.readBigUInt64BE(at.amount) << wordBits) | value.readBigUInt64BE(at.amount + 8),
    nonce: value.readBigUInt64BE(at.nonce),
    delivered: value.readBigUInt64BE(at.delivered),
    signature: Uint8Array.from(value.subarray(at.signature)),
  };
}

interface Waiting {
  readonly write: Write;
  readonly kept: () => void;
  readonly failed: (error: unknown) => void;
}

export class VoucherStore {
  readonly #database: Database;
  /** What came while the disk was busy: all of it is one write then, however many sessions there are. */
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(directory: string): Promise<VoucherStore> {
    return new VoucherStore(await openDatabase(directory));
  }

  /** By session. */
  async all(): Promise<Map<bigint, HeldVoucher>> {
    const held = new Map<bigint, HeldVoucher>();
    for await (const [key, value] of this.#database.entries({ gte: new Uint8Array(0) })) {
      held.set(Buffer.from(key).readBigUInt64BE(), decode(value));
    }
    return held;
  }

  /** Once this resolves, no power cut takes it away. */
  keep(session: bigint, voucher: HeldVoucher): Promise<void> {
    return this.#write({ type: "put", key: keyOf(session), value: encode(voucher) });
  }

  /** Of a session that is over and paid. */
  forget(session: bigint): Promise<void> {
    return this.#write({ type: "del", key: keyOf(session) });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#database.close();
  }

  #write(write: Write): Promise<void> {
    return new Promise((kept, failed) => {
      this.#waiting.push({ write, kept, failed });
      this.#writing ??= this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const together = this.#waiting;
      this.#waiting = [];
      try {
        await this.#database.batch(
          together.map(({ write }) => write),
          { sync: true },
        );
        for (const { kept } of together) kept();
      } catch (error) {
        for (const { failed } of together) failed(error);
      }
    }
    this.#writing = undefined;
  }
}
