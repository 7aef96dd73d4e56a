/** A transaction run for its gas and its answer, leaving no trace in the journal that it ran on. */
import type { BlockInfo } from "../context.ts";
import type { Registry } from "../definition.ts";
import { ChainError } from "../errors.ts";
import type { Journal } from "../store/journal.ts";
import { type Ante, refusedOutcome, runTransaction, type TxOutcome } from "../transaction.ts";
import { decodeTx } from "../tx/decode.ts";

export interface Simulation {
  readonly journal: Journal;
  readonly block: BlockInfo;
  readonly registry: Registry;
  readonly ante: Ante;
  /** 0: no bound of its own. */
  readonly gasMax: bigint;
  readonly maxGasPerBlock: bigint | undefined;
}

export function simulate(txBytes: Uint8Array, simulation: Simulation): TxOutcome {
  const { journal, block, registry, ante, gasMax, maxGasPerBlock } = simulation;
  const mark = journal.mark();
  try {
    const tx = decodeTx(txBytes, registry);
    const bounded = gasMax > 0n ? { simulationGasMax: gasMax } : {};
    const surroundings = { journal, block, mode: "simulate", ...bounded, maxGasPerBlock, blockGas: undefined } as const;
    return runTransaction(tx, ante, surroundings);
  } catch (error) {
    if (error instanceof ChainError) return refusedOutcome(error);
    throw error;
  } finally {
    journal.rollback(mark);
  }
}
