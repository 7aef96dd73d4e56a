/**
 * Covert readings: an oracle that comes as a buyer, by the client's own code. Codes of a shop pay into wallets of their own, a session is opened with
 * the relay, something is fetched through it, and it is closed. Owns what of that is a reading, and what is only this oracle's own trouble.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { decFromInt } from "../../chain/dec.ts";
import { parseDecCoins } from "../../chain/deccoins.ts";
import type { Log } from "../../chain/log.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import { inWallet, type Purse } from "../client/accounts.ts";
import { clientChain } from "../client/clientchain.ts";
import { redeemCode } from "../client/codes.ts";
import { type Download, measureDownload } from "../client/measuredownload.ts";
import { PaidSession, SessionUnusable, type Surroundings } from "../client/paidsession.ts";
import { ClientStore, type WalletRecord } from "../client/store.ts";
import { parseCode } from "../client/topupcode.ts";
import { Turns } from "../client/transactions.ts";
import { clientKeys } from "../client/wallets.ts";
import type { Clock } from "../clock.ts";
import { drop, failureOf, retry, textOf } from "../daemon/failure.ts";
import type { DaemonStore } from "../daemon/store.ts";
import { keyFor } from "../measurement/keystream.ts";
import { samplesFor } from "../measurement/samples.ts";
import { Refusal } from "../transport/opening.ts";
import { addressBytes } from "../transport/resolve.ts";
import { tlsTransport } from "../transport/tls.ts";
import type { Act } from "./inputs.ts";
import { type CovertUrl, type OracleSettings, urlsOf } from "./settings.ts";
import { addressOf, type Talk } from "./talking.ts";
import type { MeasuredReading } from "./work.ts";

type Measure = Act & { readonly do: "measure" };

export interface CovertParts {
  readonly settings: OracleSettings;
  readonly chain: ChainClient;
  /** The daemon's own: the client's tables stand beside its others. */
  readonly store: DaemonStore;
  /** What the wallets are derived from, beside a name of their own. */
  readonly vrfSeed: Uint8Array;
  readonly clock: Clock;
  wallMillis(): number;
  readonly log: Log;
}

const purpose = "weir/oracle/covert wallets";
const codesMax = 10_000;
/** A buyer keeps a session for a while. */
const sessionEpochs = 1n;
const closeTries = 3;
/** What is read is over so long before it has to be. */
const spareMillis = 300;
const downloadMillisMin = 250;
const noBytes = new Uint8Array(0);

/** One a line; what begins with # is for people. */
export function codesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).slice(0, codesMax);
}

export class CovertBuyer {
  readonly #parts: CovertParts;
  readonly #purse: Purse;
  readonly #store: ClientStore;
  #settings: OracleSettings;
  #urls: readonly CovertUrl[];
  /** What is done beside readings: codes taken over, sessions closed. */
  readonly #busy = new Set<Promise<void>>();
  /** Of this run. */
  readonly #open = new Set<bigint>();
  #isStopped = false;

  private constructor(parts: CovertParts, purse: Purse) {
    this.#parts = parts;
    this.#purse = purse;
    this.#store = new ClientStore(parts.store);
    this.#settings = parts.settings;
    this.#urls = urlsOf(parts.settings);
  }

  static async open(parts: CovertParts): Promise<CovertBuyer> {
    const { settings, chain, clock, vrfSeed } = parts;
    const root = keyFor(vrfSeed, purpose);
    const sender = {
      chain: clientChain(chain, { endpoints: chain.nodes, clock }),
      gasPrices: parseDecCoins(settings.gasPrices),
      turns: new Turns(),
    };
    const buyer = new CovertBuyer(parts, { sender, keys: await clientKeys(root, chain.chainId), root });
    buyer.#begin();
    return buyer;
  }

  /** Settings were read again: other places, and more codes. */
  reload(settings: OracleSettings): void {
    this.#urls = urlsOf(settings);
    this.#settings = settings;
    this.#begin();
  }

  #begin(): void {
    this.#beside(() => this.#closeOld(), "sessions of covert readings");
    if (this.#urls.length > 0) this.#beside(() => this.#takeCodes(), "wallets of covert readings");
  }

  /** Sessions of an earlier run. */
  async #closeOld(): Promise<void> {
    for (const record of await this.#store.sessions()) {
      if (this.#isStopped || record.state !== "open" || this.#open.has(record.id)) continue;
      const wallet = (await this.#store.wallets()).find(({ index }) => index === record.wallet);
      if (wallet === undefined) continue;
      const target = { id: record.relay, endpoints: [], transportKey: noBytes };
      const basis = { purse: this.#purse, store: this.#store, wallet, target, surroundings: this.#surroundings };
      const session = await PaidSession.resume(basis, record).catch((error: unknown) => {
        if (error instanceof SessionUnusable) return error.session;
        throw error;
      });
      await this.#close(session, false);
    }
  }

  /** A buyer has his money ready before he needs it. */
  async #takeCodes(): Promise<void> {
    const { codesFile } = this.#settings.covert;
    if (codesFile === "" || !existsSync(codesFile)) {
      throw drop(`covert.codes_file is ${JSON.stringify(codesFile)}; expected a file of top-up codes, one a line`);
    }
    for (const code of codesOf(readFileSync(codesFile, "utf8"))) {
      if (this.#isStopped) return;
      await this.#redeem(code);
    }
  }

  async #redeem(code: string): Promise<void> {
    try {
      await redeemCode(this.#purse, this.#store, parseCode(code, this.#parts.chain.chainId));
    } catch (error) {
      this.#parts.log.warn(`a top-up code is of no use: ${textOf(error)}`);
    }
  }

  get #surroundings(): Surroundings {
    const { clock, log } = this.#parts;
    return { clock, log, transport: tlsTransport, allowsPrivate: this.#settings.allowPrivateAddresses };
  }

  /** Ends what is done beside readings; a session that is open stays so, and is closed by the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.race([Promise.all(this.#busy), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
  }

  // ----------------------------------------------------------------------------------------------------------------- reading

  /** Throws where this oracle could not read: then it says nothing of the relay. */
  async read(act: Measure, talk: Talk, epochMillis: number): Promise<MeasuredReading> {
    if (this.#urls.length === 0) throw retry("covert readings are not set up: see [covert] in oracle.toml");
    const startMillis = BigInt(this.#parts.wallMillis());
    const wallet = await this.#wallet();
    let session: PaidSession;
    try {
      session = await this.#buy(act, wallet);
    } catch (error) {
      if (!(error instanceof SessionUnusable)) throw failureOf(error, "retry");
      this.#beside(() => this.#close(error.session, false), "closing a session");
      return readingOf({ startMillis, failure: `it sold a session and is not there: ${error.message}` });
    }
    this.#open.add(session.record.id);
    try {
      const download = await this.#download(act, session, epochMillis);
      const address = download === undefined ? noBytes : await literalOf(act, talk);
      const failure = "it takes streams of a session and carries nothing";
      return readingOf({ startMillis, download, address, failure, session: session.record.id });
    } finally {
      this.#beside(() => this.#close(session, true), "closing a session");
    }
  }

  /** The least used that has enough: while there are new ones, one for each session. */
  async #wallet(): Promise<WalletRecord> {
    const { deposit } = this.#settings.covert;
    const ready = (await this.#store.wallets()).filter(({ state }) => state === "ready");
    for (const wallet of ready.sort((left, right) => left.sessions - right.sessions || left.index - right.index)) {
      const has = await inWallet(this.#purse.sender.chain, wallet.address, wallet.denom);
      if (has >= BigInt(deposit)) return wallet;
    }
    throw retry("no wallet has enough for a session: add top-up codes to covert.codes_file");
  }

  #buy({ duty }: Measure, wallet: WalletRecord): Promise<PaidSession> {
    const { deposit, priceMax } = this.#settings.covert;
    const target = { id: duty.relay, ...duty.target };
    const basis = { purse: this.#purse, store: this.#store, wallet, target, surroundings: this.#surroundings };
    return PaidSession.open(basis, {
      relay: duty.relay,
      deposit: BigInt(deposit),
      priceMax: decFromInt(priceMax),
      stableOnly: false,
      epochs: sessionEpochs,
      nowMillis: this.#parts.wallMillis(),
    });
  }

  /** Undefined where several places were asked for and none answered through it. */
  async #download({ untilMillis }: Measure, session: PaidSession, epochMillis: number): Promise<Download | undefined> {
    const { wallMillis, clock } = this.#parts;
    const { durationMillis, warmUpMillis } = samplesFor(epochMillis);
    const problems: string[] = [];
    const first = Number(session.record.id % BigInt(this.#urls.length));
    for (let turn = 0; turn < this.#urls.length; turn++) {
      const millis = Math.min(durationMillis, untilMillis - wallMillis() - spareMillis);
      if (millis < downloadMillisMin) break;
      const url = this.#urls[(first + turn) % this.#urls.length]!;
      const dropMillis = Math.min(warmUpMillis, millis / 4);
      const terms = { ...url, millis, dropMillis, bytesMax: this.#settings.covert.bytesMax, clock };
      try {
        const download = await measureDownload(session, terms);
        if (download.bytes > 0) return download;
        problems.push("it ended at once");
      } catch (error) {
        if (isOfDestination(error)) throw retry(`the relay does not carry there: ${textOf(error)}`);
        problems.push(textOf(error));
      }
    }
    // One place alone may be down itself.
    if (problems.length < 2) throw retry(problems[0] ?? "there was no time left to fetch anything");
    return undefined;
  }

  // ------------------------------------------------------------------------------------------------------------- afterwards

  /** Pays what is owed, and takes back what is left. */
  async #close(session: PaidSession, asks: boolean): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return void (await (asks && attempt === 1 ? session.close() : session.abandon()));
      } catch (error) {
        if (attempt >= closeTries || this.#isStopped) throw error;
      }
    }
  }

  #beside(action: () => Promise<void>, what: string): void {
    const done = action().catch((error: unknown) => {
      this.#parts.log.warn(`${what}: ${textOf(error)}`);
    });
    this.#busy.add(done);
    void done.finally(() => this.#busy.delete(done));
  }
}

/** What the relay says of where somebody wants to go, and not of itself. */
const isOfDestination = (error: unknown): boolean =>
  error instanceof Refusal &&
  [RefusalCode.REFUSAL_CODE_POLICY, RefusalCode.REFUSAL_CODE_UNREACHABLE].some((code) => code === error.code);

async function literalOf({ duty }: Measure, talk: Talk): Promise<Uint8Array> {
  const { host } = await addressOf(duty.target, talk);
  return addressBytes(host) ?? noBytes;
}

interface CovertFigures {
  readonly startMillis: bigint;
  readonly download?: Download | undefined;
  readonly address?: Uint8Array;
  readonly failure: string;
  readonly session?: bigint;
}

/** A session has no pings, and its relay does not know that it is asked to sign anything. */
function readingOf({
  startMillis,
  download,
  address = noBytes,
  failure,
  session = 0n,
}: CovertFigures): MeasuredReading {
  const { bytes = 0, millis = 0, bps = 0n } = download ?? {};
  const isRead = bps > 0n;
  const text = JSON.stringify({ session: `${session}`, bytes, millis, start: `${startMillis}` });
  return {
    sessionNonce: Uint8Array.from(crypto.getRandomValues(new Uint8Array(16))),
    measuredBps: bps,
    backgroundBps: 0n,
    rttP50Micros: 0,
    rttP95Micros: 0,
    lossPpm: 0,
    bytes: isRead ? BigInt(bytes) : 0n,
    startMillis,
    durationMillis: isRead ? millis : 0,
    transcriptHash: Uint8Array.from(createHash("sha256").update(text).digest()),
    observedAddress: isRead ? address : noBytes,
    relaySignature: noBytes,
    failure: isRead ? "" : failure,
  };
}
