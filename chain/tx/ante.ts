/**
 * What a transaction passes before its messages run. Owns the order of the steps; each step is a file of ante/ with its own errors.
 * The caller sets up the gas meter by the transaction's gas limit and undoes everything when a step throws.
 */
import { accountAddress } from "../address.ts";
import { type Coins, coinsFromProto } from "../coins.ts";
import type { Context } from "../context.ts";
import { deductFee, feePriority } from "./ante/fee.ts";
import { payForBytes } from "./ante/gas.ts";
import { checkLimits } from "./ante/limits.ts";
import { checkMemo } from "./ante/memo.ts";
import { setPublicKeys } from "./ante/pubkey.ts";
import type { AnteOptions, AnteRun, Signer } from "./ante/run.ts";
import { advanceSequences } from "./ante/sequence.ts";
import { checkSignatureCount, checkSignatures, payForSignatures } from "./ante/signatures.ts";
import { checkTimeout } from "./ante/timeout.ts";
import { requiredSigners } from "./signers.ts";
import type { DecodedTx } from "./types.ts";

export type { AnteOptions } from "./ante/run.ts";

export interface AnteResult {
  readonly gasWanted: bigint;
  readonly fee: Coins;
  /** Whole units of the fee per gas, for a mempool's order. */
  readonly priority: bigint;
  /** Bech32, in the order in which they must sign. */
  readonly signers: readonly string[];
}

export function runAnte(ctx: Context, tx: DecodedTx, options: AnteOptions): AnteResult {
  checkLimits(tx, options.maxGasPerBlock);
  const run = startRun(ctx, tx, options);
  checkMemo(run);
  checkTimeout(run);
  payForBytes(run);
  deductFee(run);
  setPublicKeys(run);
  checkSignatureCount(run);
  payForSignatures(run);
  checkSignatures(run);
  advanceSequences(run);
  const { gasLimit, fee, signers } = run;
  return {
    gasWanted: gasLimit,
    fee,
    priority: feePriority(fee, gasLimit),
    signers: signers.map(({ text }) => text),
  };
}

function startRun(ctx: Context, tx: DecodedTx, options: AnteOptions): AnteRun {
  const fee = tx.authInfo.fee!;
  const signers = requiredSigners(tx).map((text, index): Signer => {
    const { modeInfo, sequence } = tx.authInfo.signerInfos[index]!;
    return {
      text,
      address: accountAddress.decode(text),
      given: modeInfo === undefined ? undefined : { modeInfo, bytes: tx.signatures[index]! },
      sequence,
      account: undefined,
      key: undefined,
    };
  });
  return {
    ctx,
    tx,
    options,
    signers,
    params: options.keepers.accounts.txParams(ctx),
    simulate: ctx.mode === "simulate",
    fee: coinsFromProto(fee.amount),
    gasLimit: fee.gasLimit,
  };
}
