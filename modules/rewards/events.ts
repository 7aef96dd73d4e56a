/** The rewards' events. */
import { type ChainEvent, event, typedEvent } from "../../chain/events.ts";
import { toJson } from "../../chain/protojson.ts";
import { EpochRecord } from "../../proto/gen/weir/rewards/v1/state.ts";

export const settlementBegun = (epoch: bigint, isVoid: boolean): ChainEvent =>
  event("settlement_begun", { epoch: `${epoch}`, is_void: `${isVoid}` });

/** The record itself: attributes have its fields. */
export function epochFinalized(record: EpochRecord): ChainEvent {
  const fields = toJson(EpochRecord.$type, record) as Readonly<Record<string, unknown>>;
  const texts = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return typedEvent(EpochRecord.$type, Object.fromEntries(texts) as Record<string, string>);
}

export interface Punishment {
  readonly epoch: bigint;
  readonly reason: string;
  readonly fraction: string;
  /** Of the bond, and of unvested rewards. */
  readonly bond: bigint;
  readonly unvested: bigint;
}

const punishment = ({ epoch, reason, fraction, bond, unvested }: Punishment) => ({
  epoch: `${epoch}`,
  reason,
  fraction,
  bond: `${bond}`,
  unvested: `${unvested}`,
});

export const relayPunished = (relay: bigint, of: Punishment): ChainEvent =>
  event("relay_punished", { relay: `${relay}`, ...punishment(of) });

export const oraclePunished = (oracle: bigint, of: Punishment): ChainEvent =>
  event("oracle_punished", { oracle: `${oracle}`, ...punishment(of) });

/** One more epoch like this costs a slash. */
export const relayWarned = (relay: bigint, epoch: bigint, rule: string): ChainEvent =>
  event("relay_warned", { relay: `${relay}`, epoch: `${epoch}`, rule });

export const claimed = (relay: bigint, claimant: string, amount: string): ChainEvent =>
  event("rewards_claimed", { relay: `${relay}`, claimant, amount });

export const oracleClaimed = (oracle: bigint, claimant: string, amount: string): ChainEvent =>
  event("oracle_rewards_claimed", { oracle: `${oracle}`, claimant, amount });

export const withdrawAddressSet = (owner: string, address: string): ChainEvent =>
  event("rewards_withdraw_address_set", { owner, withdraw_address: address });
