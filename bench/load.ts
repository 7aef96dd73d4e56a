/** The load of the execution benches: many funded accounts, and blocks of signed sends from unique senders. Owns no chain. */

import { createRequire } from "node:module";
import { accountAddress } from "../chain/address.ts";
import { secp256k1Address, sha256 } from "../chain/crypto/hash.ts";
import { MsgSend } from "../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { PubKey } from "../proto/gen/cosmos/crypto/secp256k1/keys.ts";
import { AuthInfo, SignDoc, TxBody, TxRaw } from "../proto/gen/cosmos/tx/v1beta1/tx.ts";

/** The bindings themselves: a hundred thousand signatures are made before anything is measured, and noble would take minutes. */
const native = createRequire(import.meta.url)("secp256k1/bindings") as {
  publicKeyCreate(privateKey: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { signature: Uint8Array };
};

export const chainId = "bench-1";
export const denom = "uweir";
export const balanceAtStart = 1_000_000_000n;

export interface Signer {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly address: string;
  readonly accountNumber: bigint;
  sequence: bigint;
}

export function makeSigners(count: number): Signer[] {
  return Array.from({ length: count }, (_, index) => {
    const privateKey = sha256(Buffer.from(`bench signer ${index}`));
    const publicKey = native.publicKeyCreate(privateKey, true);
    const address = accountAddress.encode(secp256k1Address(publicKey));
    return { privateKey, publicKey, address, accountNumber: BigInt(index), sequence: 0n };
  });
}

/** Addresses that only hold money, so that the state reaches its size. */
export const makeHolders = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    accountAddress.encode(sha256(Buffer.from(`bench holder ${index}`)).slice(0, 20)),
  );

/** A send from the signer, of 1 unless told otherwise, at its next sequence. */
export function signedSend(signer: Signer, to: string, { amount = "1" }: { amount?: string } = {}): Uint8Array {
  const value = MsgSend.encode({
    fromAddress: signer.address,
    toAddress: to,
    amount: [{ denom, amount }],
  }).finish();
  return signedMessage(signer, { typeUrl: "/cosmos.bank.v1beta1.MsgSend", value }, 200_000n);
}

/** A transaction of one message at the signer's next sequence. */
export function signedMessage(
  signer: Signer,
  message: { readonly typeUrl: string; readonly value: Uint8Array },
  gasLimit: bigint,
): Uint8Array {
  const bodyBytes = TxBody.encode(TxBody.fromPartial({ messages: [message] })).finish();
  const publicKey = {
    typeUrl: "/cosmos.crypto.secp256k1.PubKey",
    value: PubKey.encode({ key: signer.publicKey }).finish(),
  };
  const authInfoBytes = AuthInfo.encode(
    AuthInfo.fromPartial({
      signerInfos: [{ publicKey, modeInfo: { single: { mode: 1 } }, sequence: signer.sequence }],
      fee: { amount: [{ denom, amount: "2000" }], gasLimit },
    }),
  ).finish();
  const { accountNumber } = signer;
  const digest = sha256(SignDoc.encode({ bodyBytes, authInfoBytes, chainId, accountNumber }).finish());
  signer.sequence++;
  return TxRaw.encode({
    bodyBytes,
    authInfoBytes,
    signatures: [native.ecdsaSign(digest, signer.privateKey).signature],
  }).finish();
}

/** Blocks of sends: each sender once before any sends again; receivers spread over everyone. */
export function makeBlocks(
  signers: readonly Signer[],
  receivers: readonly string[],
  blocks: number,
  sendsPerBlock: number,
): Uint8Array[][] {
  let next = 0;
  return Array.from({ length: blocks }, () =>
    Array.from({ length: sendsPerBlock }, () => {
      const index = next++;
      return signedSend(signers[index % signers.length]!, receivers[(index * 7919 + 13) % receivers.length]!);
    }),
  );
}
