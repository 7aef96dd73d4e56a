/** Circuit's errors: codes are for ever. What the SDK refuses without a code is refused in its words. */
import type { Timestamp } from "../../chain/context.ts";
import { ChainError, unregistered } from "../../chain/errors.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";

const circuitError = (code: number, text: string) => new ChainError("circuit", code, text);

/** What stands against a message or a denom, for whoever meets it. */
export interface Standing {
  readonly actId: bigint;
  readonly reason: string;
  readonly ends: Timestamp;
}

const because = ({ actId, reason, ends }: Standing): string =>
  `by act ${actId} of the emergency committee (${reason}); it ends by itself at ${formatRfc3339(ends)}`;

/** As baseapp's router and the SDK's ante say it. */
export const disabledMessage = (typeUrl: string) =>
  unregistered(`circuit breaker disables execution of this message: ${typeUrl}`);

export const messagePaused = (typeUrl: string, standing: Standing) =>
  circuitError(2, `${typeUrl} is paused ${because(standing)}`);

export const denomFrozen = (denom: string, standing: Standing) =>
  circuitError(3, `${denom} is frozen ${because(standing)}`);

export const redemptionPaused = (standing: Standing) => circuitError(4, `redemption is paused ${because(standing)}`);

export const notMember = (address: string) =>
  circuitError(5, `${address} is no member of the emergency committee whose term runs`);

export const invalidAct = (problem: string) => circuitError(6, problem);

export const mayNotBePaused = (typeUrl: string, why: string) => circuitError(7, `${typeUrl} cannot be paused: ${why}`);

export const alreadyUsed = (what: string) =>
  circuitError(8, `the committee did that already (${what}), and does it again only after a vote (MsgRestorePowers)`);

export const noSuchAct = (id: bigint | string) => circuitError(9, `there is no act ${id}; it may have ended`);

export const alreadyApproved = (member: string) => circuitError(10, `${member} approved this act already`);

export const tooMany = (what: string, most: number) =>
  circuitError(11, `${most} ${what} already, the most there may be; wait for one to end`);

export const committeeChanged = () =>
  circuitError(12, "the committee was elected anew since: propose and approve the act again");

export const invalidCommittee = (problem: string) => circuitError(13, problem);

export const invalidSignatures = (problem: string) => circuitError(14, problem);

export const wrongNonce = (found: bigint, expected: bigint) =>
  circuitError(
    15,
    `the act was signed with number ${found}, and ${expected} is next: it was handed in before, or another was`,
  );

export const invalidParams = (problem: string) => circuitError(16, problem);
