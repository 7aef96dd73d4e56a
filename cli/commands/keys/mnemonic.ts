/** `weir keys mnemonic`: words for a key that is made elsewhere. Keeps nothing. */
import type { Command } from "../../command.ts";
import { mnemonicOfEntropy, newMnemonic } from "../../keyring/derive.ts";
import { promptsOf } from "../../keyring/flags.ts";

/** 256 bits in base64. */
const entropyLengthMin = 43;

export const command: Command = {
  name: "keys mnemonic",
  positionals: [],
  summary: "Makes a mnemonic, without a key.",
  flags: [
    { name: "unsafe-entropy", help: "ask for randomness of your own, instead of the system's" },
    { name: "yes", short: "y", help: "do not ask" },
  ],
  examples: ["weir keys mnemonic"],
  async run(invocation) {
    const mnemonic = invocation.has("unsafe-entropy")
      ? await fromEntropy(promptsOf(invocation), invocation.has("yes"))
      : newMnemonic();
    invocation.answer(`${mnemonic}\n`, { mnemonic });
    return 0;
  },
};

async function fromEntropy(prompts: ReturnType<typeof promptsOf>, isSure: boolean): Promise<string> {
  const entropy =
    (await prompts.secret("WARNING: Generate at least 256 bits of entropy and enter the results here:")) ?? "";
  const { length } = Buffer.from(entropy);
  if (length < entropyLengthMin) {
    throw new Error(
      `256-bits is 43 characters in Base-64, and 100 in Base-6. You entered ${length}, and probably want more`,
    );
  }
  if (!isSure && !(await prompts.confirm(`Input length: ${length}. Continue?`))) {
    throw new Error("no mnemonic was made: it takes a y, or --yes");
  }
  return mnemonicOfEntropy(entropy);
}
