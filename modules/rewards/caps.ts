/** What a family may weigh at most (economics, class): max(2%, 3 / families) of an epoch. What is cut is not minted. Pure. */
import { type Dec, decOne } from "../../chain/dec.ts";
import { least, most, mulDivDown } from "./ratio.ts";

export interface CapRule {
  readonly familyShareMax: Dec;
  readonly familyParts: bigint;
}

/** Rounded down. */
export const familyCap = (totalWeight: bigint, families: bigint, { familyShareMax, familyParts }: CapRule): bigint =>
  least(
    totalWeight,
    most(mulDivDown(totalWeight, familyShareMax, decOne), mulDivDown(totalWeight, familyParts, families)),
  );
