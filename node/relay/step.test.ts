import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Held, heldKey, newRelayState, type RelayEffect, type RelayInput, type RelayState, step } from "./step.ts";

const lengthMillis = 80_000n;
const epoch = (number: bigint, announcedBps = 100_000_000n) => ({
  number,
  openMillis: number * lengthMillis,
  lengthMillis,
  announcedBps,
  committeeBefore: 4,
});

const held = (changes: Partial<Held> = {}): Held => ({
  epoch: 7n,
  oracle: 1n,
  kind: 1,
  measuredBps: 100_000_000n,
  isCountersigned: true,
  stage: "kept",
  batch: 0,
  ...changes,
});

const kept = (...list: readonly Held[]): RelayInput => ({ type: "kept", held: list });
const opened = (number: bigint, announcedBps?: bigint): RelayInput => ({
  type: "epoch",
  epoch: epoch(number, announcedBps),
});
/** A block a second, at so many seconds of epoch 8. */
const block = (second: number): RelayInput => ({
  type: "block",
  height: BigInt(1000 + second),
  timeMillis: 8n * lengthMillis + BigInt(second * 1000),
});

function stepped(inputs: readonly RelayInput[], state = newRelayState([], true)): [RelayState, RelayEffect[]] {
  const effects: RelayEffect[] = [];
  for (const input of inputs) {
    const next = step(state, input);
    state = next.state;
    effects.push(...next.effects);
  }
  return [state, effects];
}

const submissions = (effects: readonly RelayEffect[]) => effects.filter(({ type }) => type === "submit");

describe("a relay with readings of itself", () => {
  it("asks which epoch is open once, and again when that one is over", () => {
    const [state, effects] = stepped([block(0), block(1), opened(8n), block(2), block(79)]);
    expect(effects).toEqual([{ type: "askEpoch" }]);
    expect(stepped([block(80), block(81)], state)[1]).toEqual([{ type: "askEpoch" }]);
  });

  it("asks again where the asking failed", () => {
    const failed: RelayInput = { type: "failed", effect: { type: "askEpoch" } };
    expect(stepped([block(0), failed, block(1)])[1]).toHaveLength(2);
  });

  it("brings those of the epoch before in one submission, when most have come", () => {
    const mine = [held(), held({ oracle: 2n }), held({ oracle: 3n })];
    const [, effects] = stepped([block(0), opened(8n), kept(...mine), block(9), block(10), block(11)]);
    expect(submissions(effects)).toEqual([{ type: "submit", epoch: 7n, batch: 1, keys: mine.map(heldKey) }]);
  });

  it("never brings what is of the epoch that is open, nor anything in the second half", () => {
    const [state, effects] = stepped([block(0), opened(8n), kept(held({ epoch: 8n })), block(20)]);
    expect(submissions(effects)).toEqual([]);
    expect(submissions(stepped([block(40), kept(held()), block(41), block(79)], state)[1])).toEqual([]);
  });

  it("brings what came late once more before the half is over", () => {
    const [state, effects] = stepped([block(0), opened(8n), kept(held()), block(10)]);
    expect(submissions(effects)).toHaveLength(1);
    const late = held({ oracle: 2n });
    const given: RelayInput = { type: "given", keys: [heldKey(held())] };
    const [, more] = stepped([given, kept(late), block(12), block(29), block(30), block(31)], state);
    expect(submissions(more)).toEqual([{ type: "submit", epoch: 7n, batch: 2, keys: [heldKey(late)] }]);
  });

  it("goes on with what it sent before it was killed, as it was, and not with what came since", () => {
    const [sent, late] = [held({ stage: "sent", batch: 1 }), held({ oracle: 2n })];
    const [state, effects] = stepped([block(10), opened(8n)], newRelayState([sent, late], true));
    expect(submissions(effects)).toEqual([{ type: "submit", epoch: 7n, batch: 1, keys: [heldKey(sent)] }]);
    const [, more] = stepped([{ type: "given", keys: [heldKey(sent)] }, block(31)], state);
    expect(submissions(more)).toMatchObject([{ batch: 2, keys: [heldKey(late)] }]);
  });

  it("tries again with the same batch at the next block where it failed, and not after the half", () => {
    const batch: RelayEffect = { type: "submit", epoch: 7n, batch: 1, keys: [heldKey(held())] };
    const [state, first] = stepped([block(0), opened(8n), kept(held()), block(10)]);
    expect(submissions(first)).toEqual([batch]);
    const [again, second] = stepped([{ type: "failed", effect: batch }, block(11)], state);
    expect(second).toEqual([batch]);
    expect(stepped([{ type: "failed", effect: batch }, block(40)], again)[1]).toEqual([]);
  });

  it("has one submission under way at a time, and no reading in two batches, whatever happens", () => {
    const inputs = fc.array(
      fc.oneof(
        fc.nat(79).map(block),
        fc.nat(5).map((oracle) => kept(held({ oracle: BigInt(oracle) }))),
        fc.constantFrom("given" as const, "failed" as const, "killed" as const),
      ),
      { maxLength: 80 },
    );
    const batchOf = (effect: RelayEffect) => (effect.type === "submit" ? effect.batch : 0);
    const keysOf = (effect: RelayEffect) => (effect.type === "submit" ? effect.keys : []);
    fc.assert(
      fc.property(inputs, (list) => {
        let [state] = stepped([block(0), opened(8n)]);
        let underWay: RelayEffect[] = [];
        const batches = new Map<string, number>();
        for (const item of list) {
          const effect = underWay[0];
          if (item === "killed")
            [state] = stepped([block(0), opened(8n)], newRelayState([...state.held.values()], true));
          if (item === "killed") underWay = [];
          if (typeof item === "string" && (item === "killed" || effect === undefined)) continue;
          if (typeof item === "string") underWay = [];
          const outcome: RelayInput =
            item === "given" ? { type: "given", keys: keysOf(effect!) } : { type: "failed", effect: effect! };
          const next = step(state, typeof item === "string" ? outcome : item);
          state = next.state;
          for (const one of next.effects.filter(({ type }) => type === "submit")) {
            underWay.push(one);
            for (const key of keysOf(one)) {
              expect(batches.get(key) ?? batchOf(one)).toBe(batchOf(one));
              batches.set(key, batchOf(one));
            }
          }
          expect(underWay.length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("forgets what is of no more use", () => {
    const [, effects] = stepped(
      [block(0), opened(8n)],
      newRelayState([held({ epoch: 3n }), held({ epoch: 4n })], true),
    );
    expect(effects.at(-1)).toEqual({ type: "forget", keys: [heldKey(held({ epoch: 3n }))] });
  });
});

describe("a claim", () => {
  const readings = (...mbps: readonly number[]) =>
    kept(...mbps.map((one, index) => held({ oracle: BigInt(index + 1), measuredBps: BigInt(one) * 1_000_000n })));
  const claims = (effects: readonly RelayEffect[]) => effects.filter(({ type }) => type === "lowerClaim");

  it("is lowered to the median of what was read where that is below 85 % of it, once", () => {
    const [, effects] = stepped([block(0), opened(8n), readings(84, 70, 90, 83), block(10), block(11), block(12)]);
    expect(claims(effects)).toEqual([{ type: "lowerClaim", bps: 83_000_000n }]);
  });

  it("stays where the readings are near to it, are zeros, are too few, or the operator wants it so", () => {
    const day = (...mbps: readonly number[]) => [block(0), opened(8n), readings(...mbps), block(10), block(30)];
    expect(claims(stepped(day(85, 85, 86))[1])).toEqual([]);
    expect(claims(stepped(day(0, 0, 0, 0))[1])).toEqual([]);
    expect(claims(stepped(day(10, 10))[1])).toEqual([]);
    const ofNine: RelayInput = { type: "epoch", epoch: { ...epoch(8n), committeeBefore: 9 } };
    expect(claims(stepped([block(0), ofNine, readings(10, 10, 10, 10, 10), block(10)])[1])).toEqual([]);
    expect(claims(stepped([block(0), ofNine, readings(10, 10, 10, 10, 10, 10), block(10)])[1])).toHaveLength(1);
    expect(claims(stepped(day(10, 10, 10), newRelayState([], false))[1])).toEqual([]);
  });
});
