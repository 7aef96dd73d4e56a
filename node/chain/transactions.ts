/**
 * Transactions that land once. One at a time: kept on disk before it is sent, the same bytes sent again until a block has them or their last
 * height is over, and only then another for the same purpose. Owns sequence, fee, timeout and outcome; does not own what is in them.
 */

import { hexUpper } from "../../chain/consensus/json.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import type { Log } from "../../chain/log.ts";
import type { Clock } from "../clock.ts";
import { pause } from "../daemon/backoff.ts";
import { drop, Failure, failureOf, retry } from "../daemon/failure.ts";
import type { Change, Table } from "../daemon/store.ts";
import { readNewest } from "./blocks.ts";
import type { Endpoints } from "./endpoints.ts";
import { QueryRefused } from "./nodeclient.ts";
import type { Rpc } from "./rpc.ts";
import type { AccountSigner } from "./signer.ts";
import type { Landed, Message, TxEvent, Unsigned } from "./stargate.ts";

/** Kept until its outcome is known; one that landed, until many others did. */
export interface Kept {
  readonly purpose: string;
  readonly bytes: Uint8Array;
  readonly sequence: number;
  readonly timeoutHeight: bigint;
  /** In the order of signing, so that the oldest of those that landed are forgotten first. */
  readonly number: bigint;
  readonly landed:
    | { readonly height: bigint; readonly responses: readonly Uint8Array[]; readonly events: readonly TxEvent[] }
    | undefined;
}

export interface KeptTransactions {
  readonly table: Table<Kept>;
  write(changes: readonly Change[]): Promise<void>;
}

export interface SubmitOptions {
  readonly memo?: string;
  readonly feeGranter?: string;
  /**
   * What it is for, "commit/41": while one of a purpose may still land no other is signed for it, and one that landed is answered again,
   * also after a restart. Without it the transaction is its own purpose.
   */
  readonly purpose?: string;
  /** After so many blocks it cannot land any more. */
  readonly timeoutBlocks?: bigint;
}

export interface Submitted {
  readonly height: bigint;
  /** Upper-case hex. */
  readonly hash: string;
  readonly events: readonly TxEvent[];
  readonly responses: readonly Uint8Array[];
}

/** A block has it, or a node's check refused it: the chain's own words. */
export class TxRefused extends Failure {
  readonly codespace: string;
  readonly code: number;

  constructor(kind: "retry" | "drop", message: string, { codespace, code }: { codespace: string; code: number }) {
    super(kind, message);
    this.codespace = codespace;
    this.code = code;
  }
}

export interface TransactionsOptions {
  readonly endpoints: Endpoints;
  readonly chainId: string;
  readonly signer: AccountSigner;
  readonly clock: Clock;
  readonly log: Log;
  readonly kept: KeptTransactions;
  readonly gasPrices: () => string;
  /** Blocks after which a transaction cannot land any more. */
  readonly timeoutBlocks: bigint;
  readonly pollMillis: number;
  /** For one submission, whatever happens; its outcome may stay unknown, and is settled before the next. */
  readonly deadlineMillis: number;
}

/** CosmJS takes half a second and 30 MB to load: whoever has sent nothing yet is better without. */
const stargate = () => import("./stargate.ts");

const waitingMax = 256;
const landedKeptMax = 512;
const purposeLengthMax = 200;
const messagesMax = 16;
/** A block may need more than the simulation did: by a third, and a little. */
const gasFactor = 1.35;
const gasExtra = 20_000;
/** An index of transactions may be behind its blocks. */
const indexLagBlocks = 2n;
const resendMillis = 5_000;
const failedPollMillisMax = 5_000;

const codes = { insufficientFunds: 5, outOfGas: 11, insufficientFee: 13, mempoolFull: 20, wrongSequence: 32 } as const;

export class Transactions {
  readonly #options: TransactionsOptions;
  readonly #abort = new AbortController();
  readonly #rows = new Map<string, Kept>();
  #isLoaded = false;
  #number = 0n;
  /** The height at which the sequence of the one under way was seen to be used. */
  #passedAt: bigint | undefined;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: TransactionsOptions) {
    this.#options = options;
  }

  /** Those whose outcome is not known yet. */
  get pending(): number {
    return [...this.#rows.values()].filter(({ landed }) => landed === undefined).length;
  }

  submit(messages: readonly Message[], options: SubmitOptions = {}): Promise<Submitted> {
    if (this.#waiting >= waitingMax) return Promise.reject(retry(`${waitingMax} transactions wait already`));
    if (messages.length === 0 || messages.length > messagesMax) {
      return Promise.reject(drop(`${messages.length} messages in a transaction; expected 1 to ${messagesMax}`));
    }
    this.#waiting += 1;
    const mine = this.#last.then(() => this.#submit(messages, options)).finally(() => (this.#waiting -= 1));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** What is under way is left as it is: the next start settles it. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#last;
  }

  async #submit(messages: readonly Message[], options: SubmitOptions): Promise<Submitted> {
    this.#requireOpen();
    await this.#load();
    const until = this.#options.clock.now() + this.#options.deadlineMillis;
    const purpose = options.purpose ?? `own/${this.#number + 1n}`;
    if (purpose.length > purposeLengthMax) throw drop(`a purpose of ${purpose.length} characters`);
    for (const row of [...this.#rows.values()]) {
      if (row.landed === undefined) await this.#settleOld(row, purpose, until);
    }
    const known = this.#rows.get(purpose);
    if (known?.landed !== undefined) return submitted(known);
    const row = await this.#sign(messages, purpose, options);
    return this.#settle(row, until, true);
  }

  /** From before: only one of the same purpose concerns whoever asks now. */
  async #settleOld(row: Kept, purpose: string, until: number): Promise<void> {
    try {
      await this.#settle(row, until, false);
    } catch (error) {
      const failure = failureOf(error);
      const isKnown = !this.#rows.has(row.purpose);
      if (!isKnown || row.purpose === purpose) throw failure;
      this.#options.log.warn(`an earlier transaction did not land: ${failure.message}`, { purpose: row.purpose });
    }
  }

  async #load(): Promise<void> {
    if (this.#isLoaded) return;
    for (const [purpose, row] of await this.#options.kept.table.all()) {
      this.#rows.set(purpose, row);
      if (row.number > this.#number) this.#number = row.number;
    }
    this.#isLoaded = true;
  }

  async #sign(messages: readonly Message[], purpose: string, options: SubmitOptions): Promise<Kept> {
    const { endpoints, signer, chainId, gasPrices } = this.#options;
    const edge = await stargate();
    const { memo = "", feeGranter, timeoutBlocks = this.#options.timeoutBlocks } = options;
    const { unsigned, gasUsed } = await endpoints.withOne(async (rpc) => {
      const [account, height] = [await edge.accountOf(rpc, signer.address), await heightOf(rpc)];
      const timeoutHeight = height + timeoutBlocks;
      const terms = { chainId, account, messages, memo, timeoutHeight, gasLimit: 0, gasPrices: "", feeGranter };
      return { unsigned: terms, gasUsed: await this.#gasOf(rpc, terms) };
    });
    const gasLimit = Math.ceil(gasUsed * gasFactor) + gasExtra;
    const bytes = await edge.signTransaction({ ...unsigned, gasLimit, gasPrices: gasPrices() }, signer);
    this.#number += 1n;
    const { timeoutHeight, account } = unsigned;
    const row: Kept = {
      purpose,
      bytes,
      timeoutHeight,
      sequence: account.sequence,
      number: this.#number,
      landed: undefined,
    };
    await this.#keep(row);
    return row;
  }

  async #gasOf(rpc: Rpc, unsigned: Unsigned): Promise<number> {
    try {
      const { simulate } = await stargate();
      return await simulate(rpc, unsigned, this.#options.signer);
    } catch (error) {
      if (!(error instanceof QueryRefused)) throw error;
      throw this.#refused(simulationRefusal(error), "the chain would refuse the transaction");
    }
  }

  /** Sends it until a block has it, or no block can have it any more. */
  async #settle(row: Kept, until: number, isNew: boolean): Promise<Submitted> {
    const { clock, pollMillis, log } = this.#options;
    this.#passedAt = undefined;
    let [sentAt, isFirst, waitMillis] = [Number.NEGATIVE_INFINITY, isNew, pollMillis];
    for (;;) {
      this.#requireOpen();
      try {
        if (clock.now() - sentAt >= resendMillis) {
          await this.#send(row, isFirst);
          [sentAt, isFirst] = [clock.now(), false];
        }
        const outcome = await this.#look(row);
        if (outcome !== undefined) return await this.#finish(row, outcome);
        waitMillis = pollMillis;
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind !== "retry" || !this.#rows.has(row.purpose)) throw failure;
        log.debug(failure.message, { purpose: row.purpose });
        isFirst = false;
        waitMillis = Math.min(failedPollMillisMax, waitMillis * 2);
      }
      if (clock.now() + waitMillis > until) {
        throw retry(
          `${hashOf(row)} was sent, and no node says yet what became of it: it is looked for before the next one`,
        );
      }
      await pause(clock, waitMillis, this.#abort.signal);
    }
  }

  /** Bytes that nobody has seen and the first node refuses can be forgotten; what was sent before may have landed. */
  async #send(row: Kept, isFirst: boolean): Promise<void> {
    const { endpoints } = this.#options;
    const edge = await stargate();
    let asked = 0;
    const checked = await endpoints.withOne((rpc) => {
      asked += 1;
      return edge.broadcast(rpc, row.bytes);
    });
    if (checked.code === 0 || checked.code === codes.mempoolFull || !isFirst || asked > 1) return;
    await this.#forget(row);
    throw this.#refused({ ...checked, message: checked.log }, "the node refuses the transaction");
  }

  /** Undefined while it may still land. */
  async #look(row: Kept): Promise<Landed | undefined> {
    const { endpoints, signer } = this.#options;
    const edge = await stargate();
    const { height, landed, sequence } = await endpoints.withOne(async (rpc) => ({
      height: await heightOf(rpc),
      landed: await edge.findTransaction(rpc, sha256(row.bytes)),
      ...(await edge.accountOf(rpc, signer.address)),
    }));
    if (landed !== undefined) return landed;
    if (sequence > row.sequence) {
      // Of this one, which the index does not show yet, or of another.
      this.#passedAt ??= height;
      if (height <= this.#passedAt + indexLagBlocks) return undefined;
      await this.#forget(row);
      throw retry(
        `${hashOf(row)} is in no block, and another transaction took its sequence ${row.sequence}: is the key of ${signer.address} used elsewhere too?`,
      );
    }
    if (height <= row.timeoutHeight + indexLagBlocks) return undefined;
    await this.#forget(row);
    throw retry(`${hashOf(row)} was in no block up to height ${row.timeoutHeight}, its last`);
  }

  async #finish(row: Kept, landed: Landed): Promise<Submitted> {
    if (landed.code === 0) {
      const { height, responses, events } = landed;
      const done = { ...row, landed: { height, responses, events } };
      await this.#keep(done);
      return submitted(done);
    }
    await this.#forget(row);
    throw this.#refused({ ...landed, message: landed.log }, `${hashOf(row)} is in block ${landed.height} and failed`);
  }

  #refused({ code, codespace, message }: Refusal, what: string): TxRefused {
    const { signer } = this.#options;
    const isSdk = codespace === "sdk";
    const text = `${what} (${codespace} ${code}): ${message}`;
    if (isSdk && code === codes.insufficientFunds) {
      return new TxRefused("retry", `${text}. ${signer.address} has too little: send it coins`, { code, codespace });
    }
    if (isSdk && code === codes.insufficientFee) {
      return new TxRefused("retry", `${text}. Raise gas_prices in the settings`, { code, codespace });
    }
    const isPassing = isSdk && (code === codes.wrongSequence || code === codes.outOfGas);
    return new TxRefused(isPassing ? "retry" : "drop", text, { code, codespace });
  }

  async #keep(row: Kept): Promise<void> {
    const { table, write } = this.#options.kept;
    const landed = [...this.#rows.values()].filter(
      (other) => other.landed !== undefined && other.purpose !== row.purpose,
    );
    const oldest = landed
      .sort((a, b) => (a.number < b.number ? -1 : 1))
      .slice(0, Math.max(0, landed.length - landedKeptMax));
    await write([table.put(row.purpose, row), ...oldest.map(({ purpose }) => table.remove(purpose))]);
    for (const { purpose } of oldest) this.#rows.delete(purpose);
    this.#rows.set(row.purpose, row);
  }

  async #forget(row: Kept): Promise<void> {
    const { table, write } = this.#options.kept;
    await write([table.remove(row.purpose)]);
    this.#rows.delete(row.purpose);
  }

  #requireOpen(): void {
    if (this.#abort.signal.aborted) throw retry("the daemon ends; what was sent is settled at the next start");
  }
}

interface Refusal {
  readonly code: number;
  readonly codespace: string;
  readonly message: string;
}

/** The SDK answers every simulation that fails with code 6, and its reason as a text alone. */
function simulationRefusal({ code, codespace, message }: QueryRefused): Refusal {
  if (/insufficient funds/.test(message)) return { code: codes.insufficientFunds, codespace: "sdk", message };
  if (/account sequence mismatch/.test(message)) return { code: codes.wrongSequence, codespace: "sdk", message };
  return { code, codespace, message };
}

const hashOf = ({ bytes }: Kept): string => hexUpper(sha256(bytes));

const submitted = (row: Kept): Submitted => {
  const { height, events, responses } = row.landed!;
  return { height, hash: hashOf(row), events, responses };
};

const heightOf = async (rpc: Rpc): Promise<bigint> => readNewest(await rpc.call("status")).height;
