/** `weir devnet`: a chain with five funded accounts, in a fresh folder that goes when it ends. So far the chain alone. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "../command.ts";
import { devnetAccounts } from "../devnet-accounts.ts";
import { readAccount } from "../genesis.ts";
import { type Home, homeAt } from "../home.ts";
import { writeHome } from "./init.ts";
import { nodeFlags, nodeOptions, runNode } from "./start.ts";

const chainId = "weir-devnet-1";
/** A million WEIR and a million USDC, in millionths. */
const coins = "1000000000000uweir,1000000000000uusdc";

export const command: Command = {
  name: "devnet",
  positionals: [],
  summary: "Runs a chain with funded accounts, for trying things out.",
  description:
    "For now this is the chain alone: relays, oracles and a buyer will join it. The accounts alice, bob, carol, dave and erin have a\n" +
    "million WEIR each; their mnemonics are in genesis/README.md, for everyone to see. The folder is temporary unless --home is given.",
  flags: nodeFlags,
  examples: ["weir devnet", "weir devnet --block-time 200ms --home ./devnet"],
  async run(invocation) {
    const isTemporary = invocation.flag("home") === undefined;
    const home = isTemporary ? homeAt(mkdtempSync(join(tmpdir(), "weir-devnet-"))) : invocation.home;
    try {
      if (!existsSync(home.genesis)) initDevnet(home);
      const options = { ...nodeOptions({ ...invocation, home }), checkInvariants: true };
      return await runNode({ ...invocation, home }, options, "local", () => lines(home));
    } finally {
      if (isTemporary) rmSync(home.folder, { recursive: true, force: true });
    }
  },
};

function initDevnet(home: Home): void {
  const accounts = devnetAccounts.map(({ address }) => readAccount(address, coins));
  writeHome(home, { moniker: "devnet", chainId, accounts, isDevnet: true });
}

function lines(home: Home): string[] {
  return [
    "",
    "Only the chain runs for now: no relays, oracles or buyer yet.",
    `Home ${home.folder}. Accounts, each with 1,000,000 WEIR and 1,000,000 USDC (mnemonics: genesis/README.md):`,
    ...devnetAccounts.map(({ name, address }) => `  ${name.padEnd(6)} ${address}`),
  ];
}
