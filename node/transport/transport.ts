/**
 * How two machines at the edge reach each other: the one interface that daemons know. Whether bytes go over TLS, through something that
 * disguises them, or over several hops is a matter of who implements it (tls.ts is the first). Owns no bytes and no meaning of them.
 */
import type { Duplex } from "node:stream";

/** Who a machine is to others: the key that stands on the chain, and its secret half. */
export interface Identity {
  /** 32 bytes, ed25519. */
  readonly publicKey: Uint8Array;
  readonly seed: Uint8Array;
}

/** An address that is dialled as it stands: nobody resolves it again. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A connection whose both ends have proven their keys. Bytes arrive whole and in order, or the stream ends with an error. */
export interface Link {
  readonly stream: Duplex;
  /** 32 bytes, ed25519. */
  readonly peerKey: Uint8Array;
  /** Literal, of the other end. */
  readonly peerAddress: string;
  /** Bytes that both ends compute, and nobody else can: of this connection alone. */
  exportKey(label: string, context: Uint8Array, length: number): Uint8Array;
  /** Breaks it off: the other end sees an error. What is only destroyed may look to it as if it had ended. */
  reset(): void;
}

export interface DialOptions {
  /** Whom to expect there; anybody else is hung up on before a byte is sent. */
  readonly expectedKey: Uint8Array;
  readonly deadlineMillis: number;
  readonly signal?: AbortSignal;
}

export interface ListenOptions {
  readonly address: Address;
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  readonly handshakeMillisMax: number;
  onLink(link: Link): void;
  /** A connection that was not taken, and why: for counters and logs, which name no peers of paid traffic. */
  onRefused(reason: string): void;
}

export interface Listener {
  /** Where it listens: the port that was asked for, or the one that the system chose. */
  readonly address: Address;
  /** Takes no more; those that are there stay. */
  close(): Promise<void>;
}

export interface Transport {
  dial(address: Address, options: DialOptions): Promise<Link>;
  listen(options: ListenOptions): Promise<Listener>;
}

/** Nobody was reached, or the wrong one: what a daemon counts as unreachable. */
export class LinkFailure extends Error {}
