/** What a page of the sweep gives back, and pages over the numbers of two lists at once. */
import type { Settlement } from "../../proto/gen/weir/rewards/v1/state.ts";

export interface PageResult {
  readonly settlement: Settlement;
  /** How many entries it went through. */
  readonly count: bigint;
  readonly isDone: boolean;
}

/** The first `limit` of two ascending lists together, each once. Each list holds at least its first `limit`, or all that there are. */
export function mergedIds(left: readonly bigint[], right: readonly bigint[], limit: number): bigint[] {
  const merged: bigint[] = [];
  let [l, r] = [0, 0];
  while (merged.length < limit && (l < left.length || r < right.length)) {
    const [a, b] = [left[l], right[r]];
    if (b === undefined || (a !== undefined && a <= b)) {
      merged.push(a!);
      l++;
      if (a === b) r++;
    } else {
      merged.push(b);
      r++;
    }
  }
  return merged;
}

/** To a sum that is stored as text. */
export const added = (text: string, amount: bigint): string => (amount === 0n ? text : `${BigInt(text) + amount}`);
