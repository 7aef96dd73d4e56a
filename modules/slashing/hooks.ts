/** What slashing does when staking's validators come and go; called by staking/hooks.ts alone. */
import type { Context } from "../../chain/context.ts";
import { consensusAddressOf, consensusKeyOf, requireValidator } from "../staking/index.ts";
import { refuseTombstoned, setPublicKey } from "./keeper.ts";
import { newSigningInfo } from "./signinginfo.ts";
import { publicKeys, signingInfos } from "./state.ts";

/** `operator` is the validator's account. */
export function afterValidatorCreated(ctx: Context, operator: Uint8Array): void {
  const validator = requireValidator(ctx, operator);
  const address = consensusAddressOf(validator);
  refuseTombstoned(ctx, address);
  setPublicKey(ctx, address, consensusKeyOf(validator));
}

/** Its counting begins anew, but what it missed before is not forgotten. */
export function afterValidatorBonded(ctx: Context, consensusAddress: Uint8Array): void {
  const { height } = ctx.block;
  const info = signingInfos.get(ctx, consensusAddress);
  const next = info === undefined ? newSigningInfo(consensusAddress, height) : { ...info, startHeight: height };
  signingInfos.set(ctx, consensusAddress, next);
}

/** The signing info stays: who comes back with the key comes back with its past. */
export function afterValidatorRemoved(ctx: Context, consensusAddress: Uint8Array): void {
  publicKeys.delete(ctx, consensusAddress);
}
