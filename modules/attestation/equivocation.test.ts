import { describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import type { Attestation } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { MsgUpdateOracle } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { accountOf, type Due, MeasuredChain, signed } from "../../test/helpers/measuredchain.ts";
import { testBlock } from "../../test/helpers/testchain.ts";
import { attestationBytes } from "./attestationbytes.ts";
import { oracleBond } from "./bonds.ts";
import { transportPossessionInput } from "./keys.ts";
import { oracle } from "./records.ts";

const reporter = accountOf("watcher");

function scene() {
  const chain = new MeasuredChain({ oracles: 4, relays: 2, params: { covert_rate: "0" } });
  chain.epochs(1);
  chain.toLastBlock();
  const { epoch } = chain;
  const due = chain.due(chain.oracles[0]!).find(({ relay }) => relay === 1n)!;
  return { chain, epoch, due };
}

const report = (chain: MeasuredChain, epoch: bigint, first?: Attestation, second?: Attestation, of = 1n) =>
  chain.chain.message("/weir.attestation.v1.MsgReportEquivocation", { reporter, oracle: of, epoch, first, second });
const twice = (chain: MeasuredChain, due: Due, epoch: bigint) =>
  [chain.attest(due, epoch), chain.attest(due, epoch, { measuredBps: 1n })] as const;

describe("equivocation", () => {
  it("costs a twentieth of the bond and jails at once, once for an epoch", () => {
    const { chain, epoch, due } = scene();
    const bond = () => oracleBond(chain.chain.context(), 1n);
    const before = bond();
    const [first, second] = twice(chain, due, epoch);
    const { refusal, events } = report(chain, epoch, first, second);
    expect(refusal).toBeUndefined();
    expect(bond()).toBe((before * 95n) / 100n);
    expect(oracle(chain.chain.context(), 1n)!.standing).toBe(Standing.STANDING_JAILED);
    const told = events.find(({ type }) => type === "weir.attestation.v1.EventEquivocated")!;
    expect(told.attributes.map(({ key, value }) => `${key} ${value}`)).toEqual([
      `burned "${before / 20n}"`,
      `epoch "${epoch}"`,
      'oracle "1"',
      'relay "1"',
    ]);
    expect(report(chain, epoch, second, first).refusal).toMatchObject({ code: 141 });
    expect(chain.chain.broken()).toBeUndefined();
    chain.epochs(1);
    expect(chain.due(chain.oracles[0]!)).toEqual([]);
  });

  it("is punished as long as keys and bond are there, also of who leaves, and not for ever", () => {
    const { chain, epoch, due } = scene();
    const [first, second] = twice(chain, due, epoch);
    while (chain.epoch < epoch + 32n) chain.toNextEpoch();
    const other = chain.attest({ ...due, oracle: chain.oracles[1]! }, epoch);
    const different = chain.attest({ ...due, oracle: chain.oracles[1]! }, epoch, { measuredBps: 1n });
    expect(report(chain, epoch, other, different, 2n).refusal).toBeUndefined();
    chain.toNextEpoch();
    expect(report(chain, epoch, first, second).refusal).toMatchObject({ code: 142 });
  });

  it("is verified by the key that the oracle had in that epoch", () => {
    const { chain, epoch, due } = scene();
    const operator = chain.oracles[0]!.operator;
    const keys = ed25519KeyPair(sha256(Buffer.from("another key")));
    const input = transportPossessionInput(testBlock.chainId, accountAddress.decode(operator));
    const transportKey = { publicKey: keys.publicKey, possession: signed(keys, input) };
    const update = MsgUpdateOracle.fromPartial({ operator, id: 1n, transportKey });
    expect(chain.chain.message("/weir.attestation.v1.MsgUpdateOracle", update).refusal).toBeUndefined();
    chain.toNextEpoch();
    const [first, second] = twice(chain, due, epoch);
    const place = { chainId: testBlock.chainId, epoch, oracle: 1n };
    const byNew = (one: Attestation) => ({ ...one, signature: signed(keys, attestationBytes(place, one)) });
    expect(report(chain, epoch, byNew(first), byNew(second)).refusal).toMatchObject({ code: 106 });
    expect(report(chain, epoch, first, byNew(second)).refusal).toMatchObject({ code: 106 });
    expect(report(chain, epoch, first, second).refusal).toBeUndefined();
  });

  it("is not one reading twice, two of different things, two of one's own making, or of no oracle", () => {
    const { chain, epoch, due } = scene();
    const [first, second] = twice(chain, due, epoch);
    const refused = (left?: Attestation, right?: Attestation, of = 1n, at = epoch) =>
      report(chain, at, left, right, of).refusal!;
    expect(refused(first, { ...first, signature: second.signature }).message).toBe(
      "the two are one and the same reading",
    );
    expect(refused(first, { ...second, relay: 2n }).message).toContain("expected one relay and one kind");
    expect(refused(first, { ...second, kind: 4 }).message).toContain("expected one relay and one kind");
    expect(refused(first, undefined).message).toBe("two attestations are expected");
    expect(refused(first, { ...second, lossPpm: 2_000_000 }).message).toContain("loss_ppm is 2000000");
    expect(refused(first, { ...second, measuredBps: 2n })).toMatchObject({ code: 106 });
    expect(refused(first, second, 2n)).toMatchObject({ code: 106 });
    expect(refused(first, second, 99n)).toMatchObject({ code: 133 });
    expect(refused(first, second, 1n, epoch + 1n).message).toBe(`epoch ${epoch + 1n} has not opened`);
    expect(refused(first, second, 1n, epoch - 1n)).toMatchObject({ code: 133 });
    expect(chain.chain.broken()).toBeUndefined();
  });
});
