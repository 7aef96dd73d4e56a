/** Relays of a market's tests, as the registry and the sweep would leave them. */
import { sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { type Dec, decOne } from "../../chain/dec.ts";
import { changeTrust, relay as registered, setRelay } from "../../modules/attestation/records.ts";
import { relayCount } from "../../modules/attestation/state.ts";
import { Relay, type RelayTerms, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import type { TestChain } from "./testchain.ts";

export interface RelayTraits {
  readonly operator: string;
  readonly cell: string;
  readonly priceFloor: bigint;
  readonly claimedBps: bigint;
  readonly measuredBps: bigint;
  readonly isStable: boolean;
  readonly reputation: Dec;
  readonly uptime: Dec;
}

export const transportSeed = (relay: bigint): Uint8Array => sha256(Buffer.from(`transport ${relay}`));

const usual: Omit<RelayTraits, "operator"> = {
  cell: "eu",
  priceFloor: 0n,
  claimedBps: 100_000_000n,
  measuredBps: 100_000_000n,
  isStable: false,
  reputation: decOne / 2n,
  uptime: decOne,
};

const termsOf = (id: bigint, { cell, priceFloor, claimedBps }: RelayTraits): RelayTerms => ({
  fromEpoch: 0n,
  serves: true,
  untilEpoch: 0n,
  endpoints: [`192.0.2.1:${1_000n + id}`],
  transportKey: ed25519KeyPair(transportSeed(id)).publicKey,
  claimedBps,
  rttMicros: 20_000n,
  cell,
  exitPolicy: { kind: 3, ports: [] },
  priceFloor,
});

export function addRelay(chain: TestChain, given: Pick<RelayTraits, "operator"> & Partial<RelayTraits>): bigint {
  const ctx = chain.context();
  const id = relayCount.next(ctx) + 1n;
  const traits = { ...usual, ...given };
  const relay = Relay.fromPartial({
    id,
    operator: traits.operator,
    moniker: `relay ${id}`,
    standing: Standing.STANDING_ACTIVE,
    commission: { rate: "0", rateMax: "0", changeMax: "0" },
  });
  setRelay(ctx, undefined, { ...relay, terms: [termsOf(id, traits)] });
  measured(chain, id, traits);
  return id;
}

/** As the sweep says it. */
export function measured(chain: TestChain, id: bigint, traits: Partial<RelayTraits>): void {
  const { measuredBps, isStable, reputation, uptime } = { ...usual, ...traits };
  changeTrust(chain.context(), id, { reputation, lastMedianBps: measuredBps, uptime, stable: isStable, prefix: "" });
}

/** No more new sessions. */
export function pause(chain: TestChain, id: bigint): void {
  const ctx = chain.context();
  const found = registered(ctx, id)!;
  setRelay(ctx, found, { ...found, standing: Standing.STANDING_PAUSED });
}
