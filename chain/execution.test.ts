/** Contexts over one state: paid for by another meter, and copies whose writes go nowhere. */
import { describe, expect, it } from "vitest";
import { memoryContext } from "../test/helpers/testchain.ts";
import { event } from "./events.ts";
import { scratchContext } from "./execution.ts";
import { limitedGasMeter, uncountedGas, unlimitedGasMeter } from "./gas.ts";

const key = Uint8Array.of(1);
const store = "bank";

describe("a context on another meter", () => {
  it("writes to the same state and emits to the same list, at the other's cost", () => {
    const ctx = memoryContext();
    const other = limitedGasMeter(1_000_000n);
    ctx.metered(other, (paid) => {
      paid.store(store).set(key, Uint8Array.of(7));
      paid.emit(event("told", {}));
    });
    expect([ctx.gas.consumed, other.consumed > 0n]).toEqual([0n, true]);
    expect(ctx.store(store).get(key)).toEqual(Uint8Array.of(7));
    expect(ctx.events.map(({ type }) => type)).toEqual(["told"]);
  });

  it("is undone with the attempt around it, when its meter is empty too", () => {
    const ctx = memoryContext();
    const attempt = () =>
      ctx.attempt(() =>
        ctx.metered(limitedGasMeter(5_000n), (paid) => {
          paid.emit(event("told", {}));
          for (let value = 0; value < 9; value++) paid.store(store).set(key, Uint8Array.of(value));
        }),
      );
    expect(attempt).toThrow("out of gas in location: Write");
    expect(ctx.store(store).has(key)).toBe(false);
    expect(ctx.events).toEqual([]);
  });
});

describe("a context that nobody counts", () => {
  it("reads, writes, steps and is undone as others, and what is paid for within it is counted", () => {
    const ctx = memoryContext();
    const paid = limitedGasMeter(1_000_000n);
    ctx.metered(uncountedGas, (free) => {
      free.store(store).set(key, Uint8Array.of(7));
      free.metered(paid, (other) => other.store(store).get(key));
      const undone = () =>
        free.attempt(() => {
          free.store(store).delete(key);
          throw new Error("undone");
        });
      expect(undone).toThrow("undone");
      expect([...free.store(store).iterate({})].map(([, value]) => [...value])).toEqual([[7]]);
    });
    expect([ctx.gas.consumed, uncountedGas.consumed, paid.consumed]).toEqual([0n, 0n, 1_006n]);
  });
});

describe("a scratch context", () => {
  it("begins as the other stands, and changes nothing of it", () => {
    const ctx = memoryContext();
    ctx.store(store).set(key, Uint8Array.of(1));
    const scratch = scratchContext(ctx, unlimitedGasMeter());
    expect(scratch.store(store).get(key)).toEqual(Uint8Array.of(1));
    scratch.store(store).set(key, Uint8Array.of(2));
    scratch.emit(event("told", {}));
    expect(scratch.store(store).get(key)).toEqual(Uint8Array.of(2));
    expect(ctx.store(store).get(key)).toEqual(Uint8Array.of(1));
    expect(ctx.events).toEqual([]);
  });
});
