/**
 * How a relay stands, by what the chain says of it: for `weir relay status` and for the daemon's metrics. Owns which queries are asked and how they
 * are put together; what is to be done about it is advice.ts.
 */
import { QueryBalanceRequest, QueryBalanceResponse } from "../../proto/gen/cosmos/bank/v1beta1/query.ts";
import * as attestation from "../../proto/gen/weir/attestation/v1/query.ts";
import type { Tally } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { type Relay, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { QueryEpochRequest, QueryEpochResponse } from "../../proto/gen/weir/beacon/v1/query.ts";
import * as rewards from "../../proto/gen/weir/rewards/v1/query.ts";
import type { ChainAnswers } from "../measurement/epochfacts.ts";

export interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

export const ask = <Request, Response>(
  chain: ChainAnswers,
  path: string,
  [request, value]: readonly [Codec<Request>, Request],
  response: Codec<Response>,
): Promise<Response> => chain.query(path, request.encode(value).finish(), (bytes) => response.decode(bytes));

/** Undefined where the chain has nothing to say: not registered then, not settled yet, forgotten. */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && "code" in error && "codespace" in error) return undefined;
    throw error;
  }
}

export interface Measured {
  readonly epoch: bigint;
  readonly tally: Tally;
  readonly isFinal: boolean;
}

export interface RelayReport {
  readonly relay: Relay;
  readonly view: attestation.RelayView;
  /** The one that is open. */
  readonly epoch: bigint;
  /** Of an epoch that is over and in which it was read; undefined before the first. */
  readonly measured: Measured | undefined;
  /** Of the open epoch: who is to read it. */
  readonly committee: attestation.QueryCommitteeResponse | undefined;
  readonly record: rewards.QueryRelayResponse | undefined;
  readonly result: rewards.QueryResultResponse | undefined;
  readonly thresholds: readonly rewards.Threshold[];
  readonly explained: readonly string[];
  /** Audited epochs in which reputation counts as the least one still. */
  readonly probationEpochsLeft: bigint;
  /** In the smallest coin. */
  readonly claimable: bigint;
  /** Of the operator, for fees. */
  readonly balance: bigint;
}

const weirDenom = "uweir";
/** How far back a measured epoch is looked for: a trusted relay is audited in one of three or four. */
const epochsBack = 4n;

export const standingWords: Readonly<Record<number, string>> = {
  [Standing.STANDING_ACTIVE]: "active",
  [Standing.STANDING_PAUSED]: "paused",
  [Standing.STANDING_DRAINING]: "draining",
  [Standing.STANDING_LEAVING]: "leaving",
  [Standing.STANDING_LEFT]: "gone",
};

/** Undefined where there is no such relay. */
export async function readReport(chain: ChainAnswers, id: bigint): Promise<RelayReport | undefined> {
  const relay = `${id}`;
  const found = await orNothing(
    ask(
      chain,
      "/weir.attestation.v1.Query/Relay",
      [attestation.QueryRelayRequest, { relay }],
      attestation.QueryRelayResponse,
    ),
  );
  const view = found?.relay;
  if (view?.relay === undefined) return undefined;
  const epoch = await openEpochOf(chain);
  const [measured, committee, pay, balance] = await Promise.all([
    lastMeasured(chain, id, epoch),
    committeeOf(chain, relay, ""),
    payOf(chain, relay, view.relay.operator),
    balanceOf(chain, view.relay.operator),
  ]);
  return { relay: view.relay, view, epoch, measured, committee, ...pay, balance };
}

const committeeOf = (chain: ChainAnswers, relay: string, epoch: string) => {
  const request = [attestation.QueryCommitteeRequest, { relay, epoch }] as const;
  return orNothing(ask(chain, "/weir.attestation.v1.Query/Committee", request, attestation.QueryCommitteeResponse));
};

/** 0 of an epoch in which it took no part. */
export const committeeSize = async (chain: ChainAnswers, relay: bigint, epoch: bigint): Promise<number> =>
  (await committeeOf(chain, `${relay}`, `${epoch}`))?.committee.length ?? 0;

async function openEpochOf(chain: ChainAnswers): Promise<bigint> {
  const request = [QueryEpochRequest, { number: "" }] as const;
  const { epoch } = await ask(chain, "/weir.beacon.v1.Query/Epoch", request, QueryEpochResponse);
  return epoch?.number ?? 0n;
}

export async function balanceOf(chain: ChainAnswers, address: string): Promise<bigint> {
  const request = [QueryBalanceRequest, { address, denom: weirDenom }] as const;
  const { balance } = await ask(chain, "/cosmos.bank.v1beta1.Query/Balance", request, QueryBalanceResponse);
  return BigInt(balance?.amount ?? "0");
}

/** The newest epoch that is over and of which there is a reading. */
async function lastMeasured(chain: ChainAnswers, relay: bigint, open: bigint): Promise<Measured | undefined> {
  for (let back = 1n; back <= epochsBack && back <= open; back++) {
    const epoch = open - back;
    const request = [attestation.QueryTallyRequest, { epoch, relay }] as const;
    const answer = await orNothing(
      ask(chain, "/weir.attestation.v1.Query/Tally", request, attestation.QueryTallyResponse),
    );
    if (answer?.tally !== undefined && answer.tally.present > 0) {
      return { epoch, tally: answer.tally, isFinal: answer.isFinal };
    }
  }
  return undefined;
}

async function payOf(chain: ChainAnswers, relay: string, operator: string) {
  const path = (name: string) => `/weir.rewards.v1.Query/${name}`;
  const [record, result, thresholds, explained, claimable, params] = await Promise.all([
    orNothing(ask(chain, path("Relay"), [rewards.QueryRelayRequest, { relay }], rewards.QueryRelayResponse)),
    orNothing(
      ask(chain, path("Result"), [rewards.QueryResultRequest, { relay, epoch: "" }], rewards.QueryResultResponse),
    ),
    orNothing(
      ask(chain, path("Thresholds"), [rewards.QueryThresholdsRequest, { relay }], rewards.QueryThresholdsResponse),
    ),
    orNothing(
      ask(chain, path("Explain"), [rewards.QueryExplainRequest, { relay, epoch: "" }], rewards.QueryExplainResponse),
    ),
    orNothing(
      ask(
        chain,
        path("Claimable"),
        [rewards.QueryClaimableRequest, { relay, claimant: operator }],
        rewards.QueryClaimableResponse,
      ),
    ),
    ask(chain, path("Params"), [rewards.QueryParamsRequest, {}], rewards.QueryParamsResponse),
  ]);
  const probation = params.params?.probationEpochs ?? 0n;
  const audited = record?.record?.auditedEpochs ?? 0n;
  return {
    record,
    result,
    thresholds: thresholds?.thresholds ?? [],
    explained: explained?.lines ?? [],
    probationEpochsLeft: audited >= probation ? 0n : probation - audited,
    claimable: BigInt(claimable?.amount ?? "0"),
  };
}

/** Of the operator, by its transport key; undefined where there is none. */
export async function findRelay(
  chain: ChainAnswers,
  operator: string,
  transportKey: Uint8Array,
): Promise<bigint | undefined> {
  const pagination = { key: new Uint8Array(0), offset: 0n, limit: relaysMax, countTotal: false, reverse: false };
  const request = [attestation.QueryRelaysRequest, { operator, pagination }] as const;
  const { relays } = await ask(chain, "/weir.attestation.v1.Query/Relays", request, attestation.QueryRelaysResponse);
  return relays.find(({ terms }) => terms.some((one) => Buffer.compare(one.transportKey, transportKey) === 0))?.id;
}

/** Of one operator. */
const relaysMax = 1_000n;
