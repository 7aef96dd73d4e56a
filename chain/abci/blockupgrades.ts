/** Upgrades as the application meets them: which blocks have none of their own content, what a block is executed over. Owns the operator's skipped heights. */
import type { ReadContext } from "../context.ts";
import type { ChainDefinition } from "../definition.ts";
import { upgradedStores } from "../store/storeupgrades.ts";
import type { ReadStores } from "../store/types.ts";
import { checkProgram, duePlan, storesChangedBy, type UpgradeStep, upgradeStep } from "../upgrades.ts";

const noHeights: ReadonlySet<bigint> = new Set();

export class BlockUpgrades {
  readonly #definition: ChainDefinition;
  readonly #skipHeights: ReadonlySet<bigint>;

  constructor(definition: ChainDefinition, skipHeights: ReadonlySet<bigint> = noHeights) {
    this.#definition = definition;
    this.#skipHeights = skipHeights;
  }

  /** Throws where this program cannot go on from the committed state. */
  check(ctx: ReadContext, storeNames: readonly string[]): void {
    if (ctx.block.height === 0n) return;
    checkProgram(this.#definition, ctx, storeNames, ctx.block.height, this.#skipHeights);
  }

  /** Then the block has no transactions, and nothing of it is executed before it is decided. */
  isDue(ctx: ReadContext, height: bigint): boolean {
    return duePlan(this.#definition, ctx, height) !== undefined;
  }

  /** What a decided block begins with, and the stores it is executed over. */
  begin(ctx: ReadContext, latest: ReadStores, height: bigint): { step: UpgradeStep | undefined; base: ReadStores } {
    const step = upgradeStep(this.#definition, ctx, height, this.#skipHeights);
    const stores = storesChangedBy(step);
    return { step, base: stores === undefined ? latest : upgradedStores(latest, stores) };
  }
}
