import { describe, expect, it } from "vitest";
import { honest, MeasuredChain } from "../../test/helpers/measuredchain.ts";
import { readings } from "./readingsstate.ts";
import { tallyOf } from "./tallies.ts";

describe("an epoch", () => {
  it("is measured, submitted and counted", () => {
    const chain = new MeasuredChain({ oracles: 3, relays: 5, params: { covert_rate: "0" } });
    chain.epochs(6, honest);
    const ctx = chain.chain.context();
    console.log(chain.epoch, [...readings.keys(ctx)].length, tallyOf(ctx, chain.epoch - 2n, 1n));
    expect(tallyOf(ctx, chain.epoch - 2n, 1n)!.status).toBe("conclusive");
  });
});
