/** An entry of a store with its two proofs, up to the app hash of a header. Owns how the two hang together; the trees are ics23.ts's. */
import { storeRootIn, verifyIavl, verifySimple } from "./ics23.ts";
import type { AbciAnswer } from "./nodeclient.ts";

/** The entry's value, undefined where it is absent. Throws ProofRefused. */
export function provenValue(
  { value, proofOps }: AbciAnswer,
  store: string,
  key: Uint8Array,
  appHash: Uint8Array,
): Uint8Array | undefined {
  const [ofKey, ofStore] = proofOps;
  if (proofOps.length !== 2 || ofKey?.type !== "ics23:iavl" || ofStore?.type !== "ics23:simple") {
    throw new Error("the node gives no proof of the two forms ics23:iavl and ics23:simple");
  }
  const root = storeRootIn(ofStore.data);
  verifySimple(ofStore.data, appHash, Buffer.from(store), root);
  const found = value.length === 0 ? undefined : value;
  verifyIavl(ofKey.data, root, key, found);
  return found;
}
