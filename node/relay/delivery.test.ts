import { describe, expect, it } from "vitest";
import { attestationKind } from "../../modules/attestation/attestationbytes.ts";
import type { AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { MsgSubmitAttestations } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { answersOf } from "../../test/helpers/chainanswers.ts";
import { MeasuredChain } from "../../test/helpers/measuredchain.ts";
import { Refusal } from "../transport/opening.ts";
import { checkDelivery } from "./delivery.ts";

/** Measured in full, and committed to by all oracles in the last block of epoch 1. */
function scene() {
  const measured = new MeasuredChain({
    oracles: 3,
    relays: 3,
    blocksPerEpoch: 10n,
    checksInvariants: false,
    params: { covert_rate: "0.0" },
  });
  measured.epochs(1);
  measured.toLastBlock();
  measured.commitAll();
  const [committed] = measured.committed;
  const { oracle, attestations } = committed!;
  const options = {
    chain: answersOf(measured),
    relay: 2n,
    relayKey: measured.relays[1]!.keys.publicKey,
    openEpoch: () => measured.epoch as bigint | undefined,
  };
  const at = attestations.findIndex(({ relay }) => relay === 2n);
  const range = measured.rangeOf(committed!, at, 1);
  const check = (
    ranges: readonly AttestationRange[],
    changes: Partial<typeof options> = {},
    key = oracle.keys.publicKey,
  ) =>
    checkDelivery(MsgSubmitAttestations.encode({ submitter: "", ranges: [...ranges] }).finish(), key, {
      ...options,
      ...changes,
    });
  return { measured, committed: committed!, range, check, at };
}

const refused = async (answer: Promise<unknown>): Promise<Pick<Refusal, "code" | "message">> => {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Refusal);
  const { code, message } = error as Refusal;
  return { code, message };
};

describe("what an oracle delivers", () => {
  it("is taken where it is about this relay, signed, and on its path to what was committed to", async () => {
    const { check, range, measured } = scene();
    expect(await check([range])).toEqual([range]);
    measured.toNextEpoch();
    expect(await check([range])).toEqual([range]);
  });

  it("is refused where it is another relay's, of another oracle's key, or nothing", async () => {
    const { check, range, measured, committed, at } = scene();
    const code = RefusalCode.REFUSAL_CODE_MALFORMED;
    expect(await refused(check([range], { relay: 1n }))).toMatchObject({ code });
    expect(await refused(check([measured.rangeOf(committed, at - 1, 2)]))).toMatchObject({ code });
    expect(await refused(check([]))).toMatchObject({ code });
    const other = measured.oracles.find(({ id }) => id !== committed.oracle.id)!;
    expect(await refused(check([range], {}, other.keys.publicKey))).toMatchObject({
      code: RefusalCode.REFUSAL_CODE_UNKNOWN_PEER,
    });
  });

  it("is refused where a byte of reading, path or signature is another, as the chain would", async () => {
    const { check, range } = scene();
    const [attestation] = range.attestations;
    const changedPath = range.path.map((hash) => hash.map((byte) => byte ^ 1));
    const cases: readonly [AttestationRange, string][] = [
      [{ ...range, path: changedPath }, "path"],
      [{ ...range, firstIndex: range.firstIndex + 1 }, "path"],
      [{ ...range, attestations: [{ ...attestation!, measuredBps: attestation!.measuredBps - 1n }] }, "path"],
      [{ ...range, attestations: [{ ...attestation!, signature: new Uint8Array(64).fill(1) }] }, "signed"],
      [{ ...range, attestations: [{ ...attestation!, relaySignature: new Uint8Array(64).fill(1) }] }, "this relay's"],
      [{ ...range, attestations: [{ ...attestation!, lossPpm: 2_000_000 }] }, "loss_ppm"],
      [{ ...range, attestations: [{ ...attestation!, kind: attestationKind.covert }] }, "kind 3"],
      [{ ...range, vrfProof: new Uint8Array(80) }, "covert"],
    ];
    for (const [changed, text] of cases) expect((await refused(check([changed]))).message).toContain(text);
  });

  it("waits for the commitment and for the epoch, and is too late after the next one", async () => {
    const { check, range, measured } = scene();
    const code = RefusalCode.REFUSAL_CODE_NOT_NOW;
    expect(await refused(check([range], { openEpoch: () => undefined }))).toMatchObject({ code });
    expect(await refused(check([range], { openEpoch: () => range.epoch - 1n }))).toMatchObject({ code });
    const uncommitted = new MeasuredChain({ oracles: 3, relays: 3, blocksPerEpoch: 10n, checksInvariants: false });
    uncommitted.epochs(1);
    expect(await refused(check([range], { chain: answersOf(uncommitted) }))).toMatchObject({ code });
    measured.toNextEpoch();
    measured.toNextEpoch();
    expect((await refused(check([range]))).message).toContain("is past");
  });

  it("is refused where it cannot be read, names a submitter, or is too much", async () => {
    const { range, measured, check } = scene();
    const options = { chain: answersOf(measured), relay: 2n, relayKey: new Uint8Array(32), openEpoch: () => 1n };
    expect((await refused(checkDelivery(Uint8Array.of(0xff), new Uint8Array(32), options))).message).toContain("read");
    const named = MsgSubmitAttestations.encode({ submitter: "weir1", ranges: [range] }).finish();
    expect((await refused(checkDelivery(named, new Uint8Array(32), options))).message).toContain("submitter");
    expect((await refused(check([range, range, range, range, range]))).message).toContain("at most");
  });
});
