/** `weir tx encode`: from JSON to the bytes that are sent. */
import { base64 } from "../../chain/base64.ts";
import type { Command } from "../command.ts";
import { readDocument } from "../tx/document.ts";

export const command: Command = {
  name: "tx encode",
  positionals: ["FILE"],
  summary: "Prints a transaction's bytes in base64.",
  description: "FILE is the transaction's JSON; - is stdin.",
  flags: [],
  examples: ["weir tx encode signed.json"],
  async run({ positionals, answer }) {
    const text = base64(readDocument(positionals[0]!).bytes);
    answer(`${text}\n`, { tx: text });
    return 0;
  },
};
