import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockIndex } from "./block-index.ts";
import { type Database, openDatabase } from "./database.ts";
import { parseQuery } from "./query.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-block-index-"));
let database: Database;
let index: BlockIndex;
beforeAll(async () => {
  database = await openDatabase(folder);
  index = new BlockIndex(database);
  for (let height = 1; height <= 12; height++) {
    const attribute = (key: string, value: string) => ({ key, value, index: key !== "hidden" });
    const event = (foo: string, bar: string) => ({
      type: "begin",
      attributes: [attribute("foo", foo), attribute("bar", bar), attribute("hidden", "1")],
    });
    const events = [event(String(height * 10), "odd"), event("7", height % 2 === 0 ? "even" : "odd")];
    const results = {
      events,
      txResults: [],
      validatorUpdates: [],
      consensusParamUpdates: undefined,
      appHash: new Uint8Array(),
    };
    await database.batch(index.writes(BigInt(height), results));
  }
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

describe("a search among blocks", () => {
  it.each<[string, number[]]>([
    ["block.height = 5", [5]],
    ["block.height > 10", [11, 12]],
    ["block.height < 4 AND block.height >= 2", [2, 3]],
    ["begin.foo = '40'", [4]],
    ["begin.foo >= 110", [11, 12]],
    ["begin.foo = 7 AND begin.bar = 'even' AND block.height > 7", [8, 10, 12]],
    ["begin.foo = '40' AND begin.bar = 'even'", []],
    ["begin.bar CONTAINS 'ev' AND block.height <= 2", [2]],
    ["begin.bar EXISTS AND block.height = 9", [9]],
    ["begin.hidden = '1'", []],
    ["block.height EXISTS AND block.height < 3", [2]],
    ["block.height = 13", []],
  ])("%s", async (query, heights) => {
    expect((await index.search(parseQuery(query), 2n, 12n)).map(Number)).toEqual(heights);
  });
});
