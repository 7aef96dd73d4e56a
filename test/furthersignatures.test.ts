/** Signatures that stand in messages, on their whole way: guessed for workers, verified by CheckTx, known when the block comes. */
import { describe, expect, it } from "vitest";
import { ed25519KeyPair, sign } from "../chain/crypto/sign.ts";
import type { SignatureCheck } from "../chain/crypto/types.ts";
import { inlineVerifier, workerVerifier } from "../chain/crypto/verifier.ts";
import type { ChainDefinition } from "../chain/definition.ts";
import { furtherSignatureGas } from "../chain/gas.ts";
import type { AnyMessageHandler } from "../chain/module.ts";
import { weir } from "../modules/index.ts";
import { TestApplication } from "./helpers/testapplication.ts";

const keys = ed25519KeyPair(new Uint8Array(32).fill(5));
const checkOf = (number: number, isGood = true): SignatureCheck => {
  const message = new TextEncoder().encode(`reading ${number}`);
  const signature = sign(keys, message);
  return { scheme: "ed25519", publicKey: keys.publicKey, signature, message: isGood ? message : Uint8Array.of(number) };
};

/** The chain, in which these signatures stand in every transfer. */
function holding(checks: readonly SignatureCheck[], answers: boolean[]): ChainDefinition {
  const url = "/cosmos.bank.v1beta1.MsgSend";
  const modules = weir.modules.map((module) => {
    const handler = module.messages[url];
    if (handler === undefined) return module;
    const held: AnyMessageHandler = {
      ...handler,
      furtherSignatures: () => checks,
      execute(ctx, message) {
        for (const check of checks) answers.push(ctx.verify(check));
        return handler.execute(ctx, message);
      },
    };
    return { ...module, messages: { ...module.messages, [url]: held } };
  });
  return { ...weir, modules };
}

function spied() {
  const asked: SignatureCheck[] = [];
  const verifier = inlineVerifier();
  const verify = (check: SignatureCheck): boolean => {
    asked.push(check);
    return verifier.verify(check);
  };
  return { asked, verifier, spy: { ...verifier, verify } };
}

describe("signatures in messages", () => {
  it("are verified when a transaction is checked and not again when it is executed; a false one refuses nothing", async () => {
    const checks = [checkOf(1), checkOf(2, false), checkOf(3)];
    const answers: boolean[] = [];
    const { asked, verifier, spy } = spied();
    const chain = await TestApplication.start({ definition: holding(checks, answers), verifier: spy });
    const tx = chain.send(0, chain.accounts[1]!.address);
    asked.length = 0;
    expect(chain.check(tx).code).toBe(0);
    expect(asked.slice(1)).toEqual(checks);
    expect(answers).toEqual([]);
    const { hits } = verifier.cacheFigures!();
    const [result] = chain.seal([tx]).txResults;
    expect(result!.code).toBe(0);
    expect(answers).toEqual([true, false, true]);
    // The transaction's own, and the two that are good.
    expect(verifier.cacheFigures!().hits - hits).toBe(3);
    expect(chain.check(tx, true).code).not.toBe(0);
  });

  it("are asked of no node for nothing: as far as the gas pays, and not in a recheck", async () => {
    const { asked, spy } = spied();
    const many = Array.from({ length: 200 }, (_, index) => checkOf(index));
    const chain = await TestApplication.start({ definition: holding(many, []), verifier: spy });
    const tx = chain.send(0, chain.accounts[1]!.address, { gas: 120_000n });
    asked.length = 0;
    expect(chain.check(tx).code).toBe(0);
    expect(asked).toHaveLength(1 + Number(120_000n / furtherSignatureGas));
    asked.length = 0;
    chain.check(tx, true);
    expect(asked).toEqual([]);
    const [result] = chain.seal([tx]).txResults;
    expect(result!.log).toContain("out of gas in location: signature in a message");
  });

  it("are verified by workers as a transaction's own are, with the same result", async () => {
    const checks = Array.from({ length: 64 }, (_, index) => checkOf(index, index % 5 !== 0));
    const answers: boolean[] = [];
    const verifier = workerVerifier({ workers: 1 });
    const chain = await TestApplication.start({ definition: holding(checks, answers), verifier });
    const [result] = chain.seal([chain.send(0, chain.accounts[1]!.address, { gas: 900_000n })]).txResults;
    expect(result!.code).toBe(0);
    expect(answers).toEqual(checks.map((_, index) => index % 5 !== 0));
    await verifier.close();
  });
});
