/** What is always true of rewards. */
import { moduleAddress } from "../../chain/address.ts";
import { type Coins, formatCoins } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { balancesOf } from "../bank/index.ts";
import { mintDenom } from "../mint/index.ts";
import { getClock } from "./clock.ts";
import { epochRecordsKept, poolsFromProto } from "./epochrecord.ts";
import { judgementsKept } from "./judgement.ts";
import { owed } from "./liquid.ts";
import { addCoins, coinsFromStored, oracleOwed } from "./oraclerecord.ts";
import { getParams, paramsProblem, paramsToProto } from "./params.ts";
import { sumOf } from "./pools.ts";
import { rewardsAccountName } from "./punish.ts";
import { recordFromProto } from "./record.ts";
import { epochRecords, oracles, relays, settlement, shares, unaccrued } from "./state.ts";
import { unvested } from "./vesting.ts";

const account = moduleAddress(rewardsAccountName);

/** Claims and what vests, what is minted and not accrued, and what expired and waits to be burned. */
function accountHoldsWhatIsOwed(ctx: ReadContext): string | undefined {
  let amount = BigInt(unaccrued.get(ctx)?.relays ?? "0") + BigInt(settlement.get(ctx)?.expired ?? "0");
  let coins: Coins = coinsFromStored(unaccrued.get(ctx)?.oracles ?? []);
  for (const [, stored] of relays.iterate(ctx)) {
    const { liquid, vesting } = recordFromProto(stored);
    amount += owed(liquid) + unvested(vesting);
  }
  for (const [, record] of oracles.iterate(ctx)) coins = addCoins(coins, oracleOwed(record));
  const due = addCoins(coins, [{ denom: mintDenom(ctx), amount }]);
  const held = balancesOf(ctx, account);
  return formatCoins(due) === formatCoins(held)
    ? undefined
    : `${formatCoins(held)} are held for ${formatCoins(due)} owed`;
}

function recordsAreWhole(ctx: ReadContext): string | undefined {
  const problem = paramsProblem(paramsToProto(getParams(ctx)));
  if (problem !== undefined) return problem;
  const { nextEpoch } = getClock(ctx);
  for (const [id, stored] of relays.iterate(ctx)) {
    const { judgements, pending, liquid } = recordFromProto(stored);
    if (judgements.length > judgementsKept) return `relay ${id} has ${judgements.length} judgements`;
    if (pending !== undefined && pending.epoch > nextEpoch) return `relay ${id} waits for epoch ${pending.epoch}`;
    let begin = liquid.indexFloor;
    for (const { indexEnd } of liquid.generations) {
      if (indexEnd < begin) return `relay ${id}'s index falls`;
      begin = indexEnd;
    }
    if (liquid.index < begin) return `relay ${id}'s index is behind its generations`;
  }
  for (const [[id], start] of shares.iterate(ctx)) {
    const record = relays.get(ctx, id);
    if (record === undefined || BigInt(record.index) < start) return `shares of relay ${id} begin beyond its index`;
  }
  return undefined;
}

/** Nothing is minted beyond the schedule and net emission, and no pool pays more than it has. */
function epochsAddUp(ctx: ReadContext): string | undefined {
  const { nextEpoch } = getClock(ctx);
  let expected: bigint | undefined;
  let count = 0n;
  for (const [number, record] of epochRecords.iterate(ctx)) {
    if (expected !== undefined && number !== expected) return `epoch ${number} stands where ${expected} was expected`;
    expected = number + 1n;
    count++;
    const [pools, paid] = [poolsFromProto(record.pools), poolsFromProto(record.paid)];
    const total = BigInt(record.emission) + BigInt(record.netEmission);
    if (sumOf(paid) + BigInt(record.forfeited) !== total)
      return `epoch ${number} paid and forfeited other than ${total}`;
    const over = (["validators", "oracles", "availability", "usage"] as const).find((name) => paid[name] > pools[name]);
    if (over !== undefined) return `epoch ${number} paid more for ${over} than its pool`;
    if (BigInt(record.cutWeight) > BigInt(record.totalWeight)) return `epoch ${number} cut more weight than there was`;
    if (BigInt(record.reminted) > BigInt(record.burnedCrossed) + BigInt(record.burnedResting)) {
      return `epoch ${number} minted more again than was burned`;
    }
  }
  if (count > epochRecordsKept) return `${count} epochs are kept`;
  if (expected !== undefined && expected !== nextEpoch) return `epoch ${nextEpoch} is next after ${expected - 1n}`;
  const under = settlement.get(ctx);
  return under !== undefined && under.epoch !== nextEpoch ? `epoch ${under.epoch} is settled out of turn` : undefined;
}

/** What one epoch's accruals leave of what was minted for it never goes below nothing. */
function accrualsStayWithinWhatWasMinted(ctx: ReadContext): string | undefined {
  const left = unaccrued.get(ctx);
  if (left === undefined) return undefined;
  if (BigInt(left.relays) < 0n) return `relays were accrued ${-BigInt(left.relays)} more than was minted for them`;
  const short = coinsFromStored(left.oracles).find(({ amount }) => amount < 0n);
  return short === undefined ? undefined : `oracles were accrued more ${short.denom} than there was`;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  accountHoldsWhatIsOwed,
  recordsAreWhole,
  epochsAddUp,
  accrualsStayWithinWhatWasMinted,
};
