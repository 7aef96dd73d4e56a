/** What is kept of an oracle: pay that is not accrued yet, pay that is not claimed yet. Owns both, and where the coins go that nobody claims. */
import { type Coins, newCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { EpochRecord, OracleGeneration, OracleRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import { mintDenom } from "../mint/index.ts";
import { currentGeneration } from "./accrual.ts";
import { epochRecord, poolsFromProto } from "./epochrecord.ts";
import { generationSpan } from "./liquid.ts";
import { mulDivDown } from "./ratio.ts";
import { oracles } from "./state.ts";

/** What oracles of one epoch share: the pool, and fees. */
export function oraclePayOf(ctx: ReadContext, record: EpochRecord): Coins {
  const fees = record.oracleFees.map(({ denom, amount }) => ({ denom, amount: BigInt(amount) }));
  return addCoins(fees, [{ denom: mintDenom(ctx), amount: poolsFromProto(record.paid).oracles }]);
}

const byDenom = (a: { readonly denom: string }, b: { readonly denom: string }): number =>
  a.denom < b.denom ? -1 : a.denom > b.denom ? 1 : 0;

/** Sorted, without zeros. */
export function addCoins(left: Coins, right: Coins): Coins {
  const sums = new Map(left.map(({ denom, amount }) => [denom, amount]));
  for (const { denom, amount } of right) sums.set(denom, (sums.get(denom) ?? 0n) + amount);
  const all = [...sums].map(([denom, amount]) => ({ denom, amount })).filter(({ amount }) => amount > 0n);
  return newCoins(all.sort(byDenom));
}

export const coinsToProto = (coins: Coins) => coins.map(({ denom, amount }) => ({ denom, amount: `${amount}` }));
export const coinsFromStored = (coins: readonly { readonly denom: string; readonly amount: string }[]): Coins =>
  coins.map(({ denom, amount }) => ({ denom, amount: BigInt(amount) }));

export const newOracle = (operator: string): OracleRecord => ({
  operator,
  pendingEpochPlusOne: 0n,
  pendingUnits: 0n,
  generations: [],
  assigned: 0n,
  missing: 0n,
  slashed: 0n,
});

function credited(generations: readonly OracleGeneration[], number: bigint, coins: Coins): OracleGeneration[] {
  if (coins.length === 0) return [...generations];
  const last = generations.at(-1);
  if (last?.number !== number) return [...generations, { number, coins: coinsToProto(coins) }];
  const sum = addCoins(coinsFromStored(last.coins), coins);
  return [...generations.slice(0, -1), { number, coins: coinsToProto(sum) }];
}

export interface AccruedOracle {
  readonly record: OracleRecord;
  readonly accrued: Coins;
}

/** Its part of what oracles share, each coin rounded down; the remainder goes to the next epoch, or burns where it is WEIR. */
export function accruedOracle(ctx: ReadContext, record: OracleRecord): AccruedOracle {
  if (record.pendingEpochPlusOne === 0n) return { record, accrued: [] };
  const epoch = epochRecord(ctx, record.pendingEpochPlusOne - 1n);
  if (epoch === undefined) return { record, accrued: [] };
  const accrued = addCoins(
    [],
    oraclePayOf(ctx, epoch).map(({ denom, amount }) => ({
      denom,
      amount: mulDivDown(amount, record.pendingUnits, epoch.oracleUnits),
    })),
  );
  const generations = credited(record.generations, currentGeneration(ctx), accrued);
  return { record: { ...record, pendingEpochPlusOne: 0n, pendingUnits: 0n, generations }, accrued };
}

/** What is older than the window. */
export function expiredOracle(record: OracleRecord, epoch: bigint, window: bigint) {
  const span = generationSpan(window);
  const isOld = ({ number }: OracleGeneration): boolean => (number + 1n) * span + window <= epoch;
  const expired = record.generations
    .filter(isOld)
    .reduce<Coins>((sum, of) => addCoins(sum, coinsFromStored(of.coins)), []);
  return { record: { ...record, generations: record.generations.filter((of) => !isOld(of)) }, expired };
}

export const oracleOwed = ({ generations }: OracleRecord): Coins =>
  generations.reduce<Coins>((sum, { coins }) => addCoins(sum, coinsFromStored(coins)), []);

export const oracleRecord = (ctx: ReadContext, id: bigint): OracleRecord | undefined => oracles.get(ctx, id);

export const setOracleRecord = (ctx: Context, id: bigint, record: OracleRecord): void => oracles.set(ctx, id, record);
