/** Holds an answer with proof against an app hash, by the stock verifier and specs, as a light client does. */
import { iavlSpec, ics23, tendermintSpec, verifyMembership, verifyNonMembership } from "@confio/ics23";
import type { ProvenValue } from "../../chain/store/types.ts";

export function verifies(appHash: Uint8Array, store: string, key: Uint8Array, { value, ops }: ProvenValue): boolean {
  const [ofKey, ofStore] = ops;
  if (ops.length !== 2 || ofKey?.type !== "ics23:iavl" || ofStore?.type !== "ics23:simple") return false;
  if (Buffer.compare(ofKey.key, key) !== 0 || Buffer.from(ofStore.key).toString() !== store) return false;
  const storeProof = ics23.CommitmentProof.decode(ofStore.data);
  const root = storeProof.exist?.value;
  if (root == null || !verifyMembership(storeProof, tendermintSpec, appHash, ofStore.key, root)) return false;
  const keyProof = ics23.CommitmentProof.decode(ofKey.data);
  return value === undefined
    ? verifyNonMembership(keyProof, iavlSpec, root, key)
    : verifyMembership(keyProof, iavlSpec, root, key, value);
}
