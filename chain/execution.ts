/** Makes the contexts that handlers, hooks and queries run in. Owns events and attempts; the journal owns the writes. */
import type { BlockInfo, Context, ExecutionMode, ReadContext } from "./context.ts";
import type { ChainEvent } from "./events.ts";
import type { GasMeter } from "./gas.ts";
import { GasReadStore, GasWriteStore } from "./store/gasstore.ts";
import type { Journal } from "./store/journal.ts";
import type { ReadStore, ReadStores, WriteStore } from "./store/types.ts";

export interface ExecutionContext extends Context {
  /** Events emitted so far, in order. */
  readonly events: readonly ChainEvent[];
  /** Of the same gas, with events of its own. */
  sibling(): ExecutionContext;
}

/** A context over a journal. Two contexts over one journal see each other's writes but keep their own gas and events. */
export function executionContext(
  journal: Journal,
  block: BlockInfo,
  mode: ExecutionMode,
  gas: GasMeter,
): ExecutionContext {
  return contextOver(new Map(), journal, block, mode, gas);
}

function contextOver(
  stores: Map<string, WriteStore>,
  journal: Journal,
  block: BlockInfo,
  mode: ExecutionMode,
  gas: GasMeter,
): ExecutionContext {
  const events: ChainEvent[] = [];
  return {
    block,
    mode,
    gas,
    events,
    store(name) {
      let store = stores.get(name);
      if (store === undefined) {
        store = new GasWriteStore(journal.store(name), gas);
        stores.set(name, store);
      }
      return store;
    },
    sibling: () => contextOver(stores, journal, block, mode, gas),
    emit(event) {
      events.push(event);
    },
    attempt(body) {
      const mark = journal.mark();
      const eventCount = events.length;
      let done = false;
      try {
        const result = body();
        done = true;
        return result;
      } finally {
        if (!done) {
          journal.rollback(mark);
          events.length = eventCount;
        }
      }
    },
  };
}

/** A context over committed state, for queries, invariants and export. */
export function readContext(stores: ReadStores, block: BlockInfo, gas: GasMeter): ReadContext {
  const opened = new Map<string, ReadStore>();
  return {
    block,
    mode: "query",
    gas,
    store(name) {
      let store = opened.get(name);
      if (store === undefined) {
        store = new GasReadStore(stores.store(name), gas);
        opened.set(name, store);
      }
      return store;
    },
  };
}
