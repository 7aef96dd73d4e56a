/**
 * Pages of a collection, by the rules of cosmos-sdk v0.53 query.CollectionPaginate: by key or by offset, forwards or backwards.
 * Owns the bounds of one page; the context's gas bounds what all pages cost.
 */
import type { PageRequest, PageResponse } from "../proto/gen/cosmos/base/query/v1beta1/pagination.ts";
import type { ReadMap } from "./collections.ts";
import type { ReadContext } from "./context.ts";
import type { LeadingParts } from "./keycodec.ts";
import { type Entry, prefixEnd } from "./store/types.ts";

export const pageLimitDefault = 100n;
/** A larger limit is answered by this many entries and a next_key, which every client follows. */
export const pageLimitMax = 10_000n;
/** Entries that an offset may pass over; beyond it, pages go by key. */
export const pageOffsetMax = 100_000n;
/** Entries counted behind the page for a total: one who insists on more is refused, one who did not ask gets no total. */
export const pageTotalMax = 100_000n;

/** A page that cannot be given; each query wraps the text in the status that the SDK's query has. */
export class PageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PageError";
  }
}

export interface Page<T> {
  readonly items: T[];
  readonly pagination: PageResponse;
}

interface Bounds {
  readonly limit: bigint;
  readonly offset: bigint;
  readonly countTotal: boolean;
  readonly reverse: boolean;
  readonly key: Uint8Array;
}

/** No limit means the default one, with a total: as the SDK has it. */
function bounds(request: PageRequest | undefined): Bounds {
  const key = request?.key ?? new Uint8Array(0);
  const offset = request?.offset ?? 0n;
  const asked = request?.limit ?? 0n;
  if (offset > 0n && key.length > 0) {
    throw new PageError("invalid request, either offset or key is expected, got both");
  }
  if (offset > pageOffsetMax) {
    throw new PageError(`offset ${offset} is greater than ${pageOffsetMax}; follow next_key instead`);
  }
  return {
    key,
    offset,
    limit: asked === 0n ? pageLimitDefault : asked > pageLimitMax ? pageLimitMax : asked,
    countTotal: asked === 0n || request?.countTotal === true,
    reverse: request?.reverse === true,
  };
}

const emptyResponse = (): PageResponse => ({ nextKey: new Uint8Array(0), total: 0n });

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

export interface PageRules<K, V> {
  /** For what no index leads to: of entries that do not match, the page and its total know nothing. */
  readonly matches?: (key: K, value: V) => boolean;
  /** The SDK's older queries tell the total of a page that begins beyond the last entry; its collections do not. */
  readonly countsBeyond?: boolean;
}

/** `leading` confines a composite key; next_key is then without it, as the SDK strips its prefix. */
export function paginate<K, V, T>(
  ctx: ReadContext,
  collection: ReadMap<K, V>,
  request: PageRequest | undefined,
  toItem: (key: K, value: V) => T,
  leading?: LeadingParts<K>,
  { matches, countsBeyond = false }: PageRules<K, V> = {},
): Page<T> {
  if (matches !== undefined) return pageOfMatching(ctx, collection, request, toItem, leading, matches);
  const { key, offset, limit, countTotal, reverse } = bounds(request);
  const prefix = leading === undefined ? new Uint8Array(0) : collection.keyCodec.encodeLeading!(leading);
  const whole = { start: prefix, end: prefix.length === 0 ? undefined : prefixEnd(prefix) };
  const nextKey = (entry: Entry) => entry[0].slice(prefix.length);
  const toPageItem = (entry: Entry) => toItem(...collection.decodeEntry(entry));

  if (key.length > 0) {
    const from = concat(prefix, key);
    // Backwards, the page begins with the key itself and not, as the SDK's does, with every key that begins with it.
    const range = reverse ? { start: prefix, end: concat(from, Uint8Array.of(0)) } : { start: from, end: whole.end };
    return pageFrom(collection.iterateRaw(ctx, { ...range, reverse }), limit, toPageItem, nextKey);
  }
  const entries = collection.iterateRaw(ctx, { ...whole, reverse });
  for (let passed = 0n; passed < offset; passed++) {
    if (entries.next().done === true) {
      return { items: [], pagination: { ...emptyResponse(), total: countTotal && countsBeyond ? passed : 0n } };
    }
  }
  const { items, pagination } = pageFrom(entries, limit, toPageItem, nextKey);
  if (!countTotal) return { items, pagination };
  const rest = pagination.nextKey.length > 0 ? countRest(entries) : 0n;
  if (rest !== undefined) {
    return { items, pagination: { ...pagination, total: offset + BigInt(items.length) + rest } };
  }
  if (request?.countTotal !== true) return { items, pagination };
  throw tooManyToCount();
}

const tooManyToCount = (): PageError =>
  new PageError(`more than ${pageTotalMax} entries to count; ask with a limit and without count_total`);

/** Entries that a page of matching ones may look at; what is left then begins the next page. */
export const pageScanMax = pageTotalMax;

/**
 * The SDK's query.FilteredPaginate. A page may hold fewer than its limit and still have a next_key, when it has looked at enough: who fills a
 * collection with entries of his own must not hide another's.
 */
function pageOfMatching<K, V, T>(
  ctx: ReadContext,
  collection: ReadMap<K, V>,
  request: PageRequest | undefined,
  toItem: (key: K, value: V) => T,
  leading: LeadingParts<K> | undefined,
  matches: (key: K, value: V) => boolean,
): Page<T> {
  const { key, offset, limit, countTotal, reverse } = bounds(request);
  const prefix = leading === undefined ? new Uint8Array(0) : collection.keyCodec.encodeLeading!(leading);
  const end = prefix.length === 0 ? undefined : prefixEnd(prefix);
  const from = concat(prefix, key);
  const forwards = { start: key.length > 0 ? from : prefix, end };
  const range = reverse && key.length > 0 ? { start: prefix, end: concat(from, Uint8Array.of(0)) } : forwards;
  const isCounting = countTotal && key.length === 0;
  const items: T[] = [];
  let hits = 0n;
  let scanned = 0n;
  let nextKey = emptyResponse().nextKey;
  for (const entry of collection.iterateRaw(ctx, { ...range, reverse })) {
    if (scanned++ === pageScanMax) {
      if (request?.countTotal === true) throw tooManyToCount();
      if (nextKey.length === 0) nextKey = entry[0].slice(prefix.length);
      return { items, pagination: { nextKey, total: 0n } };
    }
    const [entryKey, value] = collection.decodeEntry(entry);
    if (!matches(entryKey, value) || ++hits <= offset) continue;
    if (BigInt(items.length) < limit) items.push(toItem(entryKey, value));
    else if (nextKey.length === 0) nextKey = entry[0].slice(prefix.length);
    if (nextKey.length > 0 && !isCounting) break;
  }
  return { items, pagination: { nextKey, total: isCounting ? hits : 0n } };
}

/** Takes one entry more than the page holds, whose key is the next page's. */
function pageFrom<T>(
  entries: Iterator<Entry>,
  limit: bigint,
  toItem: (entry: Entry) => T,
  nextKey: (entry: Entry) => Uint8Array,
): Page<T> {
  const items: T[] = [];
  for (let step = entries.next(); step.done !== true; step = entries.next()) {
    if (BigInt(items.length) === limit) {
      return { items, pagination: { nextKey: nextKey(step.value), total: 0n } };
    }
    items.push(toItem(step.value));
  }
  return { items, pagination: emptyResponse() };
}

/** Counts the entry whose key is the next page's, and all behind it; undefined when they are too many. */
function countRest(entries: Iterator<Entry>): bigint | undefined {
  let count = 1n;
  while (entries.next().done !== true) if (++count > pageTotalMax) return undefined;
  return count;
}
