/** `weir oracle status`: how the oracle stands, by what the chain says and by what its daemon on this machine says. Owns how that is put. */
import { decOne } from "../../chain/dec.ts";
import { bitrateText, weirText } from "../../modules/attestation/units.ts";
import { type Advice, adviceOnOracle } from "../../node/oracle/advice.ts";
import { inBand, type OracleReport, readOracleReport, standingWords, type Worked } from "../../node/oracle/report.ts";
import type { Command } from "../command.ts";
import { askRunning } from "../daemon.ts";
import { keyFlags } from "../keys.ts";
import { openOracleSession, oracleKind, oracleVrfKey } from "../oracle.ts";
import { columns, type Look, sanitize } from "../table.ts";

/** As far as it is shown here. */
interface DaemonStatus {
  readonly epochs?: readonly DaemonEpoch[];
  readonly next?: readonly { readonly relay: string; readonly kind: string; readonly from_millis: number }[];
  readonly problems?: readonly string[];
}

interface DaemonEpoch {
  readonly epoch: string;
  readonly assigned: number;
  readonly measured: number;
  readonly zeros: number;
  readonly countersigned: number;
  readonly waiting: number;
  readonly excused: number;
  readonly missed: readonly { readonly relay: string; readonly kind: string; readonly reason: string }[];
  readonly checks_made: number;
  readonly checks_due: number;
  readonly signed: number;
  readonly commit: string;
  readonly delivered: number;
  readonly deliveries: number;
  readonly submit: string;
}

export const command: Command = {
  name: "oracle status",
  positionals: [],
  summary:
    "Says what the oracle has to read, what became of it, what it earned, how far from a fine it is, and what to fix.",
  description:
    "Asks the node of config/oracle.toml, and the daemon on this machine where it runs. What to do comes last, the most urgent first, each with\n" +
    "the command to type. Covert readings are shown once they are on the chain.",
  flags: keyFlags,
  examples: ["weir oracle status", "weir oracle status --output json"],
  async run(invocation) {
    const { chain, name, settings, keys } = await openOracleSession(invocation, false);
    const report = await readOracleReport(chain, name);
    if (report === undefined) {
      throw new Error(`${name} has no oracle on ${settings.chainId}: \`weir oracle register\` registers it`);
    }
    const daemon = (await askRunning(invocation.home, oracleKind.daemon)) as DaemonStatus | undefined;
    const vrfKey = keys.machines.publicKey(oracleVrfKey);
    const problems = daemon === undefined ? undefined : (daemon.problems ?? []);
    const advice = adviceOnOracle(report, { problems, operatorKey: settings.operatorKey, vrfKey });
    const text = linesOf(report, daemon, advice, invocation.look);
    invocation.answer(`${text.join("\n")}\n`, jsonOf(report, daemon, advice));
    return 0;
  },
};

const percent = (part: bigint, whole: bigint): string => (whole === 0n ? "none yet" : `${(part * 100n) / whole} %`);

function epochRows({ assigned, measured, zeros, countersigned, waiting, excused, ...rest }: DaemonEpoch): string[][] {
  const { missed, checks_made, checks_due, signed, commit, delivered, deliveries, submit } = rest;
  return [
    [
      `epoch ${rest.epoch}`,
      `${assigned} readings, ${waiting} still to come, ${excused} excused, ${missed.length} missed`,
    ],
    ["measured", `${measured}, of which ${zeros} found nobody and ${countersigned} are signed by the relay too`],
    ["checks", `${checks_made} of ${checks_due}`],
    ["committed", `${commit}, ${signed} readings`],
    ["delivered", `to ${delivered} of ${deliveries} relays`],
    ["submitted", submit],
  ];
}

function fineText({ tally, epoch, isPaid, slash, sparedMisses, isFinal }: Worked): string {
  const missed = `${tally.missing + tally.remeasurementsMissing} of ${tally.assigned - tally.excused + tally.remeasurementsAssigned} missed in epoch ${epoch}${isFinal ? "" : " so far"}`;
  if (!isPaid)
    return `${missed}: unpaid, and ${(slash * 1000n) / decOne / 10n}.${((slash * 1000n) / decOne) % 10n} % of the bond`;
  const spared = sparedMisses === 0n ? "one more would cost" : `${sparedMisses} more would cost nothing`;
  return `${missed}; ${spared}`;
}

function chainRows({ oracle, view, epoch, worked, claimable, record, balance }: OracleReport): string[][] {
  const { accepted, given } = inBand(worked);
  const terms = view.terms ?? oracle.terms.at(-1);
  const coins = claimable.map(({ denom, amount }) =>
    denom === "uweir" ? weirText(BigInt(amount)) : `${amount} ${denom}`,
  );
  return [
    ["standing", `${standingWords[oracle.standing] ?? "unknown"}, epoch ${epoch}`],
    ["capacity", `${bitrateText(view.provenBps)} counts of ${bitrateText(terms?.declaredBps ?? 0n)}`],
    ["bond", weirText(BigInt(view.bond))],
    ["within the band", `${percent(accepted, given)}, ${accepted} of ${given} readings`],
    ["claimable", coins.length === 0 ? "nothing" : coins.join(", ")],
    ["slashed so far", weirText(record?.slashed ?? 0n)],
    ["for fees", weirText(balance)],
  ];
}

function nextRows({ next = [] }: DaemonStatus): string[][] {
  return next
    .slice(0, 5)
    .map(({ relay, kind, from_millis }) => [
      new Date(from_millis).toISOString().slice(11, 19),
      `relay ${relay}, ${kind}`,
    ]);
}

function linesOf(
  report: OracleReport,
  daemon: DaemonStatus | undefined,
  advice: readonly Advice[],
  look: Look,
): string[] {
  const { oracle, worked } = report;
  const epochs = daemon?.epochs?.slice(0, 2) ?? [];
  return [
    look.heading(sanitize(`Oracle ${oracle.id}, ${oracle.moniker}`)),
    ...columns([["running", daemon === undefined ? "no daemon answers on this machine" : "yes"], ...chainRows(report)]),
    ...epochs.flatMap((epoch, index) => [
      "",
      look.heading(index === 0 ? "Now" : "Before"),
      ...columns(epochRows(epoch)),
    ]),
    ...epochs.flatMap(({ missed }) =>
      missed.map(({ relay, kind, reason }) => `  missed ${kind} of relay ${relay}: ${reason}`),
    ),
    ...(daemon === undefined ? [] : ["", look.heading("Next, UTC"), ...columns(nextRows(daemon))]),
    "",
    look.heading("From a fine"),
    ...(worked.length === 0 ? ["nothing is counted yet"] : worked.slice(0, 2).map(fineText)),
    "",
    look.heading(advice.length === 0 ? "Nothing to fix" : "To fix, the most urgent first"),
    ...advice.flatMap(({ problem, fix }, index) => [`${index + 1}. ${problem}`, `   ${fix}`]),
  ];
}

function jsonOf(report: OracleReport, daemon: DaemonStatus | undefined, advice: readonly Advice[]): unknown {
  const { oracle, view, worked, claimable, record } = report;
  const band = inBand(worked);
  return {
    oracle: `${oracle.id}`,
    moniker: oracle.moniker,
    standing: standingWords[oracle.standing],
    epoch: `${report.epoch}`,
    running: daemon !== undefined,
    proven_bps: `${view.provenBps}`,
    declared_bps: `${view.terms?.declaredBps ?? 0n}`,
    bond: view.bond,
    bond_min: `${report.bondMin}`,
    in_band: { accepted: `${band.accepted}`, given: `${band.given}` },
    claimable,
    slashed: `${record?.slashed ?? 0n}`,
    balance: `${report.balance}`,
    worked: worked.map(({ epoch, tally, isFinal, slash, isPaid, sparedMisses }) => ({
      epoch: `${epoch}`,
      assigned: `${tally.assigned}`,
      missing: `${tally.missing}`,
      excused: `${tally.excused}`,
      accepted: `${tally.accepted}`,
      covert_assigned: `${tally.covertAssigned}`,
      covert_given: `${tally.covertGiven}`,
      final: isFinal,
      paid: isPaid,
      slash: `${slash}`,
      spared_misses: `${sparedMisses}`,
    })),
    daemon: daemon ?? null,
    to_fix: advice,
  };
}
