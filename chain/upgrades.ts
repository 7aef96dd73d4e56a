/**
 * Software upgrades: what a release brings (a plain table), and what happens at the height that was planned for one. Owns the decision at
 * each block, the refusal of a program that is too old or too new, and the order of migrations; the plan and the versions are state, kept
 * by modules/upgrade, and the set of stores changes in chain/store.
 *
 * The block of a planned height has no transactions, whoever proposes it: it is decided by programs that will not execute it.
 */
import type { Context, ReadContext } from "./context.ts";
import type { ChainDefinition } from "./definition.ts";
import { makeRegistry } from "./definition.ts";
import { changesStores, namesAfter, namesBefore, noStoreUpgrades, type StoreUpgrades } from "./store/storeupgrades.ts";

/** One row of the table: a change of the chain's rules, by the name that governance plans it under. Rows stay, oldest first. */
export interface Upgrade {
  readonly name: string;
  /** Left out where the same stores stay. */
  readonly stores?: StoreUpgrades;
  /** What no module's own migration does, after all of those. */
  migrate?(ctx: Context): void;
}

export interface UpgradePlan {
  readonly name: string;
  readonly height: bigint;
  readonly info: string;
}

/** Implemented by modules/upgrade. */
export interface UpgradeKeeper {
  plan(ctx: ReadContext): UpgradePlan | undefined;
  /** A committee holds the plan up, though its height has come. */
  isStopped(ctx: ReadContext, plan: UpgradePlan): boolean;
  lastDone(ctx: ReadContext): string | undefined;
  /** Undefined where the module has no state yet. */
  moduleVersion(ctx: ReadContext, name: string): bigint | undefined;
  setModuleVersion(ctx: Context, name: string, version: bigint): void;
  clear(ctx: Context, plan: UpgradePlan, why: "skipped" | "stopped"): void;
  complete(ctx: Context, plan: UpgradePlan): void;
}

export interface Upgrades {
  readonly table: readonly Upgrade[];
  readonly keeper: UpgradeKeeper;
  /** Of a module's state as this program writes it. */
  version(moduleName: string): bigint;
}

/** The block needs another program: this one stops before it, and nothing of the block is kept. */
export class UpgradeHalt extends Error {
  readonly plan: UpgradePlan;
  /** Of the block that is not executed. */
  readonly height: bigint;

  constructor(message: string, plan: UpgradePlan, height: bigint) {
    super(message);
    this.name = "UpgradeHalt";
    this.plan = plan;
    this.height = height;
  }
}

/** The program is older than the plan wants: the text is what cosmovisor and operators' scripts look for. */
export class UpgradeNeeded extends UpgradeHalt {
  constructor(plan: UpgradePlan, height: bigint) {
    super(`UPGRADE "${plan.name}" NEEDED at height: ${plan.height}: ${plan.info}`, plan, height);
    this.name = "UpgradeNeeded";
  }
}

const updatedBeforeTrigger = (plan: UpgradePlan, height: bigint) =>
  new UpgradeHalt(
    `BINARY UPDATED BEFORE TRIGGER! UPGRADE "${plan.name}" - in binary but not executed on chain. Downgrade your binary: ` +
      `the upgrade is planned for height ${plan.height}, and this is block ${height}`,
    plan,
    height,
  );

const severalAtOnce = (plan: UpgradePlan, newest: string, height: bigint) =>
  new UpgradeHalt(
    `the plan is upgrade "${plan.name}", and this release is of "${newest}", which comes after it: run the release of "${plan.name}" first`,
    plan,
    height,
  );

// ------------------------------------------------------------------------------------------------------------- the decision

/** What a block begins with, before any hook. */
export type UpgradeStep =
  | { readonly kind: "apply"; readonly plan: UpgradePlan; readonly upgrade: Upgrade }
  | { readonly kind: "clear"; readonly plan: UpgradePlan; readonly why: "skipped" | "stopped" }
  | { readonly kind: "halt"; readonly error: UpgradeHalt };

const findUpgrade = ({ table }: Upgrades, name: string): Upgrade | undefined =>
  table.find((upgrade) => upgrade.name === name);

const isDue = ({ height }: UpgradePlan, blockHeight: bigint): boolean => height > 0n && height <= blockHeight;

/** The plan whose height the block has, if any: whatever becomes of it, that block has no transactions. */
export function duePlan(chain: ChainDefinition, ctx: ReadContext, height: bigint): UpgradePlan | undefined {
  const plan = chain.upgrades?.keeper.plan(ctx);
  return plan !== undefined && isDue(plan, height) ? plan : undefined;
}

export function upgradeStep(
  { upgrades }: ChainDefinition,
  ctx: ReadContext,
  height: bigint,
  skipHeights: ReadonlySet<bigint>,
): UpgradeStep | undefined {
  const plan = upgrades?.keeper.plan(ctx);
  if (upgrades === undefined || plan === undefined) return undefined;
  const upgrade = findUpgrade(upgrades, plan.name);
  if (!isDue(plan, height)) {
    return upgrade === undefined ? undefined : { kind: "halt", error: updatedBeforeTrigger(plan, height) };
  }
  if (skipHeights.has(height)) return { kind: "clear", plan, why: "skipped" };
  if (upgrades.keeper.isStopped(ctx, plan)) return { kind: "clear", plan, why: "stopped" };
  if (upgrade === undefined) return { kind: "halt", error: new UpgradeNeeded(plan, height) };
  const newest = upgrades.table.at(-1)!;
  if (newest !== upgrade) return { kind: "halt", error: severalAtOnce(plan, newest.name, height) };
  return { kind: "apply", plan, upgrade };
}

// ---------------------------------------------------------------------------------------------------------------- at a start

/** The sets of stores that a state may have besides this program's own: those of before its upgrades, newest first. */
export function earlierStores({ modules, upgrades }: ChainDefinition): readonly (readonly string[])[] {
  let names: readonly string[] = makeRegistry(modules).storeNames;
  const sets: (readonly string[])[] = [];
  for (const { stores = noStoreUpgrades } of upgrades?.table.toReversed() ?? []) {
    if (!changesStores(stores)) continue;
    names = namesBefore(names, stores);
    sets.push(names);
  }
  return sets;
}

/** What to open a chain's state with. */
export const storesOf = (definition: ChainDefinition) => ({
  storeNames: makeRegistry(definition.modules).storeNames,
  earlierStores: earlierStores(definition),
});

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name));

/** Throws where this program cannot go on from a state: it is too old for it, or too new. */
export function checkProgram(
  definition: ChainDefinition,
  ctx: ReadContext,
  storeNames: readonly string[],
  height: bigint,
  skipHeights: ReadonlySet<bigint>,
): void {
  const { upgrades } = definition;
  if (upgrades === undefined) return;
  const ours = makeRegistry(definition.modules).storeNames;
  const next = height + 1n;
  if (!storeNames.includes(upgradeStoreName)) throw notPlanned(upgrades, height);
  const step = upgradeStep(definition, ctx, next, skipHeights);
  // A program that is too old says so at its block, where the operator and cosmovisor expect it.
  if (step?.kind === "halt" && !(step.error instanceof UpgradeNeeded)) throw step.error;
  if (step?.kind === "apply") {
    const stores = step.upgrade.stores ?? noStoreUpgrades;
    if (sameNames(namesAfter(storeNames, stores), ours)) return;
  }
  if (!sameNames(storeNames, ours)) throw notPlanned(upgrades, height);
  const done = upgrades.keeper.lastDone(ctx);
  if (done !== undefined && findUpgrade(upgrades, done) === undefined) throw tooOld(done);
}

const upgradeStoreName = "upgrade";

const tooOld = (done: string): Error =>
  new Error(
    `wrong app version 0, upgrade handler is missing for ${done} upgrade plan: the chain was upgraded, and this program is older; run the release of "${done}"`,
  );

function notPlanned({ table }: Upgrades, height: bigint): Error {
  const name = table.at(-1)?.name ?? "";
  return new Error(
    `BINARY UPDATED BEFORE TRIGGER! UPGRADE "${name}" - in binary but not executed on chain. Downgrade your binary: the state is of ` +
      `height ${height}, and no such upgrade is planned for block ${height + 1n}`,
  );
}

// ------------------------------------------------------------------------------------------------------------- the execution

export const storesChangedBy = (step: UpgradeStep | undefined): StoreUpgrades | undefined =>
  step?.kind === "apply" ? step.upgrade.stores : undefined;

/** Before every hook of the block. A migration that fails stops the node, and is run again, whole, at the next start. */
export function runUpgrade(definition: ChainDefinition, ctx: Context, step: UpgradeStep): void {
  const { keeper } = definition.upgrades!;
  if (step.kind === "halt") throw step.error;
  if (step.kind === "clear") {
    keeper.clear(ctx, step.plan, step.why);
    return;
  }
  migrateModules(definition, ctx);
  step.upgrade.migrate?.(ctx);
  keeper.complete(ctx, step.plan);
}

/** Each module from the version that its state has, one after another; a new one begins with its default genesis. */
function migrateModules(definition: ChainDefinition, ctx: Context): void {
  const { keeper, version } = definition.upgrades!;
  for (const module of definition.order.genesis) {
    const target = version(module.name);
    const found = keeper.moduleVersion(ctx, module.name);
    if (found === undefined) {
      const updates = module.genesis.init(ctx, module.genesis.default(), refuseTransactions);
      if (updates !== undefined && updates.length > 0)
        throw new Error(`${module.name} is new and asks for validators: an upgrade cannot set them`);
    }
    for (let from = found ?? target; from < target; from++) {
      const migrate = module.migrations?.[String(from)];
      if (migrate === undefined) throw new Error(`${module.name} has no migration from version ${from}`);
      migrate(ctx);
    }
    if (found !== undefined && found > target)
      throw new Error(`${module.name}'s state is of version ${found}, newer than this program's ${target}`);
    if (found !== target) keeper.setModuleVersion(ctx, module.name, target);
  }
}

const refuseTransactions = (): string => "an upgrade runs no transactions";
