import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { blockResultsJson } from "../../chain/server/rpc-json.ts";
import { delegationWorth } from "../../modules/attestation/bonds.ts";
import { delegationsByDelegator, relays } from "../../modules/attestation/state.ts";
import { balances as bankBalances } from "../../modules/bank/state.ts";
import { wallets } from "../../modules/market/state.ts";
import { type Recorder, recordedSource, recorder } from "../../test/helpers/recordedchain.ts";
import { denom, type TestApplication } from "../../test/helpers/testapplication.ts";
import { simulatedAppState } from "../../test/simulation/genesis.ts";
import { simulate } from "../../test/simulation/simulate.ts";
import { queryContext } from "../../test/simulation/world.ts";
import { operatorOf, relaysOf } from "./asking.ts";
import { readBlockResults } from "./blockevents.ts";
import { type Exported, exportRecords } from "./exporting.ts";
import { type Fact, factsOf } from "./facts.ts";
import { csvOf, ofRelays, totalsOf } from "./files.ts";
import { effects } from "./kinds.ts";
import { movementsOf, unknownSide } from "./movements.ts";

/** Of a chain with relays, sessions, auctions, redemptions, slashes, votes and grants, and of every account that it has ever seen. */
describe("records of a busy chain", () => {
  const seed = 4;
  const blockCount = 120;
  let folder: string;
  let chain: TestApplication;
  let recorded: Recorder;
  let appState: Record<string, unknown>;
  let everyone: ReadonlyMap<string, ReadonlySet<string>>;
  let exported: Exported;

  const source = (earliest = 1n) => recordedSource(chain, recorded, appState, earliest);
  const terms = (name: string, earliest = 1n) => ({
    ...{ source: source(earliest), watched: everyone, allowIncomplete: false, progress: () => () => undefined },
    pathOf: () => join(folder, name),
  });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "weir-records-"));
    recorded = recorder();
    appState = simulatedAppState(seed);
    ({ chain } = await simulate(seed, blockCount, { checkInvariants: false, onSealed: recorded.onSealed }));
    const addresses = new Set<string>();
    for (const [[address]] of bankBalances.iterate(queryContext(chain))) addresses.add(accountAddress.encode(address));
    everyone = new Map([...addresses].map((address) => [address, new Set<string>()]));
    exported = await exportRecords(terms("whole.jsonl"));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has two sides to every movement of coins, in every block", () => {
    let count = 0;
    for (const [height, { answer }] of recorded.blocks) {
      const told = readBlockResults(JSON.parse(JSON.stringify(blockResultsJson(height, answer))));
      for (const { from, to } of movementsOf(told)) {
        expect([from, to]).not.toContain(unknownSide);
        count++;
      }
    }
    expect(count).toBeGreaterThan(1_000);
  });

  it("comes to every balance of every account that bank has, modules' too", () => {
    expect(exported).toMatchObject({ isComplete: true, findings: [] });
    expect(exported.compared).toBeGreaterThan(30);
    const ctx = queryContext(chain);
    for (const [[address, coin], amount] of bankBalances.iterate(ctx)) {
      expect(exported.ledger.holdingsOf(accountAddress.encode(address)).balances.get(coin)).toBe(amount);
    }
  });

  it("knows what every change of a user's balance was for", () => {
    const users = new Set(chain.accounts.map(({ address }) => address));
    const kinds = new Set(exported.records.filter(({ account }) => users.has(account)).map(({ kind }) => kind));
    const beside = ["wallet top-up by another", "traffic prepaid", "traffic refunded", "sold in the auction"];
    const known = new Set([...Object.keys(effects), ...beside, "redeemed", "slash", "deposit burned"]);
    expect(kinds).toContain("deposit burned");
    expect([...kinds].filter((kind) => !known.has(kind))).toEqual([]);
    for (const kind of ["fee", "sent", "received", "bond", "delegation", "staking reward", "relay reward"]) {
      expect(kinds, kind).toContain(kind);
    }
    for (const kind of ["session income", "offer", "sold in the auction", "redeemed", "slash", "traffic prepaid"]) {
      expect(kinds, kind).toContain(kind);
    }
  });

  it("comes to every wallet of the market", () => {
    const ctx = queryContext(chain);
    const found = new Map<string, bigint>();
    for (const [[owner, coin], amount] of wallets.iterate(ctx))
      found.set(`${accountAddress.encode(owner)}${coin}`, amount);
    for (const { address: account } of chain.accounts) {
      for (const [coin, amount] of exported.ledger.holdingsOf(account).wallets) {
        expect(found.get(`${account}${coin}`) ?? 0n, account).toBe(amount);
      }
    }
    expect(found.size).toBeGreaterThan(5);
  });

  it("keeps lots for exactly what an account holds, in its balance, its wallet and under locks", () => {
    for (const { address } of chain.accounts) {
      const { balances, wallets: inWallet, locked, lots } = exported.ledger.holdingsOf(address);
      const held = (balances.get(denom) ?? 0n) + (inWallet.get(denom) ?? 0n) + (locked.get(denom) ?? 0n);
      expect(lots.get(denom)!.amount).toBe(held);
    }
  });

  it("reckons slashed bonds to what they are worth, but for roundings", () => {
    const ctx = queryContext(chain);
    let compared = 0;
    for (const { address } of chain.accounts) {
      const bytes = accountAddress.decode(address);
      const { stakes } = exported.ledger.holdingsOf(address);
      for (const [, subject] of delegationsByDelegator.keys(ctx, { leading: [bytes] })) {
        const worth = delegationWorth(ctx, subject, bytes);
        const reckoned = stakes.heldIn(`${subject.kind === 1 ? "relay" : "oracle"} ${subject.id}`);
        const difference = worth > reckoned ? worth - reckoned : reckoned - worth;
        expect(difference, `${address} in ${subject.id}`).toBeLessThanOrEqual(20n);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(5);
  });

  it("goes on where it was cut off, and reads no block twice", async () => {
    const path = join(folder, "cut.jsonl");
    await exportRecords(terms("cut.jsonl"));
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, whole.slice(0, whole.indexOf('{"scanned":"64"}') + 20));
    const again = terms("cut.jsonl");
    const { records } = await exportRecords(again);
    expect(csvOf(records)).toBe(csvOf(exported.records));
    expect(again.source.asked.map(Number).sort((a, b) => a - b)[0]).toBe(65);
    expect(factLines(readFileSync(path, "utf8"))).toEqual(factLines(whole));
  });

  it("refuses a history of which the node has pruned a part, and says how balances began where that is accepted", async () => {
    await expect(exportRecords(terms("pruned.jsonl", 40n))).rejects.toThrow(
      "the node has pruned blocks 1 to 39, and the history would lack them: ask a node that keeps all blocks",
    );
    const { isComplete, findings, records } = await exportRecords({
      ...terms("pruned.jsonl", 40n),
      allowIncomplete: true,
    });
    expect({ isComplete, findings }).toEqual({ isComplete: false, findings: [] });
    expect(records.some(({ kind }) => kind === "opening")).toBe(true);
  });

  it("finds what does not add up", async () => {
    const broken = terms("broken.jsonl");
    const results = broken.source.results.bind(broken.source);
    broken.source.results = async (height) => {
      const text = JSON.stringify(await results(height));
      return JSON.parse(height < 20n ? text : text.replaceAll('"coin_received"', '"coin_lost"'));
    };
    const { findings } = await exportRecords(broken);
    expect(findings[0]).toMatch(/^weir1\w+ has \d+u\w+, and the records come to -?\d+u\w+$/);
  });

  it("finds a fleet's operators, and tells apart what each relay earned, bonded and lost", async () => {
    const [first] = [...relays.iterate(queryContext(chain))];
    const [id, { operator }] = first!;
    expect(await operatorOf(source(), `${id}`)).toBe(operator);
    await expect(operatorOf(source(), "999999")).rejects.toThrow("--fleet 999999: the node knows no such relay");
    const own = await relaysOf(source(), operator);
    expect(own).toContain(`${id}`);
    const watched = new Map([[operator, own]]);
    const { records } = await exportRecords({ ...terms("fleet.jsonl"), watched });
    const ofOne = ofRelays(records, new Set([`${id}`]));
    const kinds = new Set(ofOne.map(({ kind }) => kind));
    expect(kinds).toContain("bond");
    expect(kinds).not.toContain("fee");
    expect(ofOne.length).toBeLessThan(records.length);
  });

  it("values each at the reference price of its epoch, and sums it up by kind", () => {
    const priced = exported.records.filter((record) => record.denom === denom && record.epoch !== "");
    expect(priced.length).toBeGreaterThan(100);
    for (const { value, reference, balanceChange, walletChange, kind } of priced) {
      if (balanceChange === 0n || walletChange !== 0n || kind === "purchase") continue;
      const amount = balanceChange < 0n ? -balanceChange : balanceChange;
      expect(value).toBe((amount * reference!) / 10n ** 18n);
    }
    const fees = totalsOf(exported.records).filter(({ kind, denom: coin }) => kind === "fee" && coin === denom);
    expect(fees.length).toBeGreaterThan(3);
  });
});

const factLines = (text: string): string[] => text.split("\n").filter((line) => !line.startsWith('{"scanned"'));

describe("facts", () => {
  const event = (type: string, attributes: Record<string, string>, txIndex?: number) => ({
    ...{ type, attributes, txIndex, isAnte: false },
  });

  it("share what an operator is paid at once among the relays that it operates", () => {
    const [escrow, operator] = [accountAddress.encode(moduleAddress("market_escrow")), "operator"];
    const events = [
      event("message", { action: "/weir.market.v1.MsgSettle" }, 0),
      event("payment_split", { relay: "3", direct: "70" }, 0),
      event("payment_split", { relay: "4", direct: "5" }, 0),
      event("payment_split", { relay: "5", direct: "30" }, 0),
      event("coin_spent", { spender: escrow, amount: "100uusdc" }, 0),
      event("coin_received", { receiver: operator, amount: "100uusdc" }, 0),
      event("transfer", { recipient: operator, sender: escrow, amount: "100uusdc" }, 0),
    ];
    const watched = new Map([[operator, new Set(["3", "5"])]]);
    const facts = factsOf({ height: 9n, events }, watched) as Extract<Fact, { of: "coins" }>[];
    expect(facts.map(({ relay, amount, kind }) => [relay, amount, kind])).toEqual([
      ["3", "70", "session income"],
      ["5", "30", "session income"],
    ]);
  });
});
