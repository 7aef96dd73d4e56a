/** Accounts with keys, and their sends as bytes: for tests that speak to a node by its RPC. */
import { accountAddress } from "../../chain/address.ts";
import { messageCodec } from "../../chain/codec.ts";
import { secp256k1Address, sha256 } from "../../chain/crypto/hash.ts";
import { secp256k1KeyPair, sign } from "../../chain/crypto/sign.ts";
import { signTx, type TxContents } from "../../chain/tx/build.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";

export interface Sender {
  readonly address: string;
  readonly accountNumber: bigint;
  readonly keys: ReturnType<typeof secp256k1KeyPair>;
  sequence: bigint;
}

export function makeSenders(count: number): Sender[] {
  return Array.from({ length: count }, (_, index) => {
    const keys = secp256k1KeyPair(sha256(Buffer.from(`sender ${index}`)));
    const address = accountAddress.encode(secp256k1Address(keys.publicKey));
    return { address, accountNumber: BigInt(index), keys, sequence: 0n };
  });
}

/** A send of `amount` at the sender's next sequence. */
export function sendBytes(chainId: string, sender: Sender, to: string, amount = 1n): Uint8Array {
  const value = { fromAddress: sender.address, toAddress: to, amount: [{ denom: "uweir", amount: String(amount) }] };
  const contents: TxContents = { messages: [{ codec: messageCodec(MsgSend), value }] };
  const publicKey = { scheme: "secp256k1", key: sender.keys.publicKey } as const;
  const { accountNumber, keys } = sender;
  return signTx(contents, { amount: [{ denom: "uweir", amount: 2000n }], gasLimit: 200_000n }, [
    { chainId, accountNumber, sequence: sender.sequence++, publicKey, sign: (message) => sign(keys, message) },
  ]);
}
