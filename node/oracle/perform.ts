/**
 * The edge of an oracle's daemon: what step wants, done over real sockets, disk and chain, and what came of it as the next input. Owns how, and
 * that nothing signed leaves before it is on disk; does not own what is done when.
 */
import type { Log } from "../../chain/log.ts";
import type { AttestationPlace } from "../../modules/attestation/attestationbytes.ts";
import type { Attestation } from "../../proto/gen/weir/attestation/v1/readings.ts";
import type { Oracle } from "../../proto/gen/weir/attestation/v1/state.ts";
import { MsgSubmitAttestations } from "../../proto/gen/weir/attestation/v1/tx.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import type { Clock } from "../clock.ts";
import { readTicks } from "../measurement/epochfacts.ts";
import { samplesFor } from "../measurement/samples.ts";
import type { Act, Effect, Input } from "./inputs.ts";
import { isSecret, readingRecord } from "./journal.ts";
import type { Journal } from "./journalstore.ts";
import { commitOnChain, commitTo, missingOnChain, submitReadings } from "./onchain.ts";
import { comparedWithProof, type Planned, planOpenEpoch, turnsOf } from "./planning.ts";
import { readRelay } from "./reading.ts";
import { rangesOf, signEpoch, treeOf } from "./signing.ts";
import { deliverTo, isThere, type Talk } from "./talking.ts";
import { kinds, type MeasuredReading, type OracleRules, type OracleState, type Tree, workKey } from "./work.ts";

/** Blocks are that old: the way to the chain is broken, and so perhaps the way to relays. */
const lineMillisMax = 30_000;

/** Reads a relay as one of its buyers does; rejects where the oracle itself could not. */
export interface CovertReader {
  read(act: Act & { readonly do: "measure" }, talk: Talk, epochMillis: number): Promise<MeasuredReading>;
}

export interface Performing {
  readonly chain: ChainClient;
  readonly journal: Journal;
  readonly talk: Talk;
  readonly transportSeed: Uint8Array;
  readonly vrfSeed: Uint8Array;
  readonly rules: OracleRules;
  readonly streams: number;
  readonly pingIntervalMillis: number;
  readonly clock: Clock;
  wallMillis(): number;
  readonly log: Log;
  readonly covert: CovertReader;
  /** The oracle as it is registered; rejects while it is not. */
  registered(): Promise<Oracle>;
  /** The same without asking again. */
  id(): Promise<bigint>;
  state(): OracleState;
}

interface Signed {
  readonly attestations: readonly Attestation[];
  readonly tree: ReturnType<typeof treeOf>;
}

export class Performer {
  readonly #with: Performing;
  readonly #planned = new Map<bigint, Planned>();
  readonly #signed = new Map<bigint, Signed>();

  constructor(performing: Performing) {
    this.#with = performing;
  }

  async perform(effect: Effect, signal: AbortSignal): Promise<Input | undefined> {
    const { journal } = this.#with;
    switch (effect.do) {
      case "record":
        await journal.write(effect.epoch, effect.readings);
        return effect.act === undefined ? undefined : { is: "recorded", act: effect.act };
      case "forget":
        await journal.forget(effect.epoch, effect.works);
        this.#planned.delete(effect.epoch);
        this.#signed.delete(effect.epoch);
        return undefined;
      case "plan":
        return this.#plan();
      case "turns":
        return this.#turns(effect.epoch, effect.blockMillis);
      case "prove":
        return { is: "proven", epoch: effect.epoch, found: await this.#prove(effect.epoch) };
      case "measure":
        return this.#measure(effect, signal);
      case "check": {
        const { epoch, relay, kind } = effect;
        return { is: "checked", epoch, relay, kind, isThere: await isThere(this.#with.talk, effect.target) };
      }
      case "sign":
        return this.#sign(effect);
      default:
        return this.#say(effect);
    }
  }

  /** What an effect comes to that could not be done now. */
  failed(effect: Effect, reason: string): Input | undefined {
    switch (effect.do) {
      case "plan":
        return { is: "notPlanned" };
      case "turns":
        return { is: "noTurns" };
      case "prove":
        return { is: "proven", epoch: effect.epoch, found: "unknown" };
      case "measure": {
        const { relay, kind } = effect.duty;
        return { is: "measured", epoch: effect.epoch, relay, kind, reading: undefined, reason };
      }
      case "sign":
        return { is: "notSigned", epoch: effect.epoch.number };
      case "lookForCommit":
        return { is: "commitFound", epoch: effect.epoch, found: "unknown" };
      case "lookForReadings":
        return { is: "readingsFound", epoch: effect.epoch, missing: undefined, isProofMissing: false };
      case "commit":
      case "submit":
        return { is: "notSent", what: effect.do, epoch: effect.epoch, isCertain: false, reason };
      default:
        return undefined;
    }
  }

  // ------------------------------------------------------------------------------------------------------------- planning

  async #plan(): Promise<Input> {
    const { chain, vrfSeed, state } = this.#with;
    const oracle = await this.#with.registered();
    const isOld = (epoch: bigint) => state().epochs.get(epoch)?.isPlanned === true;
    const found = await planOpenEpoch(chain, { id: oracle.id, vrfSeed }, oracle, isOld);
    if (found === undefined) return { is: "notPlanned" };
    this.#planned.set(found.facts.number, found);
    return { is: "planned", epoch: found.epoch };
  }

  async #prove(epoch: bigint): Promise<"same" | "other" | "unknown"> {
    const planned = this.#planned.get(epoch);
    if (planned === undefined) return "unknown";
    const found = await comparedWithProof(this.#with.chain, planned.facts);
    if (found === "other") {
      this.#with.log.error("a node tells of the epoch what is not proven: it is planned anew; see rpc in oracle.toml", {
        epoch,
      });
    }
    return found;
  }

  async #turns(epoch: bigint, blockMillis: number): Promise<Input> {
    const planned = this.#planned.get(epoch);
    if (planned === undefined) return { is: "noTurns" };
    const ticks = await readTicks(this.#with.chain, epoch, BigInt(blockMillis) * 1_000_000n);
    const { count, turns } = turnsOf(planned, ticks);
    return { is: "turns", epoch, slotsKnown: count, turns };
  }

  async #place(epoch: bigint): Promise<AttestationPlace> {
    return { chainId: this.#with.chain.chainId, epoch, oracle: await this.#with.id() };
  }

  // ------------------------------------------------------------------------------------------------------------- measuring

  async #measure(act: Act & { readonly do: "measure" }, signal: AbortSignal): Promise<Input | undefined> {
    const { epoch, duty } = act;
    const { relay, kind } = duty;
    const reading = kind === kinds.covert ? await this.#visit(act) : await this.#read(act, signal);
    // What was cut off by the daemon's own end is found as begun when it starts again.
    if (signal.aborted) return undefined;
    if (reading !== undefined && reading.measuredBps === 0n && this.#isOwnLineDown()) {
      const reason = "nothing was reached, and neither was the chain: see to this machine's own line";
      return { is: "measured", epoch, relay, kind, reading: undefined, reason };
    }
    return { is: "measured", epoch, relay, kind, reading, reason: "there was no time left to begin" };
  }

  async #read(act: Act & { readonly do: "measure" }, signal: AbortSignal): Promise<MeasuredReading | undefined> {
    const { talk, rules, streams, pingIntervalMillis, clock, wallMillis, log, state } = this.#with;
    const place = await this.#place(act.epoch);
    const samples = samplesFor(state().epochs.get(act.epoch)?.lengthMillis ?? 0);
    const parts = { talk, place, rules, samples, streams, pingIntervalMillis, clock, wallMillis, log };
    return readRelay(act, parts, signal);
  }

  #visit(act: Act & { readonly do: "measure" }): Promise<MeasuredReading> {
    const { covert, talk, state } = this.#with;
    return covert.read(act, talk, state().epochs.get(act.epoch)?.lengthMillis ?? 0);
  }

  #isOwnLineDown(): boolean {
    const { newest } = this.#with.chain;
    return newest === undefined || this.#with.wallMillis() - Number(newest.timeMillis) > lineMillisMax;
  }

  // --------------------------------------------------------------------------------------------------------------- signing

  /** All at once and once: what is on disk afterwards is what was read in this epoch. */
  async #sign({ epoch, works }: Effect & { readonly do: "sign" }): Promise<Input> {
    const place = await this.#place(epoch.number);
    const signed = signEpoch(place, works, this.#with.transportSeed);
    for (const { work, problem } of signed?.absurd ?? []) {
      this.#with.log.warn(`a reading cannot be attested: ${problem}`, { relay: work.relay, kind: work.kind });
    }
    const attestations = signed?.attestations ?? [];
    const tree: Tree = { root: signed?.tree.root ?? new Uint8Array(0), count: attestations.length };
    const leaves = new Map(attestations.map(({ relay, kind }, leaf) => [workKey(relay, kind), leaf] as const));
    const records = works.flatMap((work) => {
      const leaf = leaves.get(workKey(work.relay, work.kind));
      if (leaf === undefined) return [];
      return [{ ...readingRecord(epoch.number, { ...work, leaf }), attestation: attestations[leaf]! }];
    });
    await this.#with.journal.write({ ...epoch, tree }, records);
    if (signed !== undefined) this.#signed.set(epoch.number, signed);
    return { is: "signed", epoch: epoch.number, tree, leaves };
  }

  async #signedOf(epoch: bigint): Promise<Signed> {
    const known = this.#signed.get(epoch);
    if (known !== undefined) return known;
    const works = this.#with.state().epochs.get(epoch)?.works.keys() ?? [];
    const attestations = await this.#with.journal.attestationsOf(epoch, [...works]);
    const signed = { attestations, tree: treeOf(await this.#place(epoch), attestations) };
    this.#signed.set(epoch, signed);
    return signed;
  }

  // ----------------------------------------------------------------------------------------------------------------- saying

  async #say(
    effect: Exclude<Effect, { do: "record" | "forget" | "plan" | "prove" | "turns" | "measure" | "check" | "sign" }>,
  ): Promise<Input> {
    const { chain, rules } = this.#with;
    const { epoch } = effect;
    const { oracle } = await this.#place(epoch);
    switch (effect.do) {
      case "commit":
        return commitTo(chain, { oracle, epoch, tree: effect.tree, timeoutBlocks: rules.txBlocksMax });
      case "lookForCommit":
        return { is: "commitFound", epoch, found: await commitOnChain(chain, { oracle, epoch, tree: effect.tree }) };
      case "lookForReadings":
        return { is: "readingsFound", epoch, ...(await missingOnChain(chain, { oracle, epoch, works: effect.works })) };
      case "submit":
        return this.#submit(effect, oracle);
      case "deliver":
        return this.#deliver(effect, oracle);
    }
  }

  async #submit({ epoch, works, isWithProof }: Effect & { readonly do: "submit" }, oracle: bigint): Promise<Input> {
    const { chain, rules, state } = this.#with;
    const known = state().epochs.get(epoch)!;
    const signed = await this.#signedOf(epoch);
    const leaves = works.flatMap((key) => known.works.get(key)?.leaf ?? []);
    const vrfProof = isWithProof ? known.vrfProof : undefined;
    const ranges = rangesOf({ epoch, oracle, ...signed, vrfProof }, leaves);
    return submitReadings(chain, { epoch, ranges, timeoutBlocks: rules.txBlocksMax });
  }

  async #deliver({ epoch, relay, target }: Effect & { readonly do: "deliver" }, oracle: bigint): Promise<Input> {
    const { talk, log, state } = this.#with;
    const signed = await this.#signedOf(epoch);
    const works = [...(state().epochs.get(epoch)?.works.values() ?? [])];
    const leaves = works.flatMap((work) =>
      work.relay === relay && work.leaf !== undefined && !isSecret(work.kind) ? [work.leaf] : [],
    );
    const ranges = rangesOf({ epoch, oracle, ...signed }, leaves);
    const bytes = MsgSubmitAttestations.encode({ submitter: "", ranges }).finish();
    const { isTaken, isFinal, reason } = await deliverTo(talk, target, bytes);
    if (!isTaken) log.debug(`a relay did not take its attestations: ${reason}`, { relay, epoch });
    return { is: "delivered", epoch, relay, isTaken, isFinal };
  }
}
