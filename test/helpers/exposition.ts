/** A strict reader of Prometheus' text format 0.0.4: throws at anything that the format does not allow, and at histograms that do not add up. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const namePattern = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const sampleLine = new RegExp(`^(${namePattern})(?:\\{(.*)\\})? (\\S+)$`);
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const at = label.lastIndex;
    const match = label.exec(text);
    if (match === null) throw new Error(`no label at ${text.slice(at)}`);
    const [, name = "", value = ""] = match;
    if (Object.hasOwn(labels, name)) throw new Error(`label ${name} twice`);
    labels[name] = value.replace(/\\(.)/g, (_, character) => (character === "n" ? "\n" : character));
  }
  return labels;
}

function readValue(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  if (text === "NaN") return Number.NaN;
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw new Error(`${text} is no number`);
  return Number(text);
}

/** Every sample belongs to the family announced last, each family is announced once with help and type, no series comes twice. */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>();
  const seen = new Set<string>();
  let current: string | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = new RegExp(`^# (HELP|TYPE) (${namePattern}) (.+)$`).exec(line);
    if (comment !== null) {
      const [, kind, name = "", rest = ""] = comment;
      if (kind === "HELP") {
        if (families.has(name)) throw new Error(`${name} is announced twice`);
        families.set(name, { type: "", help: rest, samples: [] });
      } else {
        if (current !== name || !/^(counter|gauge|histogram)$/.test(rest)) throw new Error(`unexpected ${line}`);
        families.get(name)!.type = rest;
      }
      current = name;
      continue;
    }
    const match = sampleLine.exec(line);
    const family = current === undefined ? undefined : families.get(current);
    if (match === null || family === undefined) throw new Error(`unexpected line ${JSON.stringify(line)}`);
    const [, name = "", labels = "", value = ""] = match;
    const suffixes = family.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    if (!suffixes.some((suffix) => name === current + suffix)) throw new Error(`${name} stands below ${current}`);
    const sample = { name, labels: readLabels(labels), value: readValue(value) };
    const key = `${name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (seen.has(key)) throw new Error(`the series ${key} comes twice`);
    seen.add(key);
    family.samples.push(sample);
  }
  for (const [name, family] of families) if (family.type === "histogram") checkHistogram(name, family.samples);
  return families;
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const groups = Map.groupBy(samples, ({ labels: { le: _, ...rest } }) => JSON.stringify(rest));
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => readValue(labels.le ?? ""));
    const isAscending = bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!);
    const isGrowing = buckets.every(({ value }, i) => i === 0 || value >= buckets[i - 1]!.value);
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    if (!isAscending || !isGrowing || bounds.at(-1) !== Number.POSITIVE_INFINITY || buckets.at(-1)?.value !== count) {
      throw new Error(`the buckets of ${name} do not add up`);
    }
  }
}
