/**
 * Fields of messages and queries as the command line takes them: by position and by flag, each text read by the field's type. Owns the
 * texts' forms; the types come from the protobuf schema, the words from the modules' commands.ts.
 */
import { readFileSync } from "node:fs";
import { accountAddress, consensusAddress, validatorAddress } from "../chain/address.ts";
import { base64, parseBase64 } from "../chain/base64.ts";
import { type Coins, coinsToProto } from "../chain/coins.ts";
import { publicKeyAddress, publicKeyFromAny } from "../chain/crypto/publickey.ts";
import { ChainError } from "../chain/errors.ts";
import { fromJson } from "../chain/protojson.ts";
import type { Any } from "../proto/gen/google/protobuf/any.ts";
import { type FieldSchema, schema } from "../proto/schema.ts";
import { type FlagSpec, globalFlags, type Parsed, UsageError } from "./arguments.ts";
import { typedCoins } from "./coins.ts";
import { parseJsonText } from "./jsontext.ts";
import { kebabCase, placeOf } from "./names.ts";

const coinType = "cosmos.base.v1beta1.Coin";
export const pageType = "cosmos.base.query.v1beta1.PageRequest";

/** An account by its address, or by the name of its key. */
export type FindAddress = (text: string) => Promise<string>;

export const fieldsOf = (typeName: string): readonly FieldSchema[] => schema().messages[typeName]?.fields ?? [];

/** By position where a module says nothing: everything that one text can hold. */
export const defaultPositionals = (typeName: string, skipped: readonly string[]): readonly string[] =>
  fieldsOf(typeName)
    .filter((field) => field.type !== "bool" && field.of !== pageType && !skipped.includes(field.name))
    .filter((field, index, all) => !field.repeated || field.of === coinType || index === all.length - 1)
    .map(({ name }) => name);

const pageFlags: readonly FlagSpec[] = [
  { name: "limit", value: "N", help: "entries on a page", default: "100" },
  { name: "page-key", value: "BASE64", help: "where the page begins: the next_key of the page before" },
  { name: "offset", value: "N", help: "entries passed over" },
  { name: "count-total", help: "say how many entries there are in all" },
  { name: "reverse", help: "from the last to the first" },
];

/** A field whose name is taken by a flag of every command is asked for as --field-NAME. */
export function flagOf(field: string, taken: readonly FlagSpec[]): string {
  const name = kebabCase(field);
  return [...globalFlags, ...taken].some((spec) => spec.name === name || spec.aliases?.includes(name))
    ? `field-${name}`
    : name;
}

export function fieldFlags(typeName: string, taken: readonly FlagSpec[], skipped: readonly string[]): FlagSpec[] {
  return fieldsOf(typeName)
    .filter(({ name }) => !skipped.includes(name))
    .flatMap((field) => (field.of === pageType ? pageFlags : [fieldFlag(field, flagOf(field.name, taken))]));
}

function fieldFlag(field: FieldSchema, name: string): FlagSpec {
  if (field.type === "bool" && !field.repeated) return { name, help: `sets ${field.name}` };
  const isMany = field.repeated === true && field.of !== coinType;
  const help = `${formOf(field)}${isMany ? ", may be given several times" : ""}`;
  return { name, value: placeholderOf(field), help, ...(isMany ? { repeated: true as const } : {}) };
}

function placeholderOf(field: FieldSchema): string {
  if (field.of === coinType) return field.repeated ? "COINS" : "COIN";
  if (field.type === "message") return isText(field) ? "TEXT" : "JSON";
  if (field.type === "bytes") return "BYTES";
  if (field.scalar?.endsWith("AddressString")) return "ADDRESS";
  return field.type === "string" || field.type === "enum" ? "TEXT" : "N";
}

const isText = ({ of }: FieldSchema): boolean =>
  of === "google.protobuf.Timestamp" || of === "google.protobuf.Duration";

function formOf(field: FieldSchema): string {
  if (field.of === coinType) return "for example 1000000uweir";
  if (field.of === "google.protobuf.Timestamp") return "a time, 2026-01-31T12:00:00Z";
  if (field.of === "google.protobuf.Duration") return "a duration, 172800s";
  if (field.type === "message") return `${shapeOf(field.of!)} as JSON, or @FILE`;
  if (field.type === "bytes") return "in hex or base64";
  if (field.type === "enum") return Object.keys(schema().enums[field.of!] ?? {}).join(", ");
  if (field.scalar === "cosmos.AddressString") return "an address, or the name of a key";
  if (field.scalar === "cosmos.ConsensusAddressString") return "a consensus address, or the key itself as JSON";
  return field.scalar === undefined ? field.type : field.scalar.replace("cosmos.", "").toLowerCase();
}

const shapeFieldsMax = 8;

/** "{max_bytes, max_gas}", so that nobody has to look for the .proto file. */
function shapeOf(typeName: string): string {
  const names = fieldsOf(typeName).map(({ name }) => name);
  if (names.length === 0) return typeName;
  return `{${names.slice(0, shapeFieldsMax).join(", ")}${names.length > shapeFieldsMax ? ", …" : ""}}`;
}

/** What could stand in a field's place, for an example of a command that its module gives none of. */
function sampleOf(field: FieldSchema): string {
  if (field.of === coinType) return "1000000uweir";
  if (field.of === "google.protobuf.Timestamp") return "2026-01-31T12:00:00Z";
  if (field.of === "google.protobuf.Duration") return "172800s";
  if (field.type === "message") return `@${field.name}.json`;
  if (field.type === "bytes") return "00FF";
  if (field.type === "enum") return Object.keys(schema().enums[field.of!] ?? {}).at(-1) ?? "TEXT";
  if (field.type === "string") return sampleText(field);
  return field.type === "bool" ? "true" : "1";
}

function sampleText({ name, scalar }: FieldSchema): string {
  if (scalar === "cosmos.AddressString") return "weir1…";
  if (scalar === "cosmos.ValidatorAddressString") return "weirvaloper1…";
  if (scalar === "cosmos.ConsensusAddressString") return "weirvalcons1…";
  if (name.includes("denom")) return "uweir";
  return scalar === "cosmos.Dec" ? "0.1" : scalar === "cosmos.Int" ? "1000000" : placeOf(name);
}

export const sampleLine = ({ typeName, positionals }: Pick<FieldWords, "typeName" | "positionals">): string =>
  positionals
    .map((name) => fieldsOf(typeName).find((field) => field.name === name))
    .map((field) => (field === undefined ? "" : sampleOf(field)))
    .join(" ");

export interface FieldWords {
  readonly typeName: string;
  readonly positionals: readonly string[];
  /** So many of the last ones may be left out. */
  readonly optional?: number | undefined;
  readonly flags: readonly FlagSpec[];
}

/** For the usage line; a repeated field may be left out. */
export function places({ typeName, positionals, optional = 0 }: FieldWords): string[] {
  const fields = fieldsOf(typeName);
  return positionals.map((name, index) => {
    const field = fields.find((known) => known.name === name);
    const isMany = field?.repeated === true && field.of !== coinType;
    if (index >= positionals.length - optional) return `[${placeOf(name)}]`;
    return isMany ? `[${placeOf(name)}...]` : placeOf(name);
  });
}

/** The message's JSON and then the message; a text that its field does not take is wrong usage. */
export async function readFields(words: FieldWords, parsed: Parsed, find: FindAddress): Promise<object> {
  const json: Record<string, unknown> = {};
  const texts = assign(words, parsed);
  for (const field of fieldsOf(words.typeName)) {
    if (field.of === pageType) json[field.name] = readPage(parsed);
    else if (texts.has(field.name)) json[field.name] = await readTexts(field, texts.get(field.name)!, find);
  }
  return asUsage(() => fromJson<object>(words.typeName, json, ""), "");
}

/** Positions are filled in order, by what no flag has given. */
function assign(
  { typeName, positionals, optional = 0, flags }: FieldWords,
  parsed: Parsed,
): Map<string, readonly string[]> {
  const texts = new Map<string, readonly string[]>();
  const fields = fieldsOf(typeName);
  const known = new Set(flags.map(({ name }) => name));
  for (const { name } of fields) {
    const flag = [kebabCase(name), `field-${kebabCase(name)}`].find((candidate) => known.has(candidate));
    const given = flag === undefined ? [] : parsed.flags(flag);
    if (given.length > 0) texts.set(name, given);
  }
  const rest = [...parsed.positionals];
  const open = positionals.filter((name) => !texts.has(name));
  for (const [index, name] of open.entries()) {
    const field = fields.find((candidate) => candidate.name === name)!;
    const isLast = index === open.length - 1;
    const takes = isLast && field.repeated === true ? rest.splice(0) : rest.splice(0, 1);
    const isNeeded = positionals.indexOf(name) < positionals.length - optional;
    if (takes.length > 0) texts.set(name, takes);
    else if (isNeeded && (field.repeated !== true || field.of === coinType)) throw missing(positionals, name);
  }
  if (rest.length > 0)
    throw new UsageError(`${rest.join(" ")} is more than it takes: ${positionals.map(placeOf).join(" ")}`);
  return texts;
}

const missing = (positionals: readonly string[], name: string): UsageError =>
  new UsageError(`${placeOf(name)} is missing; expected ${positionals.map(placeOf).join(" ")}`);

function readTexts(field: FieldSchema, texts: readonly string[], find: FindAddress): unknown {
  if (field.of === coinType) return readCoins(field, texts);
  if (field.repeated) return Promise.all(texts.map((text) => readText(field, text, find)));
  return readText(field, texts[0]!, find);
}

/** At least one coin, none of them zero. */
export function readCoinsText(text: string, label: string): Coins {
  const coins = typedCoins(text, label);
  const isWhole = coins.length > 0 && coins.length === text.split(",").length;
  if (!isWhole) throw new UsageError(`${label} ${text}: expected amounts above zero, for example 1000000uweir`);
  return coins;
}

function readCoins(field: FieldSchema, texts: readonly string[]): unknown {
  const coins = readCoinsText(texts.join(","), placeOf(field.name));
  if (field.repeated) return coinsToProto(coins);
  if (coins.length !== 1) throw new UsageError(`${placeOf(field.name)} ${texts.join(",")}: expected one coin`);
  return coinsToProto(coins)[0];
}

async function readText(field: FieldSchema, text: string, find: FindAddress): Promise<unknown> {
  const label = placeOf(field.name);
  if (field.type === "message") return isText(field) ? text : readJson(text, label);
  if (field.type === "bytes") return base64(readBytes(text, label));
  if (field.type === "bool") return text === "true";
  if (field.scalar === "cosmos.AddressString") return find(text);
  if (field.scalar === "cosmos.ValidatorAddressString") checkAddress(validatorAddress, text, label);
  if (field.scalar === "cosmos.ConsensusAddressString") return readConsensusAddress(text, label);
  return text;
}

/** Or the consensus key itself, as `weir comet show-validator` prints it. */
function readConsensusAddress(text: string, label: string): string {
  if (text.trimStart().startsWith("{")) {
    const any = asUsage(() => fromJson<Any>("google.protobuf.Any", readJson(text, label), label), "");
    return consensusAddress.encode(asUsage(() => publicKeyAddress(publicKeyFromAny(any)), label));
  }
  checkAddress(consensusAddress, text, label);
  return text;
}

function checkAddress(format: typeof accountAddress, text: string, label: string): void {
  asUsage(() => format.decode(text), `${label} ${text}`);
}

const fileBytesMax = 1 << 20;

/** JSON as it stands, or the content of @FILE. */
function readJson(text: string, label: string): unknown {
  const source = text.startsWith("@") ? readNamed(text.slice(1), label) : text;
  if (source.length > fileBytesMax) throw new UsageError(`${label}: more than ${fileBytesMax} characters`);
  return parseJsonText(source, label, "; or name a file: @FILE");
}

function readNamed(path: string, label: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${label} ${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function readBytes(text: string, label: string): Uint8Array {
  const hex = /^(?:0x)?((?:[0-9a-fA-F]{2})+)$/.exec(text)?.[1];
  if (hex !== undefined) return new Uint8Array(Buffer.from(hex, "hex"));
  const bytes = parseBase64(text);
  if (bytes === undefined) throw new UsageError(`${label} ${text}: expected bytes in hex or base64`);
  return bytes;
}

function readPage(parsed: Parsed): unknown {
  const key = parsed.flag("page-key");
  return {
    ...(key === undefined ? {} : { key }),
    limit: parsed.flag("limit") ?? "100",
    offset: parsed.flag("offset") ?? "0",
    count_total: parsed.has("count-total"),
    reverse: parsed.has("reverse"),
  };
}

/** What the line's text is refused for is wrong usage. */
export function asUsage<T>(body: () => T, label: string): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const text = error.message.replace(/^\.(?:pagination\.)?([a-z_0-9]+)/, (_, name: string) => placeOf(name));
    throw new UsageError(label === "" ? text : `${label}: ${text}`);
  }
}

/** Addresses as they stand, and names where there is a keyring to look in. */
export const findAddressBy =
  (nameOf: (name: string) => Promise<string | undefined>): FindAddress =>
  async (text) => {
    try {
      accountAddress.decode(text);
      return text;
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      const found = text.includes("1") && text.length > 30 ? undefined : await nameOf(text);
      if (found !== undefined) return found;
      throw new UsageError(
        `${text} is no address of this chain (${error.message}), nor the name of a key in the keyring`,
      );
    }
  };
