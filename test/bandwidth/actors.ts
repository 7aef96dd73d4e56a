/**
 * Who takes part in a network that is driven in process, and how each behaves: what a relay shows to whoever measures it, what an oracle makes of
 * what it is shown. Owns behaviours alone: a laboratory adds its own beside them. All of them are functions of what they are given, so that a
 * run repeats itself.
 */
import { sha256 } from "../../chain/crypto/hash.ts";

/** What somebody who measures a relay finds. */
export interface Shown {
  /** 0 where it is not reached. */
  readonly bps: bigint;
  readonly backgroundBps?: bigint;
  readonly rttMicros: number;
  readonly lossPpm: number;
  /** Of four. */
  readonly checksPassed: number;
}

export interface Asked {
  readonly epoch: bigint;
  readonly relay: bigint;
  readonly oracle: bigint;
  /** Nobody can tell a covert reading from a buyer but by trying to. */
  readonly kind: "overt" | "liveness" | "covert" | "remeasurement";
}

export interface RelaySpec {
  readonly name: string;
  readonly claimBps: bigint;
  readonly cell?: string;
  readonly rttMicros?: number;
  /** Bonded with the registration; the least that its claim asks for where nothing is said. */
  readonly bond?: bigint;
  readonly commission?: string;
  readonly givesNotice?: boolean;
  /** Relays of one operator name it alike; else each has its own. */
  readonly operator?: string;
  /** Whether it signs what is read of it. It does where nothing is said. */
  readonly countersigns?: boolean;
  shows(asked: Asked): Shown;
}

export interface OracleSpec {
  readonly name: string;
  readonly declaredBps: bigint;
  readonly cell?: string;
  readonly bond?: bigint;
  readonly operator?: string;
  /** What it attests of what it was shown; undefined where it says nothing. */
  attests(shown: Shown, asked: Asked): Shown | undefined;
  /** A second attestation about the same, that contradicts the first one. */
  equivocates?(asked: Asked): boolean;
}

export const mbps = (value: number | bigint): bigint => BigInt(value) * 1_000_000n;

const whole = (overrides: Partial<Shown> & Pick<Shown, "bps">): Shown => ({
  rttMicros: 10_000,
  lossPpm: 1_000,
  checksPassed: 4,
  ...overrides,
});

/** From −1 to 1 in thousandths, the same for the same question. */
export function noiseOf({ epoch, relay, oracle, kind }: Asked): bigint {
  const digest = sha256(new TextEncoder().encode(`${epoch}/${relay}/${oracle}/${kind}`));
  return BigInt(((digest[0]! << 8) | digest[1]!) % 2001) - 1000n;
}

/** `bps` with noise of this many thousandths at most. */
export const noisy = (bps: bigint, asked: Asked, thousandths: bigint): bigint =>
  bps + (bps * noiseOf(asked) * thousandths) / 1_000_000n;

type Terms = Omit<RelaySpec, "shows">;

/** Carries a little more than it claims. */
export const honestRelay = (terms: Terms): RelaySpec => ({
  ...terms,
  shows: (asked) => whole({ bps: noisy((terms.claimBps * 21n) / 20n, asked, 20n) }),
});

/** Carries a part of what it claims. */
export const liar = (terms: Terms, truthBps: bigint): RelaySpec => ({
  ...terms,
  shows: () => whole({ bps: truthBps }),
});

export const lossyRelay = (terms: Terms, lossPpm: number): RelaySpec => ({
  ...terms,
  shows: (asked) => whole({ bps: noisy((terms.claimBps * 21n) / 20n, asked, 20n), lossPpm }),
});

/** Not reached in epochs that `isDown`. */
export const unreliableRelay = (terms: Terms, isDown: (epoch: bigint) => boolean): RelaySpec => ({
  ...terms,
  shows: (asked) =>
    isDown(asked.epoch)
      ? whole({ bps: 0n, rttMicros: 0, lossPpm: 0, checksPassed: 0 })
      : whole({ bps: noisy((terms.claimBps * 21n) / 20n, asked, 20n) }),
});

type OracleTerms = Omit<OracleSpec, "attests">;

export const honestOracle = (terms: OracleTerms): OracleSpec => ({ ...terms, attests: (shown) => shown });

/** Reads so many percent of the truth. */
export const outlier = (terms: OracleTerms, percent: bigint): OracleSpec => ({
  ...terms,
  attests: (shown) => ({ ...shown, bps: (shown.bps * percent) / 100n }),
});

export const silentOracle = (terms: OracleTerms): OracleSpec => ({ ...terms, attests: () => undefined });

export const equivocator = (terms: OracleTerms, isTold: (asked: Asked) => boolean): OracleSpec => ({
  ...terms,
  attests: (shown) => shown,
  equivocates: isTold,
});
