/** What an operator should do about how its oracle stands, the most urgent first, each with the command to type. Pure. */
import { weirText } from "../../modules/attestation/units.ts";
import { Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import type { Advice } from "../relay/advice.ts";
import { inBand, type OracleReport } from "./report.ts";

export type { Advice };

/** What the daemon on this machine says, as far as it matters here. */
export interface DaemonFacts {
  /** Undefined where it does not answer. */
  readonly problems: readonly string[] | undefined;
  /** The name of the key that signs. */
  readonly operatorKey: string;
  /** The key of proofs of this home, and where it stands. */
  readonly vrfKey: Uint8Array;
}

type Rule = (report: OracleReport, daemon: DaemonFacts) => readonly Advice[];

/** Fees of some months. */
const balanceLow = 1_000_000n;
const claimableMany = 1_000_000n;
/** Fewer within the band: this machine's line reads something else than others'. */
const inBandPercentMin = 70n;
const givenMin = 10n;

const one = (problem: string, fix: string): readonly Advice[] => [{ problem, fix }];

const daemonDown: Rule = (_, { problems }) =>
  problems === undefined ? one("no oracle daemon answers on this machine", "weir oracle start") : [];

const daemonProblems: Rule = (_, { problems }) =>
  (problems ?? []).map((problem) => ({ problem, fix: "see its log; docs/oracle.md, Watch, change, stop" }));

const jailed: Rule = ({ oracle: { standing, id, jailedUntil }, epoch }, { operatorKey }) => {
  if (standing !== Standing.STANDING_JAILED) return [];
  const unjail = `weir tx attestation unjail ${id} --from ${operatorKey}`;
  if (epoch < jailedUntil) return one(`it is jailed until epoch ${jailedUntil}: it takes no part`, unjail);
  return one("it is jailed, and may come back with its bond whole", unjail);
};

const notActive: Rule = ({ oracle: { standing, id } }, { operatorKey }) =>
  standing === Standing.STANDING_PAUSED
    ? one(
        "it is paused: it measures nothing and is paid nothing",
        `weir tx attestation resume oracle ${id} --from ${operatorKey}`,
      )
    : [];

const bondLow: Rule = ({ view: { bond }, bondFloor, bondMin, oracle: { id } }, { operatorKey }) => {
  const missing = bondMin - BigInt(bond);
  const fix = `weir tx attestation bond oracle ${id} ${missing}uweir --from ${operatorKey}`;
  if (BigInt(bond) < bondFloor) return one(`its bond is below ${weirText(bondFloor)}: it takes no part`, fix);
  return missing > 0n ? one(`its bond lacks ${weirText(missing)} of the least`, fix) : [];
};

const fined: Rule = ({ worked }) => {
  const last = worked.find(({ isFinal }) => isFinal);
  if (last === undefined || last.isPaid) return [];
  const { tally, epoch } = last;
  return one(
    `epoch ${epoch} is unpaid and cost bond: ${tally.missing} of ${tally.assigned} readings were missing`,
    "weir oracle status --output json, missed: the reasons; pause before maintenance",
  );
};

const outOfBand: Rule = ({ worked }) => {
  const { accepted, given } = inBand(worked);
  if (given < givenMin || accepted * 100n >= given * inBandPercentMin) return [];
  return one(
    `${accepted} of ${given} readings were within the band: others read something else`,
    "measure this machine's line in the evening; declare less: weir tx attestation update-oracle --help",
  );
};

const noProofKey: Rule = ({ oracle: { vrfKeys, id } }, { vrfKey, operatorKey }) =>
  vrfKeys.some(({ publicKey }) => Buffer.compare(publicKey, vrfKey) === 0)
    ? []
    : one(
        "its key of proofs on the chain is not this home's: covert readings count as missed",
        `weir tx attestation update-oracle ${id} --help, --from ${operatorKey}`,
      );

const feesLow: Rule = ({ balance, oracle: { operator } }) =>
  balance < balanceLow ? one(`${weirText(balance)} are left for fees`, `send some to ${operator}`) : [];

const claim: Rule = ({ claimable, oracle: { id } }, { operatorKey }) => {
  const much = claimable.some(({ denom, amount }) => denom === "uweir" && BigInt(amount) >= claimableMany);
  return much ? one("rewards wait to be taken", `weir tx rewards claim-oracle ${id} --from ${operatorKey}`) : [];
};

const rules: readonly Rule[] = [
  jailed,
  bondLow,
  daemonDown,
  daemonProblems,
  notActive,
  fined,
  noProofKey,
  outOfBand,
  feesLow,
  claim,
];

export const adviceOnOracle = (report: OracleReport, daemon: DaemonFacts): Advice[] =>
  rules.flatMap((rule) => rule(report, daemon));
