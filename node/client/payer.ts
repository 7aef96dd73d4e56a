/**
 * What a client has counted in one session, and what it signs for it. Pure: a voucher may be sent once it is kept on disk, which is an effect for
 * whoever calls. Owns when a voucher is due, how far ahead of its own count a client ever pays, and when it stops trusting a relay's count.
 */
import type { Dec } from "../../chain/dec.ts";
import { amountFor, bytesFor, type VoucherTerms } from "../../modules/market/index.ts";

export const voucherIntervalBytes = 8n << 20n;
export const voucherIntervalMillis = 5_000;
/** Never more than so much beyond what this end has counted: what a relay that runs away with it costs. */
export const aheadBytesMax = 2n * voucherIntervalBytes;
/** So much the other end may have counted beyond this one: what is on its way, and a thousandth (the goal of both counts). */
const onItsWayBytesMax = 2n * voucherIntervalBytes;
const toleranceDivisor = 200n;
/** A voucher that nobody says to have. */
export const receiptMillisMax = 15_000;

export interface PayerTerms {
  readonly chainId: string;
  readonly session: bigint;
  readonly pricePerGib: Dec;
}

/** What was signed last: on disk before it goes out, and never signed below or beside. */
export interface Signed {
  readonly bytes: bigint;
  readonly amount: bigint;
  readonly nonce: bigint;
}

export interface Payer {
  readonly terms: PayerTerms;
  /** All that vouchers may come to; grows by topping up. */
  readonly locked: bigint;
  /** Of both directions, since the session opened, by this end. */
  readonly counted: bigint;
  readonly signed: Signed;
  /** When; undefined before the first. */
  readonly signedAtMillis: number | undefined;
  /** After a start: so much of what the other end has counted is taken at its word, once. */
  readonly lostBytesMax: bigint;
  /** By the other end's last receipt. */
  readonly relayCounted: bigint;
  readonly receiptNonce: bigint;
  /** Why nothing more is signed; there is no way back. */
  readonly stopped: string | undefined;
}

export const nothingSigned: Signed = { bytes: 0n, amount: 0n, nonce: 0n };

export const newPayer = (terms: PayerTerms, locked: bigint): Payer => ({
  terms,
  locked,
  counted: 0n,
  signed: nothingSigned,
  signedAtMillis: undefined,
  lostBytesMax: 0n,
  relayCounted: 0n,
  receiptNonce: 0n,
  stopped: undefined,
});

/**
 * After a start. What was counted beyond the last voucher is not known any more: the other end's first count is taken for it, up to two vouchers,
 * so that an honest relay does not wait for ever for what it carried.
 */
export const restoredPayer = (terms: PayerTerms, locked: bigint, last: Signed, counted: bigint): Payer => ({
  ...newPayer(terms, locked),
  counted,
  signed: last,
  receiptNonce: last.nonce,
  lostBytesMax: aheadBytesMax,
});

export const count = (payer: Payer, bytes: bigint): Payer => ({ ...payer, counted: payer.counted + bytes });

export const locked = (payer: Payer, amount: bigint): Payer =>
  amount > payer.locked ? { ...payer, locked: amount } : payer;

const least = (left: bigint, right: bigint): bigint => (left < right ? left : right);

/** What the lock pays for. */
export const affordableBytes = ({ locked: amount, terms }: Payer): bigint => bytesFor(amount, terms.pricePerGib);

/** A quarter of what was carried, and at most one voucher: who has carried nothing gets nothing ahead, and later nobody waits for the next. */
const aheadOf = ({ counted }: Payer): bigint => least(counted / 4n, voucherIntervalBytes);

/** The bytes that a voucher would be for now. */
const dueBytes = (payer: Payer): bigint => least(payer.counted + aheadOf(payer), affordableBytes(payer));

/** Half an interval: so a relay that waits after two never has to. */
const stepBytes = voucherIntervalBytes / 2n;

/** The voucher to keep and then send; undefined where none is due. `closes`: whatever was counted, however little. */
export function voucherDue(payer: Payer, nowMillis: number, closes = false): Signed | undefined {
  if (payer.stopped !== undefined) return undefined;
  const bytes = closes ? least(payer.counted, affordableBytes(payer)) : dueBytes(payer);
  const { signed, signedAtMillis, terms } = payer;
  if (bytes <= signed.bytes) return undefined;
  const isOld = signedAtMillis === undefined || nowMillis - signedAtMillis >= voucherIntervalMillis;
  const isBehind = bytes - signed.bytes >= stepBytes;
  if (!closes && !isBehind && !(isOld && payer.counted > signed.bytes)) return undefined;
  return { bytes, amount: amountFor(bytes, terms.pricePerGib), nonce: signed.nonce + 1n };
}

/** What is signed for it. */
export const termsOf = ({ chainId, session }: PayerTerms, { bytes, amount, nonce }: Signed): VoucherTerms => ({
  chainId,
  session,
  bytes,
  amount,
  nonce,
});

/** Throws where it would be beside or below what is signed already: whatever led there, no two vouchers of one session contradict each other. */
export function signed(payer: Payer, voucher: Signed, nowMillis: number): Payer {
  const { bytes, nonce } = payer.signed;
  if (voucher.bytes <= bytes || voucher.nonce !== nonce + 1n) {
    throw new Error(
      `session ${payer.terms.session}: a voucher for ${voucher.bytes} bytes behind one for ${bytes}; nothing was signed`,
    );
  }
  return { ...payer, signed: voucher, signedAtMillis: nowMillis };
}

export interface Receipt {
  /** Carried by the relay's count. */
  readonly bytes: bigint;
  readonly nonce: bigint;
}

/** The most that the other end may have counted. */
export const countedMaxOf = ({ counted }: Payer): bigint => counted + onItsWayBytesMax + counted / toleranceDivisor;

export function received(payer: Payer, receipt: Receipt): Payer {
  if (payer.stopped !== undefined) return payer;
  const problem = receiptProblem(payer, receipt);
  if (problem !== undefined) return stop(payer, problem);
  const known = withLost(payer, receipt.bytes);
  const { bytes, nonce } = receipt;
  const next = {
    ...known,
    relayCounted: bytes,
    receiptNonce: nonce > known.receiptNonce ? nonce : known.receiptNonce,
  };
  if (bytes <= countedMaxOf(known)) return next;
  return stop(
    next,
    `it counts ${bytes} bytes, and ${known.counted} came and went here: it asks for more than it carries`,
  );
}

function receiptProblem(
  { signed: { nonce: last }, relayCounted }: Payer,
  { bytes, nonce }: Receipt,
): string | undefined {
  if (nonce > last) return `a receipt for voucher ${nonce}, and the last one was ${last}`;
  return bytes < relayCounted ? `its count fell from ${relayCounted} to ${bytes} bytes` : undefined;
}

function withLost(payer: Payer, relayBytes: bigint): Payer {
  const lost = relayBytes > payer.counted ? least(relayBytes - payer.counted, payer.lostBytesMax) : 0n;
  return { ...payer, counted: payer.counted + lost, lostBytesMax: 0n };
}

export const stop = (payer: Payer, why: string): Payer =>
  payer.stopped === undefined ? { ...payer, stopped: why } : payer;

/** Whether the last voucher has waited too long for somebody to say that it is there. */
export const isUnanswered = ({ signed: { nonce }, receiptNonce, signedAtMillis }: Payer, nowMillis: number): boolean =>
  nonce > receiptNonce && signedAtMillis !== undefined && nowMillis - signedAtMillis >= receiptMillisMax;

/** Owed by this end's own count: what a person has spent. */
export const spent = ({ signed: { amount } }: Payer): bigint => amount;
