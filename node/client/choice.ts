/**
 * Which relays suit a buyer, the best first: by the chain's quotes, by what the buyer asks for, and by how far away each answers from here. Owns that
 * order and the asking; does not own when it is asked (step.ts).
 */
import { randomBytes } from "node:crypto";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { type Dec, decFromProto } from "../../chain/dec.ts";
import { QueryCellsRequest, QueryCellsResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import { QueryQuoteRequest, QueryQuoteResponse, type Quote } from "../../proto/gen/weir/market/v1/query.ts";
import { drop } from "../daemon/failure.ts";
import { ask } from "../transport/opening.ts";
import type { Asking } from "./clientchain.ts";
import { dialRelay, type RelayTarget, type Surroundings } from "./paidsession.ts";
import { askedTarget } from "./relays.ts";

export interface Wishes {
  /** Cells; none: everywhere. */
  readonly regions: readonly string[];
  /** What a quote is asked for. */
  readonly bytes: bigint;
  /** Of a GiB. */
  readonly priceMax: Dec | undefined;
  readonly stableOnly: boolean;
  /** The relay's exit policy must carry all of them. */
  readonly ports: readonly number[];
  /** One of them must be the relay's, by its own word. */
  readonly jurisdictions: readonly string[];
  /** These alone; none: any. */
  readonly relays: readonly bigint[];
}

export interface Candidate {
  readonly relay: bigint;
  readonly region: string;
  readonly stable: boolean;
  readonly price: Dec;
  /** Of all that was asked for. */
  readonly cost: bigint;
  readonly measuredBps: bigint;
  readonly reputation: Dec;
  readonly jurisdiction: string;
  /** The chain's. */
  readonly score: bigint;
}

export interface Found {
  readonly candidates: readonly Candidate[];
  /** Why the others are not among them, in words. */
  readonly leftOut: string;
}

const regionsMax = 64;
const quotesPerRegion = 20n;
/** Of the best by the chain's score, so many are asked how far away they are. */
export const probedMax = 12;
const probeMillisMax = 3_000;
/** A relay this far away counts half. */
const halfAtMillis = 100;

async function regionsOf(chain: Asking, { regions }: Wishes): Promise<readonly string[]> {
  const request = QueryCellsRequest.encode(QueryCellsRequest.fromPartial({})).finish();
  const { cells } = await chain.query("/weir.attestation.v1.Query/Cells", request, (bytes) =>
    QueryCellsResponse.decode(bytes),
  );
  const known = cells.map(({ name }) => name);
  const stranger = regions.find((name) => !known.includes(name));
  if (stranger !== undefined) throw drop(`there is no region ${stranger}; there are ${known.join(", ")}`);
  return regions.length > 0 ? regions : known.slice(0, regionsMax);
}

async function quotesOf(chain: Asking, cell: string, wishes: Wishes): Promise<readonly Quote[]> {
  const { bytes, stableOnly, ports, jurisdictions } = wishes;
  const wish = { ports: ports.map((port) => ({ first: port, last: port })), jurisdictions: [...jurisdictions] };
  const request = QueryQuoteRequest.fromPartial({ cell, bytes, stableOnly, limit: quotesPerRegion, wish });
  const { quotes } = await chain.query(
    "/weir.market.v1.Query/Quote",
    QueryQuoteRequest.encode(request).finish(),
    (answer) => QueryQuoteResponse.decode(answer),
  );
  return quotes;
}

const candidateOf = (region: string, quote: Quote): Candidate => ({
  relay: quote.relay,
  region,
  stable: quote.stable,
  price: decFromProto(quote.price),
  cost: BigInt(quote.cost),
  measuredBps: quote.measuredBps,
  reputation: decFromProto(quote.reputation),
  jurisdiction: quote.jurisdiction,
  score: quote.score,
});

/** The chain's quotes of all regions that are wished for, too dear ones left out. */
export async function findCandidates(chain: Asking, wishes: Wishes): Promise<Found> {
  const found: Candidate[] = [];
  for (const region of await regionsOf(chain, wishes)) {
    for (const quote of await quotesOf(chain, region, wishes)) found.push(candidateOf(region, quote));
  }
  const { priceMax, relays } = wishes;
  const wanted = relays.length === 0 ? found : found.filter(({ relay }) => relays.includes(relay));
  const candidates = wanted.filter(({ price }) => priceMax === undefined || price <= priceMax);
  return {
    candidates: byScore(candidates),
    leftOut: leftOutText(wishes, found.length, wanted.length - candidates.length),
  };
}

const byScore = (candidates: readonly Candidate[]): readonly Candidate[] =>
  [...candidates].sort((a, b) => (a.score === b.score ? (a.relay < b.relay ? -1 : 1) : a.score > b.score ? -1 : 1));

function leftOutText({ regions, stableOnly, ports, jurisdictions }: Wishes, found: number, tooDear: number): string {
  if (tooDear > 0) return `${tooDear} of ${found} relays cost more than --max-price allows`;
  const asked = [
    regions.length === 0 ? "" : `in ${regions.join(" or ")}`,
    stableOnly ? "of the class STABLE" : "",
    ports.length === 0 ? "" : `carrying to port ${ports.join(" and ")}`,
    jurisdictions.length === 0 ? "" : `under the law of ${jurisdictions.join(" or ")}`,
  ].filter((part) => part !== "");
  return `the chain knows no relay ${asked.join(", ")}${asked.length === 0 ? "that takes sessions" : " that takes sessions"}`;
}

export interface Probed {
  readonly candidate: Candidate;
  readonly rttMillis: number;
}

/** The chain's score, halved by distance. */
const worthOf = ({ candidate: { score }, rttMillis }: Probed): number =>
  (Number(score) * halfAtMillis) / (halfAtMillis + rttMillis);

/** Nearer ones first among those that the chain ranks alike; equal ones by id. */
export const ranked = (probed: readonly Probed[]): readonly Probed[] =>
  [...probed].sort(
    (a, b) => worthOf(b) - worthOf(a) || a.rttMillis - b.rttMillis || (a.candidate.relay < b.candidate.relay ? -1 : 1),
  );

/** From a question to its answer, over a link of a key that is used for nothing else; undefined where nobody answers. */
export async function probe(
  target: RelayTarget,
  chainId: string,
  surroundings: Surroundings,
): Promise<number | undefined> {
  const seed = new Uint8Array(randomBytes(32));
  const { clock, log } = surroundings;
  try {
    const link = await dialRelay(target, { seed, publicKey: ed25519KeyPair(seed).publicKey }, surroundings);
    link.stream.on("error", () => undefined);
    try {
      const began = clock.now();
      await ask(link, { ping: {} }, { chainId, deadlineMillis: probeMillisMax });
      return clock.now() - began;
    } finally {
      link.stream.destroy();
    }
  } catch (error) {
    log.debug(`relay ${target.id} does not answer: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Those that answer, in the order in which they are to be used. */
export async function rankedByProbes(
  chain: Asking & { readonly chainId: string },
  { candidates }: Found,
  surroundings: Surroundings,
): Promise<readonly Probed[]> {
  const probed = candidates.slice(0, probedMax).map(async (candidate): Promise<Probed[]> => {
    const target = await askedTarget(chain, candidate.relay);
    const rttMillis = target === undefined ? undefined : await probe(target, chain.chainId, surroundings);
    return rttMillis === undefined ? [] : [{ candidate, rttMillis }];
  });
  return ranked((await Promise.all(probed)).flat());
}
