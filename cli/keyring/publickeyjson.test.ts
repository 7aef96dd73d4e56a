import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { multisigKeysMax, type PublicKey } from "../../chain/crypto/publickey.ts";
import vectors from "../../test/vectors/armor.json" with { type: "json" };
import { multisigOf, publicKeyFromJson, publicKeyToJson } from "./publickeyjson.ts";

const single = fc
  .tuple(fc.constantFrom(2, 3), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([sign, x]): PublicKey => ({ scheme: "secp256k1", key: Uint8Array.of(sign, ...x) }));
const multisig = fc
  .array(single, { minLength: 1, maxLength: 7 })
  .chain((keys) => fc.integer({ min: 1, max: keys.length }).map((threshold) => multisigOf(threshold, keys)));

describe("a public key's JSON", () => {
  it("is the SDK's", () => {
    for (const { pubkey } of vectors.shown) {
      expect(JSON.stringify(publicKeyToJson(publicKeyFromJson(JSON.parse(pubkey))))).toBe(pubkey);
    }
  });

  it("gives back every key and every multisig", () => {
    fc.assert(
      fc.property(fc.oneof(single, multisig), (key) => {
        expect(publicKeyFromJson(JSON.parse(JSON.stringify(publicKeyToJson(key))))).toEqual(key);
      }),
    );
  });

  it("is refused with a reason when it is anything else", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(() => publicKeyFromJson(json)).toThrow(/a public key/);
      }),
    );
    const key = publicKeyToJson({ scheme: "secp256k1", key: Uint8Array.of(2, ...new Uint8Array(32)) });
    const team = { "@type": "/cosmos.crypto.multisig.LegacyAminoPubKey", threshold: 1, public_keys: [key] };
    const cases: readonly (readonly [object, string])[] = [
      [{ ...key, key: "AAAA" }, "33 bytes that begin with 02 or 03"],
      [{ ...key, key: Buffer.alloc(33, 4).toString("base64") }, "33 bytes that begin with 02 or 03"],
      [{ ...key, key: 5 }, "33 bytes"],
      [{ ...team, threshold: 2 }, "threshold k of n multisignature: 1 < 2"],
      [{ ...team, threshold: 0.5 }, "threshold must be a positive integer"],
      [{ ...team, public_keys: undefined }, "no list of public_keys"],
      [{ ...team, public_keys: [team] }, "expected /cosmos.crypto.secp256k1.PubKey"],
      [{ ...team, public_keys: new Array(multisigKeysMax + 1).fill(key) }, "at most 64"],
    ];
    for (const [json, reason] of cases) expect(() => publicKeyFromJson(json)).toThrow(reason);
  });
});
