import { describe, expect, it } from "vitest";
import { MultiSignature } from "../../../proto/gen/cosmos/crypto/multisig/v1beta1/multisig.ts";
import { type ModeInfo, TxRaw } from "../../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { actor, anteChain, chainId, changed, coins, multisigOf, send } from "../../../test/helpers/antechain.ts";
import { combineMultisig, multisigSignBytes, unsignedForSimulation } from "../build.ts";

const alice = actor(1);
const bob = actor(2);
const trio = multisigOf(2, [alice, bob, actor(4)]);
const octet = multisigOf(1, new Array(8).fill(bob));
const chain = anteChain([alice, bob, actor(3), trio, octet]);

const fee = { amount: coins("500uweir"), gasLimit: 200_000n };

describe("a multisig account", () => {
  const contents = { messages: [send(trio, bob, "1uweir")] };
  const { publicKey } = trio;
  const terms = { chainId, accountNumber: 3n, sequence: 0n };
  const message = multisigSignBytes(contents, fee, terms);
  const signatureOf = (index: number) => ({ index, signature: [alice, bob, actor(4)][index]!.sign(message) });
  const combined = (...indexes: number[]) =>
    combineMultisig(contents, fee, { publicKey, sequence: 0n }, indexes.map(signatureOf));

  it("spends by any two of its three keys", () => {
    for (const pair of [
      [0, 1],
      [2, 0],
      [1, 2],
      [0, 1, 2],
    ])
      expect(chain.pass(combined(...pair)).refusal, `${pair}`).toBeUndefined();
  });

  it("shows every signature, and the whole, in its events", () => {
    const { events } = chain.pass(combined(0, 2));
    const values = events
      .flatMap(({ attributes }) => attributes)
      .filter(({ key }) => key === "signature")
      .map(({ value }) => value);
    const { signatures } = TxRaw.decode(combined(0, 2));
    expect(values).toStrictEqual(
      [signatureOf(0).signature, signatureOf(2).signature, signatures[0]!].map((one) =>
        Buffer.from(one).toString("base64"),
      ),
    );
  });

  it("pays for each signature", () => {
    const difference = chain.pass(combined(0, 1, 2)).gasUsed - chain.pass(combined(0, 1)).gasUsed;
    expect(difference).toBeGreaterThan(1000n);
    expect(difference).toBeLessThan(2000n);
  });

  it("does not spend by one key, by wrong bits or by a wrong signature", () => {
    const messages = [
      combined(1),
      changed(combined(0, 1), ({ authInfo }) => (authInfo.signerInfos[0]!.modeInfo!.multi!.bitarray!.elems[0] = 0x60)),
      changed(combined(0, 1), ({ authInfo }) => (authInfo.signerInfos[0]!.modeInfo!.multi!.bitarray!.elems[0] = 0xd0)),
      changed(combined(0, 1), ({ authInfo }) => (authInfo.signerInfos[0]!.modeInfo!.multi!.bitarray!.elems[0] = 0xe0)),
      changed(combined(0, 1), ({ authInfo }) => authInfo.signerInfos[0]!.modeInfo!.multi!.modeInfos.pop()),
      changed(combined(0, 1), ({ authInfo }) =>
        Object.assign(authInfo.signerInfos[0]!, { modeInfo: { single: { mode: 127 } } }),
      ),
      combineMultisig(contents, fee, { publicKey, sequence: 0n }, [signatureOf(0), { ...signatureOf(0), index: 2 }]),
    ].map((tx) => chain.pass(tx).refusal);
    expect(messages.map((refusal) => refusal?.message)).toMatchInlineSnapshot(`
      [
        "signature size is incorrect 1: unauthorized",
        "signature verification failed; please verify account number (3), sequence (0) and chain-id (weir-test-1): unauthorized",
        "bit array has bits set beyond its size: unauthorized",
        "signature size is incorrect 2: unauthorized",
        "expected 1 multisig signatures, got 2: tx parse error",
        "a multisig key needs a multi mode info with a bit array: unauthorized",
        "signature verification failed; please verify account number (3), sequence (0) and chain-id (weir-test-1): unauthorized",
      ]
    `);
    expect(messages.every((refusal) => refusal?.codespace === "sdk")).toBe(true);
  });

  it("may not carry signatures in signatures in signatures", () => {
    const wrap = (signature: Uint8Array) => MultiSignature.encode({ signatures: [signature] }).finish();
    const bitarray = { extraBitsStored: 3, elems: Uint8Array.of(0x80) };
    const many = (inner: ModeInfo): ModeInfo => ({ single: undefined, multi: { bitarray, modeInfos: [inner] } });
    const tx = changed(combined(0, 1), ({ authInfo, signatures }) => {
      const one: ModeInfo = { single: { mode: 127 }, multi: undefined };
      authInfo.signerInfos[0]!.modeInfo = many(many(many(one)));
      signatures[0] = wrap(wrap(wrap(signatureOf(0).signature)));
    });
    expect(chain.pass(tx).refusal).toMatchObject({
      code: 14,
      message: "max depth of 2 reached: maximum number of signatures exceeded",
    });
  });

  it("may not have more keys than a transaction may have signatures", () => {
    const spending = { messages: [send(octet, bob, "1uweir")] };
    const one = { index: 0, signature: bob.sign(multisigSignBytes(spending, fee, { ...terms, accountNumber: 4n })) };
    const tx = combineMultisig(spending, fee, { publicKey: octet.publicKey, sequence: 0n }, [one]);
    expect(chain.pass(tx).refusal).toMatchObject({
      code: 14,
      message: "signatures: 8, limit: 7: maximum number of signatures exceeded",
    });
  });

  it("simulates without a signature and charges for every key", () => {
    const tx = unsignedForSimulation(contents, { amount: [], gasLimit: 0n }, [{ publicKey, sequence: 0n }]);
    const { refusal, gasUsed } = chain.pass(tx, { mode: "simulate" });
    expect(refusal).toBeUndefined();
    expect(gasUsed).toBeGreaterThanOrEqual(chain.pass(combined(0, 1, 2)).gasUsed);
  });
});
