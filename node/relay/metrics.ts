/** A relay's figures for Prometheus. Owns their names: what counts is the parts', and no destination, session or client is named. */
import { decFromProto, decOne } from "../../chain/dec.ts";
import { Gauge, type Reading, type Registry } from "../../chain/server/metrictext.ts";
import type { PaidForwarding } from "./forwarded.ts";
import type { RelayReport } from "./report.ts";
import type { Serving } from "./serving.ts";
import type { Traffic } from "./traffic.ts";

export interface Measurable {
  readonly traffic: Traffic;
  readonly serving: Serving;
  readonly forwarding: PaidForwarding;
  /** Of the open epoch; undefined while the chain has not answered. */
  report(): RelayReport | undefined;
}

const share = (text: string): number => (text === "" ? Number.NaN : Number(decFromProto(text)) / Number(decOne));

export function addRelayMetrics(registry: Registry, { traffic, serving, forwarding, report }: Measurable): void {
  const counter = (name: string, help: string, read: () => number | Reading) =>
    registry.add(new Gauge(`weir_relay_${name}`, help, read, "counter"));
  const gauge = (name: string, help: string, read: () => number | Reading) =>
    registry.add(new Gauge(`weir_relay_${name}`, help, read));
  counter("paid_bytes_total", "Carried on for buyers, since the start.", () => Number(traffic.figures.paidBytes));
  counter("measured_bytes_total", "Sent back to oracles, since the start.", () =>
    Number(traffic.figures.measuredBytes),
  );
  counter("links_refused_total", "Links that were not taken, or ended early.", () => serving.figures.refused);
  counter("links_total", "Links by what was asked for.", () =>
    [...serving.figures.byPurpose].map(([purpose, count]) => [{ purpose }, count] as const),
  );
  counter("paid_total", "What happened with paid sessions, by what it was.", () =>
    [...(forwarding.status().counts ?? [])].map(([what, count]) => [{ what }, count] as const),
  );
  gauge("links_open", "Links that are open.", () => serving.figures.links);
  gauge("month_bytes", "Carried in this calendar month, never less than it was.", () =>
    Number(traffic.figures.monthBytes),
  );
  gauge("measurements_running", "Measurements under way.", () => traffic.figures.measurements);
  gauge("sessions_open", "Paid sessions that are open.", () => forwarding.status().sessionsOpen);
  gauge("flows_open", "Streams and flows of paid sessions.", () => forwarding.status().flowsOpen);
  gauge("unsettled", "Held in vouchers and not settled, in the smallest coin.", () =>
    forwarding.status().unsettled.map(({ denom, amount }) => [{ denom }, Number(amount)] as const),
  );
  addChainGauges(gauge, report);
}

type AddGauge = (name: string, help: string, read: () => number | Reading) => void;

/** As the chain said when the epoch opened; nothing before. */
function addChainGauges(gauge: AddGauge, report: () => RelayReport | undefined): void {
  const read = (of: (report: RelayReport) => number | Reading) => () => {
    const found = report();
    return found === undefined ? [] : of(found);
  };
  gauge(
    "claimed_bps",
    "What it claims.",
    read(({ relay }) => Number(relay.terms.at(-1)?.claimedBps ?? 0n)),
  );
  gauge(
    "median_bps",
    "What the last epoch's readings come to.",
    read(({ measured }) => Number(measured?.tally.medianBps ?? 0n)),
  );
  gauge(
    "uptime",
    "Share of checks that passed.",
    read(({ measured }) => share(measured?.tally.uptime ?? "")),
  );
  gauge(
    "reputation",
    "As it counts.",
    read(({ record }) => share(record?.reputation ?? "")),
  );
  gauge(
    "bond_cover",
    "Bond over what the claim asks for.",
    read(({ view }) => Number(view.bond) / Math.max(1, Number(view.requiredBond))),
  );
  gauge(
    "claimable",
    "To be claimed, in the smallest coin.",
    read(({ claimable }) => Number(claimable)),
  );
  gauge(
    "slash_near",
    "1 where one more such epoch costs bond, by rule.",
    read(({ thresholds }) => thresholds.map(({ rule, near }) => [{ rule }, near ? 1 : 0] as const)),
  );
  gauge(
    "slash_share",
    "What that would cost, of bond and unvested rewards, by rule.",
    read(({ thresholds }) => thresholds.map(({ rule, slash }) => [{ rule }, share(slash)] as const)),
  );
}
