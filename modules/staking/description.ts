/** What a validator says of itself, and how long that may be (cosmos-sdk x/staking/types/validator.go). Pure. */
import { sdk } from "../../chain/errors.ts";
import { utf8Length } from "../../chain/utf8.ts";
import type { Description } from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";

/** Of an edit: the field stays as it is. */
export const doNotModify = "[do-not-modify]";

/** In bytes, and what the SDK calls the field. */
const limits: readonly (readonly [field: keyof Description, name: string, bytesMax: number])[] = [
  ["moniker", "moniker", 70],
  ["identity", "identity", 3_000],
  ["website", "website", 140],
  ["securityContact", "security contact", 140],
  ["details", "details", 280],
];

export const isEmptyDescription = (description: Description | undefined): boolean =>
  description === undefined || limits.every(([field]) => description[field] === "");

export function requireDescriptionLengths(description: Description): void {
  for (const [field, name, bytesMax] of limits) {
    const length = utf8Length(description[field]);
    if (length > bytesMax) throw sdk.invalidRequest(`invalid ${name} length; got: ${length}, max: ${bytesMax}`);
  }
}

export function editedDescription(current: Description, edit: Description): Description {
  const next = { ...edit };
  for (const [field] of limits) if (next[field] === doNotModify) next[field] = current[field];
  requireDescriptionLengths(next);
  return next;
}
