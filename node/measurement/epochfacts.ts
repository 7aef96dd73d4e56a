/**
 * What the chain says of an epoch, as draws.ts takes it. Owns which queries are asked and how their answers are read; not who answers them.
 */

import { decFromProto } from "../../chain/dec.ts";
import { planOfProto } from "../../modules/attestation/slots.ts";
import {
  type DrawnRelay,
  QueryDrawsRequest,
  QueryDrawsResponse,
  QuerySlotsRequest,
  QuerySlotsResponse,
} from "../../proto/gen/weir/attestation/v1/query.ts";
import type { EpochPlan } from "../../proto/gen/weir/attestation/v1/readings.ts";
import {
  QueryEpochRequest,
  QueryEpochResponse,
  QueryTicksRequest,
  QueryTicksResponse,
} from "../../proto/gen/weir/beacon/v1/query.ts";
import type { Epoch } from "../../proto/gen/weir/beacon/v1/state.ts";
import type { EpochFacts, KnownTicks, RelayFacts } from "./draws.ts";

const nanosPerSecond = 1_000_000_000n;
const nanosOf = ({ seconds, nanos }: { readonly seconds: bigint; readonly nanos: number }): bigint =>
  seconds * nanosPerSecond + BigInt(nanos);

export interface EpochAnswers {
  readonly epoch: Epoch;
  readonly draws: Pick<
    QueryDrawsResponse,
    "epoch" | "seed" | "committeeSize" | "oracleBondMin" | "prefixRules" | "oracles"
  >;
  readonly plan: EpochPlan | undefined;
}

/** Undefined while the seed is not known. */
export function epochFactsOf(chainId: string, { epoch, draws, plan }: EpochAnswers): EpochFacts | undefined {
  if (draws.seed.length === 0 || draws.epoch !== epoch.number) return undefined;
  const lengthNanos = nanosOf(epoch.duration!);
  const isBegun = plan !== undefined && plan.rounds + plan.oracles > 0;
  return {
    chainId,
    number: epoch.number,
    seed: draws.seed,
    openNanos: nanosOf(epoch.openTime!),
    lengthNanos,
    rules: {
      size: draws.committeeSize,
      oracleBondMin: BigInt(draws.oracleBondMin),
      prefixRules: draws.prefixRules,
    },
    oracles: draws.oracles.map(({ family, bond, ...rest }) => ({
      ...rest,
      family: family === "" ? undefined : family,
      bond: BigInt(bond),
    })),
    plan: plan === undefined ? undefined : planOfProto(plan),
    covert: isBegun
      ? {
          epoch: epoch.number,
          relayIds: plan.relayIds,
          oracles: BigInt(plan.oracles),
          rate: decFromProto(plan.covertRate),
          epochMillis: lengthNanos / 1_000_000n,
        }
      : undefined,
  };
}

export const relayFactsOf = ({ family, prefix, delegatingOperators, ...rest }: DrawnRelay): RelayFacts => ({
  ...rest,
  family: family === 0n ? undefined : `${family}`,
  prefix: prefix === "" ? undefined : prefix,
  delegatingOperators: new Set(delegatingOperators),
});

// --------------------------------------------------------------------------------------------------------------------- asking

/** Who answers: a ChainClient does. */
export interface ChainAnswers {
  readonly chainId: string;
  query<Response>(path: string, request: Uint8Array, decode: (bytes: Uint8Array) => Response): Promise<Response>;
}

interface AskedMessage<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

const ask = <Request, Response>(
  chain: ChainAnswers,
  path: string,
  [request, value]: readonly [AskedMessage<Request>, Request],
  response: AskedMessage<Response>,
): Promise<Response> => chain.query(path, request.encode(value).finish(), (bytes) => response.decode(bytes));

const attestationPath = (name: string): string => `/weir.attestation.v1.Query/${name}`;
const beaconPath = (name: string): string => `/weir.beacon.v1.Query/${name}`;

/** Empty for the one that is open. */
export async function readEpoch(chain: ChainAnswers, number: bigint | undefined): Promise<Epoch> {
  const request = { number: number === undefined ? "" : `${number}` };
  const { epoch } = await ask(chain, beaconPath("Epoch"), [QueryEpochRequest, request], QueryEpochResponse);
  if (epoch === undefined) throw new Error("the chain answered without an epoch; expected one");
  return epoch;
}

export interface DrawsPage {
  /** Undefined while the seed is not known. */
  readonly facts: EpochFacts | undefined;
  readonly relays: readonly RelayFacts[];
  /** 0 when there are no more. */
  readonly nextAfterRelay: bigint;
}

export interface PageAsked {
  readonly afterRelay: bigint;
  /** 0 is as many as there can be. */
  readonly limit: number;
}

/** A page of the relays of an epoch, with what all draws of it share. One relay alone is the page of one behind the id before it. */
export async function readDraws(
  chain: ChainAnswers,
  epoch: Epoch,
  { afterRelay, limit }: PageAsked,
): Promise<DrawsPage> {
  const number = `${epoch.number}`;
  const [draws, { plan }] = await Promise.all([
    ask(chain, attestationPath("Draws"), [QueryDrawsRequest, { epoch: number, afterRelay, limit }], QueryDrawsResponse),
    ask(chain, attestationPath("Slots"), [QuerySlotsRequest, { epoch: number }], QuerySlotsResponse),
  ]);
  return {
    facts: epochFactsOf(chain.chainId, { epoch, draws, plan }),
    relays: draws.relays.map(relayFactsOf),
    nextAfterRelay: draws.nextAfterRelay,
  };
}

/** `blockTimeNanos` is of a block that was seen before this is asked. */
export async function readTicks(chain: ChainAnswers, epoch: bigint, blockTimeNanos: bigint): Promise<KnownTicks> {
  const { ticks } = await ask(chain, beaconPath("Ticks"), [QueryTicksRequest, { epoch }], QueryTicksResponse);
  return { ticks, blockTimeNanos };
}
