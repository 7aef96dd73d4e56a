/** The devnet's accounts, whose mnemonics are public: for trying things out, and worth nothing anywhere else. */
import { readFileSync } from "node:fs";

export interface DevnetAccount {
  readonly name: string;
  readonly address: string;
  readonly mnemonic: string;
}

const file = new URL("../genesis/devnet-accounts.json", import.meta.url);

export const devnetAccounts: readonly DevnetAccount[] = JSON.parse(readFileSync(file, "utf8")) as DevnetAccount[];
