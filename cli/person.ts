/** Whoever typed the command: asking a question on the terminal. Owns the words of no question. */
import { createInterface } from "node:readline/promises";
import { Interrupted } from "./arguments.ts";

export interface Person {
  /** Whether somebody is there to answer. */
  readonly isPresent: boolean;
  /** Whether what is said is seen on a terminal, where it may have colours. */
  readonly sees: boolean;
  ask(question: string): Promise<string>;
}

export const atTerminal: Person = {
  get isPresent() {
    return process.stdin.isTTY === true && process.stderr.isTTY === true;
  },
  get sees() {
    return process.stdout.isTTY === true;
  },
  async ask(question) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const interrupted = new Promise<never>((_, reject) => {
      lines.on("SIGINT", () => reject(new Interrupted("interrupted; nothing was sent")));
      lines.on("close", () => reject(new Interrupted("the input ended; nothing was sent")));
    });
    // Closing after the answer settles nobody's wait.
    interrupted.catch(() => {});
    try {
      return await Promise.race([lines.question(question), interrupted]);
    } finally {
      lines.close();
    }
  },
};

const yes = /^y(es)?$/i;

/** Only a clear yes is one. */
export const confirms = async (person: Person, question: string): Promise<boolean> =>
  yes.test((await person.ask(`${question} [y/N] `)).trim());
