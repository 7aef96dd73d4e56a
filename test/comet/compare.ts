/**
 * Two answers side by side: which leaves differ in kind or in text. Values that every chain has for itself (hashes, times, heights,
 * signatures) are compared by their kind, everything else as it is. Owns the comparison; what is asked is cases.ts.
 */

export interface Difference {
  readonly call: string;
  readonly path: string;
  readonly cometbft: string;
  readonly weir: string;
}

export interface Answer {
  readonly status: number | string;
  readonly type: string;
  readonly cache: string;
  readonly body: string;
}

const absent = "absent";

function kindOfText(text: string): string {
  if (/^\d+$/.test(text)) return "digits";
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return "time";
  if (/^([0-9A-F]{2}){20,}$/.test(text)) return `HEX of ${text.length / 2} bytes`;
  if (/^([0-9a-f]{2}){20,}$/.test(text)) return `hex of ${text.length / 2} bytes`;
  if (/^[A-Za-z0-9+/]{40,}={0,2}$/.test(text) && text.length % 4 === 0) return "base64";
  return JSON.stringify(withoutOwnValues(text));
}

/** Inside a text. */
const withoutOwnValues = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.]+( \+0000 UTC|Z)/g, "<time>")
    .replace(
      /(Vote\{\d+:)[0-9A-F]{12} (\d+)(\/\S+) [0-9A-F]{12} [0-9A-F]{12}/g,
      "$1<address> <height>$3 <hash> <signature>",
    )
    .replace(/127\.0\.0\.1:\d+/g, "<address>")
    .replace(/(blockchain height |greater than max height |min height )\d+/g, "$1<height>")
    .replace(/^\d+(\/\d+\/\d+)$/, "<height>$1")
    .slice(0, 300);

function kindOf(value: unknown): string {
  if (value === undefined) return absent;
  if (typeof value === "string") return kindOfText(value);
  if (Array.isArray(value)) return `list of ${value.length === 0 ? "nothing" : "something"}`;
  if (typeof value === "object" && value !== null) return "object";
  return `${value === null ? "" : `${typeof value} `}${String(value)}`;
}

const isNested = (value: unknown): value is object => typeof value === "object" && value !== null;

export function differencesIn(call: string, path: string, cometbft: unknown, weir: unknown): Difference[] {
  if (!isNested(cometbft) || !isNested(weir) || Array.isArray(cometbft) !== Array.isArray(weir)) {
    const [a, b] = [kindOf(cometbft), kindOf(weir)];
    return a === b ? [] : [{ call, path, cometbft: a, weir: b }];
  }
  const [a, b] = [new Map(Object.entries(cometbft)), new Map(Object.entries(weir))];
  const lengths: Difference[] =
    Array.isArray(cometbft) && a.size !== b.size
      ? [{ call, path: `${path}.length`, cometbft: String(a.size), weir: String(b.size) }]
      : [];
  // Lists of unlike length are told once, and compared as far as both go.
  const keys = lengths.length > 0 ? [...a.keys()].filter((key) => b.has(key)) : new Set([...a.keys(), ...b.keys()]);
  return [...lengths, ...[...keys].flatMap((key) => differencesIn(call, `${path}.${key}`, a.get(key), b.get(key)))];
}

export function differencesOf(call: string, cometbft: Answer, weir: Answer): Difference[] {
  const head = (["status", "type", "cache"] as const).flatMap((name) =>
    String(cometbft[name]) === String(weir[name])
      ? []
      : [{ call, path: name, cometbft: String(cometbft[name]), weir: String(weir[name]) }],
  );
  return [...head, ...differencesIn(call, "body", parse(cometbft.body), parse(weir.body))];
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
