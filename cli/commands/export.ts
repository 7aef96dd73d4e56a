/** `weir export` and `weir genesis export`: the state of a stopped node as a genesis for a new chain. */
import { writeFileSync } from "node:fs";
import { type GenesisDocument, genesisJson } from "../../chain/consensus/genesis.ts";
import type { ReadContext } from "../../chain/context.ts";
import { readContext } from "../../chain/execution.ts";
import { unlimitedGasMeter } from "../../chain/gas.ts";
import { weir } from "../../modules/index.ts";
import { UsageError } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import type { Home } from "../home.ts";
import { readGenesis, requireData, withBlocks, withState } from "../stopped.ts";

export const exportCommand = (name: string): Command => ({
  name,
  positionals: [],
  summary: "Prints the state of a stopped node as a genesis file.",
  description:
    "The chain of that genesis goes on at the next height, with the validators and parameters of now. Accounts keep numbers and sequences.",
  flags: [
    { name: "height", value: "N", help: "the state at this height, as far as it is kept; the newest without it" },
    { name: "output-document", value: "FILE", help: "write it there instead" },
  ],
  examples: [`weir ${name} > genesis.json`, `weir ${name} --height 100 --output-document genesis.json`],
  async run(invocation) {
    const json = genesisJson(await exported(invocation));
    const path = invocation.flag("output-document");
    if (path === undefined) {
      invocation.answer(`${JSON.stringify(json, null, 2)}\n`, json);
      return 0;
    }
    writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`);
    invocation.answer(`Wrote ${path}.\n`, { output_document: path });
    return 0;
  },
});

export const command = exportCommand("export");

async function exported(invocation: Invocation): Promise<GenesisDocument> {
  const { home, say } = invocation;
  requireData(home);
  const genesis = readGenesis(home);
  const wanted = invocation.flag("height");
  if (wanted !== undefined && !/^[1-9]\d{0,14}$/.test(wanted)) {
    throw new UsageError(`--height ${wanted}: expected a height, a whole number from 1`);
  }
  return withState(home, say, async (state) => {
    if (state.height === 0) throw new Error(`${home.data} has no block yet: start the node once`);
    const height = wanted === undefined ? state.height : Number(wanted);
    if (height > state.height) throw new UsageError(`--height ${height}: the newest height is ${state.height}`);
    const stores = await state.at(height);
    const engine = await engineAt(home, BigInt(height), genesis);
    const block = {
      height: BigInt(height),
      time: engine.time,
      chainId: genesis.chainId,
      proposerAddress: new Uint8Array(),
    };
    const appState = appStateOf(readContext(stores, block, unlimitedGasMeter()));
    const { validators, consensusParams } = engine;
    return {
      ...genesis,
      validators,
      consensusParams,
      appState,
      appHash: new Uint8Array(),
      initialHeight: BigInt(height) + 1n,
    };
  });
}

const appStateOf = (ctx: ReadContext): Record<string, unknown> =>
  Object.fromEntries(weir.order.genesis.map(({ name, genesis }) => [name, genesis.toJson(genesis.export(ctx))]));

/** Who validates the next height, by which parameters. */
function engineAt(home: Home, height: bigint, genesis: GenesisDocument) {
  return withBlocks(home, async (blocks) => {
    const [set, params, meta] = await Promise.all([
      blocks.validators(height + 1n),
      blocks.params(height + 1n),
      blocks.meta(height),
    ]);
    if (set === undefined || params === undefined || meta === undefined) {
      throw new Error(`${home.engineData} no longer has block ${height}: export a newer height`);
    }
    const names = new Map(genesis.validators.map(({ address, name }) => [Buffer.from(address).toString("hex"), name]));
    const validators = set.validators.map(({ address, pubKey, votingPower }) => ({
      address,
      publicKey: pubKey ?? {},
      power: votingPower,
      name: names.get(Buffer.from(address).toString("hex")) ?? "",
    }));
    return { validators, consensusParams: params, time: meta.header.time };
  });
}
