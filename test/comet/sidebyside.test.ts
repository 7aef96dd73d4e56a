import { describe, expect, it } from "vitest";
import { whyNoCometBft } from "../helpers/cometbft.ts";
import { grouped, lines, readList } from "./list.ts";
import { compareNodes } from "./sidebyside.ts";

/** The first run builds the binary. */
const buildMillisMax = 600_000;

describe("beside the real cometbft with its own kvstore", () => {
  it("gives a reason for every listed difference", () => {
    expect(readList().filter(({ why }) => why.length < 20)).toEqual([]);
  });

  it.skipIf(whyNoCometBft() !== undefined)(
    "every method answers alike over GET, POST, batches and websockets but for what differences.json lists (needs Go)",
    async () => {
      expect(lines(grouped(await compareNodes(), []))).toEqual(lines(readList()));
    },
    buildMillisMax,
  );
});
