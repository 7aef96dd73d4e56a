/**
 * The chain after its next upgrade, for tests: a module more, a store renamed away from and a module's state migrated. In a test's process it is imported as
 * it stands; as the program of a second release it takes the place of modules/index.ts (test/helpers/release.ts).
 */
import { collections } from "../../chain/collections.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { ChainDefinition } from "../../chain/definition.ts";
import type { Genesis, Module } from "../../chain/module.ts";
import type { Upgrade } from "../../chain/upgrades.ts";
import { uint64Value } from "../../chain/valuecodec.ts";
import { params } from "../../modules/auth/state.ts";
import { weir as first } from "../../modules/index.ts";
import { upgradeOver } from "../../modules/upgrade/index.ts";

export const upgradeName = "v2";
export const countedFrom = 100n;
export const memoCharactersMax = 777n;

const count = collections("blockcount").item(0, "count", uint64Value);

export const countOf = (ctx: ReadContext): bigint => count.get(ctx) ?? 0n;

const genesis: Genesis<bigint> = {
  default: () => countedFrom,
  parse: (json) => BigInt(String(json)),
  toJson: String,
  init(ctx, from) {
    count.set(ctx, from);
    return undefined;
  },
  export: countOf,
};

/** Counts blocks, its first included. */
const blockCount: Module = {
  name: "blockcount",
  storeName: "blockcount",
  state: { count },
  messages: {},
  queries: {},
  genesis,
  invariants: {},
  endBlock(ctx) {
    count.set(ctx, countOf(ctx) + 1n);
    return [];
  },
};

/** Auth's parameters, from version 5 on. */
function longerMemos(ctx: Context): void {
  params.set(ctx, { ...params.get(ctx)!, maxMemoCharacters: memoCharactersMax });
}

const before = first.upgrades!;

const version = (name: string): bigint => (name === "auth" ? before.version(name) + 1n : before.version(name));

const { module: upgrade, keeper } = upgradeOver({
  versions: () => Object.fromEntries(modules.map(({ name }) => [name, version(name)])),
  isStopped: before.keeper.isStopped,
});

const again = (module: Module): Module => {
  if (module.name === "upgrade") return upgrade;
  return module.name === "auth" ? { ...module, migrations: { "5": longerMemos } } : module;
};

const inOrder = (list: readonly Module[]): Module[] => list.map(again);

const modules: readonly Module[] = [...inOrder(first.modules), blockCount].sort((a, b) => (a.name < b.name ? -1 : 1));

/** What a test's release does besides, to be seen to be wrong. */
export const moreMigrations: { migrate?: (ctx: Context) => void } = {};

const v2: Upgrade = {
  name: upgradeName,
  stores: { added: ["blockcount"], renamed: [], deleted: [] },
  migrate: (ctx) => moreMigrations.migrate?.(ctx),
};

export const weir: ChainDefinition = {
  ...first,
  modules,
  order: {
    genesis: [...inOrder(first.order.genesis), blockCount],
    preBlock: inOrder(first.order.preBlock),
    beginBlock: inOrder(first.order.beginBlock),
    endBlock: [...inOrder(first.order.endBlock), blockCount],
  },
  upgrades: { table: [...before.table, v2], keeper, version },
};
