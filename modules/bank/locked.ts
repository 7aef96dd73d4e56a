/** What an account holds but may not spend. Everything that asks what is spendable asks here. */
import type { Coins } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { lockedVesting, vestingOf } from "../auth/index.ts";

const nothing: Coins = [];

/** Only vesting accounts lock coins, by their schedules, at the time of the block. */
export function lockedCoins(ctx: ReadContext, address: Uint8Array): Coins {
  const vesting = vestingOf(ctx, address);
  return vesting === undefined ? nothing : lockedVesting(vesting, ctx.block.time.seconds);
}
