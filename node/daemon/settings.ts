/**
 * A daemon's file of settings, in TOML: which there are, what each may be, what they are while the file says nothing, and what a change of one
 * asks for. Owns reading, checking, and the text that `init` writes; does not own which settings a daemon has, nor the file's place.
 */
import { parse, TomlError } from "smol-toml";
import { Failure } from "./failure.ts";
import { didYouMean } from "./nearest.ts";

const fileBytesMax = 1 << 20;
const listMax = 1_000;

export interface Setting<Value> {
  readonly isSetting: true;
  readonly help: string;
  /** What it is where the file does not say. */
  readonly fallback: Value;
  /** In words: "a whole number from 1 to 16". */
  readonly expected: string;
  /** A change counts only after a restart. */
  readonly isFixed: boolean;
  /** Undefined where the value is none. */
  read(value: unknown): Value | undefined;
  /** As it stands in the file. */
  write(value: Value): string;
}

export interface Schema {
  readonly [name: string]: Setting<unknown> | Schema;
}

export type SettingsOf<S> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer Value>
    ? Value
    : S[Name] extends Schema
      ? SettingsOf<S[Name]>
      : never;
};

const isSetting = (entry: Setting<unknown> | Schema): entry is Setting<unknown> => entry.isSetting === true;

export type Shape<Value> = Pick<Setting<Value>, "expected" | "read" | "write">;

/** For kinds of values that are one daemon's own. */
export const setting = <Value>(help: string, fallback: Value, shape: Shape<Value>): Setting<Value> => ({
  isSetting: true,
  isFixed: false,
  help,
  fallback,
  ...shape,
});

/** One whose change needs a restart. */
export const fixed = <Value>(of: Setting<Value>): Setting<Value> => ({ ...of, isFixed: true });

export const text = (help: string, fallback = "", lengthMax = 4_096): Setting<string> =>
  setting(help, fallback, {
    expected: `a text of at most ${lengthMax} characters, in quotes`,
    read: (value) => (typeof value === "string" && value.length <= lengthMax ? value : undefined),
    write: (value) => JSON.stringify(value),
  });

export const texts = (help: string, fallback: readonly string[] = []): Setting<readonly string[]> =>
  setting(help, fallback, {
    expected: `a list of at most ${listMax} texts, ["one", "two"]`,
    read: (value) =>
      Array.isArray(value) && value.length <= listMax && value.every((item) => typeof item === "string")
        ? (value as readonly string[])
        : undefined,
    write: (value) => `[${value.map((item) => JSON.stringify(item)).join(", ")}]`,
  });

export const flag = (help: string, fallback: boolean): Setting<boolean> =>
  setting(help, fallback, {
    expected: "true or false",
    read: (value) => (typeof value === "boolean" ? value : undefined),
    write: String,
  });

export const choice = <const Value extends string>(help: string, choices: readonly Value[], fallback: Value) =>
  setting<Value>(help, fallback, {
    expected: `one of ${choices.map((known) => JSON.stringify(known)).join(", ")}`,
    read: (value) => choices.find((known) => known === value),
    write: (value) => JSON.stringify(value),
  });

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export const count = (help: string, fallback: number, { min, max }: Bounds): Setting<number> =>
  setting(help, fallback, {
    expected: `a whole number from ${min} to ${max}`,
    read: (value) =>
      typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined,
    write: String,
  });

const amountDigitsMax = 39;

/** Money and bytes: a whole number, in quotes where it is longer than TOML's. */
export const amount = (help: string, fallback: bigint): Setting<bigint> =>
  setting(help, fallback, {
    expected: `a whole number of 0 or more, of at most ${amountDigitsMax} digits, in quotes or not`,
    read: (value) => {
      const digits = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
      const isAmount = typeof digits === "string" && digits.length <= amountDigitsMax && /^\d+$/.test(digits);
      return isAmount ? BigInt(digits) : undefined;
    },
    write: (value) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? String(value) : JSON.stringify(String(value))),
  });

const unitMillis = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitMillis;

/** In milliseconds. */
export const duration = (help: string, fallbackText: string, { min, max }: Bounds): Setting<number> => {
  const read = (value: unknown): number | undefined => {
    const [, digits, unit] = (typeof value === "string" ? /^(\d{1,9})(ms|s|m|h|d)$/.exec(value) : null) ?? [];
    const millis = digits === undefined ? undefined : Number(digits) * unitMillis[unit as Unit];
    return millis !== undefined && millis >= min && millis <= max ? millis : undefined;
  };
  const fallback = read(fallbackText);
  if (fallback === undefined) throw new Error(`${fallbackText} is no duration from ${min} to ${max} ms`);
  const write = (millis: number) => {
    const unit = (["d", "h", "m", "s", "ms"] as const).find((each) => millis % unitMillis[each] === 0) ?? "ms";
    return JSON.stringify(`${millis / unitMillis[unit]}${unit}`);
  };
  return setting(help, fallback, {
    expected: `a duration such as "250ms", "30s", "5m" or "7d", from ${write(min)} to ${write(max)}`,
    read,
    write,
  });
};

/** A literal host and a port, "127.0.0.1:9000" or "[::1]:9000". */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const portMax = 65_535;

export const address = (help: string, fallbackText: string): Setting<ListenAddress> => {
  const read = (value: unknown): ListenAddress | undefined => {
    const [, six, four, port] =
      (typeof value === "string" ? /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/.exec(value) : null) ?? [];
    const host = six ?? four;
    return host === undefined || Number(port) > portMax ? undefined : { host, port: Number(port) };
  };
  const fallback = read(fallbackText);
  if (fallback === undefined) throw new Error(`${fallbackText} is no address`);
  const write = ({ host, port }: ListenAddress) =>
    JSON.stringify(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
  return setting(help, fallback, {
    expected: 'a literal address and a port, "127.0.0.1:9000" or "[::1]:9000"',
    read,
    write,
  });
};

// -------------------------------------------------------------------------------------------------------------------- the file

/** The file cannot be used; nothing of it was. */
export class SettingsRefused extends Failure {
  constructor(message: string) {
    super("fatal", message);
  }
}

/** allowPrivateAddresses is allow_private_addresses in the file. */
const fileNameOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** All of the file or nothing; a name that means nothing here is refused, so that a slip of the pen never counts as a default. */
export function readSettings<S extends Schema>(schema: S, content: string, path: string): SettingsOf<S> {
  if (Buffer.byteLength(content) > fileBytesMax)
    throw new SettingsRefused(`${path} is longer than ${fileBytesMax} bytes`);
  return readTable(schema, parsed(content, path), path, "") as SettingsOf<S>;
}

function parsed(content: string, path: string): unknown {
  try {
    return parse(content);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new SettingsRefused(`${path} line ${error.line}: ${error.message.split("\n")[0]}`);
  }
}

function readTable(schema: Schema, table: unknown, path: string, prefix: string): Record<string, unknown> {
  if (typeof table !== "object" || table === null || Array.isArray(table)) {
    throw new SettingsRefused(
      `${path}: ${prefix.slice(0, -1)} is ${JSON.stringify(table)}; expected a table, [${prefix.slice(0, -1)}]`,
    );
  }
  const values = table as Readonly<Record<string, unknown>>;
  const known = Object.keys(schema).map(fileNameOf);
  const stranger = Object.keys(values).find((name) => !known.includes(name));
  if (stranger !== undefined) {
    const hint = didYouMean(stranger, known, (name) => `${prefix}${name}`);
    throw new SettingsRefused(
      `${path}: there is no setting ${prefix}${stranger}${hint || `; there are ${known.join(", ")}`}`,
    );
  }
  return Object.fromEntries(
    Object.entries(schema).map(([name, entry]) => {
      const value = Object.hasOwn(values, fileNameOf(name)) ? values[fileNameOf(name)] : undefined;
      const full = `${prefix}${fileNameOf(name)}`;
      if (!isSetting(entry)) return [name, readTable(entry, value ?? {}, path, `${full}.`)];
      return [name, value === undefined ? entry.fallback : readValue(entry, value, `${path}: ${full}`)];
    }),
  );
}

function readValue(entry: Setting<unknown>, value: unknown, place: string): unknown {
  const read = entry.read(value);
  if (read !== undefined) return read;
  const shown = JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item)).slice(0, 200);
  throw new SettingsRefused(`${place} is ${shown}; expected ${entry.expected}`);
}

export const defaultsOf = <S extends Schema>(schema: S): SettingsOf<S> => readSettings(schema, "", "the defaults");

/** What `init` writes: each setting behind what it does, with its value. */
export function settingsText<S extends Schema>(schema: S, values: SettingsOf<S>, head: string): string {
  const comment = (line: string) => `# ${line}`;
  const entries = Object.entries(schema);
  const lineOf = ([name, entry]: readonly [string, Setting<unknown>], own: Readonly<Record<string, unknown>>) => {
    const restart = entry.isFixed ? " Read at the start alone." : "";
    return [comment(`${entry.help}${restart}`), `${fileNameOf(name)} = ${entry.write(own[name])}`];
  };
  const top = entries.flatMap(([name, entry]) => (isSetting(entry) ? lineOf([name, entry], values) : []));
  const sections = entries.flatMap(([name, entry]) => {
    if (isSetting(entry)) return [];
    const own = (values as Readonly<Record<string, unknown>>)[name] as Readonly<Record<string, unknown>>;
    const lines = Object.entries(entry).flatMap(([inner, item]) => (isSetting(item) ? lineOf([inner, item], own) : []));
    return ["", `[${fileNameOf(name)}]`, ...lines];
  });
  return `${[...head.split("\n").map(comment), "", ...top, ...sections].join("\n")}\n`;
}

export interface Reloaded<S> {
  /** What counts from now on: changes that need a restart are not in it. */
  readonly settings: SettingsOf<S>;
  /** Names as in the file. */
  readonly changed: readonly string[];
  readonly needRestart: readonly string[];
}

/** What of a changed file can be taken over while the daemon runs. */
export function reloaded<S extends Schema>(schema: S, before: SettingsOf<S>, after: SettingsOf<S>): Reloaded<S> {
  const changed: string[] = [];
  const needRestart: string[] = [];
  const merge = (
    of: Schema,
    old: Readonly<Record<string, unknown>>,
    fresh: Readonly<Record<string, unknown>>,
    prefix: string,
  ) =>
    Object.fromEntries(
      Object.entries(of).map(([name, entry]): [string, unknown] => {
        const [was, is] = [old[name], fresh[name]];
        if (!isSetting(entry)) {
          type Values = Readonly<Record<string, unknown>>;
          return [name, merge(entry, was as Values, is as Values, `${prefix}${fileNameOf(name)}.`)];
        }
        if (entry.write(was) === entry.write(is)) return [name, was];
        (entry.isFixed ? needRestart : changed).push(`${prefix}${fileNameOf(name)}`);
        return [name, entry.isFixed ? was : is];
      }),
    );
  const settings = merge(schema, before, after, "") as SettingsOf<S>;
  return { settings, changed, needRestart };
}
