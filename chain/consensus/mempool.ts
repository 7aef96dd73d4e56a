/**
 * Transactions that wait for a block: checked by the application, bounded in count and bytes, checked again after every block.
 * Owns the order, the limits and the cache of known transactions, with CometBFT's texts; it owns no rule about what is valid.
 */
import { CheckTxType, type ExecTxResult, type ResponseCheckTx } from "../../proto/gen/tendermint/abci/types.ts";
import type { Application } from "../abci/application.ts";
import { txKey } from "../crypto/txhash.ts";
import { txBytesInBlock } from "./block.ts";

export interface MempoolOptions {
  readonly transactionsMax: number;
  readonly bytesMax: number;
  readonly txBytesMax: number;
  /** Hashes remembered, so that a transaction seen before is not checked again. */
  readonly cacheMax: number;
  /** Blocks and time after which a waiting transaction is dropped; 0 keeps it. */
  readonly blocksToLive: number;
  readonly millisToLive: number;
}

/** CometBFT's defaults. */
export const defaultMempoolOptions: MempoolOptions = {
  transactionsMax: 5_000,
  bytesMax: 1 << 30,
  txBytesMax: 1 << 20,
  cacheMax: 10_000,
  blocksToLive: 0,
  millisToLive: 0,
};

/** Refuses before the application is asked; the text is CometBFT's. */
export class MempoolError extends Error {}

/** Requests that wait while a block is committed. */
const waitingMax = 10_000;
/** Rechecking lets other work through after this long. */
const recheckSliceMillis = 10;

interface Waiting {
  readonly tx: Uint8Array;
  readonly gasWanted: bigint;
  readonly addedAtHeight: bigint;
  readonly addedAtMillis: number;
}

export class Mempool {
  readonly #app: Pick<Application, "checkTx">;
  readonly #options: MempoolOptions;
  readonly #txs = new Map<string, Waiting>();
  readonly #known: RecentKeys;
  /** What a block has room for: one that no block can hold would stand before all others for ever. */
  #blockBytesMax = 1n << 62n;
  #bytes = 0;
  #height = 0n;
  #checking = 0;
  #waiting = 0;
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined;
  #idle: (() => void) | undefined;
  #onAvailable: () => void = () => {};

  constructor(app: Pick<Application, "checkTx">, options: MempoolOptions) {
    this.#app = app;
    this.#options = options;
    this.#known = new RecentKeys(options.cacheMax);
  }

  get size(): number {
    return this.#txs.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Called whenever a transaction has come in. */
  onAvailable(listener: () => void): void {
    this.#onAvailable = listener;
  }

  /** The bytes that transactions may take in a block; they change with the consensus parameters. */
  fitInto(blockBytesMax: bigint): void {
    this.#blockBytesMax = blockBytesMax;
    for (const [key, { tx }] of this.#txs) if (BigInt(txBytesInBlock(tx)) > blockBytesMax) this.#forget(key);
  }

  /** Throws MempoolError before the application is asked, and what the application throws. */
  async check(tx: Uint8Array): Promise<ResponseCheckTx> {
    while (this.#gate !== undefined) await this.#waitForGate(this.#gate.opened);
    const key = txKey(tx);
    this.#refuseUnfit(tx);
    if (!this.#known.add(key)) throw new MempoolError("tx already exists in cache");
    this.#checking++;
    let response: ResponseCheckTx | undefined;
    try {
      response = await this.#app.checkTx({ tx, type: CheckTxType.NEW });
      if (response.code === 0) this.#add(key, tx, response.gasWanted);
    } finally {
      if (!this.#txs.has(key)) this.#known.remove(key);
      this.#checking--;
      if (this.#checking === 0) this.#idle?.();
    }
    return response;
  }

  async #waitForGate(opened: Promise<void>): Promise<void> {
    if (this.#waiting >= waitingMax) {
      throw new MempoolError("mempool is still rechecking after a new committed block, so it is considered as full");
    }
    this.#waiting++;
    await opened;
    this.#waiting--;
  }

  #refuseUnfit(tx: Uint8Array): void {
    const { transactionsMax, bytesMax, txBytesMax } = this.#options;
    if (this.#txs.size >= transactionsMax || this.#bytes + tx.length > bytesMax) {
      throw new MempoolError(
        `mempool is full: number of txs ${this.#txs.size} (max: ${transactionsMax}), ` +
          `total txs bytes ${this.#bytes} (max: ${bytesMax})`,
      );
    }
    if (tx.length > txBytesMax) {
      throw new MempoolError(`Tx too large. Max size is ${txBytesMax}, but got ${tx.length}`);
    }
    const bytesInBlock = txBytesInBlock(tx);
    if (BigInt(bytesInBlock) > this.#blockBytesMax) {
      throw new MempoolError(`tx pre check: tx size is too big: ${bytesInBlock}, max: ${this.#blockBytesMax}`);
    }
  }

  #add(key: string, tx: Uint8Array, gasWanted: bigint): void {
    this.#refuseUnfit(tx);
    this.#txs.set(key, { tx, gasWanted, addedAtHeight: this.#height, addedAtMillis: Date.now() });
    this.#bytes += tx.length;
    this.#onAvailable();
  }

  /** In the order they came, as many as fit; -1n means no limit. */
  reap(bytesMax: bigint, gasMax: bigint): Uint8Array[] {
    const txs: Uint8Array[] = [];
    let bytes = 0n;
    let gas = 0n;
    for (const { tx, gasWanted } of this.#txs.values()) {
      bytes += BigInt(txBytesInBlock(tx));
      gas += gasWanted;
      if ((bytesMax >= 0n && bytes > bytesMax) || (gasMax >= 0n && gas > gasMax)) break;
      txs.push(tx);
    }
    return txs;
  }

  first(count: number): Uint8Array[] {
    return this.#txs
      .values()
      .take(count)
      .map(({ tx }) => tx)
      .toArray();
  }

  /** Holds new checks back and waits for those under way: the application's check state changes with Commit. */
  async lock(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = { opened: promise, open: resolve };
    if (this.#checking === 0) return;
    await new Promise<void>((idle) => {
      this.#idle = idle;
    });
    this.#idle = undefined;
  }

  unlock(): void {
    const gate = this.#gate;
    this.#gate = undefined;
    gate?.open();
  }

  /** Between lock and unlock: drops what the block took or what time has run out for, and checks the rest again. */
  async update(height: bigint, txs: readonly Uint8Array[], results: readonly ExecTxResult[]): Promise<void> {
    this.#height = height;
    txs.forEach((tx, i) => {
      const key = txKey(tx);
      if (results[i]?.code === 0) this.#known.add(key);
      else this.#known.remove(key);
      this.#drop(key);
    });
    this.#dropExpired();
    await this.#recheck();
  }

  #drop(key: string): void {
    const waiting = this.#txs.get(key);
    if (waiting === undefined) return;
    this.#txs.delete(key);
    this.#bytes -= waiting.tx.length;
  }

  #dropExpired(): void {
    const { blocksToLive, millisToLive } = this.#options;
    if (blocksToLive === 0 && millisToLive === 0) return;
    const oldest = Date.now() - millisToLive;
    for (const [key, { addedAtHeight, addedAtMillis }] of this.#txs) {
      const outlived = blocksToLive > 0 && this.#height - addedAtHeight >= BigInt(blocksToLive);
      if (outlived || (millisToLive > 0 && addedAtMillis <= oldest)) this.#forget(key);
    }
  }

  async #recheck(): Promise<void> {
    let sliceEnd = Date.now() + recheckSliceMillis;
    for (const [key, { tx }] of [...this.#txs]) {
      const { code } = await this.#app.checkTx({ tx, type: CheckTxType.RECHECK });
      if (code !== 0) this.#forget(key);
      if (Date.now() < sliceEnd) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = Date.now() + recheckSliceMillis;
    }
  }

  #forget(key: string): void {
    this.#drop(key);
    this.#known.remove(key);
  }
}

/** A set that forgets the least recently seen. */
class RecentKeys {
  readonly #max: number;
  readonly #keys = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** False when it was there already. */
  add(key: string): boolean {
    const isNew = !this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size > this.#max) {
      const [oldest] = this.#keys;
      if (oldest !== undefined) this.#keys.delete(oldest);
    }
    return isNew;
  }

  remove(key: string): void {
    this.#keys.delete(key);
  }
}
