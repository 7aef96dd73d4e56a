import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Retention } from "./retention.ts";

const at = (seconds: number) => ({ seconds: BigInt(seconds), nanos: 0 });
const evidence = (blocks: number, seconds: number) => ({
  maxAgeNumBlocks: BigInt(blocks),
  maxAgeDuration: at(seconds),
  maxBytes: 1_000n,
});

describe("the height that the engine keeps blocks from", () => {
  it("is as many blocks back as the operator wants, when nothing else needs more", () => {
    const retention = new Retention({ minRetainBlocks: 10n });
    let last = 0n;
    for (let height = 1; height <= 100; height++) {
      last = retention.retainHeight(BigInt(height), at(height), evidence(5, 5), undefined);
    }
    expect(last).toBe(91n);
  });

  it("never lets go of a block that a validator may be accused by, nor of one above the oldest checkpoint", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 20, maxLength: 120 }),
        fc.record({ min: fc.integer({ min: 1, max: 60 }), blocks: fc.nat(60), seconds: fc.nat(500) }),
        fc.option(fc.nat(100), { nil: undefined }),
        (steps, { min, blocks, seconds }, checkpoint) => {
          const retention = new Retention({ minRetainBlocks: BigInt(min) });
          const times = [0];
          for (const step of steps) {
            times.push(times.at(-1)! + step);
            const height = times.length - 1;
            const now = times[height]!;
            const floor = Number(
              retention.retainHeight(BigInt(height), at(now), evidence(blocks, seconds), checkpoint),
            );
            // CometBFT's rule: evidence is too old when both its age in blocks and its age in time are above the limits.
            const needed = times.findIndex(
              (time, other) => other > 0 && !(height - other > blocks && now - time > seconds),
            );
            expect(floor).toBeLessThanOrEqual(needed);
            expect(floor).toBeLessThanOrEqual(height - min + 1 > 0 ? height - min + 1 : 0);
            if (checkpoint !== undefined) expect(floor).toBeLessThanOrEqual(checkpoint);
          }
        },
      ),
    );
  });

  it("keeps everything where the operator or the chain says nothing", () => {
    expect(new Retention({ minRetainBlocks: 0n }).retainHeight(900n, at(9), evidence(1, 1), undefined)).toBe(0n);
    expect(new Retention({ minRetainBlocks: 5n }).retainHeight(900n, at(9), undefined, undefined)).toBe(0n);
  });

  it("after a start waits until evidence of before it has expired", () => {
    const retention = new Retention({ minRetainBlocks: 1n });
    expect(retention.retainHeight(1000n, at(1000), evidence(2, 100), undefined)).toBe(0n);
    expect(retention.retainHeight(1090n, at(1090), evidence(2, 100), undefined)).toBe(0n);
    expect(retention.retainHeight(1101n, at(1101), evidence(2, 100), undefined)).toBe(1001n);
  });
});
