/** What goes into a proposal, and what may: bytes counted as protobuf counts them, gas by what transactions ask for. */
import { type BlockRun, blockGasMeter, openBlock, runBlockTx } from "../block.ts";
import { executionContext } from "../execution.ts";
import { type GasMeter, unlimitedGasMeter } from "../gas.ts";
import type { DecodedTx } from "../tx/types.ts";

/** Bytes that a transaction takes in a block's Data message: tag, length, content. */
function bytesInBlock(tx: DecodedTx): bigint {
  let lengthBytes = 1;
  for (let rest = tx.bytes.length; rest >= 0x80; rest >>>= 7) lengthBytes++;
  return BigInt(1 + lengthBytes + tx.bytes.length);
}

const gasWanted = (tx: DecodedTx): bigint => tx.authInfo.fee?.gasLimit ?? 0n;

function blockGas(run: BlockRun): GasMeter | undefined {
  const ctx = executionContext(run.journal, run.block, "finalize", unlimitedGasMeter());
  return blockGasMeter(run.definition.consensusParams.get(ctx));
}

/** A proposal whose transactions together ask for more gas than a block has is refused whole. */
export function fitsBlockGas(run: BlockRun, txs: readonly DecodedTx[]): boolean {
  const limit = blockGas(run)?.limit;
  return limit === undefined || txs.reduce((sum, tx) => sum + gasWanted(tx), 0n) <= limit;
}

/**
 * Keeps the mempool's order and leaves out what does not fit or would be refused where it stands. Runs each transaction whole, because an
 * earlier one's messages decide whether a later one can pay. `run`'s journal is scratch.
 */
export function fillProposal(
  run: BlockRun,
  candidates: readonly DecodedTx[],
  bytesMax: bigint,
  onDefect: (tx: DecodedTx, error: unknown) => void,
): Uint8Array[] {
  openBlock(run);
  const gas = blockGas(run);
  const chosen: Uint8Array[] = [];
  let bytesLeft = bytesMax;
  let gasLeft = gas?.limit;
  for (const tx of candidates) {
    if (bytesInBlock(tx) > bytesLeft || (gasLeft !== undefined && gasWanted(tx) > gasLeft)) continue;
    const mark = run.journal.mark();
    try {
      if (runBlockTx(run, tx, gas).refusedByAnte) continue;
    } catch (error) {
      run.journal.rollback(mark);
      onDefect(tx, error);
      continue;
    }
    chosen.push(tx.bytes);
    bytesLeft -= bytesInBlock(tx);
    if (gasLeft !== undefined) gasLeft -= gasWanted(tx);
  }
  return chosen;
}
