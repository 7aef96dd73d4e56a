/** Events of readings, of what they come to and of disputes (events.proto). */
import { type ChainEvent, typedEvent } from "../../chain/events.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/events.ts";

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const readingsCommitted = (oracle: bigint, epoch: bigint, root: Uint8Array, count: number): ChainEvent =>
  typedEvent(proto.EventReadingsCommitted.$type, {
    oracle: `${oracle}`,
    epoch: `${epoch}`,
    root: hexOf(root),
    count: `${count}`,
  });

export const attestationsSubmitted = (accepted: number, refused: number): ChainEvent =>
  typedEvent(proto.EventAttestationsSubmitted.$type, { accepted: `${accepted}`, refused: `${refused}` });

export const tallied = (epoch: bigint, isVoid: boolean): ChainEvent =>
  typedEvent(proto.EventTallied.$type, { epoch: `${epoch}`, is_void: `${isVoid}` });

export const slashWarning = (relay: bigint, epoch: bigint, reason: string): ChainEvent =>
  typedEvent(proto.EventSlashWarning.$type, { relay: `${relay}`, epoch: `${epoch}`, reason });

export const cellRefuted = (relay: bigint, epoch: bigint, cell: string): ChainEvent =>
  typedEvent(proto.EventCellRefuted.$type, { relay: `${relay}`, epoch: `${epoch}`, cell });

export const challenged = (relay: bigint, epoch: bigint, challenger: string): ChainEvent =>
  typedEvent(proto.EventChallenged.$type, { relay: `${relay}`, epoch: `${epoch}`, challenger });

export interface DisputeEnd {
  readonly outcome: string;
  readonly returned: bigint;
  readonly burned: bigint;
}

export const disputeEnded = (relay: bigint, epoch: bigint, { outcome, returned, burned }: DisputeEnd): ChainEvent =>
  typedEvent(proto.EventDisputeEnded.$type, {
    relay: `${relay}`,
    epoch: `${epoch}`,
    outcome,
    returned: `${returned}`,
    burned: `${burned}`,
  });

export const equivocated = (oracle: bigint, epoch: bigint, relay: bigint, burned: bigint): ChainEvent =>
  typedEvent(proto.EventEquivocated.$type, {
    oracle: `${oracle}`,
    epoch: `${epoch}`,
    relay: `${relay}`,
    burned: `${burned}`,
  });
