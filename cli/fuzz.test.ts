/** Lines that nobody would type: each is answered or refused, none is a defect. A seeded slice; `npm run campaign -- fuzz` has long runs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { globalFlags } from "./arguments.ts";
import { type Entries, isGroup } from "./command.ts";
import { weirCommands } from "./commandtable.ts";
import { devnetAccounts } from "./devnet-accounts.ts";
import type { Prompts } from "./keyring/prompt.ts";
import { main } from "./main.ts";

/** They run until they are stopped, or look at the machine around them. */
const notHere = new Set(["start", "devnet", "doctor"]);

interface Known {
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

/** Flags that name files and places, which no chance may choose. */
const places = /document|file|source|home|dir$|node/;

async function commandsOf(entries: Entries, words: readonly string[] = []): Promise<Known[]> {
  const known: Known[] = [];
  for (const [word, entry] of Object.entries(entries)) {
    if (notHere.has(word)) continue;
    if (isGroup(entry)) {
      known.push(...(await commandsOf(await entry.entries(), [...words, word])));
      continue;
    }
    const { flags } = (await entry.load()).command;
    const names = [...flags, ...globalFlags].map(({ name }) => name).filter((name) => !places.test(name));
    known.push({ words: [...words, word], flags: names.map((name) => `--${name}`) });
  }
  return known;
}

const commands = await commandsOf(await weirCommands.entries());
const silent: Prompts = {
  isTerminal: false,
  line: async () => undefined,
  secret: async () => undefined,
  newSecret: async () => undefined,
  confirm: async () => false,
};

describe("any line", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-fuzz-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("0", "-1", "1uweir", "alice", "test", "json", "{}", "[]", '{"a":{}}', "auto", "-", "--", ""),
    fc.constantFrom(...devnetAccounts.map(({ address }) => address)),
    fc.bigInt().map(String),
  );
  const line = fc.constantFrom(...commands).chain(({ words, flags }) => {
    const flag = fc.tuple(fc.constantFrom(...flags), value).map(([name, text]) => `${name}=${text}`);
    return fc.array(fc.oneof(value, flag), { maxLength: 7 }).map((more) => [...words, ...more]);
  });

  it("is answered or refused in words", async () => {
    const reading = (argv: readonly string[]) => argv.some((text) => text === "-" || text.startsWith("@"));
    const codes = new Set<number>();
    await fc.assert(
      fc.asyncProperty(
        line.filter((argv) => !reading(argv)),
        async (argv) => {
          let said = "";
          const say = (text: string) => {
            said += text;
          };
          const environment = {
            WEIR_HOME: join(folder, "home"),
            WEIR_NODE: "http://127.0.0.1:1",
            WEIR_KEYRING_BACKEND: "test",
          };
          const code = await main(argv, { environment, out: say, err: say, prompts: silent });
          codes.add(code);
          expect([0, 1, 2, 130], said).toContain(code);
          expect(said).not.toMatch(/Cannot read|is not a function|is not iterable|undefined|\[object|Maximum call/);
          expect(said.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 1_500, seed: 20_260_101 },
    );
    expect([...codes].sort()).toEqual([0, 1, 2]);
  });
});
