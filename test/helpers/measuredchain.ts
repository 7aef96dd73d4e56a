/**
 * A test chain whose relays are measured: oracles and relays with keys that a test has, driven epoch by epoch with real signatures, trees, paths
 * and slots. What an oracle reads is for the test to say. Owns no rule: what is due when is asked of the chain, as a daemon asks.
 */
import { createPrivateKey, sign } from "node:crypto";
import { accountAddress } from "../../chain/address.ts";
import { nothingReported } from "../../chain/context.ts";
import { prove, publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair, type KeyPair } from "../../chain/crypto/sign.ts";
import type { ChainError } from "../../chain/errors.ts";
import type { ChainEvent } from "../../chain/events.ts";
import type { Module } from "../../chain/module.ts";
import { addDuration } from "../../chain/time.ts";
import {
  type AttestedReading,
  attestationBytes,
  attestationKind,
  compareReadings,
  transcriptBytes,
} from "../../modules/attestation/attestationbytes.ts";
import { covertAssignments, covertWindowMillis, oracleOutput, proveOracle } from "../../modules/attestation/covert.ts";
import { attestation } from "../../modules/attestation/index.ts";
import { transportPossessionInput, vrfPossessionInput } from "../../modules/attestation/keys.ts";
import { type LeafTree, leafTree } from "../../modules/attestation/leaves.ts";
import { assignmentsOn, knownSlots } from "../../modules/attestation/readingsassignments.ts";
import { covertTermsOf } from "../../modules/attestation/readingsslots.ts";
import { epochView } from "../../modules/attestation/readingsview.ts";
import { beacon, currentEpoch, epoch as epochOf } from "../../modules/beacon/index.ts";
import type { Attestation, AttestationRange, ItemResult } from "../../proto/gen/weir/attestation/v1/readings.ts";
import * as tx from "../../proto/gen/weir/attestation/v1/tx.ts";
import { reading, zeroReading } from "./readings.ts";
import { type Outcome, type TestChain, testBlock, testChain } from "./testchain.ts";

const weirs = 1_000_000n;
const riches = 1_000_000n * weirs;
const mbps = 1_000_000n;

/** Registered in epoch 0, a key of proofs counts two epochs later. */
const vrfKeysCountFrom = 2n;

const seedOf = (name: string): Uint8Array => sha256(Buffer.from(name));
export const accountOf = (name: string): string => accountAddress.encode(seedOf(`account ${name}`).slice(0, 20));

/** PrivateKeyInfo of an ed25519 seed, up to the seed (RFC 8410 §7). */
const privateKeyPrefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** By OpenSSL, which is many times as fast as what the daemons have: tests sign thousands. */
export function signed({ privateKey }: KeyPair, message: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([privateKeyPrefix, privateKey]), format: "der", type: "pkcs8" });
  return new Uint8Array(sign(null, message, key));
}

export interface Party {
  readonly id: bigint;
  readonly name: string;
  readonly operator: string;
  readonly keys: KeyPair;
  /** Of an oracle's proofs. */
  readonly vrfSecret: Uint8Array;
}

const partyOf = (kind: "relay" | "oracle", id: bigint): Party => {
  const name = `${kind} ${id}`;
  return {
    id,
    name,
    operator: accountOf(name),
    keys: ed25519KeyPair(seedOf(`transport ${name}`)),
    vrfSecret: seedOf(`vrf ${name}`),
  };
};

export interface MeasuredOptions {
  readonly oracles: number;
  readonly relays: number;
  /** By id; 100 Mbit/s each where it says nothing. */
  readonly claimBps?: (relay: bigint) => bigint;
  readonly cellOf?: (kind: "relay" | "oracle", id: bigint) => string;
  readonly declaredBps?: bigint;
  /** Of attestation, as genesis.json has them. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Of other modules. */
  readonly appState?: Readonly<Record<string, unknown>>;
  readonly epochSeconds?: bigint;
  readonly blocksPerEpoch?: bigint;
  /** Whose hooks run; of the beacon and attestation where nothing is said. */
  readonly hooks?: readonly Module[];
  /** Whether every invariant is asked after every block; tests of throughput ask once. */
  readonly checksInvariants?: boolean;
}

/** What an oracle has to read, and when. */
export interface Due {
  readonly oracle: Party;
  readonly relay: bigint;
  readonly kind: number;
  readonly claimBps: bigint;
  readonly fromMillis: bigint;
  readonly untilMillis: bigint;
}

/** What it reads: changes of an honest reading of the claim, a zero, or nothing at all. */
export type Behaviour = (due: Due) => Partial<AttestedReading> | "zero" | undefined;

export const honest: Behaviour = () => ({});

/** An oracle's readings of an epoch, signed and in their tree. */
export interface Committed {
  readonly epoch: bigint;
  readonly oracle: Party;
  readonly attestations: readonly Attestation[];
  readonly tree: LeafTree;
}

const typeUrl = (name: string): string => `/weir.attestation.v1.${name}`;

export class MeasuredChain {
  readonly chain: TestChain;
  readonly oracles: readonly Party[];
  readonly relays: readonly Party[];
  /** Of the epochs that were measured, until they are submitted. */
  readonly committed: Committed[] = [];
  readonly #options: MeasuredOptions;
  #height = 1n;
  #time = testBlock.time;
  #events: ChainEvent[] = [];

  constructor(options: MeasuredOptions) {
    this.#options = options;
    const parties = (kind: "relay" | "oracle", count: number) =>
      Array.from({ length: count }, (_, index) => partyOf(kind, BigInt(index + 1)));
    this.oracles = parties("oracle", options.oracles);
    this.relays = parties("relay", options.relays);
    const holders = [...this.oracles, ...this.relays].map(({ operator }) => operator).concat(accountOf("watcher"));
    this.chain = testChain(
      {
        ...options.appState,
        bank: {
          params: { default_send_enabled: true },
          balances: holders.map((address) => ({ address, coins: [{ denom: "uweir", amount: `${riches}` }] })),
        },
        beacon: withParams(beacon, { epoch_duration: `${this.epochSeconds}s` }),
        attestation: withParams(attestation, { prefix_rules: false, ...options.params }),
      },
      undefined,
      { height: 1n },
    );
    this.#begin();
    for (const oracle of this.oracles) this.#registerOracle(oracle);
    for (const relay of this.relays) this.#registerRelay(relay);
  }

  get epochSeconds(): bigint {
    return this.#options.epochSeconds ?? 20n;
  }

  get blocksPerEpoch(): bigint {
    return this.#options.blocksPerEpoch ?? 4n;
  }

  /** The open one. */
  get epoch(): bigint {
    return currentEpoch(this.chain.context())!.number;
  }

  // ------------------------------------------------------------------------------------------------------------- blocks

  #hooks(): readonly Module[] {
    return this.#options.hooks ?? [beacon, attestation];
  }

  #begin(): void {
    this.chain.setBlock({ height: this.#height, time: this.#time });
    const ctx = this.chain.context();
    for (const module of this.#hooks()) module.beginBlock?.(ctx, nothingReported);
    this.#events.push(...ctx.events);
  }

  /** Ends the block and begins the next one. Returns what the hooks of the one that ended emitted. */
  block(seconds = this.epochSeconds / this.blocksPerEpoch): readonly ChainEvent[] {
    const ctx = this.chain.context();
    for (const module of this.#hooks()) module.endBlock?.(ctx);
    const events = [...this.#events, ...ctx.events];
    if (this.#options.checksInvariants !== false) {
      const broken = this.chain.broken();
      if (broken !== undefined) throw new Error(`block ${this.#height}, epoch ${this.epoch}: ${broken}`);
    }
    this.#events = [];
    this.#height++;
    this.#time = addDuration(this.#time, { seconds, nanos: 0 });
    this.#begin();
    return events;
  }

  /** To the first block of the next epoch. */
  toNextEpoch(): readonly ChainEvent[] {
    const events: ChainEvent[] = [];
    const open = this.epoch;
    while (this.epoch === open) events.push(...this.block());
    return events;
  }

  /** In which all slots of the open epoch are known, and readings of it can still be committed to. */
  toLastBlock(): readonly ChainEvent[] {
    const events: ChainEvent[] = [];
    const step = this.epochSeconds / this.blocksPerEpoch;
    const { openTime, duration } = currentEpoch(this.chain.context())!;
    while (this.#time.seconds + step < openTime.seconds + duration.seconds) events.push(...this.block());
    return events;
  }

  /**
   * So many epochs from here: what was measured in the one before is submitted in its third block, and what is measured in it is committed to in
   * its last one. Returns what all blocks emitted.
   */
  epochs(count: number, behaviour: Behaviour = honest): readonly ChainEvent[] {
    const events: ChainEvent[] = [];
    for (let done = 0; done < count; done++) {
      events.push(...this.block(), ...this.block());
      this.submitAll();
      events.push(...this.toLastBlock());
      this.commitAll(behaviour);
      events.push(...this.block());
    }
    return events;
  }

  // --------------------------------------------------------------------------------------------------------- registration

  #must(outcome: Outcome): void {
    if (outcome.refusal !== undefined) throw outcome.refusal;
  }

  #registerOracle({ id, name, operator, keys, vrfSecret }: Party): void {
    const { chainId } = testBlock;
    const account = accountAddress.decode(operator);
    const vrfKey = {
      publicKey: publicKeyOf(vrfSecret),
      possession: prove(vrfSecret, vrfPossessionInput(chainId, account)),
    };
    const message = tx.MsgRegisterOracle.fromPartial({
      operator,
      moniker: name,
      endpoints: [`10.${100n + id / 250n}.${id % 250n}.1:443`],
      transportKey: {
        publicKey: keys.publicKey,
        possession: signed(keys, transportPossessionInput(chainId, account)),
      },
      vrfKey,
      declaredBps: this.#options.declaredBps ?? 2_000n * mbps,
      cell: this.#options.cellOf?.("oracle", id) ?? "europe-west",
      bond: `${50_000n * weirs}`,
      softwareVersion: "1.0.0",
    });
    this.#must(this.chain.message(typeUrl("MsgRegisterOracle"), message));
  }

  #registerRelay({ id, name, operator, keys }: Party): void {
    const account = accountAddress.decode(operator);
    const { chainId } = testBlock;
    const message = tx.MsgRegisterRelay.fromPartial({
      operator,
      moniker: name,
      endpoints: [`10.${id / 250n}.${id % 250n}.1:443`],
      transportKey: {
        publicKey: keys.publicKey,
        possession: signed(keys, transportPossessionInput(chainId, account)),
      },
      claimedBps: this.#options.claimBps?.(id) ?? 100n * mbps,
      rttMicros: 20_000n,
      cell: this.#options.cellOf?.("relay", id) ?? "europe-west",
      exitPolicy: { kind: 3, ports: [] },
      priceFloor: 1n,
      payout: 2,
      notice: 1,
      commissionRate: "100000000000000000",
      commissionRateMax: "200000000000000000",
      commissionChangeMax: "10000000000000000",
      bond: `${10_000n * weirs}`,
      softwareVersion: "1.0.0",
    });
    this.#must(this.chain.message(typeUrl("MsgRegisterRelay"), message));
  }

  // ------------------------------------------------------------------------------------------------------------- measuring

  /** All that an oracle has to read in the epoch, as far as it is known; covert ones by its own output. */
  due(oracle: Party, epoch = this.epoch): Due[] {
    return this.#dueOfAll(epoch).get(oracle.id) ?? [];
  }

  /** Relay by relay, as each committee is drawn but once: a network of thousands is asked for whole. */
  #dueOfAll(epoch: bigint): Map<bigint, Due[]> {
    const view = epochView(this.chain.context(), epoch)!;
    const slots = knownSlots(view);
    const all = new Map<bigint, Due[]>(this.oracles.map(({ id }) => [id, []]));
    for (const { id } of this.relays) {
      const relay = view.relay(id);
      if (relay === undefined) continue;
      for (const { oracle, kind, claimBps, time } of assignmentsOn(view, relay, slots)) {
        const { fromMillis, untilMillis } = time ?? { fromMillis: 0n, untilMillis: 0n };
        all
          .get(oracle)!
          .push({ oracle: this.oracles[Number(oracle) - 1]!, relay: id, kind, claimBps, fromMillis, untilMillis });
      }
    }
    for (const oracle of this.oracles) all.get(oracle.id)!.push(...this.#covertDue(oracle, epoch));
    return all;
  }

  #covertDue(oracle: Party, epoch: bigint): Due[] {
    const ctx = this.chain.context();
    const open = epochOf(ctx, epoch)!;
    const terms = covertTermsOf(ctx, open);
    if (terms === undefined || terms.rate === 0n || epoch < vrfKeysCountFrom) return [];
    const output = oracleOutput(publicKeyOf(oracle.vrfSecret), this.#proofOf(oracle, epoch), this.proof(oracle, epoch));
    if (output === undefined) return [];
    const openMillis = open.openTime.seconds * 1000n;
    return covertAssignments(output, terms).map(({ relay, atMillis }) => ({
      oracle,
      relay,
      kind: attestationKind.covert,
      claimBps: this.#options.claimBps?.(relay) ?? 100n * mbps,
      fromMillis: openMillis + atMillis,
      untilMillis: openMillis + atMillis + covertWindowMillis(terms.epochMillis),
    }));
  }

  #proofOf(oracle: Party, epoch: bigint) {
    const { seed } = epochOf(this.chain.context(), epoch)!;
    return { chainId: testBlock.chainId, epoch, oracle: oracle.id, seed };
  }

  proof(oracle: Party, epoch: bigint): Uint8Array {
    return proveOracle(oracle.vrfSecret, this.#proofOf(oracle, epoch));
  }

  /** Signed by the oracle, and by the relay where it agrees. */
  attest(due: Due, epoch: bigint, changes: Partial<AttestedReading> | "zero" = {}, isAgreed = false): Attestation {
    const { oracle, relay, kind, claimBps, fromMillis } = due;
    const isIdle = changes === "zero" || kind === attestationKind.liveness;
    const measuredBps = changes === "zero" ? 0n : (changes.measuredBps ?? claimBps);
    const rates = { measuredBps, backgroundBps: 0n, bytes: (measuredBps * 10n) / 8n };
    const sessionNonce = sha256(Buffer.from(`${oracle.id} ${relay} ${kind} ${epoch}`)).slice(0, 16);
    const base = { relay, kind, startMillis: fromMillis, sessionNonce, checksPassed: changes === "zero" ? 0 : 4 };
    const value = isIdle || measuredBps === 0n ? zeroReading(base) : reading({ ...base, ...rates });
    const attested = { ...value, ...(changes === "zero" ? {} : changes) };
    const place = { chainId: testBlock.chainId, epoch, oracle: oracle.id };
    const relayKeys = this.relays[Number(relay) - 1]?.keys;
    return {
      ...attested,
      kind: attested.kind as Attestation["kind"],
      signature: signed(oracle.keys, attestationBytes(place, attested)),
      relaySignature:
        isAgreed && relayKeys !== undefined ? signed(relayKeys, transcriptBytes(place, attested)) : new Uint8Array(0),
    };
  }

  /** In order, with their tree. */
  treeOf(oracle: Party, epoch: bigint, attestations: readonly Attestation[]): Committed {
    const place = { chainId: testBlock.chainId, epoch, oracle: oracle.id };
    const sorted = [...attestations].sort(compareReadings);
    return { epoch, oracle, attestations: sorted, tree: leafTree(sorted.map((one) => attestationBytes(place, one))) };
  }

  commit({ epoch, oracle, tree }: Committed): ChainError | undefined {
    const message = { operator: oracle.operator, oracle: oracle.id, epoch, root: tree.root, count: tree.count };
    return this.chain.message(typeUrl("MsgCommitReadings"), message).refusal;
  }

  /** What every oracle read in the epoch that is open, by the test's word. */
  commitAll(behaviour: Behaviour = honest): void {
    const { epoch } = this;
    for (const [id, dues] of this.#dueOfAll(epoch)) {
      const oracle = this.oracles[Number(id) - 1]!;
      const attestations = dues.flatMap((due) => {
        const changes = behaviour(due);
        return changes === undefined ? [] : [this.attest(due, epoch, changes)];
      });
      if (attestations.length === 0) continue;
      const committed = this.treeOf(oracle, epoch, attestations);
      const refusal = this.commit(committed);
      if (refusal === undefined) this.committed.push(committed);
      else if (refusal.code !== 133) throw refusal;
    }
  }

  // ------------------------------------------------------------------------------------------------------------ submitting

  /** Leaves side by side, with their path. */
  rangeOf(
    { epoch, oracle, attestations, tree }: Committed,
    first = 0,
    length = attestations.length,
    vrfProof: Uint8Array = new Uint8Array(0),
  ): AttestationRange {
    return {
      epoch,
      oracle: oracle.id,
      firstIndex: first,
      path: tree.pathOf({ first, length }),
      attestations: attestations.slice(first, first + length),
      vrfProof,
    };
  }

  /** Throws what refuses the whole message. */
  submit(ranges: readonly AttestationRange[], submitter = accountOf("watcher")): ItemResult[] {
    const handler = attestation.messages[typeUrl("MsgSubmitAttestations")]!;
    const message = { submitter, ranges: [...ranges] };
    handler.validate(message);
    const ctx = this.chain.context();
    return ctx.attempt(() => handler.execute(ctx, message) as tx.MsgSubmitAttestationsResponse).results;
  }

  /** All that was committed to in the epoch before, with every oracle's proof. Throws where one is refused. */
  submitAll(): void {
    const { epoch } = this;
    for (const committed of this.committed.splice(0)) {
      if (committed.epoch + 1n !== epoch) continue;
      const { length } = committed.attestations;
      for (let first = 0; first < length; first += 500) {
        const count = Math.min(500, length - first);
        const proof = first === 0 ? this.#proofWhereUsable(committed) : undefined;
        const refused = this.submit([this.rangeOf(committed, first, count, proof)]).find(({ code }) => code !== 0);
        if (refused !== undefined) throw new Error(`oracle ${committed.oracle.id}: ${refused.code} ${refused.text}`);
      }
    }
  }

  #proofWhereUsable({ oracle, epoch }: Committed): Uint8Array | undefined {
    const terms = covertTermsOf(this.chain.context(), epochOf(this.chain.context(), epoch)!);
    return epoch >= vrfKeysCountFrom && terms !== undefined && terms.rate > 0n ? this.proof(oracle, epoch) : undefined;
  }
}

function withParams(module: Module, params: Readonly<Record<string, unknown>>): object {
  const state = module.genesis.toJson(module.genesis.default()) as { readonly params: object };
  return { ...state, params: { ...state.params, ...params } };
}
