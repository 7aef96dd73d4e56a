import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeHome } from "./commands/init.ts";
import { readAppConfig } from "./config.ts";
import { chooseEngine } from "./enginechoice.ts";
import { type Home, homeAt } from "./home.ts";

let home: Home;
beforeEach(() => {
  home = homeAt(mkdtempSync(join(tmpdir(), "weir-engine-choice-")));
  writeHome(home, { moniker: "test", chainId: "weir-choice-1", accounts: [] });
});
afterEach(() => rmSync(home.folder, { recursive: true }));

const recorded = () => readAppConfig(home).engine;

describe("the choice of an engine", () => {
  it("is written down, and holds for the starts that say nothing", () => {
    expect(chooseEngine(home, "comet", recorded())).toBe("comet");
    expect([recorded(), chooseEngine(home, undefined, recorded())]).toEqual(["comet", "comet"]);
    expect(chooseEngine(home, "none", recorded())).toBe("none");
    expect(readFileSync(home.appToml, "utf8")).toContain("# The application: what this node does with the chain.");
  });

  it("never turns to the local engine by a flag: that would sign a chain of its own with the network's key", () => {
    chooseEngine(home, "comet", recorded());
    expect(() => chooseEngine(home, "local", recorded())).toThrow(/key belongs to a network.*write engine = "local"/);
    expect(recorded()).toBe("comet");
  });

  it("leaves data to the engine that made it, and says how to change over", () => {
    mkdirSync(join(home.data, "blockstore.db"));
    expect(() => chooseEngine(home, undefined, "local")).toThrow(/is CometBFT's: the local engine would fork/);
    rmSync(join(home.data, "blockstore.db"), { recursive: true });
    mkdirSync(home.engineData);
    expect(() => chooseEngine(home, "comet", "local")).toThrow(/is the local engine's.*unsafe-reset-all.*weir export/);
    expect(() => chooseEngine(home, "none", "local")).toThrow(/is the local engine's/);
    expect(recorded()).toBe("local");
  });
});
