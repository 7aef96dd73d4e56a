/** Three short networks of the campaign comet-nets, as a program: it stands in network namespaces of its own where it can. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { perturbations, planNet } from "../cometnets/plan.ts";
import { cometBftBinary, whyNoCometBft } from "../helpers/cometbft.ts";

const campaign = join(import.meta.dirname, "..", "campaigns", "main.ts");

describe.skipIf(whyNoCometBft() !== undefined)("generated networks of the real cometbft (needs Go)", () => {
  it("come back after kills, a pause and a cut, with one app hash a height and nothing lost", () => {
    cometBftBinary();
    const argv = [campaign, "comet-nets", "--quick", "--networks", "3", "--seed", "1"];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
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
