/** Taking a slash from a relay: of its bond, and of rewards that have not vested. Owns what becomes of the latter. */
import { accountAddress } from "../../chain/address.ts";
import { newCoins } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { type Dec, decOne, formatDec } from "../../chain/dec.ts";
import { slashRelay } from "../attestation/index.ts";
import { burnCoins, isBlocked, sendFromModule } from "../bank/index.ts";
import { mintDenom } from "../mint/index.ts";
import { relayPunished } from "./events.ts";
import { getParams } from "./params.ts";
import { mulDivDown } from "./ratio.ts";
import type { RelayRecord } from "./record.ts";
import { cut } from "./vesting.ts";

export const rewardsAccountName = "rewards";

export type Reason = "over-claim" | "covert over-claim" | "quality" | "downtime";

export interface Slash {
  readonly epoch: bigint;
  readonly reason: Reason;
  readonly fraction: Dec;
  /** The bond is liable for what was done from here on. */
  readonly sinceEpoch: bigint;
  /** Whose challenge brought it about; empty where nobody's did. */
  readonly challenger: string;
}

/** Rounded down, bucket by bucket. A challenger's share is rounded down too; the rest burns, and all of it where that takes no payments. */
function takeUnvested(ctx: Context, record: RelayRecord, { fraction, challenger }: Slash) {
  const { vesting, taken } = cut(record.vesting, fraction, decOne);
  const to = challenger === "" ? undefined : accountAddress.decode(challenger);
  const bounty = to === undefined || isBlocked(to) ? 0n : mulDivDown(taken, getParams(ctx).challengerShare, decOne);
  const denom = mintDenom(ctx);
  if (bounty > 0n) sendFromModule(ctx, rewardsAccountName, to!, newCoins([{ denom, amount: bounty }]));
  if (taken > bounty) burnCoins(ctx, rewardsAccountName, newCoins([{ denom, amount: taken - bounty }]));
  return { vesting, taken };
}

export interface Punished {
  readonly record: RelayRecord;
  readonly taken: bigint;
}

export function punish(ctx: Context, id: bigint, record: RelayRecord, slash: Slash): Punished {
  const { epoch, reason, fraction, sinceEpoch, challenger } = slash;
  const unvested = takeUnvested(ctx, record, slash);
  const bounty = challenger === "" ? undefined : { to: challenger, share: getParams(ctx).challengerShare };
  const { burned, bounty: paid } = slashRelay(ctx, id, { fraction, sinceEpoch, reason, bounty });
  const bond = burned + paid;
  ctx.emit(relayPunished(id, { epoch, reason, fraction: formatDec(fraction), bond, unvested: unvested.taken }));
  const taken = bond + unvested.taken;
  return { record: { ...record, vesting: unvested.vesting, slashed: record.slashed + taken }, taken };
}
