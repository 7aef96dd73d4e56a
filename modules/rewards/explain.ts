/** Why a relay earned what it did, in words: its inputs, the product, the pay, how far it is from a slash, what to improve. Pure. */
import { decFromProto, decOne } from "../../chain/dec.ts";
import type { EpochRecord, RelayResult } from "../../proto/gen/weir/rewards/v1/state.ts";
import type { Reward } from "./accrual.ts";
import type { Params } from "./params.ts";
import type { RelayRecord } from "./record.ts";
import { thresholdsOf } from "./thresholds.ts";
import { mbpsText, percentText, shareText, weirText } from "./words.ts";

export interface Explained {
  readonly relay: bigint;
  readonly epoch: bigint;
  /** None of an epoch in which it was not measured. */
  readonly result: RelayResult | undefined;
  /** None until the epoch is finalized. */
  readonly paid: { readonly reward: Reward; readonly record: EpochRecord } | undefined;
  readonly record: RelayRecord;
  readonly rules: Params;
}

function measurementLine({ status, claimBps, measuredBps, committee, present, zeros }: RelayResult): string {
  const claim = `claimed ${mbpsText(claimBps)}`;
  if (status === "unaudited") {
    return `${claim}; not audited, as trusted relays are in two of three epochs: the last median of ${mbpsText(measuredBps)} stands.`;
  }
  const readings = `${present} of ${committee} oracles attested${zeros === 0 ? "" : `, ${zeros} of them found nobody there`}`;
  if (status === "inconclusive") {
    return `${claim}; ${readings}, too few: the last median of ${mbpsText(measuredBps)} stands, and reputation stays.`;
  }
  if (status === "void")
    return `${claim}; fewer than 3 oracles could measure it, so that the epoch counts for nothing.`;
  return `${claim}, measured ${mbpsText(measuredBps)}, the lower median; ${readings}.`;
}

function factorLines(of: RelayResult): string[] {
  const rtt =
    of.rttRatio === 0n
      ? "no oracle of the cell to tell round trips"
      : `round trips ${shareText(of.rttRatio)} times the claimed`;
  return [
    `bond cover σ ${shareText(of.bondCover)}: ${weirText(BigInt(of.bond))} of ${weirText(BigInt(of.requiredBond))} required`,
    `quality q ${shareText(of.quality)}: loss ${percentText(of.loss)}, ${rtt}`,
    `uptime u ${shareText(of.uptime)}`,
    `scarcity m ${shareText(of.scarcity)} in cell ${of.cell}`,
    `reputation ρ ${shareText(of.reputation)}`,
    `covert κ ${shareText(of.covert)}`,
  ];
}

function payLines({ result, paid }: Explained): string[] {
  if (paid === undefined) return ["The epoch is not finalized yet: what this weight is paid follows from everybody's."];
  const { reward, record } = paid;
  const total = BigInt(record.totalWeight);
  const index = decFromProto(record.payoutIndex) * 1_000_000n;
  const parts = [`${weirText(index / decOne)} a Mbps of weight, all relays together having weighed ${mbpsText(total)}`];
  if (result!.transient && record.curvedCells > 0n)
    parts.push("transient relays of a crowded cell count for less together");
  if (record.cappedFamilies > 0n) parts.push(`a family counts for ${mbpsText(BigInt(record.familyCap))} at most`);
  const lines = [`Paid ${weirText(reward.availability)} for availability: ${parts.join("; ")}.`];
  if (reward.usage > 0n) lines.push(`Paid ${weirText(reward.usage)} for settled traffic.`);
  lines.push("Half of it is liquid, half vests over 90 days and counts as bond until then.");
  return lines;
}

/** What would raise the next epoch's pay most, in the order of how much is lost by it. */
function advice({ result, record, rules }: Explained): string[] {
  const of = result!;
  const hints: readonly (readonly [factor: bigint, hint: string])[] = [
    [of.quality, "lose fewer datagrams, answer faster or raise the claimed round trip, and keep the software current"],
    [of.bondCover, "add bond, by own stake or delegation, or claim less"],
    [of.uptime, "be reachable at every check of the epoch"],
    [of.covert, "serve buyers as you serve oracles"],
    [
      of.reputation,
      record.auditedEpochs < rules.probationEpochs
        ? `wait: probation ends after ${rules.probationEpochs - record.auditedEpochs} more audited epochs`
        : "deliver what you claim; reputation follows within some 16 epochs",
    ],
  ];
  const lost = hints.filter(([factor]) => factor < decOne).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const lines = lost.map(([, hint]) => hint);
  if (of.measuredBps * decOne < of.claimBps * (decOne - rules.overclaimTolerance / 2n)) {
    lines.unshift(`lower the claim: ${mbpsText(of.measuredBps)} is what was seen`);
  }
  if (of.transient)
    lines.push(
      `give notice before leaving and keep an uptime of ${percentText(rules.stableUptime)} to count as stable`,
    );
  return lines.length === 0 ? ["Nothing to improve."] : lines.map((line) => `To improve: ${line}.`);
}

function slashLines(of: RelayResult): string[] {
  if (of.slashedFor.length === 0) return [];
  return [`Slashed ${weirText(of.slashed)} for ${of.slashedFor.join(" and ")}.`];
}

export function explain(of: Explained): string[] {
  const { relay, epoch, result, record, rules } = of;
  const lines = [`Relay ${relay} in epoch ${epoch}`];
  if (result === undefined) {
    lines.push(
      "It was not measured: it did not serve when the epoch opened, or the epoch was void. It earned nothing and lost nothing.",
    );
  } else {
    lines.push(measurementLine(result));
    if (result.unpaidBecause !== "") lines.push(`Not paid: ${result.unpaidBecause}.`);
    lines.push(`Weight ${mbpsText(result.weight)}: the lesser of claim and measurement, times`);
    lines.push(...factorLines(result).map((line) => `  ${line}`));
    lines.push(...payLines(of), ...slashLines(result));
  }
  for (const { rule, now, limit, slash, near } of thresholdsOf(record, rules)) {
    lines.push(`${near ? "Warning" : "Safe"} from ${rule}: ${now}; ${percentText(slash)} is slashed at ${limit}.`);
  }
  return result === undefined ? lines : [...lines, ...advice(of)];
}
