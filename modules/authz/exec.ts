/**
 * Messages that a grantee sends in a granter's name. Owns who may: the one signer of each message must be the grantee itself or have
 * granted it; what the messages do is their modules'. Nesting is bounded here, and checked before anything runs.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import { ChainError, sdk } from "../../chain/errors.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { diverted } from "../../chain/execution.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type { MessageRegistry } from "../../chain/tx/decode.ts";
import { MsgExec } from "../../proto/gen/cosmos/authz/v1beta1/tx.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { openAuthorization } from "./authorization.ts";
import { authorizationExpired, noAuthorizationFound, severalSigners } from "./errors.ts";
import { deleteGrant, findGrant, type GrantKey, isExpired, updateGrant } from "./keeper.ts";

/** MsgExec within MsgExec: the outermost one is the first level. */
export const execDepthMax = 4;
/** Messages in one MsgExec, those of nested ones included. */
export const execMessagesMax = 256;

export const execUrl = `/${MsgExec.$type}`;

/** Without the registered text, for one of its own to be put around it. */
const wrapped = (error: unknown, detail: string): unknown =>
  error instanceof ChainError && !isOutOfGas(error)
    ? new ChainError(error.codespace, error.code, `${detail}: ${error.message}`)
    : error;

const isOutOfGas = ({ codespace, code }: ChainError): boolean => codespace === "sdk" && code === 11;

function handlerOf(registry: MessageRegistry, typeUrl: string) {
  const handler = registry.handler(typeUrl);
  if (handler === undefined) throw sdk.unknownRequest(`unrecognized message route: ${typeUrl}`);
  return handler;
}

export function requireAddress(text: string, which: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidAddress(`invalid ${which} address: ${error.message}`);
    throw error;
  }
}

// ------------------------------------------------------------------------------------------------------------------- checking

/** Every message within, at every depth, once. */
export function checkExec(registry: MessageRegistry, message: MsgExec): void {
  let left = execMessagesMax;
  const check = ({ grantee, msgs }: MsgExec, depth: number): void => {
    if (depth > execDepthMax) {
      throw sdk.invalidRequest(`MsgExec within MsgExec ${depth} deep, expected at most ${execDepthMax}`);
    }
    requireAddress(grantee, "grantee");
    if (msgs.length === 0) throw sdk.invalidRequest("messages cannot be empty");
    left -= msgs.length;
    if (left < 0) throw sdk.invalidRequest(`more than ${execMessagesMax} messages; send them in several transactions`);
    for (const [index, { typeUrl, value }] of msgs.entries()) {
      try {
        if (typeUrl === execUrl) check(MsgExec.decode(value), depth + 1);
        else checkOne(registry, typeUrl, value);
      } catch (error) {
        throw wrapped(error, `msg ${index}`);
      }
    }
  };
  check(message, 1);
}

function checkOne(registry: MessageRegistry, typeUrl: string, value: Uint8Array): void {
  const handler = handlerOf(registry, typeUrl);
  handler.validate(handler.request.decode(value));
}

// ------------------------------------------------------------------------------------------------------------------- executing

/** The answers of the messages, encoded. Checked messages are expected. */
export function executeAll(ctx: Context, registry: MessageRegistry, grantee: Uint8Array, msgs: readonly Any[]) {
  return msgs.map(({ typeUrl, value }, index): Uint8Array => {
    const handler = handlerOf(registry, typeUrl);
    const message = handler.request.decode(value);
    requireGrant(ctx, grantee, handler.signers(message), { typeUrl, value: message });
    try {
      return handler.response.encode(handler.execute(numbered(ctx, index), message));
    } catch (error) {
      throw wrapped(error, `failed to execute message; message ${typeUrl}`);
    }
  });
}

/** The grantee needs no grant for messages of its own. */
function requireGrant(
  ctx: Context,
  grantee: Uint8Array,
  signers: readonly string[],
  message: { readonly typeUrl: string; readonly value: unknown },
): void {
  if (signers.length !== 1) throw severalSigners();
  const granter = accountAddress.decode(signers[0]!);
  if (compareBytes(granter, grantee) === 0) return;
  const key: GrantKey = [granter, grantee, message.typeUrl];
  const grant = findGrant(ctx, key);
  if (grant === undefined) {
    const [from, to] = [accountAddress.encode(granter), accountAddress.encode(grantee)];
    throw noAuthorizationFound(
      `failed to get grant with given granter: ${from}, grantee: ${to} & msgType: ${message.typeUrl} `,
    );
  }
  if (isExpired(grant, ctx.block.time)) throw authorizationExpired();
  const left = openAuthorization(grant.authorization).accept(ctx, message);
  if (left === "nothing") deleteGrant(ctx, key);
  else if (left !== "unchanged") updateGrant(ctx, key, grant, left.updated);
}

/** Whose events tell which of the messages they are of. */
function numbered(ctx: Context, index: number): Context {
  const position = { key: "authz_msg_index", value: String(index), index: true };
  return diverted(ctx, {
    emit: ({ type, attributes }: ChainEvent) => ctx.emit({ type, attributes: [...attributes, position] }),
  });
}
