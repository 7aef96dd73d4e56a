/** An oracle's own work, as its daemon finds it out, against what the chain and a driven network say of it. */
import { describe, expect, it } from "vitest";
import { publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { attestationKind, checksOfLiveness } from "../../modules/attestation/attestationbytes.ts";
import { measurable } from "../../modules/attestation/committee.ts";
import { plans } from "../../modules/attestation/readingsstate.ts";
import type * as proto from "../../proto/gen/weir/attestation/v1/query.ts";
import { EpochPlan } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { Oracle } from "../../proto/gen/weir/attestation/v1/state.ts";
import type * as beaconProto from "../../proto/gen/weir/beacon/v1/query.ts";
import { accountOf, MeasuredChain } from "../../test/helpers/measuredchain.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import { epochFactsOf, relayFactsOf } from "../measurement/epochfacts.ts";
import { comparedWithProof, hasUsableKey, OwnWork, turnsOf } from "./planning.ts";

const ask = <R>({ chain }: MeasuredChain, path: string, request: object) => chain.query<R>(path, request);

function ownWork(chain: MeasuredChain, index: number) {
  const draws = ask<proto.QueryDrawsResponse>(chain, "/weir.attestation.v1.Query/Draws", {});
  const slots = ask<proto.QuerySlotsResponse>(chain, "/weir.attestation.v1.Query/Slots", {});
  const { epoch } = ask<beaconProto.QueryEpochResponse>(chain, "/weir.beacon.v1.Query/Epoch", {});
  const { ticks } = ask<beaconProto.QueryTicksResponse>(chain, "/weir.beacon.v1.Query/Ticks", { epoch: chain.epoch });
  const { block } = chain.chain.context();
  const facts = epochFactsOf(block.chainId, { epoch: epoch!, draws, plan: slots.plan })!;
  const party = chain.oracles[index]!;
  const self = facts.oracles.find(({ id }) => id === party.id)!;
  const work = new OwnWork(facts, self, { vrfSeed: party.vrfSecret }, true);
  work.add(draws.relays.map(relayFactsOf));
  const known = { ticks, blockTimeNanos: block.time.seconds * 1_000_000_000n };
  return { facts, work, party, known, self };
}

describe("an oracle's own work", () => {
  const chain = new MeasuredChain({
    oracles: 5,
    relays: 9,
    blocksPerEpoch: 10n,
    epochSeconds: 40n,
    params: { covert_rate: "2.0" },
    claimBps: (relay) => relay * 20_000_000n,
    declaredBps: 600_000_000n,
  });
  chain.epochs(3);
  const challenge = { challenger: accountOf("watcher"), relay: 2n, epoch: chain.epoch - 2n };
  expect(chain.chain.message("/weir.attestation.v1.MsgChallenge", challenge).refusal).toBeUndefined();
  chain.epochs(1);
  chain.toLastBlock();

  it("is what is due to it, in the times in which the chain takes it: slots, checks, and visits by its own proof, disputes", () => {
    for (const index of chain.oracles.keys()) {
      const { facts, work, party, known, self } = ownWork(chain, index);
      const { count, turns } = turnsOf(
        { facts, epoch: undefined as never, overt: work.overt, provenBps: self.provenBps },
        known,
      );
      expect(count).toBe(facts.plan!.slotCount);
      const found = work.duties.map(({ relay, kind, time }) => {
        const turn = kind === attestationKind.overt ? turns.find((one) => one.relay === relay)?.time : time;
        return `${relay}/${kind} ${turn?.fromMillis}`;
      });
      const due = chain.due(party).map(({ relay, kind, fromMillis }) => `${relay}/${kind} ${fromMillis}`);
      expect(found.toSorted()).toEqual(due.toSorted());
      for (const kind of [attestationKind.covert, attestationKind.remeasurement]) {
        expect(work.duties.some((duty) => duty.kind === kind)).toBe(true);
      }
    }
  });

  it("looks after each relay four times within the epoch, at moments of its own", () => {
    const all = chain.oracles
      .keys()
      .map((index) => ownWork(chain, index))
      .toArray();
    for (const { facts, work } of all) {
      const [open, length] = [Number(facts.openNanos / 1_000_000n), Number(facts.lengthNanos / 1_000_000n)];
      for (const { kind, checksAtMillis } of work.duties) {
        const isLooked = kind === attestationKind.overt || kind === attestationKind.liveness;
        expect(checksAtMillis).toHaveLength(isLooked ? checksOfLiveness : 0);
        for (const at of checksAtMillis) {
          expect(at).toBeGreaterThanOrEqual(open);
          expect(at).toBeLessThan(open + (length * 7) / 8);
        }
      }
    }
    const moments = all.map(({ work }) =>
      work.duties.find(({ kind }) => kind === attestationKind.overt)!.checksAtMillis.join(),
    );
    expect(new Set(moments).size).toBe(all.length);
  });

  it("measures no more at once than it can carry: what is beyond is excused", () => {
    let excused = 0;
    for (const index of chain.oracles.keys()) {
      const { facts, work, known } = ownWork(chain, index);
      const provenBps = 150_000_000n;
      const { turns } = turnsOf({ facts, epoch: undefined as never, overt: work.overt, provenBps }, known);
      const bySlot = new Map<number, bigint>();
      for (const { relay, time, isExcused } of turns) {
        const claim = work.duties.find((duty) => duty.relay === relay && duty.kind === attestationKind.overt)!.claimBps;
        if (isExcused) excused++;
        else bySlot.set(time.fromMillis, (bySlot.get(time.fromMillis) ?? 0n) + claim);
      }
      for (const sum of bySlot.values()) expect(sum).toBeLessThanOrEqual(measurable(provenBps));
    }
    expect(excused).toBeGreaterThan(0);
  });

  it("is compared with what is proven: the same, something else, or an older state that says nothing of it", async () => {
    const { facts } = ownWork(chain, 0);
    const ctx = chain.chain.context();
    const chainOf = (proven: (store: string, key: Uint8Array) => Uint8Array | undefined) =>
      ({
        newest: undefined,
        proven: async (store: string, key: Uint8Array) => proven(store, key),
      }) as unknown as ChainClient;
    const honest = chainOf((store, key) => ctx.store(store).get(key));
    expect(await comparedWithProof(honest, facts)).toBe("same");
    expect(await comparedWithProof(honest, { ...facts, seed: new Uint8Array(32) })).toBe("other");
    expect(await comparedWithProof(honest, { ...facts, oracles: facts.oracles.slice(1) })).toBe("other");
    expect(await comparedWithProof(honest, { ...facts, openNanos: facts.openNanos + 1n })).toBe("other");
    const plan = { ...facts.plan!, slotCount: facts.plan!.slotCount + 1 };
    expect(await comparedWithProof(honest, { ...facts, plan })).toBe("other");
    expect(
      await comparedWithProof(
        chainOf(() => undefined),
        facts,
      ),
    ).toBe("unknown");
    const unplanned = plans.get(ctx, facts.number)!;
    const older = chainOf((store, key) => {
      const isPlan = Buffer.compare(key, plans.placeOf(facts.number).key) === 0;
      return isPlan ? EpochPlan.encode({ ...unplanned, isWhole: false }).finish() : ctx.store(store).get(key);
    });
    expect(await comparedWithProof(older, facts)).toBe("unknown");
  });

  it("has no visits before its key of proofs counts, and publishes no proof then", () => {
    const { facts, party, self } = ownWork(chain, 0);
    const work = new OwnWork(facts, self, { vrfSeed: party.vrfSecret }, false);
    expect(work.vrfProof).toHaveLength(0);
    const vrfKeys = [{ fromEpoch: 7n, publicKey: publicKeyOf(party.vrfSecret) }];
    const oracle = Oracle.fromPartial({ vrfKeys });
    expect(hasUsableKey(oracle, 6n, party.vrfSecret)).toBe(false);
    expect(hasUsableKey(oracle, 7n, party.vrfSecret)).toBe(true);
    expect(hasUsableKey(oracle, 7n, new Uint8Array(32).fill(1))).toBe(false);
  });
});
