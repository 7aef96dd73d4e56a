/**
 * What a client must not forget: its wallets, with the codes that paid for them, and its sessions, with the highest voucher signed in each. All of it
 * is on disk before anybody else hears of it. Owns the records; does not own keys (wallets.ts) nor which voucher is due (payer.ts).
 */
import { createHash, randomBytes } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Dec } from "../../chain/dec.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";
import { type DaemonStore, jsonCodec, numberKeyText, type Table } from "../daemon/store.ts";
import type { Signed } from "./payer.ts";

/** A wallet of one's own, by its place in the derivation. */
export interface WalletRecord {
  readonly index: number;
  readonly address: string;
  /** Of a code that was redeemed into it; the code's account pays the fees by the shop's grant. */
  readonly code?: {
    readonly address: string;
    readonly granter: string;
    /** The code's secret under the client's own. */
    readonly sealed: Uint8Array;
  };
  readonly denom: string;
  /** What the code held. */
  readonly amount: bigint;
  /** "redeeming": sent, and not seen in a block yet. */
  readonly state: "redeeming" | "ready";
  /** Sessions that were opened from it; the next one's counter. */
  readonly sessions: number;
}

export type SessionState =
  /** Sent, and not seen in a block yet: it may or may not exist. */
  | "opening"
  | "open"
  /** Closed by this end alone: the rest comes back when the window is over. */
  | "closing"
  | "closed";

export interface SessionRecord {
  readonly wallet: number;
  /** Of the wallet's sessions: with it its keys are derived. */
  readonly counter: number;
  /** 0 while it is opening. */
  readonly id: bigint;
  readonly relay: bigint;
  readonly pricePerGib: Dec;
  readonly denom: string;
  readonly locked: bigint;
  readonly expiresEpoch: bigint;
  /** Of one that is closing. */
  readonly endsEpoch: bigint;
  readonly state: SessionState;
  /** The last voucher, and what this end had counted when it was signed. */
  readonly signed: Signed;
  readonly counted: bigint;
  /** What came back. */
  readonly refunded: bigint;
  /** Milliseconds since 1970. */
  readonly openedAtMillis: number;
}

const walletKey = (index: number): string => numberKeyText(BigInt(index));
const sessionKey = ({ wallet, counter }: Pick<SessionRecord, "wallet" | "counter">): string =>
  `${walletKey(wallet)}-${walletKey(counter)}`;

/** Of those that are over, what is kept to be shown. */
const closedSessionsMax = 200;

export class ClientStore {
  readonly #store: DaemonStore;
  readonly #wallets: Table<WalletRecord>;
  readonly #sessions: Table<SessionRecord>;

  /** Over a daemon's store, which whoever opened it closes. */
  constructor(store: DaemonStore) {
    this.#store = store;
    this.#wallets = store.table("client-wallets", jsonCodec<WalletRecord>());
    this.#sessions = store.table("client-sessions", jsonCodec<SessionRecord>());
  }

  async wallets(): Promise<readonly WalletRecord[]> {
    return [...(await this.#wallets.all()).values()];
  }

  async sessions(): Promise<readonly SessionRecord[]> {
    return [...(await this.#sessions.all()).values()];
  }

  keepWallet(wallet: WalletRecord): Promise<void> {
    return this.#store.write([this.#wallets.put(walletKey(wallet.index), wallet)]);
  }

  keepSession(session: SessionRecord): Promise<void> {
    return this.#store.write([this.#sessions.put(sessionKey(session), session)]);
  }

  /** A session that is about to be opened takes its wallet's next counter, at once, so that no key is used twice. */
  async beginSession(wallet: WalletRecord, session: SessionRecord): Promise<void> {
    const next = { ...wallet, sessions: session.counter + 1 };
    await this.#store.write([
      this.#wallets.put(walletKey(wallet.index), next),
      this.#sessions.put(sessionKey(session), session),
    ]);
  }

  /** One that never came to be. */
  forgetSession(session: SessionRecord): Promise<void> {
    return this.#store.write([this.#sessions.remove(sessionKey(session))]);
  }

  /** The oldest that are over make room. */
  async prune(): Promise<void> {
    const over = (await this.sessions())
      .filter(({ state }) => state === "closed")
      .sort((a, b) => b.openedAtMillis - a.openedAtMillis)
      .slice(closedSessionsMax);
    await this.#store.write(over.map((session) => this.#sessions.remove(sessionKey(session))));
  }
}

// ---------------------------------------------------------------------------------------------------------- codes under the secret

const nonceBytes = 24;
const sealingDomain = "weir/client/sealed-code/";

/** The root is 32 random bytes, so a hash of it with a name of its own is a key. */
const sealingKey = (root: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(sealingDomain).update(root).digest());

/** XChaCha20-Poly1305 under the client's secret, bound to the address that the code leads to. */
export function sealCode(root: Uint8Array, address: string, secret: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(randomBytes(nonceBytes));
  const sealed = xchacha20poly1305(sealingKey(root), nonce, encodeUtf8(address)).encrypt(secret);
  return Uint8Array.from([...nonce, ...sealed]);
}

/** Throws where it was sealed by another secret, or for another address. */
export const openCode = (root: Uint8Array, address: string, sealed: Uint8Array): Uint8Array =>
  xchacha20poly1305(sealingKey(root), sealed.subarray(0, nonceBytes), encodeUtf8(address)).decrypt(
    sealed.subarray(nonceBytes),
  );
