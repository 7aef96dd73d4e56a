/** Worked numbers of a document: its tables by the words of their heads, and the amounts in their cells. */

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const cellsOf = (line: string): string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

export function tablesOf(text: string): Table[] {
  const blocks = text.matchAll(/(?:^\|.*\|\n)+/gm);
  return [...blocks].map(([block]) => {
    const [head, , ...rows] = block.trimEnd().split("\n").map(cellsOf);
    return { head: head!, rows };
  });
}

/** The one whose head begins with these words. */
export function rowsUnder(text: string, ...head: readonly string[]): readonly (readonly string[])[] {
  const found = tablesOf(text).filter((table) => head.every((word, index) => table.head[index] === word));
  if (found.length !== 1) throw new Error(`${found.length} tables begin with ${head.join(", ")}`);
  return found[0]!.rows;
}

const units: Readonly<Record<string, bigint>> = {
  "": 1n,
  WEIR: 10n ** 6n,
  "Mbit/s": 10n ** 6n,
  "Gbit/s": 10n ** 9n,
  MB: 10n ** 6n,
  GB: 10n ** 9n,
  "%": 10n ** 16n,
};

/** "1,366.6536 WEIR" in uweir, "20 Mbit/s" in bit/s, "27.5 %" in 10^-18; a number alone in ones. */
export function amountIn(cell: string): bigint {
  const match = /^([\d,]+)(?:\.(\d+))? ?(.*)$/.exec(cell);
  const unit = units[match?.[3] ?? "?"];
  if (match === null || unit === undefined) throw new Error(`"${cell}" is no amount`);
  const [, whole, decimals = ""] = match;
  const scaled = BigInt(whole!.replaceAll(",", "") + decimals) * unit;
  const scale = 10n ** BigInt(decimals.length);
  if (scaled % scale !== 0n) throw new Error(`"${cell}" has more decimals than its unit`);
  return scaled / scale;
}

/** A share as `digits` decimals of a percent, rounded down; without zeros at the end. */
export function percent(share: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const value = (share * 100n * scale) / 10n ** 18n;
  return `${decimal(value, digits)} %`;
}

/** `value` in 10^-digits. */
export function decimal(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, "0");
  const [whole, decimals] = [text.slice(0, text.length - digits), text.slice(text.length - digits)];
  const kept = decimals.replace(/0+$/, "");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return kept === "" ? grouped : `${grouped}.${kept}`;
}

export const inWeir = (amount: bigint): string => `${decimal(amount, 6)} WEIR`;
