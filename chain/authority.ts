/** Who may change parameters: the governance module's account, which has no key, so that only a passed proposal signs for it. */
import { accountAddress, moduleAddress } from "./address.ts";
import { ChainError } from "./errors.ts";

const governance = moduleAddress("gov");

export const authorityAddress = (): string => accountAddress.encode(governance);

/** x/gov ErrInvalidSigner: the error of every module's MsgUpdateParams, whichever module it is. */
export function requireAuthority(authority: string): void {
  const expected = authorityAddress();
  if (authority === expected) return;
  throw new ChainError(
    "gov",
    13,
    `invalid authority; expected ${expected}, got ${authority}: expected gov account as only signer for proposal message`,
  );
}
