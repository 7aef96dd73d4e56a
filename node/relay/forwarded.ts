/** What a relay knows of its paid side: links that buyers open go there, and what it earned comes back. Owns the shape alone (../forwarding has the work). */
import type { Forward, Session } from "../../proto/gen/weir/wire/v1/wire.ts";
import type { Link } from "../transport/transport.ts";

export interface Unsettled {
  readonly denom: string;
  readonly amount: bigint;
}

export interface PaidForwarding {
  /** The Open was heard; whoever serves answers it, and has the link from then on. Never rejects for what the other end does. */
  serveSession(link: Link, open: Session): Promise<void>;
  serveForward(link: Link, open: Forward): Promise<void>;
  /** New sessions and flows are refused from now on; those that run go on. */
  drain(): void;
  status(): {
    readonly sessionsOpen: number;
    readonly flowsOpen: number;
    readonly unsettled: readonly Unsettled[];
    /** What happened, by words of a fixed list. */
    readonly counts?: ReadonlyMap<string, number>;
  };
  /** Cuts what runs after so long, settles what pays, closes its files. */
  stop(graceMillis: number): Promise<void>;
}
