import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { verify } from "../chain/crypto/ecvrf.ts";
import { beaconSigners, newBeaconKey, readBeaconKeys, writeBeaconKeys } from "./beaconkeys.ts";
import { homeAt, makeFolders } from "./home.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-beaconkeys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the file of beacon keys", () => {
  const path = join(folder, "beacon_key.json");

  it("is its owner's alone, and gives back what was written", () => {
    const keys = [newBeaconKey(), newBeaconKey()];
    writeBeaconKeys(path, keys);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readBeaconKeys(path)).toEqual(keys);
    expect(readBeaconKeys(join(folder, "none.json"))).toEqual([]);
  });

  it("keeps the newest four", () => {
    const keys = Array.from({ length: 6 }, newBeaconKey);
    writeBeaconKeys(path, keys);
    expect(readBeaconKeys(path)).toEqual(keys.slice(2));
  });

  it.each([
    ["no JSON", '{"keys": [secret', "is not JSON"],
    ["no key", '{"keys": []}', "0 keys, expected 1 to 4"],
    ["something else for a key", '{"keys": [{"priv_key": {"type": "secret"}}]}', "keys[0]: priv_key.type"],
  ])("with %s is refused, and nothing of it is quoted", (_what, text, words) => {
    writeFileSync(path, text);
    expect(() => readBeaconKeys(path)).toThrow(words);
    expect(() => readBeaconKeys(path)).not.toThrow(/secret/);
  });
});

describe("what a node proves by", () => {
  it("is every key of its home, and of the folder of the validators that it signs for", () => {
    const home = homeAt(join(folder, "home"));
    makeFolders(home);
    const [own, next, other] = [newBeaconKey(), newBeaconKey(), newBeaconKey()];
    writeBeaconKeys(home.beaconKey, [own, next]);
    writeBeaconKeys(join(folder, "south_beacon.json"), [other]);
    const signers = beaconSigners(home, folder);
    expect(signers.map(({ publicKey }) => publicKey)).toEqual([own, next, other].map(({ publicKey }) => publicKey));
    const input = Buffer.from("a block");
    for (const { publicKey, prove } of signers) expect(verify(publicKey, input, prove(input))).toHaveLength(64);
    expect(beaconSigners(home, undefined)).toHaveLength(2);
  });
});
