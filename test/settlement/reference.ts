/**
 * Settlement again, as the economics have it, sentence by sentence, in exact fractions and by brute force: what modules/rewards is compared with.
 * Owns no state and shares no code with it.
 */
import {
  between,
  by,
  compare,
  type Fraction,
  floor,
  fraction,
  larger,
  minus,
  ofDec,
  one,
  plus,
  smaller,
  sum,
  times,
  zero,
} from "./fraction.ts";

export interface ReferenceRelay {
  readonly id: bigint;
  readonly claimBps: bigint;
  readonly measuredBps: bigint;
  readonly bond: bigint;
  readonly required: bigint;
  /** Decimals' counts. */
  readonly loss: bigint;
  readonly rttRatio: bigint | undefined;
  readonly uptime: bigint;
  readonly scarcity: bigint;
  readonly reputation: bigint;
  readonly covert: readonly number[];
  readonly isTransient: boolean;
  readonly cell: string;
  readonly family: string;
}

const tenth = fraction(1n, 10n);
const percent = (count: bigint): Fraction => fraction(count, 100n);

function tier(value: Fraction, bounds: readonly Fraction[]): Fraction {
  const values = [one, fraction(3n, 4n), fraction(1n, 2n), fraction(1n, 4n), zero];
  let index = 0;
  for (const bound of bounds) {
    if (compare(value, bound) <= 0) break;
    index++;
  }
  return values[index]!;
}

/** "1 / .75 / .5 / .25 / 0 by loss ≤ .5 / 1 / 2 / 5% / more and by RTT ≤ 1 / 1.25 / 1.5 / 2 × claimed / more, the worse." */
export function referenceQuality(loss: bigint, rttRatio: bigint | undefined): Fraction {
  const byLoss = tier(ofDec(loss), [fraction(1n, 200n), percent(1n), percent(2n), percent(5n)]);
  if (rttRatio === undefined) return byLoss;
  return smaller(byLoss, tier(ofDec(rttRatio), [one, fraction(5n, 4n), fraction(3n, 2n), fraction(2n)]));
}

/** The lower median, by counting: half of them or more are not above it, and less than half below. */
export function referenceMedian(values: readonly bigint[]): bigint {
  const fits = values.filter((value) => {
    const notAbove = values.filter((other) => other <= value).length;
    const below = values.filter((other) => other < value).length;
    return 2 * notAbove >= values.length && 2 * below < values.length;
  });
  return fits.reduce((lowest, value) => (value < lowest ? value : lowest), fits[0] ?? 0n);
}

/** "κ = median over the last 10 covert readings; min(1, κ/.8); 1 below 10 readings." */
export function referenceCovert(ratios: readonly number[]): Fraction {
  if (ratios.length < 10) return one;
  return smaller(one, by(fraction(referenceMedian(ratios.map(BigInt)), 1_000_000n), fraction(4n, 5n)));
}

/** x = min(claim′, measured) · σ · q · u · m · ρ · κ, exactly. */
export function referenceWeight(relay: ReferenceRelay): Fraction {
  const bps = relay.claimBps < relay.measuredBps ? relay.claimBps : relay.measuredBps;
  if (bps < 5_000_000n) return zero;
  return times(
    fraction(bps),
    smaller(one, fraction(relay.bond, relay.required)),
    referenceQuality(relay.loss, relay.rttRatio),
    ofDec(relay.uptime),
    ofDec(relay.scarcity),
    ofDec(relay.reputation),
    referenceCovert(relay.covert),
  );
}

/** ⌊(G⁷ · G₀³)^(1/10)⌋ in whole Mbps, by trying: halving the range that it is in. */
export function referenceCurve(groupBps: bigint, fullMbps = 10_000n): bigint {
  const mbps = groupBps / 1_000_000n;
  const full = fullMbps * 1_000_000n;
  if (mbps <= fullMbps) return groupBps < full ? groupBps : full;
  const target = mbps ** 7n * fullMbps ** 3n;
  let [low, high] = [0n, mbps + 1n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** 10n <= target) low = middle;
    else high = middle;
  }
  return low * 1_000_000n;
}

export interface ReferencePay {
  readonly totalWeight: Fraction;
  readonly cut: Fraction;
  readonly families: number;
  readonly pay: ReadonlyMap<bigint, Fraction>;
}

/** Who is paid what of a pool, given everybody's x: the curve of transient relays, the caps of families, the index. */
export function referencePay(
  relays: readonly (ReferenceRelay & { readonly x: bigint })[],
  pool: bigint,
  referenceBps: bigint,
): ReferencePay {
  const cells = [...new Set(relays.map(({ cell }) => cell))];
  const transient = (cell: string) => relays.filter((relay) => relay.isTransient && relay.cell === cell);
  const counted = new Map(
    cells.map((cell) => {
      const group = transient(cell).reduce((total, { x }) => total + x, 0n);
      return [cell, group === 0n ? one : fraction(referenceCurve(group), group)] as const;
    }),
  );
  const weights = new Map(
    relays.map(({ id, x, isTransient, cell }) => [
      id,
      isTransient ? times(fraction(x), counted.get(cell)!) : fraction(x),
    ]),
  );
  const totalWeight = sum([...weights.values()]);
  const nameOf = ({ id, family }: ReferenceRelay): string => (family === "" ? `relay ${id}` : family);
  const names = [...new Set(relays.filter(({ x }) => x > 0n).map(nameOf))];
  const share = names.length === 0 ? one : smaller(one, larger(percent(2n), fraction(3n, BigInt(names.length))));
  const cap = times(totalWeight, share);
  const factors = new Map(
    names.map((name) => {
      const whole = sum(relays.filter((relay) => nameOf(relay) === name).map(({ id }) => weights.get(id)!));
      const isOver = compare(whole, cap) > 0;
      return [name, { factor: isOver ? by(cap, whole) : one, cut: isOver ? minus(whole, cap) : zero }] as const;
    }),
  );
  const divisor = larger(fraction(referenceBps), totalWeight);
  const pay = new Map(
    relays.map((relay) => {
      const { factor } = factors.get(nameOf(relay)) ?? { factor: one };
      return [relay.id, by(times(fraction(pool), weights.get(relay.id)!, factor), divisor)];
    }),
  );
  return { totalWeight, cut: sum([...factors.values()].map(({ cut }) => cut)), families: names.length, pay };
}

/** "EWMA (1/16) of min(1, measured/claim′)·u, starting at .1, in [.1, 1]." */
export function referenceReputation(
  epochs: readonly { readonly measuredBps: bigint; readonly claimBps: bigint; readonly uptime: bigint }[],
): Fraction {
  return epochs.reduce((before, { measuredBps, claimBps, uptime }) => {
    const score = times(smaller(one, fraction(measuredBps, claimBps)), ofDec(uptime));
    return between(plus(before, by(minus(score, before), fraction(16n))), tenth, one);
  }, tenth);
}

/** "slash .10 + .20·(d−.2)/.8", d at least .2 and at most 1. */
export const referenceSlash = (shortfall: bigint): Fraction =>
  plus(
    tenth,
    times(fraction(1n, 5n), by(minus(between(ofDec(shortfall), percent(20n), one), percent(20n)), percent(80n))),
  );

export interface ReferenceEpoch {
  readonly bad: boolean;
  readonly shortfall: bigint;
}

/** "Two bad of the last three audited epochs; then the window is emptied": at which of these a slash falls due, and by which d. */
export function referenceSlashes(
  epochs: readonly ReferenceEpoch[],
): { readonly at: number; readonly shortfall: bigint }[] {
  const slashes: { at: number; shortfall: bigint }[] = [];
  let begin = 0;
  for (let at = 0; at < epochs.length; at++) {
    const bad = epochs.slice(Math.max(begin, at - 2), at + 1).filter((epoch) => epoch.bad);
    if (bad.length < 2) continue;
    const shortfall = bad.reduce(
      (least, epoch) => (epoch.shortfall < least ? epoch.shortfall : least),
      bad[0]!.shortfall,
    );
    slashes.push({ at, shortfall });
    begin = at + 1;
  }
  return slashes;
}

export interface ReferencePools {
  readonly validators: Fraction;
  readonly oracles: Fraction;
  readonly availability: Fraction;
  readonly usage: Fraction;
}

/** "Pools: oracles 5%, validators 10%, relays 85%, split into a = clamp(.6·(1−U), .1, .6) and .85 − a; U = min(1, burned₇/scheduled₇)." */
export function referencePools(total: bigint, burned: bigint, scheduled: bigint): ReferencePools {
  const used = scheduled === 0n ? zero : smaller(one, fraction(burned, scheduled));
  const share = between(times(fraction(3n, 5n), minus(one, used)), tenth, fraction(3n, 5n));
  const of = (part: Fraction): Fraction => times(fraction(total), part);
  return {
    validators: of(tenth),
    oracles: of(percent(5n)),
    availability: of(share),
    usage: of(minus(fraction(17n, 20n), share)),
  };
}

export interface ReferenceGrant {
  readonly amount: bigint;
  /** In seconds. */
  readonly start: bigint;
}

/** "Half vests linearly over 90 days from the epoch's end": until the end that is cut down to whole thirtieths of them. */
export function referenceVested(grants: readonly ReferenceGrant[], now: bigint, duration: bigint): Fraction {
  const period = duration / 30n;
  return sum(
    grants.map(({ amount, start }) => {
      const end = floor(fraction(start + 30n * period, period)) * period;
      return times(fraction(amount), between(fraction(now - start, end - start), zero, one));
    }),
  );
}
