/** The question before something that cannot be taken back. Owns who may answer it: somebody at a terminal, or --yes. */
import { UsageError } from "./arguments.ts";
import type { Invocation } from "./command.ts";

export interface Matter {
  /** What will be done, for whoever is asked to read. */
  readonly words: string;
  readonly question: string;
  /** When the answer is no. */
  readonly otherwise: string;
}

/** Says what will be done, and asks unless --yes. */
export async function agrees(invocation: Invocation, { words, question, otherwise }: Matter): Promise<boolean> {
  invocation.say(words);
  if (invocation.has("yes")) return true;
  const { promptsOf } = await import("./keyring/flags.ts");
  const prompts = promptsOf(invocation);
  if (!prompts.isTerminal) {
    throw new UsageError("nobody is at a terminal to say yes: add --yes once the above is what you want");
  }
  if (await prompts.confirm(question)) return true;
  invocation.say(`${otherwise}\n`);
  return false;
}
