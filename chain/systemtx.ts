/**
 * The one transaction of a block that nobody signs or pays: its proposer adds it, it comes first and says one message. Owns how it is told
 * from others, its only encoding, and running it; what it says is a module's, named by ChainDefinition.system.
 */
import type { MessageCodec } from "./codec.ts";
import type { BlockInfo, ReadContext } from "./context.ts";
import type { ChainDefinition } from "./definition.ts";
import { type ChainError, sdk } from "./errors.ts";
import type { Journal } from "./store/journal.ts";
import { compareBytes } from "./store/types.ts";
import { refusedOutcome, runUnpaid, type TxOutcome } from "./transaction.ts";
import { assemble, buildUnsigned } from "./tx/build.ts";
import { decodeTx, type MessageRegistry } from "./tx/decode.ts";
import type { DecodedTx } from "./tx/types.ts";

/** A secret of this node that proves by it: what the proposer's message is made with. It never leaves its holder. */
export interface SystemSigner {
  readonly publicKey: Uint8Array;
  prove(input: Uint8Array): Uint8Array;
}

type Chain = Pick<ChainDefinition, "system">;

/** A message within another message is for its handler to refuse. */
export const isSystemTx = ({ system }: Chain, tx: DecodedTx): boolean =>
  system !== undefined && tx.messages.some(({ typeUrl }) => typeUrl === system.typeUrl);

/** Nobody but a block's proposer says it, and not twice. */
export const notFirst = (): ChainError =>
  sdk.unauthorized(
    "this message is its proposer's: it stands alone in a block's first transaction and is sent by nobody",
  );

/** Its only bytes: no memo, no fee, no signature, nothing that a proposer could choose. */
export function systemTxBytes<T>(codec: MessageCodec<T>, value: T): Uint8Array {
  const unsigned = buildUnsigned({ messages: [{ codec, value }] }, { amount: [], gasLimit: 0n }, []);
  return assemble(unsigned, []);
}

/** What this node has to say in the block that is open, or undefined. */
export function proposedSystemTx(
  { system }: Chain,
  registry: MessageRegistry,
  ctx: ReadContext,
  signers: readonly SystemSigner[],
): DecodedTx | undefined {
  if (system === undefined || signers.length === 0) return undefined;
  const value = system.propose(ctx, signers);
  if (value === undefined) return undefined;
  return decodeTx(systemTxBytes(registry.handler(system.typeUrl)!.request, value), registry);
}

/** Never throws: what is wrong with it makes it a failed transaction, which no proposal may have. */
export function runSystemTx({ system }: Chain, tx: DecodedTx, journal: Journal, block: BlockInfo): TxOutcome {
  const message = tx.messages[0]!;
  if (system === undefined || tx.messages.length !== 1) return refusedOutcome(notFirst());
  const { handler, value } = message;
  if (compareBytes(systemTxBytes(handler.request, value), tx.bytes) !== 0) return refusedOutcome(otherBytes());
  return runUnpaid({ ...message, handler: { ...handler, execute: system.execute } }, journal, block);
}

const otherBytes = (): ChainError =>
  sdk.txDecode("a block's first transaction without signatures has its message in canonical encoding and nothing else");
