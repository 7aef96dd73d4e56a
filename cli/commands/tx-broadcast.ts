/** `weir tx broadcast`: sends a signed transaction. */
import { NodeClient } from "../../node/chain/nodeclient.ts";
import type { Command } from "../command.ts";
import { broadcast } from "../tx/broadcast.ts";
import { readDocument } from "../tx/document.ts";
import { sendFlags } from "../tx/flags.ts";

export const command: Command = {
  name: "tx broadcast",
  positionals: ["FILE"],
  summary: "Sends a signed transaction to the node.",
  description: "FILE is the transaction's JSON; - is stdin.",
  flags: sendFlags.filter(({ name }) => name === "broadcast-mode"),
  examples: ["weir tx broadcast signed.json", "weir tx broadcast signed.json --broadcast-mode commit"],
  async run(invocation) {
    const { bytes } = readDocument(invocation.positionals[0]!);
    return broadcast(invocation, new NodeClient(invocation.flag("node") ?? ""), bytes);
  },
};
