/** The treasury's events; bank tells of the coins that move. */

import { coinsFromProto, formatCoins } from "../../chain/coins.ts";
import { type ChainEvent, event } from "../../chain/events.ts";
import type { Policy, Spend } from "../../proto/gen/weir/treasury/v1/state.ts";

const ofSpend = ({ id, recipient, amount }: Spend) => ({
  id: `${id}`,
  recipient,
  amount: formatCoins(coinsFromProto(amount)),
});

export const spendProposed = (spend: Spend, member: string): ChainEvent =>
  event("treasury_spend_proposed", { ...ofSpend(spend), member, reason: spend.reason });

export const spendApproved = (spend: Spend, member: string): ChainEvent =>
  event("treasury_spend_approved", { ...ofSpend(spend), member });

export const spendPaid = (spend: Spend): ChainEvent =>
  event("treasury_spend_paid", { ...ofSpend(spend), members: spend.approvals.join(","), reason: spend.reason });

/** "expired", "withdrawn", "policy". */
export const spendDropped = (spend: Spend, why: string): ChainEvent =>
  event("treasury_spend_dropped", { ...ofSpend(spend), why });

export const policySet = ({ version, members, threshold, dailyLimit }: Policy): ChainEvent =>
  event("treasury_policy_set", {
    version: `${version}`,
    members: members.join(","),
    threshold: `${threshold}`,
    daily_limit: formatCoins(coinsFromProto(dailyLimit)),
  });
