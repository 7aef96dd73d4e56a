/** Relays that stand in genesis are relays as others are. */
import { describe, expect, it } from "vitest";
import type { QueryClaimableResponse } from "../../proto/gen/weir/rewards/v1/query.ts";
import { MsgClaim } from "../../proto/gen/weir/rewards/v1/tx.ts";
import { honestOracle, honestRelay, mbps } from "./actors.ts";
import { Network } from "./network.ts";
import { cheapSigning } from "./readings.ts";

describe("a relay of genesis", () => {
  it("is measured from the first epoch on, and its operator claims what it earned by the bond of genesis", async () => {
    const network = await Network.start({
      relays: [1, 2, 3].map((name) => honestRelay({ name: `relay ${name}`, claimBps: mbps(20) })),
      oracles: [1, 2, 3].map((name) => honestOracle({ name: `oracle ${name}`, declaredBps: mbps(1_000) })),
      areRelaysInGenesis: true,
      signing: cheapSigning,
      blocksPerEpoch: 9,
    });
    network.runEpochs(6);
    const { account, id } = network.relays[1]!;
    const claimant = account.address;
    const asked = { relay: `${id}`, claimant };
    const { amount } = network.ask<QueryClaimableResponse>("/weir.rewards.v1.Query/Claimable", asked);
    expect(BigInt(amount)).toBeGreaterThan(0n);
    network.say(account, MsgClaim, MsgClaim.fromPartial({ claimant, relayId: id }));
    network.block();
    const { amount: rest } = network.ask<QueryClaimableResponse>("/weir.rewards.v1.Query/Claimable", asked);
    // What an epoch brought meanwhile is there again.
    expect(BigInt(rest)).toBeLessThan(BigInt(amount));
  });
});
