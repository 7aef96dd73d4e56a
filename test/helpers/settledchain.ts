/**
 * A test chain whose relays are there at once and whose readings are written where attestation keeps them: for settlements of many relays, and of
 * readings that take long to come about. Owns no rule; what signatures and slots do to readings is tested elsewhere (measuredchain.ts).
 */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { decFromInt, decToProto } from "../../chain/dec.ts";
import type { ChainEvent } from "../../chain/events.ts";
import type { Module } from "../../chain/module.ts";
import { addDuration } from "../../chain/time.ts";
import { attestationKind } from "../../modules/attestation/attestationbytes.ts";
import { setDelegation } from "../../modules/attestation/bonds.ts";
import { attestation } from "../../modules/attestation/index.ts";
import { committeeOf, isAuditedIn, oraclesAtOpen } from "../../modules/attestation/openings.ts";
import { commits, readings, tallySweep } from "../../modules/attestation/readingsstate.ts";
import { setOracle, setRelay } from "../../modules/attestation/records.ts";
import { bonds, memberships, oracleCount, relayCount } from "../../modules/attestation/state.ts";
import { oracleSubject, relaySubject, type Subject } from "../../modules/attestation/subject.ts";
import type { StoredReading } from "../../modules/attestation/tally.ts";
import { beacon, currentEpoch } from "../../modules/beacon/index.ts";
import { weir } from "../../modules/index.ts";
import { rewards } from "../../modules/rewards/index.ts";
import { TallyStage } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { ExitKind, Oracle, Relay, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { storedReading } from "./readings.ts";
import { type TestChain, testBlock, testChain } from "./testchain.ts";

const weirs = 1_000_000n;
const mbps = 1_000_000n;

export interface SettledRelay {
  readonly claimBps?: bigint;
  readonly cell?: string;
  readonly family?: bigint;
  readonly bond?: bigint;
  readonly givesNotice?: boolean;
}

/** What every oracle of a relay's committee reads of it; undefined where none says anything. */
export type Reads = (relay: bigint, oracle: bigint) => Partial<StoredReading> | undefined;

export interface SettledOptions {
  readonly relays: readonly SettledRelay[];
  readonly oracles?: number;
  readonly rewards?: Readonly<Record<string, unknown>>;
  readonly attestation?: Readonly<Record<string, unknown>>;
  readonly epochSeconds?: bigint;
  readonly blocksPerEpoch?: bigint;
  readonly checksInvariants?: boolean;
}

const addressOf = (name: string): Uint8Array => sha256(Buffer.from(name)).slice(0, 20);
export const operatorOf = (kind: "relay" | "oracle", id: bigint): string =>
  accountAddress.encode(addressOf(`${kind} ${id}`));

const withParams = (module: Module, params: Readonly<Record<string, unknown>>): object => {
  const state = module.genesis.toJson(module.genesis.default()) as { readonly params: object };
  return { ...state, params: { ...state.params, ...params } };
};

const oracleBond = 50_000n * weirs;
const relayBond = 10_000n * weirs;
const hooks = [beacon, attestation, rewards];

export class SettledChain {
  readonly chain: TestChain;
  readonly relays: readonly SettledRelay[];
  readonly oracleCount: number;
  readonly #seconds: bigint;
  readonly #checks: boolean;
  #height = 1n;
  #time = testBlock.time;

  constructor(options: SettledOptions) {
    const { relays, oracles = 9, epochSeconds = 20n, blocksPerEpoch = 5n } = options;
    this.relays = relays;
    this.oracleCount = oracles;
    this.#seconds = epochSeconds / blocksPerEpoch;
    this.#checks = options.checksInvariants ?? true;
    const bonded = relays.reduce((sum, { bond }) => sum + (bond ?? relayBond), BigInt(oracles) * oracleBond);
    const balances = [
      {
        address: accountAddress.encode(moduleAddress("attestation_bonds")),
        coins: [{ denom: "uweir", amount: `${bonded}` }],
      },
    ];
    this.chain = testChain(
      {
        bank: { params: { default_send_enabled: true }, balances },
        beacon: withParams(beacon, { epoch_duration: `${epochSeconds}s` }),
        attestation: withParams(attestation, { prefix_rules: false, audit_one_in: "1", ...options.attestation }),
        rewards: withParams(rewards, options.rewards ?? {}),
      },
      undefined,
      { height: 1n },
    );
    const ctx = this.chain.context();
    for (let id = 1n; id <= BigInt(oracles); id++) putOracle(ctx, id);
    for (const [index, relay] of relays.entries()) putRelay(ctx, BigInt(index + 1), relay);
    oracleCount.set(ctx, BigInt(oracles));
    relayCount.set(ctx, BigInt(relays.length));
    this.#begin();
  }

  get epoch(): bigint {
    return currentEpoch(this.chain.context())!.number;
  }

  #begin(): void {
    this.chain.setBlock({ height: this.#height, time: this.#time });
    const ctx = this.chain.context();
    for (const module of hooks) module.beginBlock?.(ctx, undefined as never);
  }

  /** Ends the block and begins the next one; returns what ending it emitted, and how long that took. */
  block(seconds = this.#seconds): { readonly events: readonly ChainEvent[]; readonly millis: number } {
    const ctx = this.chain.context();
    beacon.endBlock?.(ctx);
    attestation.endBlock?.(ctx);
    const begun = performance.now();
    rewards.endBlock?.(ctx);
    const millis = performance.now() - begun;
    const broken = this.#checks ? this.#broken() : undefined;
    if (broken !== undefined) throw new Error(`block ${this.#height}, epoch ${this.epoch}: ${broken}`);
    this.#height++;
    this.#time = addDuration(this.#time, { seconds, nanos: 0 });
    this.#begin();
    return { events: ctx.events, millis };
  }

  /** Of all but the registry, which was written into past its own doors. */
  #broken(): string | undefined {
    const ctx = this.chain.context();
    for (const { name, invariants } of weir.modules) {
      if (name === attestation.name) continue;
      for (const [rule, invariant] of Object.entries(invariants)) {
        const problem = invariant(ctx);
        if (problem !== undefined) return `${name}/${rule}: ${problem}`;
      }
    }
    return undefined;
  }

  /** To the next epoch, with what was read in the one that is open. */
  epochs(count: number, reads: Reads = () => ({})): ChainEvent[] {
    const events: ChainEvent[] = [];
    for (let done = 0; done < count; done++) {
      const open = this.epoch;
      events.push(...this.block().events, ...this.block().events);
      this.read(reads);
      while (this.epoch === open) events.push(...this.block().events);
    }
    return events;
  }

  /** Written as if it had been committed to, submitted and counted; the sweep of tallies is told that this epoch's turn is over. */
  read(reads: Reads): void {
    const ctx = this.chain.context();
    const { epoch } = this;
    const oracles = oraclesAtOpen(ctx, epoch);
    for (const { id } of oracles) commits.set(ctx, [epoch, id], { root: new Uint8Array(32), count: 1 });
    for (let relay = 1n; relay <= BigInt(this.relays.length); relay++) {
      const committee = committeeOf(ctx, epoch, relay, oracles);
      const isAudited = isAuditedIn(ctx, epoch, relay);
      const given = committee.flatMap((oracle) => {
        const changes = reads(relay, oracle);
        const base = isAudited ? {} : { kind: attestationKind.liveness };
        return changes === undefined
          ? []
          : [storedReading(oracle, isAudited ? this.claimOf(relay) : 0n, { ...base, ...changes })];
      });
      readings.set(ctx, [epoch, relay], {
        isAudited,
        committee,
        readings: given.sort((a, b) => (a.oracle < b.oracle ? -1 : 1)),
      });
    }
  }

  /** Tallies are counted by attestation's own sweep, unless a test has no use for what oracles did. */
  skipTallies(): void {
    const ctx = this.chain.context();
    tallySweep.set(ctx, { epoch: this.epoch, stage: TallyStage.TALLY_STAGE_RELAYS, next: 0n });
  }

  claimOf(relay: bigint): bigint {
    return this.relays[Number(relay) - 1]!.claimBps ?? 100n * mbps;
  }
}

function bondWhole(ctx: Context, subject: Subject, operator: string, tokens: bigint): void {
  const shares = decFromInt(tokens);
  bonds.set(ctx, subject, { tokens, shares, spans: [] });
  setDelegation(ctx, subject, accountAddress.decode(operator), shares);
}

function putOracle(ctx: Context, id: bigint): void {
  const operator = operatorOf("oracle", id);
  const terms = {
    fromEpoch: 0n,
    serves: true,
    endpoints: [`150.0.${id % 250n}.9:443`],
    transportKey: sha256(Buffer.from(`oracle key ${id}`)),
    declaredBps: 100_000n * mbps,
    cell: "europe-west",
  };
  const standing = Standing.STANDING_ACTIVE;
  setOracle(
    ctx,
    undefined,
    Oracle.fromPartial({ id, operator, moniker: `${id}`, standing, trustedBps: 100_000n * mbps, terms: [terms] }),
  );
  bondWhole(ctx, oracleSubject(id), operator, oracleBond);
}

function putRelay(ctx: Context, id: bigint, { claimBps, cell, family, bond, givesNotice }: SettledRelay): void {
  const operator = operatorOf("relay", id);
  const terms = {
    fromEpoch: 0n,
    serves: true,
    endpoints: [`20.${id >> 16n}.${(id >> 8n) & 255n}.${id & 255n}:443`],
    transportKey: sha256(Buffer.from(`relay key ${id}`)),
    claimedBps: claimBps ?? 100n * mbps,
    rttMicros: 20_000n,
    cell: cell ?? "europe-west",
    exitPolicy: { kind: ExitKind.EXIT_KIND_WEB, ports: [] },
  };
  const none = decToProto(0n);
  const commission = { rate: none, rateMax: none, changeMax: none, changedEpoch: 0n };
  const standing = Standing.STANDING_ACTIVE;
  const value = {
    id,
    operator,
    moniker: `${id}`,
    standing,
    givesNotice: givesNotice ?? false,
    commission,
    terms: [terms],
  };
  setRelay(ctx, undefined, Relay.fromPartial(value));
  bondWhole(ctx, relaySubject(id), operator, bond ?? relayBond);
  if (family !== undefined)
    memberships.set(ctx, addressOf(`relay ${id}`), { memberships: [{ fromEpoch: 0n, family }] });
}
