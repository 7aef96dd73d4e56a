/**
 * What a client has counted in one session, and what it signs for it. Pure: a voucher may be sent once it is kept on disk, which is an effect for
 * whoever calls. Owns when a voucher is due, that none contradicts another, and when a relay's count is believed no more; how much is unpaid at
 * most is ../forwarding/credit.ts's, for both ends.
 */
import type { Dec } from "../../chain/dec.ts";
import { amountFor, bytesFor, type VoucherTerms } from "../../modules/market/voucher.ts";
import { payableBytes, servedBytesMax, voucherIntervalBytes, voucherMillisMax } from "../forwarding/credit.ts";

/** A voucher that nobody answers for so long is of a relay that is not there. */
export const receiptMillisMax = 15_000;
/** A client never pays for more than so many vouchers beyond its own count. */
const aheadVouchersMax = 2n;

export interface PayerTerms {
  readonly chainId: string;
  readonly session: bigint;
  readonly pricePerGib: Dec;
}

/** What was signed last: on disk before it goes out. */
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
  /** When; undefined before the first since the start. */
  readonly signedAtMillis: number | undefined;
  /** After a start: up to here the other end's first count is taken at its word, for what was not on disk. */
  readonly lostUpTo: bigint;
  /** By the other end's last receipt. */
  readonly relayCounted: bigint;
  /** Of the last voucher that the other end answered. */
  readonly answeredNonce: bigint;
  /** The other end waits for a voucher, however small. */
  readonly isPressed: boolean;
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
  lostUpTo: 0n,
  relayCounted: 0n,
  answeredNonce: 0n,
  isPressed: false,
  stopped: undefined,
});

/**
 * After a start. What was counted beyond the last voucher is not known any more: the other end's first count is taken for it, up to what it may
 * have carried unpaid, so that an honest relay does not wait for ever for it.
 */
export function restoredPayer(terms: PayerTerms, locked: bigint, last: Signed, counted: bigint): Payer {
  const payer = { ...newPayer(terms, locked), counted, signed: last, answeredNonce: last.nonce };
  return { ...payer, lostUpTo: servedBytesMax(standingOf(payer)) };
}

const least = (left: bigint, right: bigint): bigint => (left < right ? left : right);

/** What the lock pays for. */
export const affordableBytes = ({ locked, terms }: Payer): bigint => bytesFor(locked, terms.pricePerGib);

const standingOf = (payer: Payer) => ({ paidBytes: payer.signed.bytes, affordableBytes: affordableBytes(payer) });

export const count = (payer: Payer, bytes: bigint): Payer => ({ ...payer, counted: payer.counted + bytes });

export const lockedNow = (payer: Payer, amount: bigint): Payer =>
  amount > payer.locked ? { ...payer, locked: amount } : payer;

/** The bytes that a voucher would be for now. Of what the other end has counted beyond it, what may be on its way is paid for as well. */
function dueBytes(payer: Payer): bigint {
  const { counted, relayCounted } = payer;
  const payable = payableBytes(counted, relayCounted) ?? counted;
  const ahead = counted + aheadVouchersMax * voucherIntervalBytes(standingOf(payer));
  return least(least(payable, ahead), affordableBytes(payer));
}

/** The voucher to keep and then send; undefined where none is due. `closes`: whatever was counted, however little. */
export function voucherDue(payer: Payer, nowMillis: number, closes = false): Signed | undefined {
  if (payer.stopped !== undefined) return undefined;
  const bytes = dueBytes(payer);
  const { signed, signedAtMillis, terms, isPressed } = payer;
  if (bytes <= signed.bytes) return undefined;
  const isOld = signedAtMillis === undefined || nowMillis - signedAtMillis >= voucherMillisMax;
  // At half an interval, so that a relay that serves two never has to wait for the next.
  const isMuch = 2n * (bytes - signed.bytes) >= voucherIntervalBytes(standingOf(payer));
  if (!closes && !isMuch && !isPressed && !isOld) return undefined;
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
  return { ...payer, signed: voucher, signedAtMillis: nowMillis, isPressed: false };
}

export interface Receipt {
  /** Carried by the relay's count. */
  readonly bytes: bigint;
  /** Of the voucher that it keeps. */
  readonly nonce: bigint;
  /** Of the voucher that this answers; 0 where nobody asked. */
  readonly answers: bigint;
  /** Of one that was not taken. */
  readonly refused?: string;
  /** Streams wait for a voucher. */
  readonly isPressing?: boolean;
}

export function received(payer: Payer, receipt: Receipt): Payer {
  if (payer.stopped !== undefined) return payer;
  const problem = receiptProblem(payer, receipt);
  if (problem !== undefined) return stop(payer, problem);
  const known = withLost(payer, receipt.bytes);
  const { bytes, answers, isPressing = false } = receipt;
  const next = {
    ...known,
    relayCounted: bytes,
    answeredNonce: answers > known.answeredNonce ? answers : known.answeredNonce,
    isPressed: isPressing,
  };
  if (payableBytes(known.counted, bytes) !== undefined) return next;
  return stop(
    next,
    `it counts ${bytes} bytes, and ${known.counted} came and went here: it asks for more than it carries`,
  );
}

function receiptProblem(payer: Payer, { bytes, nonce, answers, refused }: Receipt): string | undefined {
  const last = payer.signed.nonce;
  if (answers > last || nonce > last)
    return `it answers voucher ${answers > nonce ? answers : nonce}, and the last one was ${last}`;
  if (refused !== undefined) return `it refused voucher ${answers}: ${refused}`;
  return bytes < payer.relayCounted ? `its count fell from ${payer.relayCounted} to ${bytes} bytes` : undefined;
}

const withLost = (payer: Payer, relayBytes: bigint): Payer => {
  const lost = least(relayBytes, payer.lostUpTo);
  return { ...payer, counted: lost > payer.counted ? lost : payer.counted, lostUpTo: 0n };
};

export const stop = (payer: Payer, why: string): Payer =>
  payer.stopped === undefined ? { ...payer, stopped: why } : payer;

/** Whether the last voucher has waited too long for an answer. */
export const isUnanswered = ({ signed: { nonce }, answeredNonce, signedAtMillis }: Payer, nowMillis: number): boolean =>
  nonce > answeredNonce && signedAtMillis !== undefined && nowMillis - signedAtMillis >= receiptMillisMax;
