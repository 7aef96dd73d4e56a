/** What an account holds but may not spend. Everything that asks what is spendable asks here. */
import type { Coins } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";

const nothing: Coins = [];

/** Only vesting accounts lock coins; a chain that has them answers from their schedules here. */
export const lockedCoins = (_ctx: ReadContext, _address: Uint8Array): Coins => nothing;
