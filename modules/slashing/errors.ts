/** Slashing's errors, with the numbers and texts of cosmos-sdk x/slashing/types/errors.go: they are for ever. */
import { ChainError } from "../../chain/errors.ts";

const slashing = (code: number, text: string, detail?: string) =>
  new ChainError("slashing", code, detail === undefined ? text : `${detail}: ${text}`);

export const stillJailed = () => slashing(4, "validator still jailed; cannot be unjailed");
export const notJailed = () => slashing(5, "validator not jailed; cannot be unjailed");
export const selfDelegationTooLow = (tokens: bigint, minimum: bigint) =>
  slashing(7, "validator's self delegation less than minimum; cannot be unjailed", `${tokens} less than ${minimum}`);
export const alreadyTombstoned = (address: string) =>
  slashing(9, "validator already tombstoned", `the key of ${address} signed twice and cannot come back`);
