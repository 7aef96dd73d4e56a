/** Auth's parameters: their defaults and what is wrong with others, in the SDK's words. Pure. */
import type { Params } from "../../proto/gen/cosmos/auth/v1beta1/auth.ts";

export const defaultParams: Params = {
  maxMemoCharacters: 256n,
  txSigLimit: 7n,
  txSizeCostPerByte: 10n,
  sigVerifyCostEd25519: 590n,
  sigVerifyCostSecp256k1: 1000n,
};

/** Undefined when all is well. */
export function paramsProblem(params: Params): string | undefined {
  if (params.txSigLimit === 0n) return "invalid tx signature limit: 0";
  if (params.sigVerifyCostEd25519 === 0n) return "invalid ED25519 signature verification cost: 0";
  // The SDK's own spelling.
  if (params.sigVerifyCostSecp256k1 === 0n) return "invalid SECK256k1 signature verification cost: 0";
  if (params.maxMemoCharacters === 0n) return "invalid max memo characters: 0";
  if (params.txSizeCostPerByte === 0n) return "invalid tx size cost per byte: 0";
  return undefined;
}
