/** Texts of the command line as fields of messages and queries. */
import { describe, expect, it } from "vitest";
import { consensusAddress } from "../chain/address.ts";
import { ed25519Address } from "../chain/crypto/hash.ts";
import { type Parsed, UsageError } from "./arguments.ts";
import { readFields } from "./fields.ts";

const typeName = "cosmos.slashing.v1beta1.QuerySigningInfoRequest";
const words = { typeName, positionals: ["cons_address"], flags: [] };

const read = (text: string) => {
  const parsed: Partial<Parsed> = { positionals: [text], flag: () => undefined, flags: () => [] };
  return readFields(words, parsed as Parsed, async (name) => name);
};

describe("a consensus address", () => {
  const key = new Uint8Array(32).fill(5);
  const address = consensusAddress.encode(ed25519Address(key));
  const keyJson = (type: string) => JSON.stringify({ "@type": type, key: Buffer.from(key).toString("base64") });

  it("is typed as it is", async () => {
    expect(await read(address)).toEqual({ consAddress: address });
  });

  it("may be the key itself, as simd takes it and `weir comet show-validator` prints it", async () => {
    expect(await read(keyJson("/cosmos.crypto.ed25519.PubKey"))).toEqual({ consAddress: address });
  });

  it.each([
    ["weir1xyz", /^CONS-ADDRESS weir1xyz: /],
    ["{", /^CONS-ADDRESS is no JSON/],
    [keyJson("/cosmos.crypto.none.PubKey"), /CONS-ADDRESS/],
    [keyJson("/cosmos.bank.v1beta1.MsgSend"), /CONS-ADDRESS/],
  ])("is refused when it is neither: %s", async (text, message) => {
    await expect(read(text)).rejects.toThrow(UsageError);
    await expect(read(text)).rejects.toThrow(message);
  });
});
