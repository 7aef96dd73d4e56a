/** What a bench yields and how it is shown. Owns the JSON line that scripts read (one object a figure) and the table that people read. */
import { availableParallelism, cpus } from "node:os";

export interface Figure {
  /** "exec.inline": the bench, then what was measured. */
  readonly bench: string;
  readonly unit: string;
  readonly params: Record<string, unknown>;
  readonly samples: number[];
}

export interface BenchOptions {
  /** Smaller sizes, the same figures, under 30 seconds. */
  readonly quick: boolean;
  readonly args: readonly string[];
}

/** The default export of a file in bench/. */
export type Bench = (options: BenchOptions) => AsyncIterable<Figure>;

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spread(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new Error("a figure needs at least one sample");
  const ordered = samples.toSorted((a, b) => a - b);
  const middle = ordered.length >> 1;
  const median = ordered.length % 2 === 1 ? ordered[middle]! : (ordered[middle - 1]! + ordered[middle]!) / 2;
  return { min: ordered[0]!, median, max: ordered.at(-1)! };
}

export const machine = () => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  node: process.versions.node,
});

export const jsonLine = ({ bench, unit, params, samples }: Figure): string =>
  `${JSON.stringify({ bench, unit, params, samples, ...spread(samples), machine: machine() })}\n`;

const columns = [26, 10, 12, 12, 12] as const;
const row = (cells: readonly [string, string, string, string, string], rest: string): string =>
  `${cells.map((cell, i) => (i < 2 ? cell.padEnd(columns[i]!) : cell.padStart(columns[i]!))).join("")}  ${rest}`.trimEnd();

export const tableHead = row(["figure", "unit", "min", "median", "max"], "runs and parameters");

export function tableRow(figure: Figure): string {
  const { min, median, max } = spread(figure.samples);
  const params = Object.entries(figure.params).map(([key, value]) => `${key}=${String(value)}`);
  const rest = [`${figure.samples.length}×`, ...params].join(" ");
  return row([figure.bench, figure.unit, readable(min), readable(median), readable(max)], rest);
}

/** Four figures are enough to compare by, and no measurement of ours is better than that. */
function readable(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(4)));
}
