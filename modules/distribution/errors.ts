/** Distribution's errors, with the numbers and texts of cosmos-sdk x/distribution/types/errors.go: they are for ever. */
import { ChainError } from "../../chain/errors.ts";

const distribution = (code: number, text: string) => (detail?: string) =>
  new ChainError("distribution", code, detail === undefined ? text : `${detail}: ${text}`);

export const emptyDelegationDistInfo = distribution(5, "no delegation distribution info");
export const noValidatorDistInfo = distribution(6, "no validator distribution info");
export const noValidatorCommission = distribution(7, "no validator commission to withdraw");
export const setWithdrawAddressDisabled = distribution(8, "set withdraw address disabled");
export const badDistribution = distribution(9, "community pool does not have sufficient coins to distribute");
