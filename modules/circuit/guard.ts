/**
 * Where acts take hold: every message that is executed passes here, whether a transaction holds it, authz or governance; CheckTx asks too, so
 * that nobody pays for what is refused. Owns the refusal. Costs the sender no gas: a brake must not make transactions dearer.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import { uncountedGas } from "../../chain/gas.ts";
import type { Module } from "../../chain/module.ts";
import { compareTimes } from "../../chain/time.ts";
import { MsgExec } from "../../proto/gen/cosmos/authz/v1beta1/tx.ts";
import { ActKind } from "../../proto/gen/weir/circuit/v1/state.ts";
import { propertyOf, schema } from "../../proto/schema.ts";
import { affected, effectOn } from "./acts.ts";
import { denomFrozen, disabledMessage, messagePaused, redemptionPaused } from "./errors.ts";
import { disabled, refusals } from "./state.ts";
import { type Surroundings, unpausable } from "./surroundings.ts";

const coinType = "cosmos.base.v1beta1.Coin";
const execUrl = `/${MsgExec.$type}`;

/** Messages by which WEIR is redeemed for the reserve. */
const redemptions: ReadonlySet<string> = new Set(["/weir.reserve.v1.MsgRedeem"]);

/** Throws why the message is refused now. What it holds for later, a proposal's messages, is not looked at. */
export function refusePaused(ctx: Context, chain: Surroundings, typeUrl: string, message: unknown): void {
  ctx.metered(uncountedGas, (free) => {
    if (refusals.get(free) === undefined || unpausable(typeUrl) !== undefined) return;
    refuse(free, chain, typeUrl, message);
  });
}

function refuse(ctx: ReadContext, chain: Surroundings, typeUrl: string, message: unknown): void {
  if (disabled.has(ctx, typeUrl)) throw disabledMessage(typeUrl);
  const paused = effectOn(ctx, ActKind.ACT_KIND_PAUSE_MESSAGES, typeUrl);
  if (paused !== undefined) throw messagePaused(typeUrl, paused);
  if (redemptions.has(typeUrl)) requireRedemptionOpen(ctx);
  const isExit = chain.exits().has(typeUrl);
  for (const denom of affected(ctx, ActKind.ACT_KIND_FREEZE_DENOM)) {
    const frozen = effectOn(ctx, ActKind.ACT_KIND_FREEZE_DENOM, denom)!;
    if (isExit && compareTimes(frozen.exitsOpen, ctx.block.time) <= 0) continue;
    if (namesCoin(typeUrl.slice(1), message, denom)) throw denomFrozen(denom, frozen);
  }
}

/** CheckTx executes nothing, so that messages within MsgExec are looked at here; their depth and number are checked by then. */
export function refuseAtCheck(ctx: Context, chain: Surroundings, typeUrl: string, message: unknown): void {
  refusePaused(ctx, chain, typeUrl, message);
  if (typeUrl !== execUrl) return;
  for (const inner of (message as MsgExec).msgs) {
    const handler = chain.handler(inner.typeUrl);
    if (handler !== undefined) refuseAtCheck(ctx, chain, inner.typeUrl, handler.request.decode(inner.value));
  }
}

/** Whether an amount of the denom stands anywhere in it. As deep as a message may be, which strict decoding bounds. */
function namesCoin(typeName: string, message: unknown, denom: string): boolean {
  if (message === undefined || message === null) return false;
  if (typeName === coinType) return (message as { readonly denom: string }).denom === denom;
  return (schema().messages[typeName]?.fields ?? []).some((field) => {
    if (field.type !== "message") return false;
    const value = (message as Readonly<Record<string, unknown>>)[propertyOf(field)];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.some((one) => namesCoin(field.of!, one, denom));
  });
}

/** Whose handlers pass here first. */
export function guarded(module: Module, chain: Surroundings): Module {
  const messages = Object.entries(module.messages).map(([typeUrl, handler]) => {
    const execute: typeof handler.execute = (ctx, message) => {
      refusePaused(ctx, chain, typeUrl, message);
      return handler.execute(ctx, message);
    };
    return [typeUrl, { ...handler, execute }] as const;
  });
  return { ...module, messages: Object.fromEntries(messages) };
}

// ------------------------------------------------------------------------------------------------ for modules, where no Coin is named

/** For modules whose terms must not run out meanwhile. */
export const isMessagePaused = (ctx: ReadContext, typeUrl: string): boolean =>
  refusals.get(ctx) !== undefined &&
  (disabled.has(ctx, typeUrl) || effectOn(ctx, ActKind.ACT_KIND_PAUSE_MESSAGES, typeUrl) !== undefined);

export const isDenomFrozen = (ctx: ReadContext, denom: string): boolean =>
  effectOn(ctx, ActKind.ACT_KIND_FREEZE_DENOM, denom) !== undefined;

export function requireDenomUsable(ctx: ReadContext, denom: string): void {
  const frozen = effectOn(ctx, ActKind.ACT_KIND_FREEZE_DENOM, denom);
  if (frozen !== undefined) throw denomFrozen(denom, frozen);
}

export function requireRedemptionOpen(ctx: ReadContext): void {
  const paused = effectOn(ctx, ActKind.ACT_KIND_PAUSE_REDEMPTION, "");
  if (paused !== undefined) throw redemptionPaused(paused);
}

/** Until when, and from when on it may take out what is its own; for compliance, which asks it of every transfer of a denom that may be frozen so. */
export const accountFreeze = (ctx: ReadContext, address: string, denom: string) =>
  effectOn(ctx, ActKind.ACT_KIND_FREEZE_ACCOUNT, `${address}/${denom}`);

export const isUpgradeStopped = (ctx: ReadContext, { name }: { readonly name: string }): boolean =>
  effectOn(ctx, ActKind.ACT_KIND_STOP_UPGRADE, name) !== undefined;
