/** Planned changes of the chain's software: what the chain and other modules may use of them. */
import type { Module } from "../../chain/module.ts";
import type { UpgradeKeeper } from "../../chain/upgrades.ts";
import { commands } from "./commands.ts";
import { genesisOver } from "./genesis.ts";
import { invariantsOver } from "./invariants.ts";
import { keeperOver } from "./keeper.ts";
import { messages } from "./messages.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export { currentPlan } from "./keeper.ts";

export interface UpgradeSurroundings {
  /** Of every module of the chain: the version of the state that this program writes. */
  versions(): Readonly<Record<string, bigint>>;
  /** Whether something holds a plan up whose height has come. */
  readonly isStopped: UpgradeKeeper["isStopped"];
}

/** Upgrade is told what all modules are once they are listed. */
export function upgradeOver({ versions, isStopped }: UpgradeSurroundings): {
  readonly module: Module;
  readonly keeper: UpgradeKeeper;
} {
  const module: Module = {
    name: "upgrade",
    storeName,
    state,
    messages,
    queries,
    genesis: genesisOver(versions),
    invariants: invariantsOver(versions),
    commands,
  };
  return { module, keeper: keeperOver(isStopped) };
}
