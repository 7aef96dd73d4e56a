/**
 * Reading heights that memory does not hold any more: what history says was overwritten since, over what has not changed since.
 *
 * Owns that a wrong answer is never given: every value's version is held against what memory knows, and the height must still be retained
 * after the reading. Does not own the rows (historyrows.ts).
 *
 * Reads are synchronous, as all reading of state is. LevelDB's iterators are not, so a thread searches while this one waits: some 100 µs
 * a read or a page of 256 keys. Consensus never reads a past height.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { noNode } from "./arena.ts";
import type { Forest } from "./forest.ts";
import type { History } from "./history.ts";
import { damagedHistory } from "./historyrows.ts";
import type { PastAnswer, PastQuestion, PastReply, PastRequest, PastRow, PastThreadData } from "./pastprotocol.ts";
import { StoreBusy } from "./storeerrors.ts";
import { startThread } from "./threads.ts";
import { findLeaf, LeafWalk } from "./treeread.ts";
import { compareBytes, type Entry, type KeyRange, type ReadStore, type ReadStores } from "./types.ts";

const answerMillisecondsMax = 10_000;

/** Keys looked at in one go while iterating. */
const pageKeys = 256;

const none = new Uint8Array(0);

/** The thread that searches, asked one thing at a time. */
export class PastSearch {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #answered = new Int32Array(new SharedArrayBuffer(4));
  readonly #ready: Promise<void>;
  #asked = 0;

  constructor(directory: string) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const data: PastThreadData = { directory, port: port2, answered: this.#answered };
    this.#worker = startThread("pastthread", data, [port2]);
    this.#ready = new Promise((resolve, reject) => {
      port1.once("message", () => {
        port1.unref();
        this.#worker.unref();
        resolve();
      });
      this.#worker.once("error", reject);
    });
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  ask(request: PastRequest): { readonly rows: readonly PastRow[]; readonly more: boolean } {
    const id = ++this.#asked;
    this.#port.postMessage({ id, request } satisfies PastQuestion);
    const answer = this.#answerTo(id);
    if (answer.type === "failed") throw damagedHistory(answer.message);
    return answer;
  }

  /** A wake-up may be the late one of the answer before, and an answer that of a question given up: only the number tells. */
  #answerTo(id: number): PastAnswer {
    for (;;) {
      const seen = Atomics.load(this.#answered, 0);
      const received: PastReply | undefined = receiveMessageOnPort(this.#port)?.message;
      if (received?.id === id) return received.answer;
      if (received !== undefined) continue;
      if (Atomics.wait(this.#answered, 0, seen, answerMillisecondsMax) === "timed-out") {
        throw new StoreBusy(`history did not answer in ${answerMillisecondsMax} ms`);
      }
    }
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#worker.ref();
    this.#port.postMessage("close");
    await ended;
  }
}

export interface PastSources {
  readonly forest: Forest;
  readonly history: History;
  readonly search: PastSearch;
  /** Throws unless the height is still retained. */
  readonly checkRetained: () => void;
}

export const pastStores = (sources: PastSources, height: number): ReadStores => ({
  store: (name) => new PastStore(sources, name, height),
});

interface PresentKey {
  readonly key: Uint8Array;
  readonly version: number;
  readonly value: Uint8Array;
}

class PastStore implements ReadStore {
  readonly #sources: PastSources;
  readonly #name: string;
  readonly #height: number;

  constructor(sources: PastSources, name: string, height: number) {
    this.#sources = sources;
    this.#name = name;
    this.#height = height;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const { memory, root } = this.#present();
    const leaf = findLeaf(memory, root, key);
    const version = leaf === noNode ? 0 : memory.nodes.version(leaf);
    if (leaf !== noNode && version <= this.#height) {
      const value = memory.value(leaf);
      this.#sources.checkRetained();
      return value;
    }
    const row = this.#ask({ type: "first", store: this.#name, key, height: this.#height }).rows[0];
    this.#checkRow(row, version, key);
    return row === undefined || !row.above || row.version === 0 ? undefined : row.value;
  }

  has(key: Uint8Array): boolean {
    return this.get(key) !== undefined;
  }

  *iterate(range: KeyRange): IterableIterator<Entry> {
    const reverse = range.reverse === true;
    let { start, end } = range;
    for (let more = true; more; ) {
      const page = this.#page({ start, end, reverse });
      yield* page.entries;
      more = page.last !== undefined;
      if (reverse) end = page.last;
      else start = page.last === undefined ? undefined : after(page.last);
    }
  }

  /** The first entries of a range, and the last key that was looked at when there may be more behind it. Read in one go: memory moves on. */
  #page(range: KeyRange): { readonly entries: readonly Entry[]; readonly last: Uint8Array | undefined } {
    const { keys: present, last: presentLast } = this.#presentKeys(range);
    const bounded = presentLast === undefined ? range : upTo(range, presentLast);
    const { start, end, reverse } = bounded;
    const { rows, more } = this.#ask({
      type: "scan",
      store: this.#name,
      start,
      end,
      reverse: reverse === true,
      height: this.#height,
    });
    const last = more ? rows.at(-1)!.key : presentLast;
    const order = (a: Uint8Array, b: Uint8Array) => (reverse === true ? compareBytes(b, a) : compareBytes(a, b));
    const within = last === undefined ? present : present.filter(({ key }) => order(key, last) <= 0);
    const entries = [...this.#unchanged(within, rows), ...this.#before(rows, present)];
    return { entries: entries.sort((a, b) => order(a[0], b[0])), last };
  }

  #presentKeys(range: KeyRange): { readonly keys: readonly PresentKey[]; readonly last: Uint8Array | undefined } {
    const { memory, root } = this.#present();
    const walk = new LeafWalk(memory, root, range);
    const keys: PresentKey[] = [];
    for (let leaf = walk.next(); leaf !== noNode; leaf = walk.next()) {
      const version = memory.nodes.version(leaf);
      keys.push({ key: memory.key(leaf), version, value: version > this.#height ? none : memory.value(leaf) });
      if (keys.length === pageKeys) return { keys, last: keys.at(-1)!.key };
    }
    return { keys, last: undefined };
  }

  #unchanged(present: readonly PresentKey[], rows: readonly PastRow[]): Entry[] {
    const overwritten = new Set(rows.filter(({ above }) => above).map(({ key }) => hex(key)));
    const entries: Entry[] = [];
    for (const { key, version, value } of present) {
      if (overwritten.has(hex(key))) continue;
      if (version > this.#height) throw lostRow(key, this.#height);
      entries.push([key, value]);
    }
    return entries;
  }

  #before(rows: readonly PastRow[], present: readonly PresentKey[]): Entry[] {
    const versions = new Map(present.map(({ key, version }) => [hex(key), version]));
    for (const row of rows) this.#checkRow(row, versions.get(hex(row.key)) ?? 0, row.key);
    return rows.filter(({ above, version }) => above && version !== 0).map(({ key, value }): Entry => [key, value]);
  }

  /**
   * Versions make a chain from row to row and to the present (0: absent), so a lost row shows: the next one overwrote a version above the
   * height, or the present is not what the last one left.
   */
  #checkRow(row: PastRow | undefined, present: number, key: Uint8Array): void {
    const lost =
      row === undefined
        ? present > this.#height
        : row.above
          ? row.version > this.#height
          : present !== (row.deleted ? 0 : row.height);
    if (lost) throw lostRow(key, this.#height);
  }

  /** Memory at the newest height that history has written: whatever changed after a past height is in one or the other. */
  #present() {
    const { forest, history } = this.#sources;
    const height = Math.min(history.applied, forest.height);
    // A store that was deleted since is in history alone; one that did not exist yet is empty.
    return { memory: forest.memory, root: forest.find(this.#name, height)?.describe().root ?? noNode };
  }

  #ask(request: PastRequest) {
    const answer = this.#sources.search.ask(request);
    this.#sources.checkRetained();
    return answer;
  }
}

/** The part of a range that ends with `last`, which belongs to it. */
const upTo = ({ start, end, reverse }: KeyRange, last: Uint8Array): KeyRange =>
  reverse === true ? { start: last, end, reverse } : { start, end: after(last), reverse };

const after = (key: Uint8Array): Uint8Array => Uint8Array.from([...key, 0]);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const lostRow = (key: Uint8Array, height: number) =>
  damagedHistory(`what the key ${hex(key)} was at height ${height} is missing`);
