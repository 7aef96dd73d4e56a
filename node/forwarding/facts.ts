/**
 * What the chain says of a session, for a relay that carries on its word: read with a proof, since money hangs on it. Owns how the entry is found
 * and read; does not own proofs (../chain) nor what a relay does with it.
 */
import { decFromProto } from "../../chain/dec.ts";
import { QueryEpochRequest, QueryEpochResponse } from "../../proto/gen/weir/beacon/v1/query.ts";
import { Session } from "../../proto/gen/weir/market/v1/state.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import type { SessionTerms, SettledPart } from "../relay/ledger.ts";

export interface SessionFacts {
  readonly terms: SessionTerms;
  readonly relay: bigint;
  readonly denom: string;
  readonly settled: SettledPart;
  readonly settledAmount: bigint;
  /** The first epoch in which it need not be served any more. */
  readonly expiresEpoch: bigint;
  /** The first epoch in which it takes no voucher any more. */
  readonly endsEpoch: bigint;
  /** Its client closes it: nobody serves it any more, and the highest voucher has to be there before it ends. */
  readonly isClosing: boolean;
}

export interface SessionSource {
  /** Undefined where there is none, proven. */
  session(id: bigint): Promise<SessionFacts | undefined>;
  epoch(): Promise<bigint>;
}

const marketStore = "market";
/** The collection `sessions` of modules/market/README.md. */
const sessionsPrefix = 4;

export function sessionKey(id: bigint): Uint8Array {
  const key = Buffer.alloc(9);
  key[0] = sessionsPrefix;
  key.writeBigUInt64BE(id, 1);
  return Uint8Array.from(key);
}

export function factsOf(chainId: string, session: Session): SessionFacts {
  const { id, key, price, locked, settled, subscription, bytesMax } = session;
  const terms = { chainId, session: id, key, pricePerGib: decFromProto(price), locked: BigInt(locked) };
  return {
    terms: subscription === 0n ? terms : { ...terms, quotaBytes: bytesMax },
    relay: session.relay,
    denom: session.denom,
    settled: { bytes: session.bytes, nonce: session.nonce, delivered: session.deliveredBytes },
    settledAmount: BigInt(settled),
    expiresEpoch: session.expiresEpoch,
    endsEpoch: session.endsEpoch,
    isClosing: session.isClosing,
  };
}

export const chainSessions = (chain: Pick<ChainClient, "chainId" | "query" | "proven">): SessionSource => ({
  async session(id) {
    const value = await chain.proven(marketStore, sessionKey(id));
    return value === undefined ? undefined : factsOf(chain.chainId, Session.decode(value));
  },
  async epoch() {
    const request = QueryEpochRequest.encode(QueryEpochRequest.fromPartial({})).finish();
    const { epoch } = await chain.query("/weir.beacon.v1.Query/Epoch", request, (bytes) =>
      QueryEpochResponse.decode(bytes),
    );
    return epoch?.number ?? 0n;
  },
});
