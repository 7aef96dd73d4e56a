/** CometBFT's event query language: parsing with its texts, and the comparison of one value. Owns no index. */
import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import { compareTimes, fromRfc3339 } from "./time.ts";

export type Operator = "=" | "<" | "<=" | ">" | ">=" | "CONTAINS" | "EXISTS";

/** Refuses a query or a search; the text is for the client. */
export class QueryError extends Error {}

export interface Condition {
  readonly tag: string;
  readonly operator: Operator;
  /** Empty for EXISTS. */
  readonly value: string;
  readonly valueType: "string" | "number" | "time" | "date" | "none";
}

/** rpc/core: a longer query is refused there. */
export const queryLengthMax = 512;
export const conditionsMax = 32;

type TokenType = "tag" | "string" | "number" | "time" | "date" | "AND" | Operator;

interface Token {
  readonly type: TokenType | "end of input";
  readonly text: string;
  readonly offset: number;
}

const patterns: readonly (readonly [type: TokenType | "word", pattern: RegExp])[] = [
  ["time", /TIME +([0-9TZ:.+-]+)/y],
  ["date", /DATE +([0-9-]+)/y],
  ["number", /(\d+(?:\.\d*)?)/y],
  ["string", /'([^']*)'/y],
  ["<=", /(<=)/y],
  [">=", /(>=)/y],
  ["<", /(<)/y],
  [">", /(>)/y],
  ["=", /(=)/y],
  ["word", /([\p{L}_][\p{L}\p{N}_./-]*)/uy],
];

const words: readonly TokenType[] = ["AND", "EXISTS", "CONTAINS"];

function nextToken(query: string, from: number): { readonly token: Token; readonly end: number } {
  let offset = from;
  while (/\s/.test(query[offset] ?? "")) offset++;
  if (offset >= query.length) return { token: { type: "end of input", text: "", offset }, end: offset };
  for (const [type, pattern] of patterns) {
    pattern.lastIndex = offset;
    const match = pattern.exec(query);
    if (match === null) continue;
    const text = match[1] ?? "";
    const word = words.find((known) => known === text);
    return { token: { type: type === "word" ? (word ?? "tag") : type, text, offset }, end: pattern.lastIndex };
  }
  throw new QueryError(`offset ${offset}: invalid input ${JSON.stringify(query[offset])} at offset ${offset}`);
}

const operators = ["<=", ">=", "<", ">", "=", "CONTAINS", "EXISTS"] as const;
const ordered = ["number", "time", "date"] as const;

const argumentsOf: Readonly<Record<Operator, readonly Condition["valueType"][]>> = {
  "=": [...ordered, "string"],
  "<": ordered,
  "<=": ordered,
  ">": ordered,
  ">=": ordered,
  CONTAINS: ["string"],
  EXISTS: [],
};

export function parseQuery(query: string): Condition[] {
  let position = 0;
  const take = (wanted: readonly string[]): Token => {
    const { token, end } = nextToken(query, position);
    position = end;
    if (token.type === "end of input") throw new QueryError(`offset ${token.offset}: EOF`);
    if (wanted.includes(token.type)) return token;
    const list = wanted.length === 1 ? wanted[0] : `${wanted.slice(0, -1).join(", ")} or ${wanted.at(-1)}`;
    throw new QueryError(`offset ${token.offset}: got ${token.type}, wanted ${list}`);
  };
  const conditions: Condition[] = [];
  for (;;) {
    const tag = take(["tag"]).text;
    const operator = take(operators).type as Operator;
    const wanted = argumentsOf[operator];
    const argument = wanted.length === 0 ? { type: "none", text: "" } : take(wanted);
    conditions.push({ tag, operator, value: argument.text, valueType: argument.type as Condition["valueType"] });
    if (conditions.length > conditionsMax) throw new QueryError(`a query has at most ${conditionsMax} conditions`);
    const { token } = nextToken(query, position);
    if (token.type === "end of input") return conditions;
    take(["AND"]);
  }
}

/** Whether an attribute's value meets the condition. */
export function meets(condition: Condition, value: string): boolean {
  if (condition.operator === "EXISTS") return true;
  if (condition.operator === "CONTAINS") return value.includes(condition.value);
  if (condition.operator === "=" && (condition.valueType === "string" || condition.valueType === "number")) {
    if (condition.value === value) return true;
    if (condition.valueType === "string") return false;
  }
  const order = compareValues(condition, value);
  if (order === undefined) return false;
  switch (condition.operator) {
    case "=":
      return order === 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/** Undefined when the value is not of the argument's kind: such a value never matches. */
function compareValues(condition: Condition, value: string): number | undefined {
  if (condition.valueType === "number") return compareDecimals(value, condition.value);
  const wanted = toTime(condition.valueType === "date" ? `${condition.value}T00:00:00Z` : condition.value);
  const found = toTime(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value);
  return wanted === undefined || found === undefined ? undefined : compareTimes(found, wanted);
}

const toTime = (text: string): Timestamp | undefined => fromRfc3339(text);

/** The leading number of the text ("10uweir" is 10), exactly: amounts do not fit in a double. */
function compareDecimals(value: string, wanted: string): number | undefined {
  const found = /^-?\d+(?:\.\d+)?/.exec(value)?.[0];
  if (found === undefined) return undefined;
  const decimals = Math.max(fractionLength(found), fractionLength(wanted));
  const difference = scaled(found, decimals) - scaled(wanted, decimals);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const fractionLength = (text: string): number => (text.includes(".") ? text.length - text.indexOf(".") - 1 : 0);

function scaled(text: string, decimals: number): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}
