/**
 * What a client and a relay sign about a session: the canonical bytes of a voucher, of a delivery and of a closing, and what traffic costs.
 * Pure, and the one place of it: the chain, the relay and the client use this file. Does not own keys, signatures or state.
 *
 * All three begin with a domain of their own and the chain's id, each behind its length in one byte, so that bytes signed for one purpose,
 * chain or session mean nothing for another. Numbers are big-endian and of fixed width.
 */
import type { Dec } from "../../chain/dec.ts";
import { decOne } from "../../chain/dec.ts";
import { writeUint64 } from "../../chain/keycodec.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";

export const bytesPerGib = 1n << 30n;

/** Of one message. */
export const vouchersMax = 1_000;

/** Of a voucher: more money than there is, and it fits sixteen bytes. */
export const voucherAmountMax = (1n << 128n) - 1n;
export const uint64Max = (1n << 64n) - 1n;

export interface VoucherTerms {
  readonly chainId: string;
  readonly session: bigint;
  /** Since the session opened, as is the amount. */
  readonly bytes: bigint;
  /** Millionths of a dollar. */
  readonly amount: bigint;
  /** Counts vouchers, for those who send and keep them; which one is higher the bytes say. */
  readonly nonce: bigint;
}

/** What a relay says that it carried by the moment of a voucher. */
export interface DeliveryTerms {
  readonly chainId: string;
  readonly session: bigint;
  /** The client's count, of the voucher that it answers. */
  readonly bytes: bigint;
  readonly deliveredBytes: bigint;
}

const voucherDomain = "weir/market/voucher";
const deliveryDomain = "weir/market/delivery";
const closingDomain = "weir/market/closing";

const wordBits = 64n;
const wordMask = uint64Max;

function signedBytes(domain: string, chainId: string, words: readonly bigint[]): Uint8Array {
  const texts = [domain, chainId].map(encodeUtf8);
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 1 + text.length, 0) + 8 * words.length);
  let offset = 0;
  for (const text of texts) {
    if (text.length > 255) throw new RangeError(`${domain}: a chain id of ${text.length} bytes; at most 255 fit`);
    bytes[offset] = text.length;
    bytes.set(text, offset + 1);
    offset += 1 + text.length;
  }
  for (const word of words) offset = writeUint64(bytes, offset, word);
  return bytes;
}

const termsOf = ({ session, bytes, amount, nonce }: VoucherTerms): readonly bigint[] => [
  session,
  bytes,
  amount >> wordBits,
  amount & wordMask,
  nonce,
];

/** What the session's key signs. Throws RangeError beyond the widths. */
export const voucherBytes = (terms: VoucherTerms): Uint8Array =>
  signedBytes(voucherDomain, terms.chainId, termsOf(terms));

/** What the relay's transport key signs. */
export const deliveryBytes = ({ chainId, session, bytes, deliveredBytes }: DeliveryTerms): Uint8Array =>
  signedBytes(deliveryDomain, chainId, [session, bytes, deliveredBytes]);

/** What the relay's transport key signs to let the session be closed at once with this as its last voucher. */
export const closingBytes = (terms: VoucherTerms): Uint8Array =>
  signedBytes(closingDomain, terms.chainId, termsOf(terms));

/** What so many bytes cost at the price of a GiB. Rounded up: what has begun is owed. */
export function amountFor(bytes: bigint, pricePerGib: Dec): bigint {
  const scale = bytesPerGib * decOne;
  return (bytes * pricePerGib + scale - 1n) / scale;
}

/** The most bytes that an amount pays for, rounded down: `amountFor` of it is at most the amount. Of a price of zero, as many as can be counted. */
export function bytesFor(amount: bigint, pricePerGib: Dec): bigint {
  if (pricePerGib === 0n) return uint64Max;
  const bytes = (amount * bytesPerGib * decOne) / pricePerGib;
  return bytes < uint64Max ? bytes : uint64Max;
}

/** The difference of both counts in millionths of the client's, rounded down; 0 of nothing. */
export const errorPpm = (countedBytes: bigint, differenceBytes: bigint): bigint =>
  countedBytes === 0n ? 0n : (differenceBytes * 1_000_000n) / countedBytes;
