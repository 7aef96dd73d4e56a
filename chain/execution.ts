/** Makes the contexts that handlers, hooks and queries run in. Owns events and attempts; the journal owns the writes. */
import type { BlockInfo, Context, ExecutionMode, ReadContext } from "./context.ts";
import type { SignatureCheck } from "./crypto/types.ts";
import { verifySignature } from "./crypto/verify.ts";
import type { ChainEvent } from "./events.ts";
import { furtherSignatureGas, type GasMeter } from "./gas.ts";
import { GasReadStore, GasWriteStore } from "./store/gasstore.ts";
import { Journal } from "./store/journal.ts";
import type { ReadStore, ReadStores, WriteStore } from "./store/types.ts";

export interface ExecutionContext extends Context {
  /** Events emitted so far, in order. */
  readonly events: readonly ChainEvent[];
  /** Of the same gas, with events of its own. */
  sibling(): ExecutionContext;
}

/** How a signature is checked; what a host gives here may be faster, and says the same. */
export type Verify = (check: SignatureCheck) => boolean;

/** A context over a journal. Two contexts over one journal see each other's writes but keep their own gas and events. */
export function executionContext(
  journal: Journal,
  block: BlockInfo,
  mode: ExecutionMode,
  gas: GasMeter,
  verify: Verify = verifySignature,
): ExecutionContext {
  return contextOver(new Map(), { journal, block, mode, gas, verify });
}

/** A context whose writes go nowhere, over what another one reads: to say what would happen. */
export function scratchContext(ctx: ReadContext, gas: GasMeter): ExecutionContext {
  return executionContext(new Journal({ store: (name) => ctx.store(name) }), ctx.block, ctx.mode, gas);
}

interface ContextParts {
  readonly journal: Journal;
  readonly block: BlockInfo;
  readonly mode: ExecutionMode;
  readonly gas: GasMeter;
  readonly verify: Verify;
}

function contextOver(
  stores: Map<string, WriteStore>,
  parts: ContextParts,
  events: ChainEvent[] = [],
): ExecutionContext {
  const { journal, block, mode, gas, verify } = parts;
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
    sibling: () => contextOver(stores, parts),
    emit(event) {
      events.push(event);
    },
    metered: (other, body) => body(contextOver(new Map(), { ...parts, gas: other }, events)),
    verify(check) {
      gas.consume(furtherSignatureGas, "signature in a message");
      return verify(check);
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
