/** What an operator should do about how its relay stands, the most urgent first, each with the command to type. Pure. */
import { decFromProto, decOne } from "../../chain/dec.ts";
import { bitrateText } from "../../modules/attestation/units.ts";
import { weirText } from "../../modules/rewards/words.ts";
import { Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import type { RelayReport } from "./report.ts";

export interface Advice {
  /** What is wrong. */
  readonly problem: string;
  /** What to do about it. */
  readonly fix: string;
}

/** What the daemon on this machine says, as far as it matters here. */
export interface DaemonFacts {
  /** Undefined where it does not answer. */
  readonly isRunning: boolean;
  /** Not a block for so long. */
  readonly stillMillis: number;
  /** The name of the key that signs. */
  readonly operatorKey: string;
}

/** Fees of some months. */
const balanceLow = 1_000_000n;
const stillMillisMax = 120_000;
/** More than this of what is claimable waits. */
const claimableMany = 1_000_000n;
const fairMbps = 100_000n;

type Rule = (report: RelayReport, daemon: DaemonFacts) => Advice | undefined;

const daemonDown: Rule = (_, { isRunning }) =>
  isRunning ? undefined : { problem: "no relay daemon answers on this machine", fix: "weir relay start" };

const chainSilent: Rule = (_, { isRunning, stillMillis }) =>
  isRunning && stillMillis > stillMillisMax
    ? {
        problem: `no block was seen for ${Math.round(stillMillis / 1000)} s`,
        fix: "look at the nodes in config/relay.toml: rpc, and at the line",
      }
    : undefined;

const denied: Rule = ({ view }) =>
  view.denied ? { problem: "governance keeps this operator out", fix: "weir query attestation denials" } : undefined;

const notActive: Rule = ({ relay: { standing, id } }, { operatorKey }) => {
  const resume = `weir tx attestation resume relay ${id} --from ${operatorKey}`;
  if (standing === Standing.STANDING_PAUSED)
    return { problem: "it is paused: nobody measures it, nothing is paid", fix: resume };
  if (standing === Standing.STANDING_DRAINING)
    return { problem: "it is draining and will be paused then", fix: resume };
  return standing === Standing.STANDING_LEAVING ? { problem: "it is leaving", fix: resume } : undefined;
};

/** A claim that no reading supports costs bond: see rewards' thresholds. */
const overClaimed: Rule = ({ measured, relay }, { operatorKey }) => {
  const claimed = relay.terms.at(-1)?.claimedBps ?? 0n;
  const { medianBps = 0n, zeros = 0, present = 0 } = measured?.tally ?? {};
  if (measured === undefined || zeros * 2 > present || medianBps * 100n >= claimed * 85n) return undefined;
  const fair = medianBps - (medianBps % fairMbps);
  return {
    problem: `oracles read ${bitrateText(medianBps)} of the ${bitrateText(claimed)} that it claims; below 80 % twice costs bond`,
    fix: `weir tx attestation update-relay ${relay.id} --claim ${fair}bps --from ${operatorKey}`,
  };
};

const unreachable: Rule = ({ measured, relay }) => {
  const { zeros = 0, present = 0 } = measured?.tally ?? {};
  if (present === 0 || zeros * 2 <= present) return undefined;
  const endpoints = relay.terms.at(-1)?.endpoints.join(", ") ?? "";
  return {
    problem: `in epoch ${measured!.epoch} ${zeros} of ${present} oracles found nobody at ${endpoints}`,
    fix: "forward TCP and UDP of that port in the router, then look from outside: docs/relay.md, Behind a home router",
  };
};

const thresholdNear: Rule = ({ thresholds, relay: { id } }) => {
  const near = thresholds.find((threshold) => threshold.near);
  if (near === undefined) return undefined;
  return {
    problem: `one step from a slash, ${near.rule}: ${near.now}; the limit is ${near.limit}`,
    fix: `weir query rewards explain ${id}`,
  };
};

const underBonded: Rule = ({ view, relay: { id } }, { operatorKey }) => {
  const [bond, required] = [BigInt(view.bond), BigInt(view.requiredBond)];
  if (bond >= required) return undefined;
  const missing = required - bond;
  return {
    problem: `the bond is ${weirText(bond)} and the claim asks for ${weirText(required)}: pay counts in proportion`,
    fix: `weir tx attestation bond relay ${id} ${missing}uweir --from ${operatorKey}`,
  };
};

const poorUptime: Rule = ({ measured }) => {
  const uptime = measured?.tally.uptime ?? "";
  if (uptime === "" || decFromProto(uptime) >= decOne) return undefined;
  return {
    problem: "some checks of the last epoch found nobody",
    fix: "keep it on and on line: weir doctor, and the router's log",
  };
};

const behind: Rule = ({ view: { epochsBehind } }) =>
  epochsBehind === 0n
    ? undefined
    : {
        problem: `its software is ${epochsBehind} epochs behind the governed version`,
        fix: "weir query attestation software",
      };

const poor: Rule = ({ balance, relay: { operator } }) =>
  balance >= balanceLow
    ? undefined
    : { problem: `the operator has ${weirText(balance)} for fees`, fix: `send some WEIR to ${operator}` };

const claimableWaits: Rule = ({ claimable }) =>
  claimable < claimableMany
    ? undefined
    : {
        problem: `${weirText(claimable)} can be claimed; unclaimed for 180 epochs it is burned`,
        fix: "weir relay claim",
      };

/** In this order. */
const rules: readonly Rule[] = [
  denied,
  daemonDown,
  chainSilent,
  notActive,
  unreachable,
  overClaimed,
  thresholdNear,
  underBonded,
  poorUptime,
  behind,
  poor,
  claimableWaits,
];

export const adviceOn = (report: RelayReport, daemon: DaemonFacts): Advice[] =>
  rules.flatMap((rule) => rule(report, daemon) ?? []);
