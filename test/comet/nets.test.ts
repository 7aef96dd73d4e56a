/** Three short networks of the campaign comet-nets, as a program: it stands in network namespaces of its own where it can. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { compare, lostOf, unexpectedErrors } from "../cometnets/judge.ts";
import { perturbations, planNet } from "../cometnets/plan.ts";
import { cometBftBinary, whyNoCometBft } from "../helpers/cometbft.ts";

const campaign = join(import.meta.dirname, "..", "campaigns", "main.ts");

describe.skipIf(whyNoCometBft() !== undefined)("generated networks of the real cometbft (needs Go)", () => {
  it("come back after kills, a pause and a cut, with one app hash a height and nothing lost", async () => {
    cometBftBinary();
    const argv = [campaign, "comet-nets", "--quick", "--networks", "3", "--seed", "1"];
    const { stdout } = await promisify(execFile)(process.execPath, argv).catch((error) => {
      throw new Error(`${error.stdout}\n${error.stderr}`);
    });
    expect(stdout).toMatch(
      /\n3 networks, 6 perturbations, \d+ heights, [1-9]\d* acknowledged transactions, 0 lost, 0 diverged, /,
    );
  });
});

describe("the plan of a generated network", () => {
  const abilities = { kinds: perturbations, canSkew: true };

  it("is its seed's alone", () => {
    expect(planNet(7, abilities, false)).toEqual(planNet(7, abilities, false));
    expect(planNet(7, abilities, false)).not.toEqual(planNet(8, abilities, false));
  });

  it("meets every perturbation, a join by state sync and both wrong clocks within a few seeds", () => {
    const plans = Array.from({ length: 24 }, (_, seed) => planNet(seed + 1, abilities, false));
    const kinds = new Set(plans.flatMap(({ steps }) => steps.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([...perturbations].sort());
    expect(plans.some(({ joinsAfter }) => joinsAfter !== undefined)).toBe(true);
    expect(new Set(plans.map(({ skew }) => skew?.seconds))).toEqual(new Set([undefined, 30, -30]));
    for (const { steps, validators, fullNodes } of plans) {
      for (const { kind, node } of steps) {
        expect(node).toBeLessThan(kind === "quarter down" ? validators : validators + fullNodes);
      }
    }
  });
});

describe("the judge of a generated network", () => {
  it("finds what was acknowledged and is elsewhere, nowhere or twice", () => {
    const places = new Map([
      ["A", [3]],
      ["B", [4, 5]],
      ["C", [6]],
    ]);
    const said = (hash: string, height: number) => lostOf(places, [{ hash, height }]);
    const twice = "B is at heights 4 and 5";
    expect(said("A", 3)).toEqual([twice]);
    expect(said("A", 4)).toEqual(["A was acknowledged at height 4 and is at 3", twice]);
    expect(said("B", 4)).toEqual(["B was acknowledged at height 4 and is at 4 and 5", twice]);
    expect(said("D", 7)).toEqual(["D was acknowledged at height 7 and is at none", twice]);
  });

  it("finds two hashes of a height, of two nodes or of one that executed it twice", () => {
    const nodes = [{ name: "north" }, { name: "south" }];
    const at = (height: number, hash: string) => new Map([[height, hash]]);
    expect(compare(nodes, [at(3, "AA"), at(3, "AA")], "block")).toEqual([]);
    expect(compare(nodes, [at(3, "AA"), at(4, "BB")], "block")).toEqual([]);
    expect(compare(nodes, [at(3, "AA"), at(3, "BB")], "block")).toEqual(["block at 3: north has AA, south BB"]);
    expect(compare(nodes, [at(3, "AA and then BB"), at(4, "CC")], "app hash")).toHaveLength(1);
  });

  it("takes no error of a log for granted but those that it knows", () => {
    const log = () =>
      "12:00:00.000 ERROR cometbft: Stopping peer for error err=EOF\n" +
      "12:00:00.000 ERROR the node halts: a defect\n12:00:00.000 WARN  slow\n12:00:00.000 ERROR cometbft: CONSENSUS FAILURE!!!\n";
    expect(unexpectedErrors({ name: "north", log })).toEqual([
      expect.stringContaining("north logs 12:00:00.000 ERROR the node halts: a defect"),
      expect.stringContaining("CONSENSUS FAILURE"),
    ]);
  });
});
