/** The beacon's events. */
import type { Timestamp } from "../../chain/context.ts";
import { type ChainEvent, event } from "../../chain/events.ts";
import { formatJsonTime } from "../../chain/rfc3339.ts";
import { hexOf } from "./proof.ts";

export const keyRegistered = (validator: string, publicKey: Uint8Array, usableFrom: bigint): ChainEvent =>
  event("beacon_key_registered", { validator, public_key: hexOf(publicKey), usable_from: `${usableFrom}` });

export const proven = (proposer: string, value: Uint8Array): ChainEvent =>
  event("beacon_proven", { proposer, beacon: hexOf(value) });

export const withheld = (validator: string, fine: bigint): ChainEvent =>
  event("beacon_withheld", { validator, fine: `${fine}` });

export const fined = (validator: string, due: bigint, burned: bigint): ChainEvent =>
  event("beacon_fined", { validator, due: `${due}`, burned: `${burned}` });

export const epochOpened = (number: bigint, time: Timestamp, height: bigint): ChainEvent =>
  event("epoch_opened", { number: `${number}`, time: formatJsonTime(time), height: `${height}` });

export const epochSeeded = (number: bigint, seed: Uint8Array): ChainEvent =>
  event("epoch_seeded", { number: `${number}`, seed: hexOf(seed) });
