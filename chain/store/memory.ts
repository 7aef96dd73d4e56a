/** Stores in plain sorted memory, for tests of modules and for scratch work; no history, no commitment. */
import { Journal } from "./journal.ts";
import type { Entry, KeyRange, ReadStore, ReadStores } from "./types.ts";

class EmptyStore implements ReadStore {
  get(): undefined {
    return undefined;
  }
  has(): boolean {
    return false;
  }
  *iterate(_range: KeyRange): IterableIterator<Entry> {}
}

/** A version with no key in any store: what genesis starts from. */
export const emptyStores: ReadStores = { store: () => new EmptyStore() };

/** A journal over nothing. */
export const memoryJournal = (): Journal => new Journal(emptyStores);
