/** The plan, what was done, and modules' versions. Owns the rules of planning; when a plan is carried out is chain/upgrades.ts. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { sdk } from "../../chain/errors.ts";
import type { UpgradeKeeper, UpgradePlan } from "../../chain/upgrades.ts";
import type { Plan } from "../../proto/gen/cosmos/upgrade/v1beta1/upgrade.ts";
import { upgradeCancelled, upgradeCompleted, upgradeDropped, upgradePlanned } from "./events.ts";
import { checkPlan } from "./plan.ts";
import { done, plan as planned, protocolVersion, versions } from "./state.ts";

/** 0 where no such upgrade was carried out. */
export function doneHeight(ctx: ReadContext, name: string): bigint {
  for (const [height, found] of done.keys(ctx)) if (found === name) return height;
  return 0n;
}

/** A plan that stands is replaced. The block's own height is taken, as the SDK does: such a plan is due in the next block. */
export function schedule(ctx: Context, candidate: Plan | undefined): void {
  const plan = checkPlan(candidate);
  if (plan.height < ctx.block.height) throw sdk.invalidRequest("upgrade cannot be scheduled in the past");
  if (doneHeight(ctx, plan.name) !== 0n) {
    throw sdk.invalidRequest(`upgrade with name ${plan.name} has already been completed`);
  }
  planned.set(ctx, plan);
  ctx.emit(upgradePlanned(plan));
}

/** Nothing happens where there is none, as in the SDK. */
export function cancel(ctx: Context): void {
  const plan = planned.get(ctx);
  if (plan === undefined) return;
  planned.delete(ctx);
  ctx.emit(upgradeCancelled(plan));
}

/** Of the plan that stands. */
export function currentPlan(ctx: ReadContext): UpgradePlan | undefined {
  const plan = planned.get(ctx);
  return plan === undefined ? undefined : { name: plan.name, height: plan.height, info: plan.info };
}

function lastDone(ctx: ReadContext): string | undefined {
  for (const [, name] of done.keys(ctx, { reverse: true })) return name;
  return undefined;
}

export const keeperOver = (isStopped: UpgradeKeeper["isStopped"]): UpgradeKeeper => ({
  plan: currentPlan,
  isStopped,
  lastDone,
  moduleVersion: (ctx, name) => versions.get(ctx, name),
  setModuleVersion: (ctx, name, version) => versions.set(ctx, name, version),
  clear(ctx, plan, why) {
    planned.delete(ctx);
    ctx.emit(upgradeDropped(plan, ctx.block.height, why));
  },
  complete(ctx, plan) {
    protocolVersion.set(ctx, (protocolVersion.get(ctx) ?? 0n) + 1n);
    planned.delete(ctx);
    done.set(ctx, [ctx.block.height, plan.name], true);
    ctx.emit(upgradeCompleted(plan, ctx.block.height));
  },
});
