/** Executes the messages of a proposal: whole or not at all, for so much gas, without touching what others have deposited. */
import { governance } from "../../chain/authority.ts";
import { coinsEqual } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { ChainError } from "../../chain/errors.ts";
import { type GasMeter, limitedGasMeter } from "../../chain/gas.ts";
import { balancesOf } from "../bank/index.ts";
import type { Meaning, OpenMessage } from "./constitution.ts";
import { spendsDeposits } from "./errors.ts";
import { parameterChanged } from "./events.ts";

/** Why nothing was done, and which message it was. */
export interface Refusal {
  readonly index: number;
  readonly error: ChainError;
}

/** A message that refuses what it reads later than it was proposed is refused with all others; any other throw is a defect. */
export function runMessages(ctx: Context, messages: readonly OpenMessage[], gas: GasMeter): Refusal | undefined {
  let index = 0;
  try {
    ctx.attempt(() => {
      const before = balancesOf(ctx, governance);
      ctx.metered(gas, (paid) => {
        for (const { handler, value } of messages) {
          handler.validate(value);
          handler.execute(paid, value);
          index++;
        }
      });
      index = Math.max(0, messages.length - 1);
      if (!coinsEqual(before, balancesOf(ctx, governance))) throw spendsDeposits();
    });
    return undefined;
  } catch (error) {
    if (error instanceof ChainError) return { index, error };
    throw error;
  }
}

/** Says afterwards what became of each parameter. */
export function runProposal(
  ctx: Context,
  id: bigint,
  messages: readonly OpenMessage[],
  { changes }: Meaning,
  gasMax: bigint,
): Refusal | undefined {
  const refusal = runMessages(ctx, messages, limitedGasMeter(gasMax));
  if (refusal !== undefined) return refusal;
  for (const { module, name, before, after } of changes) ctx.emit(parameterChanged(id, module, name, before, after));
  return undefined;
}
