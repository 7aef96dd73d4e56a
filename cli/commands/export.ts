/** `weir export` and `weir genesis export`: the state of a stopped node as a genesis for a new chain. */
import { existsSync, writeFileSync } from "node:fs";
import { validatorAddress } from "../../chain/address.ts";
import { withCometChain } from "../../chain/consensus/cometstore.ts";
import { type GenesisDocument, genesisJson } from "../../chain/consensus/genesis.ts";
import { defaultConsensusParams, updateParams } from "../../chain/consensus/params.ts";
import type { BlockInfo, ReadContext } from "../../chain/context.ts";
import { executionContext } from "../../chain/execution.ts";
import { unlimitedGasMeter } from "../../chain/gas.ts";
import { Journal } from "../../chain/store/journal.ts";
import { weir } from "../../modules/index.ts";
import { consensusAddressOf, lastValidators, requireValidator, validatorUpdate } from "../../modules/staking/index.ts";
import { toZeroHeight, type ZeroHeightOptions } from "../../modules/zeroheight.ts";
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
    {
      name: "for-zero-height",
      help: "for a chain that begins at height 1: rewards are paid out, heights are forgotten",
    },
    {
      name: "jail-allowed-addrs",
      value: "OPERATOR,…",
      help: "with --for-zero-height: jail every validator but these",
    },
    { name: "modules-to-export", value: "MODULE,…", help: "only the state of these modules" },
    { name: "output-document", value: "FILE", help: "write it there instead" },
  ],
  examples: [
    `weir ${name} > genesis.json`,
    `weir ${name} --height 100 --output-document genesis.json`,
    `weir ${name} --for-zero-height > genesis.json`,
  ],
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
    const zeroHeight = zeroHeightOptions(invocation);
    const block = {
      height: BigInt(height),
      time: engine.time,
      chainId: genesis.chainId,
      proposerAddress: new Uint8Array(),
    };
    const journal = new Journal(stores);
    const at = (place: BlockInfo) => executionContext(journal, place, "query", unlimitedGasMeter());
    const now = at(block);
    if (zeroHeight !== undefined) toZeroHeight(now, at({ ...block, height: 0n }), zeroHeight);
    return {
      ...genesis,
      validators: stakedValidators(now) ?? engine.validators,
      consensusParams: engine.consensusParams,
      appState: appStateOf(now, modulesAsked(invocation)),
      appHash: new Uint8Array(),
      initialHeight: zeroHeight === undefined ? BigInt(height) + 1n : 1n,
    };
  });
}

function zeroHeightOptions(invocation: Invocation): ZeroHeightOptions | undefined {
  const named = invocation.flag("jail-allowed-addrs");
  if (!invocation.has("for-zero-height")) {
    if (named === undefined) return undefined;
    throw new UsageError("--jail-allowed-addrs goes with --for-zero-height");
  }
  if (named === undefined) return {};
  const allowed = named.split(",").map((text) => {
    try {
      return validatorAddress.encode(validatorAddress.decode(text));
    } catch (error) {
      throw new UsageError(`--jail-allowed-addrs ${text}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  return { allowed: new Set(allowed) };
}

function modulesAsked(invocation: Invocation): ReadonlySet<string> | undefined {
  const named = invocation.flag("modules-to-export")?.split(",");
  const stranger = named?.find((name) => !weir.modules.some((module) => module.name === name));
  if (stranger === undefined) return named && new Set(named);
  const names = weir.modules.map(({ name }) => name).join(", ");
  throw new UsageError(`--modules-to-export ${stranger}: no such module; there are ${names}`);
}

const appStateOf = (ctx: ReadContext, asked: ReadonlySet<string> | undefined): Record<string, unknown> =>
  Object.fromEntries(
    weir.order.genesis
      .filter(({ name }) => asked?.has(name) !== false)
      .map(({ name, genesis }) => [name, genesis.toJson(genesis.export(ctx))]),
  );

/** Those that staking last gave to the engine, which may not validate yet; none where the engine's genesis alone names validators. */
function stakedValidators(ctx: ReadContext): GenesisDocument["validators"] | undefined {
  const staked = [...lastValidators(ctx)].map(([operator, power]) => {
    const validator = requireValidator(ctx, operator);
    const { publicKeyType, publicKey } = validatorUpdate(validator, power);
    return {
      address: consensusAddressOf(validator),
      publicKey: publicKeyType === "ed25519" ? { ed25519: publicKey } : { secp256k1: publicKey },
      power,
      name: validator.description.moniker,
    };
  });
  return staked.length === 0 ? undefined : staked.sort((a, b) => Number(b.power - a.power));
}

/** Who validates the next height, by which parameters. */
function engineAt(home: Home, height: bigint, genesis: GenesisDocument) {
  if (!existsSync(home.engineData)) return cometAt(home, height);
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

/** CometBFT's own state is of its newest block; those before it are not looked for. */
function cometAt(home: Home, height: bigint) {
  return withCometChain(home.data, async (chain) => {
    const { validators, consensusParams, lastBlockHeight, lastBlockTime } = chain?.state ?? {};
    if (validators === undefined || consensusParams === undefined || lastBlockTime === undefined) {
      throw new Error(`${home.data} has no block of CometBFT's yet: start the node once`);
    }
    if (lastBlockHeight !== height) {
      throw new Error(`CometBFT's state here is of height ${lastBlockHeight}: export that height, not ${height}`);
    }
    return {
      validators: validators.validators.map(({ address, pubKey, votingPower }) => ({
        address,
        publicKey: pubKey ?? {},
        power: votingPower,
        name: "",
      })),
      consensusParams: updateParams(defaultConsensusParams(), consensusParams),
      time: lastBlockTime,
    };
  });
}
