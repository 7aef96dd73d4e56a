/**
 * Runs a seed's blocks on a whole application under a faulty engine, invariants after each, and tells what a node would have to agree
 * on. What is exported starts the chain again, as it is or from height 1.
 */
import { createHash } from "node:crypto";
import { executionContext } from "../../chain/execution.ts";
import { unlimitedGasMeter } from "../../chain/gas.ts";
import { Journal } from "../../chain/store/journal.ts";
import { consensusParams } from "../../modules/consensus/index.ts";
import { weir } from "../../modules/index.ts";
import { toZeroHeight } from "../../modules/zeroheight.ts";
import { ResponseFinalizeBlock } from "../../proto/gen/tendermint/abci/types.ts";
import { seededRandom } from "../helpers/random.ts";
import { chainId, TestApplication, type TestApplicationOptions } from "../helpers/testapplication.ts";
import { testChain } from "../helpers/testchain.ts";
import { simulatedSigners } from "./beaconkeys.ts";
import { partSeed, SimulatedEngine } from "./engine.ts";
import { simulatedAccounts, simulatedAppState, simulatedConsensusParams } from "./genesis.ts";
import { type Made, Workload } from "./workload.ts";
import { queryContext } from "./world.ts";

export interface SimulationReport {
  readonly chain: TestApplication;
  /** One line a block: height, app hash, hash of the whole FinalizeBlock answer. */
  readonly blocks: readonly string[];
  readonly transactions: number;
  readonly succeeded: number;
  /** By operation: how many were made, and how many of them succeeded. */
  readonly operations: ReadonlyMap<string, readonly [made: number, succeeded: number]>;
  readonly faults: { readonly absences: number; readonly doubleSigns: number; readonly jumps: number };
}

const accountCount = simulatedAccounts;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

export async function simulate(
  seed: number,
  blockCount: number,
  options: TestApplicationOptions = {},
): Promise<SimulationReport> {
  const genesis = {
    accounts: accountCount,
    appState: simulatedAppState(seed),
    consensusParams: simulatedConsensusParams,
    systemSigners: simulatedSigners(accountCount),
  };
  const chain = await TestApplication.start({ ...genesis, ...options });
  return goOn(chain, seed, blockCount);
}

/** On a chain that has begun, so many blocks more. */
export function goOn(chain: TestApplication, seed: number, blockCount: number): SimulationReport {
  const workload = new Workload(chain, seed);
  const engine = new SimulatedEngine(chain, seededRandom(partSeed(seed, "engine")));
  const blocks: string[] = [];
  const operations = new Map<string, [number, number]>();
  workload.world.resynchronise();
  for (let i = 0; i < blockCount; i++) {
    engine.open();
    const made = i === 0 && engine.validators.length === 0 ? workload.founding() : workload.block();
    // Every fifth proposer leaves its proof out.
    const proofs = i % 5 === 3 ? [] : chain.prepare([]);
    const answer = sealBlock(chain, i, proofs, made);
    engine.follow(answer.validatorUpdates);
    for (const [index, { operation }] of made.entries()) {
      const [count, succeeded] = operations.get(operation) ?? [0, 0];
      operations.set(operation, [count + 1, succeeded + (answer.txResults[proofs.length + index]!.code === 0 ? 1 : 0)]);
    }
    const digest = createHash("sha256").update(ResponseFinalizeBlock.encode(answer).finish()).digest("hex");
    blocks.push(`${chain.height} ${hex(answer.appHash)} ${digest}`);
    workload.world.resynchronise();
  }
  const totals = [...operations.values()];
  const transactions = totals.reduce((sum, [made]) => sum + made, 0);
  const succeeded = totals.reduce((sum, [, good]) => sum + good, 0);
  return { chain, blocks, transactions, succeeded, operations, faults: engine.seen };
}

/** Half of the blocks are executed early, and half of those are not the block that comes. */
function sealBlock(
  chain: TestApplication,
  index: number,
  proofs: readonly Uint8Array[],
  made: readonly Made[],
): ResponseFinalizeBlock {
  const users = made.map(({ bytes }) => bytes);
  const txs = [...proofs, ...users];
  if (index % 4 === 0) chain.process(txs);
  if (index % 4 === 2) chain.process(chain.prepare([...users, ...users]), new Uint8Array(32).fill(1));
  for (const tx of users) chain.check(tx);
  return chain.seal(txs);
}

type AppState = Readonly<Record<string, unknown>>;

/** Genesis of every module from the newest state, as `weir export` writes it. */
export function exported(chain: TestApplication): AppState {
  const ctx = queryContext(chain);
  return Object.fromEntries(weir.order.genesis.map(({ name, genesis }) => [name, genesis.toJson(genesis.export(ctx))]));
}

/** The same, made ready to begin again at height 1. */
export function exportedForZeroHeight(chain: TestApplication): AppState {
  const journal = new Journal(chain.state.latest);
  const block = { chainId, ...chain.lastBlock(), proposerAddress: new Uint8Array(0) };
  const at = (height: bigint) => executionContext(journal, { ...block, height }, "query", unlimitedGasMeter());
  const now = at(block.height);
  toZeroHeight(now, at(0n));
  return Object.fromEntries(weir.order.genesis.map(({ name, genesis }) => [name, genesis.toJson(genesis.export(now))]));
}

/** A chain that goes on from an export: at the next height, at the time of the last block. */
export function restarted(chain: TestApplication, appState: AppState, height = chain.height): Promise<TestApplication> {
  const { time } = chain.lastBlock();
  return TestApplication.start({
    accounts: chain.accounts.length,
    systemSigners: simulatedSigners(chain.accounts.length),
    appState,
    consensusParams: simulatedConsensusParams,
    initialHeight: height + 1n,
    genesisTime: time,
  });
}

/** Every key and value of every store, as text. */
export const storeContents = (chain: TestApplication): string[] =>
  chain.state.storeNames.flatMap((name) => entriesText(name, chain.state.latest.store(name).iterate({})));

/** The same of a chain that has had its genesis but no block yet. */
export function importedContents(chain: TestApplication, appState: AppState): string[] {
  const { height, time } = chain.lastBlock();
  const imported = testChain(appState, weir, { height: height + 1n, time });
  // They stand beside the state of the application, where the engine reads them too.
  consensusParams.set(imported.context(), simulatedConsensusParams);
  return chain.state.storeNames.flatMap((name) => entriesText(name, imported.entries(name)));
}

const entriesText = (name: string, entries: Iterable<readonly [Uint8Array, Uint8Array]>): string[] =>
  [...entries].map(([key, value]) => `${name} ${hex(key)} ${hex(value)}`);
