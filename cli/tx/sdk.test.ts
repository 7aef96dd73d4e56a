/** The files that `simd` and `weir` exchange are the same, in both directions: transactions, and signatures alone. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { base64 } from "../../chain/base64.ts";
import type { MultisigKey, PublicKey } from "../../chain/crypto/publickey.ts";
import { secp256k1KeyPair } from "../../chain/crypto/sign.ts";
import { signBytes } from "../../chain/tx/signbytes.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import { type Keyring, openKeyring } from "../keyring/keyring.ts";
import { documentJson, documentOfBytes, documentOfJson } from "./document.ts";
import { readSignatures, signatureJson } from "./signaturefile.ts";
import { combine, sign } from "./signing.ts";
import { checkSigners, isMemberSignature } from "./verifying.ts";

interface SignedFile {
  readonly name: string;
  readonly mode: keyof typeof SignMode;
  readonly keys: readonly string[];
  readonly threshold: number;
  readonly accountNumber: string;
  readonly sequence: string;
  readonly unsigned: string;
  readonly signatures: readonly string[];
  readonly signed: string;
  readonly bytes: string;
}

const vectors: { readonly chainId: string; readonly files: readonly SignedFile[] } = JSON.parse(
  readFileSync(new URL("../../test/vectors/txjson.json", import.meta.url), "utf8"),
);

const unsignedOf = ({ unsigned, name }: SignedFile) => documentOfJson(JSON.parse(unsigned), name);
/** With the order of fields, which people read. */
const text = (json: unknown): string => JSON.stringify(json);
const termsOf = ({ accountNumber, sequence }: SignedFile) => ({
  chainId: vectors.chainId,
  accountNumber: BigInt(accountNumber),
  sequence: BigInt(sequence),
});

describe("the SDK's files", () => {
  let folder: string;
  let keyring: Keyring;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "weir-sdk-"));
    keyring = openKeyring({ home: folder, backend: "test", passphrase: async () => "" });
    const keys = new Set(vectors.files.flatMap((file) => file.keys));
    for (const key of keys) await keyring.addLocal(`k${key.slice(0, 8)}`, new Uint8Array(Buffer.from(key, "hex")));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const recordOf = (key: string) => keyring.get(`k${key.slice(0, 8)}`);
  const publicKeyOf = (key: string): PublicKey => ({
    scheme: "secp256k1",
    key: secp256k1KeyPair(new Uint8Array(Buffer.from(key, "hex"))).publicKey,
  });

  function signaturesOf(file: SignedFile) {
    return file.signatures.flatMap((signature, i) => {
      const path = join(folder, `${i}.json`);
      writeFileSync(path, signature);
      return readSignatures(path);
    });
  }

  it.each(vectors.files)("$name: are read and written byte for byte", (file) => {
    expect(text(documentJson(unsignedOf(file)))).toBe(text(JSON.parse(file.unsigned)));
    const signed = documentOfJson(JSON.parse(file.signed), file.name);
    expect(base64(signed.bytes)).toBe(file.bytes);
    expect(text(documentJson(documentOfBytes(signed.bytes)))).toBe(text(JSON.parse(file.signed)));
    for (const [i, signature] of signaturesOf(file).entries()) {
      expect(text(signatureJson(signature, BigInt(file.sequence)))).toBe(text(JSON.parse(file.signatures[i]!)));
    }
  });

  it.each(vectors.files.filter(({ threshold }) => threshold === 0))(
    "$name: are signed to the same bytes",
    async (file) => {
      const signing = { record: recordOf(file.keys[0]!), mode: SignMode[file.mode] as SignMode, terms: termsOf(file) };
      const signed = await sign(unsignedOf(file), keyring, [signing]);
      expect(base64(signed.bytes)).toBe(file.bytes);
      const [checked] = await checkSigners(signed, async () => termsOf(file));
      expect(checked).toEqual({ address: signing.record.address, problem: undefined });
      const [wrong] = await checkSigners(signed, async () => ({ ...termsOf(file), chainId: "another-1" }));
      expect(wrong!.problem).toContain("unable to verify");
    },
  );

  it.each(vectors.files.filter(({ threshold }) => threshold > 0))(
    "$name: are joined to the same bytes",
    async (file) => {
      const document = unsignedOf(file);
      const publicKey: MultisigKey = {
        scheme: "multisig",
        threshold: file.threshold,
        publicKeys: file.keys.map(publicKeyOf),
      };
      const given = signaturesOf(file);
      for (const member of given) expect(isMemberSignature(document, member, termsOf(file))).toBe(true);
      expect(isMemberSignature(document, given[0]!, { ...termsOf(file), sequence: 9n })).toBe(false);
      const multisig = { publicKey, sequence: BigInt(file.sequence) };
      expect(base64(combine(document, multisig, given).bytes)).toBe(file.bytes);
      expect(base64(combine(document, multisig, [...given].reverse()).bytes)).toBe(file.bytes);
      expect(() => combine(document, multisig, given.slice(1))).toThrow(/signatures needed/);
      const mode = SignMode.SIGN_MODE_LEGACY_AMINO_JSON;
      const own = file.keys.map(recordOf).find(({ publicKey: key }) => text(key) === text(given[0]!.publicKey))!;
      const made = await keyring.sign(own.name, signBytes(mode, document, termsOf(file)));
      expect(base64(made)).toBe(base64(given[0]!.signature));
    },
  );
});
