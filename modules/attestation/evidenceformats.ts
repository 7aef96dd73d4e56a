/**
 * The registry of formats of hardware evidence: who can verify what, what it costs, and what a verified quote says. A format is one entry;
 * the rules of attaching (evidence.ts) know none by name. Owns no state and no policy.
 */
import {
  intelRootKey,
  TdxQuoteError,
  TdxQuoteExpired,
  tdxQuoteBytesMax,
  tdxQuoteSignaturesMax,
  verifyTdxQuote,
} from "../../chain/crypto/tdxquote.ts";

export interface VerifiedEvidence {
  /** What the machine was asked to bind, as the format has it: 64 bytes. */
  readonly reportData: Uint8Array;
  /** Of what runs in the machine. */
  readonly measurement: Uint8Array;
  /** Of the certificates from the platform's to the root's: lower hex without leading zeros, as lists of revoked ones have them. */
  readonly serials: readonly string[];
  /** Seconds since 1970 at which the first of them expires. */
  readonly expiresAt: bigint;
}

/** Why a verifier believes nothing: what is forged never becomes good, what has expired was good. */
export type Refusal = { readonly kind: "forged" | "expired"; readonly reason: string };

export interface EvidenceFormat {
  readonly name: string;
  readonly bytesMax: number;
  readonly measurementBytes: number;
  /** Keys that may stand at the end of a chain of certificates where governance names none. */
  readonly roots: readonly Uint8Array[];
  readonly rootBytes: number;
  /** What verifying so many bytes costs, at most: taken before any work is done. */
  gas(bytes: number): bigint;
  /** At `now`, seconds since 1970. Never throws for what a stranger sends. */
  verify(evidence: Uint8Array, roots: readonly Uint8Array[], now: bigint): VerifiedEvidence | Refusal;
}

export const isRefusal = (result: VerifiedEvidence | Refusal): result is Refusal => "kind" in result;

/** Two milliseconds a signature on P-256, where the ante's 1,000 for one on secp256k1 stand for some 60 µs. */
const gasPerSignature = 30_000n;
const gasPerByte = 10n;

const withoutLeadingZeros = (serial: string): string => serial.replace(/^(00)+(?=..)/, "");

const tdxV4: EvidenceFormat = {
  name: "tdx-v4",
  bytesMax: tdxQuoteBytesMax,
  measurementBytes: 48,
  roots: [intelRootKey],
  rootBytes: intelRootKey.length,
  gas: (bytes) => gasPerSignature * BigInt(tdxQuoteSignaturesMax) + gasPerByte * BigInt(bytes),
  verify(evidence, roots, now) {
    try {
      const { reportData, machineMeasurement, serials, expiresAt } = verifyTdxQuote(evidence, now, roots);
      return { reportData, measurement: machineMeasurement, serials: serials.map(withoutLeadingZeros), expiresAt };
    } catch (error) {
      if (error instanceof TdxQuoteExpired) return { kind: "expired", reason: error.message };
      if (error instanceof TdxQuoteError) return { kind: "forged", reason: error.message };
      throw error;
    }
  },
};

/** By name, in the order in which they are listed. */
export const evidenceFormats: ReadonlyMap<string, EvidenceFormat> = new Map(
  [tdxV4].map((format) => [format.name, format]),
);
