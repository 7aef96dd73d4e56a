/** Relays of a market's tests, as the registry and the sweep would leave them. */
import { accountAddress } from "../../chain/address.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair, signEd25519 } from "../../chain/crypto/sign.ts";
import { type Dec, decOne } from "../../chain/dec.ts";
import { transportPossessionInput } from "../../modules/attestation/keys.ts";
import { changeTrust, relay as registered, setRelay } from "../../modules/attestation/records.ts";
import { relayCount } from "../../modules/attestation/state.ts";
import { currentEpoch } from "../../modules/beacon/index.ts";
import { ExitKind, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { MsgRegisterRelay, Payout } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { type TestChain, testBlock } from "./testchain.ts";

export interface RelayTraits {
  readonly operator: string;
  readonly cell: string;
  readonly priceFloor: bigint;
  readonly claimedBps: bigint;
  readonly measuredBps: bigint;
  readonly isStable: boolean;
  readonly reputation: Dec;
  readonly uptime: Dec;
  readonly isPaidInToken: boolean;
}

export const transportSeed = (relay: bigint): Uint8Array => sha256(Buffer.from(`transport ${relay}`));

const usual: Omit<RelayTraits, "operator"> = {
  cell: "europe-west",
  priceFloor: 0n,
  claimedBps: 100_000_000n,
  measuredBps: 100_000_000n,
  isStable: false,
  reputation: decOne / 2n,
  uptime: decOne,
  isPaidInToken: false,
};

/** Registered by its operator's message, and serving at once: the registry would let it wait for the next open. */
export function addRelay(chain: TestChain, given: Pick<RelayTraits, "operator"> & Partial<RelayTraits>): bigint {
  const traits = { ...usual, ...given };
  const id = relayCount.peek(chain.context()) + 1n;
  const { refusal } = chain.message("/weir.attestation.v1.MsgRegisterRelay", registration(id, traits));
  if (refusal !== undefined) throw refusal;
  const ctx = chain.context();
  const found = registered(ctx, id)!;
  const terms = found.terms.map((one) => ({ ...one, fromEpoch: currentEpoch(ctx)?.number ?? 0n }));
  setRelay(ctx, found, { ...found, terms });
  measured(chain, id, traits);
  return id;
}

function registration(id: bigint, traits: RelayTraits): MsgRegisterRelay {
  const { operator, claimedBps, cell, priceFloor, isPaidInToken } = traits;
  const seed = transportSeed(id);
  const input = transportPossessionInput(testBlock.chainId, accountAddress.decode(operator));
  return MsgRegisterRelay.fromPartial({
    operator,
    moniker: `relay ${id}`,
    endpoints: [`9.9.9.9:${1_000n + id}`],
    transportKey: { publicKey: ed25519KeyPair(seed).publicKey, possession: signEd25519(seed, input) },
    claimedBps,
    rttMicros: 20_000n,
    cell,
    exitPolicy: { kind: ExitKind.EXIT_KIND_WEB, ports: [] },
    priceFloor,
    payout: isPaidInToken ? Payout.PAYOUT_WEIR : Payout.PAYOUT_STABLE,
    commissionRate: "0",
    commissionRateMax: "0",
    commissionChangeMax: "0",
    bond: "1000000000",
  });
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
