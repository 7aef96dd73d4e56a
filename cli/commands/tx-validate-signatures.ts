/** `weir tx validate-signatures`: who must sign, who has, and whether it holds. */
import type { Command } from "../command.ts";
import { readDocument } from "../tx/document.ts";
import { signFlags } from "../tx/flags.ts";
import { openSession } from "../tx/session.ts";
import { checkSigners } from "../tx/verifying.ts";

export const command: Command = {
  name: "tx validate-signatures",
  positionals: ["FILE"],
  summary: "Says who must sign a transaction, who has, and whether each signature is good.",
  description:
    "With --offline only the places are checked, unless --chain-id, --account-number and --sequence are given.",
  flags: signFlags.filter(({ name }) => name !== "from" && name !== "sign-mode"),
  examples: ["weir tx validate-signatures signed.json", "weir tx validate-signatures signed.json --offline"],
  async run(invocation) {
    const session = await openSession(invocation);
    const document = readDocument(invocation.positionals[0]!);
    const isKnown = ["account-number", "sequence"].every((name) => invocation.flag(name) !== undefined);
    const verifies = session.node !== undefined || isKnown;
    const signers = await checkSigners(document, verifies ? session.terms : undefined);
    const good = verifies ? "good" : "signed, not verified";
    invocation.answer(signers.map(({ address, problem }) => `${address}  ${problem ?? good}\n`).join(""), {
      signers: signers.map(({ address, problem }) => ({ address, ok: problem === undefined, problem: problem ?? "" })),
    });
    return signers.every(({ problem }) => problem === undefined) ? 0 : 1;
  },
};
