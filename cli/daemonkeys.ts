/**
 * The keys that a daemon needs, of its home: the account that signs its transactions, and the keys by which other machines know it. Owns that the
 * passphrase is asked for once, and that what was opened stays in memory while the process runs, never in a log or an argument.
 */
import { randomBytes } from "node:crypto";
import { type AccountSigner, signerOf } from "../node/chain/signer.ts";
import type { Identity } from "../node/transport/transport.ts";
import type { Invocation } from "./command.ts";
import { keyringOptionsOf } from "./keyring/flags.ts";
import { type Keyring, type KeyringOptions, openKeyring, type PassphraseQuestion } from "./keyring/keyring.ts";
import { type MachineKeys, machineKeys } from "./keyring/machinekeys.ts";

/** Seeds of ed25519 and of the beacon's VRF are both these. */
const seedBytes = 32;

export interface DaemonKeys {
  readonly keyring: Keyring;
  readonly machines: MachineKeys;
  /** Opens the account of the name, once. */
  signer(name: string): Promise<AccountSigner>;
  /** Opens a machine's key: "relay-transport", "oracle-transport", "oracle-vrf". */
  machine(name: string): Promise<Identity>;
  /** Makes it where there is none; its public key. */
  makeMachine(name: string): Promise<Uint8Array>;
}

export function openDaemonKeys(invocation: Invocation): DaemonKeys {
  const options = askedOnce(keyringOptionsOf(invocation));
  const keyring = openKeyring(options);
  const machines = machineKeys(options);
  return {
    keyring,
    machines,
    async signer(name) {
      if (!keyring.has(name)) {
        throw new Error(
          `there is no key ${name} in ${keyring.folder}: make one with \`weir keys add ${name} --home ${options.home}\`, ` +
            "or name another in operator_key",
        );
      }
      return signerOf(await keyring.exportPrivateKey(name));
    },
    machine: (name) => machines.open(name),
    makeMachine: async (name) =>
      machines.has(name) ? machines.publicKey(name) : machines.add(name, Uint8Array.from(randomBytes(seedBytes))),
  };
}

/** A passphrase that was right for one key is tried for all; one that was wrong is asked for again. */
function askedOnce(options: KeyringOptions): KeyringOptions {
  let known: string | undefined;
  const passphrase = async (question: PassphraseQuestion): Promise<string> => {
    if (known !== undefined && question.problem === undefined) return known;
    known = await options.passphrase(question);
    return known;
  };
  return { ...options, passphrase };
}
