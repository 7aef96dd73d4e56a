/** The keyring that the flags of cli/keys.ts mean. Owns where the passphrase comes from. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../arguments.ts";
import type { Invocation } from "../command.ts";
import { backends, type Keyring, type KeyringOptions, openKeyring, type PassphraseQuestion } from "./keyring.ts";
import { type Prompts, promptsOn } from "./prompt.ts";

/** How often a wrong passphrase can be mended where somebody is there to mend it. */
export const attemptsOnTerminal = 3;
const passphraseFileBytesMax = 65_536;

/** Stdin may be asked by several parts of a command, and a pipe holds the answers to all. */
let standard: Prompts | undefined;

export function standardPrompts({ say }: Pick<Invocation, "say">): Prompts {
  standard ??= promptsOn(process.stdin, say);
  return standard;
}

/** The one argument of a command that makes a key. What else stands on the line may be a secret, and is not repeated. */
export function onlyName({ positionals }: Invocation, command: string): string {
  const [name, ...more] = positionals;
  if (name !== undefined && more.length === 0) return name;
  const found = name === undefined ? "none" : `${positionals.length} arguments`;
  const hint =
    more.length > 0 ? ". Secrets are asked for, and never typed on the line, where others can read them" : "";
  throw new UsageError(`weir ${command} takes NAME, and was given ${found}${hint}`);
}

export const promptsOf = (invocation: Invocation): Prompts => invocation.prompts ?? standardPrompts(invocation);

/** The keyring of the flags; nothing is read or asked yet. */
export const keyringOf = (invocation: Invocation, prompts: Prompts = promptsOf(invocation)): Keyring =>
  openKeyring(keyringOptionsOf(invocation, prompts));

const credentialName = "weir-passphrase";

/** Of a unit's LoadCredential= or LoadCredentialEncrypted=, which systemd puts where only the service can read it. */
function credentialFile({ environment }: Invocation): string | undefined {
  const folder = environment.CREDENTIALS_DIRECTORY;
  const path = folder === undefined ? undefined : join(folder, credentialName);
  return path !== undefined && existsSync(path) ? path : undefined;
}

export function keyringOptionsOf(invocation: Invocation, prompts: Prompts = promptsOf(invocation)): KeyringOptions {
  const named = invocation.flag("keyring-backend");
  const backend = backends.find((known) => known === named);
  if (backend === undefined) {
    throw new UsageError(`--keyring-backend ${named}: expected ${backends.join(" or ")}`);
  }
  if (backend === "test") {
    invocation.say("keyring-backend test: private keys are not encrypted; never keep anything of value in them.\n");
  }
  const file = invocation.flag("passphrase-file") ?? credentialFile(invocation);
  return {
    home: invocation.flag("keyring-dir") ?? invocation.home.folder,
    backend,
    attempts: file === undefined && prompts.isTerminal ? attemptsOnTerminal : 1,
    passphrase: async (question) =>
      file === undefined ? ask(invocation, prompts, question) : readPassphrase(file, invocation.say),
  };
}

async function ask(
  { say }: Invocation,
  prompts: Prompts,
  { purpose, attempt, problem }: PassphraseQuestion,
): Promise<string> {
  if (problem !== undefined) say(`${problem}\n`);
  const answer =
    purpose === "new"
      ? await prompts.newSecret("Passphrase for the new keyring:")
      : await prompts.secret(`Keyring passphrase (attempt ${attempt} of ${attemptsOnTerminal}):`);
  if (answer !== undefined) return answer;
  throw new Error("no passphrase was given: type it, give it on stdin, or name a file with --passphrase-file");
}

function readPassphrase(path: string, say: (text: string) => void): string {
  const { mode, size } = statSync(path);
  if (size > passphraseFileBytesMax) throw new Error(`${path} has ${size} bytes: is it a passphrase?`);
  if ((mode & 0o007) !== 0) say(`warning: every user of this machine can read ${path}: chmod 600 it\n`);
  const [first = ""] = readFileSync(path, "utf8").split(/\r?\n/);
  if (first === "") throw new Error(`${path} has no passphrase in its first line`);
  return first;
}
