/** What is refused of readings: codes 100 to 149 are for ever. Those up to 129 stand in an item's result and leave the rest of a batch alone. */
import { ChainError } from "../../chain/errors.ts";

export const readingsCodespace = "attestation";

const readingsError = (code: number, text: string) => new ChainError(readingsCodespace, code, text);

// -------------------------------------------------------------------------------------------------------------- of one reading

export const tooEarly = (epoch: bigint, current: bigint) =>
  readingsError(
    100,
    `readings of epoch ${epoch} are taken in epoch ${epoch + 1n}, and this is epoch ${current}; try again then`,
  );

export const tooLate = (epoch: bigint, current: bigint) =>
  readingsError(101, `readings of epoch ${epoch} were taken in epoch ${epoch + 1n}, and this is epoch ${current}`);

export const noCommit = (oracle: bigint, epoch: bigint) =>
  readingsError(102, `oracle ${oracle} committed to no readings of epoch ${epoch}; only those in its tree count`);

export const noPath = (oracle: bigint, epoch: bigint) =>
  readingsError(
    103,
    `these leaves have no path to the root that oracle ${oracle} committed to in epoch ${epoch}; expected their first index, and every hash beside them`,
  );

export const absurdReading = (problem: string) => readingsError(104, problem);

export const wrongCommittee = (oracle: bigint, relay: bigint, kind: string) =>
  readingsError(105, `oracle ${oracle} was not to give relay ${relay} an ${kind} reading in this epoch`);

export const wrongKey = (oracle: bigint) =>
  readingsError(106, `the signature is not of the transport key that oracle ${oracle} had in this epoch`);

export const wrongSlot = (found: bigint, from: bigint, until: bigint) =>
  readingsError(107, `it began at ${found} ms; expected from ${from} to ${until} ms`);

export const alreadyGiven = (oracle: bigint, relay: bigint, kind: string) =>
  readingsError(108, `oracle ${oracle} has given relay ${relay} its ${kind} reading of this epoch already`);

export const notMeasured = (relay: bigint, epoch: bigint) =>
  readingsError(109, `there was no relay ${relay} to measure in epoch ${epoch}`);

export const wrongRelayKey = (relay: bigint) =>
  readingsError(110, `the relay's signature is not of the transport key that relay ${relay} had in this epoch`);

export const outOfOrder = () =>
  readingsError(111, "the leaves of a range are not in ascending order of relay and kind, each once");

export const falseOracleProof = (oracle: bigint) =>
  readingsError(112, `vrf_proof is not of oracle ${oracle}'s key over this chain, epoch and seed`);

export const noOracleProof = (oracle: bigint) =>
  readingsError(113, `whom oracle ${oracle} was to measure covertly follows from its vrf_proof; give that too`);

export const slotsUnknown = (epoch: bigint) =>
  readingsError(114, `the slots of epoch ${epoch} are being planned still; try again in some blocks`);

export const voidEpoch = (epoch: bigint) => readingsError(115, `epoch ${epoch} is void: nobody could measure in it`);

// --------------------------------------------------------------------------------------------------------- of a whole message

export const badCommit = (problem: string) => readingsError(130, problem);

export const commitClosed = (epoch: bigint, current: bigint) =>
  readingsError(
    131,
    `readings of epoch ${epoch} are committed to while it is open, and this is epoch ${current}; commit to those of epoch ${current}`,
  );

export const alreadyCommitted = (oracle: bigint, epoch: bigint) =>
  readingsError(132, `oracle ${oracle} has committed to its readings of epoch ${epoch}, once and for all`);

export const notDrawable = (oracle: bigint, epoch: bigint) =>
  readingsError(133, `oracle ${oracle} took no part in epoch ${epoch}; it has nothing to commit to`);

export const malformedSubmission = (problem: string) => readingsError(134, problem);

export const notDisputable = (epoch: bigint, current: bigint) =>
  readingsError(
    135,
    `epoch ${epoch} is disputed in epoch ${epoch + 2n}, and this is epoch ${current}; its readings stand before and after`,
  );

export const alreadyDisputed = (relay: bigint, epoch: bigint) =>
  readingsError(136, `relay ${relay} is measured again for epoch ${epoch} already; once is enough`);

export const tooManyDisputes = (most: number) =>
  readingsError(137, `${most} relays are measured again for this epoch, and there can be no more`);

export const nothingToDispute = (relay: bigint, epoch: bigint, status: string) =>
  readingsError(
    138,
    `the readings of relay ${relay} in epoch ${epoch} are ${status}; only conclusive ones are disputed`,
  );

export const noEquivocation = (problem: string) => readingsError(140, problem);

export const alreadyPunished = (oracle: bigint, epoch: bigint) =>
  readingsError(141, `oracle ${oracle} was slashed for its equivocation in epoch ${epoch} already`);

export const equivocationTooOld = (epoch: bigint, oldest: bigint) =>
  readingsError(142, `epoch ${epoch} is too long ago: an oracle answers for epochs from ${oldest} on`);
