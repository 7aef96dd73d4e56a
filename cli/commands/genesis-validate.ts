/** `weir genesis validate`: whether a chain can begin with a genesis file. */
import { ChainApplication } from "../../chain/abci/chainapplication.ts";
import { type GenesisDocument, genesisUpdates, parseGenesis } from "../../chain/consensus/genesis.ts";
import { asObject } from "../../chain/consensus/json.ts";
import { inlineVerifier } from "../../chain/crypto/verifier.ts";
import { silentLog } from "../../chain/log.ts";
import { MultiStore } from "../../chain/store/multistore.ts";
import { weir } from "../../modules/index.ts";
import type { Command } from "../command.ts";
import { readText } from "../home.ts";
import { stores } from "../stopped.ts";
import { version } from "../version.ts";

export const command: Command = {
  name: "genesis validate",
  positionals: ["[FILE]"],
  summary: "Says whether a chain can begin with a genesis file.",
  description: "Reads every field and begins the chain once, in memory. Without FILE it is the home's own.",
  flags: [],
  examples: ["weir genesis validate", "weir genesis validate exported.json"],
  async run({ home, positionals: [given], answer }) {
    const path = given ?? home.genesis;
    const genesis = parseGenesis(readText(path, "run `weir init MONIKER` first, or name a file"), path);
    const validators = await tryGenesis(genesis);
    const { chainId } = genesis;
    answer(`${path} is good: chain ${chainId}, validators ${validators}.\n`, { path, chain_id: chainId, validators });
    return 0;
  },
};

/** How many validators it begins with; throws with what is wrong. */
export async function tryGenesis(genesis: GenesisDocument): Promise<number> {
  const appState = asObject(genesis.appState, "app_state");
  for (const { name, genesis: rules } of weir.modules) {
    if (appState[name] !== undefined) rules.parse(appState[name]);
  }
  const state = await MultiStore.open({ directory: undefined, ...stores });
  const application = new ChainApplication({
    definition: weir,
    state,
    verifier: inlineVerifier(),
    minGasPrices: [],
    chainId: genesis.chainId,
    version,
    appVersion: 0n,
    log: silentLog,
    queryGasLimit: 0n,
    checkInvariants: true,
    optimisticExecution: false,
  });
  const { validators } = await application.initChain({
    time: genesis.genesisTime,
    chainId: genesis.chainId,
    consensusParams: genesis.consensusParams,
    validators: genesisUpdates(genesis),
    appStateBytes: Buffer.from(JSON.stringify(genesis.appState)),
    initialHeight: genesis.initialHeight,
  });
  await state.close();
  if (validators.length === 0 && genesis.validators.length === 0) {
    throw new Error("nobody validates: collect genesis txs (`weir genesis gentx`, `weir genesis collect-gentxs`)");
  }
  return validators.length === 0 ? genesis.validators.length : validators.length;
}
