/**
 * Counters, gauges and histograms in Prometheus' text format (0.0.4). Owns their arithmetic and how they are written; what is measured is
 * the node's.
 */

export type Labels = Readonly<Record<string, string>>;

/** Series of one metric: labels come from fixed sets, and what is beyond is counted together. */
const seriesMax = 200;
const otherSeries = "other";

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  lines(): readonly string[];
}

const escapeHelp = (text: string): string => text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n");
const escapeValue = (text: string): string => escapeHelp(text).replace(/"/g, '\\"');

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const numberText = (value: number): string => {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
};

/** Only ever grows. */
export class Counter implements Metric {
  readonly type = "counter";
  readonly name: string;
  readonly help: string;
  readonly #series = new Map<string, number>();

  constructor(name: string, help: string, always: readonly Labels[] = []) {
    this.name = name;
    this.help = help;
    for (const labels of always) this.#series.set(labelText(labels), 0);
  }

  add(amount = 1, labels: Labels = {}): void {
    let key = labelText(labels);
    if (!this.#series.has(key) && this.#series.size >= seriesMax) {
      key = labelText(Object.fromEntries(Object.keys(labels).map((name) => [name, otherSeries])));
    }
    this.#series.set(key, (this.#series.get(key) ?? 0) + amount);
  }

  lines(): string[] {
    return [...this.#series].map(([labels, value]) => `${this.name}${labels} ${numberText(value)}`);
  }
}

export type Reading = readonly (readonly [labels: Labels, value: number])[];

/** Is asked for its value, or values, when it is scraped. */
export class Gauge implements Metric {
  readonly type: "gauge" | "counter";
  readonly name: string;
  readonly help: string;
  readonly #read: () => number | Reading;

  /** `type` is "counter" where somebody else does the counting. */
  constructor(name: string, help: string, read: () => number | Reading, type: "gauge" | "counter" = "gauge") {
    this.name = name;
    this.help = help;
    this.type = type;
    this.#read = read;
  }

  lines(): string[] {
    const value = this.#read();
    const readings: Reading = typeof value === "number" ? [[{}, value]] : value.slice(0, seriesMax);
    return readings.map(([labels, each]) => `${this.name}${labelText(labels)} ${numberText(each)}`);
  }
}

interface Tally {
  readonly labels: Labels;
  /** Not yet summed up; the last one is of what is above every bound. */
  readonly counts: number[];
  sum: number;
}

export class Histogram implements Metric {
  readonly type = "histogram";
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #tallies = new Map<string, Tally>();

  /** `bounds` ascend. */
  constructor(name: string, help: string, bounds: readonly number[], always: readonly Labels[] = []) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    for (const labels of always) this.#tally(labels);
  }

  observe(value: number, labels: Labels = {}): void {
    const tally = this.#tally(labels);
    const found = this.#bounds.findIndex((bound) => value <= bound);
    tally.counts[found === -1 ? this.#bounds.length : found]! += 1;
    tally.sum += value;
  }

  #tally(labels: Labels): Tally {
    const key = labelText(labels);
    const known = this.#tallies.get(key);
    if (known !== undefined) return known;
    const tally = { labels, counts: new Array<number>(this.#bounds.length + 1).fill(0), sum: 0 };
    if (this.#tallies.size < seriesMax) this.#tallies.set(key, tally);
    return tally;
  }

  lines(): string[] {
    return [...this.#tallies.values()].flatMap(({ labels, counts, sum }) => {
      let total = 0;
      const buckets = [...this.#bounds.map(numberText), "+Inf"].map((le, i) => {
        total += counts[i]!;
        return `${this.name}_bucket${labelText({ ...labels, le })} ${total}`;
      });
      const suffix = labelText(labels);
      return [...buckets, `${this.name}_sum${suffix} ${numberText(sum)}`, `${this.name}_count${suffix} ${total}`];
    });
  }
}

export class Registry {
  readonly #metrics = new Map<string, Metric>();

  add<M extends Metric>(metric: M): M {
    if (this.#metrics.has(metric.name)) throw new Error(`there are two metrics ${metric.name}`);
    if (!/^[a-z][a-z0-9_]*$/.test(metric.name)) throw new Error(`${metric.name} is no name of a metric`);
    this.#metrics.set(metric.name, metric);
    return metric;
  }

  get names(): readonly string[] {
    return [...this.#metrics.keys()];
  }

  text(): string {
    const blocks = [...this.#metrics.values()].map((metric) => {
      const { name, help, type } = metric;
      return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...metric.lines()].join("\n");
    });
    return `${blocks.join("\n")}\n`;
  }
}
