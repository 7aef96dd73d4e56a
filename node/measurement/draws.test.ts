import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import { changeTrust } from "../../modules/attestation/index.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/query.ts";
import type * as beaconProto from "../../proto/gen/weir/beacon/v1/query.ts";
import { accountOf, MeasuredChain } from "../../test/helpers/measuredchain.ts";
import { dutiesWithTimes } from "./draws.ts";
import { epochFactsOf, relayFactsOf } from "./epochfacts.ts";

const ask = <R>({ chain }: MeasuredChain, path: string, request: object) => chain.query<R>(path, request);

/** What a daemon makes of the three answers, oracle by oracle, against what the chain itself says. */
function compare(chain: MeasuredChain): number {
  const draws = ask<proto.QueryDrawsResponse>(chain, "/weir.attestation.v1.Query/Draws", {});
  const slots = ask<proto.QuerySlotsResponse>(chain, "/weir.attestation.v1.Query/Slots", {});
  const { epoch } = ask<beaconProto.QueryEpochResponse>(chain, "/weir.beacon.v1.Query/Epoch", {});
  const { ticks } = ask<beaconProto.QueryTicksResponse>(chain, "/weir.beacon.v1.Query/Ticks", { epoch: chain.epoch });
  const facts = epochFactsOf(chain.chain.context().block.chainId, { epoch: epoch!, draws, plan: slots.plan });
  if (facts === undefined) return 0;
  const { seconds, nanos } = chain.chain.context().block.time;
  const known = { ticks, blockTimeNanos: seconds * 1_000_000_000n + BigInt(nanos) };
  const own = draws.relays.flatMap((relay) => dutiesWithTimes(facts, relayFactsOf(relay), known));
  let timed = 0;
  for (const { id } of chain.oracles) {
    const told = ask<proto.QueryAssignmentsResponse>(chain, "/weir.attestation.v1.Query/Assignments", {
      oracle: `${id}`,
    });
    const computed = own
      .filter(({ oracle }) => oracle === id)
      .map(({ relay, kind, round, claimBps, time }) =>
        proto.AssignmentView.fromPartial({
          relay,
          kind,
          round,
          claimBps,
          fromMillis: time?.fromMillis ?? 0n,
          untilMillis: time?.untilMillis ?? 0n,
        }),
      );
    expect(computed).toEqual(told.assignments);
    timed += computed.filter(({ fromMillis }) => fromMillis > 0n).length;
  }
  return timed;
}

describe("a daemon's draws", () => {
  it("are the chain's, block by block: committees, audits, slots as they become known, second committees", () => {
    const chain = new MeasuredChain({
      oracles: 12,
      relays: 7,
      blocksPerEpoch: 10n,
      cellOf: (_kind, id) => (id % 3n === 0n ? "europe-east" : "europe-west"),
      params: { committee_size: 5 },
    });
    chain.epochs(3);
    for (const relay of [2n, 5n]) {
      const challenge = { challenger: accountOf("watcher"), relay, epoch: chain.epoch - 2n };
      expect(chain.chain.message("/weir.attestation.v1.MsgChallenge", challenge).refusal).toBeUndefined();
    }
    chain.epochs(1);
    const timed: number[] = [];
    for (let block = 0; block < 10; block++) {
      timed.push(compare(chain));
      chain.block();
    }
    expect(timed).toEqual(timed.toSorted((left, right) => left - right));
    expect(new Set(timed).size).toBeGreaterThan(4);
  });

  it("are the chain's where relays are trusted, so that most are only looked after", () => {
    const chain = new MeasuredChain({ oracles: 4, relays: 12 });
    for (const { id } of chain.relays) changeTrust(chain.chain.context(), id, { reputation: decOne });
    chain.epochs(2);
    chain.toLastBlock();
    const { relays } = ask<proto.QueryDrawsResponse>(chain, "/weir.attestation.v1.Query/Draws", {});
    expect(relays.map(({ auditOneIn }) => auditOneIn)).toContain(3n);
    expect(compare(chain)).toBeGreaterThan(0);
  });
});
