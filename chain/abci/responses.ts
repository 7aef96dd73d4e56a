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

const validatorText = ({ pubKey, power }: AbciValidatorUpdate): string => {
  const key = pubKey?.ed25519 ?? pubKey?.secp256k1 ?? new Uint8Array(0);
  return `${Buffer.from(key).toString("base64")} of power ${power}`;
};

/**
 * A genesis may name its validators twice: for the engine, and by what is staked. One that names them differently is refused, as baseapp
 * does; without stakes, those of the engine validate.
 */
export function requireSameValidators(
  named: readonly AbciValidatorUpdate[],
  staked: readonly AbciValidatorUpdate[],
): void {
  if (named.length === 0 || staked.length === 0) return;
  const missing = (of: readonly AbciValidatorUpdate[], from: readonly AbciValidatorUpdate[]) => {
    const texts = new Set(from.map(validatorText));
    return of.map(validatorText).find((text) => !texts.has(text));
  };
  const extra = missing(named, staked);
  if (extra !== undefined)
    throw new Error(`genesis names the validator ${extra}, for which nothing of that power is staked`);
  const unnamed = missing(staked, named);
  if (unnamed !== undefined) {
    throw new Error(`genesis has stakes of the validator ${unnamed}, which consensus.validators does not name`);
  }
}
