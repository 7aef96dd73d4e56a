/**
 * Who takes part in a devnet, by which keys, at which speeds: all of it follows from a seed, so that the same seed gives the same network again.
 * Owns names, claims and bonds; what is written of them is genesis.ts and homes.ts.
 */
import { accountAddress } from "../../chain/address.ts";
import { secp256k1Address, sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair, type KeyPair, secp256k1KeyPair } from "../../chain/crypto/sign.ts";
import { codeSecretBytes } from "../../node/client/topupcode.ts";
import { UsageError } from "../arguments.ts";

export const devnetChainId = "weir-devnet-1";
/** All are on one machine. */
export const devnetCell = "europe-west";

const mbps = 1_000_000n;
const weir = 1_000_000n;
const dollar = 1_000_000n;

export const relayCount = 5;
export const oracleCount = 3;
export const seedLengthMax = 128;

/** Of the shortest epoch that holds here: three slots of two seconds' measuring, and a few blocks to commit and to submit. */
export const epochSecondsMin = 10n;
/** Longer ones show nothing within an hour. */
export const epochSecondsMax = 600n;

interface Actor {
  readonly name: string;
  /** secp256k1, of the account that pays and bonds. */
  readonly operatorKey: KeyPair;
  readonly operator: string;
}

export interface Endpoint {
  /** ed25519, which the chain knows it by. */
  readonly transportKey: KeyPair;
  readonly host: string;
  readonly port: number;
}

export interface PlannedOracle extends Actor, Endpoint {
  readonly id: bigint;
  /** Seed of ed25519; ECVRF has the same secrets. */
  readonly vrfKey: KeyPair;
  readonly declaredBps: bigint;
  readonly bond: bigint;
  /** Secrets of codes that pay when it comes as a buyer. */
  readonly codes: readonly Uint8Array[];
}

export interface PlannedRelay extends Actor, Endpoint {
  readonly id: bigint;
  readonly claimBps: bigint;
  /** What it carries, as its own token bucket or the network's shaper lets it. */
  readonly speedBps: bigint;
  readonly bond: bigint;
  readonly isLiar: boolean;
}

export interface DevnetPlan {
  readonly seed: string;
  readonly epochSeconds: bigint;
  readonly validatorKey: KeyPair;
  readonly nodeKey: KeyPair;
  readonly beaconKey: KeyPair;
  readonly oracles: readonly PlannedOracle[];
  readonly relays: readonly PlannedRelay[];
  readonly buyer: PlannedBuyer;
}

/** Who has no account of their own, as a newcomer: codes from a shop, and a secret that wallets follow from. */
export interface PlannedBuyer {
  readonly name: string;
  readonly root: Uint8Array;
  /** Secrets of codes that are paid into, each for one session. */
  readonly codes: readonly Uint8Array[];
}

export interface PlanOptions {
  readonly seed: string;
  readonly epochSeconds: bigint;
  readonly hasLiar: boolean;
  /** Where each listens: relays in order, then oracles. */
  readonly endpoints: readonly { readonly host: string; readonly port: number }[];
}

/** 32 bytes for one purpose. A scalar of secp256k1 that cannot be is a chance of one in 2^128. */
export const secretOf = (seed: string, purpose: string): Uint8Array =>
  sha256(Buffer.from(`weir devnet\n${seed}\n${purpose}`));

function actorOf(seed: string, name: string): Actor {
  const operatorKey = secp256k1KeyPair(secretOf(seed, `${name} operator`));
  return { name, operatorKey, operator: accountAddress.encode(secp256k1Address(operatorKey.publicKey)) };
}

const transportKeyOf = (seed: string, name: string): KeyPair => ed25519KeyPair(secretOf(seed, `${name} transport`));

/** Each carries a fifth more than it claims, so that noise makes no liar of it; the liar carries a tenth. */
const honest = { claimBps: 10n * mbps, speedBps: 12n * mbps, bond: 1_000n * weir };
const liar = { claimBps: 100n * mbps, speedBps: 10n * mbps, bond: 1_130n * weir };

export const oracleBps = 500n * mbps;
const oracleBond = 50_000n * weir;

export function planDevnet({ seed, epochSeconds, hasLiar, endpoints }: PlanOptions): DevnetPlan {
  requireEpoch(epochSeconds);
  if (seed.length === 0 || seed.length > seedLengthMax) {
    throw new UsageError(`--seed has ${seed.length} characters; expected 1 to ${seedLengthMax}`);
  }
  const relays = Array.from({ length: relayCount }, (_, index): PlannedRelay => {
    const isLiar = hasLiar && index === relayCount - 1;
    const name = isLiar ? "liar" : `relay-${index + 1}`;
    const traits = isLiar ? liar : honest;
    const own = { ...actorOf(seed, name), transportKey: transportKeyOf(seed, name), ...endpoints[index]! };
    return { ...own, ...traits, id: BigInt(index + 1), isLiar };
  });
  const oracles = Array.from({ length: oracleCount }, (_, index): PlannedOracle => {
    const name = `oracle-${index + 1}`;
    const own = { ...actorOf(seed, name), transportKey: transportKeyOf(seed, name), ...endpoints[relayCount + index]! };
    const vrfKey = ed25519KeyPair(secretOf(seed, `${name} vrf`));
    const codes = codesOf(seed, name, oracleCodeCount);
    return { ...own, vrfKey, codes, id: BigInt(index + 1), declaredBps: oracleBps, bond: oracleBond };
  });
  return {
    seed,
    epochSeconds,
    validatorKey: ed25519KeyPair(secretOf(seed, "validator")),
    nodeKey: ed25519KeyPair(secretOf(seed, "node")),
    beaconKey: ed25519KeyPair(secretOf(seed, "beacon")),
    oracles,
    relays,
    buyer: buyerOf(seed),
  };
}

const buyerCodeCount = 4;
/** Each becomes a wallet, which many sessions can be paid from, one after the other. */
const oracleCodeCount = 8;

const codesOf = (seed: string, name: string, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => secretOf(seed, `${name} code ${index}`).slice(0, codeSecretBytes));

const buyerOf = (seed: string): PlannedBuyer => ({
  name: "buyer",
  root: secretOf(seed, "buyer root"),
  codes: codesOf(seed, "buyer", buyerCodeCount),
});

/** All that shops have sold. */
export const codesIn = ({ buyer, oracles }: Pick<DevnetPlan, "buyer" | "oracles">): readonly Uint8Array[] => [
  ...buyer.codes,
  ...oracles.flatMap(({ codes }) => codes),
];

function requireEpoch(seconds: bigint): void {
  if (seconds >= epochSecondsMin && seconds <= epochSecondsMax) return;
  throw new UsageError(
    `--epoch ${seconds}s: expected ${epochSecondsMin}s to ${epochSecondsMax}s: three oracles measure one after the other for 2 s each, ` +
      "and what they commit to and submit takes blocks",
  );
}

/** What operators begin with, in the chain's smallest coins. */
export const operatorCoins = { uweir: 1_000n * weir, uusdc: 1_000n * dollar };
/** In each code. */
export const codeMicros = 10n * dollar;
/** A million WEIR and a million USDC: of alice, bob, carol, dave and erin. */
export const accountCoins = { uweir: 1_000_000n * weir, uusdc: 1_000_000n * dollar };
/** So that a token is backed by a cent. */
export const supplyAtGenesis = 600_000_000n * weir;
export const reservePrincipal = 6_000_000n * dollar;
/** What rests in the book from the start, beside what its seller has: else no auction would burn anything. */
export const firstOffer = { quantity: 100_000n * weir, ask: "0.0105" };
