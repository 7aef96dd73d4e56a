/** What measuring has shown of a relay, as the chain holds it, with its protobuf. Pure; what it follows from is for who settles. */
import { type Dec, decFromProto, decToProto, parseDec } from "../../chain/dec.ts";
import type * as proto from "../../proto/gen/weir/attestation/v1/state.ts";

export interface RelayTrust {
  readonly fromEpoch: bigint;
  readonly reputation: Dec;
  /** 0 before the first conclusive epoch. */
  readonly lastMedianBps: bigint;
  readonly uptime: Dec;
  /** Whether its class is STABLE. */
  readonly stable: boolean;
  /** Of the address that was observed most; empty while none was. */
  readonly prefix: string;
}

/** Reputation begins here, and comes back to here. */
export const probationReputation: Dec = parseDec("0.1");

export const unknownTrust: RelayTrust = {
  fromEpoch: 0n,
  reputation: probationReputation,
  lastMedianBps: 0n,
  uptime: 0n,
  stable: false,
  prefix: "",
};

export const trustFromProto = (stored: proto.RelayTrust): RelayTrust => ({
  ...stored,
  reputation: decFromProto(stored.reputation),
  uptime: decFromProto(stored.uptime),
});

export const trustToProto = (trust: RelayTrust): proto.RelayTrust => ({
  ...trust,
  reputation: decToProto(trust.reputation),
  uptime: decToProto(trust.uptime),
});

export type Shown = Pick<RelayTrust, "reputation" | "lastMedianBps" | "uptime" | "stable" | "prefix">;

export const showsSame = (left: Shown, right: Shown): boolean =>
  left.reputation === right.reputation &&
  left.lastMedianBps === right.lastMedianBps &&
  left.uptime === right.uptime &&
  left.stable === right.stable &&
  left.prefix === right.prefix;
