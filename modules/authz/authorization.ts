/** What a grant allows: of which message, whether it is well made, and what is left of it after a message. Each kind is a file. */
import type { Context } from "../../chain/context.ts";
import { sdk } from "../../chain/errors.ts";
import { GenericAuthorization } from "../../proto/gen/cosmos/authz/v1beta1/authz.ts";
import { SendAuthorization } from "../../proto/gen/cosmos/bank/v1beta1/authz.ts";
import { StakeAuthorization } from "../../proto/gen/cosmos/staking/v1beta1/authz.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { genericAuthorization } from "./generic.ts";
import { sendAuthorization } from "./sendauthorization.ts";
import { stakeAuthorization } from "./stakeauthorization.ts";

/** What is left: the grant as it was, a smaller one, or none. */
export type Left = "unchanged" | "nothing" | { readonly updated: Any };

export interface AllowedMessage {
  readonly typeUrl: string;
  readonly value: unknown;
}

export interface Authorization {
  /** Throws where the SDK has no type for it. */
  messageUrl(): string;
  /** Throws what is wrong with it by itself. */
  check(): void;
  /** Throws when the message is beyond it. */
  accept(ctx: Context, message: AllowedMessage): Left;
}

const kinds: Readonly<Record<string, (value: Uint8Array) => Authorization>> = {
  [`/${GenericAuthorization.$type}`]: (value) => genericAuthorization(GenericAuthorization.decode(value)),
  [`/${SendAuthorization.$type}`]: (value) => sendAuthorization(SendAuthorization.decode(value)),
  [`/${StakeAuthorization.$type}`]: (value) => stakeAuthorization(StakeAuthorization.decode(value)),
};

export const authorizationUrls: readonly string[] = Object.keys(kinds);

export function openAuthorization(any: Any | undefined): Authorization {
  if (any === undefined) throw sdk.invalidType("authorization is nil");
  const open = Object.hasOwn(kinds, any.typeUrl) ? kinds[any.typeUrl] : undefined;
  if (open === undefined) {
    throw sdk.txDecode(`${any.typeUrl} is no authorization; expected one of ${authorizationUrls.join(", ")}`);
  }
  return open(any.value);
}
