import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { weirCommands } from "./commandtable.ts";
import { completionScript, placesOf, shells } from "./completion.ts";

const entries = await weirCommands.entries();
const bash = await completionScript("bash", entries);

/** What bash offers behind these words. */
function offered(...words: string[]): string[] {
  const list = words.map((word) => `"${word}"`).join(" ");
  const asking = `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _weir; printf '%s\\n' "\${COMPREPLY[@]}"`;
  // By its input: a single argument has a bound of 128 kB.
  return execFileSync("bash", ["-u"], { encoding: "utf8", input: `${bash}\n${asking}\n` })
    .trim()
    .split("\n");
}

describe("completion", () => {
  it("offers commands, groups and flags in bash", () => {
    expect(offered("weir", "qu")).toEqual(["query"]);
    expect(offered("weir", "query", "bank", "balance")).toEqual(["balance", "balances"]);
    expect(offered("weir", "q", "auth", "acc")).toEqual(["accounts", "account", "account-info"]);
    expect(offered("weir", "--home", "/tmp", "tx", "bank", "se")).toEqual(["send", "set-send-enabled"]);
    expect(offered("weir", "tx", "bank", "send", "alice", "--gas")).toEqual([
      "--gas",
      "--gas-adjustment",
      "--gas-prices",
    ]);
    expect(offered("weir", "query", "--no")).toEqual(["--node", "--no-color"]);
  });

  it("knows every command in every shell", async () => {
    const places = await placesOf(entries);
    expect(places.length).toBeGreaterThan(50);
    for (const shell of shells) {
      const script = await completionScript(shell, entries);
      for (const { at, flags } of places) {
        expect(script, shell).toContain(`"${at}"`);
        expect(flags).toContain("--help");
      }
    }
  });

  it("holds no character that a shell would read as its own", async () => {
    for (const { at, words, flags } of await placesOf(entries)) {
      for (const text of [...at.split(" "), ...words, ...flags]) expect(text).toMatch(/^[a-z0-9._-]+$/);
    }
  });
});
