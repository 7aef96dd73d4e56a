/**
 * Relays and oracles of a simulated chain: who of them can be spoken for, by what stands in the state. A moniker names the secrets behind a record's
 * keys. Owns what oracles committed to and submit later; a chain that was started again begins without.
 */

import { sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair, type KeyPair } from "../../chain/crypto/sign.ts";
import { oracles as storedOracles, relays as storedRelays } from "../../modules/attestation/state.ts";
import { currentEpoch } from "../../modules/beacon/index.ts";
import { honestOracle, honestRelay, liar, mbps, outlier, type RelaySpec } from "../bandwidth/actors.ts";
import { vrfSecretOf } from "../bandwidth/genesis.ts";
import { type Observed, type OracleReadings, readEpoch } from "../bandwidth/measuring.ts";
import type { OracleActor, RelayActor } from "../bandwidth/network.ts";
import { realSigning } from "../bandwidth/readings.ts";
import type { World } from "./world.ts";

export const simulatedCell = "home";
export const claimBps = mbps(20);
/** Each account has so many relays and oracles at most that differ in name. */
export const namesOfAccount = 3;

export const keyOfName = (name: string): KeyPair => ed25519KeyPair(sha256(Buffer.from(`simulated key of ${name}`)));

/** Some carry less than they claim, some oracles read too much; by their names, so that all runs agree. */
const isOdd = (name: string): boolean => sha256(Buffer.from(name))[0]! % 4 === 0;

function specOf(name: string, claimedBps: bigint): RelaySpec {
  const terms = { name, claimBps: claimedBps };
  return isOdd(name) ? liar(terms, claimedBps / 3n) : honestRelay(terms);
}

/** Of those whose operators' accounts sign here. */
export function observed(world: World): Observed {
  const { context } = world;
  const relays: RelayActor[] = [...storedRelays.iterate(context)].flatMap(([id, { moniker, operator, terms }]) => {
    const account = world.accountOf(operator);
    const spec = specOf(moniker, terms.at(-1)!.claimedBps);
    return account === undefined ? [] : [{ spec, id, account, key: keyOfName(moniker) }];
  });
  const oracles: OracleActor[] = [...storedOracles.iterate(context)].flatMap(([id, { moniker, operator }]) => {
    const account = world.accountOf(operator);
    if (account === undefined) return [];
    const terms = { name: moniker, declaredBps: mbps(100) };
    const spec = isOdd(moniker) ? outlier(terms, 150n) : honestOracle(terms);
    return [{ spec, id, account, key: keyOfName(moniker), vrfSecret: vrfSecretOf(moniker) }];
  });
  const byId = new Map(relays.map((relay) => [relay.id, relay]));
  return {
    context,
    epoch: currentEpoch(context)?.number ?? 0n,
    signing: { ...realSigning, keyOf: keyOfName },
    oracles,
    relays,
    relayOf: (id) => byId.get(id),
  };
}

/** What oracles committed to, by epoch and oracle. */
const committed = new WeakMap<World, Map<string, OracleReadings>>();
const keptMax = 64;

function readingsOf(world: World): Map<string, OracleReadings> {
  let found = committed.get(world);
  if (found === undefined) {
    found = new Map();
    committed.set(world, found);
  }
  return found;
}

const nameOf = (epoch: bigint, oracle: bigint): string => `${epoch}/${oracle}`;

/** What an oracle reads of the open epoch as far as it is known; undefined where it has nothing to say. */
export function readAndKeep(world: World, oracle: bigint): OracleReadings | undefined {
  const all = observed(world);
  const kept = readingsOf(world);
  const name = nameOf(all.epoch, oracle);
  const before = kept.get(name);
  if (before !== undefined) return before;
  const found = readEpoch({ ...all, oracles: all.oracles.filter(({ id }) => id === oracle) }).readings.get(oracle);
  if (found === undefined) return undefined;
  kept.set(name, found);
  if (kept.size > keptMax) kept.delete(kept.keys().next().value!);
  return found;
}

export const keptReadings = (world: World, epoch: bigint, oracle: bigint): OracleReadings | undefined =>
  readingsOf(world).get(nameOf(epoch, oracle));
