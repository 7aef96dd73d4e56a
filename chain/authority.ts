/** Who may change parameters: the governance module's account, which has no key, so that only a passed proposal signs for it. */
import { accountAddress, moduleAddress } from "./address.ts";
import { ChainError } from "./errors.ts";

/** The account of governance. */
export const governance = moduleAddress("gov");

export const authorityAddress = (): string => accountAddress.encode(governance);

/** x/gov ErrInvalidSigner: the error of every module's messages of the authority, and gov's own. */
export const invalidSigner = (detail: string): ChainError =>
  new ChainError("gov", 13, `${detail}: expected gov account as only signer for proposal message`);

export function requireAuthority(authority: string): void {
  const expected = authorityAddress();
  if (authority === expected) return;
  throw invalidSigner(`invalid authority; expected ${expected}, got ${authority}`);
}
