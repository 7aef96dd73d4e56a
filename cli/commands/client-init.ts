/** `weir client init`: the one secret of all wallets, made, shown when asked for, or recovered from its words. */
import { accountExists, inWallet, walletCoins } from "../../node/client/accounts.ts";
import { rootOfWords, wordsOfRoot } from "../../node/client/wallets.ts";
import {
  type ClientHome,
  clientFlags,
  clientKeysOf,
  ensureRoot,
  hasRoot,
  openClient,
  rootName,
} from "../clienthome.ts";
import type { Command, Invocation } from "../command.ts";
import type { DaemonKeys } from "../daemonkeys.ts";
import { makeFolders } from "../home.ts";
import { promptsOf } from "../keyring/flags.ts";

/** Behind so many that the chain does not know there are no more. */
const gapMax = 10;

export const command: Command = {
  name: "client init",
  positionals: [],
  summary: "Makes the secret that all wallets follow from; `weir client topup` does so by itself.",
  description:
    "The secret lies in --home, under your passphrase. --show-words shows its 24 words: write them down, and nobody who does not have them gets your\n" +
    "money. --recover asks for the words and finds the wallets again; what sessions lock comes back to them by itself when those are over.",
  flags: [
    { name: "show-words", help: "show the 24 words" },
    { name: "recover", help: "ask for the words, and find the wallets on the chain" },
    ...clientFlags,
  ],
  examples: ["weir client init", "weir client init --show-words", "weir client init --recover --home ~/weir-again"],
  async run(invocation) {
    const keys = clientKeysOf(invocation);
    if (invocation.has("recover")) return recover(invocation, keys);
    const isNew = await ensureRoot(invocation, keys);
    const words = invocation.has("show-words") ? wordsOfRoot((await keys.machine(rootName)).seed) : undefined;
    const said = isNew ? "The secret is made." : "There is a secret here already: nothing was changed.";
    const shown = words === undefined ? "" : `${words}\n`;
    invocation.answer(`${said}\n${shown}`, { is_new: isNew, ...(words === undefined ? {} : { words }) });
    return 0;
  },
};

async function recover(invocation: Invocation, keys: DaemonKeys): Promise<number> {
  if (hasRoot(keys)) throw new Error("there is a secret here already: nothing was changed. Take another --home");
  const words = await promptsOf(invocation).secret("The 24 words:");
  const root = rootOfWords(words ?? "");
  makeFolders(invocation.home);
  await keys.machines.add(rootName, root);
  const home = await openClient(invocation, { keys });
  try {
    const found = await findWallets(home);
    const text = `Recovered: ${found} wallet${found === 1 ? "" : "s"} that the chain knows. \`weir client sessions\` shows what is in them.`;
    invocation.answer(`${text}\n`, { wallets: found });
    return 0;
  } finally {
    await home.close();
  }
}

/** One after the other, until none was used for a while. Codes that paid fees are not found again: such a wallet pays its own. */
async function findWallets({ purse, store }: ClientHome): Promise<number> {
  const { chain } = purse.sender;
  let found = 0;
  for (let index = 0, missing = 0; missing < gapMax; index++) {
    const { address } = purse.keys.wallet(index);
    if (!(await accountExists(chain, address))) {
      missing += 1;
      continue;
    }
    missing = 0;
    found += 1;
    const [coin] = await walletCoins(chain, address);
    const denom = coin?.denom ?? "uusdc";
    // It was used: its keys begin far behind those that may have signed vouchers.
    const sessions = usedBefore;
    const amount = await inWallet(chain, address, denom);
    await store.keepWallet({ index, address, denom, amount, state: "ready", sessions });
  }
  return found;
}

const usedBefore = 1 << 16;
