/**
 * An account's whole history: scanned, made into records, and compared with what the node says that the account has. Owns what is refused: a history that the node
 * has forgotten a part of, and one that does not add up.
 */
import type { JsonObject } from "../../chain/consensus/json.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { balancesAt, validatorOperators } from "./asking.ts";
import type { CoinsFact, Fact, Watched } from "./facts.ts";
import { Ledger, type LedgerRecord, type LedgerTerms } from "./ledger.ts";
import { firstReference, openingFacts, stableOf, tokenOf } from "./opening.ts";
import { scan } from "./scan.ts";
import type { RecordsSource } from "./source.ts";

export interface ExportTerms {
  readonly source: RecordsSource;
  readonly watched: Watched;
  readonly allowIncomplete: boolean;
  /** Where what was read is kept; by the hash of what it is of. */
  readonly pathOf: (name: string) => string;
  readonly progress: (total: number) => (done: number) => void;
}

export interface Exported {
  readonly chainId: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly isComplete: boolean;
  readonly records: readonly LedgerRecord[];
  readonly ledger: Ledger;
  /** What the records say of a balance, and the node otherwise. */
  readonly findings: readonly string[];
  /** How many balances were compared. */
  readonly compared: number;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const nameOf = (genesis: JsonObject, watched: Watched): string => {
  const of = [...watched].map(([account, relays]) => `${account}:${[...relays].sort().join("+")}`).sort();
  return hex(sha256(Buffer.from(`records 1 ${hex(sha256(Buffer.from(JSON.stringify(genesis))))} ${of.join(",")}`)));
};

function fold(terms: LedgerTerms, facts: Iterable<Fact>) {
  const ledger = new Ledger(terms);
  const records: LedgerRecord[] = [];
  for (const fact of facts) for (const record of ledger.take(fact)) records.push(record);
  return { ledger, records: [...records, ...ledger.end()] };
}

type Balances = ReadonlyMap<string, ReadonlyMap<string, bigint> | undefined>;

/** What must have been there before the first block that is read. */
function openingBefore(ledger: Ledger, balances: Balances, first: bigint): Fact[] {
  return [...balances].flatMap(([account, held]) => {
    const { balances: moved } = ledger.holdingsOf(account);
    const denoms = new Set([...moved.keys(), ...(held?.keys() ?? [])]);
    return [...denoms].flatMap((denom): CoinsFact[] => {
      const amount = (held?.get(denom) ?? 0n) - (moved.get(denom) ?? 0n);
      const place = { height: `${first}`, time: "", tx: "" };
      const told = { account, denom, amount: `${amount}`, kind: "opening", counterparty: "", relay: "", cost: "" };
      return amount === 0n ? [] : [{ of: "coins", ...place, ...told }];
    });
  });
}

function compare(ledger: Ledger, balances: Balances) {
  const findings: string[] = [];
  let compared = 0;
  for (const [account, held] of balances) {
    if (held === undefined) continue;
    const { balances: recorded } = ledger.holdingsOf(account);
    for (const denom of new Set([...recorded.keys(), ...held.keys()])) {
      const [ours, theirs] = [recorded.get(denom) ?? 0n, held.get(denom) ?? 0n];
      compared++;
      if (ours !== theirs) findings.push(`${account} has ${theirs}${denom}, and the records come to ${ours}${denom}`);
    }
  }
  return { findings, compared };
}

export async function exportRecords(terms: ExportTerms): Promise<Exported> {
  const { source, watched, allowIncomplete, pathOf, progress } = terms;
  const [{ earliest, latest: last }, genesis] = await Promise.all([source.range(), source.genesis()]);
  const initial = BigInt(String(genesis.initial_height ?? "1"));
  const isComplete = earliest <= initial;
  if (!isComplete && !allowIncomplete) {
    throw new Error(
      `the node has pruned blocks ${initial} to ${earliest - 1n}, and the history would lack them: ask a node that keeps all blocks, or accept that with --allow-incomplete`,
    );
  }
  const first = isComplete ? initial : earliest;
  const operators = await validatorOperators(source);
  const name = nameOf(genesis, watched);
  const total = Number(last - first) + 1;
  const facts = await scan({ source, watched, first, last, name, path: pathOf(name), progress: progress(total) });
  const balances = new Map<string, ReadonlyMap<string, bigint> | undefined>();
  for (const account of watched.keys()) balances.set(account, await balancesAt(source, account, last));

  const reference = isComplete ? firstReference(genesis) : undefined;
  const rules: LedgerTerms = { denom: tokenOf(genesis), stable: stableOf(genesis), reference, operators };
  const opening = isComplete
    ? openingFacts(genesis, watched)
    : openingBefore(fold(rules, facts).ledger, balances, first);
  const { ledger, records } = fold(rules, [...opening, ...facts]);
  const chainId = String(genesis.chain_id);
  return { chainId, first, last, isComplete, records, ledger, ...compare(ledger, balances) };
}
