/** Feegrant's errors, with the numbers and texts of cosmossdk.io/x/feegrant errors.go: they are for ever. */
import { ChainError } from "../../chain/errors.ts";

const feegrant = (code: number, text: string) => (detail: string) =>
  new ChainError("feegrant", code, `${detail}: ${text}`);

export const feeLimitExceeded = feegrant(2, "fee limit exceeded");
export const feeLimitExpired = feegrant(3, "fee allowance expired");
export const invalidDuration = feegrant(4, "invalid duration");
export const noAllowance = feegrant(5, "no allowance");
export const noMessages = feegrant(6, "allowed messages are empty");
export const messageNotAllowed = feegrant(7, "message not allowed");
