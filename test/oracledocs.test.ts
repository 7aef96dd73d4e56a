/** What docs/oracle.md and its unit say of settings, metrics and places is what the program has; its figures and commands are relaydocs.test.ts's. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Registry } from "../chain/server/metrictext.ts";
import { main } from "../cli/main.ts";
import { defaultsOf, settingsText } from "../node/daemon/settings.ts";
import { addOracleMetrics } from "../node/oracle/metrics.ts";
import { type OracleSettings, oracleSchema, rulesOf } from "../node/oracle/settings.ts";
import { initialState } from "../node/oracle/step.ts";

const docs = join(import.meta.dirname, "..", "docs");
const page = readFileSync(join(docs, "oracle.md"), "utf8");
const unit = readFileSync(join(docs, "units", "weir-oracle.service"), "utf8");
const settings = defaultsOf(oracleSchema) as OracleSettings;
const file = settingsText(oracleSchema, settings, "");

describe("docs/oracle.md", () => {
  it("names settings that oracle.toml has, with their defaults", () => {
    const rows = page.slice(page.indexOf("| what to put there | setting |")).split("\n\n")[0]!;
    const named = [...rows.matchAll(/\| `([a-z_]+)` \|$/gm)].map(([, name]) => name!);
    expect(named).toEqual(["urls", "codes_file", "deposit", "price_max"]);
    const covert = file.slice(file.indexOf("[covert]"));
    for (const name of named) expect(covert).toMatch(new RegExp(`^${name} = `, "m"));
    expect(page).toContain(`more than ${settings.clockSkewMax / 1000} s from the chain's`);
    expect(page).toContain(`${settings.monitor.host}:${settings.monitor.port}`);
  });

  it("names metrics that the daemon has", () => {
    const registry = new Registry();
    const state = initialState(rulesOf(settings), { epochs: [], readings: [] }, 0);
    addOracleMetrics(registry, () => state);
    const own = [...page.matchAll(/`(weir_oracle_[a-z_]+)`/g)].map(([, name]) => name!);
    expect(own.length).toBeGreaterThan(5);
    for (const name of own) expect(registry.text(), name).toContain(`# TYPE ${name} `);
  });
});

describe("node/oracle", () => {
  it("listens nowhere, so that an oracle works behind any router", () => {
    const folder = join(import.meta.dirname, "..", "node", "oracle");
    const sources = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
    expect(sources.length).toBeGreaterThan(10);
    for (const name of sources)
      expect(readFileSync(join(folder, name), "utf8"), name).not.toMatch(/\.listen\(|createServer/);
  });
});

describe("docs/units/weir-oracle.service", () => {
  it("calls commands that there are, with flags that they have", async () => {
    const lines = [...unit.matchAll(/\bweir (oracle [a-z]+)([^\n]*)/g)];
    expect(lines.map(([, words]) => words)).toEqual(["oracle init", "oracle register", "oracle start"]);
    for (const [, words, rest] of lines) {
      let out = "";
      const write = (text: string) => {
        out += text;
      };
      expect(await main([...words!.split(" "), "--help"], { environment: {}, out: write, err: write })).toBe(0);
      for (const [flag] of rest!.matchAll(/--[a-z-]+/g)) expect(out, `${words} ${flag}`).toContain(flag);
    }
  });

  it("hands the passphrase over as the program looks for it", () => {
    expect(unit).toMatch(/^LoadCredentialEncrypted=weir-passphrase:/m);
  });
});
