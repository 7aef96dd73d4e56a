/**
 * What relays should earn, found without the chain's settlement: from what oracles signed, by the slow model in exact fractions
 * (test/settlement). For networks in which nobody buys, nobody is trusted yet, every bond covers its claim and no relay has a family. Claims are
 * those that the chain says it held; everything else is found again.
 */
import { decOne } from "../../chain/dec.ts";
import { scheduledEmission } from "../../modules/mint/index.ts";
import { type Attestation, AttestationKind } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { floor, fraction, times } from "../settlement/fraction.ts";
import {
  type ReferenceRelay,
  referenceMedian,
  referencePay,
  referencePools,
  referenceReputation,
  referenceWeight,
} from "../settlement/reference.ts";
import type { EpochNote, Network } from "./network.ts";

interface History {
  readonly measuredBps: bigint;
  readonly claimBps: bigint;
  readonly uptime: bigint;
}

const probationEpochs = 15;
const leastReputation = decOne / 10n;

/** Of one relay, of those who were to measure it. */
function overtOf({ readings }: EpochNote, relay: bigint): Attestation[] {
  return [...readings.values()].flatMap(({ attestations }) =>
    attestations.filter(({ relay: id, kind }) => id === relay && kind === AttestationKind.ATTESTATION_KIND_OVERT),
  );
}

/** One epoch after the other, since reputation remembers. */
export class Expectation {
  readonly #network: Network;
  readonly #histories = new Map<bigint, History[]>();
  readonly #referenceBps: bigint;
  readonly #committee: number;

  constructor(
    network: Network,
    { referenceBps, committee }: { readonly referenceBps: bigint; readonly committee: number },
  ) {
    this.#network = network;
    this.#referenceBps = referenceBps;
    this.#committee = committee;
  }

  /** What the epoch pays for availability, by relay. */
  payOf(note: EpochNote, nextOpenTime: EpochNote["openTime"]): ReadonlyMap<bigint, bigint> {
    const relays = this.#network.relays.flatMap(({ id }) => this.#relayIn(note, id) ?? []);
    const weighed = relays.map((relay) => ({ ...relay, x: floor(referenceWeight(relay)) }));
    const emission = scheduledEmission(this.#network.context, note.openTime, nextOpenTime);
    const pool = floor(referencePools(emission, 0n, 0n).availability);
    const { pay } = referencePay(weighed, pool, this.#referenceBps);
    return new Map([...pay].map(([id, amount]) => [id, floor(amount)]));
  }

  /** Undefined where too few measured it. */
  #relayIn(note: EpochNote, id: bigint): ReferenceRelay | undefined {
    const claimBps = note.claims.get(id) ?? 0n;
    const given = overtOf(note, id);
    if (claimBps === 0n || 3 * given.length < 2 * this.#committee) return undefined;
    const measuredBps = referenceMedian(given.map((reading) => reading.measuredBps));
    const uptime = (referenceMedian(given.map(({ checksPassed }) => BigInt(checksPassed))) * decOne) / 4n;
    const reached = given.filter((reading) => reading.measuredBps > 0n);
    const loss = referenceMedian(reached.map(({ lossPpm }) => BigInt(lossPpm))) * 10n ** 12n;
    const rtt = referenceMedian(reached.map(({ rttP50Micros }) => BigInt(rttP50Micros)));
    const claimedRtt = BigInt(this.#network.relays[Number(id) - 1]!.spec.rttMicros ?? 12_000);
    const history = this.#histories.get(id) ?? [];
    history.push({ measuredBps, claimBps, uptime });
    this.#histories.set(id, history);
    const reputation =
      history.length <= probationEpochs
        ? leastReputation
        : floor(times(referenceReputation(history), fraction(decOne)));
    return {
      id,
      claimBps,
      measuredBps,
      bond: 1n,
      required: 1n,
      loss,
      rttRatio: reached.length === 0 ? undefined : (rtt * decOne) / claimedRtt,
      uptime,
      scarcity: decOne,
      reputation,
      covert: [],
      isTransient: true,
      cell: "home",
      family: "",
    };
  }
}
