/**
 * What goes into a proposal, and what may: bytes counted as protobuf counts them, gas by what transactions ask for. Owns the choice, and
 * the rule by which a proposal that this node has just executed while choosing need not be executed again.
 */
import { isDeepStrictEqual } from "node:util";
import { type BlockRun, blockGasMeter, type OpenBlock, openBlock, runBlockTx } from "../block.ts";
import type { ReadContext } from "../context.ts";
import { executionContext } from "../execution.ts";
import { unlimitedGasMeter } from "../gas.ts";
import type { TxOutcome } from "../transaction.ts";
import type { DecodedTx } from "../tx/types.ts";
import { warmed } from "../warmreads.ts";

/** Bytes that a transaction takes in a block's Data message: tag, length, content. */
function bytesInBlock(tx: DecodedTx): bigint {
  let lengthBytes = 1;
  for (let rest = tx.bytes.length; rest >= 0x80; rest >>>= 7) lengthBytes++;
  return BigInt(1 + lengthBytes + tx.bytes.length);
}

const gasWanted = (tx: DecodedTx): bigint => tx.authInfo.fee?.gasLimit ?? 0n;

/** A proposal whose transactions together take more bytes or ask for more gas than a block has is refused whole. */
export function fitsBlock(run: BlockRun, txs: readonly DecodedTx[]): boolean {
  const ctx = executionContext(run.journal, run.block, "finalize", unlimitedGasMeter());
  const params = run.definition.consensusParams.get(ctx);
  const bytesMax = params?.block?.maxBytes ?? -1n;
  if (bytesMax > 0n && txs.reduce((sum, tx) => sum + bytesInBlock(tx), 0n) > bytesMax) return false;
  const gasMax = blockGasMeter(params)?.limit;
  return gasMax === undefined || txs.reduce((sum, tx) => sum + gasWanted(tx), 0n) <= gasMax;
}

/** A proposal with what came of its transactions while they were chosen. */
export interface FilledProposal {
  readonly run: BlockRun;
  readonly open: OpenBlock;
  readonly txs: readonly DecodedTx[];
  /** Nothing but `txs` has left a trace: a transaction that was tried and left out may have used the block's gas. */
  readonly isExact: boolean;
}

/**
 * Keeps the mempool's order and leaves out what does not fit or would be refused where it stands. Runs each transaction whole, because an
 * earlier one's messages decide whether a later one can pay. `run`'s journal is scratch; `ownTx`, told of the open block, comes before all others.
 */
export function fillProposal(
  run: BlockRun,
  candidates: readonly DecodedTx[],
  bytesMax: bigint,
  onDefect: (tx: DecodedTx, error: unknown) => void,
  ownTx: (ctx: ReadContext) => DecodedTx | undefined = () => undefined,
): FilledProposal {
  const open = openBlock(run);
  const own = ownTx(executionContext(run.journal, run.block, "finalize", unlimitedGasMeter()));
  const txs: DecodedTx[] = [];
  let isExact = true;
  let bytesLeft = bytesMax;
  let gasLeft = open.gas?.limit;
  for (const tx of warmed(run.journal, own === undefined ? candidates : [own, ...candidates])) {
    if (bytesInBlock(tx) > bytesLeft || (gasLeft !== undefined && gasWanted(tx) > gasLeft)) continue;
    const outcome = tryTx(run, open, tx, onDefect);
    if (outcome === undefined || outcome.refusedByAnte) {
      isExact = false;
      continue;
    }
    txs.push(tx);
    open.outcomes.push(outcome);
    bytesLeft -= bytesInBlock(tx);
    if (gasLeft !== undefined) gasLeft -= gasWanted(tx);
  }
  return { run, open, txs, isExact };
}

function tryTx(
  run: BlockRun,
  open: OpenBlock,
  tx: DecodedTx,
  onDefect: (tx: DecodedTx, error: unknown) => void,
): TxOutcome | undefined {
  const mark = run.journal.mark();
  try {
    return runBlockTx(run, open, tx);
  } catch (error) {
    run.journal.rollback(mark);
    onDefect(tx, error);
    return undefined;
  }
}

/**
 * Whether these transactions, in a block that `wanted` describes, would do just what was done while choosing. Every part of the
 * description is compared, so that one that is added later cannot be forgotten here.
 */
export function isProposalOf(
  { run, txs, isExact }: FilledProposal,
  wanted: Pick<BlockRun, "block" | "report">,
  bytes: readonly Uint8Array[],
): boolean {
  if (!isExact || txs.length !== bytes.length) return false;
  const { block, report } = run;
  return (
    isDeepStrictEqual([block, report], [wanted.block, wanted.report]) &&
    txs.every((tx, i) => tx.bytes === bytes[i] || Buffer.compare(tx.bytes, bytes[i]!) === 0)
  );
}

/** Tells which of them is being executed, so that a defect can be laid to it. */
export function* trackTxs(
  txs: Iterable<DecodedTx>,
  onTx: (bytes: Uint8Array | undefined) => void,
): IterableIterator<DecodedTx> {
  for (const tx of txs) {
    onTx(tx.bytes);
    yield tx;
  }
  onTx(undefined);
}
