/** A whole node in this process for tests: a fresh home, a free port, the devnet's accounts funded. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../chain/log.ts";
import { writeHome } from "../../cli/commands/init.ts";
import { devnetAccounts } from "../../cli/devnet-accounts.ts";
import { readAccount } from "../../cli/genesis.ts";
import { type Home, homeAt } from "../../cli/home.ts";
import { type LocalNode, type NodeOptions, startNode } from "../../cli/node.ts";

export const fundedCoins = "1000000000000uusdc,1000000000000uweir";

export interface TestNode extends LocalNode {
  readonly home: Home;
  /** Ends the node and removes its folder. */
  remove(): Promise<void>;
}

export function makeFundedHome(chainId = "weir-test-1", minGasPrices = ""): Home {
  const home = homeAt(mkdtempSync(join(tmpdir(), "weir-node-")));
  const accounts = devnetAccounts.map(({ address }) => readAccount(address, fundedCoins));
  writeHome(home, { moniker: "test", chainId, accounts, minGasPrices });
  return home;
}

export async function startTestNode(options: Partial<NodeOptions> = {}): Promise<TestNode> {
  const home = options.home ?? makeFundedHome();
  const node = await startNode({
    log: silentLog,
    blockMillis: 50,
    rpcAddress: "tcp://127.0.0.1:0",
    checkInvariants: true,
    ...options,
    home,
  });
  const remove = async () => {
    await node.close();
    rmSync(home.folder, { recursive: true, force: true });
  };
  return { ...node, home, remove };
}
