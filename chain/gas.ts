/** Gas: the SDK's store gas schedule and its meters. Owns counting; it does not own what a transaction may spend. */
import { sdk } from "./errors.ts";

/** cosmos-sdk store/types/gas.go KVGasConfig. */
export const storeGas = {
  hasFlat: 1000n,
  deleteFlat: 1000n,
  readFlat: 1000n,
  readPerByte: 3n,
  writeFlat: 2000n,
  writePerByte: 30n,
  iterateNextFlat: 30n,
} as const;

/** For each signature in a message: about what a transaction pays for one of its own. */
export const furtherSignatureGas = 1000n;

export interface GasMeter {
  readonly limit: bigint;
  readonly consumed: bigint;
  /** Throws out of gas (sdk 11) naming `descriptor`; what was consumed is kept, so that the result shows it. */
  consume(amount: bigint, descriptor: string): void;
}

/** Unsigned 64-bit: the SDK stops a sum that would overflow it. */
const gasMax = (1n << 64n) - 1n;

class LimitedGasMeter implements GasMeter {
  readonly limit: bigint;
  consumed = 0n;

  constructor(limit: bigint) {
    this.limit = limit;
  }

  consume(amount: bigint, descriptor: string): void {
    this.consumed += amount;
    if (this.consumed <= this.limit) return;
    if (this.consumed > gasMax) this.consumed = gasMax;
    throw sdk.outOfGas(`out of gas in location: ${descriptor}; gasWanted: ${this.limit}, gasUsed: ${this.consumed}`);
  }
}

export const limitedGasMeter = (limit: bigint): GasMeter => new LimitedGasMeter(limit);

/** For what nobody pays for and nobody counts, as block hooks: stores are read and written past it. */
export const uncountedGas: GasMeter = { limit: gasMax, consumed: 0n, consume() {} };

/** Counts without a bound: genesis, and simulation, whose only bound is the block's. */
export const unlimitedGasMeter = (): GasMeter => limitedGasMeter(gasMax);
