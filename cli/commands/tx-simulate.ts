/** `weir tx simulate`: what a transaction would take. */
import { NodeClient } from "../../node/chain/nodeclient.ts";
import type { Command } from "../command.ts";
import { readDocument } from "../tx/document.ts";
import { simulate } from "../tx/session.ts";

export const command: Command = {
  name: "tx simulate",
  positionals: ["FILE"],
  summary: "Says how much gas a transaction would use now.",
  description: "FILE is the transaction's JSON with its signers in place, signed or not; - is stdin. Nothing is sent.",
  flags: [],
  examples: ["weir tx simulate signed.json"],
  async run(invocation) {
    const document = readDocument(invocation.positionals[0]!);
    const { gasUsed } = await simulate(new NodeClient(invocation.flag("node") ?? ""), document.bytes);
    invocation.answer(`${invocation.look.number(String(gasUsed))} gas\n`, { gas_info: { gas_used: String(gasUsed) } });
    return 0;
  },
};
