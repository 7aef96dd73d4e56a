/**
 * Follows a devnet by its chain's queries alone, as anybody could: what each relay claims and was measured at, what settled epochs paid, burned
 * and slashed, how the reserve stands. Owns the questions, and what it must remember between them; not how it is shown.
 */
import { decFromProto } from "../../chain/dec.ts";
import type { AnyQueryHandler } from "../../chain/module.ts";
import { weir } from "../../modules/index.ts";
import { NodeClient, QueryRefused } from "../../node/chain/nodeclient.ts";
import type * as attestation from "../../proto/gen/weir/attestation/v1/query.ts";
import { AttestationKind, type RelayReadings } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import type * as beacon from "../../proto/gen/weir/beacon/v1/query.ts";
import type { QueryReportResponse } from "../../proto/gen/weir/reserve/v1/query.ts";
import type * as rewards from "../../proto/gen/weir/rewards/v1/query.ts";
import type { EpochRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import type { ChainState, OracleState, RelayState, ReserveState, Slash } from "./snapshot.ts";

interface Watched {
  readonly id: bigint;
  readonly name: string;
}

export interface WatchedRelay extends Watched {
  readonly claimBps: bigint;
  readonly isLiar: boolean;
}

/** What is remembered of a relay from settlement to settlement. */
interface Memory {
  /** By the last epoch that was settled; a sweep later it is in the record. */
  paid: { readonly epoch: bigint; readonly amount: bigint };
  warnings: readonly string[];
}

const handlers: ReadonlyMap<string, AnyQueryHandler> = new Map(
  weir.modules.flatMap(({ queries }) => Object.entries(queries)),
);

/** The view shows the newest ones. */
const recordsMax = 400;
const slashesMax = 100;

export interface WatchOptions {
  readonly rpcUrl: string;
  readonly relays: readonly WatchedRelay[];
  readonly oracles: readonly Watched[];
  /** Records of before, of a devnet that goes on, are passed over. */
  readonly isFromNow: boolean;
}

export class DevnetWatch {
  readonly #node: NodeClient;
  readonly #isFromNow: boolean;
  readonly #relays: readonly WatchedRelay[];
  readonly #oracles: readonly Watched[];
  readonly #memories = new Map<bigint, Memory>();
  readonly #records: EpochRecord[] = [];
  readonly #slashes: Slash[] = [];
  readonly #relayStates = new Map<bigint, RelayState>();
  #oracleStates: readonly OracleState[] = [];
  #mark = "";
  #nextRecord: bigint | undefined;

  constructor({ rpcUrl, relays, oracles, isFromNow }: WatchOptions) {
    this.#node = new NodeClient(rpcUrl);
    this.#isFromNow = isFromNow;
    this.#relays = relays;
    this.#oracles = oracles;
    for (const { id } of relays) {
      this.#memories.set(id, { paid: { epoch: -1n, amount: 0n }, warnings: [] });
    }
  }

  /** All of one height, so that sums agree. */
  async look(): Promise<ChainState> {
    const height = await this.#node.height();
    const { epoch } = await this.#ask<beacon.QueryEpochResponse>("/weir.beacon.v1.Query/Epoch", {}, height);
    await this.#follow(height);
    await this.#renew(epoch!.number, height);
    const relays: RelayState[] = [];
    for (const { id } of this.#relays) {
      const state = this.#relayStates.get(id)!;
      const measured = (await this.#measuredIn(id, epoch!.number - 1n, height)) ?? state.measured;
      const renewed = { ...state, measured };
      this.#relayStates.set(id, renewed);
      relays.push(renewed);
    }
    return {
      height,
      epoch: epoch!.number,
      openMillis: millisOf(epoch!.openTime!),
      epochMillis: Number(epoch!.duration!.seconds) * 1_000,
      relays,
      oracles: this.#oracleStates,
      reserve: await this.#reserveAt(height),
      records: [...this.#records],
      slashes: [...this.#slashes],
    };
  }

  /** What moves when an epoch opens or is settled, and not between. */
  async #renew(epoch: bigint, height: bigint): Promise<void> {
    const mark = `${epoch} ${this.#nextRecord}`;
    if (mark === this.#mark) return;
    for (const relay of this.#relays) this.#relayStates.set(relay.id, await this.#relayAt(relay, epoch, height));
    const oracles: OracleState[] = [];
    for (const oracle of this.#oracles) oracles.push(await this.#oracleAt(oracle, height));
    this.#oracleStates = oracles;
    this.#mark = mark;
  }

  async #ask<R>(path: string, request: object, height: bigint): Promise<R> {
    const handler = handlers.get(path)!;
    return this.#node.query<object, R>(path, handler, handler.request.fromPartial(request), height);
  }

  /** Undefined where there is no such thing yet. */
  async #askIfThere<R>(path: string, request: object, height: bigint): Promise<R | undefined> {
    try {
      return await this.#ask<R>(path, request, height);
    } catch (error) {
      if (error instanceof QueryRefused) return undefined;
      throw error;
    }
  }

  // -------------------------------------------------------------------------------------------------------- settled epochs

  async #follow(height: bigint): Promise<void> {
    this.#nextRecord ??= this.#isFromNow ? await this.#firstToCome(height) : await this.#oldestRecord(height);
    for (;;) {
      const request = { number: `${this.#nextRecord}` };
      const answer = await this.#askIfThere<rewards.QueryEpochResponse>(
        "/weir.rewards.v1.Query/Epoch",
        request,
        height,
      );
      if (answer?.epoch === undefined) return;
      this.#records.push(answer.epoch);
      if (this.#records.length > recordsMax) this.#records.shift();
      for (const relay of this.#relays) await this.#addResult(relay, answer.epoch.epoch, height);
      this.#nextRecord++;
    }
  }

  async #firstToCome(height: bigint): Promise<bigint> {
    const path = "/weir.rewards.v1.Query/Settlement";
    return (await this.#ask<rewards.QuerySettlementResponse>(path, {}, height)).clock?.nextEpoch ?? 0n;
  }

  /** A devnet that goes on where it stopped may have forgotten its first ones. */
  async #oldestRecord(height: bigint): Promise<bigint> {
    const request = { pagination: { limit: 1n } };
    const { epochs } = await this.#ask<rewards.QueryEpochsResponse>("/weir.rewards.v1.Query/Epochs", request, height);
    return epochs[0]?.epoch ?? 0n;
  }

  async #addResult({ id, name }: WatchedRelay, epoch: bigint, height: bigint): Promise<void> {
    const request = { relay: `${id}`, epoch: `${epoch}` };
    const path = "/weir.rewards.v1.Query/Result";
    const answer = await this.#askIfThere<rewards.QueryResultResponse>(path, request, height);
    const memory = this.#memories.get(id)!;
    if (answer?.result === undefined) return;
    const { slashed, slashedFor, warnings } = answer.result;
    memory.paid = { epoch, amount: BigInt(answer.availability || "0") + BigInt(answer.usage || "0") };
    memory.warnings = warnings;
    if (slashed === 0n) return;
    this.#slashes.push({ epoch, relay: id, name, amount: slashed, reasons: slashedFor });
    if (this.#slashes.length > slashesMax) this.#slashes.shift();
  }

  // ------------------------------------------------------------------------------------------------------------- as it is now

  async #relayAt(relay: WatchedRelay, epoch: bigint, height: bigint): Promise<RelayState> {
    const of = { relay: `${relay.id}` };
    const view = await this.#ask<attestation.QueryRelayResponse>("/weir.attestation.v1.Query/Relay", of, height);
    const record = await this.#askIfThere<rewards.QueryRelayResponse>("/weir.rewards.v1.Query/Relay", of, height);
    const terms = view.relay?.terms;
    const before = this.#relayStates.get(relay.id)?.measured;
    const { paid, warnings } = this.#memories.get(relay.id)!;
    const isPending = record?.record?.pending?.epochPlusOne === paid.epoch + 1n;
    return {
      ...{ warnings, slashed: record?.record?.slashed ?? 0n },
      earned: (record?.record?.earned ?? 0n) + (isPending ? paid.amount : 0n),
      ...{ id: relay.id, name: relay.name, isLiar: relay.isLiar, firstClaimBps: relay.claimBps },
      claimBps: terms?.claimedBps ?? relay.claimBps,
      measured: before ?? (await this.#measuredIn(relay.id, epoch - 2n, height)),
      reputation: decFromProto(record?.reputation || "0"),
      isStable: record?.stable ?? false,
      isPaused: view.relay?.relay?.standing === Standing.STANDING_PAUSED,
      serves: terms?.serves === true && view.relay?.relay?.standing === Standing.STANDING_ACTIVE,
      bond: BigInt(view.relay?.bond || "0"),
    };
  }

  /** Readings of an epoch come while the next one is open. */
  async #measuredIn(relay: bigint, epoch: bigint, height: bigint): Promise<RelayState["measured"]> {
    if (epoch < 0n) return undefined;
    const path = "/weir.attestation.v1.Query/Readings";
    const answer = await this.#askIfThere<attestation.QueryReadingsResponse>(path, { epoch, relay }, height);
    const bps = lowerMedian(answer?.readings);
    return bps === undefined ? undefined : { epoch, bps };
  }

  async #oracleAt({ id, name }: Watched, height: bigint): Promise<OracleState> {
    const path = "/weir.rewards.v1.Query/Oracle";
    const answer = await this.#askIfThere<rewards.QueryOracleResponse>(path, { oracleId: id }, height);
    const { assigned = 0n, missing = 0n, slashed = 0n } = answer?.record ?? {};
    return { id, name, assigned, missed: missing, slashed };
  }

  async #reserveAt(height: bigint): Promise<ReserveState> {
    const report = await this.#ask<QueryReportResponse>("/weir.reserve.v1.Query/Report", { epochs: 1n }, height);
    return {
      principal: BigInt(report.principal),
      supply: BigInt(report.supply),
      floor: decFromProto(report.floor),
      ceiling: decFromProto(report.ceiling),
      reference: decFromProto(report.reference),
      burnBudget: BigInt(report.burnBudget),
    };
  }
}

/** Of overt readings, as a tally takes it. */
function lowerMedian(readings: RelayReadings | undefined): bigint | undefined {
  const bps = (readings?.readings ?? [])
    .filter(({ kind }) => kind === AttestationKind.ATTESTATION_KIND_OVERT)
    .map(({ measuredBps }) => measuredBps)
    .sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  return bps[Math.ceil(bps.length / 2) - 1];
}

const millisOf = ({ seconds, nanos }: { seconds: bigint; nanos: number }): number =>
  Number(seconds) * 1_000 + Math.floor(nanos / 1e6);
