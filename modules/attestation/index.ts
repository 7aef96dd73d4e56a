/** Relays and oracles, who measures whom, and what was measured: what other modules, the chain and nodes may use of it. */
import type { Context } from "../../chain/context.ts";
import type { Module, ValidatorUpdate } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { evidenceInvariants } from "./evidencegenesis.ts";
import { evidenceMessages } from "./evidencemessages.ts";
import { evidenceQueries } from "./evidencequeries.ts";
import { evidenceState } from "./evidencestate.ts";
import { genesis } from "./genesis.ts";
import { governanceMessages } from "./governancemessages.ts";
import { registryInvariants } from "./invariants.ts";
import { registryMessages } from "./messages.ts";
import { noteOpening } from "./openings.ts";
import { parameters } from "./parameters.ts";
import { registryQueries } from "./queries.ts";
import { readingsInvariants } from "./readingsinvariants.ts";
import { readingsMessages } from "./readingsmessages.ts";
import { readingsQueries } from "./readingsqueries.ts";
import { readingsState } from "./readingsstate.ts";
import { readingsEndBlock } from "./readingssweep.ts";
import { departWhenDue } from "./standing.ts";
import { registryState, storeName } from "./state.ts";
import { payUnbondings } from "./unbonding.ts";

export type { Oracle, Relay, RelayTerms } from "../../proto/gen/weir/attestation/v1/state.ts";
export {
  bondAtOpen,
  bondsAccount,
  delegateToRelay,
  minimumBondIn,
  oracleBond,
  relayBond,
  relayShares,
  relaysOf,
  requiredBondFor,
  sharesOf,
} from "./bonds.ts";
export { isCellName, leastRttMicros } from "./cells.ts";
export type { CommitteeRules, OracleAtOpen, RelayAtOpen } from "./committee.ts";
export { isDenied } from "./denials.ts";
export { type DisputeView, disputeOf } from "./disputesstate.ts";
export { isPublicUnicast, parseEndpoint } from "./endpoints.ts";
export { carriesPort, carriesPorts } from "./exitpolicy.ts";
export { familyOf } from "./families.ts";
export {
  auditOneIn,
  committeeOf,
  committeeRules,
  countedBpsAt,
  eligibleFor,
  isAuditedIn,
  openingOf,
  oraclesAtOpen,
  paramsAt,
  type RelayEpoch,
  relayAtOpen,
  relayEpoch,
  relayIdCountAt,
  requiredBond,
  termsAt,
  visibleClaimAt,
} from "./openings.ts";
export { type OracleKeys, oracleKeysAt, oracleTermsAt, setProvenCapacity } from "./oracles.ts";
export { oracleTallyOf } from "./oracletallies.ts";
export { getParams } from "./params.ts";
export { forgetReadings } from "./readingspruning.ts";
export { isTallied } from "./readingssweep.ts";
export { isVoidEpoch } from "./readingsview.ts";
export {
  announcedTerms,
  changeTrust,
  latestTrust,
  oracle,
  oraclesFrom,
  relay,
  relaysFrom,
  relaysOfOperator,
  servesIn,
  termsOf,
  trustAt,
} from "./records.ts";
export { resetClaim } from "./relays.ts";
export { relaysOfCell } from "./search.ts";
export { jailOracle, type Slash, type Slashed, slashOracle, slashRelay } from "./slash.ts";
export { epochsBehind } from "./software.ts";
export { escrowMax, requireBuyer, requireEscrow } from "./stage.ts";
export { promisesNotice, standingNow } from "./standing.ts";
export { oracleSubject, relaySubject, type Subject, subjectText } from "./subject.ts";
export { tallyOf, tallyReader } from "./tallies.ts";
export type { Tally, TallyStatus } from "./tally.ts";
export { probationReputation, type RelayTrust } from "./trust.ts";

function beginBlock(ctx: Context): void {
  departWhenDue(ctx);
  noteOpening(ctx);
}

function endBlock(ctx: Context): readonly ValidatorUpdate[] {
  payUnbondings(ctx);
  readingsEndBlock(ctx);
  return [];
}

export const attestation: Module = {
  name: "attestation",
  storeName,
  state: { ...registryState, ...readingsState, ...evidenceState },
  messages: { ...registryMessages, ...governanceMessages, ...readingsMessages, ...evidenceMessages },
  queries: { ...registryQueries, ...readingsQueries, ...evidenceQueries },
  genesis,
  invariants: { ...registryInvariants, ...readingsInvariants, ...evidenceInvariants },
  exits: ["/weir.attestation.v1.MsgLeave", "/weir.attestation.v1.MsgUnbond"],
  parameters: [parameters],
  commands,
  beginBlock,
  endBlock,
};
