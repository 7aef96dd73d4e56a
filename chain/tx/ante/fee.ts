/** Fifth step: the fee, paid by the payer that the transaction names, a granter, or else its first signer. */
import { accountAddress } from "../../address.ts";
import { type Coins, formatCoins, isAnyGte, isZeroCoins } from "../../coins.ts";
import { decCeil, decMulInt, decTruncateInt } from "../../dec.ts";
import type { DecCoins } from "../../deccoins.ts";
import { ChainError, sdk } from "../../errors.ts";
import type { AnteRun } from "./run.ts";

/**
 * A simulation seldom states its fee, and its gas must still suffice: what taking one coin from the payer costs, rounded up from what
 * modules/bank needs (the account for what it locks, a balance read and written on both sides).
 */
const simulatedFeeGas = 15_000n;

export function deductFee(run: AnteRun): void {
  const { ctx, tx, fee, gasLimit, simulate, options } = run;
  if (!simulate && ctx.block.height > 0n && gasLimit === 0n) throw sdk.invalidGasLimit("must provide positive gas");
  if (ctx.mode === "check" || ctx.mode === "recheck") requireMinimum(fee, gasLimit, options.minGasPrices ?? []);
  const { payer, granter } = tx.authInfo.fee!;
  const first = run.signers[0]!;
  const payerText = payer === "" ? first.text : payer;
  const source = granter === "" ? payerText : useGrant(run, granter, payerText);
  if (simulate && isZeroCoins(fee)) ctx.gas.consume(simulatedFeeGas, "simulated fee");
  options.keepers.fees.deduct(ctx, source === first.text ? first.address : accountAddress.decode(source), fee);
}

/** The granter's address; the payer itself needs no grant. */
function useGrant({ ctx, tx, fee, options }: AnteRun, granter: string, payer: string): string {
  const { grants } = options.keepers;
  if (grants === undefined) throw sdk.invalidRequest("fee grants are not enabled");
  if (granter === payer) return granter;
  try {
    grants.use(ctx, accountAddress.decode(granter), accountAddress.decode(payer), fee, tx.messages);
  } catch (error) {
    if (!(error instanceof ChainError) || error.code === 11) throw error;
    const text = `${granter} does not allow to pay fees for ${payer}: ${error.message}`;
    throw new ChainError(error.codespace, error.code, text);
  }
  return granter;
}

/** This node's own minimum, ceil(price · gas limit); one of the denominations suffices. */
function requireMinimum(fee: Coins, gasLimit: bigint, prices: DecCoins): void {
  if (prices.every(({ amount }) => amount === 0n)) return;
  const required = prices.map(({ denom, amount }) => ({
    denom,
    amount: decTruncateInt(decCeil(decMulInt(amount, gasLimit))),
  }));
  if (isAnyGte(fee, required)) return;
  throw sdk.insufficientFee(`insufficient fees; got: ${formatCoins(fee)} required: ${formatCoins(required)}`);
}

const priorityMax = (1n << 63n) - 1n;

/** The lowest gas price among the fee's coins, whole units only, as the SDK's mempool orders. */
export function feePriority(fee: Coins, gasLimit: bigint): bigint {
  let priority = 0n;
  if (gasLimit === 0n) return priority;
  for (const { amount } of fee) {
    const price = amount / gasLimit;
    const capped = price > priorityMax ? priorityMax : price;
    if (priority === 0n || capped < priority) priority = capped;
  }
  return priority;
}
