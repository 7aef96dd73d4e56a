/** Records as files: CSV for spreadsheets, JSON for programs. Owns the columns, which stay in their order. */
import { formatDec } from "../../chain/dec.ts";
import type { LedgerRecord } from "./ledger.ts";
import type { Lot } from "./lots.ts";

/** Millionths of a dollar. */
export function dollarsText(millionths: bigint | undefined): string {
  if (millionths === undefined) return "";
  const sign = millionths < 0n ? "-" : "";
  const digits = `${millionths < 0n ? -millionths : millionths}`.padStart(7, "0");
  return `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

const lotText = ({ amount, cost, height }: Lot): string => `${amount}@${height}:${dollarsText(cost)}`;

type Column = readonly [name: string, of: (record: LedgerRecord) => string];

const columns: readonly Column[] = [
  ["time", ({ time }) => time],
  ["height", ({ height }) => height],
  ["tx", ({ tx }) => tx],
  ["account", ({ account }) => account],
  ["kind", ({ kind }) => kind],
  ["relay", ({ relay }) => relay],
  ["denom", ({ denom }) => denom],
  ["balance_change", ({ balanceChange }) => `${balanceChange}`],
  ["wallet_change", ({ walletChange }) => `${walletChange}`],
  ["locked_change", ({ lockedChange }) => `${lockedChange}`],
  ["balance", ({ balance }) => `${balance}`],
  ["counterparty", ({ counterparty }) => counterparty],
  ["epoch", ({ epoch }) => epoch],
  ["reference_usd", ({ reference }) => (reference === undefined ? "" : formatDec(reference))],
  ["value_usd", ({ value }) => dollarsText(value)],
  ["cost_usd", ({ cost }) => dollarsText(cost)],
  ["gain_usd", ({ gain }) => dollarsText(gain)],
  ["lots", ({ lots }) => lots.map(lotText).join(" ")],
  ["note", ({ note }) => note],
];

/** RFC 4180. A field of text that a spreadsheet would take for a formula is quoted by an apostrophe. */
function field(text: string): string {
  const safe = /^[=+@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvOf(records: readonly LedgerRecord[]): string {
  const rows = [columns.map(([name]) => name), ...records.map((record) => columns.map(([, of]) => field(of(record))))];
  return rows.map((row) => `${row.join(",")}\r\n`).join("");
}

/** The same fields; lots one by one. */
export const jsonOf = (record: LedgerRecord): Record<string, unknown> => ({
  ...Object.fromEntries(columns.map(([name, of]) => [name, of(record)])),
  lots: record.lots.map(({ amount, cost, time, height }) => {
    return { amount: `${amount}`, cost_usd: dollarsText(cost), acquired: time, height };
  }),
});

export interface Total {
  readonly account: string;
  readonly kind: string;
  readonly relay: string;
  readonly denom: string;
  readonly count: string;
  readonly change: string;
  readonly value_usd: string;
  readonly gain_usd: string;
}

/** By account, kind, relay and coin, in the order in which each was first seen. */
export function totalsOf(records: readonly LedgerRecord[]): Total[] {
  const sums = new Map<string, { of: LedgerRecord; count: bigint; change: bigint; value: bigint; gain: bigint }>();
  for (const record of records) {
    const { account, kind, relay, denom, balanceChange, walletChange, lockedChange, value = 0n, gain = 0n } = record;
    const key = JSON.stringify([account, kind, relay, denom]);
    const sum = sums.get(key) ?? { of: record, count: 0n, change: 0n, value: 0n, gain: 0n };
    sum.count++;
    sum.change += balanceChange !== 0n ? balanceChange : walletChange !== 0n ? walletChange : lockedChange;
    sum.value += value;
    sum.gain += gain;
    sums.set(key, sum);
  }
  return [...sums.values()].map(({ of: { account, kind, relay, denom }, count, change, value, gain }) => {
    const numbers = {
      count: `${count}`,
      change: `${change}`,
      value_usd: dollarsText(value),
      gain_usd: dollarsText(gain),
    };
    return { account, kind, relay, denom, ...numbers };
  });
}

/** A slash tells its relay in words. */
const relayOf = ({ relay, note }: LedgerRecord): string => relay || (/^relay ([0-9]+)\b/.exec(note)?.[1] ?? "");

/** What these relays were the reason of, of all that their operators did. */
export const ofRelays = (records: readonly LedgerRecord[], relays: ReadonlySet<string>): LedgerRecord[] =>
  records.filter((record) => relays.has(relayOf(record)));
