/** Executes a block on a journal: hooks, transactions, results. Owns the order of things in a block; it commits nothing. */
import type { ConsensusParams } from "../proto/gen/tendermint/types/params.ts";
import { ConsensusParams as ConsensusParamsMessage } from "../proto/gen/tendermint/types/params.ts";
import type { BlockInfo, EngineReport } from "./context.ts";
import { type ChainDefinition, makeRegistry } from "./definition.ts";
import { ChainError } from "./errors.ts";
import type { ChainEvent } from "./events.ts";
import { type ExecutionContext, executionContext, readContext, type Verify } from "./execution.ts";
import { type GasMeter, limitedGasMeter, uncountedGas, unlimitedGasMeter } from "./gas.ts";
import type { DeliverTx, Module, ValidatorUpdate } from "./module.ts";
import type { Journal } from "./store/journal.ts";
import { isSystemTx, runSystemTx } from "./systemtx.ts";
import { type Ante, refusedOutcome, runTransaction, type TxOutcome } from "./transaction.ts";
import { decodeTx } from "./tx/decode.ts";
import type { DecodedTx } from "./tx/types.ts";
import { runUpgrade, type UpgradeStep } from "./upgrades.ts";

/** A transaction of a block: decoded, or why it could not be. */
export type BlockTx = DecodedTx | ChainError;

export interface BlockResult {
  readonly events: readonly ChainEvent[];
  readonly outcomes: readonly TxOutcome[];
  readonly validatorUpdates: readonly ValidatorUpdate[];
  /** Only when the block changed them. */
  readonly consensusParams: ConsensusParams | undefined;
}

export interface BlockRun {
  readonly definition: ChainDefinition;
  readonly ante: Ante;
  readonly journal: Journal;
  readonly block: BlockInfo;
  readonly report: EngineReport;
  readonly mode: "genesis" | "finalize";
  /** Of signatures that stand in messages; left out, each is checked here and now. */
  readonly verify?: Verify;
  /** What the block begins with, where an upgrade is planned for it. */
  readonly upgrade?: UpgradeStep | undefined;
}

const blockContext = ({ journal, block, mode }: BlockRun, gas: GasMeter = uncountedGas): ExecutionContext =>
  executionContext(journal, block, mode, gas);

/** Max gas of a block: a limit only when it is positive, as CometBFT's -1 means none. */
export function blockGasMeter(params: ConsensusParams | undefined): GasMeter | undefined {
  const maxGas = params?.block?.maxGas ?? -1n;
  return maxGas > 0n ? limitedGasMeter(maxGas) : undefined;
}

/** The SDK marks each event of a block hook with the hook it came from. */
const inMode = (events: readonly ChainEvent[], mode: string): ChainEvent[] =>
  events.map(({ type, attributes }) => ({
    type,
    attributes: [...attributes, { key: "mode", value: mode, index: true }],
  }));

function runHooks(run: BlockRun, modules: readonly Module[], hook: "preBlock" | "beginBlock"): readonly ChainEvent[] {
  const ctx = blockContext(run);
  for (const module of modules) module[hook]?.(ctx, run.report);
  return ctx.events;
}

/** Before all hooks, which may be of modules that are new. */
function upgraded(run: BlockRun): readonly ChainEvent[] {
  if (run.upgrade === undefined) return [];
  const ctx = blockContext(run);
  runUpgrade(run.definition, ctx, run.upgrade);
  return ctx.events;
}

/** A block whose hooks have opened it and whose transactions run one after another. */
export interface OpenBlock {
  readonly paramsBefore: ConsensusParams | undefined;
  readonly events: readonly ChainEvent[];
  readonly gas: GasMeter | undefined;
  readonly outcomes: TxOutcome[];
}

export function openBlock(run: BlockRun): OpenBlock {
  const { order, consensusParams } = run.definition;
  const paramsBefore = consensusParams.get(blockContext(run));
  const events = [
    ...upgraded(run),
    ...runHooks(run, order.preBlock, "preBlock"),
    ...inMode(runHooks(run, order.beginBlock, "beginBlock"), "BeginBlock"),
  ];
  return { paramsBefore, events, gas: blockGasMeter(consensusParams.get(blockContext(run))), outcomes: [] };
}

/** The next transaction of the block; afterwards nothing of it can be undone any more. */
export function runBlockTx(run: BlockRun, { gas: blockGas, outcomes }: OpenBlock, tx: BlockTx): TxOutcome {
  if (tx instanceof Error) return refusedOutcome(tx);
  const { journal, block, verify } = run;
  const maxGasPerBlock = blockGas?.limit;
  const outcome =
    outcomes.length === 0 && isSystemTx(run.definition, tx)
      ? runSystemTx(run.definition, tx, journal, block)
      : runTransaction(tx, run.ante, { journal, block, mode: "finalize", maxGasPerBlock, blockGas, verify });
  run.journal.settle();
  return outcome;
}

/** Hooks that close the block: events, validator updates. A validator is updated by one module only. */
function runClosingHooks(run: BlockRun): Pick<BlockResult, "events" | "validatorUpdates"> {
  const ctx = blockContext(run);
  let validatorUpdates: readonly ValidatorUpdate[] = [];
  for (const module of run.definition.order.endBlock) {
    const updates = module.endBlock?.(ctx) ?? [];
    if (updates.length === 0) continue;
    if (validatorUpdates.length > 0)
      throw new Error(`${module.name} updates validators, but another module already did in this block`);
    validatorUpdates = updates;
  }
  run.journal.settle();
  return { events: inMode(ctx.events, "EndBlock"), validatorUpdates };
}

export function closeBlock(run: BlockRun, { paramsBefore, events, outcomes }: OpenBlock): BlockResult {
  const closing = runClosingHooks(run);
  const paramsAfter = run.definition.consensusParams.get(blockContext(run));
  return {
    events: [...events, ...closing.events],
    outcomes,
    validatorUpdates: closing.validatorUpdates,
    consensusParams: sameParams(paramsBefore, paramsAfter) ? undefined : paramsAfter,
  };
}

export function executeBlock(run: BlockRun, txs: Iterable<BlockTx>): BlockResult {
  const open = openBlock(run);
  for (const tx of txs) open.outcomes.push(runBlockTx(run, open, tx));
  return closeBlock(run, open);
}

function sameParams(a: ConsensusParams | undefined, b: ConsensusParams | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const left = ConsensusParamsMessage.encode(a).finish();
  const right = ConsensusParamsMessage.encode(b).finish();
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** Genesis of every module in order, and the validators that they ask for. */
export function initGenesis(
  run: BlockRun,
  appState: Readonly<Record<string, unknown>>,
  params: ConsensusParams | undefined,
): readonly ValidatorUpdate[] {
  const { definition } = run;
  const known = new Set(definition.order.genesis.map(({ name }) => name));
  for (const name of Object.keys(appState)) {
    if (!known.has(name))
      throw new Error(`app_state.${name}: no such module; this binary has ${[...known].join(", ")}`);
  }
  const ctx = blockContext(run);
  if (params !== undefined) definition.consensusParams.set(ctx, params);
  const deliver = genesisDelivery(run);
  let validators: readonly ValidatorUpdate[] = [];
  for (const { name, genesis } of definition.order.genesis) {
    const state = appState[name] === undefined ? genesis.default() : genesis.parse(appState[name]);
    const updates = genesis.init(ctx, state, deliver) ?? [];
    if (updates.length > 0 && validators.length > 0)
      throw new Error(`app_state.${name}: a second module sets validators`);
    if (updates.length > 0) validators = updates;
  }
  run.journal.settle();
  return validators;
}

/** As in a block, without a fee, a limit of gas and account numbers in what is signed. */
function genesisDelivery({ definition, journal, block, ante }: BlockRun): DeliverTx {
  const registry = makeRegistry(definition.modules);
  return (txBytes) => {
    let tx: DecodedTx;
    try {
      tx = decodeTx(txBytes, registry);
    } catch (error) {
      if (error instanceof ChainError) return error.message;
      throw error;
    }
    const surroundings = { journal, block, mode: "genesis", maxGasPerBlock: undefined, blockGas: undefined } as const;
    const { code, log } = runTransaction(tx, ante, surroundings);
    return code === 0 ? undefined : log;
  };
}

/** The first broken invariant in words, or undefined. */
export function brokenInvariant(definition: ChainDefinition, run: BlockRun): string | undefined {
  const ctx = readContext({ store: (name) => run.journal.store(name) }, run.block, unlimitedGasMeter());
  for (const module of definition.modules) {
    for (const [name, invariant] of Object.entries(module.invariants)) {
      const broken = invariant(ctx);
      if (broken !== undefined) return `${module.name}/${name}: ${broken}`;
    }
  }
  return undefined;
}
