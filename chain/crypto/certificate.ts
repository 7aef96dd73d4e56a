/**
 * X.509 certificates with ECDSA keys on P-256 and SHA-256, which is what Intel's quoting infrastructure signs with: reading them, and
 * checking a chain up to a key that the caller trusts. Owns no trusted key, no revocation.
 */
import { p256 } from "@noble/curves/nist.js";
import { bytesToHex, equalBytes, hexToBytes } from "@noble/curves/utils.js";
import { bitStringOctets, DerError, type DerValue, derChildren, derTags, expectTag, readDer } from "./der.ts";

export interface Certificate {
  /** What the issuer signed. */
  readonly signedPart: Uint8Array;
  readonly signature: Uint8Array;
  readonly serialHex: string;
  /** Names as they are encoded: equal names have equal bytes. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Seconds since 1970. */
  readonly notBefore: bigint;
  readonly notAfter: bigint;
  /** The uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array;
  readonly mayIssue: boolean;
}

export class CertificateError extends Error {}
/** Nothing else is known to be wrong: a later one of the same issuer may be good. */
export class CertificateExpired extends CertificateError {}

const ecdsaWithSha256 = "2a8648ce3d040302";
const ecPublicKeyOnP256 = "301306072a8648ce3d020106082a8648ce3d030107";
const basicConstraints = "551d13";
const keyUsage = "551d0f";
/** Extensions that are understood well enough to be marked critical. */
const understood: ReadonlySet<string> = new Set([basicConstraints, keyUsage]);
const versionTag = 0xa0;
const extensionsTag = 0xa3;
const certificateVersion3 = 2;
/** keyCertSign is the sixth bit of the first octet. */
const signsCertificates = 0x04;

/** Days from 1970-01-01 to a date of the Gregorian calendar. */
function daysFromCivil(year: number, month: number, day: number): number {
  return Math.round(Date.UTC(year, month - 1, day) / 86_400_000);
}

/** RFC 5280 §4.1.2.5: UTCTime until 2049, GeneralizedTime later, both to the second and in UTC. */
function secondsOf({ tag, content }: DerValue): bigint {
  const text = String.fromCharCode(...content.subarray(0, 16));
  const digits = tag === derTags.generalizedTime ? 14 : 12;
  if (tag !== derTags.utcTime && tag !== derTags.generalizedTime) throw new DerError("a validity is no time");
  if (content.length !== digits + 1 || !/^\d+Z$/.test(text)) throw new DerError(`a validity of unknown form: ${text}`);
  const short = digits === 12 ? Number(text.slice(0, 2)) : 0;
  const year = digits === 14 ? Number(text.slice(0, 4)) : short < 50 ? 2000 + short : 1900 + short;
  const [month, day, hour, minute, second] = [10, 8, 6, 4, 2].map((end) =>
    Number(text.slice(digits - end, digits - end + 2)),
  );
  const days = daysFromCivil(year, month!, day!);
  return BigInt(days * 86_400 + hour! * 3600 + minute! * 60 + second!);
}

/** r and s of an ECDSA signature, 32 bytes each. */
function compactSignature(der: Uint8Array): Uint8Array {
  const numbers = derChildren(readDer(der, derTags.sequence)).map((value) => expectTag(value, derTags.integer).content);
  if (numbers.length !== 2) throw new DerError("an ECDSA signature is two numbers");
  const hex = numbers.map((number) =>
    BigInt(`0x${bytesToHex(number)}`)
      .toString(16)
      .padStart(64, "0"),
  );
  if (hex.some((text) => text.length !== 64)) throw new DerError("a number of an ECDSA signature is too large");
  return hexToBytes(hex.join(""));
}

/** Whether the certificate may issue others, by what its extensions say. */
function readExtensions(holder: DerValue | undefined): boolean {
  if (holder === undefined) return false;
  let isAuthority = false;
  let mayByUsage = true;
  for (const extension of derChildren(readDer(holder.content, derTags.sequence))) {
    const [name, ...rest] = derChildren(expectTag(extension, derTags.sequence));
    const identifier = bytesToHex(expectTag(name, derTags.objectIdentifier).content);
    const isCritical = rest[0]?.tag === derTags.boolean && rest[0].content[0] === 0xff;
    const value = expectTag(rest.at(-1), derTags.octetString).content;
    if (isCritical && !understood.has(identifier)) throw new CertificateError(`a critical extension is not understood`);
    if (identifier === basicConstraints) {
      const [authority] = derChildren(readDer(value, derTags.sequence));
      isAuthority = authority?.tag === derTags.boolean && authority.content[0] === 0xff;
    }
    if (identifier === keyUsage) {
      mayByUsage = (bitStringUsage(readDer(value, derTags.bitString)) & signsCertificates) !== 0;
    }
  }
  return isAuthority && mayByUsage;
}

const bitStringUsage = ({ content }: DerValue): number => content[1] ?? 0;

/** Throws DerError or CertificateError for what is no certificate of this kind. */
export function readCertificate(der: Uint8Array): Certificate {
  const [signed, algorithm, signature] = derChildren(readDer(der, derTags.sequence));
  const fields = derChildren(expectTag(signed, derTags.sequence));
  const [version, serial, innerAlgorithm, issuer, validity, subject, key, ...extensions] = fields;
  if (expectTag(version, versionTag).content[2] !== certificateVersion3)
    throw new CertificateError("expected version 3");
  for (const each of [algorithm, innerAlgorithm]) {
    const [identifier] = derChildren(expectTag(each, derTags.sequence));
    if (bytesToHex(expectTag(identifier, derTags.objectIdentifier).content) !== ecdsaWithSha256)
      throw new CertificateError("expected a signature by ECDSA with SHA-256");
  }
  const [notBefore, notAfter] = derChildren(expectTag(validity, derTags.sequence));
  const [keyAlgorithm, point] = derChildren(expectTag(key, derTags.sequence));
  if (bytesToHex(expectTag(keyAlgorithm, derTags.sequence).whole) !== ecPublicKeyOnP256)
    throw new CertificateError("expected a key on P-256");
  if (notBefore === undefined || notAfter === undefined) throw new CertificateError("a validity lacks its bounds");
  return {
    signedPart: signed!.whole,
    signature: compactSignature(bitStringOctets(expectTag(signature, derTags.bitString))),
    serialHex: bytesToHex(expectTag(serial, derTags.integer).content),
    issuer: expectTag(issuer, derTags.sequence).whole,
    subject: expectTag(subject, derTags.sequence).whole,
    notBefore: secondsOf(notBefore),
    notAfter: secondsOf(notAfter),
    publicKey: bitStringOctets(expectTag(point, derTags.bitString)),
    mayIssue: readExtensions(extensions.find(({ tag }) => tag === extensionsTag)),
  };
}

/** ECDSA on P-256 with SHA-256; both halves of the group are accepted, as the standards do. Any throw is `false`. */
export function verifyP256(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return p256.verify(signature, message, publicKey, { lowS: false, prehash: true });
  } catch {
    // The library throws for keys and signatures that are none: they verify nothing.
    return false;
  }
}

/**
 * Checks that each certificate was issued by the next, that the last holds one of `rootKeys`. Throws CertificateError with the reason.
 * Whether they hold at a time, `checkValidity` says.
 */
export function checkChain(chain: readonly Certificate[], rootKeys: readonly Uint8Array[]): void {
  const root = chain.at(-1);
  if (root === undefined || !rootKeys.some((key) => equalBytes(root.publicKey, key)))
    throw new CertificateError("the chain of certificates does not end at a trusted key");
  chain.forEach((certificate, index) => {
    const issuer = chain[index + 1] ?? certificate;
    if (!issuer.mayIssue) throw new CertificateError("a certificate was issued by one that may not issue any");
    if (!equalBytes(certificate.issuer, issuer.subject))
      throw new CertificateError("a certificate names another issuer");
    if (!verifyP256(certificate.signature, certificate.signedPart, issuer.publicKey))
      throw new CertificateError("a certificate's signature is not its issuer's");
  });
}

/** Throws CertificateExpired, or CertificateError for what is to hold later only. */
export function checkValidity(chain: readonly Certificate[], now: bigint): void {
  if (chain.some(({ notBefore }) => now < notBefore)) throw new CertificateError("a certificate is not valid yet");
  if (chain.some(({ notAfter }) => now > notAfter)) throw new CertificateExpired("a certificate has expired");
}
