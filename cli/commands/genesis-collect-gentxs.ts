/** `weir genesis collect-gentxs`: the validators' transactions, from their files into genesis.json, and their nodes into config.toml. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { nodeId, parseKey } from "../../chain/consensus/keys.ts";
import { genTxsMax } from "../../modules/genutil/index.ts";
import { type GenesisKey, isHandedInName, readHandedIn, withBeaconKeys } from "../beaconkeys.ts";
import type { Command } from "../command.ts";
import { readNodeConfig } from "../config.ts";
import { genesisText, readFreshGenesis } from "../genesis.ts";
import { withoutOwnValidators } from "../genesisvalidator.ts";
import { checkGenesisTx, type GenesisTx, peerOfMemo, withGenesisTxs } from "../gentx.ts";
import { type Home, readText, writeText } from "../home.ts";
import { setTomlKeys } from "../tomledit.ts";
import { readJson } from "../tx/document.ts";
import { tryGenesis } from "./genesis-validate.ts";

export const command: Command = {
  name: "genesis collect-gentxs",
  positionals: [],
  summary: "Puts the validators' transactions into genesis.json.",
  description:
    "Reads every file of config/gentx, checks that the chain can begin with them, and writes genesis.json: give it to every validator.\n" +
    "They take the place of the validator that `weir init` wrote. Their nodes become persistent_peers in this node's config.toml.",
  flags: [{ name: "gentx-dir", value: "DIR", help: "read the files there (default config/gentx)" }],
  examples: ["weir genesis collect-gentxs", "weir genesis collect-gentxs --gentx-dir ./gentxs"],
  async run(invocation) {
    const { home, answer } = invocation;
    const folder = invocation.flag("gentx-dir") ?? join(home.config, "gentx");
    const fresh = withoutOwnValidators(readFreshGenesis(home));
    const txs = filesIn(folder).map((path) => checkGenesisTx(fresh, readJson(path), path));
    refuseTwice(txs);
    const genesis = withBeaconKeys(withGenesisTxs(fresh, txs), handedIn(folder, fresh.chainId, txs));
    await tryGenesis(genesis);
    writeText(home.genesis, genesisText(genesis));
    const peers = writePeers(home, txs);
    const monikers = txs.map(({ message }) => message.description?.moniker ?? "");
    answer(
      `Wrote ${home.genesis}: chain ${genesis.chainId}, validators ${monikers.join(", ")}.\n` +
        `Peers in ${home.configToml}: ${peers === "" ? "none" : peers}\n`,
      {
        moniker: readNodeConfig(home).moniker,
        chain_id: genesis.chainId,
        node_id: ownId(home),
        gentxs_dir: folder,
        validators: monikers,
        persistent_peers: peers,
      },
    );
    return 0;
  },
};

const ownId = (home: Home): string =>
  nodeId(parseKey(readText(home.nodeKey, "run `weir init MONIKER` first"), home.nodeKey));

/** Whose file is missing registers a key when the chain runs. */
function handedIn(folder: string, chainId: string, txs: readonly GenesisTx[]): GenesisKey[] {
  const names = readdirSync(folder).filter(isHandedInName).sort();
  if (names.length > genTxsMax)
    throw new Error(`${names.length} beacon keys in ${folder}, expected at most ${genTxsMax}`);
  const operators = new Set(txs.map(({ operator }) => operator));
  const keys = names.map((name) => readHandedIn(join(folder, name), chainId, operators));
  const twice = keys.find(({ operator }, index) => keys.findIndex((key) => key.operator === operator) < index);
  if (twice !== undefined) throw new Error(`${twice.operator} has two beacon keys in ${folder}: remove one file`);
  return keys;
}

function filesIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  if (names.length === 0)
    throw new Error(`there must be at least one genesis tx in ${folder}: \`weir genesis gentx\` makes one`);
  if (names.length > genTxsMax) throw new Error(`${names.length} files in ${folder}, expected at most ${genTxsMax}`);
  return names.sort().map((name) => join(folder, name));
}

/** The chain would refuse the second one too, with less to go by. */
function refuseTwice(txs: readonly GenesisTx[]): void {
  const seen = new Map<string, string>();
  for (const { operator, message } of txs) {
    const moniker = message.description?.moniker ?? "";
    const earlier = seen.get(operator);
    if (earlier !== undefined)
      throw new Error(`${operator} has two genesis txs, ${earlier} and ${moniker}: remove one file`);
    seen.set(operator, moniker);
  }
}

/** Every other node that a memo names. */
function writePeers(home: Home, txs: readonly GenesisTx[]): string {
  const own = ownId(home);
  const found = txs.flatMap(({ document }) => peerOfMemo(document.body.memo) ?? []).filter(({ id }) => id !== own);
  const peers = found
    .map(({ peer }) => peer)
    .sort()
    .join(",");
  const text = readText(home.configToml, "run `weir init MONIKER` first");
  writeText(home.configToml, setTomlKeys(text, { p2p: { persistent_peers: peers } }));
  return peers;
}
