/** `weir relay status`: how the relay stands, by what the chain says and by what its daemon on this machine says. Owns how that is put. */
import { decFromProto, decOne } from "../../chain/dec.ts";
import { bitrateText } from "../../modules/attestation/units.ts";
import { weirText } from "../../modules/rewards/words.ts";
import { type Advice, adviceOn } from "../../node/relay/advice.ts";
import { type RelayReport, readReport, standingWords } from "../../node/relay/report.ts";
import type { Command } from "../command.ts";
import { askRunning } from "../daemon.ts";
import { keyFlags } from "../keys.ts";
import { openRelayHere, relayKind, requireRelay } from "../relay.ts";
import { columns, type Look, sanitize } from "../table.ts";

/** As far as it is shown here. */
interface DaemonStatus {
  readonly listen?: string;
  readonly sessions_open?: number;
  readonly flows_open?: number;
  readonly measuring_now?: number;
  readonly unsettled?: readonly { readonly denom: string; readonly amount: string }[];
  readonly traffic?: { readonly month: string; readonly monthBytes: string };
  readonly block_time_millis?: string;
}

export const command: Command = {
  name: "relay status",
  positionals: [],
  summary: "Says how the relay stands, what it earned, how far from a slash it is, and what to fix.",
  description:
    "Asks the node of config/relay.toml, and the daemon on this machine where it runs. What to do comes last, the most urgent first, each with the\n" +
    "command to type.",
  flags: keyFlags,
  examples: ["weir relay status", "weir relay status --output json"],
  async run(invocation) {
    const relay = openRelayHere(invocation);
    const id = await requireRelay(relay);
    const report = await readReport(relay.chain, id);
    if (report === undefined)
      throw new Error(`relay ${id} does not stand on ${relay.settings.chainId}: see relay in config/relay.toml`);
    const daemon = (await askRunning(invocation.home, relayKind.daemon)) as DaemonStatus | undefined;
    const stillMillis = daemon === undefined ? 0 : Date.now() - Number(daemon.block_time_millis ?? 0);
    const { operatorKey } = relay.settings;
    const advice = adviceOn(report, { isRunning: daemon !== undefined, stillMillis, operatorKey });
    const text = linesOf(report, daemon, advice, invocation.look);
    invocation.answer(`${text.join("\n")}\n`, jsonOf(report, daemon, advice));
    return 0;
  },
};

const percent = (share: string): string =>
  share === ""
    ? "not known yet"
    : `${(decFromProto(share) * 1000n) / decOne / 10n}.${((decFromProto(share) * 1000n) / decOne) % 10n} %`;

function measuredText({ measured }: RelayReport): string {
  if (measured === undefined) return "not yet";
  const { tally, epoch, isFinal } = measured;
  const readings = `${tally.present} of ${tally.committee.length} oracles${tally.zeros > 0 ? `, ${tally.zeros} of them found nobody` : ""}`;
  return `${bitrateText(tally.medianBps)} in epoch ${epoch}, by ${readings}${isFinal ? "" : " so far"}`;
}

function claimText(report: RelayReport): string {
  const { relay, measured } = report;
  const claimed = relay.terms.at(-1)?.claimedBps ?? 0n;
  if (measured === undefined || claimed === 0n) return bitrateText(claimed);
  return `${bitrateText(claimed)}, of which ${(measured.tally.medianBps * 100n) / claimed} % were measured`;
}

function reputationText({ record, probationEpochsLeft }: RelayReport): string {
  const counts =
    record === undefined ? "0.1" : `${Number(decFromProto(record.reputation)) / Number(decOne)}`.slice(0, 5);
  const left = probationEpochsLeft === 0n ? "" : `; in probation for ${probationEpochsLeft} more measured epochs`;
  return `${counts}${left}; ${record?.stable === true ? "STABLE" : "transient"}`;
}

const onlineText = (daemon: DaemonStatus | undefined): string =>
  daemon === undefined ? "no daemon answers on this machine" : `yes, listening at ${daemon.listen ?? "?"}`;

function moneyRows({ record, claimable, balance, view }: RelayReport): string[][] {
  return [
    ["earned", weirText(BigInt(record?.record?.earned ?? 0n))],
    ["vesting", weirText(BigInt(record?.unvested ?? "0"))],
    ["claimable", weirText(claimable)],
    ["slashed so far", weirText(BigInt(record?.record?.slashed ?? 0n))],
    ["bond", `${weirText(BigInt(view.bond))}, asked for ${weirText(BigInt(view.requiredBond))}`],
    ["for fees", weirText(balance)],
  ];
}

function daemonRows(daemon: DaemonStatus | undefined): string[][] {
  if (daemon === undefined) return [];
  const unsettled = (daemon.unsettled ?? []).map(({ denom, amount }) => `${amount} ${denom}`).join(", ");
  const { month = "", monthBytes = "0" } = daemon.traffic ?? {};
  return [
    [
      "sessions",
      `${daemon.sessions_open ?? 0} open, ${daemon.flows_open ?? 0} streams; ${daemon.measuring_now ?? 0} measurements now`,
    ],
    ["not settled", unsettled === "" ? "nothing" : unsettled],
    [`sent in ${month}`, `${BigInt(monthBytes) / 1_000_000n} MB`],
  ];
}

function linesOf(
  report: RelayReport,
  daemon: DaemonStatus | undefined,
  advice: readonly Advice[],
  look: Look,
): string[] {
  const { relay, committee, measured, thresholds } = report;
  const terms = relay.terms.at(-1);
  const rows = [
    ["online", onlineText(daemon)],
    ["reached at", terms?.endpoints.join(", ") ?? ""],
    [
      "standing",
      `${standingWords[relay.standing] ?? "unknown"}, epoch ${report.epoch}, ${(committee?.committee.length ?? 0) === 0 ? "nobody measures it in this one" : committee!.audited ? "measured in it" : "only looked after in it"}`,
    ],
    ["last measured", measuredText(report)],
    ["claim", claimText(report)],
    ["uptime", percent(measured?.tally.uptime ?? "")],
    ["reputation", reputationText(report)],
    ...moneyRows(report),
    ...daemonRows(daemon),
  ];
  return [
    look.heading(sanitize(`Relay ${relay.id}, ${relay.moniker}`)),
    ...columns(rows),
    "",
    look.heading("From a slash"),
    ...columns(
      thresholds.map(({ rule, now, near, slash }) => [
        near ? "NEAR" : "safe",
        rule,
        now,
        `would cost ${percent(slash)}`,
      ]),
    ),
    "",
    look.heading(advice.length === 0 ? "Nothing to fix" : "To fix, the most urgent first"),
    ...advice.flatMap(({ problem, fix }, index) => [`${index + 1}. ${problem}`, `   ${fix}`]),
  ];
}

function jsonOf(report: RelayReport, daemon: DaemonStatus | undefined, advice: readonly Advice[]): unknown {
  const { relay, view, measured, record, thresholds, committee } = report;
  const terms = relay.terms.at(-1);
  return {
    relay: `${relay.id}`,
    moniker: relay.moniker,
    standing: standingWords[relay.standing],
    epoch: `${report.epoch}`,
    online: daemon !== undefined,
    endpoints: terms?.endpoints ?? [],
    claimed_bps: `${terms?.claimedBps ?? 0n}`,
    measured:
      measured === undefined
        ? null
        : {
            epoch: `${measured.epoch}`,
            median_bps: `${measured.tally.medianBps}`,
            readings: measured.tally.present,
            committee: measured.tally.committee.length,
            zeros: measured.tally.zeros,
            uptime: measured.tally.uptime,
            final: measured.isFinal,
          },
    audited_now: committee?.audited ?? false,
    reputation: record?.reputation ?? "",
    probation_epochs_left: `${report.probationEpochsLeft}`,
    stable: record?.stable ?? false,
    bond: view.bond,
    required_bond: view.requiredBond,
    earned: `${record?.record?.earned ?? 0n}`,
    vesting: record?.unvested ?? "0",
    claimable: `${report.claimable}`,
    slashed: `${record?.record?.slashed ?? 0n}`,
    balance: `${report.balance}`,
    thresholds: thresholds.map(({ rule, now, limit, near, slash }) => ({ rule, now, limit, near, slash })),
    explained: report.explained,
    daemon: daemon ?? null,
    to_fix: advice,
  };
}
