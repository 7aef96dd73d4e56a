/** `weir export records`: the history of accounts, or of a fleet of relays, for whoever keeps books. Owns the words and which records are of a period. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { findAddressBy } from "../fields.ts";
import { addressOfKey, keyFlags } from "../keys.ts";
import { progressOf } from "../progress.ts";
import { operatorOf, relaysOf } from "../records/asking.ts";
import { type Exported, exportRecords } from "../records/exporting.ts";
import { csvOf, dollarsText, jsonOf, ofRelays, type Total, totalsOf } from "../records/files.ts";
import type { LedgerRecord } from "../records/ledger.ts";
import { nodeSource, type RecordsSource } from "../records/source.ts";

/** Of addresses and relays that are named. */
const namedMax = 1_000;

interface Asked {
  readonly watched: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of these relays only; undefined for all that the accounts did. */
  readonly relays: ReadonlySet<string> | undefined;
}

function listed(invocation: Invocation, flag: string): string[] {
  const names = (invocation.flag(flag) ?? "").split(",").filter((name) => name !== "");
  if (names.length > namedMax) throw new UsageError(`--${flag} names ${names.length}; at most ${namedMax}`);
  return names;
}

async function askedOf(invocation: Invocation, source: RecordsSource): Promise<Asked> {
  const find = findAddressBy((name) => addressOfKey(invocation, name));
  const [addresses, fleet] = [listed(invocation, "address"), listed(invocation, "fleet")];
  if ((addresses.length === 0) === (fleet.length === 0)) {
    throw new UsageError("say whose records: --address ADDRESS,… or --fleet OPERATOR|RELAY,…, one of them");
  }
  const watched = new Map<string, ReadonlySet<string>>();
  const relays = new Set<string>();
  for (const name of [...addresses, ...fleet]) {
    const isRelay = /^[0-9]{1,19}$/.test(name);
    if (isRelay && fleet.length === 0)
      throw new UsageError(`--address ${name} is no address; relays are named by --fleet`);
    const account = isRelay ? await operatorOf(source, name) : await find(name);
    const own = watched.get(account) ?? (await relaysOf(source, account));
    watched.set(account, own);
    for (const relay of isRelay ? [name] : own) relays.add(relay);
  }
  return { watched, relays: fleet.length === 0 ? undefined : relays };
}

/** RFC 3339 sorts as text where the zone is UTC. */
function dayOf(invocation: Invocation, flag: string): string | undefined {
  const text = invocation.flag(flag);
  if (text === undefined) return undefined;
  const isDay = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isDay) throw new UsageError(`--${flag} is ${text}; expected a day, as 2026-01-31`);
  return text;
}

/** From the first of these days to before the last of them, in UTC. */
function periodOf(invocation: Invocation): { readonly from: string; readonly before: string } {
  const year = invocation.flag("year");
  const [from, to] = [dayOf(invocation, "from"), dayOf(invocation, "to")];
  if (year === undefined) return { from: from ?? "", before: to === undefined ? "9" : nextDay(to) };
  if (!/^[0-9]{4}$/.test(year)) throw new UsageError(`--year is ${year}; expected four digits`);
  if (from !== undefined || to !== undefined) throw new UsageError("--year goes without --from and --to");
  return { from: year, before: `${Number(year) + 1}` };
}

const dayMillis = 86_400_000;
const nextDay = (day: string): string => new Date(Date.parse(day) + dayMillis).toISOString().slice(0, 10);

function selected(invocation: Invocation, records: readonly LedgerRecord[], { relays }: Asked): LedgerRecord[] {
  const { from, before } = periodOf(invocation);
  const within = records.filter(({ time }) => time >= from && time < before);
  return relays === undefined ? within : ofRelays(within, relays);
}

function sumLine({ kind, relay, denom, count, change, value_usd, gain_usd }: Total): string {
  const of = relay === "" ? kind : `${kind} (relay ${relay})`;
  const gain = gain_usd === "0.000000" ? "" : `, gain $${gain_usd}`;
  return `  ${of}: ${count} records, ${change}${denom}, $${value_usd}${gain}`;
}

function summary(found: Exported, records: readonly LedgerRecord[]): string {
  const { first, last, chainId, compared, findings, isComplete } = found;
  const gain = records.reduce((sum, { gain: one = 0n }) => sum + one, 0n);
  const accounts = [...new Set(records.map(({ account }) => account))];
  const totals = totalsOf(records);
  return [
    `${records.length} records of ${chainId}, from heights ${first} to ${last}.`,
    ...(isComplete ? [] : ["The node has pruned what was before: lots and balances begin with what was there then."]),
    ...accounts.flatMap((account) => [account, ...totals.filter((total) => total.account === account).map(sumLine)]),
    `Gains of what was disposed of: $${dollarsText(gain)}.`,
    findings.length === 0
      ? `${compared} balances at height ${last} were compared with the records, and agree.`
      : findings.join("\n"),
    "",
  ].join("\n");
}

function documentOf(found: Exported, records: readonly LedgerRecord[]): string {
  const { chainId, first, last, isComplete, compared, findings } = found;
  return `${JSON.stringify({
    ...{ chain_id: chainId, first_height: `${first}`, last_height: `${last}`, complete: isComplete },
    ...{ balances_compared: compared, findings, totals: totalsOf(records), records: records.map(jsonOf) },
  })}\n`;
}

export const command: Command = {
  name: "export records",
  positionals: [],
  summary: "Writes the history of accounts, or of relays, as CSV or JSON: for books, and for taxes.",
  description:
    "Rewards, fees, slashes, income of sessions, delegations, sales and all else that changed a balance, a wallet or what is locked, with time, height, transaction, value at\n" +
    "the reference price of the epoch, and lots by FIFO with gains. It is made from the blocks' own events, compared with the node's balances, and refused where they differ.\n" +
    "What was read is kept in the home, so that the next export goes on from there. Amounts are in millionths, dollars with six digits. It is no tax advice.",
  flags: [
    { name: "address", value: "ADDRESS,…", help: "whose: addresses or names of keys" },
    { name: "fleet", value: "OPERATOR|RELAY,…", help: "of relays: all of an operator, or some by number" },
    { name: "year", value: "YYYY", help: "a calendar year, UTC; all without it" },
    { name: "from", value: "YYYY-MM-DD", help: "from this day on, UTC" },
    { name: "to", value: "YYYY-MM-DD", help: "to this day, UTC" },
    { name: "format", value: "csv|json", help: "of the file", default: "csv" },
    { name: "output-document", value: "FILE", help: "write it there, not to stdout" },
    { name: "allow-incomplete", help: "also where the node has pruned blocks" },
    { name: "anew", help: "forget what was read before" },
    ...keyFlags,
  ],
  examples: [
    "weir export records --address alice --year 2026 > alice.csv",
    "weir export records --fleet alice --year 2026 --format json --output-document fleet.json",
    "weir export records --fleet 3,7 --from 2026-01-01 --to 2026-03-31 > quarter.csv",
  ],
  async run(invocation) {
    const format = invocation.flag("format") ?? "csv";
    if (format !== "csv" && format !== "json") throw new UsageError(`--format is ${format}; expected csv or json`);
    periodOf(invocation);
    const source = nodeSource(invocation.flag("node") ?? "");
    const asked = await askedOf(invocation, source);
    const pathOf = (name: string): string => {
      const path = join(invocation.home.folder, "records", `${name.slice(0, 32)}.jsonl`);
      if (invocation.has("anew") && existsSync(path)) rmSync(path);
      return path;
    };
    const found = await exportRecords({
      ...{ source, watched: asked.watched, allowIncomplete: invocation.has("allow-incomplete"), pathOf },
      progress: (total) => progressOf(invocation.say, "reading blocks", total),
    });
    const records = selected(invocation, found.records, asked);
    const text = format === "csv" ? csvOf(records) : documentOf(found, records);
    const path = invocation.flag("output-document");
    if (path !== undefined) writeFileSync(path, text, { mode: 0o600 });
    invocation.say(summary(found, records));
    if (path === undefined) invocation.answer(text, JSON.parse(documentOf(found, records)));
    else invocation.answer(`Wrote ${path}.\n`, { output_document: path, records: records.length });
    return found.findings.length === 0 ? 0 : 1;
  },
};
