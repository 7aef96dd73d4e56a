import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ClientEffect,
  type ClientInput,
  type ClientState,
  committed,
  initialState,
  type StepRules,
  step,
} from "./step.ts";

const rules: StepRules = { budget: 1_000_000n, deposit: 250_000n, depositMin: 10_000n, isWarm: true, epochs: 30n };

/** A client and everything that it asks for, answered as a test says. */
function client(changes: Partial<StepRules> = {}, epoch = 5n) {
  let state = initialState({ ...rules, ...changes }, 0, epoch);
  const effects: ClientEffect[] = [];
  const give = (input: ClientInput): readonly ClientEffect[] => {
    const stepped = step(state, input);
    state = stepped.state;
    effects.push(...stepped.effects);
    return stepped.effects;
  };
  return {
    get state() {
      return state;
    },
    effects,
    give,
    time: (nowMillis: number, at = epoch) => give({ kind: "time", nowMillis, epoch: at }),
    open: (lane: number, locked = 250_000n, expiresEpoch = 35n) =>
      give({ kind: "opened", lane, locked, expiresEpoch, spent: 0n }),
    figures: (lane: number, spent: bigint, streams = 0, isDraining = false) =>
      give({ kind: "figures", lane, spent, streams, isDraining }),
  };
}

function connected(changes: Partial<StepRules> = {}) {
  const one = client(changes);
  one.time(0);
  one.give({ kind: "chosen", relays: [7n, 3n, 9n], why: "" });
  one.open(1);
  if (changes.isWarm !== false) one.open(2);
  one.effects.length = 0;
  return one;
}

describe("a client that is told what happens", () => {
  it("chooses, opens the best, uses it, and has a second one ready", () => {
    const one = client();
    expect(one.time(0)).toEqual([{ does: "choose" }]);
    expect(one.give({ kind: "chosen", relays: [7n, 3n], why: "" })).toEqual([
      { does: "open", lane: 1, relay: 7n, deposit: 250_000n, epochs: 30n },
    ]);
    expect(one.open(1)).toEqual([
      { does: "use", lane: 1, relay: 7n },
      { does: "open", lane: 2, relay: 3n, deposit: 250_000n, epochs: 30n },
    ]);
    expect(one.open(2)).toEqual([]);
  });

  it("goes to the other relay at once when one is lost, takes the money back, and opens a third", () => {
    const one = connected();
    one.figures(1, 40_000n, 3);
    expect(one.give({ kind: "lost", lane: 1, why: "gone" })).toEqual([
      { does: "close", lane: 1, asks: false },
      { does: "use", lane: 2, relay: 3n },
      { does: "open", lane: 3, relay: 9n, deposit: 250_000n, epochs: 30n },
    ]);
  });

  it("locks more before what is locked is used up, as long as the budget lasts", () => {
    const one = connected({ isWarm: false, budget: 600_000n });
    expect(one.figures(1, 100_000n)).toEqual([]);
    expect(one.figures(1, 130_000n)).toEqual([{ does: "top up", lane: 1, amount: 250_000n, epochs: 0n }]);
    expect(one.figures(1, 200_000n)).toEqual([]);
    expect(one.give({ kind: "topped up", lane: 1, locked: 500_000n, expiresEpoch: 35n })).toEqual([]);
    expect(one.figures(1, 400_000n)).toEqual([{ does: "top up", lane: 1, amount: 100_000n, epochs: 0n }]);
    one.give({ kind: "topped up", lane: 1, locked: 600_000n, expiresEpoch: 35n });
    expect(one.figures(1, 599_000n, 1)).toEqual([{ does: "use", lane: undefined, relay: undefined }]);
    expect(one.figures(1, 600_000n, 0)).toEqual([{ does: "close", lane: 1, asks: true }]);
    expect(one.give({ kind: "closed", lane: 1, spent: 600_000n })).toEqual([
      { does: "end", problem: "the budget of 600000 is spent" },
    ]);
  });

  it("keeps a session open for longer before it ends, and lets streams end on one that cannot be", () => {
    const one = connected({ isWarm: false });
    expect(one.time(1_000, 33n)).toEqual([]);
    expect(one.time(1_000, 34n)).toEqual([{ does: "top up", lane: 1, amount: 0n, epochs: 29n }]);
    const refused = one.give({ kind: "not topped up", lane: 1, why: "no", isFinal: true });
    expect(refused).toContainEqual({ does: "use", lane: undefined, relay: undefined });
    expect(refused).toContainEqual({ does: "close", lane: 1, asks: true });
  });

  it("leaves a relay that drains, without breaking what is on it", () => {
    const one = connected();
    expect(one.figures(1, 1_000n, 2, true)).toContainEqual({ does: "use", lane: 2, relay: 3n });
    expect(one.effects).not.toContainEqual({ does: "close", lane: 1, asks: true });
    expect(one.figures(1, 2_000n, 0)).toContainEqual({ does: "close", lane: 1, asks: true });
  });

  it("does not come back soon to a relay that failed it", () => {
    const one = client({ isWarm: false });
    one.time(0);
    one.give({ kind: "chosen", relays: [7n], why: "" });
    one.give({ kind: "unopened", lane: 1, why: "away", isBroke: false, locked: 0n });
    one.effects.length = 0;
    one.time(5_000);
    one.give({ kind: "chosen", relays: [7n], why: "" });
    expect(one.effects.filter(({ does }) => does === "open")).toEqual([]);
    expect(one.effects.filter(({ does }) => does === "choose")).toHaveLength(1);
    one.time(15_000);
    expect(one.effects.at(-1)).toMatchObject({ does: "open", relay: 7n });
  });

  it("goes on with a session of an earlier run", () => {
    const one = client({ isWarm: false });
    const resumed = { relay: 7n, locked: 250_000n, spent: 50_000n, expiresEpoch: 30n };
    expect(one.give({ kind: "resumed", ...resumed })).toContainEqual({ does: "use", lane: 1, relay: 7n });
    expect(committed(one.state)).toBe(250_000n);
    expect(one.figures(1, 40_000n)).toEqual([]);
    expect(one.state.lanes[0]!.spent).toBe(50_000n);
  });

  it("takes money back from a session whose relay was not there", () => {
    const one = client({ isWarm: false });
    one.time(0);
    one.give({ kind: "chosen", relays: [7n, 3n], why: "" });
    const effects = one.give({ kind: "unopened", lane: 1, why: "away", isBroke: false, locked: 250_000n });
    expect(effects).toContainEqual({ does: "close", lane: 1, asks: false });
    expect(effects).toContainEqual({ does: "open", lane: 2, relay: 3n, deposit: 250_000n, epochs: 30n });
  });

  it("ends when it is told to, after every session is closed, also one that is still being opened", () => {
    const one = client();
    one.time(0);
    one.give({ kind: "chosen", relays: [7n, 3n], why: "" });
    one.open(1);
    const closing: ClientEffect[] = [
      { does: "close", lane: 1, asks: true },
      { does: "use", lane: undefined, relay: undefined },
    ];
    expect(one.give({ kind: "stop" })).toEqual(closing);
    expect(one.give({ kind: "closed", lane: 1, spent: 1n })).toEqual([]);
    expect(one.open(2)).toEqual([{ does: "close", lane: 2, asks: true }]);
    expect(one.give({ kind: "closed", lane: 2, spent: 0n })).toEqual([{ does: "end", problem: undefined }]);
  });

  it("says that the wallets are empty where nothing can be opened", () => {
    const one = client();
    one.time(0);
    one.give({ kind: "chosen", relays: [7n], why: "" });
    expect(one.give({ kind: "unopened", lane: 1, why: "empty", isBroke: true, locked: 0n })).toEqual([
      { does: "end", problem: "no wallet has enough left for another session" },
    ]);
  });
});

/** Answers whatever was asked for in any order, with luck or without. */
const events = () =>
  fc.array(
    fc.record({
      what: fc.constantFrom("answer", "lose", "spend", "time", "drain", "stop" as const),
      pick: fc.nat(1_000),
      isGood: fc.boolean(),
      amount: fc.nat(400_000),
    }),
    { maxLength: 120 },
  );

type Event = { readonly what: string; readonly pick: number; readonly isGood: boolean; readonly amount: number };

function answerTo(state: ClientState, effect: ClientEffect, { isGood, amount }: Event): ClientInput | undefined {
  if (effect.does === "choose") return { kind: "chosen", relays: isGood ? [1n, 2n, 3n, 4n, 5n] : [2n], why: "" };
  if (effect.does === "open") {
    const { lane, deposit } = effect;
    if (isGood) return { kind: "opened", lane, locked: deposit, expiresEpoch: state.epoch + 30n, spent: 0n };
    return { kind: "unopened", lane, why: "", isBroke: amount % 17 === 0, locked: amount % 2 === 0 ? deposit : 0n };
  }
  if (effect.does === "top up") {
    const { lane, amount: more, epochs } = effect;
    const { locked, expiresEpoch } = state.lanes.find(({ name }) => name === lane)!;
    if (!isGood) return { kind: "not topped up", lane, why: "", isFinal: amount % 2 === 0 };
    return { kind: "topped up", lane, locked: locked + more, expiresEpoch: expiresEpoch + epochs };
  }
  if (effect.does !== "close") return undefined;
  return { kind: "closed", lane: effect.lane, spent: state.lanes.find(({ name }) => name === effect.lane)!.spent };
}

function inputOf(state: ClientState, waiting: ClientEffect[], event: Event): ClientInput | undefined {
  const { what, pick, amount, isGood } = event;
  const lane = state.lanes[pick % Math.max(1, state.lanes.length)];
  if (what === "stop") return pick % 10 === 0 ? { kind: "stop" } : undefined;
  if (what === "time")
    return { kind: "time", nowMillis: state.nowMillis + amount, epoch: state.epoch + BigInt(pick % 3) };
  if (what === "answer") {
    const [effect] = waiting.splice(pick % Math.max(1, waiting.length), 1);
    return effect === undefined ? undefined : answerTo(state, effect, event);
  }
  if (lane === undefined || lane.state === "opening" || lane.state === "closed") return undefined;
  if (what === "lose") return { kind: "lost", lane: lane.name, why: "" };
  const more = lane.spent + BigInt(amount);
  const spent = more < lane.locked ? more : lane.locked;
  return { kind: "figures", lane: lane.name, spent, streams: pick % 3, isDraining: what === "drain" && isGood };
}

describe("a client, whatever happens", () => {
  it("never binds more than its budget, closes each session once, and uses only what is there", () =>
    fc.assert(
      fc.property(events(), fc.boolean(), fc.bigInt(0n, 2_000_000n), (happened, isWarm, budget) => {
        const one = client({ isWarm, budget });
        const waiting: ClientEffect[] = [];
        const closes = new Map<number, number>();
        const look = (effects: readonly ClientEffect[]) => {
          for (const effect of effects) {
            if (effect.does === "close") closes.set(effect.lane, (closes.get(effect.lane) ?? 0) + 1);
            if (effect.does !== "use" && effect.does !== "end") waiting.push(effect);
            if (effect.does === "open") expect(effect.deposit).toBeGreaterThanOrEqual(rules.depositMin);
          }
          expect(committed(one.state)).toBeLessThanOrEqual(budget);
          const { inUse, lanes } = one.state;
          if (inUse !== undefined) expect(lanes.find(({ name }) => name === inUse)!.state).toBe("live");
          for (const times of closes.values()) expect(times).toBe(1);
        };
        look(one.time(0));
        for (const event of happened) {
          const input = inputOf(one.state, waiting, event);
          if (input !== undefined) look(one.give(input));
        }
        look(one.give({ kind: "stop" }));
        const good = { what: "answer", pick: 0, isGood: true, amount: 1 };
        while (waiting.length > 0) look(one.give(inputOf(one.state, waiting, good)!));
        expect(one.state.isEnded).toBe(true);
        expect(one.effects.filter(({ does }) => does === "end")).toHaveLength(1);
        expect(one.state.lanes.every(({ state }) => state === "closed")).toBe(true);
      }),
      { numRuns: 300 },
    ));
});
