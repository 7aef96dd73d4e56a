/** Which heights stay readable: the SDK's pruning settings. */

/** Heights kept behind the newest, and every how many heights older ones are dropped. */
export interface PruningRule {
  readonly keepRecent: number;
  readonly interval: number;
}

export type Pruning = "default" | "nothing" | "everything" | PruningRule;

const keepRecentMin = 2;
const intervalMin = 10;

/** undefined: nothing is ever dropped. */
export function pruningRule(pruning: Pruning): PruningRule | undefined {
  if (pruning === "nothing") return undefined;
  if (pruning === "default") return { keepRecent: 362_880, interval: 10 };
  if (pruning === "everything") return { keepRecent: 2, interval: 10 };
  const { keepRecent, interval } = pruning;
  if (!Number.isSafeInteger(keepRecent) || keepRecent < keepRecentMin) {
    throw new RangeError(`pruning-keep-recent is ${keepRecent}, expected a whole number of at least ${keepRecentMin}`);
  }
  if (!Number.isSafeInteger(interval) || interval < intervalMin) {
    throw new RangeError(`pruning-interval is ${interval}, expected a whole number of at least ${intervalMin}`);
  }
  return pruning;
}

/** The oldest height to keep after `height` was committed; undefined when nothing is dropped at this height. */
export function oldestKept(rule: PruningRule | undefined, height: number): number | undefined {
  if (rule === undefined || height % rule.interval !== 0) return undefined;
  return height > rule.keepRecent ? height - rule.keepRecent : undefined;
}
