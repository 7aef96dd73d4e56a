/** Who signs a daemon's transactions. Owns the shape and the key that is in memory while a daemon runs; where it was at rest is the cli's. */
import { accountAddress } from "../../chain/address.ts";
import { publicKeyAddress } from "../../chain/crypto/publickey.ts";
import { secp256k1KeyPair, signSecp256k1 } from "../../chain/crypto/sign.ts";

export interface AccountSigner {
  /** Bech32. */
  readonly address: string;
  /** 33 bytes, secp256k1. */
  readonly publicKey: Uint8Array;
  /** 64 bytes over SHA-256 of what is signed, low s. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export function signerOf(privateKey: Uint8Array): AccountSigner {
  const { publicKey } = secp256k1KeyPair(privateKey);
  return {
    address: accountAddress.encode(publicKeyAddress({ scheme: "secp256k1", key: publicKey })),
    publicKey,
    sign: async (bytes) => signSecp256k1(privateKey, bytes),
  };
}
