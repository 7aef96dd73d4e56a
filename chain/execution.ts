/** Makes the contexts that handlers, hooks and queries run in. Owns events and attempts; the journal owns the writes. */
import type { BlockInfo, Context, ExecutionMode, ReadContext } from "./context.ts";
import type { SignatureCheck } from "./crypto/types.ts";
import { verifySignature } from "./crypto/verify.ts";
import type { ChainEvent } from "./events.ts";
import { furtherSignatureGas, type GasMeter, uncountedGas } from "./gas.ts";
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
  return new JournalContext({ journal, block, mode, gas, verify }, new Map(), []);
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

/** A class, as a block makes several for each transaction: closures would be made anew each time. */
class JournalContext implements ExecutionContext {
  readonly block: BlockInfo;
  readonly mode: ExecutionMode;
  readonly gas: GasMeter;
  readonly events: ChainEvent[];
  readonly #parts: ContextParts;
  /** Of this gas; shared with siblings. */
  readonly #stores: Map<string, WriteStore>;

  constructor(parts: ContextParts, stores: Map<string, WriteStore>, events: ChainEvent[]) {
    this.block = parts.block;
    this.mode = parts.mode;
    this.gas = parts.gas;
    this.events = events;
    this.#parts = parts;
    this.#stores = stores;
  }

  store(name: string): WriteStore {
    let store = this.#stores.get(name);
    if (store === undefined) {
      const plain = this.#parts.journal.store(name);
      store = this.gas === uncountedGas ? plain : new GasWriteStore(plain, this.gas);
      this.#stores.set(name, store);
    }
    return store;
  }

  sibling(): ExecutionContext {
    return new JournalContext(this.#parts, this.#stores, []);
  }

  emit(event: ChainEvent): void {
    this.events.push(event);
  }

  metered<R>(gas: GasMeter, body: (ctx: Context) => R): R {
    return body(new JournalContext({ ...this.#parts, gas }, new Map(), this.events));
  }

  verify(check: SignatureCheck): boolean {
    this.gas.consume(furtherSignatureGas, "signature in a message");
    return this.#parts.verify(check);
  }

  attempt<R>(body: () => R): R {
    const { journal } = this.#parts;
    const mark = journal.mark();
    const eventCount = this.events.length;
    let done = false;
    try {
      const result = body();
      done = true;
      return result;
    } finally {
      if (!done) {
        journal.rollback(mark);
        this.events.length = eventCount;
      }
    }
  }
}

/** The same context, whose events or signatures go by way of something else. */
export const diverted = (ctx: Context, ways: Partial<Pick<Context, "emit" | "verify">>): Context => ({
  block: ctx.block,
  mode: ctx.mode,
  gas: ctx.gas,
  store: (name) => ctx.store(name),
  emit: (event) => ctx.emit(event),
  verify: (check) => ctx.verify(check),
  attempt: (body) => ctx.attempt(body),
  metered: (gas, body) => ctx.metered(gas, (other) => body(diverted(other, ways))),
  ...ways,
});

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
