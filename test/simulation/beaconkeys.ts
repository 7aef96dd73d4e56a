/** The secrets that simulated validators prove their blocks by: some of each account, by its number. */
import { prove, publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import type { SystemSigner } from "../../chain/systemtx.ts";

export const keysOfAccount = 3;

export const beaconSecret = (account: number, key: number): Uint8Array =>
  sha256(Buffer.from(`simulated beacon key ${account}/${key}`));

/** One process proposes for all. */
export const simulatedSigners = (accounts: number): SystemSigner[] =>
  Array.from({ length: accounts * keysOfAccount }, (_, index) => {
    const secret = beaconSecret(Math.floor(index / keysOfAccount), index % keysOfAccount);
    return { publicKey: publicKeyOf(secret), prove: (input) => prove(secret, input) };
  });
