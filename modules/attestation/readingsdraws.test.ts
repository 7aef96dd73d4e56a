import { describe, expect, it } from "vitest";
import type * as proto from "../../proto/gen/weir/attestation/v1/query.ts";
import { accountOf, MeasuredChain } from "../../test/helpers/measuredchain.ts";

const ask = <R>({ chain }: MeasuredChain, name: string, request: object) =>
  chain.query<R>(`/weir.attestation.v1.Query/${name}`, request);

describe("what committees are drawn from", () => {
  const chain = new MeasuredChain({ oracles: 4, relays: 3 });
  chain.epochs(3);
  const disputed = chain.epoch - 2n;
  const challenge = { challenger: accountOf("watcher"), relay: 2n, epoch: disputed };
  expect(chain.chain.message("/weir.attestation.v1.MsgChallenge", challenge).refusal).toBeUndefined();

  it("is told page by page, with the oracles and the rules of the epoch", () => {
    const all = ask<proto.QueryDrawsResponse>(chain, "Draws", {});
    expect(all).toMatchObject({ epoch: chain.epoch, committeeSize: 9, prefixRules: false, nextAfterRelay: 0n });
    expect(all.oracles.map(({ id }) => id)).toEqual([1n, 2n, 3n, 4n]);
    expect(all.relays.map(({ id }) => id)).toEqual([1n, 2n, 3n]);
    expect(all.relays[0]).toMatchObject({ cell: "europe-west", family: 0n, auditOneIn: 1n, isDisputed: false });
    expect(all.relays[0]!.transportKey).toHaveLength(32);
    expect(all.relays[0]!.endpoints).toHaveLength(1);
    const second = ask<proto.QueryDrawsResponse>(chain, "Draws", { afterRelay: 1n, limit: 1 });
    expect(second.relays).toEqual([all.relays[1]]);
    expect(second.nextAfterRelay).toBe(2n);
    expect(() => ask(chain, "Draws", { epoch: "77" })).toThrow("epoch 77 has not opened");
  });

  it("says which relays are measured again, in the epoch in which they are", () => {
    chain.epochs(1);
    const { relays, seed } = ask<proto.QueryDrawsResponse>(chain, "Draws", {});
    expect(relays.filter(({ isDisputed }) => isDisputed).map(({ id }) => id)).toEqual([2n]);
    expect(seed).toHaveLength(0);
    chain.block();
    chain.block();
    expect(ask<proto.QueryDrawsResponse>(chain, "Draws", {}).seed).toHaveLength(32);
  });
});
