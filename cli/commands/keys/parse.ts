/** `weir keys parse`: the same address in hexadecimal and in bech32 with each prefix. */
import { accountAddress } from "../../../chain/address.ts";
import { bech32Encoder, decodeBech32 } from "../../../chain/bech32.ts";
import type { Command } from "../../command.ts";

const bytesMax = 255;

export const command: Command = {
  name: "keys parse",
  positionals: ["HEX_OR_BECH32"],
  summary: "Converts an address between hexadecimal and bech32.",
  flags: [],
  examples: ["weir keys parse weir1…", "weir keys parse 2C456701EFCFBD32B9F55160A8D73F5DBD2C8F64"],
  async run({ positionals, answer }) {
    const text = (positionals[0] ?? "").trim();
    const parsed = parseBech32(text);
    if (parsed !== undefined) {
      answer(`prefix  ${parsed.human}\nbytes   ${parsed.bytes}\n`, parsed);
      return 0;
    }
    if (text === "" || text.length > 2 * bytesMax || !/^([0-9A-Fa-f]{2})+$/.test(text)) {
      throw new Error("couldn't find valid bech32 nor hex data");
    }
    const formats = encodings(Buffer.from(text, "hex"));
    answer(formats.map((format) => `${format}\n`).join(""), { formats });
    return 0;
  },
};

function parseBech32(text: string): { human: string; bytes: string } | undefined {
  try {
    const { prefix, bytes } = decodeBech32(text);
    return { human: prefix, bytes: Buffer.from(bytes).toString("hex").toUpperCase() };
  } catch {
    // Then it may be hexadecimal.
    return undefined;
  }
}

/** Account, validator and consensus node, each as an address and as the key that addresses once stood beside. */
function encodings(bytes: Uint8Array): string[] {
  const { prefix } = accountAddress;
  const prefixes = ["", "pub", "valoper", "valoperpub", "valcons", "valconspub"].map((kind) => `${prefix}${kind}`);
  return prefixes.map((each) => bech32Encoder(each)(bytes));
}
