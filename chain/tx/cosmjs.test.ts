/** What stock clients sign must pass: CosmJS 0.32, by protobuf and by amino JSON. */

import { DirectSecp256k1Wallet, type OfflineSigner } from "@cosmjs/proto-signing";
import { AminoTypes, createDefaultAminoConverters, GasPrice, SigningStargateClient } from "@cosmjs/stargate";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx.js";
import { describe, expect, it } from "vitest";
import { actor, anteChain, chainId } from "../../test/helpers/antechain.ts";

const privateKey = new Uint8Array(32).fill(1);
const alice = actor(1);
const bob = actor(2);
const chain = anteChain([alice, bob]);

const message = {
  typeUrl: "/cosmos.bank.v1beta1.MsgSend",
  value: { fromAddress: alice.address, toAddress: bob.address, amount: [{ denom: "uweir", amount: "10" }] },
};
const fee = { amount: [{ denom: "uweir", amount: "500" }], gas: "200000" };
const signerData = { accountNumber: 0, sequence: 0, chainId };

const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);

/** A Ledger, as far as CosmJS can tell. */
const aminoSigner: OfflineSigner = {
  getAccounts: async () => [{ address: alice.address, algo: "secp256k1" as const, pubkey: new Uint8Array(keyBytes()) }],
  signAmino: async <D>(_: string, signDoc: D) => ({
    signed: signDoc,
    signature: {
      pub_key: { type: "tendermint/PubKeySecp256k1", value: Buffer.from(keyBytes()).toString("base64") },
      signature: Buffer.from(alice.sign(new TextEncoder().encode(sortedJson(signDoc)))).toString("base64"),
    },
  }),
};

function keyBytes(): Uint8Array {
  if (alice.publicKey.scheme === "multisig") throw new Error("alice has one key");
  return alice.publicKey.key;
}

async function signedBy(
  signer: Parameters<typeof SigningStargateClient.offline>[0],
  memo: string,
): Promise<Uint8Array> {
  const client = await SigningStargateClient.offline(signer, {
    aminoTypes: new AminoTypes(createDefaultAminoConverters()),
    gasPrice: GasPrice.fromString("0.0025uweir"),
  });
  return TxRaw.encode(await client.sign(alice.address, [message], fee, memo, signerData)).finish();
}

describe("a transaction of CosmJS", () => {
  it("passes when signed by protobuf", async () => {
    const tx = await signedBy(await DirectSecp256k1Wallet.fromKey(privateKey, "weir"), "grüße <&>");
    expect(chain.pass(tx).refusal).toBeUndefined();
  });

  it("passes when signed by amino JSON, as a Ledger does", async () => {
    expect(chain.pass(await signedBy(aminoSigner, "grüße <&>")).refusal).toBeUndefined();
  });
});
