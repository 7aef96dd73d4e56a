/** How long to wait before trying again: twice as long each time, up to a bound, and never all at the same moment. Owns no counter of failures. */
import type { Clock } from "../clock.ts";
import { type Failure, failureOf } from "./failure.ts";

export interface BackoffRules {
  readonly firstMillis: number;
  readonly longestMillis: number;
}

export const standardBackoff: BackoffRules = { firstMillis: 250, longestMillis: 30_000 };

/** Doublings beyond which every wait is the longest. */
const doublingsMax = 30;

/** `attempt` from 0, `random` from 0 to 1: between half and all of what is due, so that many who failed together do not come back together. */
export function backoffMillis({ firstMillis, longestMillis }: BackoffRules, attempt: number, random: number): number {
  const due = Math.min(longestMillis, firstMillis * 2 ** Math.min(attempt, doublingsMax));
  return Math.round(due / 2 + (due / 2) * random);
}

export interface RetryOptions {
  readonly clock: Clock;
  /** From 0 to 1; Math.random unless a test decides. */
  readonly random?: () => number;
  readonly rules?: BackoffRules;
  /** For all attempts together. */
  readonly deadlineMillis: number;
  readonly signal?: AbortSignal;
  readonly onRetry?: (failure: Failure, waitMillis: number) => void;
}

/** Until it works, fails in a way that trying again does not mend, or the deadline is over: then with its last failure. */
export async function retried<T>(action: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, random = Math.random, rules = standardBackoff, deadlineMillis, signal, onRetry } = options;
  const until = clock.now() + deadlineMillis;
  for (let attempt = 0; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      const failure = failureOf(error);
      const waitMillis = backoffMillis(rules, attempt, random());
      const isOver = signal?.aborted === true || clock.now() + waitMillis > until;
      if (failure.kind !== "retry" || isOver) throw failure;
      onRetry?.(failure, waitMillis);
      await pause(clock, waitMillis, signal);
    }
  }
}

/** Ends early, without an error, where the signal says so. */
export function pause(clock: Clock, millis: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const end = () => {
      cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(millis, end);
    signal?.addEventListener("abort", end, { once: true });
  });
}
