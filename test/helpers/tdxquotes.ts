/**
 * TDX quotes as a platform of ours would make them: the published one has its report data for ever, and Intel's keys are Intel's. Owns a root,
 * a platform and an enclave's key, and writes all that the format asks for around them; only a verifier that trusts the root believes it.
 */
import { p256 } from "@noble/curves/nist.js";
import { concatBytes, hexToBytes, numberToBytesBE } from "@noble/curves/utils.js";
import { sha256 } from "../../chain/crypto/hash.ts";

const encoder = new TextEncoder();
const secretOf = (name: string): Uint8Array => sha256(encoder.encode(name));
const rootSecret = secretOf("root of test quotes");
const platformSecret = secretOf("platform of test quotes");
const enclaveSecret = secretOf("enclave of test quotes");

/** What a verifier has to trust, 65 bytes. */
export const testRoot: Uint8Array = p256.getPublicKey(rootSecret, false);

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts);
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return concatBytes(Uint8Array.of(tag, ...head), content);
}

const integer = (bytes: Uint8Array): Uint8Array => {
  const first = bytes.findIndex((byte) => byte !== 0);
  const least = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  return der(0x02, least[0]! >= 128 ? concatBytes(Uint8Array.of(0), least) : least);
};
const bits = (bytes: Uint8Array): Uint8Array => der(0x03, Uint8Array.of(0), bytes);
const sign = (secret: Uint8Array, message: Uint8Array): Uint8Array =>
  p256.sign(message, secret, { prehash: true, lowS: false, format: "compact" });
const ecdsa = hexToBytes("300a06082a8648ce3d040302");
const keyAlgorithm = hexToBytes("301306072a8648ce3d020106082a8648ce3d030107");
const name = (text: string): Uint8Array =>
  der(0x30, der(0x31, der(0x30, hexToBytes("0603550403"), der(0x0c, encoder.encode(text)))));
const authority = hexToBytes("300f0603551d130101ff040530030101ff");
const usage = hexToBytes("300e0603551d0f0101ff040403020106");
const utcTime = (seconds: bigint): Uint8Array => {
  const digits = new Date(Number(seconds) * 1000).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(0x17, encoder.encode(`${digits}Z`));
};

interface Named {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly key: Uint8Array;
  readonly by: Uint8Array;
  readonly mayIssue: boolean;
}

function certificate(
  { subject, issuer, serial, key, by, mayIssue }: Named,
  span: readonly [bigint, bigint],
): Uint8Array {
  const signed = der(
    0x30,
    der(0xa0, der(0x02, Uint8Array.of(2))),
    integer(hexToBytes(serial)),
    ecdsa,
    name(issuer),
    der(0x30, utcTime(span[0]), utcTime(span[1])),
    name(subject),
    der(0x30, keyAlgorithm, bits(key)),
    der(0xa3, der(0x30, ...(mayIssue ? [authority, usage] : []))),
  );
  const compact = sign(by, signed);
  return der(0x30, signed, ecdsa, bits(der(0x30, integer(compact.subarray(0, 32)), integer(compact.subarray(32)))));
}

const pem = (bytes: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString("base64")}\n-----END CERTIFICATE-----\n`;
const little = (value: number, octets: number): Uint8Array => numberToBytesBE(BigInt(value), octets).reverse();

export const testSerials = { platform: "a1b2c3", root: "7f" } as const;

export interface QuoteOptions {
  readonly reportData: Uint8Array;
  /** Seconds since 1970. */
  readonly notBefore?: bigint;
  readonly notAfter?: bigint;
  readonly measurement?: Uint8Array;
  readonly platformSerial?: string;
}

export const testValidity = { notBefore: 1_600_000_000n, notAfter: 2_400_000_000n } as const;

/** A quote of version 4 that binds `reportData`. */
export function makeQuote(options: QuoteOptions): Uint8Array {
  const { reportData, measurement = new Uint8Array(48).fill(5), platformSerial = testSerials.platform } = options;
  const span = [options.notBefore ?? testValidity.notBefore, options.notAfter ?? testValidity.notAfter] as const;
  const root = {
    subject: "root",
    issuer: "root",
    serial: testSerials.root,
    key: testRoot,
    by: rootSecret,
    mayIssue: true,
  };
  const platformKey = p256.getPublicKey(platformSecret, false);
  const platform = {
    subject: "platform",
    issuer: "root",
    serial: platformSerial,
    key: platformKey,
    by: rootSecret,
    mayIssue: false,
  };
  const chain = encoder.encode(
    pem(certificate(platform, span)) + pem(certificate(root, [testValidity.notBefore, testValidity.notAfter])),
  );
  const attested = p256.getPublicKey(enclaveSecret, false).subarray(1);
  const authentication = new Uint8Array(32).fill(9);
  const enclave = new Uint8Array(384);
  enclave.set(hexToBytes("dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5"), 128);
  enclave[256] = 2;
  enclave.set(sha256(concatBytes(attested, authentication)), 320);
  const header = concatBytes(
    little(4, 2),
    little(2, 2),
    little(0x81, 4),
    new Uint8Array(4),
    hexToBytes("939a7233f79c4ca9940a0db3957f0607"),
    new Uint8Array(20),
  );
  const body = new Uint8Array(584);
  body.set(measurement, 136);
  body.set(reportData, 520);
  const signed = concatBytes(header, body);
  const certification = concatBytes(
    enclave,
    sign(platformSecret, enclave),
    little(authentication.length, 2),
    authentication,
    little(5, 2),
    little(chain.length, 4),
    chain,
  );
  const signature = concatBytes(
    sign(enclaveSecret, signed),
    attested,
    little(6, 2),
    little(certification.length, 4),
    certification,
  );
  return concatBytes(signed, little(signature.length, 4), signature);
}
