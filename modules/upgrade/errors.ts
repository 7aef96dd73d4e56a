/** Upgrade's errors, with the SDK's codes and texts (cosmossdk.io/x/upgrade/types/errors.go). */
import { ChainError } from "../../chain/errors.ts";

export const noModuleVersion = (name: string) =>
  new ChainError("upgrade", 2, `x/upgrade: QueryModuleVersions module ${name} not found: module version not found`);

export const invalidSigner = (expected: string, found: string) =>
  new ChainError(
    "upgrade",
    6,
    `expected ${expected} got ${found}: expected authority account as only signer for proposal message`,
  );
