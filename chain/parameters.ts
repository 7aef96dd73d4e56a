/**
 * The constitution of parameters: what each field of a module's params is in words, its unit, the range that it may have, and how hard it
 * is to change. Owns the declaration's shape, the one check of ranges, and what differs between two sets of params; modules declare
 * (Module.parameters), governance votes (modules/gov).
 */
import { type FieldSchema, type MessageSchema, propertyOf, schema } from "../proto/schema.ts";
import { coinsFromProto, coinsProblem, type ProtoCoin } from "./coins.ts";
import type { ReadContext } from "./context.ts";
import { decFromProto, decFromProtoBytes, parseDec } from "./dec.ts";
import { ChainError } from "./errors.ts";
import { formatAmount } from "./parametertexts.ts";
import { toJson } from "./protojson.ts";
import { readUtf8 } from "./utf8.ts";

/** Routine: the normal vote. Economic: a longer vote, and a delay where it loosens. Fixed: no vote changes it. */
export type ParameterClass = "routine" | "economic" | "fixed";

/** Which change lets more out of the reserve or raises the emission; such a change waits before it acts. */
export type Loosening = "up" | "down" | "any";

/** How a value is read: "decimal" in any of protobuf's spellings, "duration" in nanoseconds, "coins" amount by amount. */
export type ParameterKind = "integer" | "decimal" | "duration" | "flag" | "text" | "coins" | "list";

export interface ParameterRule {
  readonly kind: ParameterKind;
  /** What it is, without a full stop: "longest time to collect a deposit". */
  readonly words: string;
  /** "uweir", "blocks", "bytes"; "share" of one; "" where words say it all. */
  readonly unit: string;
  /** In the kind's own count: whole numbers, 10^-18, nanoseconds, elements of a list. Both inclusive. */
  readonly least?: bigint;
  readonly most?: bigint;
  /** In words, where it is no number. */
  readonly allowed?: string;
  readonly class: ParameterClass;
  readonly loosens?: Loosening;
}

/** The declaration of a module: one rule for every field of its params, by path ("voting_period", "block.max_gas"). */
export interface ModuleParameters<P extends object = object> {
  /** "cosmos.mint.v1beta1.Params". */
  readonly typeName: string;
  /** The type URL of the message that replaces them. */
  readonly message: string;
  readonly rules: Readonly<Record<string, ParameterRule>>;
  /** As they are now. */
  read(ctx: ReadContext): P;
  /** As `message` would leave them: all of them, since fields can depend on one another. */
  // biome-ignore lint/suspicious/noExplicitAny: each module's own message
  proposed(ctx: ReadContext, message: any): P;
  /** Why these cannot follow on what there is now; asked when a change is proposed and when it is executed. */
  refuse?(ctx: ReadContext, next: P): string | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of modules holds params of every type
export type AnyModuleParameters = ModuleParameters<any>;

interface More {
  readonly class?: ParameterClass;
  readonly loosens?: Loosening;
}

const rule = (of: Omit<ParameterRule, "class">, more: More): ParameterRule => ({ class: "routine", ...of, ...more });

const nanosPerSecond = 1_000_000_000n;

export const integer = (words: string, unit: string, least: bigint, most: bigint, more: More = {}): ParameterRule =>
  rule({ kind: "integer", words, unit, least, most }, more);

/** Bounds as text: "0.05". */
export const decimal = (words: string, unit: string, least: string, most: string, more: More = {}): ParameterRule =>
  rule({ kind: "decimal", words, unit, least: parseDec(least), most: parseDec(most) }, more);

/** A share of a whole, from 0 to 1 unless it says less. */
export const share = (words: string, least = "0", most = "1", more: More = {}): ParameterRule =>
  decimal(words, "share", least, most, more);

/** Bounds in seconds. */
export const duration = (words: string, least: bigint, most: bigint, more: More = {}): ParameterRule =>
  rule({ kind: "duration", words, unit: "time", least: least * nanosPerSecond, most: most * nanosPerSecond }, more);

export const flag = (words: string, more: More = {}): ParameterRule =>
  rule({ kind: "flag", words, unit: "", allowed: "yes or no" }, more);

export const text = (words: string, allowed: string, more: More = {}): ParameterRule =>
  rule({ kind: "text", words, unit: "", allowed }, more);

/** Each amount within the bounds. */
export const coins = (words: string, least: bigint, most: bigint, more: More = {}): ParameterRule =>
  rule({ kind: "coins", words, unit: "", least, most }, more);

/** Bounds of its length; what its elements may be is the module's own check. */
export const list = (words: string, unit: string, least: bigint, most: bigint, more: More = {}): ParameterRule =>
  rule({ kind: "list", words, unit, least, most }, more);

// ------------------------------------------------------------------------------------------------------------- reading values

const wholeTypes: ReadonlySet<string> = new Set([
  "google.protobuf.Duration",
  "google.protobuf.Timestamp",
  "google.protobuf.Any",
]);

const messageSchemaOf = (typeName: string): MessageSchema => {
  const found = schema().messages[typeName];
  if (found === undefined)
    throw new Error(`no message ${typeName} in the schema: the declaration of parameters names it`);
  return found;
};

const hasFields = (field: FieldSchema): boolean =>
  field.type === "message" && field.repeated !== true && !wholeTypes.has(field.of!);

/** Every leaf of a params message: fields of single messages within it by path, lists as a whole. */
export function parameterPaths(typeName: string, before = ""): string[] {
  return messageSchemaOf(typeName).fields.flatMap((field) =>
    hasFields(field) ? parameterPaths(field.of!, `${before}${field.name}.`) : [`${before}${field.name}`],
  );
}

interface Found {
  readonly field: FieldSchema;
  readonly value: unknown;
}

function valueAt(typeName: string, params: object, path: string): Found {
  const names = path.split(".");
  let type = typeName;
  let value: unknown = params;
  for (const [index, name] of names.entries()) {
    const field = messageSchemaOf(type).fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`${typeName} has no field ${path}: a rule of parameters names it`);
    value = (value as Record<string, unknown> | undefined)?.[propertyOf(field)];
    if (index === names.length - 1) return { field, value };
    type = field.of!;
  }
  throw new Error(`${typeName}: a rule of parameters has an empty path`);
}

/** In the kind's own count; what is left out counts as zero. */
function measured(kind: ParameterKind, { field, value }: Found): bigint {
  if (kind === "duration") {
    const { seconds, nanos } = (value as { seconds: bigint; nanos: number } | undefined) ?? { seconds: 0n, nanos: 0 };
    return seconds * nanosPerSecond + BigInt(nanos);
  }
  if (kind === "list") return BigInt((value as readonly unknown[]).length);
  if (kind === "integer") return value === undefined || value === "" ? 0n : BigInt(value as bigint | number | string);
  if (value instanceof Uint8Array) {
    if (value.length === 0) return 0n;
    // A plain decimal's text in bytes would not be scaled; every such field is.
    return decFromProtoBytes(value);
  }
  const written = (value as string | undefined) ?? "";
  if (written === "") return 0n;
  return field.custom === "cosmossdk.io/math.LegacyDec" ? decFromProto(written) : parseDec(written);
}

const isMeasured = (kind: ParameterKind): boolean => kind !== "flag" && kind !== "text" && kind !== "coins";

// ---------------------------------------------------------------------------------------------------------------- the checks

function outside(
  name: string,
  { kind, unit, least = 0n, most = 0n }: ParameterRule,
  count: bigint,
): string | undefined {
  if (count >= least && count <= most) return undefined;
  const [found, low, high] = [count, least, most].map((bound) => formatAmount(kind, unit, bound));
  return `${name} is ${found}; expected ${low} to ${high}`;
}

function coinsOutside(name: string, rules: ParameterRule, amounts: readonly ProtoCoin[]): string | undefined {
  const decoded = coinsFromProto(amounts);
  const problem = coinsProblem(decoded);
  if (problem !== undefined) return `${name}: ${problem}`;
  for (const { denom, amount } of decoded) {
    const beyond = outside(name, { ...rules, unit: denom }, amount);
    if (beyond !== undefined) return beyond;
  }
  return undefined;
}

/** The first value outside its range, or undefined. What fields mean together is the module's own check, which runs before it. */
export function rangeProblem({ typeName, rules }: AnyModuleParameters, params: object): string | undefined {
  for (const [path, one] of Object.entries(rules)) {
    const found = valueAt(typeName, params, path);
    try {
      const problem =
        one.kind === "coins"
          ? coinsOutside(path, one, found.value as readonly ProtoCoin[])
          : isMeasured(one.kind)
            ? outside(path, one, measured(one.kind, found))
            : undefined;
      if (problem !== undefined) return problem;
    } catch (error) {
      if (error instanceof ChainError) return `${path}: ${error.message}`;
      throw error;
    }
  }
  return undefined;
}

// --------------------------------------------------------------------------------------------------------------- differences

export interface ParameterChange {
  /** "voting_period". */
  readonly name: string;
  readonly rule: ParameterRule;
  /** In words with their unit. */
  readonly before: string;
  readonly after: string;
  /** It lets more out of the reserve or raises the emission. */
  readonly isLoosening: boolean;
}

/** A value in words with its unit. */
export function parameterText({ typeName, rules }: AnyModuleParameters, params: object, path: string): string {
  const { kind, unit } = rules[path]!;
  const found = valueAt(typeName, params, path);
  const { field, value } = found;
  if (kind === "flag") return value === true ? "yes" : "no";
  if (kind === "text") return value instanceof Uint8Array ? readUtf8(value, 0, value.length) : `${value || "(none)"}`;
  if (kind === "coins") {
    const listed = (value as readonly ProtoCoin[]).map(({ denom, amount }) =>
      formatAmount(kind, denom, BigInt(amount)),
    );
    return listed.length === 0 ? "nothing" : listed.join(", ");
  }
  if (kind !== "list") return formatAmount(kind, unit, measured(kind, found));
  const elements = (value as readonly unknown[]).map((element) =>
    field.type === "message"
      ? toJson(field.of!, element as object)
      : typeof element === "bigint"
        ? `${element}`
        : element,
  );
  return JSON.stringify(elements);
}

export function rangeText({ kind, unit, least, most, allowed }: ParameterRule): string {
  if (allowed !== undefined) return allowed;
  const elements = kind === "list" ? "integer" : kind;
  const [low, high] = [least ?? 0n, most ?? 0n].map((bound) => formatAmount(elements, unit, bound));
  return `${low} to ${high}`;
}

function isLoosening({ kind, loosens }: ParameterRule, before: Found, after: Found): boolean {
  if (loosens === undefined) return false;
  if (loosens === "any" || !isMeasured(kind)) return true;
  const [old, next] = [measured(kind, before), measured(kind, after)];
  return loosens === "up" ? next > old : next < old;
}

/** What stands differently in two sets of params, in the order of the rules. Both are without a problem. */
export function parameterChanges(parameters: AnyModuleParameters, before: object, after: object): ParameterChange[] {
  const { typeName, rules } = parameters;
  const changes: ParameterChange[] = [];
  for (const [name, one] of Object.entries(rules)) {
    const [old, next] = [parameterText(parameters, before, name), parameterText(parameters, after, name)];
    if (old === next) continue;
    const loosening = isLoosening(one, valueAt(typeName, before, name), valueAt(typeName, after, name));
    changes.push({ name, rule: one, before: old, after: next, isLoosening: loosening });
  }
  return changes;
}
