/**
 * What a relay knows of one paid session: how much it carried, and the highest voucher it holds. Pure: a voucher counts once it is kept on disk,
 * which is an effect for whoever calls. Owns when a voucher is good; does not own how far ahead is carried (../forwarding/credit.ts) nor the
 * chain's view of a session.
 */
import { verifyEd25519 } from "../../chain/crypto/ed25519.ts";
import type { Dec } from "../../chain/dec.ts";
import { amountFor, bytesFor, type VoucherTerms, voucherBytes } from "../../modules/market/voucher.ts";
import { type Standing, servedBytesMax, voucherIntervalBytes } from "../forwarding/credit.ts";

/** What the chain says of a session, as far as it cannot change under it. */
export interface SessionTerms {
  readonly chainId: string;
  readonly session: bigint;
  /** ed25519, of the client, for this session alone. */
  readonly key: Uint8Array;
  readonly pricePerGib: Dec;
  /** Grows when the client tops up. */
  readonly locked: bigint;
  /** Of a subscription's quota, what it may use; undefined where a deposit or a contract pays. */
  readonly quotaBytes?: bigint;
}

export interface SignedVoucher {
  readonly bytes: bigint;
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly signature: Uint8Array;
}

export interface HeldVoucher extends SignedVoucher {
  /** What the relay had carried when it came: goes to the chain with it, and never falls. */
  readonly delivered: bigint;
}

/** What the chain has settled of a session. */
export interface SettledPart {
  readonly bytes: bigint;
  readonly nonce: bigint;
  readonly delivered: bigint;
}

export const nothingSettled: SettledPart = { bytes: 0n, nonce: 0n, delivered: 0n };

export interface Ledger {
  readonly terms: SessionTerms;
  /** Of both directions, by this relay's count. */
  readonly carried: bigint;
  readonly voucher: HeldVoucher | undefined;
  /** When the relay began with this session: what it lost of its own files stands on the chain still. */
  readonly settled: SettledPart;
}

/** A client may pay so many vouchers ahead of the relay's count: what is on its way, and what a crash made the relay forget. */
const aheadVouchersMax = 4n;

const larger = (left: bigint, right: bigint): bigint => (left > right ? left : right);

/** After a start what was carried beyond the last voucher is not known any more, and is the relay's loss, at most two vouchers. */
export const restoredLedger = (
  terms: SessionTerms,
  voucher: HeldVoucher | undefined,
  settled: SettledPart = nothingSettled,
): Ledger => ({
  terms,
  carried: [settled.bytes, settled.delivered, voucher?.bytes ?? 0n, voucher?.delivered ?? 0n].reduce(larger),
  voucher,
  settled,
});

export const newLedger = (terms: SessionTerms): Ledger => restoredLedger(terms, undefined);

export const paidBytes = ({ voucher, settled }: Ledger): bigint => larger(voucher?.bytes ?? 0n, settled.bytes);
export const paidNonce = ({ voucher, settled }: Ledger): bigint => larger(voucher?.nonce ?? 0n, settled.nonce);

/** What the deposit or the quota pays for; beyond it a voucher would not be paid. */
export const affordableBytes = ({ locked, pricePerGib, quotaBytes }: SessionTerms): bigint =>
  quotaBytes ?? bytesFor(locked, pricePerGib);

const standingOf = (ledger: Ledger): Standing => ({
  paidBytes: paidBytes(ledger),
  affordableBytes: affordableBytes(ledger.terms),
});

/** The count up to which it is served. */
export const servedMax = (ledger: Ledger): bigint => servedBytesMax(standingOf(ledger));

/** How much more is carried before a voucher has to come. */
export function creditBytes(ledger: Ledger): bigint {
  const credit = servedMax(ledger) - ledger.carried;
  return credit > 0n ? credit : 0n;
}

export const carry = (ledger: Ledger, bytes: bigint): Ledger => ({ ...ledger, carried: ledger.carried + bytes });

export const toppedUp = (ledger: Ledger, locked: bigint): Ledger => ({
  ...ledger,
  terms: { ...ledger.terms, locked },
});

export type VoucherRefusal =
  | "not higher than the last one"
  | "another amount than its bytes cost"
  | "more than the session has locked"
  | "for more than was carried"
  | "not signed by the session's key";

export type VoucherOutcome =
  /** To be kept on disk before anything else is done with it. */
  { readonly kept: HeldVoucher; readonly ledger: Ledger } | { readonly refused: VoucherRefusal };

export function takeVoucher(ledger: Ledger, voucher: SignedVoucher): VoucherOutcome {
  const problem = voucherProblem(ledger, voucher);
  if (problem !== undefined) return { refused: problem };
  const { bytes, amount, nonce, signature } = voucher;
  const kept: HeldVoucher = { bytes, amount, nonce, signature, delivered: ledger.carried };
  return { kept, ledger: { ...ledger, voucher: kept } };
}

/** The signature last: it is what costs most. */
function voucherProblem(
  ledger: Ledger,
  { bytes, amount, nonce, signature }: SignedVoucher,
): VoucherRefusal | undefined {
  const { terms, carried } = ledger;
  if (bytes <= paidBytes(ledger) || nonce <= paidNonce(ledger)) return "not higher than the last one";
  if (amount !== amountFor(bytes, terms.pricePerGib)) return "another amount than its bytes cost";
  if (amount > terms.locked || bytes > affordableBytes(terms)) return "more than the session has locked";
  if (bytes > carried + aheadVouchersMax * voucherIntervalBytes(standingOf(ledger))) return "for more than was carried";
  const { chainId, session } = terms;
  const signed: VoucherTerms = { chainId, session, bytes, amount, nonce };
  return verifyEd25519(terms.key, signature, voucherBytes(signed)) ? undefined : "not signed by the session's key";
}
