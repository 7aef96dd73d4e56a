/** `weir tx gov draft`: asks what to propose and writes the file that `weir tx gov submit-proposal` reads. */
import { existsSync, writeFileSync } from "node:fs";
import { proposalFileJson } from "../../modules/gov/index.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { draft } from "../governance/drafting.ts";
import { promptsOf } from "../keyring/flags.ts";

const fileDefault = "proposal.json";

export const command: Command = {
  name: "tx gov draft",
  positionals: ["[FILE]"],
  summary: "Asks what to propose, and writes a proposal's file. Nothing is signed or sent.",
  description:
    "A text, changed parameters (all others are asked from the node and kept), a payment from the community pool, or any messages.\n" +
    `The file is ${fileDefault} unless named. Answers may come from a pipe, a line each.`,
  flags: [{ name: "force", help: "write over a file that is there" }],
  examples: ["weir tx gov draft", "weir tx gov draft lower-inflation.json"],
  async run(invocation) {
    const path = invocation.positionals[0] ?? fileDefault;
    if (existsSync(path) && !invocation.has("force"))
      throw new UsageError(`${path} is there already: name another, or --force`);
    const node = new NodeClient(invocation.flag("node") ?? "");
    const file = await draft({ prompts: promptsOf(invocation), node, say: invocation.say });
    const json = proposalFileJson(file);
    writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`);
    invocation.answer(
      `Written to ${path}. Try it out with \`weir query gov simulate ${path}\`, propose it with \`weir tx gov submit-proposal ${path}\`.\n`,
      json,
    );
    return 0;
  },
};
