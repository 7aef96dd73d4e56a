/**
 * Which blocks the engine may cut: Commit's retain_height. Owns the rule: as many blocks as the operator wants, but never one whose
 * validators may still be accused, nor one that a snapshot or checkpoint would be replayed from. Nothing here is consensus: nodes may differ.
 */
import type { EvidenceParams } from "../../proto/gen/tendermint/types/params.ts";
import type { Timestamp } from "../context.ts";

export interface RetentionRule {
  /** The newest included; 0 keeps all. */
  readonly minRetainBlocks: bigint;
}

interface Seen {
  readonly height: bigint;
  readonly nanos: bigint;
}

const nanosPerSecond = 1_000_000_000n;
/** The times of blocks are remembered so finely, in parts of the age of evidence. */
const samplesMax = 1_000n;

const nanosOf = ({ seconds, nanos }: Timestamp): bigint => seconds * nanosPerSecond + BigInt(nanos);

export class Retention {
  readonly #rule: RetentionRule;
  /**
   * Heights with their times, oldest first. What lies before the first is at least as old, so that after a start nothing is cut until
   * evidence of before it has expired: later than it could be, and never too early.
   */
  #seen: Seen[] = [];

  constructor(rule: RetentionRule) {
    this.#rule = rule;
  }

  /** After the commit of `height`: the lowest height that stays, 0 for all. */
  retainHeight(
    height: bigint,
    time: Timestamp,
    evidence: EvidenceParams | undefined,
    oldestCheckpoint: number | undefined,
  ): bigint {
    const { minRetainBlocks } = this.#rule;
    if (minRetainBlocks === 0n || evidence === undefined) return 0n;
    const now = nanosOf(time);
    const maxAge = nanosOf(evidence.maxAgeDuration ?? { seconds: 0n, nanos: 0 });
    this.#note(height, now, maxAge);
    const floors = [height - minRetainBlocks + 1n, height - evidence.maxAgeNumBlocks, this.#firstYoung(now - maxAge)];
    if (oldestCheckpoint !== undefined) floors.push(BigInt(oldestCheckpoint));
    const lowest = floors.reduce((least, floor) => (floor < least ? floor : least));
    return lowest > 0n ? lowest : 0n;
  }

  #note(height: bigint, nanos: bigint, maxAge: bigint): void {
    const last = this.#seen.at(-1);
    if (last !== undefined && nanos - last.nanos < maxAge / samplesMax) return;
    this.#seen.push({ height, nanos });
    const old = this.#seen.findLastIndex((seen) => seen.nanos < nanos - maxAge);
    if (old > 0) this.#seen = this.#seen.slice(old);
  }

  /** The first height that may be as young as this; evidence of the ones below has expired. */
  #firstYoung(nanos: bigint): bigint {
    const old = this.#seen.findLast((seen) => seen.nanos < nanos);
    return old === undefined ? 0n : old.height + 1n;
  }
}
