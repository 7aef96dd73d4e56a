import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../chain/crypto/hash.ts";
import { secp256k1KeyPair } from "../../chain/crypto/sign.ts";
import vectors from "../../test/vectors/armor.json" with { type: "json" };
import { defaultCost, parseKeyFile, renderKeyFile, type Sealed, seal, unseal, WrongPassphrase } from "./keyfile.ts";

const quick = { n: 2, r: 1, p: 1 };
const privateKey = new Uint8Array(32).fill(7);

const localKey = (name: string, secret = privateKey) =>
  ({
    name,
    type: "local",
    publicKey: { scheme: "secp256k1", key: secp256k1KeyPair(secret).publicKey },
  }) as const;

async function sealedFile(name: string, passphrase: string, secret = privateKey) {
  const key = localKey(name, secret);
  return { ...key, secret: await seal(key, secret, passphrase, quick) };
}

async function open(text: string, passphrase: string): Promise<Uint8Array> {
  const file = parseKeyFile(text);
  return unseal(file, file.secret as Sealed, passphrase);
}

/** The file with its JSON changed and a checksum that fits again: what someone writes who knows the format. */
async function tampered(change: (json: Record<string, never>) => void): Promise<string> {
  const json = JSON.parse(renderKeyFile(await sealedFile("alice", "passphrase")));
  delete json.checksum;
  change(json);
  const checksum = Buffer.from(sha256(Buffer.from(JSON.stringify(json)))).toString("hex");
  return `${JSON.stringify({ ...json, checksum }, null, 2)}\n`;
}

const privateKeys = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => bytes.some((byte) => byte > 0) && bytes[0]! < 255);
const texts = fc.string({ unit: "grapheme", maxLength: 40 });

describe("a key's file", () => {
  it.each(vectors.files)("is what a second implementation writes from its description: $name", async (file) => {
    const parsed = parseKeyFile(file.file);
    expect(parsed.name).toBe(file.name);
    expect(renderKeyFile(parsed)).toBe(file.file);
    expect(Buffer.from(await open(file.file, file.passphrase)).toString("hex")).toBe(file.privateKey);
  });

  it("gives back any key under any passphrase and name, and under no other passphrase", async () => {
    const cases = fc.asyncProperty(privateKeys, texts, texts, texts, async (secret, name, passphrase, other) => {
      const text = renderKeyFile(await sealedFile(name, passphrase, secret));
      expect(Buffer.from(await open(text, passphrase))).toEqual(Buffer.from(secret));
      if (other.normalize("NFKC") === passphrase.normalize("NFKC")) return;
      await expect(open(text, other)).rejects.toBeInstanceOf(WrongPassphrase);
    });
    await fc.assert(cases, { numRuns: 200 });
  });

  it("opens however a keyboard composes the passphrase", async () => {
    const text = renderKeyFile(await sealedFile("alice", "p\u00e4ssword \u2460"));
    for (const typed of ["p\u00e4ssword \u2460", "pa\u0308ssword \u2460", "pa\u0308ssword 1"]) {
      expect(Buffer.from(await open(text, typed))).toEqual(Buffer.from(privateKey));
    }
  });

  it("costs a guess 128 MiB unless told otherwise", () => {
    expect(defaultCost).toEqual({ n: 131_072, r: 8, p: 1 });
  });

  it("has a salt and a nonce of its own", async () => {
    const [a, b] = [await sealedFile("alice", "passphrase"), await sealedFile("alice", "passphrase")];
    expect(a.secret.salt).not.toEqual(b.secret.salt);
    expect(a.secret.nonce).not.toEqual(b.secret.nonce);
  });

  it("is refused when it is cut off anywhere, or any byte of it is another", async () => {
    const text = Buffer.from(renderKeyFile(await sealedFile("alice", "passphrase")));
    for (let at = 0; at < text.length; at++) {
      expect(() => parseKeyFile(text.toString("utf8", 0, at)), `the first ${at} bytes`).toThrow();
      for (const bit of [1, 0x20]) {
        const changed = Buffer.from(text);
        changed[at]! ^= bit;
        expect(() => parseKeyFile(changed.toString("utf8")), `byte ${at}`).toThrow();
      }
    }
  });

  it("does not open when anything in it was exchanged, checksum and all", async () => {
    const other = Buffer.from(secp256k1KeyPair(new Uint8Array(32).fill(8)).publicKey).toString("base64");
    const changes: readonly ((json: Record<string, never>) => void)[] = [
      (json) => Object.assign(json, { name: "bob" }),
      (json) => Object.assign(json.pubkey!, { key: other }),
      (json) => Object.assign(json.kdf!, { n: 4 }),
      (json) => Object.assign(json.kdf!, { p: 2 }),
      (json) => Object.assign(json.kdf!, { salt: Buffer.alloc(32).toString("base64") }),
      (json) => Object.assign(json.cipher!, { nonce: Buffer.alloc(24).toString("base64") }),
      (json) => Object.assign(json, { ciphertext: Buffer.alloc(48).toString("base64") }),
    ];
    for (const change of changes) {
      await expect(open(await tampered(change), "passphrase")).rejects.toBeInstanceOf(WrongPassphrase);
    }
    expect(await open(await tampered(() => {}), "passphrase")).toHaveLength(32);
  });

  it.each([
    ["version 2", (json: object) => Object.assign(json, { version: 2 }), "it has version 2"],
    ["a type that is none", (json: object) => Object.assign(json, { type: "ledger" }), "its type is not"],
    ["no secret", (json: { kdf?: unknown }) => delete json.kdf, "its secret is missing"],
    [
      "an endless scrypt",
      (json: { kdf: object }) => Object.assign(json.kdf, { n: 2 ** 30 }),
      "its scrypt parameters are not within",
    ],
    [
      "n that is no power of two",
      (json: { kdf: object }) => Object.assign(json.kdf, { n: 3 }),
      "its scrypt parameters",
    ],
    ["a short salt", (json: { kdf: object }) => Object.assign(json.kdf, { salt: "AAAA" }), "does not hold 32 bytes"],
    ["a field more", (json: object) => Object.assign(json, { note: "hi" }), "does not match its checksum"],
  ])("is refused with %s", async (_what, change, reason) => {
    const text = await tampered(change as never);
    expect(() => parseKeyFile(text)).toThrow(reason);
  });

  it("never quotes what is not JSON: it may be a secret", () => {
    expect(() => parseKeyFile('"secret words"')).toThrow(/^it is not a JSON object$/);
    expect(() => parseKeyFile("secret words")).toThrow(/^it is cut off or not JSON$/);
  });
});
