/**
 * Relays as the chain has them, for whoever wants to dial one: where it is and whom to expect there, with a proof where trust hangs on it. Owns the
 * reading; does not own which relay is chosen (choice.ts).
 */

import { writeUint64 } from "../../chain/keycodec.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import { QueryRelayRequest, QueryRelayResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import { Relay, type RelayTerms } from "../../proto/gen/weir/attestation/v1/state.ts";
import { drop } from "../daemon/failure.ts";
import type { Asking, ClientChain } from "./clientchain.ts";
import type { RelayTarget } from "./paidsession.ts";

const storeName = "attestation";
/** Collection `relays` at 03 (modules/attestation). */
const relaysPrefix = 3;

export function relayPlace(id: bigint): { readonly store: string; readonly key: Uint8Array } {
  const key = new Uint8Array(9);
  key[0] = relaysPrefix;
  writeUint64(key, 1, id);
  return { store: storeName, key };
}

const target = (id: bigint, { endpoints, transportKey }: RelayTerms): RelayTarget => ({ id, endpoints, transportKey });

/** By a node's word: enough to see how far away it is. */
export async function askedTarget(chain: Asking, id: bigint): Promise<RelayTarget | undefined> {
  const request = QueryRelayRequest.encode({ relay: `${id}` }).finish();
  const { relay } = await chain.query("/weir.attestation.v1.Query/Relay", request, (bytes) =>
    QueryRelayResponse.decode(bytes),
  );
  return relay?.terms === undefined ? undefined : target(id, relay.terms);
}

/** What counts in an epoch: the newest terms that have begun. */
function termsIn({ terms }: Relay, epoch: bigint): RelayTerms | undefined {
  return terms.filter(({ fromEpoch }) => fromEpoch <= epoch).at(-1) ?? terms[0];
}

/** Proven against a checked header: no node can send this client's traffic to another machine. */
export async function provenTarget(chain: ClientChain, id: bigint, epoch: bigint): Promise<RelayTarget> {
  const { store, key } = relayPlace(id);
  const bytes = await chain.proven(store, key);
  const relay = bytes === undefined ? undefined : strictDecode<Relay>(Relay.$type, bytes);
  const terms = relay === undefined ? undefined : termsIn(relay, epoch);
  if (terms === undefined) throw drop(`relay ${id} is not on the chain`);
  return target(id, terms);
}
