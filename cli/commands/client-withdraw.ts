/** `weir client withdraw`: money out of the wallets, to any address. */
import { accountAddress } from "../../chain/address.ts";
import { withdraw } from "../../node/client/accounts.ts";
import { agrees } from "../agrees.ts";
import { UsageError } from "../arguments.ts";
import { clientFlags, clientKeysOf, openClient } from "../clienthome.ts";
import { viewOf, type WalletView } from "../clientsessions.ts";
import { dollars, typedDollars } from "../clientwords.ts";
import type { Command, Invocation } from "../command.ts";

export const command: Command = {
  name: "client withdraw",
  positionals: ["ADDRESS", "[DOLLARS]"],
  summary: "Moves money out of the wallets to an address; all of it without an amount.",
  description:
    "What sessions lock stays until they are closed. Several wallets pay the address one after the other: whoever reads the chain can then link them,\n" +
    "and the sessions they paid for. With --wallet one alone pays.",
  flags: [
    { name: "wallet", value: "N", help: "out of this one alone" },
    { name: "yes", short: "y", help: "do not ask" },
    ...clientFlags,
  ],
  examples: ["weir client withdraw weir1…", "weir client withdraw weir1… 2.50 --wallet 0"],
  async run(invocation) {
    const [to, amountText] = invocation.positionals as readonly [string, string?];
    requireAddress(to);
    const wanted = amountText === undefined ? undefined : typedDollars(amountText, "the amount");
    const home = await openClient(invocation, { keys: clientKeysOf(invocation) });
    try {
      const { wallets } = await viewOf(home);
      const parts = partsOf(chosen(invocation, wallets), wanted);
      const total = parts.reduce((sum, { amount }) => sum + amount, 0n);
      const words = `${dollars(total)} out of ${parts.length} wallet${parts.length === 1 ? "" : "s"} to ${to}.\n`;
      if (!(await agrees(invocation, { words, question: "Send it?", otherwise: "Nothing was sent." }))) return 1;
      const sent = [];
      for (const { wallet, amount } of parts) {
        const { hash } = await withdraw(home.purse, wallet, to, amount);
        sent.push({ wallet: wallet.index, amount: `${amount}`, txhash: hash });
      }
      invocation.answer(`${dollars(total)} went to ${to}.\n`, { to, total: `${total}`, sent });
      return 0;
    } finally {
      await home.close();
    }
  },
};

function requireAddress(text: string): void {
  try {
    accountAddress.decode(text);
  } catch (error) {
    throw new UsageError(`${text} is no address of this chain: ${error instanceof Error ? error.message : error}`);
  }
}

function chosen(invocation: Invocation, wallets: readonly WalletView[]): readonly WalletView[] {
  const text = invocation.flag("wallet");
  if (text === undefined) return wallets.filter(({ amount }) => amount > 0n);
  const found = wallets.find(({ wallet }) => `${wallet.index}` === text);
  if (found === undefined) throw new UsageError(`there is no wallet ${text}; \`weir client sessions\` lists them`);
  return [found];
}

/** Each wallet whole until there is enough. */
function partsOf(wallets: readonly WalletView[], wanted: bigint | undefined): readonly WalletView[] {
  const has = wallets.reduce((sum, { amount }) => sum + amount, 0n);
  if (has === 0n || (wanted !== undefined && wanted > has)) {
    throw new Error(
      `the wallets have ${dollars(has)}${wanted === undefined ? "" : `, and ${dollars(wanted)} were asked for`}: nothing was sent`,
    );
  }
  let left = wanted ?? has;
  return wallets.flatMap(({ wallet, amount }) => {
    const part = amount < left ? amount : left;
    left -= part;
    return part > 0n ? [{ wallet, amount: part }] : [];
  });
}
