/**
 * Intel TDX quotes of version 4, checked as far as bytes alone allow: who signed, that the chain of certificates ends at Intel's root, that
 * nothing is a debugging build. Owns the format. Does not own what a quote must say (its report data), what a program may be (its
 * measurements), nor revocation: a chain cannot ask Intel, so whoever keeps a list of revoked serials compares it with `serials`.
 * The format is Intel's "TDX DCAP Quoting Library API", appendix A.
 */
import { concatBytes, equalBytes, hexToBytes } from "@noble/curves/utils.js";
import {
  type Certificate,
  CertificateError,
  CertificateExpired,
  checkChain,
  checkValidity,
  readCertificate,
  verifyP256,
} from "./certificate.ts";
import { DerError } from "./der.ts";
import { sha256 } from "./hash.ts";

export interface TdxQuote {
  /** 64 bytes that the machine bound to the quote. */
  readonly reportData: Uint8Array;
  /** Measurement of the machine's first memory, and of the firmware that guards it. */
  readonly machineMeasurement: Uint8Array;
  readonly moduleMeasurement: Uint8Array;
  readonly securityVersions: Uint8Array;
  /** Of the certificates from the platform's to the root's, in hex. */
  readonly serials: readonly string[];
  /** Seconds since 1970 at which the first certificate of the chain expires. */
  readonly expiresAt: bigint;
}

export class TdxQuoteError extends Error {}
/** Good in all but its certificates' time. */
export class TdxQuoteExpired extends TdxQuoteError {}

/** A quote has about 5,000 bytes; its certificates and authentication data have no bound of their own. */
export const tdxQuoteBytesMax = 16_384;

/** Of the certificate "Intel SGX Root CA", valid until 2049-12-31. */
export const intelRootKey = hexToBytes(
  "040ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f567918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394",
);
/** Of Intel's own enclaves; product 2 is the one that quotes TDX machines. */
const quotingEnclaveSigner = hexToBytes("dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5");
const quotingEnclaveProduct = 2;
const quotingEnclaveVendor = hexToBytes("939a7233f79c4ca9940a0db3957f0607");

const versions = { quote: 4, keyP256: 2, tdx: 0x81, quotingCertification: 6, certificateChain: 5 } as const;
const lengths = { header: 48, body: 584, signature: 64, key: 64, report: 384 } as const;
/** Offsets in the body. */
const body = { attributes: 120, module: 16, machine: 136, reportData: 520 } as const;
/** Offsets in an enclave's report. */
const report = { attributes: 48, signer: 128, product: 256, reportData: 320 } as const;
const debugBit = 1;
const enclaveDebugBit = 2;
const certificatesMax = 4;

/** Reads fixed fields from the front of untrusted bytes. */
class Cursor {
  readonly #bytes: Uint8Array;
  #offset = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  take(length: number, what: string): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new TdxQuoteError(`the quote ends within its ${what}`);
    const part = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }
  number(octets: 2 | 4, what: string): number {
    return this.take(octets, what).reduceRight((sum, octet) => sum * 256 + octet, 0);
  }
}

function expectNumber(found: number, expected: number, what: string): void {
  if (found !== expected) throw new TdxQuoteError(`the quote's ${what} is ${found}, expected ${expected}`);
}

function expectHeader(header: Uint8Array): void {
  const cursor = new Cursor(header);
  expectNumber(cursor.number(2, "version"), versions.quote, "version");
  expectNumber(cursor.number(2, "key type"), versions.keyP256, "key type");
  expectNumber(cursor.number(4, "kind of machine"), versions.tdx, "kind of machine");
  cursor.take(4, "reserved part");
  if (!equalBytes(cursor.take(16, "vendor"), quotingEnclaveVendor)) throw new TdxQuoteError("the quote is not Intel's");
}

/** PEM blocks, which is how the chain travels; text after the last one is ignored, as Intel's own tools write a zero there. */
function readPemChain(data: Uint8Array): Certificate[] {
  const text = String.fromCharCode(...data);
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\r\n]*)-----END CERTIFICATE-----/g)];
  if (blocks.length > certificatesMax) throw new TdxQuoteError(`more than ${certificatesMax} certificates`);
  return blocks.map(([, base64]) => readCertificate(Buffer.from(base64!, "base64")));
}

/** The enclave that signed with its own key was itself vouched for by the platform's certificate. */
function checkQuotingEnclave(enclave: Uint8Array, attestedKey: Uint8Array, authentication: Uint8Array): void {
  const expected = concatBytes(sha256(concatBytes(attestedKey, authentication)), new Uint8Array(32));
  if (!equalBytes(enclave.subarray(report.reportData), expected))
    throw new TdxQuoteError("the quoting enclave vouches for another key");
  if (!equalBytes(enclave.subarray(report.signer, report.signer + 32), quotingEnclaveSigner))
    throw new TdxQuoteError("the quoting enclave is not Intel's");
  const product = enclave[report.product]! + enclave[report.product + 1]! * 256;
  expectNumber(product, quotingEnclaveProduct, "quoting enclave's product");
  if ((enclave[report.attributes]! & enclaveDebugBit) !== 0)
    throw new TdxQuoteError("the quoting enclave can be debugged");
}

/** How many signatures stand behind a quote at most: of its chain, of the enclave's report, and its own. What checking it costs. */
export const tdxQuoteSignaturesMax = certificatesMax + 2;

/** Throws TdxQuoteError with the reason when the quote proves nothing at `now`, seconds since 1970. */
export function verifyTdxQuote(
  bytes: Uint8Array,
  now: bigint,
  rootKeys: readonly Uint8Array[] = [intelRootKey],
): TdxQuote {
  if (bytes.length > tdxQuoteBytesMax) throw new TdxQuoteError(`a quote has at most ${tdxQuoteBytesMax} bytes`);
  try {
    return verifyWithin(bytes, now, rootKeys);
  } catch (error) {
    if (error instanceof CertificateExpired) throw new TdxQuoteExpired(error.message);
    if (error instanceof DerError || error instanceof CertificateError) throw new TdxQuoteError(error.message);
    throw error;
  }
}

function verifyWithin(bytes: Uint8Array, now: bigint, rootKeys: readonly Uint8Array[]): TdxQuote {
  const quote = new Cursor(bytes);
  const signed = quote.take(lengths.header + lengths.body, "body");
  expectHeader(signed);
  const machine = signed.subarray(lengths.header);
  if ((machine[body.attributes]! & debugBit) !== 0) throw new TdxQuoteError("the machine can be debugged from outside");
  const rest = new Cursor(quote.take(quote.number(4, "signature's length"), "signature"));
  const signature = rest.take(lengths.signature, "signature");
  const attestedKey = rest.take(lengths.key, "key");
  expectNumber(rest.number(2, "certification"), versions.quotingCertification, "kind of certification");
  const certification = new Cursor(rest.take(rest.number(4, "certification"), "certification"));
  const enclave = certification.take(lengths.report, "enclave's report");
  const enclaveSignature = certification.take(lengths.signature, "enclave's signature");
  const authentication = certification.take(certification.number(2, "authentication data"), "authentication data");
  expectNumber(certification.number(2, "certificates"), versions.certificateChain, "kind of certificates");
  const chain = readPemChain(certification.take(certification.number(4, "certificates"), "certificates"));

  checkChain(chain, rootKeys);
  if (!verifyP256(enclaveSignature, enclave, chain[0]!.publicKey))
    throw new TdxQuoteError("the platform's certificate did not sign the quoting enclave's report");
  checkQuotingEnclave(enclave, attestedKey, authentication);
  if (!verifyP256(signature, signed, concatBytes(Uint8Array.of(0x04), attestedKey)))
    throw new TdxQuoteError("the quoting enclave did not sign this quote");
  checkValidity(chain, now);
  return {
    reportData: machine.slice(body.reportData, body.reportData + 64),
    machineMeasurement: machine.slice(body.machine, body.machine + 48),
    moduleMeasurement: machine.slice(body.module, body.module + 48),
    securityVersions: machine.slice(0, 16),
    serials: chain.map(({ serialHex }) => serialHex),
    expiresAt: chain.reduce((least, { notAfter }) => (notAfter < least ? notAfter : least), chain[0]!.notAfter),
  };
}
