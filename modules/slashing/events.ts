/** Slashing's events, named as cosmos-sdk x/slashing/types/events.go names them: indexers read them. */
import { type ChainEvent, event } from "../../chain/events.ts";

export type Reason = "double_sign" | "missing_signature";

export const missedBlock = (address: string, missed: bigint, height: bigint): ChainEvent =>
  event("liveness", { address, missed_blocks: `${missed}`, height: `${height}` });

export const slashedForDowntime = (address: string, power: bigint, burned: bigint): ChainEvent =>
  event("slash", {
    address,
    power: `${power}`,
    reason: "missing_signature" satisfies Reason,
    jailed: address,
    burned_coins: `${burned}`,
  });

export const slashedForDoubleSign = (address: string, power: bigint, burned: bigint): ChainEvent =>
  event("slash", { address, power: `${power}`, reason: "double_sign" satisfies Reason, burned_coins: `${burned}` });

export const jailedEvent = (address: string): ChainEvent => event("slash", { jailed: address });
