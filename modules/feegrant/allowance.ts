/** What a granter pays for a grantee: whether it is well made, when it ends, and what is left of it after a fee. Each kind is a file. */
import type { Coins } from "../../chain/coins.ts";
import type { Context, Timestamp } from "../../chain/context.ts";
import { sdk } from "../../chain/errors.ts";
import {
  AllowedMsgAllowance,
  BasicAllowance,
  PeriodicAllowance,
} from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { allowedMessages } from "./allowedmessages.ts";
import { basicAllowance } from "./basic.ts";
import { noAllowance } from "./errors.ts";
import { periodicAllowance } from "./periodic.ts";

/** What is left: a smaller allowance, or none. */
export type Left = "nothing" | Any;

export interface Allowance {
  /** Throws what is wrong with it by itself. */
  check(): void;
  expiresAt(): Timestamp | undefined;
  /** Throws when the fee, a message or the time is beyond it. */
  accept(ctx: Context, fee: Coins, messageUrls: readonly string[]): Left;
}

const kinds: Readonly<Record<string, (value: Uint8Array) => Allowance>> = {
  [`/${BasicAllowance.$type}`]: (value) => basicAllowance(BasicAllowance.decode(value)),
  [`/${PeriodicAllowance.$type}`]: (value) => periodicAllowance(PeriodicAllowance.decode(value)),
  [`/${AllowedMsgAllowance.$type}`]: (value) => allowedMessages(AllowedMsgAllowance.decode(value), openAllowance),
};

export const allowanceUrls: readonly string[] = Object.keys(kinds);

export function openAllowance(any: Any | undefined): Allowance {
  if (any === undefined) throw noAllowance("failed to get allowance");
  const open = Object.hasOwn(kinds, any.typeUrl) ? kinds[any.typeUrl] : undefined;
  if (open === undefined) {
    throw sdk.txDecode(`${any.typeUrl} is no fee allowance; expected one of ${allowanceUrls.join(", ")}`);
  }
  return open(any.value);
}
