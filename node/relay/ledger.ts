/**
 * What a relay knows of one paid session: how much it carried, and the highest voucher it holds. Pure: a voucher counts once it is kept on disk,
 * which is an effect for whoever calls. Owns when a voucher is good and when a session has to wait for one; does not own the chain's view of it.
 */
import { verifyEd25519 } from "../../chain/crypto/ed25519.ts";
import type { Dec } from "../../chain/dec.ts";
import { amountFor, bytesFor, type VoucherTerms, voucherBytes } from "../../modules/market/index.ts";

/** What the chain says of a session, as far as it cannot change under it. */
export interface SessionTerms {
  readonly chainId: string;
  readonly session: bigint;
  /** ed25519, of the client, for this session alone. */
  readonly key: Uint8Array;
  readonly pricePerGib: Dec;
  /** Grows when the client tops up. */
  readonly locked: bigint;
}

export interface HeldVoucher {
  readonly bytes: bigint;
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly signature: Uint8Array;
}

export interface Ledger {
  readonly terms: SessionTerms;
  /** Of both directions, by this relay's count. */
  readonly carried: bigint;
  readonly voucher: HeldVoucher | undefined;
}

/** A client sends one at least so often; a relay carries twice as much beyond the last one, and no more. */
export const voucherIntervalBytes = 8n << 20n;
const unpaidVouchersMax = 2n;
/** A client may pay so far ahead of the relay's count: what is on its way, and one voucher. */
const aheadBytesMax = 4n * voucherIntervalBytes;

export const newLedger = (terms: SessionTerms): Ledger => ({ terms, carried: 0n, voucher: undefined });

/** After a start: what was carried beyond the last voucher is not known any more, and is the relay's loss, at most two vouchers. */
export const restoredLedger = (terms: SessionTerms, voucher: HeldVoucher | undefined): Ledger => ({
  terms,
  carried: voucher?.bytes ?? 0n,
  voucher,
});

export const paidBytes = ({ voucher }: Ledger): bigint => voucher?.bytes ?? 0n;

/** How much more is carried before a voucher has to come. */
export function creditBytes(ledger: Ledger): bigint {
  const unpaid = ledger.carried - paidBytes(ledger);
  const byVouchers = unpaidVouchersMax * voucherIntervalBytes - unpaid;
  const byDeposit = affordableBytes(ledger.terms) - ledger.carried;
  const credit = byVouchers < byDeposit ? byVouchers : byDeposit;
  return credit > 0n ? credit : 0n;
}

/** What the deposit pays for; beyond it a voucher would not be paid. */
const affordableBytes = ({ locked, pricePerGib }: SessionTerms): bigint => bytesFor(locked, pricePerGib);

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

export function takeVoucher(ledger: Ledger, voucher: HeldVoucher): VoucherOutcome {
  const problem = voucherProblem(ledger, voucher);
  return problem === undefined ? { kept: voucher, ledger: { ...ledger, voucher } } : { refused: problem };
}

/** The signature last: it is what costs most. */
function voucherProblem(ledger: Ledger, { bytes, amount, nonce, signature }: HeldVoucher): VoucherRefusal | undefined {
  const { terms, carried, voucher } = ledger;
  if (voucher !== undefined && (bytes <= voucher.bytes || nonce <= voucher.nonce))
    return "not higher than the last one";
  if (bytes > carried + aheadBytesMax) return "for more than was carried";
  if (amount !== amountFor(bytes, terms.pricePerGib)) return "another amount than its bytes cost";
  if (amount > terms.locked) return "more than the session has locked";
  const { chainId, session } = terms;
  const signed: VoucherTerms = { chainId, session, bytes, amount, nonce };
  return verifyEd25519(terms.key, signature, voucherBytes(signed)) ? undefined : "not signed by the session's key";
}
