/**
 * An oracle's own work in the epoch that is open: whom it measures, looks after, visits unseen or measures again, by the chain's rules over what
 * the chain says, and by its own proof. What its fines hang on is compared with proven state. Owns no rule and no time of its own.
 */

import { messageCodec } from "../../chain/codec.ts";
import { publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { measurable, type OracleAtOpen } from "../../modules/attestation/committee.ts";
import {
  covertAssignments,
  covertWindowMillis,
  livenessMillis,
  oracleOutput,
  proveOracle,
} from "../../modules/attestation/covert.ts";
import { oracleSets, plans } from "../../modules/attestation/readingsstate.ts";
import { excused } from "../../modules/attestation/slots.ts";
import { epochs } from "../../modules/beacon/state.ts";
import { EpochPlan, OracleSet } from "../../proto/gen/weir/attestation/v1/readings.ts";
import type { Oracle } from "../../proto/gen/weir/attestation/v1/state.ts";
import { Epoch } from "../../proto/gen/weir/beacon/v1/state.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import {
  type Duty,
  dutiesOn,
  type EpochFacts,
  epochMillis,
  type KnownTicks,
  openMillis,
  type RelayFacts,
  slotOfDuty,
  slotsKnown,
  timeOfSlot,
} from "../measurement/draws.ts";
import { epochFactsOf, readDraws, readEpoch } from "../measurement/epochfacts.ts";
import { samplesFor } from "../measurement/samples.ts";
import type { PlannedEpoch, TurnKnown } from "./inputs.ts";
import { type DutyPlan, kinds, type Window } from "./work.ts";

/** The oracle, and the secret half of its key of proofs. */
export interface OracleSelf {
  readonly id: bigint;
  readonly vrfSeed: Uint8Array;
}

/** An epoch as it was planned, with what its turns are found by. */
export interface Planned {
  readonly facts: EpochFacts;
  readonly epoch: PlannedEpoch;
  /** Overt ones, whose turns are to come. */
  readonly overt: readonly Duty[];
  readonly provenBps: bigint;
}

const windowOf = ({ fromMillis, untilMillis }: { fromMillis: bigint; untilMillis: bigint }): Window => ({
  fromMillis: Number(fromMillis),
  untilMillis: Number(untilMillis),
});

// ------------------------------------------------------------------------------------------------------------- own secrets

interface OwnProof {
  readonly proof: Uint8Array;
  readonly output: Uint8Array;
}

function ownProof(facts: EpochFacts, { id, vrfSeed }: OracleSelf): OwnProof {
  const of = { chainId: facts.chainId, epoch: facts.number, oracle: id, seed: facts.seed };
  const proof = proveOracle(vrfSeed, of);
  return { proof, output: oracleOutput(publicKeyOf(vrfSeed), of, proof)! };
}

/** Registered keys count two epochs later: until then there is no covert work. */
export function hasUsableKey({ vrfKeys }: Oracle, epoch: bigint, vrfSeed: Uint8Array): boolean {
  const key = vrfKeys.findLast(({ fromEpoch }) => fromEpoch <= epoch)?.publicKey;
  return key !== undefined && Buffer.compare(key, publicKeyOf(vrfSeed)) === 0;
}

// ------------------------------------------------------------------------------------------------------------------ own work

/** One operator's, or of one family: such relays it does not visit. */
const isRelated = (relay: RelayFacts, self: OracleAtOpen): boolean =>
  relay.operator === self.operator || (relay.family !== undefined && relay.family === self.family);

const targetOf = ({ endpoints, transportKey }: RelayFacts) => ({ endpoints, transportKey });

/** The moments at which it looks whether the relay is there: nobody else knows them. */
function checksOf(facts: EpochFacts, relay: bigint, { output }: OwnProof): number[] {
  const open = Number(openMillis(facts));
  return livenessMillis(output, facts.number, relay, epochMillis(facts)).map((at) => open + Number(at));
}

function planOf(facts: EpochFacts, relay: RelayFacts, duty: Duty, proof: OwnProof): DutyPlan {
  return {
    relay: duty.relay,
    kind: duty.kind,
    claimBps: duty.claimBps,
    target: targetOf(relay),
    time: duty.time === undefined ? undefined : windowOf(duty.time),
    checksAtMillis: duty.kind === kinds.remeasurement ? [] : checksOf(facts, relay.id, proof),
  };
}

function covertPlan(facts: EpochFacts, relay: RelayFacts, atMillis: bigint): DutyPlan {
  const fromMillis = Number(openMillis(facts) + atMillis);
  return {
    relay: relay.id,
    kind: kinds.covert,
    claimBps: relay.claimBps,
    target: targetOf(relay),
    time: { fromMillis, untilMillis: fromMillis + Number(covertWindowMillis(epochMillis(facts))) },
    checksAtMillis: [],
  };
}

/** What one page of relays asks of the oracle. */
export class OwnWork {
  readonly #facts: EpochFacts;
  readonly #self: OracleAtOpen;
  readonly #proof: OwnProof;
  readonly #covert: ReadonlyMap<bigint, bigint>;
  readonly overt: Duty[] = [];
  readonly duties: DutyPlan[] = [];
  readonly vrfProof: Uint8Array;

  constructor(facts: EpochFacts, self: OracleAtOpen, { vrfSeed }: Pick<OracleSelf, "vrfSeed">, isKeyUsable: boolean) {
    this.#facts = facts;
    this.#self = self;
    this.#proof = ownProof(facts, { id: self.id, vrfSeed });
    const isVisiting = isKeyUsable && facts.covert !== undefined;
    const list = isVisiting ? covertAssignments(this.#proof.output, facts.covert!) : [];
    this.#covert = new Map(list.map(({ relay, atMillis }) => [relay, atMillis] as const));
    this.vrfProof = isVisiting ? this.#proof.proof : new Uint8Array(0);
  }

  add(relays: readonly RelayFacts[]): void {
    for (const relay of relays) {
      const own = dutiesOn(this.#facts, relay).filter(({ oracle }) => oracle === this.#self.id);
      this.overt.push(...own.filter(({ kind }) => kind === kinds.overt));
      this.duties.push(...own.map((duty) => planOf(this.#facts, relay, duty, this.#proof)));
      const covertAt = this.#covert.get(relay.id);
      if (covertAt === undefined || isRelated(relay, this.#self)) continue;
      this.duties.push(covertPlan(this.#facts, relay, covertAt));
    }
  }
}

// -------------------------------------------------------------------------------------------------------------- from the chain

/** Undefined while there is nothing to plan by: no seed, or a plan that the chain still gathers. */
export async function planOpenEpoch(
  chain: ChainClient,
  self: OracleSelf,
  oracle: Oracle,
  isOld: (epoch: bigint) => boolean,
): Promise<Planned | undefined> {
  const epoch = await readEpoch(chain, undefined);
  if (isOld(epoch.number)) return undefined;
  let page = await readDraws(chain, epoch, { afterRelay: 0n, limit: 0 });
  const { facts } = page;
  if (facts?.plan === undefined) return undefined;
  const own = facts.oracles.find(({ id }) => id === self.id);
  if (own === undefined) return planned(facts, undefined, 0n);
  const work = new OwnWork(facts, own, self, hasUsableKey(oracle, facts.number, self.vrfSeed));
  work.add(page.relays);
  while (page.nextAfterRelay !== 0n) {
    page = await readDraws(chain, epoch, { afterRelay: page.nextAfterRelay, limit: 0 });
    work.add(page.relays);
  }
  return planned(facts, work, own.provenBps);
}

function planned(facts: EpochFacts, work: OwnWork | undefined, provenBps: bigint): Planned {
  return {
    facts,
    provenBps,
    overt: work?.overt ?? [],
    epoch: {
      number: facts.number,
      openMillis: Number(openMillis(facts)),
      lengthMillis: Number(epochMillis(facts)),
      roomBps: measurable(provenBps),
      measureMillis: samplesFor(Number(epochMillis(facts))).durationMillis,
      slotCount: facts.plan?.slotCount ?? 0,
      duties: work?.duties ?? [],
      vrfProof: work?.vrfProof ?? new Uint8Array(0),
    },
  };
}

/** Whose turn it is as far as that is known, and what there is no room for beside others of the same slot. */
export function turnsOf(
  { facts, overt, provenBps }: Planned,
  known: KnownTicks,
): { count: number; turns: TurnKnown[] } {
  const slots = slotsKnown(facts, known);
  if (slots === undefined) return { count: 0, turns: [] };
  const bySlot = new Map<number, Duty[]>();
  for (const duty of overt) {
    const slot = slotOfDuty(facts, slots, duty);
    if (slot !== undefined) bySlot.set(slot, [...(bySlot.get(slot) ?? []), duty]);
  }
  const turns = [...bySlot].flatMap(([slot, duties]) => {
    const left = excused(facts.seed, facts.number, provenBps, duties);
    const time = windowOf(timeOfSlot(facts, slots.plan, slot));
    return duties.map(({ relay }) => ({ relay, time, isExcused: left.has(relay) }));
  });
  return { count: slots.count, turns };
}

/**
 * Seed, times, plan and who could be drawn, as a proof under a checked header says: a node that tells something else would make an oracle miss
 * what it is fined for.
 */
export async function comparedWithProof(chain: ChainClient, facts: EpochFacts): Promise<"same" | "other" | "unknown"> {
  const proven = (place: { readonly storeName: string; readonly key: Uint8Array }) =>
    chain.proven(place.storeName, place.key, chain.newest?.height);
  const [epochBytes, planBytes, setBytes] = await Promise.all([
    proven(epochs.placeOf(facts.number)),
    proven(plans.placeOf(facts.number)),
    proven(oracleSets.placeOf(facts.number)),
  ]);
  // The state that is proven may be older than what was asked: it has less of the epoch then, and the next one more.
  if (epochBytes === undefined || planBytes === undefined) return "unknown";
  const epoch = messageCodec(Epoch).decode(epochBytes);
  const { oracles } = setBytes === undefined ? { oracles: [] } : messageCodec(OracleSet).decode(setBytes);
  const rules = {
    committeeSize: facts.rules.size,
    oracleBondMin: `${facts.rules.oracleBondMin}`,
    prefixRules: facts.rules.prefixRules,
  };
  const draws = { ...rules, epoch: facts.number, seed: epoch.seed, oracles };
  const other = epochFactsOf(facts.chainId, { epoch, draws, plan: messageCodec(EpochPlan).decode(planBytes) });
  if (other?.plan === undefined) return "unknown";
  return textOf(other) === textOf(facts) ? "same" : "other";
}

const textOf = (facts: EpochFacts): string =>
  JSON.stringify(facts, (_, value) =>
    typeof value === "bigint" ? `${value}` : value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
  );
