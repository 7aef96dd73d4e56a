/** Seventh and eighth step: how many keys may sign, gas for them, and that they did. */

import { countSingleKeys, type PublicKey, type SingleKey } from "../../crypto/publickey.ts";
import { ChainError, sdk } from "../../errors.ts";
import { type GivenSignature, isIncomplete, onlyAmino, signingMembers } from "../signatures.ts";
import { signatureProblem } from "../verify.ts";
import { type AnteRun, type Signer, settled } from "./run.ts";

export function checkSignatureCount({ signers, params }: AnteRun): void {
  let count = 0;
  for (const { key } of signers) {
    count += key === undefined ? 0 : countSingleKeys(key);
    if (BigInt(count) > params.txSigLimit)
      throw sdk.tooManySignatures(`signatures: ${count}, limit: ${params.txSigLimit}`);
  }
}

export function payForSignatures(run: AnteRun): void {
  for (const signer of run.signers) {
    const { key } = settled(signer);
    for (const { scheme } of payingKeys(run, key, signer.given)) {
      const { sigVerifyCostEd25519, sigVerifyCostSecp256k1 } = run.params;
      const cost = scheme === "ed25519" ? sigVerifyCostEd25519 : sigVerifyCostSecp256k1;
      run.ctx.gas.consume(cost, `ante verify: ${scheme}`);
    }
  }
}

/** A simulation does not say which members of a multisig will sign: it pays for all of them. */
function payingKeys({ simulate }: AnteRun, key: PublicKey, given: GivenSignature | undefined): readonly SingleKey[] {
  if (key.scheme !== "multisig") return [key];
  if (simulate && isIncomplete(given)) return singleKeys(key);
  try {
    return signingMembers(key, given!).map(({ publicKey }) => publicKey);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.unauthorized(error.message);
    throw error;
  }
}

const singleKeys = (key: PublicKey): readonly SingleKey[] =>
  key.scheme === "multisig" ? key.publicKeys.flatMap(singleKeys) : [key];

/** Signatures are verified once: a recheck asks only whether the sequence still fits. */
export function checkSignatures(run: AnteRun): void {
  const verifies = !run.simulate && run.ctx.mode !== "recheck";
  for (const signer of run.signers) {
    const { account } = settled(signer);
    if (signer.sequence !== account.sequence)
      throw sdk.wrongSequence(`account sequence mismatch, expected ${account.sequence}, got ${signer.sequence}`);
    if (verifies) checkSignature(run, signer);
  }
}

function checkSignature({ ctx, tx, options }: AnteRun, signer: Signer): void {
  const { account, key } = settled(signer);
  const { chainId, height } = ctx.block;
  const accountNumber = height === 0n ? 0n : account.accountNumber;
  const given = signer.given!;
  const signed = { chainId, accountNumber, sequence: signer.sequence };
  const problem = signatureProblem(key, given, tx, signed, (check) => options.verifier.verify(check));
  if (problem === undefined) return;
  const verify = "signature verification failed; please verify account number";
  throw sdk.unauthorized(
    onlyAmino(given.modeInfo)
      ? `${verify} (${accountNumber}), sequence (${account.sequence}) and chain-id (${chainId})`
      : `${verify} (${accountNumber}) and chain-id (${chainId}): (${problem})`,
  );
}
