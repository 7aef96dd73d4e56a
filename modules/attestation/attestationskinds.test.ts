import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import { MsgLeave, MsgPause } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { type Behaviour, MeasuredChain } from "../../test/helpers/measuredchain.ts";
import { codesOf, measured, relaysRead } from "../../test/helpers/measuredscene.ts";
import { attestationKind } from "./attestationbytes.ts";
import { covertListOf } from "./covertlists.ts";
import { committeeOf, isAuditedIn } from "./openings.ts";
import { readings } from "./readingsstate.ts";
import { changeTrust } from "./records.ts";
import { relaySubject } from "./subject.ts";
import { tallyOf } from "./tallies.ts";

const { covert, liveness, overt } = attestationKind;
const kindsOf = (chain: MeasuredChain, epoch: bigint, relay: bigint) =>
  (readings.get(chain.chain.context(), [epoch, relay])?.readings ?? []).map(({ kind }) => kind);

/** Three epochs on, all keys of proofs count. */
const covertChain = (rate: string) => {
  const chain = new MeasuredChain({ oracles: 4, relays: 6, params: { covert_rate: rate } });
  chain.epochs(3);
  return chain;
};

describe("covert readings", () => {
  it("are of the relays and seconds that the oracle's own proof names, and stay out of the median", () => {
    const chain = covertChain("2.0");
    const { epoch } = chain;
    const half: Behaviour = ({ kind, claimBps }) => (kind === covert ? { measuredBps: claimBps / 2n } : {});
    chain.epochs(1, half);
    chain.block();
    chain.block();
    chain.submitAll();
    const ctx = chain.chain.context();
    const tallies = chain.relays.map(({ id }) => tallyOf(ctx, epoch, id)!);
    // Twice a relay and epoch: half of the relays for each of four oracles.
    expect(tallies.flatMap((tally) => tally.covert)).toHaveLength(4 * 3);
    expect(
      tallies.every(
        ({ medianBps, covert: list }) => list.every((bps) => bps === 50_000_000n) && medianBps > 60_000_000n,
      ),
    ).toBe(true);
  });

  it("need the proof, which must be the oracle's of this epoch", () => {
    const chain = covertChain("4.0");
    const { epoch } = chain;
    const oracle = chain.oracles[0]!;
    chain.toLastBlock();
    const dues = chain.due(oracle).filter(({ kind }) => kind === covert);
    expect(dues).toHaveLength(6);
    const committed = chain.treeOf(
      oracle,
      epoch,
      dues.map((due) => chain.attest(due, epoch)),
    );
    expect(chain.commit(committed)).toBeUndefined();
    chain.toNextEpoch();
    chain.block();
    const [without] = chain.submit([chain.rangeOf(committed, 0, 1)]);
    expect(without).toEqual({
      code: 113,
      text: "whom oracle 1 was to measure covertly follows from its vrf_proof; give that too",
    });
    for (const wrong of [chain.proof(chain.oracles[1]!, epoch), chain.proof(oracle, epoch - 1n)]) {
      expect(codesOf(chain, [chain.rangeOf(committed, 0, 1, wrong)])).toEqual([112]);
    }
    expect(codesOf(chain, [chain.rangeOf(committed, 0, 1, chain.proof(oracle, epoch))])).toEqual([0]);
    // Once is enough.
    expect(codesOf(chain, [chain.rangeOf(committed, 1, 5)])).toEqual([0, 0, 0, 0, 0]);
  });

  it("are of no relay that is not there: who paused is drawn, and passed over", () => {
    const chain = covertChain("4.0");
    const pause = MsgPause.fromPartial({ operator: chain.relays[1]!.operator, subject: relaySubject(2n) });
    expect(chain.chain.message("/weir.attestation.v1.MsgPause", pause).refusal).toBeUndefined();
    chain.epochs(1);
    const { epoch } = chain;
    chain.epochs(1, ({ relay, kind }) => (relay === 2n || kind === covert ? undefined : {}));
    chain.block();
    chain.submitAll();
    const lists = chain.oracles.map(({ id }) => covertListOf(chain.chain.context(), epoch, id)!.assignments);
    for (const list of lists) expect(list.map(({ relay }) => relay)).toEqual([1n, 3n, 4n, 5n, 6n]);
  });

  it("begin within an eighth of the epoch from their second, and are of nobody else", () => {
    const chain = covertChain("2.0");
    const { epoch } = chain;
    const oracle = chain.oracles[0]!;
    chain.toLastBlock();
    const all = chain.due(oracle).filter(({ kind }) => kind === covert);
    expect(all).toHaveLength(3);
    const drawn = new Set(all.map(({ relay }) => relay));
    const other = chain.relays.find(({ id }) => !drawn.has(id))!.id;
    const [due] = all as [(typeof all)[number]];
    const strange = { ...due, relay: other };
    const late = chain.attest(due, epoch, { startMillis: due.untilMillis + 1n });
    const committed = chain.treeOf(oracle, epoch, [late, chain.attest(strange, epoch)]);
    expect(chain.commit(committed)).toBeUndefined();
    chain.toNextEpoch();
    chain.block();
    const results = chain.submit([chain.rangeOf(committed, 0, 2, chain.proof(oracle, epoch))]);
    const codeOf = (relay: bigint) => results[committed.attestations.findIndex((one) => one.relay === relay)]!.code;
    expect(codeOf(other)).toBe(105);
    expect(codeOf(due.relay)).toBe(107);
  });
});

describe("trust", () => {
  it("leaves checks by three where nine measured, and they measure nothing", () => {
    const chain = new MeasuredChain({ oracles: 9, relays: 3, params: { covert_rate: "0", audit_one_in: "10" } });
    chain.epochs(2);
    for (const { id } of chain.relays) changeTrust(chain.chain.context(), id, { reputation: decOne });
    chain.epochs(1);
    const { epoch } = chain;
    chain.epochs(2, ({ kind }) => (kind === liveness ? { checksPassed: 3 } : {}));
    expect(kindsOf(chain, epoch - 1n, 1n)).toEqual(new Array(9).fill(overt));
    const ctx = chain.chain.context();
    const trusted = chain.relays.filter(({ id }) => !isAuditedIn(ctx, epoch, id));
    expect(trusted.length).toBeGreaterThan(0);
    for (const { id } of trusted) {
      expect(kindsOf(chain, epoch, id)).toEqual(new Array(3).fill(liveness));
      const tally = tallyOf(ctx, epoch, id)!;
      expect(tally).toMatchObject({ status: "unaudited", uptime: (3n * decOne) / 4n, present: 3, committeeSize: 9 });
    }
  });

  it("lets checks begin anywhere in the epoch, and nowhere else", () => {
    const chain = new MeasuredChain({ oracles: 3, relays: 8, params: { covert_rate: "0", audit_one_in: "10" } });
    chain.epochs(2);
    for (const { id } of chain.relays) changeTrust(chain.chain.context(), id, { reputation: decOne });
    chain.epochs(1);
    chain.toLastBlock();
    const { epoch } = chain;
    const oracle = chain.oracles[0]!;
    const dues = chain
      .due(oracle)
      .filter(({ kind }) => kind === liveness)
      .slice(0, 3);
    expect(dues).toHaveLength(3);
    const [{ fromMillis }] = dues as [(typeof dues)[number]];
    const starts = [fromMillis - 1n, fromMillis + 20_000n - 1n, fromMillis + 20_000n];
    const committed = chain.treeOf(
      oracle,
      epoch,
      dues.map((due, index) => chain.attest(due, epoch, { startMillis: starts[index]! })),
    );
    expect(chain.commit(committed)).toBeUndefined();
    chain.toNextEpoch();
    chain.block();
    expect(codesOf(chain, [chain.rangeOf(committed)])).toEqual([107, 0, 107]);
  });
});

describe("checks of liveness", () => {
  it("are of the first three of the committee, and not of the fourth", () => {
    const chain = new MeasuredChain({ oracles: 5, relays: 6, params: { covert_rate: "0", audit_one_in: "10" } });
    chain.epochs(2);
    for (const { id } of chain.relays) changeTrust(chain.chain.context(), id, { reputation: decOne });
    chain.epochs(1);
    chain.toLastBlock();
    const ctx = chain.chain.context();
    const { epoch } = chain;
    const relay = chain.relays.find(({ id }) => !isAuditedIn(ctx, epoch, id))!.id;
    const committee = committeeOf(ctx, epoch, relay);
    const codesByRound = committee.map((id) => {
      const oracle = chain.oracles[Number(id) - 1]!;
      const fromMillis = ctx.block.time.seconds * 1000n - 1n;
      const due = { oracle, relay, kind: liveness, claimBps: 0n, fromMillis, untilMillis: fromMillis + 1n };
      const committed = chain.treeOf(oracle, epoch, [chain.attest(due, epoch)]);
      expect(chain.commit(committed)).toBeUndefined();
      return committed;
    });
    chain.toNextEpoch();
    chain.block();
    expect(codesByRound.map((committed) => codesOf(chain, [chain.rangeOf(committed)])[0])).toEqual([0, 0, 0, 105, 105]);
  });
});

describe("a relay that goes", () => {
  it("is read for the epochs in which it was there, and for none after", () => {
    const scene = measured();
    const { chain, committed } = scene;
    const operator = chain.relays[0]!.operator;
    const leave = MsgLeave.fromPartial({ operator, subject: relaySubject(1n) });
    expect(chain.chain.message("/weir.attestation.v1.MsgLeave", leave).refusal).toBeUndefined();
    expect(codesOf(chain, [chain.rangeOf(committed, 0, 1)])).toEqual([0]);
    chain.toLastBlock();
    chain.commitAll();
    chain.epochs(1);
    expect(relaysRead({ ...scene, epoch: chain.epoch - 1n }).filter((name) => name.endsWith("→1"))).toEqual([]);
  });

  it("by a pause is measured no more, and an attestation for it is none", () => {
    const chain = new MeasuredChain({ oracles: 4, relays: 3, params: { covert_rate: "0" } });
    chain.epochs(1);
    const pause = MsgPause.fromPartial({ operator: chain.relays[1]!.operator, subject: relaySubject(2n) });
    expect(chain.chain.message("/weir.attestation.v1.MsgPause", pause).refusal).toBeUndefined();
    chain.epochs(1);
    const { epoch } = chain;
    chain.toLastBlock();
    const oracle = chain.oracles[0]!;
    const dues = chain.due(oracle);
    expect(dues.map(({ relay }) => relay)).toEqual([1n, 3n]);
    const committed = chain.treeOf(
      oracle,
      epoch,
      [...dues, { ...dues[0]!, relay: 2n }].map((due) => chain.attest(due, epoch)),
    );
    expect(chain.commit(committed)).toBeUndefined();
    chain.toNextEpoch();
    chain.block();
    expect(codesOf(chain, [chain.rangeOf(committed)])).toEqual([0, 109, 0]);
  });
});
