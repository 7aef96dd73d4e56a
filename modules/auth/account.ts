/** What is stored of an account, and its bytes: an Any, as the SDK stores it, so that other kinds of accounts can join. Pure. */

import { BaseAccount, ModuleAccount } from "../../proto/gen/cosmos/auth/v1beta1/auth.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import type { VestingPart } from "./vesting.ts";
import { vestingFromAny, vestingToAny } from "./vestingcodec.ts";

export type { BaseAccount };

/** What a module's account has beside the base. */
export interface ModulePart {
  readonly name: string;
  readonly permissions: readonly string[];
}

export interface Account {
  /** Shared between readers, and never written. */
  readonly base: Readonly<BaseAccount>;
  /** Of module accounts only. */
  readonly module?: ModulePart | undefined;
  /** Of vesting accounts only. */
  readonly vesting?: VestingPart | undefined;
}

export const baseAccountUrl = `/${BaseAccount.$type}`;
export const moduleAccountUrl = `/${ModuleAccount.$type}`;

export function accountToAny({ base, module, vesting }: Account): Any {
  if (vesting !== undefined) return vestingToAny(base, vesting);
  if (module === undefined) return { typeUrl: baseAccountUrl, value: BaseAccount.encode(base).finish() };
  const { name, permissions } = module;
  const value = ModuleAccount.encode({ baseAccount: base, name, permissions: [...permissions] }).finish();
  return { typeUrl: moduleAccountUrl, value };
}

/** Undefined for a kind of account that this chain does not have. */
export function accountFromAny({ typeUrl, value }: Any): Account | undefined {
  if (typeUrl === baseAccountUrl) return { base: BaseAccount.decode(value) };
  if (typeUrl !== moduleAccountUrl) return vestingFromAny(typeUrl, value);
  const { baseAccount, name, permissions } = ModuleAccount.decode(value);
  return { base: baseAccount ?? BaseAccount.fromPartial({}), module: { name, permissions } };
}
