/** What compliance refuses. Code 5 is left out: who pays fees takes that code for insufficient funds (bank). */
import { type Coin, formatCoin } from "../../chain/coins.ts";
import type { Timestamp } from "../../chain/context.ts";
import { ChainError } from "../../chain/errors.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";

const complianceError = (code: number, text: string) => new ChainError("compliance", code, text);

export const isOff = () =>
  complianceError(2, "compliance is off on this chain: its genesis did not enable it, and no vote does");

export const notAnIssuer = (address: string) =>
  complianceError(3, `${address} is no approved issuer of credentials: \`weir query compliance issuers\``);

export const notItsKind = (kind: string, kinds: readonly string[]) =>
  complianceError(4, `the issuer may not attest ${JSON.stringify(kind)}; it is approved for ${kinds.join(", ")}`);

export const noSuchCredential = (subject: string, issuer: string, kind: string) =>
  complianceError(6, `${subject} has no credential ${kind} of ${issuer}`);

export const mayNotRevoke = (revoker: string) =>
  complianceError(7, `${revoker} may not revoke it: its issuer, its subject and governance may`);

export interface Limited {
  readonly account: string;
  /** "receive". */
  readonly does: string;
  readonly coin: Coin;
  readonly left: bigint;
  readonly kind: string;
}

export const credentialNeeded = ({ account, does, coin, left, kind }: Limited) =>
  complianceError(
    8,
    `${account} may ${does} ${left}${coin.denom} more in this epoch without a credential ${kind}, not ${formatCoin(coin)}: ` +
      "less, later, or with a credential of an approved issuer",
  );

export interface Freeze {
  readonly actId: bigint;
  readonly reason: string;
  readonly ends: Timestamp;
}

export const accountFrozen = (account: string, denom: string, { actId, reason, ends }: Freeze) =>
  complianceError(
    9,
    `${account} is frozen in ${denom} by act ${actId} of the emergency committee (${reason}); it ends by itself at ` +
      `${formatRfc3339(ends)}, or by a vote (MsgRestorePowers)`,
  );

export const noRule = (denom: string) => complianceError(10, `there is no rule for ${denom}`);

export const nativeIsFree = (denom: string) =>
  complianceError(11, `${denom} pays fees, stakes and deposits: no rule stands against it`);

export const noIssuance = (denom: string) => complianceError(12, `nobody issues ${denom} here`);

export const notTheIssuer = (address: string, denom: string, issuer: string) =>
  complianceError(13, `${address} does not issue ${denom}; ${issuer || "nobody"} does`);

export const beyondCap = (coin: Coin, supply: bigint, cap: bigint) =>
  complianceError(
    14,
    `${formatCoin(coin)} more would make ${supply + coin.amount}, beyond the cap of ${cap}: burn some first, or ask for a vote`,
  );

export const madeElsewhere = (denom: string) =>
  complianceError(15, `${denom} exists already and was not issued here: issue another denomination`);

export const nothingToClaim = (account: string, why: string) =>
  complianceError(16, `${account} can claim nothing now: ${why}`);

export const tooMany = (what: string, most: number) =>
  complianceError(17, `${most} ${what} already, the most there may be`);

export const invalidField = (problem: string) => complianceError(18, problem);

export const invalidParams = (problem: string) => complianceError(19, problem);

export const noSuchRelay = (id: bigint) => complianceError(20, `there is no relay ${id}`);

export const notTheOperator = (id: bigint, operator: string) =>
  complianceError(21, `relay ${id} is ${operator}'s, who alone declares for it`);
