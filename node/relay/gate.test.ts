import { describe, expect, it } from "vitest";
import { attestationKind } from "../../modules/attestation/attestationbytes.ts";
import { Measure, RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { answersOf } from "../../test/helpers/chainanswers.ts";
import { accountOf, type Due, MeasuredChain } from "../../test/helpers/measuredchain.ts";
import { ChainGate, type GateOptions } from "./gate.ts";

const codes = RefusalCode;

function scene(
  options: ConstructorParameters<typeof MeasuredChain>[0] = { oracles: 4, relays: 2, blocksPerEpoch: 10n },
) {
  const measured = new MeasuredChain({ ...options, checksInvariants: false });
  measured.epochs(1);
  const chain = answersOf(measured);
  const timeMillis = () => measured.chain.context().block.time.seconds * 1000n;
  const state: { wall: bigint | undefined; now: number; closed: string | undefined } = {
    wall: undefined,
    now: 0,
    closed: undefined,
  };
  const gateOptions: GateOptions = {
    chain,
    relay: 1n,
    clock: { now: () => (state.now += 1_000), after: () => () => undefined },
    wallMillis: () => Number(state.wall ?? timeMillis()),
    newest: () => ({ height: 1n, timeNanos: timeMillis() * 1_000_000n }),
    closedReason: () => state.closed,
  };
  const gate = new ChainGate(gateOptions);
  const measure = (due: Pick<Due, "oracle" | "relay" | "kind">, changes: Partial<Measure> = {}) =>
    Measure.fromPartial({
      epoch: measured.epoch,
      relay: due.relay,
      oracle: due.oracle.id,
      kind: due.kind,
      sessionNonce: new Uint8Array(16),
      streams: 4,
      durationMillis: 2_000,
      ...changes,
    });
  /** Overt, of relay 1, whose time is known by now. */
  const dues = () =>
    measured.oracles
      .flatMap((oracle) => measured.due(oracle))
      .filter(({ relay, kind, fromMillis }) => relay === 1n && kind === attestationKind.overt && fromMillis > 0n);
  return { measured, chain, gate, gateOptions, state, measure, dues };
}

/** Until the slot of somebody is known; the time is within it. */
function inSlot() {
  const made = scene();
  const { measured, dues, state } = made;
  while (dues().length === 0) measured.block();
  const [due] = dues();
  state.wall = due!.fromMillis + 10n;
  return { ...made, due: due! };
}

describe("who may measure", () => {
  it("is the oracle whose slot is now, with its own key, three times at most", async () => {
    const { gate, measure, due } = inSlot();
    const admitted = await gate.admit(measure(due), due.oracle.keys.publicKey);
    expect(admitted).toMatchObject({ durationMillisMax: 20_000 });
    expect("bytesMax" in admitted && admitted.bytesMax).toBeGreaterThan(100_000_000n / 4n);
    await gate.admit(measure(due), due.oracle.keys.publicKey);
    await gate.admit(measure(due), due.oracle.keys.publicKey);
    expect(await gate.admit(measure(due), due.oracle.keys.publicKey)).toMatchObject({
      code: codes.REFUSAL_CODE_NOT_NOW,
      retryMillis: 0,
    });
  });

  it("is nobody with another key, of another kind, or of another relay", async () => {
    const { gate, measure, due, measured } = inSlot();
    const other = measured.oracles.find(({ id }) => id !== due.oracle.id)!;
    const key = due.oracle.keys.publicKey;
    const refusals = [
      [measure(due), other.keys.publicKey, codes.REFUSAL_CODE_UNKNOWN_PEER],
      [measure({ ...due, kind: attestationKind.covert }), key, codes.REFUSAL_CODE_MALFORMED],
      [measure({ ...due, kind: attestationKind.liveness }), key, codes.REFUSAL_CODE_MALFORMED],
      [measure({ ...due, kind: attestationKind.remeasurement }), key, codes.REFUSAL_CODE_UNKNOWN_PEER],
      [measure({ ...due, relay: 2n }), key, codes.REFUSAL_CODE_MALFORMED],
      [measure(due, { oracle: 77n }), key, codes.REFUSAL_CODE_UNKNOWN_PEER],
    ] as const;
    for (const [asked, peerKey, code] of refusals) expect(await gate.admit(asked, peerKey)).toMatchObject({ code });
  });

  it("is told to come again while whose turn it is cannot be known, and nobody's slot is guessed", async () => {
    const { gate, measure, measured } = scene();
    measured.block();
    const oracle = measured.oracles[0]!;
    const asked = measure({ oracle, relay: 1n, kind: attestationKind.overt });
    const answers = new Set<number>();
    for (let block = 0; block < 8; block++) {
      const answer = await gate.admit(asked, oracle.keys.publicKey);
      if ("retryMillis" in answer) answers.add(answer.retryMillis > 0 ? 1 : 0);
      measured.block();
    }
    expect(answers).toContain(1);
  });

  it("comes neither before its slot nor after it, but for what clocks differ", async () => {
    const { gate, measure, due, state } = inSlot();
    const at = async (millis: bigint) => {
      state.wall = millis;
      return "code" in (await gate.admit(measure(due), due.oracle.keys.publicKey)) ? "refused" : "admitted";
    };
    expect(await at(due.fromMillis - 1_001n)).toBe("refused");
    expect(await at(due.fromMillis - 999n)).toBe("admitted");
    expect(await at(due.untilMillis + 1_001n)).toBe("refused");
    expect(await at(due.untilMillis + 999n)).toBe("admitted");
  });

  it("is the second committee too, where somebody asked for it", async () => {
    const { gate, measure, measured, state } = scene({ oracles: 9, relays: 2, blocksPerEpoch: 10n });
    measured.epochs(2);
    const challenge = { challenger: accountOf("watcher"), relay: 1n, epoch: measured.epoch - 2n };
    expect(measured.chain.message("/weir.attestation.v1.MsgChallenge", challenge).refusal).toBeUndefined();
    measured.epochs(1);
    measured.block();
    measured.block();
    const [due] = measured.oracles
      .flatMap((oracle) => measured.due(oracle))
      .filter(({ relay, kind }) => relay === 1n && kind === attestationKind.remeasurement);
    state.wall = due!.fromMillis;
    expect(await gate.admit(measure(due!), due!.oracle.keys.publicKey)).toHaveProperty("bytesMax");
  });

  it("is nobody in an epoch that is not open, and no stranger makes the relay ask the chain on and on", async () => {
    const { gate, gateOptions, chain, measure, due } = inSlot();
    const key = due.oracle.keys.publicKey;
    for (const epoch of [0n, 99n]) {
      expect(await gate.admit(measure(due, { epoch }), key)).toMatchObject({ code: codes.REFUSAL_CODE_NOT_NOW });
    }
    const still = new ChainGate({ ...gateOptions, clock: { now: () => 0, after: () => () => undefined } });
    chain.asked.clear();
    for (let epoch = 0n; epoch < 50n; epoch++) await still.admit(measure(due, { epoch: epoch + 1000n }), key);
    expect(chain.asked.get("/weir.beacon.v1.Query/Epoch")).toBe(1);
  });

  it("is nobody where the month is used up, or while the chain cannot be asked", async () => {
    const { gate, gateOptions, measure, due, state } = inSlot();
    const key = due.oracle.keys.publicKey;
    state.closed = "this month's volume is used up";
    expect(await gate.admit(measure(due), key)).toMatchObject({ code: codes.REFUSAL_CODE_FULL });
    state.closed = undefined;
    const query = () => Promise.reject(new Error("no node answers"));
    const lost = new ChainGate({ ...gateOptions, chain: { chainId: "x", query } });
    const answer = await lost.admit(measure(due), key);
    expect(answer).toMatchObject({ code: codes.REFUSAL_CODE_NOT_NOW, retryMillis: 200 });
  });
});
