/**
 * The upgrades of this chain, oldest first: one row for each change of rules that a network carries out at a planned height. A row never
 * changes once its release is out; docs/upgrades.md says how one is made.
 */
import type { Upgrade } from "../chain/upgrades.ts";

export const upgradeTable: readonly Upgrade[] = [];
