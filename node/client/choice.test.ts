import { describe, expect, it } from "vitest";
import { decToProto, parseDec } from "../../chain/dec.ts";
import { QueryCellsResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import { QueryQuoteRequest, QueryQuoteResponse } from "../../proto/gen/weir/market/v1/query.ts";
import { type Candidate, findCandidates, ranked, type Wishes } from "./choice.ts";
import type { Asking } from "./clientchain.ts";

const anything: Wishes = {
  regions: [],
  bytes: 1n << 30n,
  priceMax: undefined,
  stableOnly: false,
  ports: [],
  jurisdictions: [],
  relays: [],
};

const candidate = (relay: bigint, score: bigint): Candidate => ({
  relay,
  region: "europe-west",
  stable: false,
  price: parseDec("50000"),
  cost: 50_000n,
  measuredBps: 1n,
  reputation: parseDec("0.5"),
  jurisdiction: "",
  score,
});

/** Two regions with two relays each, and what each quote was asked for. */
function chain() {
  const asked: QueryQuoteRequest[] = [];
  const relays: Readonly<Record<string, readonly (readonly [bigint, string, bigint])[]>> = {
    "europe-west": [
      [1n, "50000", 30n],
      [2n, "90000", 50n],
    ],
    oceania: [
      [3n, "40000", 40n],
      [4n, "40000", 40n],
    ],
  };
  const query = async <T>(path: string, request: Uint8Array, decode: (bytes: Uint8Array) => T): Promise<T> => {
    if (path.endsWith("/Cells")) {
      const cells = Object.keys(relays).map((name) => ({ name, description: "" }));
      return decode(QueryCellsResponse.encode(QueryCellsResponse.fromPartial({ cells })).finish());
    }
    const wanted = QueryQuoteRequest.decode(request);
    asked.push(wanted);
    const quotes = relays[wanted.cell]!.map(([relay, price, score]) => ({
      relay,
      price: decToProto(parseDec(price)),
      cost: price,
      reputation: "0",
      score,
    }));
    return decode(QueryQuoteResponse.encode(QueryQuoteResponse.fromPartial({ quotes })).finish());
  };
  return { asked, asking: { query } as Asking };
}

const idsOf = (candidates: readonly Candidate[]) => candidates.map(({ relay }) => relay);

describe("relays for a buyer", () => {
  it("come from every region, the best score first, equal ones by id", async () => {
    const { asking } = chain();
    expect(idsOf((await findCandidates(asking, anything)).candidates)).toEqual([2n, 3n, 4n, 1n]);
  });

  it("are of the regions, prices, and ids that were asked for; the rest is asked of the chain", async () => {
    const { asking, asked } = chain();
    const wishes = { ...anything, regions: ["europe-west"], ports: [443], jurisdictions: ["NL"], stableOnly: true };
    expect(idsOf((await findCandidates(asking, wishes)).candidates)).toEqual([2n, 1n]);
    expect(asked).toMatchObject([
      { cell: "europe-west", stableOnly: true, wish: { ports: [{ first: 443, last: 443 }], jurisdictions: ["NL"] } },
    ]);
    const cheap = await findCandidates(asking, { ...anything, priceMax: parseDec("45000") });
    expect(idsOf(cheap.candidates)).toEqual([3n, 4n]);
    expect(idsOf((await findCandidates(asking, { ...anything, relays: [4n] })).candidates)).toEqual([4n]);
  });

  it("are missing for a reason that is said", async () => {
    const { asking } = chain();
    const dear = await findCandidates(asking, { ...anything, priceMax: 1n });
    expect(dear.leftOut).toContain("4 of 4 relays cost more than --max-price");
    const none = await findCandidates(asking, { ...anything, relays: [9n], ports: [22] });
    expect(none.leftOut).toBe("the chain knows no relay carrying to port 22 that takes sessions");
    await expect(findCandidates(asking, { ...anything, regions: ["mars"] })).rejects.toThrow("no region mars");
  });

  it("are preferred near by, as far as the chain ranks them alike", () => {
    const probed = [
      { candidate: candidate(1n, 100n), rttMillis: 300 },
      { candidate: candidate(2n, 100n), rttMillis: 20 },
      { candidate: candidate(3n, 1_000n), rttMillis: 300 },
      { candidate: candidate(4n, 0n), rttMillis: 50 },
      { candidate: candidate(5n, 0n), rttMillis: 10 },
    ];
    expect(ranked(probed).map(({ candidate: { relay } }) => relay)).toEqual([3n, 2n, 1n, 5n, 4n]);
    // Half as good and much nearer.
    const near = { candidate: candidate(6n, 50n), rttMillis: 10 };
    expect(ranked([probed[0]!, near])[0]).toBe(near);
  });
});
