import { expect, it } from "vitest";
import { startFuzzedNode } from "./helpers/fuzzednode.ts";

it("answers three thousand hostile requests with results or typed errors, and goes on sealing blocks", async () => {
  const node = await startFuzzedNode();
  try {
    const { results, errors, others } = await node.run(20_261, 3_000);
    // All three happen, or the inputs have become harmless.
    expect(results).toBeGreaterThan(100);
    expect(errors).toBeGreaterThan(500);
    expect(others).toBeGreaterThan(10);
  } finally {
    await node.remove();
  }
});
