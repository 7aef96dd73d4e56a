/** Sixth step: every signer has an account and a key, and the key is the address's. The first signature sets an account's key. */
import { base64 } from "../../base64.ts";
import { type ProtoAny, publicKeyAddress, publicKeyFromAny, publicKeyToAny } from "../../crypto/publickey.ts";
import { sdk } from "../../errors.ts";
import { event } from "../../events.ts";
import { compareBytes } from "../../store/types.ts";
import { flattenedSignatures } from "../signatures.ts";
import { stand } from "./gas.ts";
import type { AnteRun, Signer } from "./run.ts";

export function setPublicKeys(run: AnteRun): void {
  run.signers.forEach((signer, index) => {
    setPublicKey(run, signer, run.tx.authInfo.signerInfos[index]!.publicKey, index);
  });
  for (const { text, given, sequence } of run.signers) {
    run.ctx.emit(event("tx", { acc_seq: `${text}/${sequence}` }));
    if (given === undefined) throw sdk.tooManySignatures("SignatureData is required");
    for (const signature of flattenedSignatures(given)) run.ctx.emit(event("tx", { signature: base64(signature) }));
  }
}

function setPublicKey(run: AnteRun, signer: Signer, given: ProtoAny | undefined, index: number): void {
  const account = run.options.keepers.accounts.account(run.ctx, signer.address);
  const stored = account?.publicKey;
  if (given !== undefined && !run.simulate && !(stored !== undefined && isSame(stored, given))) {
    const key = publicKeyFromAny(given);
    if (compareBytes(publicKeyAddress(key), signer.address) !== 0)
      throw sdk.invalidPubKey(`pubKey does not match signer address ${signer.text} with signer index: ${index}`);
  }
  if (account === undefined) throw sdk.unknownAddress(`account ${signer.text} does not exist`);
  const packed = stored ?? given ?? (run.simulate ? publicKeyToAny(stand) : undefined);
  signer.account = { ...account, publicKey: packed };
  signer.key = packed === undefined ? undefined : publicKeyFromAny(packed);
}

const isSame = (a: ProtoAny, b: ProtoAny): boolean => a.typeUrl === b.typeUrl && compareBytes(a.value, b.value) === 0;
