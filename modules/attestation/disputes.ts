/**
 * Re-measurement: filed with a bond in the epoch of challenge, measured in the next one by a second committee of twice the size, ended with that
 * epoch's tally. Owns bonds and committees of disputes, and what an oracle that is outside too often loses; what the readings mean is
 * disputesverdict.ts, and what becomes of a slash is for who settles.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import { decToProto } from "../../chain/dec.ts";
import { type Dispute, DisputeState } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { burnCoins, sendFromModule, sendToModule } from "../bank/index.ts";
import { attestationKind } from "./attestationbytes.ts";
import { challengedAfter, isOpen, measuredAfter, stateOfOutcome } from "./disputesstate.ts";
import { disputeVerdict, isOutlier, withDispute } from "./disputesverdict.ts";
import * as refusals from "./readingserrors.ts";
import { challenged, disputeEnded } from "./readingsevents.ts";
import { bondCoins, bondsAccount, isOwnSide, secondCommitteeOf, slashForDisputes } from "./readingsregistry.ts";
import { disputeRecords, disputes, readings } from "./readingsstate.ts";
import { type EpochView, epochNow, epochView } from "./readingsview.ts";
import { relayTally } from "./tallies.ts";

export interface Challenge {
  readonly challenger: string;
  readonly relay: bigint;
  readonly epoch: bigint;
}

export function challenge(ctx: Context, { challenger, relay: id, epoch }: Challenge): void {
  const current = epochNow(ctx);
  if (epoch + challengedAfter !== current) throw refusals.notDisputable(epoch, current);
  const view = epochView(ctx, epoch);
  const relay = view?.relay(id);
  if (view === undefined || relay === undefined) throw refusals.notMeasured(id, epoch);
  if (disputes.has(ctx, [epoch, id])) throw refusals.alreadyDisputed(id, epoch);
  const { challengeBond, disputesMax } = view.params;
  if ([...disputes.keys(ctx, { leading: [epoch] })].length >= disputesMax) throw refusals.tooManyDisputes(disputesMax);
  const tally = relayTally(view, relay);
  if (tally.status !== "conclusive") throw refusals.nothingToDispute(id, epoch, tally.status);
  const members = new Set(tally.committee);
  const first = view
    .readings(id)
    .readings.filter(({ kind, oracle }) => kind === attestationKind.overt && members.has(oracle));
  sendToModule(ctx, accountAddress.decode(challenger), bondsAccount, bondCoins(ctx, challengeBond));
  disputes.set(ctx, [epoch, id], {
    relay: id,
    epoch,
    measuredIn: epoch + measuredAfter,
    challenger,
    bond: `${challengeBond}`,
    isThirdParty: !isOwnSide(ctx, current, relay, challenger),
    state: DisputeState.DISPUTE_STATE_OPEN,
    wasBad: tally.bad,
    firstMedianBps: tally.medianBps,
    firstBandBps: tally.bandBps,
    firstReadings: first.map(({ oracle, measuredBps }) => ({ oracle, measuredBps })),
    claimBps: relay.claimBps,
    secondMedianBps: 0n,
    shortfall: decToProto(0n),
    committee: [],
  });
  ctx.emit(challenged(id, epoch, challenger));
}

/** Of a block. */
const drawsPerBlock = 20;

/** Second committees of the epoch that is open, once its seed is known. */
export function drawSecondCommittees(ctx: Context, current: bigint): void {
  if (current < measuredAfter) return;
  const view = epochView(ctx, current);
  if (view === undefined || view.epoch.seed.length === 0) return;
  let drawn = 0;
  for (const [key, dispute] of [...disputes.iterate(ctx, { leading: [current - measuredAfter] })]) {
    if (dispute.committee.length > 0 || view.relay(dispute.relay) === undefined) continue;
    const committee = secondCommitteeOf(ctx, current, dispute.relay, view.oracles());
    if (committee.length > 0) disputes.set(ctx, key, { ...dispute, committee });
    if (++drawn === drawsPerBlock) return;
  }
}

/** Ends a dispute that was measured in the view's epoch; nobody's readings of that come any more. */
export function endDispute(ctx: Context, view: EpochView, dispute: Dispute): void {
  if (!isOpen(dispute)) return;
  const { relay, epoch, challenger, committee } = dispute;
  const members = new Set(committee);
  const stored = readings.get(ctx, [view.number, relay])?.readings ?? [];
  const second = stored.filter(({ kind, oracle }) => kind === attestationKind.remeasurement && members.has(oracle));
  const verdict = disputeVerdict(dispute, second, view.rules);
  const { outcome, secondMedianBps, shortfall, isBondReturned } = verdict;
  const bond = BigInt(dispute.bond);
  const state = stateOfOutcome[outcome];
  disputes.set(ctx, [epoch, relay], {
    ...dispute,
    bond: "0",
    state,
    secondMedianBps,
    shortfall: decToProto(shortfall),
  });
  if (isBondReturned) sendFromModule(ctx, bondsAccount, accountAddress.decode(challenger), bondCoins(ctx, bond));
  else burnCoins(ctx, bondsAccount, bondCoins(ctx, bond));
  ctx.emit(
    disputeEnded(relay, epoch, {
      outcome,
      returned: isBondReturned ? bond : 0n,
      burned: isBondReturned ? 0n : bond,
    }),
  );
  for (const { oracle, isOutside } of verdict.outside) noteOracle(ctx, view, { oracle, isOutside, epoch });
}

interface OracleInDispute {
  readonly oracle: bigint;
  readonly isOutside: boolean;
  readonly epoch: bigint;
}

function noteOracle(ctx: Context, view: EpochView, { oracle, isOutside, epoch }: OracleInDispute): void {
  const outside = withDispute(disputeRecords.get(ctx, oracle)?.outside ?? [], isOutside);
  if (!isOutlier(outside)) {
    disputeRecords.set(ctx, oracle, { outside });
    return;
  }
  disputeRecords.delete(ctx, oracle);
  slashForDisputes(ctx, oracle, view.params.outlierSlash, epoch);
}
