import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { asObject } from "../chain/consensus/json.ts";
import { newGenesis } from "./genesis.ts";
import { mergeAppState, merged } from "./genesismerge.ts";

const fresh = newGenesis({
  chainId: "weir-merge-1",
  moniker: "m",
  validatorKey: new Uint8Array(32).fill(3),
  accounts: [],
});
const moduleOf = (document: typeof fresh, name: string) =>
  asObject(asObject(document.appState, "app_state")[name], name) as Record<string, Record<string, unknown>>;

describe("a part of an app_state", () => {
  it("takes the place of the fields that it names, lists as a whole", () => {
    const whole = { a: { b: 1, c: [1, 2], d: { e: 1 } }, f: 2 };
    expect(merged(whole, { a: { c: [3], d: { g: 4 } } })).toEqual({ a: { b: 1, c: [3], d: { e: 1, g: 4 } }, f: 2 });
    expect(merged([1], { a: 1 })).toEqual({ a: 1 });
    expect(merged(whole, null)).toBeNull();
  });

  it("goes into a genesis, beside what stands there", () => {
    const document = mergeAppState(fresh, { app_state: { compliance: { params: { enabled: true } } } });
    expect(moduleOf(document, "compliance").params).toMatchObject({ enabled: true, issuers_max: 32 });
    expect(moduleOf(document, "bank")).toEqual(moduleOf(fresh, "bank"));
    expect(moduleOf(fresh, "compliance").params).toMatchObject({ enabled: false });
  });

  it.each(["burn", "hybrid", "fees"])("may be the preset %s", (name) => {
    const path = join(import.meta.dirname, "..", "genesis", "presets", `${name}.json`);
    expect(() => mergeAppState(fresh, JSON.parse(readFileSync(path, "utf8")))).not.toThrow();
  });

  it("is refused where a module refuses it, or no module has its name", () => {
    expect(() => mergeAppState(fresh, { app_state: { complience: {} } })).toThrow(
      /complience is no module: expected \{"app_state"/,
    );
    expect(() => mergeAppState(fresh, { app_state: { compliance: { params: { issuers_max: 0 } } } })).toThrow(
      /compliance\.params/,
    );
    expect(() => mergeAppState(fresh, { app_state: { compliance: { rulez: [] } } })).toThrow(/rulez/);
    expect(() => mergeAppState(fresh, [])).toThrow(/the file/);
    expect(() => mergeAppState(fresh, { compliance: {} })).toThrow(/app_state/);
  });
});
