/** What is always true of readings, tallies and disputes. */
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { isAttestationKind } from "./attestationbytes.ts";
import { challengedAfter, isOpen, measuredAfter } from "./disputesstate.ts";
import { disputeRecordLength } from "./disputesverdict.ts";
import { commitProblem } from "./readingscommit.ts";
import { disputeEpochsKept, equivocationEpochsKept, oracleTallyEpochsKept } from "./readingspruning.ts";
import {
  commits,
  covertLists,
  disputeRecords,
  disputes,
  equivocations,
  oracleTallies,
  plans,
  readings,
} from "./readingsstate.ts";
import { sweepState } from "./readingssweep.ts";
import { epochNow } from "./readingsview.ts";

/** Pages may be behind by an epoch. */
const isOf = (epoch: bigint, current: bigint): boolean => epoch <= current;

function readingsAreCommittedTo(ctx: ReadContext): string | undefined {
  const current = epochNow(ctx);
  for (const [[epoch, oracle], commit] of commits.iterate(ctx)) {
    const problem = commitProblem(commit);
    if (problem !== undefined) return `oracle ${oracle} in epoch ${epoch}: ${problem}`;
    if (!isOf(epoch, current)) return `oracle ${oracle} committed to readings of epoch ${epoch}, which is to come`;
  }
  for (const [[epoch, relay], record] of readings.iterate(ctx)) {
    const seen = new Set<string>();
    if (epoch >= current) return `readings of relay ${relay} in epoch ${epoch} are there before it is over`;
    for (const { oracle, kind } of record.readings) {
      const name = `${oracle}/${kind}`;
      if (!isAttestationKind(kind)) return `relay ${relay} in epoch ${epoch} has a reading of kind ${kind}`;
      if (seen.has(name))
        return `relay ${relay} in epoch ${epoch} has two readings of kind ${kind} by oracle ${oracle}`;
      seen.add(name);
      // What is pruned goes readings first.
      if (!commits.has(ctx, [epoch, oracle])) return `oracle ${oracle} gave a reading of epoch ${epoch} without a root`;
    }
  }
  return undefined;
}

function talliesCountWhatIsThere(ctx: ReadContext): string | undefined {
  const { epoch: counting } = sweepState(ctx);
  if (counting > epochNow(ctx) + 1n) return `epoch ${counting} is counted before it has opened`;
  for (const [[epoch, oracle], tally] of oracleTallies.iterate(ctx)) {
    const { assigned, missing, excused, accepted } = tally;
    if (epoch > counting) return `oracle ${oracle} is counted in epoch ${epoch} before its turn`;
    if (missing + excused > assigned || accepted > assigned - missing) {
      return `oracle ${oracle} in epoch ${epoch}: of ${assigned}, ${missing} missing, ${excused} excused, ${accepted} accepted`;
    }
    const isClosed = epoch < counting;
    if (isClosed && (tally.missed.length > 0 || tally.readKbps.length > 0)) {
      return `oracle ${oracle} in epoch ${epoch} is counted, and still has its slots`;
    }
  }
  return undefined;
}

function disputesEnd(ctx: ReadContext): string | undefined {
  const current = epochNow(ctx);
  const { epoch: counting } = sweepState(ctx);
  for (const [[epoch, relay], dispute] of disputes.iterate(ctx)) {
    const name = `the dispute about relay ${relay} in epoch ${epoch}`;
    if (epoch !== dispute.epoch || relay !== dispute.relay) return `${name} is stored at another place`;
    if (epoch + challengedAfter > current) return `${name} was filed before its time`;
    if (isOpen(dispute) && counting > epoch + measuredAfter) return `${name} should have ended`;
    if (isOpen(dispute) !== BigInt(dispute.bond) > 0n) return `${name} holds a bond of ${dispute.bond}`;
  }
  for (const [oracle, { outside }] of disputeRecords.iterate(ctx)) {
    if (outside.length === 0 || outside.length > disputeRecordLength)
      return `oracle ${oracle} has ${outside.length} disputes`;
  }
  return undefined;
}

/** As many entries as the sweeps leave: a few epochs more than are of use, while pages are behind. */
const slackEpochs = 8n;

function nothingStaysForEver(ctx: ReadContext): string | undefined {
  const oldest = epochNow(ctx) - slackEpochs;
  const firsts: [string, bigint | undefined, bigint][] = [
    ["oracle tallies", oracleTallies.keys(ctx).next().value?.[0], oracleTallyEpochsKept],
    ["disputes", disputes.keys(ctx).next().value?.[0], disputeEpochsKept],
    ["equivocations", equivocations.keys(ctx).next().value?.[0], equivocationEpochsKept],
    ["plans", plans.keys(ctx).next().value ?? undefined, slackEpochs],
    ["covert lists", covertLists.keys(ctx).next().value?.[0], slackEpochs],
  ];
  for (const [name, first, kept] of firsts) {
    if (first !== undefined && first + kept < oldest) return `${name} of epoch ${first} are kept`;
  }
  return undefined;
}

export const readingsInvariants: Readonly<Record<string, Invariant>> = {
  readingsAreCommittedTo,
  talliesCountWhatIsThere,
  disputesEnd,
  nothingStaysForEver,
};

/** Challenge bonds that the module's account holds. */
export function challengeBondsHeld(ctx: ReadContext): bigint {
  let sum = 0n;
  for (const [, { bond }] of disputes.iterate(ctx)) sum += BigInt(bond);
  return sum;
}
