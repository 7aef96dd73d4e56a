/**
 * A height at which the set of stores changes: some are added, renamed or deleted before anything else of that height is done, as
 * cosmos-sdk's rootmulti does at the height of an upgrade. Owns what such a change is, its bytes in the log, and how the state is read
 * while that height is executed. Does not own the trees (forest.ts).
 *
 * A store that is added or renamed begins with the height's version: nothing of its tree is older.
 */
import { StoreMisuse } from "./storeerrors.ts";
import { type Change, compareBytes, type ReadStore, type ReadStores, type StoreChanges } from "./types.ts";

export interface StoreUpgrades {
  readonly added: readonly string[];
  /** All of it moves. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  readonly deleted: readonly string[];
}

export const noStoreUpgrades: StoreUpgrades = { added: [], renamed: [], deleted: [] };

export const changesStores = ({ added, renamed, deleted }: StoreUpgrades): boolean =>
  added.length + renamed.length + deleted.length > 0;

/** The names after the change; throws where it does not fit the names before. */
export function namesAfter(names: readonly string[], upgrades: StoreUpgrades): string[] {
  const { added, renamed, deleted } = upgrades;
  const before = new Set(names);
  const after = new Set(names);
  for (const name of [...deleted, ...renamed.map(({ from }) => from)]) {
    if (!after.delete(name))
      throw new StoreMisuse(`there is no store "${name}" to delete or rename: ${names.join(", ")}`);
  }
  for (const name of [...added, ...renamed.map(({ to }) => to)]) {
    // Also where it goes at the same height: history tells stores apart by name.
    if (before.has(name) || after.has(name))
      throw new StoreMisuse(`there is a store "${name}" already: ${names.join(", ")}`);
    after.add(name);
  }
  return [...after].sort((a, b) => compareBytes(Buffer.from(a), Buffer.from(b)));
}

/** The names before the change: what a program that knows it can still open. */
export function namesBefore(names: readonly string[], { added, renamed, deleted }: StoreUpgrades): string[] {
  return namesAfter(names, {
    added: deleted,
    renamed: renamed.map(({ from, to }) => ({ from: to, to: from })),
    deleted: added,
  });
}

// ------------------------------------------------------------------------------------------------------------------ the log

const none = new Uint8Array(0);

/** As the changes of a store without a name, which no store can be: by name, null where deleted, else the name before, if any. */
export function encodeStoreUpgrades({ added, renamed, deleted }: StoreUpgrades): StoreChanges {
  const changes: Change[] = [
    ...added.map((name): Change => [Buffer.from(name), none]),
    ...renamed.map(({ from, to }): Change => [Buffer.from(to), Buffer.from(from)]),
    ...deleted.map((name): Change => [Buffer.from(name), null]),
  ];
  return changes.sort((a, b) => compareBytes(a[0], b[0]));
}

export function decodeStoreUpgrades(changes: StoreChanges): StoreUpgrades {
  const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  const set = changes.filter((change): change is readonly [Uint8Array, Uint8Array] => change[1] !== null);
  return {
    added: set.filter(([, from]) => from.length === 0).map(([name]) => textOf(name)),
    renamed: set.filter(([, from]) => from.length > 0).map(([to, from]) => ({ from: textOf(from), to: textOf(to) })),
    deleted: changes.filter(([, value]) => value === null).map(([name]) => textOf(name)),
  };
}

// ------------------------------------------------------------------------------------------------------------------ reading

/** What a store is at heights before it. */
export const emptyStore: ReadStore = {
  get: () => undefined,
  has: () => false,
  iterate: () => [][Symbol.iterator]() as IterableIterator<never>,
};

/** The committed stores as the height of the change sees them. */
export function upgradedStores(base: ReadStores, { added, renamed, deleted }: StoreUpgrades): ReadStores {
  const before = new Map(renamed.map(({ from, to }) => [to, from]));
  const gone = new Set([...deleted, ...before.values()]);
  return {
    store(name) {
      if (added.includes(name)) return emptyStore;
      if (gone.has(name)) throw new StoreMisuse(`the store "${name}" is deleted or renamed at this height`);
      return base.store(before.get(name) ?? name);
    },
  };
}
