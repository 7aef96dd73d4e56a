import { describe, expect, it } from "vitest";
import { sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import type { Attestation } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { MsgUpdateOracle } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { type MeasuredChain, signed } from "../../test/helpers/measuredchain.ts";
import { codesOf, measured, relaysRead, resigned } from "../../test/helpers/measuredscene.ts";
import { testBlock } from "../../test/helpers/testchain.ts";
import { attestationBytes, attestationKind, transcriptBytes } from "./attestationbytes.ts";
import { commits, plans, readings } from "./readingsstate.ts";

const codes = {
  tooEarly: 100,
  tooLate: 101,
  noCommit: 102,
  noPath: 103,
  absurd: 104,
  wrongCommittee: 105,
  wrongKey: 106,
  wrongSlot: 107,
  alreadyGiven: 108,
  notMeasured: 109,
  wrongRelayKey: 110,
  outOfOrder: 111,
  slotsUnknown: 114,
  voidEpoch: 115,
} as const;

describe("a submission", () => {
  it("is taken from anyone, by one path for a range or by one for each, each reading once", () => {
    const scene = measured();
    const { chain, committed } = scene;
    const count = committed.attestations.length;
    expect(count).toBeGreaterThanOrEqual(3);
    const singles = [chain.rangeOf(committed, 0, 1), chain.rangeOf(committed, count - 1, 1)];
    expect(codesOf(chain, singles)).toEqual([0, 0]);
    const whole = codesOf(chain, [chain.rangeOf(committed)]);
    expect(whole).toEqual([codes.alreadyGiven, ...new Array(count - 2).fill(0), codes.alreadyGiven]);
    expect(relaysRead(scene)).toHaveLength(count);
    expect(chain.chain.broken()).toBeUndefined();
  });

  it("says of each attestation what became of it, in words", () => {
    const { chain, committed } = measured();
    chain.submit([chain.rangeOf(committed, 0, 1)]);
    const [result] = chain.submit([chain.rangeOf(committed, 0, 1)]);
    expect(result!.text).toBe("oracle 1 has given relay 1 its overt reading of this epoch already");
  });

  it("that is refused leaves nothing behind", () => {
    const scene = measured((honest) => honest.map((one) => ({ ...one, signature: new Uint8Array(64).fill(7) })));
    expect(new Set(codesOf(scene.chain, [scene.chain.rangeOf(scene.committed)]))).toEqual(new Set([codes.wrongKey]));
    expect([...readings.keys(scene.chain.chain.context(), { leading: [scene.epoch] })]).toEqual([]);
  });

  it("counts a relay's agreement, and refuses another's", () => {
    const scene = measured((honest, chain, dues) =>
      dues.map((due, index) => {
        const agreed = chain.attest(due, chain.epoch, {}, true);
        if (index !== 1) return index === 0 ? agreed : honest[index]!;
        const place = { chainId: testBlock.chainId, epoch: chain.epoch, oracle: 1n };
        return { ...agreed, relaySignature: signed(chain.relays[0]!.keys, transcriptBytes(place, agreed)) };
      }),
    );
    const { chain, epoch, committed } = scene;
    const results = codesOf(chain, [chain.rangeOf(committed)]);
    expect(results.slice(0, 2)).toEqual([0, codes.wrongRelayKey]);
    const record = readings.get(chain.chain.context(), [epoch, committed.attestations[0]!.relay])!;
    expect(record.readings.map(({ isCountersigned }) => isCountersigned)).toEqual([true]);
  });

  it("of an epoch comes in the epoch after: neither earlier nor later", () => {
    const { chain, epoch, committed } = measured();
    const range = chain.rangeOf(committed, 0, 1);
    const results = chain.submit([
      { ...range, epoch: epoch + 1n },
      { ...range, epoch: epoch + 9n },
    ]);
    expect(results.map(({ code }) => code)).toEqual([codes.tooEarly, codes.tooEarly]);
    expect(results[0]!.text).toBe(
      `readings of epoch ${epoch + 1n} are taken in epoch ${epoch + 2n}, and this is epoch ${epoch + 1n}; try again then`,
    );
    chain.toNextEpoch();
    expect(codesOf(chain, [range])).toEqual([codes.tooLate]);
  });

  it("of an epoch to which nobody committed is of a void one; of an oracle that did not commit, of none", () => {
    const { chain, epoch, committed } = measured();
    const range = chain.rangeOf(committed, 0, 1);
    expect(
      codesOf(chain, [
        { ...range, oracle: 2n },
        { ...range, oracle: 99n },
      ]),
    ).toEqual([102, 102]);
    commits.delete(chain.chain.context(), [epoch, 1n]);
    expect(codesOf(chain, [range])).toEqual([codes.voidEpoch]);
  });

  it("waits while the slots are planned still", () => {
    const { chain, committed } = measured();
    const ctx = chain.chain.context();
    const plan = plans.get(ctx, committed.epoch)!;
    plans.set(ctx, committed.epoch, { ...plan, slots: new Uint8Array(0) });
    expect(codesOf(chain, [chain.rangeOf(committed, 0, 1)])).toEqual([codes.slotsUnknown]);
  });
});

describe("a reading that does not count", () => {
  it("leaves the rest of its range alone: wrong key, wrong slot, absurd", () => {
    const scene = measured((honest, chain) => [
      { ...honest[0]!, signature: new Uint8Array(64).fill(7) },
      resigned(chain, chain.epoch, honest[1]!, { startMillis: honest[1]!.startMillis - 1n }),
      resigned(chain, chain.epoch, honest[2]!, { lossPpm: 1_000_001 }),
      ...honest.slice(3),
    ]);
    const { chain, committed } = scene;
    const expected = [codes.wrongKey, codes.wrongSlot, codes.absurd];
    const results = codesOf(chain, [chain.rangeOf(committed)]);
    expect(results.slice(0, 3)).toEqual(expected);
    expect(results.slice(3)).toEqual(committed.attestations.slice(3).map(() => 0));
    expect(relaysRead(scene)).toEqual(committed.attestations.slice(3).map(({ relay }) => `1→${relay}`));
  });

  it("begins in its slot, to the millisecond", () => {
    const { chain, epoch, committed } = measured((honest, on, dues) =>
      honest.map((one, index) => {
        const { fromMillis, untilMillis } = dues.find(({ relay }) => relay === one.relay)!;
        const start = [fromMillis - 1n, fromMillis, untilMillis - 1n, untilMillis][index]!;
        return resigned(on, on.epoch, one, { startMillis: start });
      }),
    );
    expect(committed.attestations).toHaveLength(4);
    const results = chain.submit([chain.rangeOf(committed)]);
    expect(results.map(({ code }) => code)).toEqual([codes.wrongSlot, 0, 0, codes.wrongSlot]);
    const due = chain.due(chain.oracles[0]!, epoch).find(({ relay }) => relay === 1n)!;
    expect(results[0]!.text).toBe(
      `it began at ${due.fromMillis - 1n} ms; expected from ${due.fromMillis} to ${due.untilMillis} ms`,
    );
  });

  it("is not of a relay that the oracle was not to measure, of a kind that was not asked for, or of no relay", () => {
    const extra = (honest: Attestation[], chain: MeasuredChain) => [
      ...honest,
      resigned(chain, chain.epoch, honest[0]!, { kind: attestationKind.remeasurement }),
      ...[attestationKind.liveness].map((kind) =>
        resigned(chain, chain.epoch, honest[1]!, {
          kind,
          measuredBps: 0n,
          backgroundBps: 0n,
          bytes: 0n,
          durationMillis: 0,
        }),
      ),
      resigned(chain, chain.epoch, honest[0]!, { relay: 77n }),
    ];
    const { chain, committed } = measured(extra);
    const results = chain.submit([chain.rangeOf(committed)]);
    const of = (relay: bigint, kind: number) =>
      results[committed.attestations.findIndex((one) => one.relay === relay && one.kind === kind)]!.code;
    expect(of(1n, attestationKind.remeasurement)).toBe(codes.wrongCommittee);
    expect(of(2n, attestationKind.liveness)).toBe(codes.wrongCommittee);
    expect(of(77n, attestationKind.overt)).toBe(codes.notMeasured);
    expect(results.filter(({ code }) => code === 0)).toHaveLength(4);
  });

  it("is not of another chain, epoch or oracle: what was signed there is no signature here", () => {
    for (const change of [{ chainId: "weir-test-2" }, { epoch: 0n }, { oracle: 2n }]) {
      const { chain, committed } = measured((honest, on) => {
        const place = { chainId: testBlock.chainId, epoch: on.epoch, oracle: 1n, ...change };
        return honest.map((one) => ({ ...one, signature: signed(on.oracles[0]!.keys, attestationBytes(place, one)) }));
      });
      expect(new Set(codesOf(chain, [chain.rangeOf(committed)]))).toEqual(new Set([codes.wrongKey]));
    }
  });

  it("is not signed by a key of small order, whatever it says", () => {
    // The neutral element: [8]R = [8][S]B − [8][k]A holds for S = 0 and R = A under ZIP-215.
    const neutral = Uint8Array.of(1, ...new Uint8Array(31));
    const { chain, committed } = measured((honest) =>
      honest.map((one) => ({ ...one, signature: Uint8Array.of(...neutral, ...new Uint8Array(32)) })),
    );
    expect(new Set(codesOf(chain, [chain.rangeOf(committed)]))).toEqual(new Set([codes.wrongKey]));
    const keys = { ...ed25519KeyPair(sha256(neutral)), publicKey: neutral };
    const message = MsgUpdateOracle.fromPartial({
      operator: chain.oracles[0]!.operator,
      id: 1n,
      transportKey: { publicKey: keys.publicKey, possession: new Uint8Array(64) },
    });
    expect(chain.chain.message("/weir.attestation.v1.MsgUpdateOracle", message).refusal!.message).toContain(
      "small order",
    );
  });
});
