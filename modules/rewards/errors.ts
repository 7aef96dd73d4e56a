/** The rewards' errors: codes are for ever. */
import { ChainError } from "../../chain/errors.ts";

const rewardsError = (code: number, text: string) => new ChainError("rewards", code, text);

export const invalidParams = (problem: string) => rewardsError(2, problem);

export const nothingToClaim = (what: string) =>
  rewardsError(3, `there is nothing to claim ${what}; rewards come with each settled epoch, half of them over 90 days`);

export const noSuchRelay = (text: string) =>
  rewardsError(4, `rewards know no relay ${text}; expected the number or the operator of one that had a bond`);

export const noSuchOracle = (id: bigint) =>
  rewardsError(5, `rewards know no oracle ${id}; none of that number was settled`);

export const notTheOperator = (id: bigint, operator: string) =>
  rewardsError(6, `oracle ${id} is ${operator}'s; only its operator claims what it earned`);

export const blockedWithdrawAddress = (address: string) =>
  rewardsError(7, `${address} belongs to a module and may not receive; give an account's address`);
