/** What waits for accounts that may not receive it: owns its accounts' sum, and taking it out once the rules allow. */
import { accountAddress } from "../../chain/address.ts";
import { type Coin, type Coins, newCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { compareTimes } from "../../chain/time.ts";
import { Flow } from "../../proto/gen/weir/compliance/v1/state.ts";
import { sendFromModule } from "../bank/index.ts";
import { accountFreeze } from "../circuit/index.ts";
import { nothingToClaim } from "./errors.ts";
import { heldClaimed } from "./events.ts";
import { leftOf } from "./limits.ts";
import { ruleOf } from "./rules.ts";
import { held, heldName } from "./state.ts";

export function heldOf(ctx: ReadContext, owner: Uint8Array): Coins {
  const coins: Coin[] = [];
  for (const [[, denom], amount] of held.iterate(ctx, { leading: [owner] })) coins.push({ denom, amount });
  return coins;
}

/** As much of it as may be received now. */
function claimable(ctx: ReadContext, owner: Uint8Array, { denom, amount }: Coin): bigint {
  const rule = ruleOf(ctx, denom);
  if (rule === undefined) return amount;
  const freeze = rule.freezable ? accountFreeze(ctx, accountAddress.encode(owner), denom) : undefined;
  if (freeze !== undefined && compareTimes(freeze.exitsOpen, ctx.block.time) > 0) return 0n;
  const left = leftOf(ctx, rule, Flow.FLOW_RECEIVE, owner);
  return left === undefined || left > amount ? amount : left;
}

/** As many denominations as have had a rule. Returns what was paid. */
export function claimHeld(ctx: Context, text: string): Coins {
  const owner = accountAddress.decode(text);
  const waiting = heldOf(ctx, owner);
  if (waiting.length === 0) throw nothingToClaim(text, "nothing waits for it");
  const paid = newCoins(waiting.map((coin) => ({ denom: coin.denom, amount: claimable(ctx, owner, coin) })));
  if (paid.length === 0) throw nothingToClaim(text, "the rules do not let it receive what waits");
  for (const { denom, amount } of paid) {
    const rest = waiting.find((coin) => coin.denom === denom)!.amount - amount;
    if (rest === 0n) held.delete(ctx, [owner, denom]);
    else held.set(ctx, [owner, denom], rest);
  }
  sendFromModule(ctx, heldName, owner, paid);
  ctx.emit(heldClaimed(text, paid));
  return paid;
}
