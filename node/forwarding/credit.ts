/**
 * How far a relay carries beyond what was paid. Pure, and the one place of it: client and relay compute the same from what both know. Owns the
 * rule; does not own who counted what (../relay/ledger.ts, ../client).
 */

const mebibyte = 1n << 20n;
/** A client that has paid little yet. */
export const intervalBytesMin = 8n * mebibyte;
/** Enough for gigabits a second over a tenth of a second's way. */
export const intervalBytesMax = 64n * mebibyte;
/** Nobody signs for less: of a deposit that is nearly nothing. */
const intervalBytesLeast = 64n << 10n;
/** What is unpaid grows with what was paid: two vouchers are a thirty-second of it. */
const paidShare = 64n;
/** A small deposit is paid in so many parts at least. */
const depositShare = 16n;
/** A relay carries so many vouchers' worth beyond the last one. */
export const unpaidVouchersMax = 2n;
/** A client sends one at least so often while anything is unpaid. */
export const voucherMillisMax = 5_000;

export interface Standing {
  /** By the last good voucher. */
  readonly paidBytes: bigint;
  /** All that the session's deposit or quota pays for. */
  readonly affordableBytes: bigint;
}

const smaller = (left: bigint, right: bigint): bigint => (left < right ? left : right);
const larger = (left: bigint, right: bigint): bigint => (left > right ? left : right);

/** After how many bytes beyond the last voucher the next one is sent. */
export function voucherIntervalBytes({ paidBytes, affordableBytes }: Standing): bigint {
  const byTrust = larger(intervalBytesMin, smaller(intervalBytesMax, paidBytes / paidShare));
  return larger(intervalBytesLeast, smaller(byTrust, affordableBytes / depositShare));
}

/** The count up to which a relay serves. */
export const servedBytesMax = (standing: Standing): bigint =>
  smaller(standing.affordableBytes, standing.paidBytes + unpaidVouchersMax * voucherIntervalBytes(standing));

/** Both counts differ by what is on its way, and by what a broken link swallowed. */
const differenceShare = 64n;

/**
 * What a client pays for: the relay's count where that is near its own, and its own where the relay's is below; undefined where the relay
 * claims more than broken links explain, so that the session is better closed.
 */
export function payableBytes(ownBytes: bigint, relayBytes: bigint): bigint | undefined {
  if (relayBytes <= ownBytes) return ownBytes;
  return relayBytes - ownBytes <= larger(intervalBytesMin, ownBytes / differenceShare) ? relayBytes : undefined;
}
