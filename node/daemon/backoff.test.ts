import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock } from "../clock.ts";
import { type BackoffRules, backoffMillis, pause, retried } from "./backoff.ts";
import { drop, type Failure, retry } from "./failure.ts";

const rules: BackoffRules = { firstMillis: 100, longestMillis: 5_000 };

/** Time passes as far as somebody waits, at once. */
function fastClock(): Clock & { waited: number[] } {
  let now = 0;
  const waited: number[] = [];
  return {
    waited,
    now: () => now,
    after: (millis, action) => {
      let isCancelled = false;
      queueMicrotask(() => {
        if (isCancelled) return;
        now += millis;
        waited.push(millis);
        action();
      });
      return () => {
        isCancelled = true;
      };
    },
  };
}

describe("waiting before another attempt", () => {
  it("doubles up to the longest wait, and lies between half of it and all of it", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const due = Math.min(5_000, 100 * 2 ** Math.min(attempt, 30));
        const wait = backoffMillis(rules, attempt, random);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(due / 2));
        expect(wait).toBeLessThanOrEqual(due);
      }),
    );
    expect([0, 1, 2, 10].map((attempt) => backoffMillis(rules, attempt, 1))).toEqual([100, 200, 400, 5_000]);
    expect(backoffMillis(rules, 0, 0)).toBe(50);
  });

  it("goes on until it works, and says each time why it waits", async () => {
    const clock = fastClock();
    const said: string[] = [];
    let attempts = 0;
    const action = async () => {
      attempts += 1;
      if (attempts < 4) throw retry(`attempt ${attempts}`);
      return attempts;
    };
    const onRetry = ({ message }: Failure) => said.push(message);
    const options = { clock, rules, random: () => 1, deadlineMillis: 10_000, onRetry };
    expect(await retried(action, options)).toBe(4);
    expect(said).toEqual(["attempt 1", "attempt 2", "attempt 3"]);
    expect(clock.waited).toEqual([100, 200, 400]);
  });

  it("ends with the last failure when the deadline would be over, and at once where trying again does not help", async () => {
    const clock = fastClock();
    const never = async () => {
      throw retry("nobody there");
    };
    await expect(retried(never, { clock, rules, random: () => 1, deadlineMillis: 800 })).rejects.toThrow(
      "nobody there",
    );
    expect(clock.now()).toBe(700);
    let attempts = 0;
    const refused = async () => {
      attempts += 1;
      throw drop("never");
    };
    await expect(retried(refused, { clock, deadlineMillis: 10_000 })).rejects.toMatchObject({ kind: "drop" });
    expect(attempts).toBe(1);
  });

  it("ends early when the daemon ends", async () => {
    const over = new AbortController();
    const clock: Clock = { now: () => 0, after: () => () => undefined };
    const waiting = pause(clock, 1_000_000, over.signal);
    over.abort();
    await waiting;
    await pause(clock, 1_000_000, over.signal);
  });
});
