/** Upgrade's events. The SDK has none; operators' alarms want to hear of a plan before its height. */
import { type ChainEvent, event } from "../../chain/events.ts";
import type { UpgradePlan } from "../../chain/upgrades.ts";

const ofPlan = ({ name, height }: UpgradePlan) => ({ name, plan_height: `${height}` });

export const upgradePlanned = (plan: UpgradePlan): ChainEvent => event("upgrade_planned", ofPlan(plan));

export const upgradeCancelled = (plan: UpgradePlan): ChainEvent => event("upgrade_cancelled", ofPlan(plan));

/** At its height, undone: "skipped" by operators, "stopped" by the committee. */
export const upgradeDropped = (plan: UpgradePlan, height: bigint, why: string): ChainEvent =>
  event("upgrade_dropped", { ...ofPlan(plan), height: `${height}`, why });

export const upgradeCompleted = (plan: UpgradePlan, height: bigint): ChainEvent =>
  event("upgrade_completed", { ...ofPlan(plan), height: `${height}` });
