/** Under whose law relays say they stand: a word of their operators, for buyers who ask. Works on every chain: it restricts nobody who does not ask. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { relay } from "../attestation/index.ts";
import { noSuchRelay, notTheOperator } from "./errors.ts";
import { jurisdictionDeclared } from "./events.ts";
import { jurisdictions } from "./state.ts";

/** Empty where its operator has said nothing. */
export const jurisdictionOf = (ctx: ReadContext, id: bigint): string => jurisdictions.get(ctx, id) ?? "";

export function declareJurisdiction(ctx: Context, operator: string, id: bigint, jurisdiction: string): void {
  const found = relay(ctx, id);
  if (found === undefined) throw noSuchRelay(id);
  if (found.operator !== operator) throw notTheOperator(id, found.operator);
  if (jurisdiction === "") jurisdictions.delete(ctx, id);
  else jurisdictions.set(ctx, id, jurisdiction);
  ctx.emit(jurisdictionDeclared(id, jurisdiction));
}

/** The record is gone for good. */
export function afterRelayRemoved(ctx: Context, id: bigint): void {
  if (jurisdictions.has(ctx, id)) jurisdictions.delete(ctx, id);
}
