/**
 * Writes history into LevelDB, one height a batch, behind the blocks. Owns the database's rows; runs in a worker thread (historythread.ts)
 * and knows nothing of threads.
 */
import { Level } from "level";
import { noNode } from "./arena.ts";
import type { HistoryBlock } from "./historyprotocol.ts";
import {
  damagedHistory,
  decodeHeight,
  decodeState,
  encodeHeight,
  encodeRow,
  encodeState,
  type HistoryState,
  heightKey,
  rowKey,
  rowPrefix,
  stateKey,
  storePrefix,
} from "./historyrows.ts";
import { decodePayload, frameBytes } from "./record.ts";
import type { TreeMemory } from "./treememory.ts";
import { findLeaf, LeafWalk } from "./treeread.ts";
import type { Change, StoreChanges } from "./types.ts";

export type HistoryDatabase = Level<Uint8Array, Uint8Array>;

/** Every so many heights a batch is synced, and with it all before: what the log may be cut below. */
export const syncInterval = 64;

/** Heights that are looked after at opening: more than LevelDB's log holds of full blocks. */
const checkedHeights = 1024;

/** Heights whose rows one pruning batch deletes. */
const pruneBatchHeights = 16;

const absent = { version: 0, value: new Uint8Array(0) };

export const databaseOptions = {
  keyEncoding: "view",
  valueEncoding: "view",
  multithreading: true,
  writeBufferSize: 16 << 20,
  maxFileSize: 8 << 20,
} as const;

/** What a height changes of the stores that were there before it: a store that it deletes or renames loses every key. */
function overwritingChanges(
  { height, record }: HistoryBlock,
  roots: ReadonlyMap<string, number>,
  memory: TreeMemory,
): ReadonlyMap<string, StoreChanges> {
  const { changes, upgrades } = decodePayload(height, record.subarray(frameBytes));
  if (upgrades === undefined) return changes;
  const result = new Map(changes);
  for (const name of [...upgrades.added, ...upgrades.renamed.map(({ to }) => to)]) result.delete(name);
  for (const name of [...upgrades.deleted, ...upgrades.renamed.map(({ from }) => from)]) {
    const walk = new LeafWalk(memory, roots.get(name) ?? noNode, {});
    const deleted: Change[] = [];
    for (let leaf = walk.next(); leaf !== noNode; leaf = walk.next()) deleted.push([memory.key(leaf), null]);
    result.set(name, deleted);
  }
  return result;
}

export class HistoryWriter {
  readonly #database: HistoryDatabase;
  #state: HistoryState;

  private constructor(database: HistoryDatabase, state: HistoryState) {
    this.#database = database;
    this.#state = state;
  }

  static async open(directory: string): Promise<HistoryWriter> {
    const database: HistoryDatabase = new Level(directory, databaseOptions);
    await database.open();
    try {
      const bytes = await database.get(stateKey);
      const state = bytes === undefined ? { applied: 0, oldest: 0, pruned: 0 } : decodeState(bytes);
      const writer = new HistoryWriter(database, state);
      await writer.#checkNewest();
      return writer;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /**
   * LevelDB drops what it cannot read of its own log and says nothing. A batch goes whole or not at all, so the list that each height's
   * batch holds tells whether it is there.
   */
  async #checkNewest(): Promise<void> {
    const { applied, pruned } = this.#state;
    for (let height = applied; height > Math.max(pruned, applied - checkedHeights); height--) {
      decodeHeight(height, await this.#list(height));
    }
  }

  async #list(height: number): Promise<Uint8Array> {
    const list = await this.#database.get(heightKey(height));
    if (list === undefined) throw damagedHistory(`height ${height} has no list of its rows`);
    return list;
  }

  get state(): HistoryState {
    return this.#state;
  }

  /** Begins anew at a height before which nothing can be read. */
  async reset(height: number): Promise<void> {
    await this.#database.clear();
    this.#state = { applied: height, oldest: height, pruned: height };
    await this.#database.put(stateKey, encodeState(this.#state), { sync: true });
  }

  /** Writes one height's rows; durable with the next synced batch. Writing a height twice writes the same rows. */
  async write(block: HistoryBlock, memory: TreeMemory, sync: boolean): Promise<void> {
    const { height } = block;
    const batch = this.#database.batch();
    const prefixes: Uint8Array[] = [];
    if (block.roots !== undefined) {
      for (const [store, storeChanges] of overwritingChanges(block, block.roots, memory)) {
        const root = block.roots.get(store) ?? noNode;
        this.#overwritten(storePrefix(store), storeChanges, memory, root, height, (key, row) => {
          prefixes.push(key.subarray(0, key.length - 4));
          batch.put(key, row);
        });
      }
      batch.put(heightKey(height), encodeHeight(prefixes));
    }
    const oldest = this.#state.oldest === 0 ? height : this.#state.oldest;
    const pruned = this.#state.pruned === 0 ? height : this.#state.pruned;
    this.#state = { applied: Math.max(height, this.#state.applied), oldest, pruned };
    batch.put(stateKey, encodeState(this.#state));
    await batch.write({ sync });
  }

  #overwritten(
    prefix: Uint8Array,
    changes: StoreChanges,
    memory: TreeMemory,
    root: number,
    height: number,
    emit: (key: Buffer, row: Buffer) => void,
  ): void {
    for (const [key, written] of changes) {
      const leaf = findLeaf(memory, root, key);
      const at = rowKey(rowPrefix(prefix, key), height);
      const deleted = written === null;
      if (deleted && leaf === noNode) continue;
      const before = leaf === noNode ? absent : { version: memory.nodes.version(leaf), value: memory.value(leaf) };
      emit(at, encodeRow(at, { ...before, deleted }));
    }
  }

  /** From now on nothing below `oldest` is read; said first and on disk, so that a crash cannot leave half a height readable. */
  async raiseOldest(oldest: number): Promise<void> {
    if (oldest <= this.#state.oldest) return;
    this.#state = { ...this.#state, oldest: Math.min(oldest, this.#state.applied) };
    await this.#database.put(stateKey, encodeState(this.#state));
  }

  /** Deletes some of the rows that only heights below the oldest one needed; true while there are more. */
  async pruneSome(): Promise<boolean> {
    const from = this.#state.pruned + 1;
    const to = Math.min(this.#state.oldest, this.#state.pruned + pruneBatchHeights);
    if (from > to) return false;
    await this.#deleteHeights(from, to, { ...this.#state, pruned: to }, false);
    return this.#state.pruned < this.#state.oldest;
  }

  /** Forgets the heights above `height`, newest first. */
  async truncate(height: number): Promise<void> {
    while (this.#state.applied > height) {
      const from = Math.max(height + 1, this.#state.applied - pruneBatchHeights + 1);
      const applied = from - 1;
      await this.#deleteHeights(from, this.#state.applied, { ...this.#state, applied }, true);
    }
  }

  async #deleteHeights(from: number, to: number, after: HistoryState, sync: boolean): Promise<void> {
    const batch = this.#database.batch();
    for (let height = from; height <= to; height++) {
      for (const prefix of decodeHeight(height, await this.#list(height))) batch.del(rowKey(prefix, height));
      batch.del(heightKey(height));
    }
    batch.put(stateKey, encodeState(after));
    await batch.write({ sync });
    this.#state = after;
  }

  /** Makes everything written so far durable. */
  async sync(): Promise<void> {
    await this.#database.put(stateKey, encodeState(this.#state), { sync: true });
  }

  async close(): Promise<void> {
    await this.sync();
    await this.#database.close();
  }
}
