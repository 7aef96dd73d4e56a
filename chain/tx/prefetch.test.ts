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
import type { SignatureCheck } from "../crypto/types.ts";
import { makeRegistry } from "../definition.ts";
import { executionContext } from "../execution.ts";
import { unlimitedGasMeter } from "../gas.ts";
import { combineMultisig, multisigSignBytes, signTx } from "./build.ts";
import { decodeTx } from "./decode.ts";
import { signatureChecks } from "./prefetch.ts";

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
