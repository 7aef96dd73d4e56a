/** Turns results of execution into ABCI's messages, and compares blocks. No decision is made here. */
import type {
  ValidatorUpdate as AbciValidatorUpdate,
  Event,
  ExecTxResult,
  RequestFinalizeBlock,
  ResponseCheckTx,
} from "../../proto/gen/tendermint/abci/types.ts";
import type { ChainEvent } from "../events.ts";
import type { ValidatorUpdate } from "../module.ts";
import type { TxOutcome } from "../transaction.ts";

export const toEvents = (events: readonly ChainEvent[]): Event[] => [...events];

const int64Max = (1n << 63n) - 1n;

/** Gas is unsigned here and signed in ABCI: of a refused transaction it may be anything, and must not break its own answer. */
const signedGas = (gas: bigint): bigint => (gas > int64Max ? int64Max : gas);

export const execTxResult = (outcome: TxOutcome): ExecTxResult => ({
  code: outcome.code,
  data: outcome.data,
  log: outcome.log,
  info: "",
  gasWanted: signedGas(outcome.gasWanted),
  gasUsed: signedGas(outcome.gasUsed),
  events: toEvents(outcome.events),
  codespace: outcome.codespace,
});

export const checkTxResponse = (outcome: TxOutcome): ResponseCheckTx => execTxResult(outcome);

export const toValidatorUpdates = (updates: readonly ValidatorUpdate[]): AbciValidatorUpdate[] =>
  updates.map(({ publicKeyType, publicKey, power }) => ({
    pubKey: publicKeyType === "ed25519" ? { ed25519: publicKey } : { secp256k1: publicKey },
    power,
  }));

/** The parts of a block that ProcessProposal and FinalizeBlock both name. The hash covers the rest of the header and the commit. */
export type BlockIdentity = Pick<RequestFinalizeBlock, "hash" | "height" | "txs" | "proposerAddress">;

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export function sameBlock(a: BlockIdentity, b: BlockIdentity): boolean {
  if (a.hash.length === 0 || a.height !== b.height || a.txs.length !== b.txs.length) return false;
  if (!sameBytes(a.hash, b.hash) || !sameBytes(a.proposerAddress, b.proposerAddress)) return false;
  return a.txs.every((tx, index) => sameBytes(tx, b.txs[index]!));
}
