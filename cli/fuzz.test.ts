/** Lines that nobody would type: each is answered or refused, none is a defect. A seeded slice; `npm run campaign -- fuzzcli` has long runs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { knownCommands, lineOf, makeHome, makePlaces, problemWith } from "../test/helpers/clifuzz.ts";
import { seededRandom } from "../test/helpers/random.ts";

const linesOfEach = 20;

describe("any line", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-fuzz-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is answered or refused in words, whichever command it is for", async () => {
    const commands = await knownCommands();
    expect(commands.map(({ words }) => words.join(" "))).toEqual(
      expect.arrayContaining(["init", "tx sign", "tx bank send", "keys import-hex", "snapshots restore", "query tx"]),
    );
    const random = seededRandom(20_260_101);
    const paths = makePlaces(folder);
    await makeHome(join(folder, "home"));
    for (const command of commands) {
      for (let i = 0; i < linesOfEach; i++) {
        const argv = lineOf(command, random, paths);
        expect(await problemWith(argv, join(folder, "home"))).toBeUndefined();
      }
    }
  });
});
