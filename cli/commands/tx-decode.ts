/** `weir tx decode`: from bytes to JSON. */
import { existsSync } from "node:fs";
import { parseBase64 } from "../../chain/base64.ts";
import { ChainError } from "../../chain/errors.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { documentJson, documentOfBytes, readText, type TxDocument } from "../tx/document.ts";

export const command: Command = {
  name: "tx decode",
  positionals: ["TEXT"],
  summary: "Prints a transaction's bytes as JSON.",
  description:
    "TEXT is base64 or hex, as it stands, in a file of this name, or from stdin with -. Only what the chain would take is decoded.",
  flags: [{ name: "hex", short: "x", help: "it is hex" }],
  examples: ["weir tx decode CpABCo0BChwvY29zbW9z…", "weir tx decode signed.txt"],
  async run({ positionals, has, answer }) {
    const [given = ""] = positionals;
    const text = (given === "-" || existsSync(given) ? readText(given) : given).trim();
    const json = documentJson(decode(bytesOf(text, has("hex"))));
    answer(`${JSON.stringify(json, null, 2)}\n`, json);
    return 0;
  },
};

function bytesOf(text: string, isHex: boolean): Uint8Array {
  const hex = /^(?:0x)?((?:[0-9a-fA-F]{2})*)$/.exec(text)?.[1];
  if (hex !== undefined && (isHex || text.startsWith("0x"))) return new Uint8Array(Buffer.from(hex, "hex"));
  const bytes = isHex ? undefined : parseBase64(text);
  if (bytes === undefined) throw new UsageError(`that is neither ${isHex ? "hex" : "base64"} nor a file`);
  return bytes;
}

function decode(bytes: Uint8Array): TxDocument {
  try {
    return documentOfBytes(bytes);
  } catch (error) {
    if (error instanceof ChainError) throw new Error(`the chain would not take it: ${error.message}`);
    throw error;
  }
}
