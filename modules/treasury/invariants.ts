/** What is always true of the treasury. */
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { getPolicy, policyProblem } from "./policy.ts";
import { spendIds, spends } from "./state.ts";

const policyCanBeMet: Invariant = (ctx: ReadContext) => policyProblem(getPolicy(ctx));

function spendsWaitForMembers(ctx: ReadContext): string | undefined {
  const { members, threshold } = getPolicy(ctx);
  for (const [id, { approvals }] of spends.iterate(ctx)) {
    if (id >= spendIds.peek(ctx)) return `spend ${id} waits, and the next number is ${spendIds.peek(ctx)}`;
    const stranger = approvals.find((member) => !members.includes(member));
    if (stranger !== undefined) return `spend ${id} is approved by ${stranger}, who is no member`;
    if (approvals.length === 0 || approvals.length >= threshold) {
      return `spend ${id} waits with ${approvals.length} approvals of ${threshold}`;
    }
  }
  return undefined;
}

export const invariants: Readonly<Record<string, Invariant>> = { policyCanBeMet, spendsWaitForMembers };
