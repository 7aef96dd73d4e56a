/**
 * Who measures whom: the committee of a relay in an epoch, and whether the relay is audited in it at all. Pure functions of what was fixed
 * before the epoch's seed was known, so that the chain, the daemons and the command line compute the same, for the one relay that is asked for.
 * Owns no state, and no times of measuring (slots.ts).
 */
import { RandomStream } from "../../chain/crypto/randomstream.ts";

/** An oracle as it stood when the epoch opened. */
export interface OracleAtOpen {
  readonly id: bigint;
  readonly operator: string;
  /** A family that both sides confirmed. */
  readonly family: string | undefined;
  /** /24 or /40 of each address that it measures from. */
  readonly prefixes: readonly string[];
  readonly bond: bigint;
  readonly provenBps: bigint;
}

/** A relay as it stood when the epoch opened. */
export interface RelayAtOpen {
  readonly id: bigint;
  readonly operator: string;
  readonly family: string | undefined;
  readonly prefix: string | undefined;
  /** The claim as far as oracles can see it: see `visibleClaim`. */
  readonly claimBps: bigint;
  /** Operators of oracles that delegate to this relay. */
  readonly delegatingOperators: ReadonlySet<string>;
}

export interface CommitteeRules {
  readonly size: number;
  readonly oracleBondMin: bigint;
  readonly prefixRules: boolean;
}

/** An oracle's bond counts up to this many times the least one: stake buys some weight, not the committee. */
const weightCap = 4n;
/** An oracle can measure what leaves it a quarter of the claim to spare. */
const headroomNumerator = 5n;
const headroomDenominator = 4n;
/** Exclusions that one side alone can cause may take this share of the drawing weight; beyond it they are not counted. */
const excludedShareMaxPercent = 20n;

/** What oracles must be able to carry to measure a claim: a quarter more than it. */
export const capacityNeeded = (claimBps: bigint): bigint =>
  (claimBps * headroomNumerator + headroomDenominator - 1n) / headroomDenominator;

/** What can be measured by an oracle of this capacity, rounded down. */
export const measurable = (capacityBps: bigint): bigint => (capacityBps * headroomDenominator) / headroomNumerator;

/**
 * A claim counts up to what enough oracles can see: the capacity of the max(9, ⌈n/4⌉)-th largest, of the smallest where there are fewer.
 * Above it nobody could tell, so it is measured, paid, bonded and judged up to there.
 */
export function visibleClaimMax(oracles: readonly OracleAtOpen[], size: number): bigint {
  const capacities = oracles.map(({ provenBps }) => provenBps).sort((a, b) => (a === b ? 0 : a > b ? -1 : 1));
  const rank = Math.min(capacities.length, Math.max(size, Math.ceil(capacities.length / 4)));
  const seen = capacities[rank - 1];
  return seen === undefined ? 0n : measurable(seen);
}

export function visibleClaim(claimedBps: bigint, oracles: readonly OracleAtOpen[], size: number): bigint {
  const most = visibleClaimMax(oracles, size);
  return claimedBps < most ? claimedBps : most;
}

const drawingWeight = (oracle: OracleAtOpen, { oracleBondMin }: CommitteeRules): bigint => {
  const most = oracleBondMin * weightCap;
  return oracle.bond < most ? oracle.bond : most;
};

const isSame = (left: string | undefined, right: string | undefined): boolean => left !== undefined && left === right;

/** Both sides agreed to these, or are one: nobody can use them against another. */
const isRelated = (oracle: OracleAtOpen, relay: RelayAtOpen): boolean =>
  oracle.operator === relay.operator || isSame(oracle.family, relay.family);

const isNear = (oracle: OracleAtOpen, relay: RelayAtOpen, { prefixRules }: CommitteeRules): boolean =>
  (prefixRules && relay.prefix !== undefined && oracle.prefixes.includes(relay.prefix)) ||
  relay.delegatingOperators.has(oracle.operator);

/** The oracles that may measure the relay, in the order they were given. */
export function eligibleOracles(
  relay: RelayAtOpen,
  oracles: readonly OracleAtOpen[],
  rules: CommitteeRules,
): OracleAtOpen[] {
  const needed = capacityNeeded(relay.claimBps);
  const able = oracles.filter(({ provenBps, bond }) => provenBps >= needed && bond > 0n);
  const unrelated = able.filter((oracle) => !isRelated(oracle, relay));
  const remaining = unrelated.filter((oracle) => !isNear(oracle, relay, rules));
  const total = totalWeight(able, rules);
  const excluded = total - totalWeight(remaining, rules);
  return excluded * 100n > total * excludedShareMaxPercent ? unrelated : remaining;
}

const totalWeight = (oracles: readonly OracleAtOpen[], rules: CommitteeRules): bigint =>
  oracles.reduce((sum, oracle) => sum + drawingWeight(oracle, rules), 0n);

const bigEndian = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
};

/** What everything about one relay in one epoch is drawn from: seed ‖ epoch ‖ relay ‖ what for. */
export function relaySeed(seed: Uint8Array, epoch: bigint, relay: bigint, purpose: string): Uint8Array {
  const parts = [seed, bigEndian(epoch), bigEndian(relay), new TextEncoder().encode(purpose)];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/**
 * The committee's oracles in the order drawn, which is the order of their rounds: without replacement, each draw in proportion to weight.
 * Fewer than `size` where fewer are eligible. `oracles` must be in ascending order of id. Committees for another purpose are drawn apart.
 */
export function drawCommittee(
  { seed, epoch }: { readonly seed: Uint8Array; readonly epoch: bigint },
  relay: RelayAtOpen,
  oracles: readonly OracleAtOpen[],
  rules: CommitteeRules,
  purpose = "committee",
): bigint[] {
  const urn = eligibleOracles(relay, oracles, rules).map((oracle) => ({
    id: oracle.id,
    weight: drawingWeight(oracle, rules),
  }));
  let weightLeft = urn.reduce((sum, { weight }) => sum + weight, 0n);
  const stream = new RandomStream(relaySeed(seed, epoch, relay.id, purpose));
  const committee: bigint[] = [];
  while (committee.length < rules.size && urn.length > 0) {
    let rest = stream.below(weightLeft);
    const index = urn.findIndex(({ weight }) => {
      if (rest < weight) return true;
      rest -= weight;
      return false;
    });
    const [drawn] = urn.splice(index, 1);
    weightLeft -= drawn!.weight;
    committee.push(drawn!.id);
  }
  return committee;
}

/** Trust lowers how often, never by how many: one epoch in `oneIn`, by the seed. */
export function isAudited(seed: Uint8Array, epoch: bigint, relay: bigint, oneIn: bigint): boolean {
  return oneIn <= 1n || new RandomStream(relaySeed(seed, epoch, relay, "audit")).below(oneIn) === 0n;
}
