/**
 * Typed collections over a module's store, in the manner of cosmossdk.io/collections: items, maps, sets, sequences, indexed maps, queues.
 * Owns prefixes and access; encodings are in keycodec.ts and valuecodec.ts, metering and rollback in the context.
 */
import type { Codec } from "./codec.ts";
import type { Context, ReadContext, Timestamp } from "./context.ts";
import { decodeKey, encodeKey, type KeyCodec, type LeadingParts, type Pair, pair, timeKey } from "./keycodec.ts";
import { compareBytes, type Entry, type KeyRange, prefixEnd, type StoreKey } from "./store/types.ts";
import { encodeUtf8 } from "./utf8.ts";
import { uint64Value } from "./valuecodec.ts";

export type CollectionKind = "item" | "map" | "set" | "sequence" | "index" | "queue";

export interface Collection {
  readonly storeName: string;
  readonly name: string;
  readonly prefix: Uint8Array;
  readonly kind: CollectionKind;
}

/** A number is one byte, text its UTF-8. No prefix of a store may begin another. */
export type Prefix = number | string;

/** Which keys to visit. `leading` confines a composite key to those that begin with these parts. */
export interface Range<K> {
  readonly leading?: LeadingParts<K> | undefined;
  /** Inclusive. */
  readonly start?: K | undefined;
  /** Exclusive. */
  readonly end?: K | undefined;
  readonly reverse?: boolean | undefined;
}

export interface Item<V> extends Collection {
  get(ctx: ReadContext): V | undefined;
  set(ctx: Context, value: V): void;
  delete(ctx: Context): void;
}

export interface ReadMap<K, V> extends Collection {
  readonly keyCodec: KeyCodec<K>;
  get(ctx: ReadContext, key: K): V | undefined;
  has(ctx: ReadContext, key: K): boolean;
  placeOf(key: K): StoreKey;
  /** Lazy; writing while iterating follows the store's rule (store/types.ts). */
  iterate(ctx: ReadContext, range?: Range<K>): Generator<readonly [K, V]>;
  keys(ctx: ReadContext, range?: Range<K>): Generator<K>;
  /** Raw keys without the collection's prefix, for pagination; the range's bounds are without it too. */
  iterateRaw(ctx: ReadContext, range: KeyRange): Generator<Entry>;
  decodeEntry(entry: Entry): readonly [K, V];
}

export interface CollectionMap<K, V> extends ReadMap<K, V> {
  set(ctx: Context, key: K, value: V): void;
  delete(ctx: Context, key: K): void;
}

export interface KeySet<K> extends ReadMap<K, true> {
  add(ctx: Context, key: K): void;
  delete(ctx: Context, key: K): void;
}

/** Counts up from 0. */
export interface Sequence extends Collection {
  /** What `next` will return. */
  peek(ctx: ReadContext): bigint;
  next(ctx: Context): bigint;
  set(ctx: Context, next: bigint): void;
}

/** What a map keeps beside its entries: called with what stood before and what stands after. */
export interface Index<K, V> {
  update(ctx: Context, key: K, previous: V | undefined, next: V | undefined): void;
}

export interface UniqueIndex<R, K, V> extends Index<K, V>, ReadMap<R, K> {}

export interface MultiIndex<R, K, V> extends Index<K, V>, ReadMap<Pair<R, K>, true> {}

/** Of a map keyed by (a, b): b to every a. */
export interface ReverseIndex<A, B, V> extends Index<Pair<A, B>, V>, ReadMap<Pair<B, A>, true> {}

export interface IndexedMap<K, V> extends CollectionMap<K, V> {
  /** As set or delete, for a caller that has just read `previous`: saves reading it again. */
  replace(ctx: Context, key: K, previous: V | undefined, next: V | undefined): void;
}

/** Entries that fall due, in order of time and then of id. */
export interface TimeQueue<K, V> extends CollectionMap<Pair<Timestamp, K>, V> {
  /** Those at or before `now`, at most `limit`; deleting one while iterating is safe. */
  due(ctx: ReadContext, now: Timestamp, limit: number): Generator<readonly [Pair<Timestamp, K>, V]>;
}

// ------------------------------------------------------------------------------------------------------------------ the parts

/** One zero byte, as the SDK wrote it up to v0.47 and still reads it: of an empty value ICS-23 has no proof (ADR 0009). */
const presence: Codec<true> = {
  encode: () => Uint8Array.of(0),
  decode: () => true,
};

function storeRange<K>(prefix: Uint8Array, codec: KeyCodec<K>, range: Range<K>): KeyRange {
  const leading = range.leading === undefined ? prefix : concat(prefix, codec.encodeLeading!(range.leading));
  return {
    start: range.start === undefined ? leading : encodeKey(prefix, codec, range.start),
    end: range.end === undefined ? prefixEnd(leading) : encodeKey(prefix, codec, range.end),
    reverse: range.reverse,
  };
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

function makeMap<K, V>(at: Collection, keyCodec: KeyCodec<K>, valueCodec: Codec<V>): CollectionMap<K, V> {
  const { storeName, prefix } = at;
  const whole: Range<K> = {};
  const entries = (ctx: ReadContext, range: Range<K>) =>
    ctx.store(storeName).iterate(storeRange(prefix, keyCodec, range));
  return {
    ...at,
    keyCodec,
    get(ctx, key) {
      const bytes = ctx.store(storeName).get(encodeKey(prefix, keyCodec, key));
      return bytes === undefined ? undefined : valueCodec.decode(bytes);
    },
    has: (ctx, key) => ctx.store(storeName).has(encodeKey(prefix, keyCodec, key)),
    placeOf: (key) => ({ storeName, key: encodeKey(prefix, keyCodec, key) }),
    set: (ctx, key, value) => ctx.store(storeName).set(encodeKey(prefix, keyCodec, key), valueCodec.encode(value)),
    delete: (ctx, key) => ctx.store(storeName).delete(encodeKey(prefix, keyCodec, key)),
    *iterate(ctx, range = whole) {
      for (const [key, value] of entries(ctx, range)) {
        yield [decodeKey(key, prefix.length, keyCodec), valueCodec.decode(value)];
      }
    },
    *keys(ctx, range = whole) {
      for (const [key] of entries(ctx, range)) yield decodeKey(key, prefix.length, keyCodec);
    },
    *iterateRaw(ctx, range) {
      const start = range.start === undefined ? prefix : concat(prefix, range.start);
      const end = range.end === undefined ? prefixEnd(prefix) : concat(prefix, range.end);
      for (const [key, value] of ctx.store(storeName).iterate({ start, end, reverse: range.reverse })) {
        yield [key.subarray(prefix.length), value];
      }
    },
    decodeEntry: ([key, value]) => [decodeKey(key, 0, keyCodec), valueCodec.decode(value)],
  };
}

function makeKeySet<K>(at: Collection, keyCodec: KeyCodec<K>): KeySet<K> {
  const { set, ...rest } = makeMap(at, keyCodec, presence);
  return { ...rest, add: (ctx, key) => set(ctx, key, true) };
}

/** Freezes objects and lists all the way down; false when there are bytes in it, which cannot be frozen. */
function freeze(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (value instanceof Uint8Array) return false;
  Object.freeze(value);
  return Object.values(value).every(freeze);
}

/** Parameters are read by every transaction and change once a year: what equal bytes decoded to is kept, frozen. */
function makeItem<V>(at: Collection, valueCodec: Codec<V>): Item<V> {
  const { storeName, prefix } = at;
  let known: { readonly bytes: Uint8Array; readonly value: V } | undefined;
  return {
    ...at,
    get(ctx) {
      const bytes = ctx.store(storeName).get(prefix);
      if (bytes === undefined) return undefined;
      if (known !== undefined && compareBytes(known.bytes, bytes) === 0) return known.value;
      const value = valueCodec.decode(bytes);
      known = freeze(value) ? { bytes, value } : undefined;
      return value;
    },
    set: (ctx, value) => ctx.store(storeName).set(prefix, valueCodec.encode(value)),
    delete: (ctx) => ctx.store(storeName).delete(prefix),
  };
}

function makeSequence(at: Collection): Sequence {
  const item = makeItem(at, uint64Value);
  const peek = (ctx: ReadContext) => item.get(ctx) ?? 0n;
  return {
    ...at,
    peek,
    set: item.set,
    next(ctx) {
      const value = peek(ctx);
      item.set(ctx, value + 1n);
      return value;
    },
  };
}

function makeIndexedMap<K, V>(
  at: Collection,
  keyCodec: KeyCodec<K>,
  valueCodec: Codec<V>,
  indexes: readonly Index<K, V>[],
): IndexedMap<K, V> {
  const map = makeMap(at, keyCodec, valueCodec);
  const replace = (ctx: Context, key: K, previous: V | undefined, next: V | undefined) => {
    for (const index of indexes) index.update(ctx, key, previous, next);
    if (next === undefined) map.delete(ctx, key);
    else map.set(ctx, key, next);
  };
  return {
    ...map,
    replace,
    set: (ctx, key, value) => replace(ctx, key, map.get(ctx, key), value),
    delete: (ctx, key) => replace(ctx, key, map.get(ctx, key), undefined),
  };
}

function makeTimeQueue<K, V>(at: Collection, idCodec: KeyCodec<K>, valueCodec: Codec<V>): TimeQueue<K, V> {
  const map = makeMap(at, pair(timeKey, idCodec), valueCodec);
  return {
    ...map,
    *due(ctx, now, limit) {
      // A time has a fixed width, so that the first key beyond every key of `now` begins with the next prefix of its bytes.
      const end = prefixEnd(concat(at.prefix, map.keyCodec.encodeLeading!([now])));
      let count = 0;
      for (const [key, value] of ctx.store(at.storeName).iterate({ start: at.prefix, end })) {
        if (count++ === limit) return;
        yield map.decodeEntry([key.subarray(at.prefix.length), value]);
      }
    },
  };
}

function makeUniqueIndex<R, K, V>(
  at: Collection,
  referenceCodec: KeyCodec<R>,
  keyCodec: KeyCodec<K>,
  referenceOf: (key: K, value: V) => R,
): UniqueIndex<R, K, V> {
  const noPrefix = new Uint8Array(0);
  const keyAsValue: Codec<K> = {
    encode: (key) => encodeKey(noPrefix, keyCodec, key),
    decode: (bytes) => decodeKey(bytes, 0, keyCodec),
  };
  const map = makeMap(at, referenceCodec, keyAsValue);
  return {
    ...map,
    update(ctx, key, previous, next) {
      const before = previous === undefined ? undefined : referenceOf(key, previous);
      const after = next === undefined ? undefined : referenceOf(key, next);
      // Unlike the SDK, a reference that stays is left alone: an account's number outlives each of its sequences.
      if (before !== undefined && after !== undefined && sameKey(referenceCodec, before, after)) return;
      if (before !== undefined) map.delete(ctx, before);
      if (after === undefined) return;
      if (map.has(ctx, after))
        throw new Error(`${at.storeName}/${at.name}: ${String(after)} is already taken; a unique index holds it`);
      map.set(ctx, after, key);
    },
  };
}

function sameKey<K>(codec: KeyCodec<K>, a: K, b: K): boolean {
  if (a === b) return true;
  const size = codec.last.size(a);
  if (size !== codec.last.size(b)) return false;
  const [left, right] = [new Uint8Array(size), new Uint8Array(size)];
  codec.last.write(left, 0, a);
  codec.last.write(right, 0, b);
  return left.every((byte, i) => byte === right[i]);
}

function makeMultiIndex<R, K, V>(
  at: Collection,
  referenceCodec: KeyCodec<R>,
  keyCodec: KeyCodec<K>,
  referenceOf: (key: K, value: V) => R,
): MultiIndex<R, K, V> {
  const { add, ...set } = makeKeySet(at, pair(referenceCodec, keyCodec));
  return {
    ...set,
    update(ctx, key, previous, next) {
      const before = previous === undefined ? undefined : referenceOf(key, previous);
      const after = next === undefined ? undefined : referenceOf(key, next);
      if (before !== undefined && after !== undefined && sameKey(referenceCodec, before, after)) return;
      if (before !== undefined) set.delete(ctx, [before, key]);
      if (after !== undefined) add(ctx, [after, key]);
    },
  };
}

function makeReverseIndex<A, B, V>(at: Collection, a: KeyCodec<A>, b: KeyCodec<B>): ReverseIndex<A, B, V> {
  const { add, ...set } = makeKeySet(at, pair(b, a));
  return {
    ...set,
    update(ctx, key, previous, next) {
      if (previous === undefined && next !== undefined) add(ctx, [key[1], key[0]]);
      if (previous !== undefined && next === undefined) set.delete(ctx, [key[1], key[0]]);
    },
  };
}

// ---------------------------------------------------------------------------------------------------------------- declarations

/** Declares a store's collections; a prefix that is taken, or that begins another one, is refused when the module is loaded. */
export function collections(storeName: string) {
  const declared: Collection[] = [];

  function declare(prefix: Prefix, name: string, kind: CollectionKind): Collection {
    const bytes = prefixBytes(prefix);
    for (const other of declared) {
      if (other.name === name) throw new Error(`store ${storeName} has two collections named ${name}; rename one`);
      if (beginsWith(bytes, other.prefix) || beginsWith(other.prefix, bytes)) {
        throw new Error(
          `store ${storeName}: the prefixes of ${other.name} and ${name} overlap; choose another for one`,
        );
      }
    }
    const collection = { storeName, name, prefix: bytes, kind };
    declared.push(collection);
    return collection;
  }

  return {
    item: <V>(prefix: Prefix, name: string, value: Codec<V>) => makeItem(declare(prefix, name, "item"), value),
    map: <K, V>(prefix: Prefix, name: string, key: KeyCodec<K>, value: Codec<V>) =>
      makeMap(declare(prefix, name, "map"), key, value),
    keySet: <K>(prefix: Prefix, name: string, key: KeyCodec<K>) => makeKeySet(declare(prefix, name, "set"), key),
    sequence: (prefix: Prefix, name: string) => makeSequence(declare(prefix, name, "sequence")),
    timeQueue: <K, V>(prefix: Prefix, name: string, id: KeyCodec<K>, value: Codec<V>) =>
      makeTimeQueue(declare(prefix, name, "queue"), id, value),
    indexedMap: <K, V>(
      prefix: Prefix,
      name: string,
      key: KeyCodec<K>,
      value: Codec<V>,
      indexes: readonly Index<K, V>[],
    ) => makeIndexedMap(declare(prefix, name, "map"), key, value, indexes),
    uniqueIndex: <R, K, V>(
      prefix: Prefix,
      name: string,
      reference: KeyCodec<R>,
      key: KeyCodec<K>,
      referenceOf: (key: K, value: V) => R,
    ) => makeUniqueIndex(declare(prefix, name, "index"), reference, key, referenceOf),
    multiIndex: <R, K, V>(
      prefix: Prefix,
      name: string,
      reference: KeyCodec<R>,
      key: KeyCodec<K>,
      referenceOf: (key: K, value: V) => R,
    ) => makeMultiIndex(declare(prefix, name, "index"), reference, key, referenceOf),
    reverseIndex: <A, B, V>(prefix: Prefix, name: string, a: KeyCodec<A>, b: KeyCodec<B>) =>
      makeReverseIndex<A, B, V>(declare(prefix, name, "index"), a, b),
  };
}

function prefixBytes(prefix: Prefix): Uint8Array {
  if (typeof prefix === "string") {
    if (prefix === "") throw new Error("a collection's prefix must not be empty");
    return encodeUtf8(prefix);
  }
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > 255) {
    throw new Error(`a collection's prefix must be a whole number from 0 to 255, not ${prefix}`);
  }
  return Uint8Array.of(prefix);
}

const beginsWith = (bytes: Uint8Array, start: Uint8Array) => start.every((byte, i) => bytes[i] === byte);
