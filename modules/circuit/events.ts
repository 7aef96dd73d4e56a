/** Circuit's events, but for the SDK's (permissions.ts). */
import type { Timestamp } from "../../chain/context.ts";
import { type ChainEvent, event } from "../../chain/events.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import { type Act, ActKind, type Member } from "../../proto/gen/weir/circuit/v1/state.ts";

/** "pause_messages". */
export const kindWord = (kind: ActKind): string =>
  Object.entries(ActKind)
    .find(([, number]) => number === kind)?.[0]
    .replace("ACT_KIND_", "")
    .toLowerCase() ?? `${kind}`;

const ofAct = (id: bigint, { kind, targets, reason, reference }: Act) => ({
  id: `${id}`,
  kind: kindWord(kind),
  targets: targets.join(","),
  reason,
  reference,
});

export const actProposed = (id: bigint, act: Act, member: string): ChainEvent =>
  event("circuit_act_proposed", { ...ofAct(id, act), member });

export const actApproved = (id: bigint, member: string): ChainEvent =>
  event("circuit_act_approved", { id: `${id}`, member });

export const actBegan = (id: bigint, act: Act, members: readonly string[], ends: Timestamp): ChainEvent =>
  event("circuit_act_began", { ...ofAct(id, act), members: members.join(","), ends: formatRfc3339(ends) });

/** By time, by the committee, by a vote. */
export const actEnded = (id: bigint, act: Act, why: "expired" | "lifted" | "voted"): ChainEvent =>
  event("circuit_act_ended", { ...ofAct(id, act), why });

export const committeeSet = (version: bigint, threshold: number, members: readonly Member[]): ChainEvent =>
  event("circuit_committee_set", {
    version: `${version}`,
    threshold: `${threshold}`,
    members: members.map(({ address }) => address).join(","),
  });

export const powersRestored = (): ChainEvent => event("circuit_powers_restored", {});
