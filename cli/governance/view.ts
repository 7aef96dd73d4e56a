/** Proposals for people: how a vote stands as bars, what a proposal would change as a list of old and new. Pure; owns no query. */
import type { Timestamp } from "../../chain/context.ts";
import { parseDec } from "../../chain/dec.ts";
import { formatTimeSpan } from "../../chain/parametertexts.ts";
import { ProposalStatus, type TallyResult } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import type { Change, Meaning, Standing } from "../../proto/gen/weir/gov/v1/query.ts";
import { columns, type Look, sanitize } from "../table.ts";

/** Characters of a full bar. */
const barWidth = 24;
const million = 1_000_000n;

/** "66.7%", of a decimal's text; cut off, so that what is below a threshold does not look like it. */
export function percentText(decimal: string): string {
  const tenths = parseDec(decimal || "0") / 10n ** 15n;
  return `${tenths / 10n}.${tenths % 10n}%`;
}

function barOf(part: bigint, whole: bigint): string {
  const filled = whole === 0n ? 0 : Number((part * BigInt(barWidth)) / whole);
  return "█".repeat(filled) + "░".repeat(barWidth - filled);
}

const share = (part: bigint, whole: bigint): string => {
  const tenths = whole === 0n ? 0n : (part * 1_000n) / whole;
  return `${tenths / 10n}.${tenths % 10n}%`;
};

/** A line an option: its share of all votes, as a bar and in whole coins. */
export function tallyBars(tally: TallyResult | undefined, look: Look): string[] {
  const { yesCount = "0", noCount = "0", abstainCount = "0", noWithVetoCount = "0" } = tally ?? {};
  const parts: readonly (readonly [string, bigint])[] = [
    ["yes", BigInt(yesCount)],
    ["no", BigInt(noCount)],
    ["abstain", BigInt(abstainCount)],
    ["veto", BigInt(noWithVetoCount)],
  ];
  const whole = parts.reduce((sum, [, count]) => sum + count, 0n);
  const rows = parts.map(([name, count]) => [
    name,
    barOf(count, whole),
    share(count, whole),
    `${look.number(`${count / million}`)} WEIR`,
  ]);
  return columns(rows, [false, false, true, true]);
}

/** What the vote needs, and where it stands: turnout, yes, veto. */
export function measures({ turnout, quorum, yesShare, threshold, vetoShare, vetoThreshold }: Standing): string {
  const parts = [
    `turnout ${percentText(turnout)} (needs ${percentText(quorum)})`,
    `yes ${percentText(yesShare)} (needs more than ${percentText(threshold)})`,
    `veto ${percentText(vetoShare)} (stops above ${percentText(vetoThreshold)})`,
  ];
  return parts.join(" · ");
}

const stages: ReadonlyMap<number, string> = new Map([
  [ProposalStatus.PROPOSAL_STATUS_DEPOSIT_PERIOD, "deposits"],
  [ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD, "voting"],
  [ProposalStatus.PROPOSAL_STATUS_PASSED, "passed"],
  [ProposalStatus.PROPOSAL_STATUS_REJECTED, "rejected"],
  [ProposalStatus.PROPOSAL_STATUS_FAILED, "failed"],
]);

/** In a word or two. */
export function stageOf({ status, delayed, counting }: Standing): string {
  if (counting) return "counting";
  if (delayed) return "waiting";
  return stages.get(status) ?? `${status}`;
}

export const isDecided = ({ status, delayed }: Standing): boolean =>
  !delayed &&
  status !== ProposalStatus.PROPOSAL_STATUS_DEPOSIT_PERIOD &&
  status !== ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD;

/** Whole seconds from now on, or nothing where nothing is to come. */
export function timeLeft(endsAt: Timestamp | undefined, nowSeconds: bigint): string {
  if (endsAt === undefined) return "";
  const left = endsAt.seconds - nowSeconds;
  return left > 0n ? `${formatTimeSpan(left * 1_000_000_000n)} left` : "about to end";
}

export const kindOf = (standing: Standing): string => (standing.expedited ? "expedited" : standing.class);

const isVotedOn = (standing: Standing): boolean => standing.status >= ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD;

export function standingLines(standing: Standing, nowSeconds: bigint, look: Look): string[] {
  const head = [
    `#${standing.proposalId}`,
    stageOf(standing),
    kindOf(standing),
    timeLeft(standing.endsAt, nowSeconds),
    sanitize(standing.title).replaceAll("\n", " "),
  ].filter((part) => part !== "");
  const vote = isVotedOn(standing) ? [measures(standing), ...tallyBars(standing.tally, look)] : [];
  return [look.heading(head.join("  ")), ...vote.map((line) => `    ${line}`)];
}

// ------------------------------------------------------------------------------------------------------------------- changes

function changeLines(change: Change): string[] {
  const { module, name, words, before, after, range, loosens } = change;
  const note = loosens ? `${change.class}, and waits after the vote` : change.class;
  return [`${module}.${name}: ${words}`, `    ${before} → ${after}`, `    allowed: ${range} (${note})`];
}

/** What it would change, or that it changes no parameter. */
export function meaningLines({ changes, messages, problem, delay, votingPeriod, class: kind }: Meaning): string[] {
  const listed = changes.flatMap(changeLines);
  const span = (time: { readonly seconds: bigint; readonly nanos: number }): string =>
    formatTimeSpan(time.seconds * 1_000_000_000n + BigInt(time.nanos));
  return [
    ...(listed.length > 0 ? listed : ["no parameter"]),
    ...(problem === "" ? [] : [`but: ${sanitize(problem)}`]),
    ...(messages.length === 0 ? ["(it holds no message: it says something, and does nothing)"] : []),
    `vote: ${kind}${votingPeriod === undefined ? "" : `, ${span(votingPeriod)}`}` +
      (delay === undefined ? "" : `; then it waits ${span(delay)} before it acts`),
  ];
}
