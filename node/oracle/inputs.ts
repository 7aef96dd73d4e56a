/** What an oracle's step hears of, and what it wants done. Owns the two lists; who does what is wanted is perform.ts. */
import type { EpochRecord, ReadingRecord } from "./journal.ts";
import type { DutyPlan, Kind, MeasuredReading, OracleRules, Target, Tree, Window, Work } from "./work.ts";

/** An epoch as it was planned from the chain. */
export interface PlannedEpoch {
  readonly number: bigint;
  readonly openMillis: number;
  readonly lengthMillis: number;
  readonly roomBps: bigint;
  readonly measureMillis: number;
  readonly slotCount: number;
  readonly duties: readonly DutyPlan[];
  readonly vrfProof: Uint8Array;
}

export interface TurnKnown {
  readonly relay: bigint;
  readonly time: Window;
  /** There is no room for it beside what is measured in the same slot. */
  readonly isExcused: boolean;
}

/** What may only be done once it is written down that it will be. */
export type Act =
  | {
      readonly do: "measure";
      readonly epoch: bigint;
      readonly duty: DutyPlan;
      /** It is over by then, or not begun. */
      readonly untilMillis: number;
    }
  | { readonly do: "commit"; readonly epoch: bigint; readonly tree: Tree; readonly untilHeight: bigint }
  | {
      readonly do: "submit";
      readonly epoch: bigint;
      readonly works: readonly string[];
      readonly isWithProof: boolean;
      readonly untilHeight: bigint;
    };

export type Effect =
  /** On disk, then back as `recorded`. */
  | {
      readonly do: "record";
      readonly epoch?: EpochRecord;
      readonly readings: readonly ReadingRecord[];
      readonly act?: Act;
    }
  | { readonly do: "forget"; readonly epoch: bigint; readonly works: readonly string[] }
  | { readonly do: "plan" }
  | { readonly do: "prove"; readonly epoch: bigint }
  | { readonly do: "turns"; readonly epoch: bigint; readonly blockMillis: number }
  | {
      readonly do: "check";
      readonly epoch: bigint;
      readonly relay: bigint;
      readonly kind: Kind;
      readonly target: Target;
    }
  /** Signs all of them, writes them down, and gives nothing out before. */
  | { readonly do: "sign"; readonly epoch: EpochRecord; readonly works: readonly Work[] }
  | { readonly do: "lookForCommit"; readonly epoch: bigint; readonly tree: Tree }
  | { readonly do: "lookForReadings"; readonly epoch: bigint; readonly works: readonly Work[] }
  | { readonly do: "deliver"; readonly epoch: bigint; readonly relay: bigint; readonly target: Target }
  | Act;

export type Input =
  | { readonly is: "time"; readonly nowMillis: number }
  /** Settings were read again. */
  | { readonly is: "rules"; readonly rules: OracleRules }
  | { readonly is: "block"; readonly height: bigint; readonly blockMillis: number; readonly nowMillis: number }
  | { readonly is: "planned"; readonly epoch: PlannedEpoch }
  /** There is nothing to plan yet, or nobody answered. */
  | { readonly is: "notPlanned" }
  | {
      readonly is: "turns";
      readonly epoch: bigint;
      readonly slotsKnown: number;
      readonly turns: readonly TurnKnown[];
    }
  | { readonly is: "noTurns" }
  /** What an epoch was planned from, beside what is proven of it. */
  | { readonly is: "proven"; readonly epoch: bigint; readonly found: "same" | "other" | "unknown" }
  | { readonly is: "recorded"; readonly act: Act }
  | {
      readonly is: "measured";
      readonly epoch: bigint;
      readonly relay: bigint;
      readonly kind: Kind;
      /** Undefined where the oracle itself could not. */
      readonly reading: MeasuredReading | undefined;
      readonly reason: string;
    }
  | {
      readonly is: "checked";
      readonly epoch: bigint;
      readonly relay: bigint;
      readonly kind: Kind;
      readonly isThere: boolean;
    }
  | {
      readonly is: "signed";
      readonly epoch: bigint;
      readonly tree: Tree;
      /** By work. */
      readonly leaves: ReadonlyMap<string, number>;
    }
  | { readonly is: "notSigned"; readonly epoch: bigint }
  | { readonly is: "commitFound"; readonly epoch: bigint; readonly found: "ours" | "other" | "none" | "unknown" }
  | {
      readonly is: "readingsFound";
      readonly epoch: bigint;
      /** Undefined where nobody answered. */
      readonly missing: readonly string[] | undefined;
      readonly isProofMissing: boolean;
    }
  | { readonly is: "sent"; readonly what: "commit"; readonly epoch: bigint }
  | {
      readonly is: "sent";
      readonly what: "submit";
      readonly epoch: bigint;
      readonly refused: readonly (readonly [string, string])[];
    }
  | {
      readonly is: "notSent";
      readonly what: "commit" | "submit";
      readonly epoch: bigint;
      /** It is in no block and never will be; otherwise nobody knows. */
      readonly isCertain: boolean;
      readonly reason: string;
    }
  | {
      readonly is: "delivered";
      readonly epoch: bigint;
      readonly relay: bigint;
      readonly isTaken: boolean;
      /** Of one that was not taken: whether it is worth trying again. */
      readonly isFinal: boolean;
    };
