/**
 * Sessions on the chain, as their client sees them: opened, topped up, closed, looked up. Owns the messages and how their outcome is read; does not
 * own vouchers (payer.ts), links (controllink.ts), or when any of it is done (step.ts).
 */
import { sign } from "node:crypto";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { type Dec, decFromProto, decToProto } from "../../chain/dec.ts";
import { voucherBytes } from "../../modules/market/voucher.ts";
import {
  QuerySessionRequest,
  QuerySessionResponse,
  QuerySessionsRequest,
  QuerySessionsResponse,
} from "../../proto/gen/weir/market/v1/query.ts";
import type { Session } from "../../proto/gen/weir/market/v1/state.ts";
import {
  MsgCloseSession,
  MsgCloseSessionResponse,
  MsgOpenSession,
  MsgTopUpSession,
  type Voucher,
} from "../../proto/gen/weir/market/v1/tx.ts";
import { orAbsent } from "../chain/chainclient.ts";
import { drop, failureOf } from "../daemon/failure.ts";
import { privateKeyOf } from "../transport/certificate.ts";
import { type Purse, signersFor } from "./accounts.ts";
import { nothingSigned, type Signed, termsOf } from "./payer.ts";
import type { ClientStore, SessionRecord, WalletRecord } from "./store.ts";
import { type Sender, send, typed } from "./transactions.ts";

export interface ChannelTerms {
  readonly relay: bigint;
  readonly deposit: bigint;
  readonly priceMax: Dec;
  readonly stableOnly: boolean;
  readonly epochs: bigint;
  /** Milliseconds since 1970. */
  readonly nowMillis: number;
}

const keyOf = (purse: Purse, { wallet, counter }: Pick<SessionRecord, "wallet" | "counter">): Uint8Array =>
  ed25519KeyPair(purse.keys.sessionSeed(wallet, counter)).publicKey;

/** The chain's view; undefined where it is over and forgotten, or never was. */
export async function sessionOf(chain: Sender["chain"], session: bigint): Promise<Session | undefined> {
  const request = QuerySessionRequest.encode({ session }).finish();
  const answer = chain.query("/weir.market.v1.Query/Session", request, (bytes) => QuerySessionResponse.decode(bytes));
  return (await orAbsent(answer))?.session;
}

/** By its key, among the newest of its client's. */
async function sessionByKey(chain: Sender["chain"], client: string, key: Uint8Array): Promise<Session | undefined> {
  const request = QuerySessionsRequest.encode(QuerySessionsRequest.fromPartial({ client })).finish();
  const { sessions } = await chain.query("/weir.market.v1.Query/Sessions", request, (bytes) =>
    QuerySessionsResponse.decode(bytes),
  );
  return sessions.find((session) => Buffer.compare(session.key, key) === 0);
}

/** Opens a channel out of a wallet: on disk first, so that a crash leaves nothing that nobody knows of. */
export async function openChannel(
  purse: Purse,
  store: ClientStore,
  wallet: WalletRecord,
  terms: ChannelTerms,
): Promise<SessionRecord> {
  const record: SessionRecord = {
    wallet: wallet.index,
    counter: wallet.sessions,
    id: 0n,
    relay: terms.relay,
    pricePerGib: terms.priceMax,
    denom: wallet.denom,
    locked: terms.deposit,
    expiresEpoch: 0n,
    endsEpoch: 0n,
    state: "opening",
    signed: nothingSigned,
    counted: 0n,
    refunded: 0n,
    openedAtMillis: terms.nowMillis,
  };
  await store.beginSession(wallet, record);
  try {
    await send(purse.sender, [opening(purse, wallet, record, terms)], signersFor(purse, wallet));
  } catch (error) {
    // Without an answer it may still come to be: then the record stays, and the next start looks for it.
    const found = await settledOpening(purse, store, wallet, record);
    if (found !== undefined) return found;
    if (failureOf(error, "retry").kind === "drop") await store.forgetSession(record);
    throw error;
  }
  const opened = await settledOpening(purse, store, wallet, record);
  if (opened === undefined)
    throw drop("the chain took the opening and knows no such session; see `weir client sessions`");
  return opened;
}

const opening = (purse: Purse, wallet: WalletRecord, record: SessionRecord, terms: ChannelTerms) =>
  typed(
    MsgOpenSession,
    MsgOpenSession.fromPartial({
      client: wallet.address,
      relay: terms.relay,
      key: keyOf(purse, record),
      deposit: { denom: wallet.denom, amount: `${terms.deposit}` },
      priceMax: decToProto(terms.priceMax),
      stableOnly: terms.stableOnly,
      epochs: terms.epochs,
    }),
  );

/** What became of an opening, kept as it stands on the chain; undefined where it is not there. */
export async function settledOpening(
  purse: Purse,
  store: ClientStore,
  wallet: WalletRecord,
  record: SessionRecord,
): Promise<SessionRecord | undefined> {
  const found = await sessionByKey(purse.sender.chain, wallet.address, keyOf(purse, record));
  if (found === undefined) return undefined;
  const { id, relay } = found;
  if (relay !== record.relay)
    throw drop(`session ${id} is with relay ${relay}, and relay ${record.relay} was asked for`);
  const opened = withChain({ ...record, id, state: "open" }, found);
  await store.keepSession(opened);
  return opened;
}

/** The record with what the chain says of it. */
export const withChain = (
  record: SessionRecord,
  { locked, price, expiresEpoch, endsEpoch }: Session,
): SessionRecord => ({
  ...record,
  locked: BigInt(locked),
  pricePerGib: decFromProto(price),
  expiresEpoch,
  endsEpoch,
});

/** Locks more, or keeps it open for longer. */
export async function topUpChannel(
  purse: Purse,
  wallet: WalletRecord,
  record: SessionRecord,
  more: { readonly amount: bigint; readonly epochs: bigint },
): Promise<SessionRecord> {
  const { amount, epochs } = more;
  const { denom, id } = record;
  const message = MsgTopUpSession.fromPartial({
    client: wallet.address,
    session: id,
    ...(amount === 0n ? {} : { amount: { denom, amount: `${amount}` } }),
    epochs,
  });
  await send(purse.sender, [typed(MsgTopUpSession, message)], signersFor(purse, wallet));
  const found = await sessionOf(purse.sender.chain, id);
  if (found === undefined) throw drop(`session ${id} is over`);
  return withChain(record, found);
}

/** A voucher with its signature, as the chain and the relay take it. */
export function signedVoucher(purse: Purse, record: SessionRecord, voucher: Signed): Voucher {
  const { id, wallet, counter, pricePerGib } = record;
  const terms = { chainId: purse.sender.chain.chainId, session: id, pricePerGib };
  const key = privateKeyOf(purse.keys.sessionSeed(wallet, counter));
  const signature = Uint8Array.from(sign(null, voucherBytes(termsOf(terms, voucher)), key));
  const { bytes, amount, nonce } = voucher;
  return {
    session: id,
    bytes,
    amount: `${amount}`,
    nonce,
    signature,
    deliveredBytes: 0n,
    relaySignature: new Uint8Array(0),
  };
}

export interface Closed {
  /** What came back at once. */
  readonly refunded: bigint;
  /** When the rest comes back where the relay did not agree; 0: it is closed. */
  readonly endsEpoch: bigint;
}

/** At once with the relay's signature over the last voucher; else with a window in which it may still bring a higher one. */
export async function closeChannel(
  purse: Purse,
  store: ClientStore,
  wallet: WalletRecord,
  record: SessionRecord,
  relaySignature: Uint8Array,
): Promise<Closed> {
  const { chain } = purse.sender;
  const found = await sessionOf(chain, record.id);
  if (found === undefined) return closed(store, record, { refunded: 0n, endsEpoch: 0n });
  if (found.isClosing && relaySignature.length === 0) {
    return closed(store, record, { refunded: 0n, endsEpoch: found.endsEpoch });
  }
  const isNew = record.signed.bytes > found.bytes;
  const message = MsgCloseSession.fromPartial({
    signer: wallet.address,
    session: record.id,
    ...(isNew && relaySignature.length > 0 ? { voucher: signedVoucher(purse, record, record.signed) } : {}),
    relaySignature,
  });
  const { responses } = await send(purse.sender, [typed(MsgCloseSession, message)], signersFor(purse, wallet));
  const { refunded, endsEpoch } = MsgCloseSessionResponse.decode(responses[0]!);
  return closed(store, record, { refunded: BigInt(refunded), endsEpoch });
}

async function closed(store: ClientStore, record: SessionRecord, outcome: Closed): Promise<Closed> {
  const { refunded, endsEpoch } = outcome;
  const state = endsEpoch === 0n ? "closed" : "closing";
  await store.keepSession({ ...record, state, refunded: record.refunded + refunded, endsEpoch });
  return outcome;
}
