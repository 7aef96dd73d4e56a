/** Names of keys in place of addresses. Owns nothing of the keyring, which is loaded only when a name has to be looked up. */
import type { FlagSpec } from "./arguments.ts";
import type { Invocation } from "./command.ts";
import type { Keyring } from "./keyring/keyring.ts";

/** The keyring's own flags, without loading it. */
export const keyFlags: readonly FlagSpec[] = [
  { name: "keyring-backend", value: "file|test", help: "which keyring holds the keys", default: "file" },
  { name: "keyring-dir", value: "DIR", help: "folder of the keyring (default --home)" },
  { name: "passphrase-file", value: "FILE", help: "its first line is the keyring's passphrase" },
];

const opened = new WeakMap<Invocation, Promise<Keyring>>();

/** One keyring for a command, so that its passphrase is asked for once. */
export function keyringFor(invocation: Invocation): Promise<Keyring> {
  const known = opened.get(invocation) ?? open(invocation);
  opened.set(invocation, known);
  return known;
}

/** One that is open already: a daemon's commands open it together with the keys of machines. */
export const useKeyring = (invocation: Invocation, keyring: Keyring): void => {
  opened.set(invocation, Promise.resolve(keyring));
};

async function open(invocation: Invocation): Promise<Keyring> {
  const { keyringOf, standardPrompts } = await import("./keyring/flags.ts");
  return keyringOf(invocation, invocation.prompts ?? standardPrompts(invocation));
}

/** Undefined when no key has the name. */
export async function addressOfKey(invocation: Invocation, name: string): Promise<string | undefined> {
  const keyring = await keyringFor(invocation);
  return keyring.has(name) ? keyring.get(name).address : undefined;
}
