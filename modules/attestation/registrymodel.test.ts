/**
 * Random sequences of messages and time against a slow model that forgets nothing: every announcement, every change of a bond, each delegation as
 * an exact fraction. Whatever the order, epochs read what was announced before they opened, nobody's stake is worth more than it should be, and
 * a search finds what a look at all relays finds. Every invariant holds after each block.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import { ExitKind } from "../../proto/gen/weir/attestation/v1/state.ts";
import { Notice } from "../../proto/gen/weir/attestation/v1/tx.ts";
import {
  accountOf,
  mbps,
  nameOf,
  type RegistryChain,
  registryChain,
  relayUpdate,
  transportKey,
  weirs,
} from "../../test/helpers/registrychain.ts";
import { delegationWorth } from "./bonds.ts";
import { changeTrust, minimumBondIn, relay, relayBond, relaySubject, servesIn, slashRelay, termsAt } from "./index.ts";
import { searchRelays } from "./search.ts";

// --------------------------------------------------------------------------------------------------------------- the model

/** Exactly over / under. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

const fraction = (over: bigint, under = 1n): Fraction => ({ over, under });
const plus = (a: Fraction, b: Fraction): Fraction => reduced(a.over * b.under + b.over * a.under, a.under * b.under);
const times = (a: Fraction, over: bigint, under: bigint): Fraction => reduced(a.over * over, a.under * under);

function reduced(over: bigint, under: bigint): Fraction {
  let [a, b] = [over < 0n ? -over : over, under];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? fraction(0n) : { over: over / a, under: under / a };
}

interface Announced {
  readonly fromEpoch: bigint;
  readonly serves: boolean;
  readonly untilEpoch: bigint;
  readonly claimedBps: bigint;
  readonly cell: string;
  readonly price: bigint;
  readonly exit: ExitKind;
}

type Standing = "active" | "paused" | "draining" | "leaving" | "gone";

interface ModelRelay {
  readonly id: bigint;
  readonly operator: number;
  standing: Standing;
  leavesAt: bigint;
  readonly announced: Announced[];
  /** Every bond that there was, in order: the epoch, and the tokens from then on. */
  readonly bonds: { readonly epoch: bigint; readonly tokens: bigint }[];
  readonly stakes: Map<number, Fraction>;
  reputation: bigint;
  medianBps: bigint;
}

const cells = ["africa", "europe-west", "oceania"];
const exits = [ExitKind.EXIT_KIND_NONE, ExitKind.EXIT_KIND_WEB, ExitKind.EXIT_KIND_ALL];

class Model {
  readonly chain: RegistryChain;
  readonly relays: ModelRelay[] = [];
  readonly denied = new Set<number>();
  keys = 0;
  /** How often something was rounded: what may be missing, in units. */
  roundings = 0n;

  constructor(chain: RegistryChain) {
    this.chain = chain;
  }

  get next(): bigint {
    return this.chain.epoch() + 1n;
  }

  last(of: ModelRelay): Announced {
    return of.announced.at(-1)!;
  }

  announce(of: ModelRelay, changes: Partial<Announced>): void {
    of.announced.push({ ...this.last(of), ...changes, fromEpoch: this.next });
  }

  standing(of: ModelRelay): Standing {
    const { untilEpoch } = this.last(of);
    return of.standing === "draining" && untilEpoch <= this.chain.epoch() ? "paused" : of.standing;
  }

  move(of: ModelRelay, standing: Standing, serves: boolean, untilEpoch = 0n): void {
    of.standing = standing;
    this.announce(of, { serves: serves && !this.denied.has(of.operator), untilEpoch });
  }

  noteBond(of: ModelRelay): void {
    of.bonds.push({ epoch: this.chain.epoch(), tokens: relayBond(this.chain.context(), of.id) });
  }

  stake(of: ModelRelay, who: number, amount: Fraction): void {
    of.stakes.set(who, plus(of.stakes.get(who) ?? fraction(0n), amount));
    this.roundings++;
  }
}

// ---------------------------------------------------------------------------------------------------------------- the steps

const who = fc.nat(2);
const which = fc.nat(3);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant("register" as const), who, long: fc.boolean(), cell: fc.nat(2) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant("change" as const),
      which,
      mbps: fc.integer({ min: 1, max: 900 }),
      cell: fc.nat(2),
      price: fc.nat(9),
      exit: fc.nat(2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom("pause" as const, "resume" as const, "leave" as const), which }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("drain" as const), which, epochs: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom("bond" as const, "unbond" as const),
      which,
      who,
      amount: fc.integer({ min: 1_000_000, max: 700_000_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("slash" as const), which, percent: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom("deny" as const, "pardon" as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant("trust" as const), which, sixteenths: fc.nat(16), mbps: fc.nat(900) }),
  },
  { weight: 5, arbitrary: fc.record({ what: fc.constant("epochs" as const), count: fc.integer({ min: 1, max: 3 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function register(model: Model, operator: number, long: boolean, cell: string): void {
  const { chain } = model;
  const { refusal } = chain.registerRelay(operator, {
    cell,
    transportKey: transportKey(`model ${model.keys++}`, operator),
    notice: long ? Notice.NOTICE_LONG : Notice.NOTICE_NONE,
    exitPolicy: { kind: ExitKind.EXIT_KIND_WEB, ports: [] },
    priceFloor: 5n,
  });
  expect(refusal === undefined).toBe(!model.denied.has(operator));
  if (refusal !== undefined) return;
  const announced = { fromEpoch: model.next, serves: true, untilEpoch: 0n, claimedBps: mbps(100), cell, price: 5n };
  const of: ModelRelay = {
    id: BigInt(model.relays.length + 1),
    operator,
    standing: "active",
    leavesAt: 0n,
    announced: [{ ...announced, exit: ExitKind.EXIT_KIND_WEB }],
    bonds: [{ epoch: chain.epoch(), tokens: 0n }],
    stakes: new Map([[operator, fraction(weirs(1_000))]]),
    reputation: decOne / 10n,
    medianBps: 0n,
  };
  model.relays.push(of);
  model.noteBond(of);
}

const ofRelay = (of: ModelRelay) => ({ operator: nameOf(of.operator), subject: relaySubject(of.id) });

/** Whether the step is one that may follow, by the words of the README. */
function expectMove(model: Model, of: ModelRelay, name: string, message: object, allowed: boolean): boolean {
  const { refusal } = model.chain.send(name, message);
  expect(`${name} of ${model.standing(of)}: ${refusal === undefined}`).toBe(
    `${name} of ${model.standing(of)}: ${allowed}`,
  );
  return allowed;
}

function moveStanding(model: Model, of: ModelRelay, step: Step): void {
  const standing = model.standing(of);
  const now = model.chain.context().block.time.seconds;
  if (step.what === "pause" && expectMove(model, of, "MsgPause", ofRelay(of), /active|draining/.test(standing))) {
    model.move(of, "paused", false);
  }
  const isDenied = model.denied.has(of.operator);
  const mayResume = !isDenied && /paused|draining|leaving/.test(standing);
  if (step.what === "resume" && expectMove(model, of, "MsgResume", ofRelay(of), mayResume))
    model.move(of, "active", true);
  if (step.what === "drain") {
    const epochs = BigInt(step.epochs);
    const message = { operator: nameOf(of.operator), relay: of.id, epochs };
    if (expectMove(model, of, "MsgDrain", message, standing === "active"))
      model.move(of, "draining", true, model.next + epochs);
  }
  if (
    step.what === "leave" &&
    expectMove(model, of, "MsgLeave", ofRelay(of), /active|paused|draining/.test(standing))
  ) {
    const { givesNotice, leaveTime } = relay(model.chain.context(), of.id)!;
    model.move(of, "leaving", givesNotice && standing !== "paused");
    of.leavesAt = leaveTime!.seconds;
    expect(givesNotice ? of.leavesAt === now + 250n : of.leavesAt <= now + 100n).toBe(true);
  }
}

function change(model: Model, of: ModelRelay, step: Extract<Step, { what: "change" }>): void {
  const values = {
    claimedBps: mbps(step.mbps),
    cell: cells[step.cell]!,
    price: BigInt(step.price),
    exit: exits[step.exit]!,
  };
  const update = relayUpdate(of.operator, of.id, {
    claim: { claimedBps: values.claimedBps, rttMicros: 0n },
    cell: values.cell,
    priceFloor: { priceFloor: values.price },
    exitPolicy: { kind: values.exit, ports: [] },
  });
  const { refusal } = model.chain.send("MsgUpdateRelay", update);
  expect(refusal === undefined).toBe(of.standing !== "gone" && !model.denied.has(of.operator));
  if (refusal === undefined) model.announce(of, values);
}

function moveBond(model: Model, of: ModelRelay, step: Step): void {
  const { chain } = model;
  if (step.what === "bond" && chain.bond(step.who, relaySubject(of.id), BigInt(step.amount)).refusal === undefined) {
    expect(of.standing).not.toBe("gone");
    model.stake(of, step.who, fraction(BigInt(step.amount)));
    model.noteBond(of);
  }
  if (
    step.what === "unbond" &&
    chain.unbond(step.who, relaySubject(of.id), BigInt(step.amount)).refusal === undefined
  ) {
    model.stake(of, step.who, fraction(-BigInt(step.amount)));
    model.noteBond(of);
  }
  if (step.what === "slash") {
    const slash = { fraction: (BigInt(step.percent) * decOne) / 100n, sinceEpoch: chain.epoch(), reason: "model" };
    chain.attempt((ctx) => void slashRelay(ctx, of.id, slash));
    for (const [who, stake] of of.stakes) of.stakes.set(who, times(stake, 100n - BigInt(step.percent), 100n));
    model.roundings++;
    model.noteBond(of);
  }
}

function denyOrPardon(model: Model, operator: number, isDenial: boolean): void {
  const { chain } = model;
  const message = { operator: nameOf(operator), ...(isDenial ? { reason: "model" } : {}) };
  const { refusal } = chain.govern(isDenial ? "MsgDeny" : "MsgPardon", message);
  expect(refusal === undefined).toBe(model.denied.has(operator) !== isDenial);
  if (refusal !== undefined) return;
  if (isDenial) model.denied.add(operator);
  else model.denied.delete(operator);
  for (const of of model.relays.filter((one) => one.operator === operator && one.standing !== "gone")) {
    const wasServing = /active|draining|leaving/.test(of.standing);
    model.announce(of, { serves: !isDenial && wasServing });
    if (!isDenial) of.reputation = decOne / 10n;
  }
}

function setTrust(model: Model, of: ModelRelay, step: Extract<Step, { what: "trust" }>): void {
  of.reputation = (BigInt(step.sixteenths) * decOne) / 16n;
  of.medianBps = mbps(step.mbps);
  model.chain.attempt((ctx) => changeTrust(ctx, of.id, { reputation: of.reputation, lastMedianBps: of.medianBps }));
}

/** Who leaves is gone in the first block at or after its time. */
function pass(model: Model, epochs: number): void {
  for (let count = 0; count < epochs; count++) {
    for (const seconds of [100n, 1n]) {
      model.chain.block(seconds);
      const now = model.chain.context().block.time.seconds;
      for (const of of model.relays.filter(({ standing, leavesAt }) => standing === "leaving" && leavesAt <= now)) {
        of.standing = "gone";
        model.announce(of, { serves: false, untilEpoch: 0n });
      }
    }
  }
}

function playWith(model: Model, of: ModelRelay, step: Extract<Step, { which: number }>): void {
  if (relay(model.chain.context(), of.id) === undefined) return;
  if (step.what === "change") change(model, of, step);
  else if (step.what === "trust") setTrust(model, of, step);
  else if (step.what === "bond" || step.what === "unbond" || step.what === "slash") moveBond(model, of, step);
  else moveStanding(model, of, step);
}

function play(model: Model, step: Step): void {
  if (step.what === "register") register(model, step.who, step.long, cells[step.cell]!);
  else if (step.what === "epochs") pass(model, step.count);
  else if (!("which" in step)) denyOrPardon(model, step.who, step.what === "deny");
  else {
    const of = model.relays[step.which];
    if (of !== undefined) playWith(model, of, step);
  }
}

// ------------------------------------------------------------------------------------------------------------- comparisons

function compareTerms({ chain }: Model, of: ModelRelay): void {
  const ctx = chain.context();
  for (let epoch = chain.epoch() + 1n; epoch >= 0n && epoch >= chain.epoch() - 4n; epoch--) {
    const expected = of.announced.findLast(({ fromEpoch }) => fromEpoch <= epoch);
    const found = termsAt(ctx, epoch, of.id);
    expect(found?.claimedBps).toBe(expected?.claimedBps);
    if (found === undefined || expected === undefined) continue;
    const serves = expected.serves && (expected.untilEpoch === 0n || epoch < expected.untilEpoch);
    expect([found.cell, found.priceFloor, servesIn(found, epoch)]).toEqual([expected.cell, expected.price, serves]);
  }
}

function compareBonds(model: Model, of: ModelRelay): void {
  const { chain } = model;
  for (let epoch = chain.epoch(); epoch >= 0n && epoch >= chain.epoch() - 4n; epoch--) {
    const before = of.bonds.findLast((one) => one.epoch < epoch);
    const within = of.bonds.filter((one) => one.epoch === epoch);
    const there = [...(before === undefined ? [] : [before]), ...within].map(({ tokens }) => tokens);
    const least = there.length === 0 ? 0n : there.reduce((a, b) => (a < b ? a : b));
    expect(minimumBondIn(chain.context(), epoch, of.id)).toBe(least);
  }
  for (const [who, { over, under }] of of.stakes) {
    const found = delegationWorth(chain.context(), relaySubject(of.id), accountOf(who));
    const difference = found * under - over;
    const allowed = (model.roundings + 1n) * under;
    expect(difference <= allowed && -difference <= allowed).toBe(true);
  }
}

const isFound = (model: Model, of: ModelRelay): boolean => of.standing === "active" && model.last(of).serves;

/** By a look at every relay; in any order. */
function compareSearch(model: Model): void {
  const { chain, relays } = model;
  const wishes = [
    {},
    { cell: "europe-west" },
    { exit: ExitKind.EXIT_KIND_WEB },
    { priceMax: 4n },
    { measuredBpsMin: mbps(300) },
    { reputationMin: decOne / 2n },
    {
      cell: "africa",
      exit: ExitKind.EXIT_KIND_ALL,
      priceMax: 6n,
      measuredBpsMin: mbps(20),
      reputationMin: decOne / 5n,
    },
  ];
  for (const wish of wishes) {
    const wanted = {
      cell: undefined,
      exit: undefined,
      priceMax: undefined,
      measuredBpsMin: 0n,
      reputationMin: 0n,
      ...wish,
    };
    const expected = relays.filter((of) => {
      const { cell, price, exit } = model.last(of);
      if (!isFound(model, of) || of.medianBps < wanted.measuredBpsMin || of.reputation < wanted.reputationMin)
        return false;
      if ((wanted.cell ?? cell) !== cell || (wanted.exit ?? exit) !== exit) return false;
      return price <= (wanted.priceMax ?? price);
    });
    const found: bigint[] = [];
    let key: Uint8Array = new Uint8Array(0);
    do {
      const page = searchRelays(chain.context(), wanted, key, 2);
      found.push(...page.found.map(({ relay: { id } }) => id));
      key = page.nextKey;
    } while (key.length > 0);
    expect(found.sort((a, b) => Number(a - b))).toEqual(expected.map(({ id }) => id));
  }
}

describe("the registry", () => {
  it("agrees with a model that forgets nothing, whatever is sent in whatever order", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 50 }), (steps) => {
        const leaveNotice = { seconds: 250n, nanos: 0 };
        const unbondingTime = { seconds: 5_000n, nanos: 0 };
        const model = new Model(registryChain({ params: { leaveNotice, unbondingTime } }));
        for (const operator of [0, 1, 2]) register(model, operator, operator === 0, cells[operator]!);
        for (const [index, one] of steps.entries()) {
          play(model, one);
          if (index % 5 !== 0 && index < steps.length - 1) continue;
          for (const of of model.relays) {
            compareTerms(model, of);
            compareBonds(model, of);
          }
          compareSearch(model);
        }
        model.chain.block();
      }),
      { numRuns: 15 },
    );
  });
});
