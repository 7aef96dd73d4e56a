/** Mint's errors. The SDK's x/mint has none of its own; these are for ever too. */
import { ChainError } from "../../chain/errors.ts";

export const beyondSchedule = (amount: bigint, left: bigint) =>
  new ChainError(
    "mint",
    2,
    `${amount} to mint by the schedule, which until now leaves ${left}; mint at most that, or wait`,
  );

export const beyondCeiling = (amount: bigint, left: bigint) =>
  new ChainError(
    "mint",
    3,
    `${amount} to mint beside the schedule, but ${left} are missing to genesis and schedule; mint at most that`,
  );

export const noSchedule = () =>
  new ChainError("mint", 4, "this chain mints by inflation: its genesis has no emission schedule to mint by");

export const denomIsFixed = (denom: string) =>
  new ChainError("mint", 5, `the emission schedule is in ${denom}: mint_denom must stay as it is`);
