/**
 * The end of a settlement, in one block: what the epoch emitted, what of it is minted and for whom, what expired, and the record of it all. Owns the
 * order, which is the economics'. Every step is a plain call; nothing here is by relay, so that the block is as short for a hundred thousand of them.
 */
import { type Coins, newCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { decOne, decToProto } from "../../chain/dec.ts";
import { addDuration } from "../../chain/time.ts";
import type { EpochRecord, Settlement } from "../../proto/gen/weir/rewards/v1/state.ts";
import { feeCollectorName } from "../auth/index.ts";
import { burnCoins, supplyOf } from "../bank/index.ts";
import { epoch } from "../beacon/index.ts";
import { settledOfEpoch, takeOracleFees } from "../market/index.ts";
import {
  emitsBySchedule,
  forfeitScheduled,
  mintDenom,
  mintFurther,
  mintingRoom,
  mintScheduled,
  scheduledEmission,
} from "../mint/index.ts";
import { type Auction, closeEpoch, holdAuction, type Marks } from "../reserve/index.ts";
import { bondRateTarget, nextBondRate } from "./bond.ts";
import { requiredBondRate } from "./bondrate.ts";
import { familyCap } from "./caps.ts";
import { closeOf, getClock, setClock } from "./clock.ts";
import {
  burnedForGood,
  burnsUntil,
  emptyRecord,
  keepEpochRecord,
  poolsFromProto,
  poolsToProto,
} from "./epochrecord.ts";
import { epochFinalized } from "./events.ts";
import { forgetGroups } from "./groups.ts";
import { addCoins, coinsFromStored, coinsToProto } from "./oraclerecord.ts";
import { getParams } from "./params.ts";
import {
  type Amounts,
  availabilityPay,
  divisorOf,
  netEmission,
  noAmounts,
  poolsOf,
  sumOf,
  usagePaid,
  utilization,
} from "./pools.ts";
import { rewardsAccountName } from "./punish.ts";
import { least, mulDivDown } from "./ratio.ts";
import { settlement, unaccrued } from "./state.ts";
import { tellMarket } from "./traffic.ts";

export function finalize(ctx: Context, under: Settlement): void {
  const record = { ...emptyRecord(under.epoch), ...measuredOf(ctx, under) };
  const auction = holdAuction(ctx, under.epoch);
  noteAuction(record, auction);
  record.emission = `${emit(ctx, under.epoch)}`;
  shareOut(ctx, under, record);
  burnExpired(ctx, record);
  moveBondRate(ctx, record);
  tellMarket(ctx, under.epoch, under.isVoid);
  noteReserve(record, closeEpoch(ctx, auction));
  record.supply = `${supplyOf(ctx, mintDenom(ctx))}`;
  keepEpochRecord(ctx, record);
  forgetGroups(ctx, under.epoch);
  settlement.delete(ctx);
  setClock(ctx, { ...getClock(ctx), nextEpoch: under.epoch + 1n });
  ctx.emit(epochFinalized(record));
}

/** What was crossed was minted and burned in one: it is on both sides. */
function noteAuction(record: EpochRecord, { bought, crossed, reminted, price }: Auction): void {
  record.burnedResting = `${bought}`;
  record.burnedCrossed = `${crossed}`;
  record.reminted = `${crossed + reminted}`;
  record.clearingPrice = decToProto(price);
}

function noteReserve(record: EpochRecord, { principal, floor, ceiling }: Marks): void {
  record.reservePrincipal = `${principal}`;
  record.reserveValue = decToProto(floor);
  record.reserveCeiling = decToProto(ceiling);
}

// ----------------------------------------------------------------------------------------------------------- what there was

function measuredOf(ctx: ReadContext, under: Settlement): Partial<EpochRecord> {
  const total = BigInt(under.totalWeight);
  const settled = settledOfEpoch(ctx, under.epoch);
  return {
    closedAt: { ...(closeOf(ctx, under.epoch) ?? ctx.block.time) },
    finalizedAt: { ...ctx.block.time },
    isVoid: under.isVoid,
    totalWeight: under.totalWeight,
    cutWeight: under.cutWeight,
    families: under.families,
    familyCap: `${familyCap(total, under.families, getParams(ctx))}`,
    relays: under.relays,
    paidRelays: under.paidRelays,
    measuredBps: under.measuredBps,
    settledBytes: `${settled.bytes + settled.prepaidBytes}`,
    settledValue: under.settledValue,
    oracleUnits: under.oracleUnits,
    slashed: under.slashed,
    cappedFamilies: under.cappedFamilies,
    curvedCells: under.curvedCells,
  };
}

/**
 * What the schedule emits for the epoch: its clock goes on by what the epoch counts for, which of a halt is less than the time that passed. An
 * epoch that was forgotten emits nothing, and neither does a chain that mints by inflation.
 */
function emit(ctx: Context, number: bigint): bigint {
  const found = epoch(ctx, number);
  if (found?.counted === undefined || !emitsBySchedule(ctx)) return 0n;
  const clock = getClock(ctx);
  const from = clock.emittedUntil ?? found.openTime;
  const emittedUntil = addDuration(from, found.counted);
  const emission = least(scheduledEmission(ctx, from, emittedUntil), mintingRoom(ctx).scheduled);
  const firstEmission = clock.firstEmission === 0n ? emission : clock.firstEmission;
  setClock(ctx, { ...clock, emittedUntil, firstEmission });
  return emission;
}

/** Net emission comes of what auctions burned, as far as there is room for it. */
function netOf(ctx: Context, burned: bigint): bigint {
  if (burned <= 0n || !emitsBySchedule(ctx)) return 0n;
  const net = netEmission(burned, getClock(ctx).firstEmission, getParams(ctx).netEmissionShareMax);
  return least(net, mintingRoom(ctx).further);
}

// ------------------------------------------------------------------------------------------------------------- sharing it out

function paidOf(ctx: Context, under: Settlement, record: EpochRecord, pools: Amounts): Amounts {
  if (under.isVoid) return { ...noAmounts, validators: pools.validators };
  const weight = BigInt(under.totalWeight) - BigInt(under.cutWeight);
  return {
    validators: pools.validators,
    oracles: under.oracleUnits === 0n ? 0n : pools.oracles,
    availability: availabilityPay(pools.availability, weight, BigInt(record.divisor)),
    usage: usagePaid(pools.usage, burnedForGood(record), BigInt(under.settledValue), getParams(ctx).usageBurnShare),
  };
}

/** Pools are what there is to pay at most; what was not there to be paid for is given up. */
function shareOut(ctx: Context, under: Settlement, record: EpochRecord): void {
  const rules = getParams(ctx);
  const emission = BigInt(record.emission);
  const { burned, scheduled } = burnsUntil(ctx, record);
  const net = netOf(ctx, burned);
  const pools = poolsOf(emission + net, utilization(burned > 0n ? burned : 0n, scheduled), rules);
  const divisor = divisorOf(rules.referenceBps, BigInt(under.totalWeight));
  record.netEmission = `${net}`;
  record.divisor = `${divisor}`;
  record.payoutIndex = decToProto(mulDivDown(pools.availability, decOne, divisor));
  const paid = paidOf(ctx, under, record, pools);
  record.pools = poolsToProto(pools);
  record.paid = poolsToProto(paid);
  record.forfeited = `${emission + net - sumOf(paid)}`;
  mint(ctx, paid, emission);
  keepForAccrual(ctx, under, record, paid);
}

/** From the schedule as far as it goes, the rest as net emission. */
function mint(ctx: Context, paid: Amounts, emission: bigint): void {
  if (!emitsBySchedule(ctx)) return;
  let left = emission;
  const give = (amount: bigint, account: string): void => {
    const scheduled = least(amount, left);
    left -= scheduled;
    mintScheduled(ctx, scheduled, account);
    if (amount > scheduled) mintFurther(ctx, amount - scheduled, account);
  };
  give(paid.validators, feeCollectorName);
  give(sumOf(paid) - paid.validators, rewardsAccountName);
  if (left > 0n) forfeitScheduled(ctx, left);
}

/** What the epoch before left over is its roundings: WEIR burns, fees wait for the next oracles. */
function keepForAccrual(ctx: Context, under: Settlement, record: EpochRecord, paid: Amounts): void {
  const denom = mintDenom(ctx);
  const before = unaccrued.get(ctx);
  const waiting = coinsFromStored(before?.oracles ?? []);
  const dust = BigInt(before?.relays ?? "0") + amountIn(waiting, denom);
  const taken = takeOracleFees(ctx, rewardsAccountName);
  const fees = addCoins(
    waiting.filter((coin) => coin.denom !== denom),
    taken,
  );
  record.expired = `${BigInt(under.expired) + dust}`;
  record.oracleFees = under.oracleUnits === 0n ? [] : coinsToProto(fees);
  unaccrued.set(ctx, {
    relays: `${paid.availability + paid.usage}`,
    oracles: coinsToProto(addCoins(fees, [{ denom, amount: paid.oracles }])),
  });
}

const amountIn = (coins: Coins, denom: string): bigint => coins.find((coin) => coin.denom === denom)?.amount ?? 0n;

/** Claims that nobody made in time, and roundings. */
function burnExpired(ctx: Context, record: EpochRecord): void {
  const amount = BigInt(record.expired);
  if (amount > 0n) burnCoins(ctx, rewardsAccountName, newCoins([{ denom: mintDenom(ctx), amount }]));
}

/** A void epoch measured nothing, and so says nothing of what a bps earns. */
function moveBondRate(ctx: Context, record: EpochRecord): void {
  const rules = getParams(ctx);
  const clock = getClock(ctx);
  const before = requiredBondRate(ctx);
  const target = bondRateTarget(poolsFromProto(record.pools).availability, BigInt(record.measuredBps), rules);
  const bondRate = record.isVoid ? before : nextBondRate(before, target, rules);
  record.bondRate = decToProto(bondRate);
  setClock(ctx, { ...clock, bondRate });
}
