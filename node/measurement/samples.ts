/**
 * What a measurement comes to: bytes a second at their moments, and the one figure of them. Pure. The first moments are thrown away, since
 * links let a burst through that they cannot keep up; the median of the rest is the rate.
 */

export interface SampleRules {
  /** Of the whole measurement. */
  readonly durationMillis: number;
  /** Thrown away. */
  readonly warmUpMillis: number;
  readonly sampleMillis: number;
}

/** On mainnet; and as short as a devnet's epochs ask for. */
export const mainnetSamples: SampleRules = { durationMillis: 10_000, warmUpMillis: 2_000, sampleMillis: 1_000 };
export const devnetSamples: SampleRules = { durationMillis: 2_000, warmUpMillis: 500, sampleMillis: 250 };

/** For trials whose epochs take a few seconds: what they read is rough. */
export const trialSamples: SampleRules = { durationMillis: 600, warmUpMillis: 150, sampleMillis: 150 };

/** Shorter epochs have no time for longer measurements. */
const mainnetMillisMin = 3_600_000;
const devnetMillisMin = 15_000;

export const samplesFor = (epochMillis: number): SampleRules => {
  if (epochMillis >= mainnetMillisMin) return mainnetSamples;
  return epochMillis >= devnetMillisMin ? devnetSamples : trialSamples;
};

/** How many bytes came back by when. */
export class ReceivedBytes {
  readonly #rules: SampleRules;
  readonly #samples: number[];
  #all = 0n;

  constructor(rules: SampleRules) {
    this.#rules = rules;
    this.#samples = new Array<number>(Math.ceil(rules.durationMillis / rules.sampleMillis)).fill(0);
  }

  /** `atMillis` counts from the measurement's beginning; what comes after its end is not counted. */
  add(atMillis: number, bytes: number): void {
    const index = Math.floor(atMillis / this.#rules.sampleMillis);
    if (index < 0 || index >= this.#samples.length) return;
    this.#samples[index]! += bytes;
    this.#all += BigInt(bytes);
  }

  get bytes(): bigint {
    return this.#all;
  }

  /** Bits a second: the lower median of the samples after the warm-up, rounded down. */
  get bps(): bigint {
    const { warmUpMillis, sampleMillis } = this.#rules;
    const counted = this.#samples.slice(Math.ceil(warmUpMillis / sampleMillis)).sort((left, right) => left - right);
    const median = counted[Math.ceil(counted.length / 2) - 1] ?? 0;
    return (BigInt(median) * 8n * 1000n) / BigInt(sampleMillis);
  }

  /** For the transcript. */
  get perSample(): readonly number[] {
    return this.#samples;
  }
}

/** The value below which `share` (0 to 1) of them lie; of none 0. */
export function quantile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((left, right) => left - right);
  return ordered[Math.max(0, Math.ceil(ordered.length * share) - 1)] ?? 0;
}
