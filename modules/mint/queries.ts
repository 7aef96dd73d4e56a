/** Mint's queries: the SDK's three, answered on every chain, and two about the emission schedule. */
import type { ReadContext, Timestamp } from "../../chain/context.ts";
import { type Dec, decFromInt, decFromRatio, decToProto } from "../../chain/dec.ts";
import { QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";
import * as sdk from "../../proto/gen/cosmos/mint/v1beta1/query.ts";
import * as weir from "../../proto/gen/weir/mint/v1/query.ts";
import { supplyOf } from "../bank/index.ts";
import { type Emission, emissionToProto, getEmission, getMinter, getParams, roomOf } from "./keeper.ts";
import { type Day, dayCount, dayOf, emittedBetween, emittedUntil, secondsPerDay, totalEmission } from "./schedule.ts";

/** 365.25 days: the year of the SDK's default parameters. */
const yearSeconds = (secondsPerDay * 1461n) / 4n;
const daysDefault = 30n;
const daysMax = 1_000n;

/** On these two the wire holds the count of 10^-18 as text in a field of bytes. */
const decBytes = (text: string): Uint8Array => encodeUtf8(text);

/** What the schedule emits in the year from now. */
function yearOf(ctx: ReadContext, { schedule }: Emission): bigint {
  const { seconds, nanos } = ctx.block.time;
  const later: Timestamp = { seconds: seconds + yearSeconds, nanos };
  return emittedBetween(schedule, ctx.block.time, later);
}

function inflationOf(ctx: ReadContext, emission: Emission): Dec {
  const supply = supplyOf(ctx, getParams(ctx).mintDenom);
  return supply === 0n ? 0n : decFromRatio(yearOf(ctx, emission), supply);
}

function requireEmission(ctx: ReadContext): Emission {
  const emission = getEmission(ctx);
  if (emission !== undefined) return emission;
  throw new QueryError("NotFound", "this chain mints by inflation: its genesis has no emission schedule");
}

const dayToProto = ({ number, start, amount, emittedBefore }: Day): weir.Day => ({
  number: BigInt(number),
  start: { ...start },
  amount: `${amount}`,
  emittedBefore: `${emittedBefore}`,
});

function listDays({ schedule }: Emission, fromDay: bigint, days: bigint): weir.Day[] {
  if (days > daysMax) throw new QueryError("InvalidArgument", `${days} days, expected at most ${daysMax}`);
  const count = BigInt(dayCount(schedule));
  const end = fromDay + (days === 0n ? daysDefault : days);
  const listed: weir.Day[] = [];
  for (let day = fromDay; day < end && day < count; day++) listed.push(dayToProto(dayOf(schedule, Number(day))!));
  return listed;
}

function describeSupply(ctx: ReadContext, emission: Emission): weir.QuerySupplyResponse {
  const { mintDenom } = getParams(ctx);
  const { genesisSupply, scheduledMinted, scheduledForfeited, furtherMinted } = emissionToProto(emission);
  const room = roomOf(ctx, emission);
  return {
    denom: mintDenom,
    supply: `${supplyOf(ctx, mintDenom)}`,
    genesisSupply,
    scheduled: `${emittedUntil(emission.schedule, ctx.block.time)}`,
    scheduledMinted,
    scheduledForfeited,
    scheduledLeft: `${room.scheduled}`,
    furtherMinted,
    furtherLeft: `${room.further}`,
    ceiling: `${room.ceiling}`,
    supplyCap: `${emission.schedule.supplyCap}`,
  };
}

export const queries = {
  "/cosmos.mint.v1beta1.Query/Params": query(sdk.QueryParamsRequest, sdk.QueryParamsResponse, (ctx) => ({
    params: getParams(ctx),
  })),

  "/cosmos.mint.v1beta1.Query/Inflation": query(sdk.QueryInflationRequest, sdk.QueryInflationResponse, (ctx) => {
    const emission = getEmission(ctx);
    const inflation = emission === undefined ? getMinter(ctx).inflation : decToProto(inflationOf(ctx, emission));
    return { inflation: decBytes(inflation) };
  }),

  "/cosmos.mint.v1beta1.Query/AnnualProvisions": query(
    sdk.QueryAnnualProvisionsRequest,
    sdk.QueryAnnualProvisionsResponse,
    (ctx) => {
      const emission = getEmission(ctx);
      const provisions =
        emission === undefined ? getMinter(ctx).annualProvisions : decToProto(decFromInt(yearOf(ctx, emission)));
      return { annualProvisions: decBytes(provisions) };
    },
  ),

  "/weir.mint.v1.Query/Schedule": query(
    weir.QueryScheduleRequest,
    weir.QueryScheduleResponse,
    (ctx, { fromDay, days }) => {
      const emission = requireEmission(ctx);
      return {
        schedule: emissionToProto(emission).schedule,
        dayCount: BigInt(dayCount(emission.schedule)),
        total: `${totalEmission(emission.schedule)}`,
        days: listDays(emission, fromDay, days),
      };
    },
  ),

  "/weir.mint.v1.Query/Supply": query(weir.QuerySupplyRequest, weir.QuerySupplyResponse, (ctx) =>
    describeSupply(ctx, requireEmission(ctx)),
  ),
};
