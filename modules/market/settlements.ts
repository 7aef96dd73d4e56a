/**
 * What is done with settled money: shared out by the split, noted for the epoch, its relay, cell and class. Owns the records of what
 * epochs settled and their pruning; what is owed to whom is for sessions, contracts and subscriptions to say.
 */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { type Coin, type Coins, newCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Metering, Settlement } from "../../proto/gen/weir/market/v1/state.ts";
import { feeCollectorName } from "../auth/index.ts";
import { balancesOf, payCoins, sendBetweenModules } from "../bank/index.ts";
import { paymentSplit } from "./events.ts";
import { getParams } from "./params.ts";
import { relayOf } from "./relays.ts";
import { type SplitAmounts, splitAmount, splitNames } from "./split.ts";
import {
  burnBudgetName,
  cellSettlements,
  epochSettlements,
  escrowName,
  meterings,
  oraclesName,
  relaySettlements,
  reserveName,
} from "./state.ts";

/** Money that has left an escrow for good; an amount of 0 notes bytes alone. */
export interface Payment {
  readonly relay: bigint;
  readonly operator: string;
  readonly cell: string;
  readonly stable: boolean;
  readonly coin: Coin;
  /** That the spot price was paid for. */
  readonly bytes: bigint;
  readonly prepaidBytes: bigint;
  readonly vouchers: bigint;
}

/** Of a settlement, in numbers. */
export interface Settled extends SplitAmounts {
  readonly bytes: bigint;
  readonly prepaidBytes: bigint;
  readonly value: bigint;
  readonly vouchers: bigint;
  /** Of `burn`, what relays are behind that chose to be paid in the token. */
  readonly burnToken: bigint;
}

export const noSettlement: Settled = {
  bytes: 0n,
  prepaidBytes: 0n,
  value: 0n,
  burn: 0n,
  direct: 0n,
  reserve: 0n,
  oracles: 0n,
  stakers: 0n,
  vouchers: 0n,
  burnToken: 0n,
};

export const settledFromProto = (stored: Settlement | undefined): Settled =>
  stored === undefined
    ? noSettlement
    : {
        bytes: stored.bytes,
        prepaidBytes: stored.prepaidBytes,
        value: BigInt(stored.value),
        burn: BigInt(stored.burn),
        direct: BigInt(stored.direct),
        reserve: BigInt(stored.reserve),
        oracles: BigInt(stored.oracles),
        stakers: BigInt(stored.stakers),
        vouchers: stored.vouchers,
        burnToken: BigInt(stored.burnToken),
      };

const uint64Max = (1n << 64n) - 1n;
/** Counts are shown and priced by; one that would not fit stays at the most that does. */
const bounded = (count: bigint): bigint => (count > uint64Max ? uint64Max : count);

export const settledToProto = (of: Settled): Settlement => ({
  bytes: bounded(of.bytes),
  prepaidBytes: bounded(of.prepaidBytes),
  value: `${of.value}`,
  burn: `${of.burn}`,
  direct: `${of.direct}`,
  reserve: `${of.reserve}`,
  oracles: `${of.oracles}`,
  stakers: `${of.stakers}`,
  vouchers: bounded(of.vouchers),
  burnToken: `${of.burnToken}`,
});

const sumOf = (a: Settled, b: Settled): Settled => ({
  bytes: a.bytes + b.bytes,
  prepaidBytes: a.prepaidBytes + b.prepaidBytes,
  value: a.value + b.value,
  burn: a.burn + b.burn,
  direct: a.direct + b.direct,
  reserve: a.reserve + b.reserve,
  oracles: a.oracles + b.oracles,
  stakers: a.stakers + b.stakers,
  vouchers: a.vouchers + b.vouchers,
  burnToken: a.burnToken + b.burnToken,
});

// ------------------------------------------------------------------------------------------------------------------- paying

const escrowAddress = moduleAddress(escrowName);

interface Sums {
  readonly choices: Map<bigint, boolean>;
  readonly relays: Map<bigint, Settled>;
  readonly cells: Map<string, { readonly cell: string; readonly stable: boolean; sum: Settled }>;
  readonly operators: Map<string, Map<string, bigint>>;
  /** By denomination. */
  readonly parts: Map<string, SplitAmounts>;
  total: Settled;
}

/** As the relay has chosen by now, asked for once. */
function choosesToken(ctx: ReadContext, { choices }: Sums, relay: bigint): boolean {
  let choice = choices.get(relay);
  if (choice === undefined) {
    choice = relayOf(ctx, relay)?.isPaidInToken ?? false;
    choices.set(relay, choice);
  }
  return choice;
}

const noParts: SplitAmounts = { burn: 0n, direct: 0n, reserve: 0n, oracles: 0n, stakers: 0n };

function addParts(a: SplitAmounts, b: SplitAmounts): SplitAmounts {
  return Object.fromEntries(splitNames.map((name) => [name, a[name] + b[name]])) as unknown as SplitAmounts;
}

function addPayment(ctx: ReadContext, sums: Sums, payment: Payment, parts: SplitAmounts): void {
  const { relay, operator, cell, stable, coin, bytes, prepaidBytes, vouchers } = payment;
  const burnToken = choosesToken(ctx, sums, relay) ? parts.burn : 0n;
  const settled: Settled = { ...parts, bytes, prepaidBytes, value: coin.amount, vouchers, burnToken };
  sums.relays.set(relay, sumOf(sums.relays.get(relay) ?? noSettlement, settled));
  const name = `${stable ? "s" : "t"}${cell}`;
  const ofCell = sums.cells.get(name);
  if (ofCell === undefined) sums.cells.set(name, { cell, stable, sum: settled });
  else ofCell.sum = sumOf(ofCell.sum, settled);
  sums.total = sumOf(sums.total, settled);
  if (coin.amount === 0n) return;
  sums.parts.set(coin.denom, addParts(sums.parts.get(coin.denom) ?? noParts, parts));
  const direct = sums.operators.get(operator) ?? new Map<string, bigint>();
  direct.set(coin.denom, (direct.get(coin.denom) ?? 0n) + parts.direct);
  sums.operators.set(operator, direct);
}

/** Each payment is split by itself, to the unit; each account gets its sum in one transfer. */
export function pay(ctx: Context, epoch: bigint, payments: readonly Payment[]): void {
  const { split } = getParams(ctx);
  const sums: Sums = {
    choices: new Map(),
    relays: new Map(),
    cells: new Map(),
    operators: new Map(),
    parts: new Map(),
    total: noSettlement,
  };
  for (const payment of payments) addPayment(ctx, sums, payment, splitAmount(payment.coin.amount, split));
  note(ctx, epoch, sums);
  move(ctx, sums);
}

function note(ctx: Context, epoch: bigint, { relays, cells, total }: Sums): void {
  for (const [relay, settled] of relays) {
    const before = settledFromProto(relaySettlements.get(ctx, [epoch, relay]));
    relaySettlements.set(ctx, [epoch, relay], settledToProto(sumOf(before, settled)));
    if (settled.value > 0n) ctx.emit(paymentSplit(splitEvent(relay, settled)));
  }
  for (const { cell, stable, sum } of cells.values()) {
    const before = settledFromProto(cellSettlements.get(ctx, [epoch, cell, stable]));
    cellSettlements.set(ctx, [epoch, cell, stable], settledToProto(sumOf(before, sum)));
  }
  const before = settledFromProto(epochSettlements.get(ctx, epoch));
  epochSettlements.set(ctx, epoch, settledToProto(sumOf(before, total)));
}

const splitEvent = (relay: bigint, { value, burn, direct, reserve, oracles, stakers }: Settled) => ({
  relay: `${relay}`,
  amount: `${value}`,
  burn: `${burn}`,
  direct: `${direct}`,
  reserve: `${reserve}`,
  oracles: `${oracles}`,
  stakers: `${stakers}`,
});

function move(ctx: Context, { parts, operators }: Sums): void {
  const coinsOf = (name: (typeof splitNames)[number]): Coins =>
    newCoins([...parts].map(([denom, amounts]) => ({ denom, amount: amounts[name] })));
  const toModule = (name: (typeof splitNames)[number], module: string) => {
    const coins = coinsOf(name);
    if (coins.length > 0) sendBetweenModules(ctx, escrowName, module, coins);
  };
  toModule("burn", burnBudgetName);
  toModule("reserve", reserveName);
  toModule("oracles", oraclesName);
  toModule("stakers", feeCollectorName);
  // By a transfer that asks nothing of the receiver: a sweep has nobody to refuse it to.
  for (const [operator, direct] of operators) {
    const coins = newCoins([...direct].map(([denom, amount]) => ({ denom, amount })));
    if (coins.length > 0) payCoins(ctx, escrowAddress, accountAddress.decode(operator), coins);
  }
}

/** To the reserve alone: what a buyer forfeits belongs to nobody. */
export function forfeit(ctx: Context, coin: Coin): void {
  if (coin.amount > 0n) sendBetweenModules(ctx, escrowName, reserveName, [coin]);
}

/** Gives all that waits for oracles to the module that pays them. */
export function takeOracleFees(ctx: Context, toModule: string): Coins {
  const coins = balancesOf(ctx, moduleAddress(oraclesName));
  if (coins.length > 0) sendBetweenModules(ctx, oraclesName, toModule, coins);
  return coins;
}

// ------------------------------------------------------------------------------------------------------------------ reading

export const settledIn = (ctx: ReadContext, epoch: bigint, relay: bigint): Settled =>
  settledFromProto(relaySettlements.get(ctx, [epoch, relay]));

export const settledOfClass = (ctx: ReadContext, epoch: bigint, cell: string, stable: boolean): Settled =>
  settledFromProto(cellSettlements.get(ctx, [epoch, cell, stable]));

/** Of both classes. */
export const settledOfCell = (ctx: ReadContext, epoch: bigint, cell: string): Settled =>
  sumOf(settledOfClass(ctx, epoch, cell, false), settledOfClass(ctx, epoch, cell, true));

export const settledOfEpoch = (ctx: ReadContext, epoch: bigint): Settled =>
  settledFromProto(epochSettlements.get(ctx, epoch));

/** Relays that were paid or prepaid in an epoch, in ascending order of ids; lazy, so that a reader takes a page of them. */
export function* servedIn(
  ctx: ReadContext,
  epoch: bigint,
  after = 0n,
): Generator<readonly [relay: bigint, of: Settled]> {
  const range = { leading: [epoch] as const, start: [epoch, after + 1n] as const };
  for (const [[, relay], stored] of relaySettlements.iterate(ctx, range)) yield [relay, settledFromProto(stored)];
}

// ----------------------------------------------------------------------------------------------------------------- metering

export const meteringOf = (ctx: ReadContext, relay: bigint): Metering =>
  meterings.get(ctx, relay) ?? { meteredBytes: 0n, differenceBytes: 0n, sessions: 0n };

const distance = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);

export interface Counts {
  readonly meteredBytes: bigint;
  readonly deliveredBytes: bigint;
}

/** Puts a session's newer counts in the place of its older ones. */
export function meter(of: Metering, before: Counts, after: Counts): Metering {
  const old = distance(before.meteredBytes, before.deliveredBytes);
  const now = distance(after.meteredBytes, after.deliveredBytes);
  return {
    meteredBytes: bounded(of.meteredBytes - before.meteredBytes + after.meteredBytes),
    differenceBytes: bounded(of.differenceBytes - old + now),
    sessions: of.sessions + (before.meteredBytes === 0n ? 1n : 0n),
  };
}

// ------------------------------------------------------------------------------------------------------------------ pruning

/** For the reserve's finalize, for seven epochs of scarcity, and to look back a while. */
export const settlementEpochsKept = 32n;

/** Deletes at most `limit` records of epochs that are not kept any more. Returns how many there were. */
export function pruneSettlements(ctx: Context, current: bigint, limit: number): number {
  if (current < settlementEpochsKept) return 0;
  const end = current - settlementEpochsKept + 1n;
  let count = 0;
  const within = <T>(keys: Generator<T>): T[] => {
    const found: T[] = [];
    for (const key of keys) {
      if (count === limit) break;
      found.push(key);
      count++;
    }
    return found;
  };
  for (const key of within(relaySettlements.keys(ctx, { end: [end, 0n] }))) relaySettlements.delete(ctx, key);
  for (const key of within(cellSettlements.keys(ctx, { end: [end, "", false] }))) cellSettlements.delete(ctx, key);
  for (const key of within(epochSettlements.keys(ctx, { end }))) epochSettlements.delete(ctx, key);
  return count;
}
