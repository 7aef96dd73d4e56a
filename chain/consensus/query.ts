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

/** In CometBFT's words. */
const tokenNames: Readonly<Record<TokenType, string>> = {
  tag: "tag",
  string: "string",
  number: "number",
  time: "timestamp",
  date: "datestamp",
  AND: "AND operator",
  CONTAINS: "CONTAINS operator",
  EXISTS: "EXISTS operator",
  "=": "= operator",
  "<": "< operator",
  "<=": "<= operator",
  ">": "> operator",
  ">=": ">= operator",
};

interface Token {
  readonly type: TokenType;
  readonly text: string;
}

/** The first that fits; a text in quotes may lack its end, which is told apart below. */
const patterns: readonly (readonly [type: TokenType | "word", pattern: RegExp])[] = [
  ["number", /(\d+(?:\.\d*)?)/y],
  ["time", /TIME ([-T:+Z\d]*)/y],
  ["date", /DATE ([-\d]*)/y],
  ["word", /([\p{L}_][\p{L}\p{Nd}._-]*)/uy],
  ["string", /'([^']*)'/y],
  ["<=", /(<=)/y],
  [">=", /(>=)/y],
  ["<", /(<)/y],
  [">", /(>)/y],
  ["=", /(=)/y],
];

const words: readonly TokenType[] = ["AND", "EXISTS", "CONTAINS"];

class Scanner {
  readonly #query: string;
  #end = 0;
  offset = 0;

  constructor(query: string) {
    this.#query = query;
  }

  get isAtEnd(): boolean {
    while (/\s/.test(this.#query[this.#end] ?? "")) this.#end++;
    return this.#end >= this.#query.length;
  }

  next(): Token {
    const isAtEnd = this.isAtEnd;
    this.offset = this.#end;
    if (isAtEnd) throw this.#refuse("EOF");
    for (const [type, pattern] of patterns) {
      pattern.lastIndex = this.#end;
      const text = pattern.exec(this.#query)?.[1];
      if (text === undefined) continue;
      this.#end = pattern.lastIndex;
      const word = words.find((known) => known === text);
      return { type: type === "word" ? (word ?? "tag") : type, text: this.#checked(type, text) };
    }
    if (this.#query[this.#end] === "'") throw this.#refuse("EOF");
    throw this.#refuse(`invalid input ${this.#query[this.#end]} at offset ${this.#end + 1}`);
  }

  /** Throws unless the next token is one of these. */
  require(...wanted: readonly TokenType[]): Token {
    const token = this.next();
    if (wanted.includes(token.type)) return token;
    const names = wanted.map((type) => tokenNames[type]);
    const list = names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
    throw this.#refuse(`got ${tokenNames[token.type]}, wanted ${list}`);
  }

  requireAnd(): void {
    const { type } = this.next();
    // CometBFT writes the number of its token here, and clients see that.
    if (type !== "AND") throw this.#refuse(`got ${tokenNames[type]}, want 6`);
  }

  #checked(type: TokenType | "word", text: string): string {
    if (type === "time" && toTime(text) === undefined)
      throw this.#refuse(`invalid TIME value: ${JSON.stringify(text)}`);
    const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && toTime(`${text}T00:00:00Z`) !== undefined;
    if (type === "date" && !isDate) throw this.#refuse(`invalid DATE value: ${JSON.stringify(text)}`);
    return text;
  }

  #refuse(what: string): QueryError {
    return new QueryError(`offset ${this.offset}: ${what}`);
  }
}

const operators = ["<=", ">=", "<", ">", "=", "CONTAINS", "EXISTS"] as const;
const ordered = ["number", "time", "date"] as const;

const argumentsOf: Readonly<Record<Operator, readonly ("string" | (typeof ordered)[number])[]>> = {
  "=": [...ordered, "string"],
  "<": ordered,
  "<=": ordered,
  ">": ordered,
  ">=": ordered,
  CONTAINS: ["string"],
  EXISTS: [],
};

export function parseQuery(query: string): Condition[] {
  const scanner = new Scanner(query);
  const conditions = [parseCondition(scanner)];
  while (!scanner.isAtEnd) {
    scanner.requireAnd();
    conditions.push(parseCondition(scanner));
    if (conditions.length > conditionsMax) throw new QueryError(`a query has at most ${conditionsMax} conditions`);
  }
  return conditions;
}

function parseCondition(scanner: Scanner): Condition {
  const tag = scanner.require("tag").text;
  const operator = scanner.require(...operators).type as Operator;
  const wanted = argumentsOf[operator];
  if (wanted.length === 0) return { tag, operator, value: "", valueType: "none" };
  const { type, text } = scanner.require(...wanted);
  return { tag, operator, value: text, valueType: type as Condition["valueType"] };
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
