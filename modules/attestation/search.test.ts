/** Searching by index: pages, bounds, and what a page costs. That a search finds what a look at all relays finds is in registrymodel.test.ts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne, parseDec } from "../../chain/dec.ts";
import { decodeKey, encodeKey } from "../../chain/keycodec.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type * as queries from "../../proto/gen/weir/attestation/v1/query.ts";
import { ExitKind } from "../../proto/gen/weir/attestation/v1/state.ts";
import { mbps, nameOf, type RegistryChain, registryChain } from "../../test/helpers/registrychain.ts";
import { announcedTerms, changeTrust, relay, relaysOfCell } from "./index.ts";
import { setRelay } from "./records.ts";
import { searchRelays, searchStepsMax } from "./search.ts";
import { bpsRank, reputationRank, type SearchKey, searchKey } from "./searchkey.ts";

/** Relays as registered, straight into the state, each with another offer: so many that a scan would show. */
function crowd(
  count: number,
  offer: (index: number) => { cell?: string; price?: bigint; bps?: bigint; reputation?: bigint; exit?: ExitKind },
): RegistryChain {
  const chain = registryChain();
  chain.registerRelay(0);
  const ctx = chain.context();
  const first = relay(ctx, 1n)!;
  for (let index = 0; index < count; index++) {
    const {
      cell = "europe-west",
      price = 5n,
      bps = 0n,
      reputation = decOne,
      exit = ExitKind.EXIT_KIND_WEB,
    } = offer(index);
    const terms = { ...announcedTerms(first), cell, priceFloor: price, exitPolicy: { kind: exit, ports: [] } };
    const id = BigInt(index + 2);
    setRelay(ctx, undefined, { ...first, id, terms: [terms] });
    changeTrust(ctx, id, { lastMedianBps: bps, reputation });
  }
  return chain;
}

const search = (chain: RegistryChain, request: object): queries.QuerySearchResponse =>
  chain.query("/weir.attestation.v1.Query/Search", request);

const idsOf = ({ results }: queries.QuerySearchResponse): number[] => results.map(({ relay: of }) => Number(of!.id));

describe("a search", () => {
  it("gives pages that follow each other, the fastest first", () => {
    const chain = crowd(25, (index) => ({ bps: mbps(2 ** (index % 10)) }));
    const all: number[] = [];
    let key = new Uint8Array(0);
    const lengths: number[] = [];
    do {
      const page = search(chain, { cell: "europe-west", pagination: { key, limit: 10n } });
      all.push(...idsOf(page));
      lengths.push(page.results.length);
      key = page.pagination!.nextKey as Uint8Array<ArrayBuffer>;
    } while (key.length > 0);
    expect(lengths).toEqual([10, 10, 6]);
    expect(new Set(all).size).toBe(26);
    const speeds = all.map((id) => Number((BigInt(id) - 2n) % 10n)).slice(0, 25);
    expect(speeds).toEqual([...speeds].sort((a, b) => b - a));
    expect(relaysOfCell(chain.context(), "europe-west", 3)).toEqual(all.slice(0, 3).map(BigInt));
    expect(relaysOfCell(chain.context(), "oceania", 3)).toEqual([]);
  });

  it("jumps over what cannot match, so that a page costs no more among twice as many", () => {
    const cost = (count: number): bigint => {
      const chain = crowd(count, (index) => ({
        cell: index % 2 ? "oceania" : "africa",
        price: index % 3 ? 900n : 5n,
        bps: mbps(1 + (index % 4)),
      }));
      const ctx = chain.context();
      const wanted = { cell: "oceania", exit: undefined, priceMax: 10n, measuredBpsMin: mbps(4), reputationMin: 0n };
      const { found, nextKey } = searchRelays(ctx, wanted, new Uint8Array(0), 5);
      expect(found).toHaveLength(5);
      expect(nextKey.length).toBeGreaterThan(0);
      return ctx.gas.consumed;
    };
    const [few, many] = [cost(200), cost(400)];
    expect(many).toBeLessThan((few * 11n) / 10n);
  });

  it("ends after so many steps, with where the next page begins", () => {
    // All of one rank, and of that rank none that is fast enough: the worst that coarse ranks do.
    const chain = crowd(searchStepsMax + 50, () => ({ bps: 1_000_001n }));
    const request = { measuredBpsMin: 1_000_002n };
    const page = search(chain, request);
    expect(page.results).toEqual([]);
    expect(page.pagination!.nextKey.length).toBeGreaterThan(0);
    const next = search(chain, { ...request, pagination: { key: page.pagination!.nextKey } });
    expect(next.pagination!.nextKey).toHaveLength(0);
  });

  it("finds nobody who takes no sessions", () => {
    const chain = registryChain();
    for (const operator of [0, 1, 2]) chain.registerRelay(operator);
    chain.send("MsgDrain", { operator: nameOf(0), relay: 1n, epochs: 1n });
    chain.send("MsgPause", { operator: nameOf(1), subject: { kind: 1, id: 2n } });
    expect(idsOf(search(chain, {}))).toEqual([3]);
  });

  it.each([
    ["a cell that is no name", { cell: "A\u0000" }],
    ["a reputation that is no number", { reputationMin: "high" }],
    ["an exit policy that is none", { exit: 9 }],
    ["an offset", { pagination: { offset: 5n } }],
    ["a total", { pagination: { countTotal: true } }],
    ["the order reversed", { pagination: { reverse: true } }],
  ])("is refused with %s", (_what, request) => {
    expect(() => search(registryChain(), request)).toThrow();
  });

  it("takes at most a page, however many are asked for, and any bytes as a key", () => {
    const chain = crowd(150, () => ({}));
    expect(search(chain, { pagination: { limit: 1n << 60n } }).results).toHaveLength(100);
    expect(search(chain, { pagination: { key: new Uint8Array(64).fill(0xff) } }).results).toEqual([]);
    expect(search(chain, { pagination: { key: Uint8Array.of(0) } }).results).toHaveLength(100);
  });
});

describe("a search key", () => {
  const keys = fc.record({
    cell: fc.constantFrom("a", "ab", "a-b", "europe-west"),
    bpsRank: fc.nat(255),
    reputationRank: fc.nat(255),
    exit: fc.nat(4),
    price: fc.bigInt(0n, (1n << 64n) - 1n),
    id: fc.bigInt(0n, (1n << 64n) - 1n),
  });
  const bytes = (key: SearchKey) => encodeKey(new Uint8Array(0), searchKey, key);

  it("is read back, and sorts by its parts in their order", () => {
    fc.assert(
      fc.property(keys, keys, (left, right) => {
        expect(decodeKey(bytes(left), 0, searchKey)).toEqual(left);
        const order = (["cell", "bpsRank", "reputationRank", "exit", "price", "id"] as const).map((name) =>
          left[name] < right[name] ? -1 : left[name] > right[name] ? 1 : 0,
        );
        expect(Math.sign(compareBytes(bytes(left), bytes(right)))).toBe(order.find((one) => one !== 0) ?? 0);
      }),
    );
  });

  it("has ranks that fall as figures rise, over all of 64 bits", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 64n) - 1n), fc.bigInt(0n, (1n << 64n) - 1n), (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(bpsRank(less)).toBeGreaterThanOrEqual(bpsRank(more));
        expect(bpsRank(more)).toBeGreaterThanOrEqual(0);
        if (less > 1n && more >= 2n * less) expect(bpsRank(less)).toBeGreaterThan(bpsRank(more));
      }),
    );
    const ranks = ["0", "0.06", "0.0625", "0.5", "0.99", "1"].map((text) => reputationRank(parseDec(text)));
    expect(ranks).toEqual([255, 255, 254, 247, 240, 239]);
  });
});

describe("lists", () => {
  it("are read page by page, by operator too", () => {
    const chain = crowd(30, () => ({}));
    const page = chain.query<queries.QueryRelaysResponse>("/weir.attestation.v1.Query/Relays", {
      operator: "",
      pagination: { limit: 7n },
    });
    expect(page.relays).toHaveLength(7);
    const own = chain.query<queries.QueryRelaysResponse>("/weir.attestation.v1.Query/Relays", { operator: nameOf(0) });
    expect(own.relays).toHaveLength(31);
    const none = chain.query<queries.QueryRelaysResponse>("/weir.attestation.v1.Query/Relays", { operator: nameOf(1) });
    expect(none.relays).toEqual([]);
  });

  it("ask for a relay by its id, or by an operator that has one alone", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    const ask = (text: string) =>
      chain.query<queries.QueryRelayResponse>("/weir.attestation.v1.Query/Relay", { relay: text }).relay!;
    expect(ask("1").relay!.id).toBe(1n);
    expect(ask(nameOf(0))).toMatchObject({ bond: "1000000000", requiredBond: "1000000000", denied: false });
    expect(() => ask("2")).toThrow("there is no relay 2");
    expect(() => ask(nameOf(1))).toThrow("has no relay");
    expect(() => ask("01")).toThrow();
    const many = crowd(3, () => ({}));
    expect(() => many.query("/weir.attestation.v1.Query/Relay", { relay: nameOf(0) })).toThrow("has several relays");
  });
});
