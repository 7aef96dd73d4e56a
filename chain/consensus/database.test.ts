import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../test/helpers/random.ts";
import { bytesKey, isInUse, numberKey, openDatabase, put } from "./database.ts";

const records = 200;
const keyOf = (i: number) => numberKey("B", BigInt(i));
const contentOf = (i: number) => Buffer.from(`value ${i} `.repeat(1 + (i % 20)));
const everything = { gte: bytesKey("B", Buffer.alloc(0)), lt: bytesKey("C", Buffer.alloc(0)) };

let folder: string;
let healthy: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weir-database-"));
  healthy = join(folder, "healthy");
  const database = await openDatabase(healthy);
  await database.batch(Array.from({ length: records }, (_, i) => put(keyOf(i), contentOf(i))));
  await database.close();
  // At the next opening LevelDB moves what is in its log to a table.
  await (await openDatabase(healthy)).close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the engine's database", () => {
  it("gives back what was written, by key, in order and in steps", async () => {
    const database = await openDatabase(healthy);
    expect(Buffer.from((await database.get(keyOf(7)))!)).toEqual(contentOf(7));
    expect(await database.get(keyOf(records))).toBeUndefined();
    const all = await Array.fromAsync(database.entries(everything));
    expect(all.map(([, value]) => Buffer.from(value))).toEqual(Array.from({ length: records }, (_, i) => contentOf(i)));
    const steps = await Array.fromAsync(database.steps(everything, 30, 1 << 16));
    expect(steps.map(({ length }) => length)).toEqual([30, 30, 30, 30, 30, 30, 20]);
    const last = await Array.fromAsync(database.entries({ ...everything, reverse: true, limit: 1 }));
    expect(last.map(([key]) => Buffer.from(key))).toEqual([keyOf(records - 1)]);
    expect([await isInUse(healthy), await isInUse(join(folder, "none"))]).toEqual([true, false]);
    await database.close();
    expect(await isInUse(healthy)).toBe(false);
  });

  it("gives no other value, whichever bit of its files is flipped", async () => {
    const random = seededRandom(11);
    const tables = readdirSync(healthy).filter((name) => name.endsWith(".ldb"));
    expect(tables.length).toBeGreaterThan(0);
    let refused = 0;
    for (let run = 0; run < 40; run++) {
      const copy = join(folder, `copy-${run}`);
      cpSync(healthy, copy, { recursive: true });
      const path = join(copy, random.pick(tables));
      const bytes = readFileSync(path);
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
      writeFileSync(path, bytes);
      refused += await refusals(copy);
      rmSync(copy, { recursive: true });
    }
    expect(refused).toBeGreaterThan(20);
  });

  it("refuses a record that was put in another's place, and says what to do", async () => {
    const path = join(folder, "moved");
    const database = await openDatabase(path);
    await database.batch([put(keyOf(1), contentOf(1))]);
    await database.close();
    const level = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: "view", valueEncoding: "view" });
    await level.put(keyOf(2), (await level.get(keyOf(1)))!);
    await level.put(keyOf(3), Buffer.of(1));
    await level.close();
    const again = await openDatabase(path);
    for (const i of [2, 3])
      await expect(again.get(keyOf(i))).rejects.toThrow(/wrong checksum.*restore data\/ from a backup/);
    await again.close();
  });
});

/** How many records are refused; none has another value. */
async function refusals(path: string): Promise<number> {
  let count = 0;
  const database = await openDatabase(path).catch(() => undefined);
  if (database === undefined) return 1;
  for (let i = 0; i < records; i++) {
    try {
      const value = await database.get(keyOf(i));
      if (value === undefined) count += 1;
      else expect(Buffer.from(value)).toEqual(contentOf(i));
    } catch (error) {
      expect(String(error)).toContain("is damaged");
      count += 1;
    }
  }
  await database.close();
  return count;
}
