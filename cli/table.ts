/** Answers for people: JSON as aligned lines and tables, amounts with their digits in groups. Owns how a value looks, not what it says. */

type Json = unknown;
type JsonRecord = Readonly<Record<string, Json>>;

const isRecord = (value: Json): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCoin = (value: Json): value is { denom: string; amount: string } =>
  isRecord(value) &&
  Object.keys(value).length === 2 &&
  typeof value.denom === "string" &&
  typeof value.amount === "string";

/** How an answer is written. */
export interface Look {
  number(digits: string): string;
  /** The first line of a table. */
  heading(line: string): string;
}

/** 1000000 → 1,000,000. */
export const grouped = (digits: string): string =>
  digits.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));

const bold = (line: string): string => `\u001b[1m${line}\u001b[0m`;
const same = (text: string): string => text;

/** For somebody who looks at it. */
export const forPeople: Look = { number: grouped, heading: same };
export const forPeopleInColour: Look = { number: grouped, heading: bold };
/** For a program that reads lines: numbers as they are. */
export const forPipes: Look = { number: same, heading: same };

export const coinText = ({ denom, amount }: { denom: string; amount: string }, look: Look = forPeople): string =>
  `${look.number(amount)} ${denom}`;

/** One line, or undefined for what needs more. */
function inline(value: Json, look: Look): string | undefined {
  if (value === null || value === undefined || value === "") return "-";
  if (isCoin(value)) return coinText(value, look);
  if (Array.isArray(value)) {
    if (value.length === 0) return "none";
    const parts = value.map((item) => (isRecord(item) && !isCoin(item) ? undefined : inline(item, look)));
    const text = parts.join(", ");
    return parts.includes(undefined) || text.length > lineWidth ? undefined : text;
  }
  if (isRecord(value)) return Object.keys(value).length === 0 ? "-" : undefined;
  return sanitize(String(value));
}

const lineWidth = 100;

/** What a chain holds must not move the cursor: control characters are written as \uXXXX. */
export const sanitize = (text: string): string =>
  text.replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, (character) => {
    return `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`;
  });

const titled = (name: string): string => sanitize(name).replace(/[_\n]/g, " ");

/** Rows of cells, as wide as the widest of each column; a column of numbers stands to the right. */
export function columns(rows: readonly (readonly string[])[], numeric: readonly boolean[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => (numeric[i] === true ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

/** Objects with the same fields, each of one line, are rows. */
function asTable(list: readonly Json[], look: Look): string[] | undefined {
  if (list.length === 0) return undefined;
  if (list.every(isCoin)) {
    return columns(
      list.map(({ denom, amount }) => [look.number(amount), denom]),
      [true],
    );
  }
  if (!list.every(isRecord)) return undefined;
  const names = Object.keys(list[0]!);
  const rows = list.map((item) => names.map((name) => inline(item[name], look)));
  const isFlat = rows.every((row) => row.every((cell) => cell !== undefined && !cell.includes("\n")));
  const isSame = list.every((item) => Object.keys(item).join() === names.join());
  if (!isFlat || !isSame) return undefined;
  const heading = names.map((name) => titled(name).toUpperCase());
  const shown = columns([heading, ...(rows as string[][])]);
  return shown.every((line) => line.length <= tableWidth) ? headed(shown, look) : undefined;
}

/** The first of a table's lines as its heading. */
export const headed = ([first = "", ...rest]: readonly string[], look: Look): string[] => [
  look.heading(first),
  ...rest,
];

const tableWidth = 160;
const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** An event of a block or of a transaction is one line. */
function eventLine(value: Json): string | undefined {
  if (!isRecord(value) || Object.keys(value).length !== 2 || !Array.isArray(value.attributes)) return undefined;
  if (typeof value.type !== "string") return undefined;
  const attributes = value.attributes.map((attribute) =>
    isRecord(attribute) ? `${attribute.key}=${attribute.value}` : String(attribute),
  );
  return sanitize([value.type, ...attributes].join(" "));
}

/** The lines of a value. */
export function lines(value: Json, look: Look = forPeople): string[] {
  const event = eventLine(value);
  if (event !== undefined) return [event];
  const text = inline(value, look);
  if (text !== undefined && !isRecord(value)) return text.split("\n");
  if (Array.isArray(value)) return asTable(value, look) ?? itemLines(value, look);
  if (!isRecord(value)) return [String(value)];
  if (isCoin(value)) return [coinText(value, look)];
  return fieldLines(value, look);
}

/** Items of several lines stand apart. */
function itemLines(list: readonly Json[], look: Look): string[] {
  const items = list.map((item) => lines(item, look));
  const isSpaced = items.some((item) => item.length > 1);
  return items.flatMap((item, index) => (isSpaced && index > 0 ? ["", ...item] : item));
}

function fieldLines(value: JsonRecord, look: Look): string[] {
  const entries = Object.entries(value).map(([name, field]) => [titled(name), field] as const);
  const flat = entries.filter(([, field]) => inline(field, look)?.includes("\n") === false);
  const width = Math.max(0, ...flat.map(([name]) => name.length));
  return entries.flatMap(([name, field]) => {
    const text = inline(field, look);
    if (text !== undefined && !text.includes("\n")) return [`${name.padEnd(width)}  ${text}`];
    return [name, ...indent(lines(field, look))];
  });
}

/** A query's answer: with a single field that alone; what leads to the next page at the end. */
export function answerText(answer: Json, look: Look = forPeople): string {
  if (!isRecord(answer)) return `${lines(answer, look).join("\n")}\n`;
  const { pagination, ...fields } = answer;
  const names = Object.keys(fields);
  const [only] = names;
  const shown = names.length === 1 && only !== undefined ? fields[only] : fields;
  const body = lines(shown, look);
  const notes = isRecord(pagination) ? pageNotes(pagination, look) : [];
  return `${[...body, ...(notes.length === 0 ? [] : ["", ...notes])].join("\n")}\n`;
}

function pageNotes({ next_key: next, total }: JsonRecord, look: Look): string[] {
  const count = typeof total === "string" && total !== "0" ? [`total ${look.number(total)}`] : [];
  return typeof next === "string" && next !== "" ? [...count, `more: --page-key ${next}`] : count;
}
