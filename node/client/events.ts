/** What happens to a client that a person may want to know. Owns the shapes; how they look is the command line's. */
import type { Address } from "../transport/transport.ts";
import type { Candidate } from "./choice.ts";
import type { SessionRecord } from "./store.ts";

export type ClientEvent =
  | { readonly event: "listening"; readonly address: Address }
  | {
      readonly event: "opened";
      readonly session: bigint;
      readonly relay: bigint;
      readonly candidate: Candidate;
      readonly rttMillis: number;
      readonly record: SessionRecord;
      /** Its wallet paid for another session before: whoever reads the chain sees that both are of one client. */
      readonly isLinked: boolean;
    }
  | { readonly event: "resumed"; readonly session: bigint; readonly relay: bigint; readonly record: SessionRecord }
  | { readonly event: "unopened"; readonly relay: bigint; readonly why: string }
  | { readonly event: "using"; readonly relay: bigint | undefined }
  | { readonly event: "lost"; readonly session: bigint; readonly relay: bigint; readonly why: string }
  | { readonly event: "topped up"; readonly session: bigint; readonly record: SessionRecord }
  | {
      readonly event: "closed";
      readonly session: bigint;
      readonly relay: bigint;
      readonly record: SessionRecord;
      readonly refunded: bigint;
      readonly endsEpoch: bigint;
    }
  | { readonly event: "unclosed"; readonly why: string }
  | { readonly event: "none"; readonly why: string };
