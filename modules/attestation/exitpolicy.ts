/** What a relay carries traffic to. Pure. */
import { ExitKind, type ExitPolicy, type PortRange } from "../../proto/gen/weir/attestation/v1/state.ts";

export const portRangesMax = 16;
const portMax = 65_535;

export const exitKinds: readonly ExitKind[] = [
  ExitKind.EXIT_KIND_NONE,
  ExitKind.EXIT_KIND_WEB,
  ExitKind.EXIT_KIND_ALL,
  ExitKind.EXIT_KIND_PORTS,
];

/** One spelling of a set of ports: ascending, and with a gap between two ranges. */
export function exitPolicyProblem(policy: ExitPolicy | undefined): string | undefined {
  if (policy === undefined || !exitKinds.includes(policy.kind))
    return "exit_policy is missing; expected one of its kinds";
  const { kind, ports } = policy;
  if (kind !== ExitKind.EXIT_KIND_PORTS) {
    return ports.length === 0 ? undefined : "exit_policy lists ports; only the kind of listed ports does";
  }
  if (ports.length === 0 || ports.length > portRangesMax) {
    return `exit_policy lists ${ports.length} ranges of ports; expected 1 to ${portRangesMax}`;
  }
  let last = -1;
  for (const range of ports) {
    if (range.first < 1 || range.last > portMax || range.first > range.last) {
      return `exit_policy has the range ${range.first} to ${range.last}; expected ports from 1 to ${portMax}`;
    }
    if (range.first <= last + 1)
      return "exit_policy has ranges that meet or stand out of order; expected them ascending";
    last = range.last;
  }
  return undefined;
}

/** Whether traffic to every port of a range is carried. Listed ranges stand apart, so that one of them holds all of it or none does. */
export function carriesPorts({ kind, ports }: ExitPolicy, { first, last }: PortRange): boolean {
  if (kind === ExitKind.EXIT_KIND_ALL) return true;
  if (kind === ExitKind.EXIT_KIND_WEB) return first === last && (first === 80 || first === 443);
  return kind === ExitKind.EXIT_KIND_PORTS && ports.some((range) => range.first <= first && last <= range.last);
}

/** Whether traffic to a port is carried. */
export const carriesPort = (policy: ExitPolicy, port: number): boolean =>
  carriesPorts(policy, { first: port, last: port });
