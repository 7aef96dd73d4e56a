/** Buckets of what vests, at their edges, and what becomes of a judgement whose epoch is measured again. */
import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import { resolved } from "./disputes.ts";
import type { Judgement } from "./judgement.ts";
import { bucketCount, cut, grant, unvested, type Vesting, vest } from "./vesting.ts";

const day = 86_400n;
const duration = 90n * day;
const period = duration / bucketCount;
/** A moment at which a period begins. */
const start = 6_000n * period;
const nothing: Vesting = { buckets: [], until: start };
const granted = (amount: bigint, from = start, at = start): Vesting =>
  grant({ buckets: [], until: at }, amount, from, duration).vesting;

describe("a reward that vests", () => {
  it("is all unvested at its beginning, half after half of the time, and nothing is left at the end", () => {
    const vesting = granted(9_000n);
    expect(vesting.buckets).toHaveLength(30);
    expect(unvested(vesting)).toBe(9_000n);
    expect(vest(vesting, start, duration)).toEqual({ vesting, vested: 0n });
    expect(vest(vesting, start + 45n * day, duration).vested).toBe(4_500n);
    expect(vest(vesting, start + duration - 1n, duration).vested).toBe(8_999n);
    const done = vest(vesting, start + duration, duration);
    expect(done).toEqual({ vesting: { buckets: [], until: start + duration }, vested: 9_000n });
  });

  it("vests over 87 days where its epoch ended just before a period did", () => {
    const late = start + period - 1n;
    const vesting = granted(9_000n, late, late);
    expect(vest(vesting, start + duration - 1n, duration).vested).toBe(8_999n);
    expect(vest(vesting, start + duration, duration).vested).toBe(9_000n);
  });

  it("counts from its epoch's end, though it is granted later", () => {
    const at = start + 9n * day;
    const { vesting, vested } = grant({ buckets: [], until: at }, 9_000n, start, duration);
    expect(vested).toBe(900n);
    expect(unvested(vesting)).toBe(8_100n);
    expect(vest(vesting, start + 54n * day, duration).vested).toBe(4_500n);
  });

  it("is all liquid where it is granted after its time", () => {
    const at = start + duration;
    expect(grant({ buckets: [], until: at }, 9_000n, start, duration)).toEqual({
      vesting: { buckets: [], until: at },
      vested: 9_000n,
    });
    expect(grant(nothing, 0n, start, duration)).toEqual({ vesting: nothing, vested: 0n });
  });

  it("shares a bucket with what ends with it, and vests on from where it stood", () => {
    const first = vest(granted(9_000n), start + 30n * day, duration);
    expect(first.vested).toBe(3_000n);
    const both = grant(first.vesting, 3_000n, start, duration);
    expect(both.vested).toBe(1_000n);
    expect(unvested(both.vesting)).toBe(8_000n);
    expect(both.vesting.buckets.filter((amount) => amount > 0n)).toEqual([8_000n]);
    expect(vest(both.vesting, start + 60n * day, duration).vested).toBe(4_000n);
  });

  it("stands beside what ends at another time", () => {
    const later = vest(granted(9_000n), start + 45n * day, duration).vesting;
    const both = grant(later, 9_000n, start + 45n * day, duration).vesting;
    expect(both.buckets.filter((amount) => amount > 0n).sort()).toEqual([4_500n, 9_000n]);
    expect(vest(both, start + 90n * day, duration).vested).toBe(4_500n + 4_500n);
  });

  it("does not go back in time", () => {
    const vesting = granted(9_000n);
    expect(vest(vesting, start - 5n, duration)).toEqual({ vesting, vested: 0n });
    expect(vest(nothing, start + 5n, duration)).toEqual({ vesting: { buckets: [], until: start + 5n }, vested: 0n });
    expect(vest(nothing, start - 5n, duration)).toEqual({ vesting: nothing, vested: 0n });
  });

  it("is cut by a slash, each bucket rounded down", () => {
    const both = grant(
      vest(granted(9_001n), start + 45n * day, duration).vesting,
      999n,
      start + 45n * day,
      duration,
    ).vesting;
    const { vesting, taken } = cut(both, decOne / 4n, decOne);
    expect(taken).toBe(1_125n + 249n);
    expect(unvested(vesting)).toBe(unvested(both) - taken);
    expect(vesting.until).toBe(both.until);
    expect(cut(nothing, decOne, decOne)).toEqual({ vesting: nothing, taken: 0n });
  });
});

describe("a judgement that waits", () => {
  const judgement: Judgement = {
    epoch: 4n,
    bad: true,
    shortfall: decOne / 2n,
    medianBps: 50n,
    badQuality: true,
    disputed: true,
    challenger: "",
  };
  const dispute = {
    measuredIn: 7n,
    medianBps: 20n,
    shortfall: (decOne * 4n) / 5n,
    challenger: "carol",
    isThirdParty: true,
  };

  it("goes on waiting while the dispute is open", () => {
    expect(resolved(judgement, { ...dispute, state: "open" })).toEqual(judgement);
  });

  it("stands as it was where that is confirmed, cannot be told, or is forgotten", () => {
    const ended = { ...judgement, disputed: false };
    expect(resolved(judgement, { ...dispute, state: "confirmed" })).toEqual(ended);
    expect(resolved(judgement, { ...dispute, state: "inconclusive" })).toEqual(ended);
    expect(resolved(judgement, undefined)).toEqual(ended);
  });

  it("is no over-claim any more where it is lifted; its quality was not asked", () => {
    expect(resolved(judgement, { ...dispute, state: "lifted" })).toEqual({ ...judgement, disputed: false, bad: false });
  });

  it("becomes bad by what the second committee read, with its challenger", () => {
    const good = { ...judgement, bad: false, shortfall: 0n };
    expect(resolved(good, { ...dispute, state: "madeBad" })).toEqual({
      ...good,
      disputed: false,
      bad: true,
      shortfall: dispute.shortfall,
      medianBps: 20n,
      challenger: "carol",
    });
  });
});
