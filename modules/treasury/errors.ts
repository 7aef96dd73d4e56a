/** The treasury's errors: codes are for ever. */
import { type Coins, formatCoins } from "../../chain/coins.ts";
import { ChainError } from "../../chain/errors.ts";

const treasuryError = (code: number, text: string) => new ChainError("treasury", code, text);

export const notMember = (address: string) =>
  treasuryError(2, `${address} may not spend the treasury: the policy does not name it`);

export const noSuchSpend = (id: bigint) =>
  treasuryError(3, `no spend ${id} waits; it may have been paid, dropped, or waited too long`);

export const alreadyApproved = (member: string) => treasuryError(4, `${member} approved this spend already`);

export const notApproved = (member: string) => treasuryError(5, `${member} did not approve this spend`);

export const overLimit = (amount: Coins, left: Coins) =>
  treasuryError(
    6,
    `${formatCoins(amount)} is more than the limit leaves of these 24 hours, ${formatCoins(left) || "nothing"}; approve it again later`,
  );

export const tooMany = (what: string, most: number) =>
  treasuryError(7, `${most} ${what} already, the most there may be; wait for one to end`);

export const invalidSpend = (problem: string) => treasuryError(8, problem);

export const invalidPolicy = (problem: string) => treasuryError(9, problem);

export const invalidParams = (problem: string) => treasuryError(10, problem);
