import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Held, heldKey, newRelayState, type RelayEffect, type RelayInput, type RelayState, step } from "./step.ts";

const lengthMillis = 80_000n;
const epoch = (number: bigint, announcedBps = 100_000_000n) => ({
  number,
  openMillis: number * lengthMillis,
  lengthMillis,
  announcedBps,
});

const held = (changes: Partial<Held> = {}): Held => ({
  epoch: 7n,
  oracle: 1n,
  kind: 1,
  measuredBps: 100_000_000n,
  isCountersigned: true,
  stage: "kept",
  untilHeight: 0n,
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
    const [, effects] = stepped([block(0), opened(8n), kept(...mine), block(9), block(10)]);
    expect(submissions(effects)).toEqual([{ type: "submit", epoch: 7n, keys: mine.map(heldKey), untilHeight: 1016n }]);
  });

  it("never brings what is of the epoch that is open, nor anything in the second half", () => {
    const [state, effects] = stepped([block(0), opened(8n), kept(held({ epoch: 8n })), block(20)]);
    expect(submissions(effects)).toEqual([]);
    expect(submissions(stepped([block(40), kept(held()), block(41), block(79)], state)[1])).toEqual([]);
  });

  it("brings what came late once more before the half is over", () => {
    const [state, effects] = stepped([block(0), opened(8n), kept(held()), block(10)]);
    const keys = [heldKey(held())];
    expect(submissions(effects)).toHaveLength(1);
    const late = held({ oracle: 2n });
    const [, more] = stepped(
      [{ type: "given", keys, missing: [] }, kept(late), block(12), block(29), block(30)],
      state,
    );
    expect(submissions(more)).toMatchObject([{ keys: [heldKey(late)], untilHeight: 1036n }]);
  });

  it("looks on the chain for what it sent before it was killed, when that cannot be in a block any more", () => {
    const sent = held({ stage: "sent", untilHeight: 1012n });
    const lost = held({ oracle: 2n, stage: "sent", untilHeight: 1012n });
    const [state, effects] = stepped([block(10), opened(8n), block(12)], newRelayState([sent, lost], true));
    expect(effects).toEqual([{ type: "askEpoch" }]);
    const keys = [heldKey(sent), heldKey(lost)];
    const [looking, looked] = stepped([block(13), block(14)], state);
    expect(looked).toEqual([{ type: "lookUp", epoch: 7n, keys }]);
    const given: RelayInput = { type: "given", keys: [heldKey(sent)], missing: [heldKey(lost)] };
    const [, again] = stepped([given, block(31)], looking);
    expect(submissions(again)).toMatchObject([{ keys: [heldKey(lost)] }]);
  });

  it("does not send again what failed before its height is past", () => {
    const submit: RelayEffect = { type: "submit", epoch: 7n, keys: [heldKey(held())], untilHeight: 1016n };
    const [state] = stepped([block(0), opened(8n), kept(held()), block(10)]);
    const [waiting, nothing] = stepped([{ type: "failed", effect: submit }, block(11), block(16)], state);
    expect(nothing).toEqual([]);
    expect(stepped([block(17)], waiting)[1]).toMatchObject([{ type: "lookUp" }]);
  });

  it("never submits a reading while one of it may still be in a block, whatever happens", () => {
    const inputs = fc.array(
      fc.oneof(
        fc.nat(79).map(block),
        fc.nat(5).map((oracle) => kept(held({ oracle: BigInt(oracle) }))),
        fc.constant("outcome" as const),
        fc.constant("failure" as const),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(inputs, (list) => {
        let [state] = stepped([block(0), opened(8n)]);
        const underWay: RelayEffect[] = [];
        const deadAbove = new Map<string, bigint>();
        for (const item of list) {
          const effect = underWay[0];
          const keys = effect !== undefined && "keys" in effect ? effect.keys : [];
          const input =
            item === "outcome"
              ? ({ type: "given", keys, missing: [] } as const)
              : item === "failure" && effect !== undefined
                ? ({ type: "failed", effect } as const)
                : item;
          if (typeof input === "string") continue;
          if (item === "outcome" && effect?.type === "submit") for (const key of keys) deadAbove.set(key, 1n << 60n);
          if (item === "outcome" || item === "failure") underWay.shift();
          const next = step(state, input.type === "block" && input.height < state.height ? block(0) : input);
          state = next.state;
          for (const one of next.effects) {
            if (one.type === "submit" || one.type === "lookUp") underWay.push(one);
            if (one.type !== "submit") continue;
            for (const key of one.keys) {
              expect(deadAbove.get(key) ?? -1n).toBeLessThan(state.height);
              deadAbove.set(key, one.untilHeight);
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
    expect(claims(stepped(day(10, 10, 10), newRelayState([], false))[1])).toEqual([]);
  });
});
