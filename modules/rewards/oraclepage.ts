/** A page of oracles: what each missed, what it is paid for, what it has proven to be able to measure. Owns no sums but the epoch's units of pay. */
import { amountOf, type Coins } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { formatDec } from "../../chain/dec.ts";
import type { OracleRecord, Settlement } from "../../proto/gen/weir/rewards/v1/state.ts";
import {
  oracle as attestedOracle,
  oraclesFrom,
  oracleTallyOf,
  setProvenCapacity,
  slashOracle,
} from "../attestation/index.ts";
import { feeCollectorName } from "../auth/index.ts";
import { sendBetweenModules } from "../bank/index.ts";
import { mintDenom } from "../mint/index.ts";
import { oraclePunished } from "./events.ts";
import { judgeMisses } from "./judgement.ts";
import {
  accruedOracle,
  addCoins,
  coinsFromStored,
  coinsToProto,
  expiredOracle,
  newOracle,
  oracleRecord,
  setOracleRecord,
} from "./oraclerecord.ts";
import { added, mergedIds, type PageResult } from "./page.ts";
import { getParams } from "./params.ts";
import { rewardsAccountName } from "./punish.ts";
import { most } from "./ratio.ts";
import { oracles, unaccrued } from "./state.ts";

interface SettledOracle {
  readonly record: OracleRecord;
  readonly units: bigint;
  readonly slashed: bigint;
}

/** Covert probes count as missed where they are absent, and as so many attestations where they are not. */
function settleWork(ctx: Context, epoch: bigint, id: bigint, before: OracleRecord): SettledOracle {
  const tally = oracleTallyOf(ctx, epoch, id);
  const rules = getParams(ctx);
  const assigned = tally.assigned + tally.covertAssigned;
  const missing = tally.missing + most(0n, tally.covertAssigned - tally.covertGiven);
  const { isPaid, slash } = judgeMisses(assigned, missing, rules);
  const units = isPaid ? tally.accepted + tally.covertGiven * rules.covertUnits : 0n;
  let slashed = 0n;
  if (slash > 0n) {
    slashed = slashOracle(ctx, id, { fraction: slash, sinceEpoch: epoch, reason: "missed assignments" }).burned;
    const reason = `${missing} of ${assigned} missed`;
    ctx.emit(oraclePunished(id, { epoch, reason, fraction: formatDec(slash), bond: slashed, unvested: 0n }));
  }
  setProvenCapacity(ctx, id, tally.bestMedianBps);
  const pending = { pendingEpochPlusOne: units > 0n ? epoch + 1n : 0n, pendingUnits: units };
  const record = { ...before, ...pending, assigned, missing, slashed: before.slashed + slashed };
  return { record, units, slashed };
}

/** Coins of fees are not burned: what no oracle claimed goes where other fees go. */
function passOn(ctx: Context, expired: Coins): bigint {
  const denom = mintDenom(ctx);
  const fees = expired.filter((coin) => coin.denom !== denom);
  if (fees.length > 0) sendBetweenModules(ctx, rewardsAccountName, feeCollectorName, fees);
  return amountOf(expired, denom);
}

export function bookOracles(ctx: Context, accrued: Coins): void {
  if (accrued.length === 0) return;
  const before = unaccrued.get(ctx);
  const left = coinsFromStored(before?.oracles ?? []).map(({ denom, amount }) => ({
    denom,
    amount: amount - amountOf(accrued, denom),
  }));
  unaccrued.set(ctx, { relays: before?.relays ?? "0", oracles: coinsToProto(addCoins(left, [])) });
}

export function settleOracles(ctx: Context, under: Settlement, limit: bigint): PageResult {
  const { epoch, isVoid, afterId } = under;
  const count = Number(limit);
  const recorded = [...oracles.keys(ctx, { start: afterId + 1n }).take(count)];
  const ids = mergedIds(
    oraclesFrom(ctx, afterId, count).map(({ id }) => id),
    recorded,
    count,
  );
  let [units, slashed, expired]: [bigint, bigint, bigint] = [0n, 0n, 0n];
  let accrued: Coins = [];
  for (const id of ids) {
    const oracle = attestedOracle(ctx, id);
    const before = oracleRecord(ctx, id) ?? (oracle && newOracle(oracle.operator));
    if (before === undefined) continue;
    const brought = accruedOracle(ctx, before);
    accrued = addCoins(accrued, brought.accrued);
    const old = expiredOracle(brought.record, epoch, getParams(ctx).claimWindowEpochs);
    expired += passOn(ctx, old.expired);
    const settled = isVoid ? { record: old.record, units: 0n, slashed: 0n } : settleWork(ctx, epoch, id, old.record);
    setOracleRecord(ctx, id, settled.record);
    units += settled.units;
    slashed += settled.slashed;
  }
  bookOracles(ctx, accrued);
  const settlement = {
    ...under,
    afterId: ids.at(-1) ?? afterId,
    oracleUnits: under.oracleUnits + units,
    slashed: added(under.slashed, slashed),
    expired: added(under.expired, expired),
  };
  return { settlement, count: BigInt(ids.length), isDone: ids.length < count };
}
