/** `weir testnet init`: the homes of several validators that run one chain. Owns what is said; testnet/make.ts makes them. */
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { readAccount } from "../genesis.ts";
import { ports, rpcUrlOf, validatorsMax } from "../testnet/layout.ts";
import { makeTestnet } from "../testnet/make.ts";

const defaultChainId = "weir-testnet-1";

export const command: Command = {
  name: "testnet init",
  positionals: [],
  summary: "Makes the homes of several validators that run one chain under CometBFT.",
  description:
    "Below DIR: node0, node1 … each with its keys, the same genesis.json and the others as peers, at 127.0.0.1, 127.0.0.2 … with the usual\n" +
    "ports; an operator's key with a million WEIR each, in keyrings that are not encrypted; and examples for real machines:\n" +
    "docker-compose.yml with its Dockerfile, and systemd/*.service. `weir testnet start DIR` runs them all.",
  flags: [
    { name: "validators", aliases: ["v"], value: "N", help: `how many, 1 to ${validatorsMax}`, default: "4" },
    {
      name: "out",
      aliases: ["output-dir"],
      value: "DIR",
      help: "an empty folder, or one to be made",
      default: "./testnet",
    },
    {
      name: "starting-ip-address",
      value: "IPV4",
      help: "of the first node; the others follow",
      default: "127.0.0.1",
    },
    { name: "account", value: "ADDRESS=COINS", help: "an account with coins from the start", repeated: true },
  ],
  examples: [
    "weir testnet init --validators 4 --out ./net",
    "weir testnet init --validators 7 --out ./net --chain-id weir-test-2 --account weir1…=1000000000uweir",
    "weir testnet init --validators 3 --out ./net --starting-ip-address 192.168.10.2",
  ],
  async run(invocation) {
    const count = invocation.flag("validators")!;
    if (!/^\d{1,6}$/.test(count)) throw new UsageError(`--validators ${count}: expected 1 to ${validatorsMax}`);
    const out = invocation.flag("out")!;
    const testnet = await makeTestnet({
      out,
      validators: Number(count),
      chainId: invocation.flag("chain-id") || defaultChainId,
      firstAddress: invocation.flag("starting-ip-address")!,
      accounts: invocation.flags("account").map(readAccountFlag),
    });
    const { folder, chainId, nodes } = testnet;
    const [first, last] = [nodes[0]!, nodes.at(-1)!];
    const where = nodes.length === 1 ? first.address : `${first.address} to ${last.address}`;
    invocation.answer(
      `Made ${folder}: chain ${chainId}, ${nodes.length === 1 ? "1 validator" : `${nodes.length} validators`} at ${where} ` +
        `(peers ${ports.peers}, RPC ${ports.rpc}, metrics ${ports.metrics}).\n\n` +
        `Run them all:      weir testnet start ${out}\n` +
        `Ask one of them:   weir status --home ${first.home.folder}\n` +
        `For real machines: docker-compose.yml and systemd/ there are examples\n`,
      {
        folder,
        chain_id: chainId,
        nodes: nodes.map((node) => ({ name: node.name, home: node.home.folder, rpc: rpcUrlOf(node) })),
      },
    );
    return 0;
  },
};

function readAccountFlag(text: string) {
  const [address, coins] = text.split("=");
  if (address === undefined || coins === undefined) throw new UsageError(`--account ${text}: expected ADDRESS=COINS`);
  return readAccount(address, coins);
}
