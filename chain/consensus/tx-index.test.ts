import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Event, ExecTxResult } from "../../proto/gen/tendermint/abci/types.ts";
import { txHash } from "../crypto/txhash.ts";
import { type Database, openDatabase } from "./database.ts";
import { indexedValueMax } from "./event-index.ts";
import { parseQuery } from "./query.ts";
import { TxIndex } from "./tx-index.ts";

const event = (type: string, attributes: Record<string, string>, index = true): Event => ({
  type,
  attributes: Object.entries(attributes).map(([key, value]) => ({ key, value, index })),
});

const result = (events: Event[]): ExecTxResult => ({
  code: 0,
  data: new Uint8Array(),
  log: "",
  info: "",
  gasWanted: 0n,
  gasUsed: 0n,
  events,
  codespace: "",
});

const tx = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const longValue = "v".repeat(indexedValueMax + 1);

const heights: Readonly<Record<string, readonly (readonly [text: string, events: Event[]])[]>> = {
  1: [["a1", [event("transfer", { from: "alice", to: "bob", amount: "100uweir" })]]],
  2: [
    ["a2", [event("transfer", { from: "alice", to: "carol", amount: "50uweir" })]],
    ["b2", [event("transfer", { from: "bob", to: "carol", amount: "7uweir" }), event("note", { text: "hello world" })]],
  ],
  3: [
    ["c3", [event("transfer", { from: "alice", to: "x" }), event("transfer", { from: "y", to: "bob" })]],
    ["d3", [event("transfer", { from: "ali" }), event("hidden", { key: "value" }, false), event("", { key: "value" })]],
    ["e3", [event("long", { value: longValue, short: "" })]],
  ],
};

describe("the transaction index", () => {
  let folder: string;
  let database: Database;
  let index: TxIndex;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "weir-index-"));
    database = await openDatabase(join(folder, "db"));
    index = new TxIndex(database);
    for (const [height, txs] of Object.entries(heights)) {
      const results = {
        events: [],
        txResults: txs.map(([, events]) => result(events)),
        validatorUpdates: [],
        consensusParamUpdates: undefined,
        appHash: new Uint8Array(),
      };
      const bytes = txs.map(([text]) => tx(text));
      await database.batch(await index.writes(BigInt(height), bytes, results));
    }
  });
  afterAll(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  async function search(query: string, heightMax = 3n): Promise<string[]> {
    const found = await index.search(parseQuery(query), heightMax);
    return Promise.all(found.map(async (position) => Buffer.from((await index.at(position))!.tx).toString()));
  }

  it.each([
    ["transfer.from='alice'", ["a1", "a2", "c3"]],
    ["transfer.from='ali'", ["d3"]],
    ["transfer.to='carol'", ["a2", "b2"]],
    ["transfer.from='alice' AND transfer.to='carol'", ["a2"]],
    ["transfer.from='alice' AND tx.height>1", ["a2", "c3"]],
    ["transfer.from='alice' AND tx.height=2", ["a2"]],
    ["transfer.from='alice' AND tx.height>1 AND tx.height<3", ["a2"]],
    ["tx.height>=2", ["a2", "b2", "c3", "d3", "e3"]],
    ["tx.height<2", ["a1"]],
    ["tx.height=9", []],
    ["tx.height>3 AND tx.height<2", []],
    ["transfer.amount>50", ["a1"]],
    ["transfer.amount>=7 AND transfer.amount<=50", ["a2", "b2"]],
    ["note.text CONTAINS 'o wo'", ["b2"]],
    ["note.text EXISTS", ["b2"]],
    ["transfer.amount EXISTS AND transfer.from='bob'", ["b2"]],
    ["hidden.key='value'", []],
    [".key='value'", []],
    ["long.short=''", ["e3"]],
    [`long.value='${longValue}'`, []],
    ["transfer.from='nobody'", []],
  ])("%s", async (query, expected) => {
    if (query.startsWith(".")) expect(() => parseQuery(query)).toThrow("invalid input .");
    else expect(await search(query)).toEqual(expected);
  });

  it("wants several conditions met by one event, as CometBFT does", async () => {
    expect(await search("transfer.from='alice' AND transfer.to='bob'")).toEqual(["a1"]);
    expect(await search("transfer.from='alice' AND note.text EXISTS")).toEqual([]);
  });

  it("writes what the transactions of a block say alike once, and finds each of them by it, in order", async () => {
    const txs = Array.from({ length: 300 }, (_, i) => tx(`same ${i}`));
    const events = (i: number) => [event("pay", { fee: "2000" }), event("pay", { fee: "2000", who: `w${i % 3}` })];
    const results = {
      events: [],
      txResults: txs.map((_, i) => result(events(i))),
      validatorUpdates: [],
      consensusParamUpdates: undefined,
      appHash: new Uint8Array(),
    };
    const writes = await index.writes(7n, txs, results);
    expect(writes.length).toBe(2 * txs.length + 1 + 3);
    await database.batch(writes);
    expect(await search("pay.fee='2000'", 7n)).toEqual(txs.map((bytes) => Buffer.from(bytes).toString()));
    expect((await search("pay.fee='2000' AND pay.who='w1'", 7n)).slice(0, 2)).toEqual(["same 1", "same 4"]);
    expect(await search("pay.who EXISTS AND tx.height=7", 7n)).toHaveLength(300);
  });

  it("finds by hash, whatever else is asked", async () => {
    const hash = Buffer.from(txHash(tx("b2"))).toString("hex");
    expect(await search(`tx.hash='${hash.toUpperCase()}'`)).toEqual(["b2"]);
    expect(await search(`tx.hash='${"00".repeat(32)}'`)).toEqual([]);
    await expect(search("tx.hash='xyz'")).rejects.toThrow("encoding/hex: invalid byte: U+0078 'x'");
  });

  it("shows nothing above the published height", async () => {
    expect(await search("transfer.from='alice'", 2n)).toEqual(["a1", "a2"]);
    expect(await search("tx.height>0", 1n)).toEqual(["a1"]);
  });
});
