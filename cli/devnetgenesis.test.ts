/** The devnet's rules, by the figures that its guide promises. */
import { describe, expect, it } from "vitest";
import { requiredBondFor } from "../modules/attestation/index.ts";
import { beacon } from "../modules/beacon/index.ts";
import { weir } from "../modules/index.ts";
import type * as queries from "../proto/gen/weir/rewards/v1/query.ts";
import { stakedChain } from "../test/helpers/stakedchain.ts";
import { withDevnetRules } from "./devnetgenesis.ts";

const mbps = 1_000_000n;

function devnet() {
  const defaults = Object.fromEntries(
    weir.modules.map(({ name, genesis }) => [name, genesis.toJson(genesis.default())]),
  );
  const { beacon: clock, attestation, rewards } = withDevnetRules(defaults);
  const chain = stakedChain({ appState: { beacon: clock, attestation, rewards } });
  const ctx = chain.context();
  beacon.beginBlock?.(ctx, undefined as never);
  return chain;
}

describe("a devnet", () => {
  it("asks 1,000 WEIR of who claims 10 Mbps, and about 1,130 of who claims 100", () => {
    const ctx = devnet().context();
    expect(requiredBondFor(ctx, 10n * mbps)).toBe(1_000_000_000n);
    expect(requiredBondFor(ctx, 100n * mbps) / 1_000_000n).toBe(1_129n);
  });

  it("pays about .4 WEIR an epoch for 10 Mbps in probation", () => {
    const [first] = devnet().query<queries.QueryEmissionResponse>("/weir.rewards.v1.Query/Emission", {
      epochs: 1n,
    }).epochs;
    expect(first!.until!.seconds - devnet().context().block.time.seconds).toBe(20n);
    // A tenth of 10 Mbps, of 140 Mbps in all.
    expect(BigInt(first!.pools!.availability) / 140n).toBe(376_613n);
  });
});
