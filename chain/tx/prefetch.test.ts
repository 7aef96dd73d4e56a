import { describe, expect, it } from "vitest";
import { weir } from "../../modules/index.ts";
import {
  actor,
  anteChain,
  block,
  chainId,
  coins,
  ed25519Actor,
  multisigOf,
  send,
} from "../../test/helpers/antechain.ts";
import { ed25519KeyPair } from "../crypto/sign.ts";
import type { SignatureCheck } from "../crypto/types.ts";
import { makeRegistry } from "../definition.ts";
import { ChainError } from "../errors.ts";
import { executionContext } from "../execution.ts";
import { furtherSignatureGas, limitedGasMeter, unlimitedGasMeter } from "../gas.ts";
import { memoryJournal } from "../store/memory.ts";
import { combineMultisig, multisigSignBytes, signTx } from "./build.ts";
import { decodeTx } from "./decode.ts";
import { furtherChecks, signatureChecks } from "./prefetch.ts";

const alice = actor(1);
const edith = ed25519Actor(2);
const pair = multisigOf(2, [alice, edith]);
const chain = anteChain([alice, edith, pair]);
const registry = makeRegistry(weir.modules);
const fee = { amount: coins("5uweir"), gasLimit: 200_000n };

const source = {
  chainId,
  isGenesis: false,
  account: (address: Uint8Array) =>
    weir.ante.accounts.account(executionContext(chain.journal, block, "query", unlimitedGasMeter()), address),
};

const direct = (sequence: bigint) =>
  signTx({ messages: [send(alice, edith, "1uweir")] }, fee, [chain.signer(alice, { sequence })]);

function ofMultisig(): Uint8Array {
  const contents = { messages: [send(pair, alice, "1uweir")] };
  const message = multisigSignBytes(contents, fee, { chainId, accountNumber: 2n, sequence: 0n });
  const signatures = [alice, edith].map((member, index) => ({ index, signature: member.sign(message) }));
  return combineMultisig(contents, fee, { publicKey: pair.publicKey, sequence: 0n }, signatures);
}

describe("the checks that a block will need", () => {
  it("are the ones that the ante steps then ask for, in their order", () => {
    const txs = [
      direct(0n),
      signTx({ messages: [send(edith, alice, "1uweir")] }, fee, [chain.signer(edith, { mode: 127 })]),
      direct(1n),
      ofMultisig(),
    ];
    const asked: SignatureCheck[] = [];
    const verify = (check: SignatureCheck) => asked.push(check) > 0;
    const verifier = { verify, prefetch() {}, close: async () => {} };
    const guessed = signatureChecks(
      txs.map((tx) => decodeTx(tx, registry)),
      source,
    );
    for (const tx of txs) expect(chain.pass(tx, { verifier, keep: true }).refusal).toBeUndefined();
    expect(asked).toHaveLength(5);
    expect(guessed).toStrictEqual(asked);
  });

  it("leave out what is malformed or unknown, and go on with the rest", () => {
    const stranger = actor(9);
    const unknown = signTx({ messages: [send(stranger, alice, "1uweir")] }, fee, [
      { ...chain.signer(alice), publicKey: stranger.publicKey, sign: stranger.sign },
    ]);
    const bad = decodeTx(ofMultisig(), registry);
    const malformed = { ...bad, signatures: [Uint8Array.of(1, 2, 3)] };
    const unsigned = { ...bad, signatures: [] };
    const checks = signatureChecks(
      [decodeTx(unknown, registry), malformed, unsigned, decodeTx(direct(0n), registry)],
      source,
    );
    expect(checks).toHaveLength(1);
  });
});

describe("signatures that stand in messages", () => {
  const ctx = executionContext(memoryJournal(), block, "query", unlimitedGasMeter());
  const check = (byte: number): SignatureCheck => ({
    scheme: "ed25519",
    publicKey: new Uint8Array(32).fill(byte),
    signature: new Uint8Array(64).fill(byte),
    message: Uint8Array.of(byte),
  });
  /** A send whose handler says that these stand in it. */
  const holding = (gasLimit: bigint, further: () => readonly SignatureCheck[]) => {
    const tx = decodeTx(direct(0n), registry);
    const messages = tx.messages.map((message) => ({
      ...message,
      handler: { ...message.handler, furtherSignatures: further },
    }));
    return { ...tx, messages, authInfo: { ...tx.authInfo, fee: { ...tx.authInfo.fee!, gasLimit } } };
  };

  it("are guessed behind the transaction's own, where there is a state to guess from", () => {
    const tx = holding(200_000n, () => [check(1), check(2)]);
    expect(signatureChecks([tx], { ...source, ctx }).slice(1)).toEqual([check(1), check(2)]);
    expect(signatureChecks([tx], source)).toHaveLength(1);
  });

  it("are no more than the transaction's gas pays for", () => {
    const checks = [1, 2, 3].map(check);
    expect(
      furtherChecks(
        holding(3n * furtherSignatureGas, () => checks),
        ctx,
      ),
    ).toHaveLength(3);
    expect(
      furtherChecks(
        holding(3n * furtherSignatureGas - 1n, () => checks),
        ctx,
      ),
    ).toEqual(checks.slice(0, 2));
    expect(
      furtherChecks(
        holding(0n, () => checks),
        ctx,
      ),
    ).toEqual([]);
  });

  it("are none of a message that makes no sense; a defect stays one", () => {
    const nonsense = holding(200_000n, () => {
      throw new ChainError("sdk", 18, "no such thing");
    });
    expect(signatureChecks([nonsense], { ...source, ctx })).toHaveLength(1);
    const defect = () => {
      throw new TypeError("defect");
    };
    expect(() => furtherChecks(holding(200_000n, defect), ctx)).toThrow("defect");
  });

  it("are checked in execution by what the host gives, each for its gas, and afresh where it gives nothing", () => {
    const asked: SignatureCheck[] = [];
    const gas = limitedGasMeter(2n * furtherSignatureGas);
    const hosted = executionContext(memoryJournal(), block, "finalize", gas, (given) => asked.push(given) > 1);
    expect([hosted.verify(check(1)), hosted.verify(check(2))]).toEqual([false, true]);
    expect(asked).toEqual([check(1), check(2)]);
    expect(() => hosted.verify(check(3))).toThrow("out of gas");
    expect(asked).toHaveLength(2);

    const message = new TextEncoder().encode("signed");
    const pair = ed25519KeyPair(new Uint8Array(32).fill(2));
    const good = { ...check(1), publicKey: pair.publicKey, signature: edith.sign(message), message } as const;
    const alone = executionContext(memoryJournal(), block, "finalize", unlimitedGasMeter());
    expect(alone.verify(good)).toBe(true);
    expect(alone.sibling().verify({ ...good, message: Uint8Array.of(1) })).toBe(false);
  });
});
