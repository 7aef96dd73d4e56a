/** `weir genesis add-account`: an account with coins in genesis.json, before the first start. */
import { existsSync } from "node:fs";
import { parseGenesis } from "../../chain/consensus/genesis.ts";
import type { Command } from "../command.ts";
import { addAccount, genesisText, readAccount } from "../genesis.ts";
import { readText, writeText } from "../home.ts";
import { addressOfKey, keyFlags } from "../keys.ts";

export const command: Command = {
  name: "genesis add-account",
  positionals: ["ADDRESS", "COINS"],
  summary: "Gives an account coins in genesis.json, before the first start.",
  description: "ADDRESS may be the name of a key.",
  flags: keyFlags,
  examples: [
    "weir genesis add-account alice 1000000000uweir",
    "weir genesis add-account weir1… 1000000000uweir",
    "weir genesis add-account weir1… 5000000uweir,1000000uusdc",
  ],
  async run(invocation) {
    const { home, positionals, answer } = invocation;
    const [account = "", coins = ""] = positionals;
    const address = account.includes("1") ? account : ((await addressOfKey(invocation, account)) ?? account);
    const document = parseGenesis(readText(home.genesis, "run `weir init MONIKER` first"), home.genesis);
    if (existsSync(home.engineData)) {
      throw new Error(`the chain in ${home.folder} has begun: its genesis cannot change any more. Use another --home`);
    }
    writeText(home.genesis, genesisText(addAccount(document, readAccount(address, coins))));
    answer(`${address} starts with ${coins}.\n`, { address, coins, genesis: home.genesis });
    return 0;
  },
};
