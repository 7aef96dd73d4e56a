/** Fourth step: gas for the transaction's bytes. A simulation pays for the signatures that it does not carry yet. */
import { aminoPublicKey, type PublicKey, publicKeyFromAny } from "../../crypto/publickey.ts";
import { isIncomplete } from "../signatures.ts";
import type { AnteRun, Signer } from "./run.ts";

/** Any valid key stands in for one that is not known yet; only its length counts. */
export const stand: PublicKey = { scheme: "secp256k1", key: new Uint8Array(33).fill(2) };

export function payForBytes(run: AnteRun): void {
  const { ctx, tx, params } = run;
  ctx.gas.consume(params.txSizeCostPerByte * BigInt(tx.bytes.length), "txSize");
  if (!run.simulate) return;
  for (const signer of run.signers) {
    if (!isIncomplete(signer.given)) continue;
    ctx.gas.consume(params.txSizeCostPerByte * missingBytes(run, signer), "txSize");
  }
}

/** As the SDK counts: an amino StdSignature and six bytes, times the most signatures there can be where a multisig signs. */
function missingBytes({ ctx, options, params }: AnteRun, signer: Signer): bigint {
  const packed = options.keepers.accounts.account(ctx, signer.address)?.publicKey;
  const key = packed === undefined ? stand : publicKeyFromAny(packed);
  const keyLength = aminoPublicKey(key).length;
  const cost = BigInt(1 + (keyLength < 0x80 ? 1 : 2) + keyLength + 66 + 6);
  return key.scheme === "multisig" ? cost * params.txSigLimit : cost;
}
