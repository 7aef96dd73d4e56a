/** `weir genesis add-account`: an account with coins in genesis.json, before the first start. */

import { UsageError } from "../arguments.ts";
import { typedCoins } from "../coins.ts";
import type { Command, Invocation } from "../command.ts";
import { genesisText, readFreshGenesis } from "../genesis.ts";
import { addAccount, readAccount, type Vesting } from "../genesisaccounts.ts";
import { writeText } from "../home.ts";
import { addressOfKey, keyFlags } from "../keys.ts";

export const command: Command = {
  name: "genesis add-account",
  positionals: ["ADDRESS", "COINS"],
  summary: "Gives an account coins in genesis.json, before the first start.",
  description:
    "ADDRESS may be the name of a key. With --vesting-amount, that part of the coins is locked: until the end time, or, with a start time\n" +
    "too, less and less of it from then on.",
  flags: [
    { name: "vesting-amount", value: "COINS", help: "so much of the coins is locked at first" },
    { name: "vesting-start-time", value: "SECONDS", help: "when it begins to become spendable, since 1970" },
    { name: "vesting-end-time", value: "SECONDS", help: "when all of it is spendable, since 1970" },
    { name: "append", help: "add the coins to an account that is there" },
    { name: "module-name", value: "NAME", help: "make it the account of this module" },
    ...keyFlags,
  ],
  examples: [
    "weir genesis add-account alice 1000000000uweir",
    "weir genesis add-account weir1… 5000000uweir,1000000uusdc",
    "weir genesis add-account weir1… 5000000uweir --vesting-amount 4000000uweir --vesting-end-time 1893456000",
  ],
  async run(invocation) {
    const { home, positionals, answer } = invocation;
    const [account = "", coins = ""] = positionals;
    const address = account.includes("1") ? account : ((await addressOfKey(invocation, account)) ?? account);
    const document = readFreshGenesis(home);
    const added = {
      ...readAccount(address, coins),
      vesting: vestingOf(invocation),
      moduleName: invocation.flag("module-name"),
    };
    writeText(home.genesis, genesisText(addAccount(document, added, invocation.has("append"))));
    answer(`${address} starts with ${coins}.\n`, { address, coins, genesis: home.genesis });
    return 0;
  },
};

function vestingOf(invocation: Invocation): Vesting | undefined {
  const amount = invocation.flag("vesting-amount");
  if (amount === undefined) {
    const other = ["vesting-start-time", "vesting-end-time"].find((name) => invocation.flag(name) !== undefined);
    if (other !== undefined) throw new UsageError(`--${other} needs --vesting-amount, for example 1000000uweir`);
    return undefined;
  }
  return {
    amount: typedCoins(amount, "--vesting-amount"),
    startTime: secondsOf(invocation, "vesting-start-time"),
    endTime: secondsOf(invocation, "vesting-end-time"),
  };
}

function secondsOf(invocation: Invocation, name: string): bigint {
  const text = invocation.flag(name) ?? "0";
  if (!/^[0-9]{1,12}$/.test(text)) throw new UsageError(`--${name} ${text}: expected seconds since 1970, 1893456000`);
  return BigInt(text);
}
