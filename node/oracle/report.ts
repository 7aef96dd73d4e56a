/**
 * How an oracle stands, by what the chain says of it: for `weir oracle status`. Owns which queries are asked, and how far it is from a fine; what is
 * to be done about it is advice.ts.
 */
import { judgeMisses } from "../../modules/rewards/judgement.ts";
import { paramsFromProto } from "../../modules/rewards/params.ts";
import type { Coin } from "../../proto/gen/cosmos/base/v1beta1/coin.ts";
import * as attestation from "../../proto/gen/weir/attestation/v1/query.ts";
import type { OracleTally } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { type Oracle, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import * as rewards from "../../proto/gen/weir/rewards/v1/query.ts";
import type { OracleRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import { type ChainAnswers, readEpoch } from "../measurement/epochfacts.ts";
import { ask, balanceOf } from "../relay/report.ts";

export const standingWords: Readonly<Record<number, string>> = {
  [Standing.STANDING_ACTIVE]: "active",
  [Standing.STANDING_PAUSED]: "paused",
  [Standing.STANDING_LEAVING]: "leaving",
  [Standing.STANDING_LEFT]: "gone",
  [Standing.STANDING_JAILED]: "jailed",
};

/** One epoch's counts, of those that are over. */
export interface Worked {
  readonly epoch: bigint;
  readonly tally: OracleTally;
  readonly isFinal: boolean;
  /** What the rules take of the bond for what was missed, as a share in 10⁻¹⁸. */
  readonly slash: bigint;
  readonly isPaid: boolean;
  /** So many more missed readings are left before it costs something. */
  readonly sparedMisses: bigint;
}

export interface OracleReport {
  readonly oracle: Oracle;
  readonly view: attestation.OracleView;
  /** The one that is open. */
  readonly epoch: bigint;
  /** The newest first. */
  readonly worked: readonly Worked[];
  readonly record: OracleRecord | undefined;
  readonly claimable: readonly Coin[];
  /** Below it an oracle takes no part; in the smallest coin. */
  readonly bondFloor: bigint;
  readonly bondMin: bigint;
  /** Of the operator, for fees. */
  readonly balance: bigint;
}

const epochsBack = 4n;

/** Undefined where the chain has nothing to say. */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && "code" in error && "codespace" in error) return undefined;
    throw error;
  }
}

const path = (module: string, name: string): string => `/weir.${module}.v1.Query/${name}`;

/** By its id, or by its operator where that has one alone. */
export async function findOracle(chain: ChainAnswers, name: string): Promise<attestation.OracleView | undefined> {
  const request = [attestation.QueryOracleRequest, { oracle: name }] as const;
  const answer = await orNothing(ask(chain, path("attestation", "Oracle"), request, attestation.QueryOracleResponse));
  return answer?.oracle;
}

export async function readOracleReport(chain: ChainAnswers, name: string): Promise<OracleReport | undefined> {
  const view = await findOracle(chain, name);
  if (view?.oracle === undefined) return undefined;
  const { id, operator } = view.oracle;
  const { number: epoch } = await readEpoch(chain, undefined);
  const [{ params }, earned, worked, balance] = await Promise.all([
    ask(chain, path("attestation", "Params"), [attestation.QueryParamsRequest, {}], attestation.QueryParamsResponse),
    orNothing(
      ask(
        chain,
        path("rewards", "Oracle"),
        [rewards.QueryOracleRequest, { oracleId: id }],
        rewards.QueryOracleResponse,
      ),
    ),
    workedEpochs(chain, id, epoch),
    balanceOf(chain, operator),
  ]);
  const bondMin = BigInt(params?.oracleBondMin ?? "0");
  const bondFloor = (bondMin * BigInt(params?.bondFloor ?? "0")) / 10n ** 18n;
  const claimable = earned?.claimable ?? [];
  return { oracle: view.oracle, view, epoch, worked, record: earned?.record, claimable, bondFloor, bondMin, balance };
}

async function workedEpochs(chain: ChainAnswers, id: bigint, open: bigint): Promise<Worked[]> {
  const request = [rewards.QueryParamsRequest, {}] as const;
  const { params } = await ask(chain, path("rewards", "Params"), request, rewards.QueryParamsResponse);
  const rule = paramsFromProto(params!);
  const worked: Worked[] = [];
  for (let back = 1n; back <= epochsBack && back <= open; back++) {
    const number = open - back;
    const asked = [attestation.QueryOracleTallyRequest, { oracle: `${id}`, epoch: `${number}` }] as const;
    const answer = await orNothing(
      ask(chain, path("attestation", "OracleTally"), asked, attestation.QueryOracleTallyResponse),
    );
    if (answer?.tally === undefined) continue;
    worked.push({ epoch: number, tally: answer.tally, isFinal: answer.isFinal, ...judged(answer.tally, rule) });
  }
  return worked;
}

type MissRule = Parameters<typeof judgeMisses>[2];

/** As the rules judge it, and how many more could be missed for nothing. */
export function judged(tally: OracleTally, rule: MissRule): Pick<Worked, "slash" | "isPaid" | "sparedMisses"> {
  const assigned = tally.assigned - tally.excused + tally.remeasurementsAssigned;
  const missing = tally.missing + tally.remeasurementsMissing;
  const { isPaid, slash } = judgeMisses(assigned, missing, rule);
  let sparedMisses = 0n;
  while (missing + sparedMisses < assigned && judgeMisses(assigned, missing + sparedMisses + 1n, rule).isPaid) {
    sparedMisses++;
  }
  return { isPaid, slash, sparedMisses };
}

export interface InBand {
  readonly accepted: bigint;
  readonly given: bigint;
}

/** Of what was given in the epochs that are counted, how much was within the band about the median. */
export function inBand(worked: readonly Worked[]): InBand {
  const counted = worked.filter(({ isFinal }) => isFinal);
  const sum = (of: (tally: OracleTally) => bigint) => counted.reduce((all, { tally }) => all + of(tally), 0n);
  return {
    accepted: sum(({ accepted }) => accepted),
    given: sum(({ assigned, excused, missing }) => assigned - excused - missing),
  };
}
