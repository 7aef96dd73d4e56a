import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bech32Encoder } from "../../chain/bech32.ts";
import { publicKeyAddress } from "../../chain/crypto/publickey.ts";
import { secp256k1KeyPair } from "../../chain/crypto/sign.ts";
import vectors from "../../test/vectors/armor.json" with { type: "json" };
import { decodeArmor, encodeArmor } from "./asciiarmor.ts";
import { derivePrivateKey, hdPath, newMnemonic, readMnemonic } from "./derive.ts";
import { WrongPassphrase } from "./keyfile.ts";
import { decryptPrivateKey, encryptPrivateKey } from "./privatekeyarmor.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const named = (name: string) => vectors.refused.find((entry) => entry.name === name)!;

describe("ASCII armor", () => {
  it("is Go's, for every length of data", () => {
    for (const { data, armor } of vectors.blocks) {
      const block = { blockType: "DATA", headers: new Map([["a", "b c: d"]]), data: fromHex(data) };
      expect(encodeArmor(block)).toBe(armor);
      expect(decodeArmor(armor)).toEqual(block);
    }
  });

  it("survives mail: other line ends, words around it, spaces at the ends of lines", () => {
    const [{ armor, passphrase } = { armor: "", passphrase: "" }] = vectors.argon2;
    const mailed = `Here it is:\r\n${armor.replaceAll("\n", "  \r\n")}\r\n\r\nRegards\r\n`;
    expect(passphrase).toBe("12345678");
    expect(decodeArmor(mailed)).toEqual(decodeArmor(armor));
  });

  it("is refused when any character of it is lost, and the refusal shows nothing of it", () => {
    const { armor } = vectors.argon2[0]!;
    const body = armor.indexOf("\n\n") + 2;
    for (let at = body; at < armor.length - 1; at++) {
      const cut = armor.slice(0, at) + armor.slice(at + 1);
      // A line's end is not part of what is armored.
      if (armor[at] === "\n" && at < armor.indexOf("\n=")) continue;
      expect(() => decodeArmor(cut), `without character ${at}`).toThrow(/checksum|cut off/);
      expect(() => decodeArmor(armor.slice(0, at)), `the first ${at}`).toThrow(/cut off/);
    }
  });
});

describe("an exported private key", () => {
  it.each(vectors.argon2.slice(3))("is read as cosmos-sdk exports it: %#", async (entry) => {
    expect(hex(await decryptPrivateKey(entry.armor, entry.passphrase))).toBe(entry.privateKey);
  });

  // The last one is longer than bcrypt's 72 bytes.
  it.each(vectors.bcrypt.slice(4))("is read as older versions wrote it, under bcrypt: %#", async (entry) => {
    expect(hex(await decryptPrivateKey(entry.armor, entry.passphrase))).toBe(entry.privateKey);
  });

  it("is, byte for byte, what cosmos-sdk was seen to import", async () => {
    const entry = vectors.ours[2];
    expect(await encryptPrivateKey(fromHex(entry!.privateKey), entry!.passphrase, fromHex(entry!.salt))).toBe(
      entry!.armor,
    );
  });

  it("has another salt each time", async () => {
    const saltOf = async () => decodeArmor(await encryptPrivateKey(fromHex("01".repeat(32)), "x")).headers.get("salt");
    expect(await saltOf()).not.toBe(await saltOf());
  });

  it.each([
    ["wrong passphrase", "wrong passphrase"],
    ["wrong passphrase under bcrypt", "wrong passphrase"],
    ["another kdf", 'its kdf is "scrypt"; expected argon2 or bcrypt'],
    ["no salt", "it has no salt"],
    ["a public key", "it is a TENDERMINT PUBLIC KEY; expected a TENDERMINT PRIVATE KEY"],
    ["a changed character", "its checksum is wrong"],
    ["cut off", "it is cut off"],
  ])("is refused where cosmos-sdk refuses it: %s", async (name, reason) => {
    const { armor, passphrase } = named(name);
    const error: unknown = await decryptPrivateKey(armor, passphrase).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining(reason) });
    // Only a passphrase can be asked for again.
    expect(error instanceof WrongPassphrase).toBe(name.startsWith("wrong passphrase"));
  });

  it("of ed25519 is refused with the reason, also when its head says otherwise", async () => {
    const [armor = ""] = vectors.ed25519;
    await expect(decryptPrivateKey(armor, "12345678")).rejects.toThrow("ed25519 keys cannot sign for accounts");
    const { blockType, headers, data } = decodeArmor(armor);
    const honest = encodeArmor({ blockType, headers: new Map([...headers, ["type", "ed25519"]]), data });
    await expect(decryptPrivateKey(honest, "12345678")).rejects.toThrow("ed25519 keys cannot sign for accounts");
  });
});

describe("a mnemonic", () => {
  it.each(vectors.derived)("leads to cosmos-sdk's key and addresses: %#", async (entry) => {
    const { mnemonic, passphrase, path, privateKey, addresses } = entry;
    const derived = await derivePrivateKey(readMnemonic(mnemonic), passphrase, path);
    expect(hex(derived)).toBe(privateKey);
    const address = publicKeyAddress({ scheme: "secp256k1", key: secp256k1KeyPair(derived).publicKey });
    expect(bech32Encoder("cosmos")(address)).toBe(addresses.cosmos);
    expect(bech32Encoder("weir")(address)).toBe(addresses.weir);
  });

  it("may be typed with capitals and more spaces, and is otherwise exact", () => {
    const mnemonic = newMnemonic();
    expect(mnemonic.split(" ")).toHaveLength(24);
    expect(readMnemonic(`\n ${mnemonic.toUpperCase().replaceAll(" ", "  ")} `)).toBe(mnemonic);
  });

  it("is refused by the number of a word or the count of words, never by a word", () => {
    const words = "abandon ".repeat(11);
    expect(() => readMnemonic(`${words}secretword`)).toThrow("word 12 is not in BIP-39's English list");
    expect(() => readMnemonic(`${words}secretword`)).not.toThrow("secretword");
    expect(() => readMnemonic(`${words}abandon`)).toThrow("the 12 words do not belong together");
    expect(() => readMnemonic("")).toThrow("invalid mnemonic");
  });

  it("is refused whatever is typed that is none", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => readMnemonic(text)).toThrow("invalid mnemonic");
      }),
    );
  });

  it.each(["", "m", "m/", "44'/x", "m/44'/118'/0'/0/2147483648", "m/44h/1", "m//1", "m/-1", `m${"/1".repeat(17)}`])(
    "is followed along no path %j",
    async (path) => {
      await expect(derivePrivateKey(newMnemonic(), "", path)).rejects.toThrow("--hd-path");
    },
  );

  it("has BIP-44's path for account and index, in their bounds", () => {
    expect(hdPath(118, 0, 0)).toBe("m/44'/118'/0'/0/0");
    expect(hdPath(118, 3, 2_147_483_647)).toBe("m/44'/118'/3'/0/2147483647");
    for (const value of [-1, 0.5, Number.NaN, 2_147_483_648]) expect(() => hdPath(118, 0, value)).toThrow("--index");
  });
});
