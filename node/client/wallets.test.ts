import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { describe, expect, it } from "vitest";
import { decodeBech32 } from "../../chain/bech32.ts";
import { verifySignature } from "../../chain/crypto/verify.ts";
import { clientKeys, rootOfWords, wordsOfRoot } from "./wallets.ts";

const root = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const chain = "weir-devnet-1";

/** "abandon" 23 times and "art", as wallets' own tests have it. */
const zeroAccount = "cosmos1r5v5srda7xfth3hn2s26txvrcrntldjumt8mhl";
const addressBytesOf = (text: string): Uint8Array => decodeBech32(text).bytes;

describe("a client's keys", () => {
  it("are accounts that any Cosmos wallet finds by the words", async () => {
    const keys = await clientKeys(root, chain);
    const other = await DirectSecp256k1HdWallet.fromMnemonic(wordsOfRoot(root), { prefix: "weir" });
    const [account] = await other.getAccounts();
    expect(keys.wallet(0).address).toBe(account!.address);
    const addresses = Array.from({ length: 5 }, (_, index) => keys.wallet(index).address);
    expect(new Set(addresses).size).toBe(5);
    const zero = await clientKeys(new Uint8Array(32), chain);
    expect(addressBytesOf(zero.wallet(0).address)).toEqual(addressBytesOf(zeroAccount));
    expect(rootOfWords(` ${wordsOfRoot(root).toUpperCase().replaceAll(" ", "\n")} `)).toEqual(root);
  });

  it("sign, and are other ones for each wallet, session, purpose and chain", async () => {
    const keys = await clientKeys(root, chain);
    const { publicKey, sign } = keys.wallet(3);
    const message = new Uint8Array([1, 2, 3]);
    const check = { scheme: "secp256k1", publicKey, message, signature: await sign(message) } as const;
    expect(verifySignature(check)).toBe(true);
    const others = await clientKeys(root, "weir-1");
    const seeds = [
      keys.sessionSeed(3, 0),
      keys.sessionSeed(3, 1),
      keys.sessionSeed(4, 0),
      keys.linkIdentity(3, 0).seed,
      others.sessionSeed(3, 0),
    ].map((seed) => Buffer.from(seed).toString("hex"));
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(keys.sessionSeed(3, 1)).toEqual((await clientKeys(root, chain)).sessionSeed(3, 1));
  });

  it("are refused where there is no such wallet, or the words are others", async () => {
    const keys = await clientKeys(root, chain);
    expect(() => keys.wallet(-1)).toThrow("no wallet -1");
    expect(() => rootOfWords("abandon ".repeat(11).concat("about"))).toThrow("24 words");
    await expect(clientKeys(new Uint8Array(16), chain)).rejects.toThrow("32 bytes");
  });
});
