/** Public keys and multisigs against cosmos-sdk. */
import { describe, expect, it } from "vitest";
import { MultiSignature } from "../../proto/gen/cosmos/crypto/multisig/v1beta1/multisig.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import type { ModeInfo } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import vectors from "../../test/vectors/multisig.json" with { type: "json" };
import { ChainError } from "../errors.ts";
import { bitAt, bitCount, multisigMembers } from "./multisig.ts";
import {
  aminoPublicKey,
  countSingleKeys,
  type MultisigKey,
  type PublicKey,
  publicKeyAddress,
  publicKeyFromAny,
  publicKeyToAny,
} from "./publickey.ts";
import { verifySecp256k1 } from "./secp256k1.ts";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
const multisigUrl = "/cosmos.crypto.multisig.LegacyAminoPubKey";
const mode = SignMode.SIGN_MODE_LEGACY_AMINO_JSON;
const single: ModeInfo = { single: { mode } };

const keyNamed = (name: string): PublicKey => {
  const { typeUrl, value } = vectors.keys.find((key) => key.name === name)!;
  return publicKeyFromAny({ typeUrl, value: bytes(value) });
};

const multiMode = (extraBitsStored: number, elems: Uint8Array, modeInfos: ModeInfo[]): ModeInfo => ({
  multi: { bitarray: { extraBitsStored, elems }, modeInfos },
});

const signaturesOf = (signatures: Uint8Array[]): Uint8Array => MultiSignature.encode({ signatures }).finish();

describe("a public key", () => {
  it("has the SDK's amino bytes, address and protobuf, single, multisig or nested", () => {
    for (const { name, typeUrl, value, amino, address } of vectors.keys) {
      if (name === "threshold of two bytes") continue;
      const key = publicKeyFromAny({ typeUrl, value: bytes(value) });
      expect([name, hex(aminoPublicKey(key))]).toEqual([name, amino]);
      expect([name, hex(publicKeyAddress(key))]).toEqual([name, address]);
      expect([name, publicKeyToAny(key).typeUrl, hex(publicKeyToAny(key).value)]).toEqual([name, typeUrl, value]);
    }
  });

  it("has an address however many keys it nests", () => {
    const key: PublicKey = { scheme: "secp256k1", key: new Uint8Array(33).fill(2) };
    const nest = (publicKey: PublicKey): PublicKey => ({
      scheme: "multisig",
      threshold: 1,
      publicKeys: new Array(64).fill(publicKey),
    });
    const inner = aminoPublicKey(nest(key));
    expect(inner).toHaveLength(6 + 64 * (2 + 38));
    expect(aminoPublicKey(nest(nest(key)))).toHaveLength(6 + 64 * (3 + inner.length));
    expect(publicKeyAddress(nest(nest(key)))).toHaveLength(20);
  });

  it("counts the single keys in it", () => {
    expect(countSingleKeys(keyNamed("secp256k1"))).toBe(1);
    expect(countSingleKeys(keyNamed("2 of 5"))).toBe(5);
    expect(countSingleKeys(keyNamed("nested"))).toBe(3);
  });

  it("is refused in any other form", () => {
    const { typeUrl, value } = vectors.keys[0]!;
    const forms: [string, Uint8Array][] = [
      ["/cosmos.crypto.secp256r1.PubKey", bytes(value)],
      ["/cosmos.crypto.ed25519.PubKey", bytes(value)],
      [typeUrl, new Uint8Array()],
      [typeUrl, bytes(value).subarray(0, 34)],
      [typeUrl, Uint8Array.of(...bytes(value), 0)],
      [typeUrl, Uint8Array.of(0x12, ...bytes(value).subarray(1))],
      [typeUrl, Uint8Array.of(0x0a, 34, ...new Uint8Array(34))],
    ];
    for (const [url, data] of forms) {
      expect(() => publicKeyFromAny({ typeUrl: url, value: data })).toThrow(
        expect.objectContaining({ codespace: "sdk", code: 8 }),
      );
    }
  });

  it("of a multisig is refused with an impossible threshold, too many keys, too deep, or not canonical", () => {
    const key = publicKeyToAny(keyNamed("secp256k1"));
    const make = (threshold: number, count: number) =>
      publicKeyToAny({
        scheme: "multisig",
        threshold,
        publicKeys: new Array<PublicKey>(count).fill(keyNamed("secp256k1")),
      });
    expect(() => publicKeyFromAny(make(0, 1))).toThrow("threshold 0 of a multisig of 1 keys");
    expect(() => publicKeyFromAny(make(3, 2))).toThrow("threshold 3 of a multisig of 2 keys");
    expect(() => publicKeyFromAny(make(1, 65))).toThrow("a multisig of 65 keys, at most 64");
    expect(publicKeyFromAny(make(1, 64)).scheme).toBe("multisig");

    let nested: PublicKey = keyNamed("secp256k1");
    for (let depth = 0; depth < 4; depth++) nested = { scheme: "multisig", threshold: 1, publicKeys: [nested] };
    expect(publicKeyFromAny(publicKeyToAny(nested))).toEqual(nested);
    const deeper: PublicKey = { scheme: "multisig", threshold: 1, publicKeys: [nested] };
    expect(() => publicKeyFromAny(publicKeyToAny(deeper))).toThrow("nested deeper than 4");

    const good = make(1, 1).value;
    for (const value of [
      Uint8Array.of(...good, 0x18, 1),
      Uint8Array.of(0x08, 0x81, 0, ...good.subarray(2)),
      key.value,
      good.subarray(1),
    ]) {
      expect(() => publicKeyFromAny({ typeUrl: multisigUrl, value })).toThrow(ChainError);
    }
  });
});

describe("a bit array", () => {
  it("counts and shows its bits as the SDK's", () => {
    for (const { extraBitsStored, elems, count, text } of vectors.bitArrays) {
      const bits = { extraBitsStored, elems: bytes(elems) };
      expect(bitCount(bits)).toBe(count);
      const shown = Array.from({ length: count }, (_, i) => (bitAt(bits, i) ? "x" : "_")).join("");
      expect(`"${shown}"`).toBe(text);
    }
  });
});

/** What the SDK accepts or says otherwise, and we refuse with a reason of our own. */
const stricter: Record<string, string> = {
  "bits beyond the size": "bit array has bits set beyond its size",
  "eleven extra bits": "bit array stores 11 extra bits, at most 7",
  "more signatures than bits": "signature size is incorrect 3",
};

describe("a multisig's signatures", () => {
  it("are taken apart and refused as by the SDK, but for what is not canonical", () => {
    const message = bytes(vectors.message);
    for (const vector of vectors.checks) {
      const key = publicKeyFromAny({ typeUrl: multisigUrl, value: bytes(vector.key) }) as MultisigKey;
      const signatures = vector.signatures.map(bytes);
      const info = multiMode(
        vector.extraBitsStored,
        bytes(vector.elems),
        signatures.map(() => single),
      );
      const verify = (): string => {
        const members = multisigMembers(key, signaturesOf(signatures), info);
        expect(members.every((member) => member.mode === mode)).toBe(true);
        const bad = members.findIndex(
          ({ publicKey, signature }) => !verifySecp256k1(publicKey.key, signature, message),
        );
        return bad < 0 ? "" : `unable to verify signature at index ${bad}`;
      };
      const expected = stricter[vector.name] ?? vector.error;
      if (expected === "" || expected.startsWith("unable to verify"))
        expect([vector.name, verify()]).toEqual([vector.name, expected]);
      else expect(verify).toThrow(expect.objectContaining({ codespace: "sdk", code: 4, message: expected }));
    }
  });

  it("of nested multisigs yield the single keys in order", () => {
    const key = keyNamed("nested") as MultisigKey;
    const inner = key.publicKeys[0] as MultisigKey;
    const [first, second] = [new Uint8Array(64).fill(1), new Uint8Array(64).fill(2)];
    const innerInfo = multiMode(2, Uint8Array.of(0b0100_0000), [single]);
    const info = multiMode(2, Uint8Array.of(0b1100_0000), [innerInfo, single]);
    expect(multisigMembers(key, signaturesOf([signaturesOf([first]), second]), info)).toEqual([
      { publicKey: inner.publicKeys[1], signature: first, mode },
      { publicKey: key.publicKeys[1], signature: second, mode },
    ]);
    const flat = multiMode(2, Uint8Array.of(0b1100_0000), [single, single]);
    expect(() => multisigMembers(key, signaturesOf([first, second]), flat)).toThrow("needs a multi mode info");
    const odd = multiMode(2, Uint8Array.of(0b1100_0000), [innerInfo, innerInfo]);
    expect(() => multisigMembers(key, signaturesOf([signaturesOf([first]), second]), odd)).toThrow(
      "unable to parse pubkey of index 1",
    );
  });

  it("are refused when modes and signatures differ in number, or the protobuf is not canonical", () => {
    const key = keyNamed("1 of 2") as MultisigKey;
    const info = multiMode(2, Uint8Array.of(0b1000_0000), [single]);
    const one = signaturesOf([new Uint8Array(64)]);
    expect(multisigMembers(key, one, info)).toHaveLength(1);
    expect(() => multisigMembers(key, signaturesOf([]), info)).toThrow("expected 1 multisig signatures, got 0");
    expect(() => multisigMembers(key, Uint8Array.of(...one, 0x10, 1), info)).toThrow("not canonical protobuf");
    expect(() => multisigMembers(key, one.subarray(0, 30), info)).toThrow("not canonical protobuf");
    expect(() => multisigMembers(key, one, single)).toThrow("needs a multi mode info with a bit array");
    expect(() => multisigMembers(key, one, { multi: { bitarray: undefined, modeInfos: [single] } })).toThrow(
      "bit array",
    );
  });
});
