/** Damage and faults met by the whole store: what is on disk is changed, or the disk fails, and nothing may pass in silence. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MultiStore } from "../chain/store/multistore.ts";
import { StoreCorrupt } from "../chain/store/storeerrors.ts";
import { runFaults } from "./helpers/faultruns.ts";
import { scratchFolder } from "./helpers/scratch.ts";
import { difference, heightsOf, StateModel } from "./helpers/statemodel.ts";
import { blockChanges, hex, keyOf, seeded, smallStore } from "./helpers/storeblocks.ts";

const seed = 3;
const heights = 23;
const keys = Array.from({ length: 4 }, (_, i) => keyOf(i * 17));
/** Read in every examination, when they are retained: from history, from memory. */
const readHeights = [1, 11, 18, 21];
let root: string;
let healthy: string;
const model = new StateModel();

beforeAll(async () => {
  root = scratchFolder("damage");
  healthy = join(root, "healthy");
  const store = await MultiStore.open(smallStore(healthy));
  while (store.height < heights) {
    const changes = blockChanges(seed, store.height + 1);
    model.apply(changes, store.apply(store.height + 1, changes));
    store.commit();
    if (store.height % 5 === 0) await store.idle();
  }
  await store.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let copies = 0;
function copy(): string {
  const directory = join(root, `copy-${copies++}`);
  cpSync(healthy, directory, { recursive: true });
  return directory;
}

function flip(path: string, random: () => number): void {
  const bytes = readFileSync(path);
  const bit = random() % (bytes.length * 8);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  writeFileSync(path, bytes);
}

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size > 0)
    .sort();

interface Found {
  readonly height: number;
  readonly oldest: number;
  readonly reports: readonly string[];
  /** Heights whose reading was refused. */
  readonly refused: number;
}

/** Opens and reads; throws when anything that is answered is not what it should be. */
async function examine(directory: string): Promise<Found> {
  const reports: string[] = [];
  const store = await MultiStore.open(smallStore(directory, { log: (line) => void reports.push(line) }));
  let refused = 0;
  try {
    if (hex(store.appHash) !== model.root(store.height)) throw new Error(`a wrong root at ${store.height}`);
    for (const height of heightsOf(store).filter((each) => readHeights.includes(each))) {
      const wrong = await answered(store, height);
      if (wrong === "refused") refused++;
      else if (wrong !== undefined) throw new Error(`a wrong answer: ${wrong}`);
    }
    return { height: store.height, oldest: store.oldestHeight, reports, refused };
  } finally {
    await store.close();
  }
}

async function answered(store: MultiStore, height: number): Promise<string | undefined> {
  try {
    return difference(model, await store.at(height), height, keys);
  } catch (error) {
    if (error instanceof StoreCorrupt) return "refused";
    throw error;
  }
}

describe("a damaged checkpoint", () => {
  const checkpoints = (directory: string): string[] => readdirSync(join(directory, "checkpoints")).sort();

  it("is passed over for an older one, said so and removed, whichever bit of it is flipped", async () => {
    const random = seeded(1);
    for (let round = 0; round < 4; round++) {
      const directory = copy();
      const newest = join(directory, "checkpoints", checkpoints(directory).at(-1)!);
      const files = filesBelow(newest);
      flip(files[random() % files.length]!, random);
      const { height, reports } = await examine(directory);
      expect(height).toBe(heights);
      expect(reports[0]).toMatch(/checkpoint of height 20 is damaged .* trying an older one/);
      expect(existsSync(newest)).toBe(false);
    }
  });

  it("refuses to open when no other is left, and says what to do", async () => {
    const directory = copy();
    for (const name of checkpoints(directory))
      writeFileSync(join(directory, "checkpoints", name, "manifest"), "nonsense");
    writeFileSync(join(directory, "log", readdirSync(join(directory, "log")).sort()[0]!), "");
    rmSync(join(directory, "log", readdirSync(join(directory, "log")).sort()[0]!));
    await expect(MultiStore.open(smallStore(directory))).rejects.toThrow(/no whole checkpoint.*state-sync/);
  });
});

describe("a damaged history", () => {
  it("never gives a wrong value: a flipped bit is refused, made good at the start, or harmless", async () => {
    const random = seeded(2);
    const outcomes = { refused: 0, remade: 0, harmless: 0 };
    for (let round = 0; round < 8; round++) {
      const directory = copy();
      const files = filesBelow(join(directory, "history")).filter((path) => !path.endsWith("LOG"));
      flip(files[random() % files.length]!, random);
      const { height, reports, refused } = await examine(directory);
      expect(height).toBe(heights);
      if (refused > 0) outcomes.refused++;
      else if (reports.length > 0) outcomes.remade++;
      else outcomes.harmless++;
    }
    expect(outcomes.refused + outcomes.remade).toBeGreaterThan(0);
  });

  it("that is gone is begun anew from the newest checkpoint and the log", async () => {
    const directory = copy();
    rmSync(join(directory, "history"), { recursive: true });
    const { height, oldest, reports } = await examine(directory);
    expect([height, oldest]).toEqual([heights, 20]);
    expect(reports).toEqual([expect.stringMatching(/history begins at height 20: older heights cannot be read/)]);
  });
});

describe("a damaged log", () => {
  it("opens at a right root or refuses, whichever bit is flipped", async () => {
    const random = seeded(4);
    for (let round = 0; round < 6; round++) {
      const directory = copy();
      const files = filesBelow(join(directory, "log"));
      flip(files[random() % files.length]!, random);
      const found = await examine(directory).catch((error: unknown) => error);
      if (found instanceof StoreCorrupt) expect(found.message).toMatch(/state-sync/);
      else expect(found).toMatchObject({ height: expect.toSatisfy((height: number) => height >= 20) });
    }
  });

  it("whose record does not lead to its root refuses to open", async () => {
    const directory = copy();
    const log = join(directory, "log", readdirSync(join(directory, "log")).sort().at(-1)!);
    const { RecordEncoder } = await import("../chain/store/record.ts");
    const { encodeHeader } = await import("../chain/store/logsegment.ts");
    const record = new RecordEncoder().encode({ height: 21, appHash: new Uint8Array(32), changes: new Map() });
    writeFileSync(log, Buffer.concat([encodeHeader(21, 20), record]));
    await expect(MultiStore.open(smallStore(directory))).rejects.toThrow(
      /height 21 gives the app hash .* and the log says 0000/,
    );
  });
});

describe("a fault of the disk", () => {
  it("at any call, in any thread, stops the store clearly, loses nothing acknowledged, and it goes on afterwards", async () => {
    const { calls, failures } = await runFaults(root, seed, (all) => {
      const random = seeded(7);
      return Array.from({ length: 9 }, () => 1 + (random() % all));
    });
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(40);
  });
});
