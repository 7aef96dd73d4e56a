/**
 * Has the keys that transactions will read fetched many at once, just before those run: one after another, each read would wait for memory
 * that left the caches. Owns how far ahead that is. It changes no state and no result, and what it guesses may be wrong.
 */
import { ChainError } from "./errors.ts";
import type { ReadStores, StoreKey } from "./store/types.ts";
import type { DecodedTx } from "./tx/types.ts";

/** What they read stays in a core's caches until the last of them has run. */
const txsAbreast = 32;

type MaybeTx = DecodedTx | ChainError;

/** The same transactions, each next one's reads fetched. */
export function* warmed<T extends MaybeTx>(stores: ReadStores, txs: Iterable<T>): Iterable<T> {
  let batch: T[] = [];
  for (const tx of txs) {
    batch.push(tx);
    if (batch.length < txsAbreast) continue;
    warmReads(stores, batch);
    yield* batch;
    batch = [];
  }
  warmReads(stores, batch);
  yield* batch;
}

export function warmReads(stores: ReadStores, txs: readonly MaybeTx[]): void {
  const keys = new Map<string, Uint8Array[]>();
  for (const tx of txs) if (!(tx instanceof Error)) collectKeys(tx, keys);
  for (const [name, list] of keys) stores.store(name).warm?.(list);
}

function collectKeys({ messages }: DecodedTx, keys: Map<string, Uint8Array[]>): void {
  for (const { handler, value } of messages) {
    for (const { storeName, key } of readsOf(handler.reads, value)) {
      const list = keys.get(storeName);
      if (list === undefined) keys.set(storeName, [key]);
      else list.push(key);
    }
  }
}

const nothing: readonly StoreKey[] = [];

/** Nothing of a message that makes no sense: its refusal comes in its turn. */
function readsOf(
  reads: ((message: unknown) => readonly StoreKey[]) | undefined,
  message: unknown,
): readonly StoreKey[] {
  if (reads === undefined) return nothing;
  try {
    return reads(message);
  } catch (error) {
    if (error instanceof ChainError) return nothing;
    throw error;
  }
}
