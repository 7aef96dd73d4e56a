/**
 * Vouchers are paid: many sessions at once, a result for each. Owns which voucher counts. What is higher is decided by the bytes alone, since
 * the amount follows from them and a nonce is the client's to choose: it could be used to shut out the relay's better voucher.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import type { SignatureCheck } from "../../chain/crypto/types.ts";
import { decFromProto } from "../../chain/dec.ts";
import { ChainError } from "../../chain/errors.ts";
import type { Session } from "../../proto/gen/weir/market/v1/state.ts";
import type { Voucher, VoucherResult } from "../../proto/gen/weir/market/v1/tx.ts";
import { epochNow } from "./clock.ts";
import { contractCarried } from "./contracts.ts";
import {
  badAmount,
  badRelaySignature,
  badVoucher,
  beyondLock,
  deliveredLess,
  nothingNew,
  notTheClient,
  sessionOver,
  wrongAmount,
} from "./errors.ts";
import * as events from "./events.ts";
import { relayOf } from "./relays.ts";
import { beginClosing, endSession, isPrepaid, requireSession } from "./sessions.ts";
import { meter, meteringOf, type Payment, pay } from "./settlements.ts";
import { meterings, sessions } from "./state.ts";
import { subscriptionCarried } from "./subscriptions.ts";
import { amountFor, closingBytes, deliveryBytes, voucherAmountMax, voucherBytes } from "./voucher.ts";
import { areWindowsHeld } from "./windows.ts";

const ed25519 = (publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): SignatureCheck => ({
  scheme: "ed25519",
  publicKey,
  signature,
  message,
});

// --------------------------------------------------------------------------------------------------------- signatures ahead

const voucherCheck = (chainId: string, { key }: Session, voucher: Voucher, amount: bigint): SignatureCheck => {
  const { session, bytes, nonce, signature } = voucher;
  return ed25519(key, signature, voucherBytes({ chainId, session, bytes, amount, nonce }));
};

const deliveryCheck = (chainId: string, key: Uint8Array, voucher: Voucher): SignatureCheck => {
  const { session, bytes, deliveredBytes, relaySignature } = voucher;
  return ed25519(key, relaySignature, deliveryBytes({ chainId, session, bytes, deliveredBytes }));
};

const shownMax = 40;

/** An amount that is none is found when the voucher is judged. */
const amountPattern = /^(?:0|[1-9][0-9]{0,38})$/;

/** What executing these vouchers will verify, as far as the state before it tells. */
export function voucherChecks(ctx: ReadContext, vouchers: readonly Voucher[]): SignatureCheck[] {
  const { chainId } = ctx.block;
  const checks: SignatureCheck[] = [];
  for (const voucher of vouchers) {
    const session = sessions.get(ctx, voucher.session);
    if (session === undefined || !amountPattern.test(voucher.amount)) continue;
    const amount = BigInt(voucher.amount);
    if (amount > voucherAmountMax) continue;
    checks.push(voucherCheck(chainId, session, voucher, amount));
    const key = voucher.relaySignature.length === 0 ? undefined : relayOf(ctx, session.relay)?.transportKey;
    if (key !== undefined) checks.push(deliveryCheck(chainId, key, voucher));
  }
  return checks;
}

// ------------------------------------------------------------------------------------------------------------ one voucher

function amountOf({ amount }: Voucher): bigint {
  const found = amountPattern.test(amount) ? BigInt(amount) : -1n;
  if (found < 0n || found > voucherAmountMax)
    throw badAmount("the amount", amount.slice(0, shownMax), "a whole number below 2^128");
  return found;
}

/** What it claims, before anyone's signature is looked at: most bad ones cost nothing. */
function requireTerms(session: Session, { session: id, bytes }: Voucher, amount: bigint, open: OpenWindows): void {
  if (open.epoch >= session.endsEpoch && !open.areHeld) throw sessionOver(id, session.endsEpoch);
  if (bytes <= session.bytes) throw nothingNew(id, session.bytes);
  const expected = amountFor(bytes, decFromProto(session.price));
  if (amount !== expected) throw wrongAmount(amount, expected, bytes);
  const locked = BigInt(session.locked);
  if (amount > locked) throw beyondLock(id, amount, locked);
  if (session.subscription !== 0n && bytes > session.bytesMax) throw beyondLock(id, bytes, session.bytesMax);
}

/** The relay's count counts where the relay stands for it: by its operator, who submits, or by its transport key. */
function countsOf(ctx: Context, session: Session, voucher: Voucher, submitter: string) {
  const { bytes, deliveredBytes } = voucher;
  if (deliveredBytes === 0n) return session;
  if (submitter !== session.operator || voucher.relaySignature.length > 0) {
    const key = relayOf(ctx, session.relay)?.transportKey;
    const isGood = key !== undefined && ctx.verify(deliveryCheck(ctx.block.chainId, key, voucher));
    if (!isGood) throw badRelaySignature(session.relay);
  }
  if (deliveredBytes < session.deliveredBytes) throw deliveredLess(deliveredBytes, session.deliveredBytes);
  return { meteredBytes: bytes, deliveredBytes };
}

/** What a message needs to know once of windows. */
interface OpenWindows {
  readonly epoch: bigint;
  readonly areHeld: boolean;
}

function openWindows(ctx: Context): OpenWindows {
  const epoch = epochNow(ctx);
  return { epoch, areHeld: areWindowsHeld(ctx, epoch) };
}

/** Throws ChainError before anything is written. */
function settleOne(ctx: Context, submitter: string, open: OpenWindows, voucher: Voucher): Payment {
  const session = requireSession(ctx, voucher.session);
  const amount = amountOf(voucher);
  requireTerms(session, voucher, amount, open);
  if (!ctx.verify(voucherCheck(ctx.block.chainId, session, voucher, amount))) throw badVoucher(session.id);
  const counts = countsOf(ctx, session, voucher, submitter);
  const after: Session = {
    ...session,
    bytes: voucher.bytes,
    nonce: voucher.nonce > session.nonce ? voucher.nonce : session.nonce,
    settled: `${amount}`,
    meteredBytes: counts.meteredBytes,
    deliveredBytes: counts.deliveredBytes,
  };
  sessions.replace(ctx, session.id, session, after);
  if (counts !== session) meterings.set(ctx, session.relay, meter(meteringOf(ctx, session.relay), session, counts));
  const payment = isPrepaid(session) ? carried(ctx, session, after) : paymentOf(session, after);
  const { denom, amount: paid } = payment.coin;
  ctx.emit(events.voucherSettled(session.id, session.relay, voucher.bytes, denom === "" ? "" : `${paid}${denom}`));
  return payment;
}

function paymentOf(before: Session, after: Session): Payment {
  const { relay, operator, cell, stable, denom } = before;
  const coin = { denom, amount: BigInt(after.settled) - BigInt(before.settled) };
  return { relay, operator, cell, stable, coin, bytes: after.bytes - before.bytes, prepaidBytes: 0n, vouchers: 1n };
}

const both = ({ meteredBytes, deliveredBytes }: Session): bigint =>
  meteredBytes < deliveredBytes ? meteredBytes : deliveredBytes;

/** A contract counts what both sides have counted, so that its buyer cannot sign for use that there was not. */
function carried(ctx: Context, before: Session, after: Session): Payment {
  const bytes = after.bytes - before.bytes;
  if (before.contract !== 0n) contractCarried(ctx, before.contract, both(after) - both(before));
  const { relay, operator, cell, stable } = before;
  const free = { denom: "", amount: 0n };
  const noted: Payment = { relay, operator, cell, stable, coin: free, bytes: 0n, prepaidBytes: bytes, vouchers: 1n };
  return before.subscription === 0n ? noted : (subscriptionCarried(ctx, before, bytes) ?? noted);
}

// ------------------------------------------------------------------------------------------------------------- many vouchers

const isOfMarket = (error: unknown): error is ChainError => error instanceof ChainError && error.codespace !== "sdk";

/** A bad one costs its own result and nothing else; running out of gas ends all. */
export function settle(ctx: Context, submitter: string, vouchers: readonly Voucher[]): VoucherResult[] {
  const open = openWindows(ctx);
  const payments: Payment[] = [];
  const results = vouchers.map((voucher): VoucherResult => {
    try {
      const payment = settleOne(ctx, submitter, open, voucher);
      payments.push(payment);
      return { code: 0, log: "", paid: `${payment.coin.amount}` };
    } catch (error) {
      if (!isOfMarket(error)) throw error;
      return { code: error.code, log: error.message, paid: "0" };
    }
  });
  if (payments.length > 0) pay(ctx, open.epoch, payments);
  return results;
}

// ------------------------------------------------------------------------------------------------------------------- closing

export interface Closing {
  readonly signer: string;
  readonly session: bigint;
  readonly voucher: Voucher | undefined;
  readonly relaySignature: Uint8Array;
}

export interface Closed {
  readonly refunded: bigint;
  /** 0n where it is closed. */
  readonly endsEpoch: bigint;
}

/** At once where the relay's side agrees, since it gives up what it might still claim; by the client alone after a window. */
export function closeSession(ctx: Context, { signer, session: id, voucher, relaySignature }: Closing): Closed {
  const { client, operator } = requireSession(ctx, id);
  if (signer !== client && signer !== operator) throw notTheClient(id, client);
  if (voucher !== undefined) {
    const open = openWindows(ctx);
    pay(ctx, open.epoch, [settleOne(ctx, signer, open, voucher)]);
  }
  const session = requireSession(ctx, id);
  if (signer === operator) return { refunded: endSession(ctx, session), endsEpoch: 0n };
  if (relaySignature.length === 0) return { refunded: 0n, endsEpoch: beginClosing(ctx, session) };
  const key = relayOf(ctx, session.relay)?.transportKey;
  const { bytes, nonce } = session;
  const terms = { chainId: ctx.block.chainId, session: id, bytes, amount: BigInt(session.settled), nonce };
  const agrees = key !== undefined && ctx.verify(ed25519(key, relaySignature, closingBytes(terms)));
  if (!agrees) throw badRelaySignature(session.relay);
  return { refunded: endSession(ctx, session), endsEpoch: 0n };
}
