/**
 * The certificate by which a machine shows its key in TLS: signed by itself, of that key alone, valid for ever. Who looks at it compares the
 * key with the chain's and reads nothing else, so all the other fields are the same for everybody. Owns its bytes; does not own what TLS does.
 */
import { createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { derTags } from "../../chain/crypto/der.ts";
import type { Identity } from "./transport.ts";

const ed25519Oid = Buffer.from([0x2b, 0x65, 0x70]);
const commonNameOid = Buffer.from([0x55, 0x04, 0x03]);
const setTag = 0x31;
const utf8StringTag = 0x0c;
/** [0], constructed. */
const versionTag = 0xa0;
/** Version 3 is written as 2. */
const version3 = 2;
/** The date that means "without end" (RFC 5280, 4.1.2.5). */
const noEnd = "99991231235959Z";
const beginning = "700101000000Z";
const everybody = "weir";
/** What stands before the 32 bytes of a seed in PKCS #8. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
export const ed25519KeyLength = 32;

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const lengths = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...lengths]), content]);
}

const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value, "latin1"));
const bitString = (bytes: Uint8Array): Buffer => der(derTags.bitString, Buffer.from([0]), bytes);

export const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });

/** In PEM, as TLS wants it. */
export function certificateOf({ publicKey, seed }: Identity): string {
  const algorithm = der(derTags.sequence, der(derTags.objectIdentifier, ed25519Oid));
  const name = der(
    derTags.sequence,
    der(setTag, der(derTags.sequence, der(derTags.objectIdentifier, commonNameOid), text(utf8StringTag, everybody))),
  );
  const signed = der(
    derTags.sequence,
    der(versionTag, der(derTags.integer, Buffer.from([version3]))),
    der(derTags.integer, Buffer.from([1])),
    algorithm,
    name,
    der(derTags.sequence, text(derTags.utcTime, beginning), text(derTags.generalizedTime, noEnd)),
    name,
    der(derTags.sequence, algorithm, bitString(publicKey)),
  );
  const signature = sign(null, signed, privateKeyOf(seed));
  const whole = der(derTags.sequence, signed, algorithm, bitString(signature));
  return new X509Certificate(whole).toString();
}

/** The ed25519 key of a peer's certificate; undefined where it has another kind of key, or none. */
export function keyOfCertificate(certificate: X509Certificate | undefined): Uint8Array | undefined {
  const key = certificate?.publicKey;
  if (key?.asymmetricKeyType !== "ed25519") return undefined;
  const { x } = key.export({ format: "jwk" });
  return x === undefined ? undefined : Uint8Array.from(Buffer.from(x, "base64url"));
}
