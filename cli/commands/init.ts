/** `weir init`: a home folder with keys, configuration and a genesis in which this node is the validator. Overwrites nothing. */
import { existsSync } from "node:fs";
import { chainIdLengthMax } from "../../chain/consensus/genesis.ts";
import {
  freshSignStateJson,
  newConsensusKey,
  nodeId,
  nodeKeyJson,
  validatorKeyJson,
} from "../../chain/consensus/keys.ts";
import type { KeyPair } from "../../chain/crypto/sign.ts";
import { UsageError } from "../arguments.ts";
import { type BeaconKey, newBeaconKey, writeBeaconKeys } from "../beaconkeys.ts";
import type { Command } from "../command.ts";
import type { EngineName } from "../config.ts";
import {
  type GenesisAccount,
  genesisText,
  newGenesis,
  readAccount,
  type SupplySchedule,
  supplySchedules,
} from "../genesis.ts";
import { type Home, makeFolders, writeText } from "../home.ts";
import { appToml, clientToml, configToml } from "../templates.ts";

export interface NewHome {
  readonly moniker: string;
  readonly chainId: string;
  readonly accounts: readonly GenesisAccount[];
  readonly supply?: SupplySchedule;
  readonly isDevnet?: boolean;
  readonly minGasPrices?: string;
  readonly engine?: EngineName;
  /** Of a chain that there is already; otherwise a new one begins, with this node as its validator. */
  readonly genesis?: string;
  /** Fresh ones else. */
  readonly keys?: NodeKeys;
}

export interface NodeKeys {
  readonly validatorKey: KeyPair;
  readonly nodeKey: KeyPair;
  readonly beaconKey: BeaconKey;
}

const newNodeKeys = (): NodeKeys => ({
  validatorKey: newConsensusKey(),
  nodeKey: newConsensusKey(),
  beaconKey: newBeaconKey(),
});

export const defaultChainId = "weir-local-1";
const monikerLengthMax = 70;

export const command: Command = {
  name: "init",
  positionals: ["MONIKER"],
  summary: "Makes a home folder for a new chain.",
  description:
    "Writes keys, configuration and genesis.json into --home. This node's key is the validator of the genesis, so that `weir start`\n" +
    "works at once. Nothing that exists is overwritten.",
  flags: [
    { name: "account", value: "ADDRESS=COINS", help: "an account with coins from the start", repeated: true },
    {
      name: "supply",
      value: "SCHEDULE",
      help: "emission: Weir's, under a cap; inflation: the curve of the Cosmos SDK",
      default: "emission",
    },
  ],
  examples: [
    "weir init demo",
    "weir init demo --chain-id weir-demo-1 --account weir1…=1000000000uweir",
    "weir init demo --home /tmp/demo",
  ],
  async run(invocation) {
    const [moniker = ""] = invocation.positionals;
    const chainId = invocation.flag("chain-id") ?? defaultChainId;
    const accounts = invocation.flags("account").map(readAccountFlag);
    const supply = readSupply(invocation.flag("supply") ?? "emission");
    const made = writeHome(invocation.home, { moniker, chainId, accounts, supply });
    const { folder } = invocation.home;
    invocation.answer(
      `Made ${folder}: chain ${chainId}, node ${made.nodeId}.\n\n` +
        "Give an account coins before the first start:  weir genesis add-account ADDRESS 1000000000uweir\n" +
        "Run it:                                        weir start\n",
      { home: folder, chain_id: chainId, moniker, node_id: made.nodeId, genesis: invocation.home.genesis },
    );
    return 0;
  },
};

function readAccountFlag(text: string): GenesisAccount {
  const [address, coins] = text.split("=");
  if (address === undefined || coins === undefined) throw new UsageError(`--account ${text}: expected ADDRESS=COINS`);
  return readAccount(address, coins);
}

function readSupply(text: string): SupplySchedule {
  const supply = supplySchedules.find((name) => name === text);
  if (supply === undefined) throw new UsageError(`--supply ${text}: expected ${supplySchedules.join(" or ")}`);
  return supply;
}

const publicKeys = (validatorKey: KeyPair, beaconKey: BeaconKey) => ({
  validatorKey: validatorKey.publicKey,
  beaconKey: beaconKey.publicKey,
});

export function writeHome(home: Home, options: NewHome): { nodeId: string } {
  const { moniker, chainId, accounts, minGasPrices = "", engine = "local" } = options;
  if (moniker === "" || moniker.length > monikerLengthMax) {
    throw new UsageError(`the moniker has ${moniker.length} characters; expected 1 to ${monikerLengthMax}`);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(chainId) || chainId.length > chainIdLengthMax) {
    throw new UsageError(
      `--chain-id ${chainId}: expected up to ${chainIdLengthMax} letters, digits, dots and dashes, as weir-demo-1`,
    );
  }
  const files = [
    ...[home.genesis, home.nodeKey, home.validatorKey, home.validatorState],
    ...[home.beaconKey, home.appToml, home.configToml],
  ];
  const existing = files.find((path) => existsSync(path));
  if (existing !== undefined) {
    throw new Error(
      `${existing} exists already: nothing was changed. Use another --home, or remove that folder yourself`,
    );
  }
  const { validatorKey, nodeKey, beaconKey } = options.keys ?? newNodeKeys();
  const { supply = "emission", isDevnet = false } = options;
  const genesis =
    options.genesis ??
    genesisText(newGenesis({ chainId, moniker, ...publicKeys(validatorKey, beaconKey), accounts, supply, isDevnet }));
  makeFolders(home);
  writeText(home.validatorState, freshSignStateJson());
  writeText(home.validatorKey, validatorKeyJson(validatorKey));
  writeText(home.nodeKey, nodeKeyJson(nodeKey));
  writeBeaconKeys(home.beaconKey, [beaconKey]);
  writeText(home.appToml, appToml(engine, minGasPrices));
  writeText(home.configToml, configToml(moniker));
  if (!existsSync(home.clientToml)) writeText(home.clientToml, clientToml(chainId));
  writeText(home.genesis, genesis);
  return { nodeId: nodeId(nodeKey) };
}
