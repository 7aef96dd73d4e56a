/** The registry's errors: codes 2 to 99 are for ever; readings have 100 to 149, hardware evidence 150 to 179. */
import { ChainError } from "../../chain/errors.ts";

const registryError = (code: number, text: string) => new ChainError("attestation", code, text);

export const invalidParams = (problem: string) => registryError(2, problem);

export const noSuchRelay = (id: bigint) =>
  registryError(3, `there is no relay ${id}; \`weir query attestation relays\` lists them`);

export const noSuchOracle = (id: bigint) =>
  registryError(4, `there is no oracle ${id}; \`weir query attestation oracles\` lists them`);

export const notTheOperator = (subject: string, operator: string) =>
  registryError(5, `${subject} is ${operator}'s; only its operator may do this`);

export const invalidField = (problem: string) => registryError(6, problem);

export const invalidEndpoint = (problem: string) => registryError(7, problem);

export const unusableKey = () =>
  registryError(
    8,
    "the key is no point of the curve, or one of small order; expected 32 bytes of an ed25519 public key",
  );

export const falsePossession = (what: string) =>
  registryError(9, `possession does not show that the operator has the secret of this ${what} on this chain`);

export const keyInUse = (subject: string) =>
  registryError(
    10,
    `the key is ${subject}'s already; every relay and every oracle has keys of its own: make a new one`,
  );

export const noSuchCell = (cell: string) =>
  registryError(11, `there is no cell ${cell}; \`weir query attestation cells\` lists them`);

/** `asked` is what was tried; `allowing` the first stage in which it is allowed. */
export const stageForbids = (asked: string, stage: string, allowing: string) =>
  registryError(12, `${asked}, which stage ${stage} forbids; stage ${allowing} allows it`);

export const tooMany = (what: string, most: bigint | number) =>
  registryError(13, `there can be ${most} ${what} at most, and so many there are`);

export const denied = (operator: string, reason: string) =>
  registryError(14, `${operator} is denied: ${reason}; only governance lifts that`);

export const wrongStanding = (subject: string, standing: string, expected: string) =>
  registryError(15, `${subject} is ${standing}; expected ${expected}`);

export const bondTooSmall = (amount: bigint, least: bigint) =>
  registryError(16, `a bond of ${amount} is too small; expected ${least} or more`);

export const foreignOracleBond = (oracle: bigint, operator: string) =>
  registryError(17, `oracle ${oracle} is bonded by its operator ${operator} alone; delegate to relays`);

export const noDelegation = (delegator: string, subject: string) =>
  registryError(18, `${delegator} has nothing bonded to ${subject}`);

export const delegationTooSmall = (asked: bigint, has: bigint) =>
  registryError(19, `${asked} is more than the delegation of ${has}; unbond ${has} at most`);

export const dustLeft = (left: bigint, least: bigint, has: bigint) =>
  registryError(20, `${left} would be left of the delegation, less than ${least}; unbond all ${has} of it, or less`);

export const ownStakeNeeded = (subject: string, left: bigint, least: bigint) =>
  registryError(
    21,
    `${left} of its operator's own stake would be left with ${subject}, less than ${least}; leave first`,
  );

export const insolventBond = (subject: string) =>
  registryError(22, `the bond of ${subject} was slashed to nothing; bond to another one`);

export const tooManyUnbondings = (most: number) =>
  registryError(23, `${most} unbondings from one bond wait already; try again when the first of them is paid`);

export const commissionProblem = (problem: string) => registryError(24, problem);

export const stillJailed = (oracle: bigint, until: bigint) =>
  registryError(25, `oracle ${oracle} is jailed until epoch ${until}; try again then`);

export const notJailed = (oracle: bigint) => registryError(26, `oracle ${oracle} is not jailed`);

export const alreadyInFamily = (operator: string, family: bigint) =>
  registryError(27, `${operator} is of family ${family}, or was until lately; it must have left that one first`);

export const noFamily = (operator: string) =>
  registryError(28, `${operator} is of no family, or is leaving it already`);

export const notInvited = (operator: string, family: bigint) =>
  registryError(29, `family ${family} has not invited ${operator}, or too long ago; ask one of its members`);

export const notAnOperator = (operator: string) =>
  registryError(30, `${operator} has no relay and no oracle; register one first`);

export const cellInUse = (cell: string) =>
  registryError(31, `cell ${cell} has relays or oracles; they must have moved before it is removed`);

export const versionNotLater = (version: string, last: string) =>
  registryError(32, `version ${version} is not later than ${last}, which is governed already`);

export const notDenied = (operator: string) => registryError(33, `${operator} is not denied`);

export const alreadyDenied = (operator: string) => registryError(34, `${operator} is denied already`);

export const moduleDelegator = (delegator: string) =>
  registryError(35, `${delegator} is a module's account, which takes no payments; bond from another one`);

export const keyForBoth = (oracle: bigint) =>
  registryError(36, `oracle ${oracle} would sign and prove by one key, which gives its secret away; make one for each`);
