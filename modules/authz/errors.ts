/** Authz's errors, with the numbers and texts of cosmos-sdk x/authz/errors.go: they are for ever. */
import { ChainError } from "../../chain/errors.ts";

const authz = (code: number, text: string, detail?: string) =>
  new ChainError("authz", code, detail === undefined ? text : `${detail}: ${text}`);

export const noAuthorizationFound = (detail?: string) => authz(2, "authorization not found", detail);
export const invalidExpirationTime = (detail: string) =>
  authz(3, "expiration time of authorization should be more than current time", detail);
export const unknownAuthorizationType = (detail?: string) => authz(4, "unknown authorization type", detail);
export const authorizationExpired = () => authz(6, "authorization expired");
export const granteeIsGranter = () => authz(7, "grantee and granter should be different");
export const severalSigners = () => authz(9, "authorization can be given to msg with only one signer");
export const negativeMaxTokens = (detail: string) => authz(12, "max tokens should be positive", detail);
