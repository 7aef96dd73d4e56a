/** Authz's messages, refused in the order and words of cosmos-sdk x/authz/keeper/msg_server.go. */
import type { Context } from "../../chain/context.ts";
import { sdk } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import type { AnyMessageHandler } from "../../chain/module.ts";
import type { MessageRegistry } from "../../chain/tx/decode.ts";
import * as proto from "../../proto/gen/cosmos/authz/v1beta1/tx.ts";
import { ensureAccount, hasAccount } from "../auth/index.ts";
import { isBlocked } from "../bank/index.ts";
import { type Authorization, openAuthorization } from "./authorization.ts";
import { granteeIsGranter } from "./errors.ts";
import { checkExec, executeAll, requireAddress } from "./exec.ts";
import { deleteGrant, saveGrant } from "./keeper.ts";

interface Parties {
  readonly granter: Uint8Array;
  readonly grantee: Uint8Array;
}

/** Bech32 may be all in capitals, so that texts are compared without case. */
function partiesOf({ granter, grantee }: { readonly granter: string; readonly grantee: string }): Parties {
  if (granter.toLowerCase() === grantee.toLowerCase()) throw granteeIsGranter();
  const decoded = requireAddress(grantee, "grantee");
  return { granter: requireAddress(granter, "granter"), grantee: decoded };
}

function grantOf(msg: proto.MsgGrant): Parties & { readonly authorization: Authorization } {
  const parties = partiesOf(msg);
  const authorization = openAuthorization(msg.grant?.authorization);
  authorization.check();
  return { ...parties, authorization };
}

function requireGrantee(ctx: Context, grantee: Uint8Array, text: string): void {
  if (hasAccount(ctx, grantee)) return;
  if (isBlocked(grantee)) throw sdk.unauthorized(`${text} is not allowed to receive funds`);
  ensureAccount(ctx, grantee);
}

const grant = (registry: MessageRegistry) =>
  message(proto.MsgGrant, proto.MsgGrantResponse, {
    signers: (msg) => [msg.granter],
    validate(msg) {
      grantOf(msg);
    },
    execute(ctx, msg) {
      const { granter, grantee, authorization } = grantOf(msg);
      requireGrantee(ctx, grantee, msg.grantee);
      const messageUrl = authorization.messageUrl();
      if (registry.handler(messageUrl) === undefined) throw sdk.invalidType(`${messageUrl} doesn't exist.`);
      saveGrant(ctx, [granter, grantee, messageUrl], msg.grant!);
      return {};
    },
  });

function revocationOf(msg: proto.MsgRevoke): Parties {
  const parties = partiesOf(msg);
  if (msg.msgTypeUrl === "") throw sdk.invalidRequest("missing msg method name");
  return parties;
}

const revoke = message(proto.MsgRevoke, proto.MsgRevokeResponse, {
  signers: (msg) => [msg.granter],
  validate(msg) {
    revocationOf(msg);
  },
  execute(ctx, msg) {
    const { granter, grantee } = revocationOf(msg);
    deleteGrant(ctx, [granter, grantee, msg.msgTypeUrl]);
    return {};
  },
});

const exec = (registry: MessageRegistry) =>
  message(proto.MsgExec, proto.MsgExecResponse, {
    signers: (msg) => [msg.grantee],
    validate: (msg) => checkExec(registry, msg),
    execute: (ctx, msg) => ({
      results: executeAll(ctx, registry, requireAddress(msg.grantee, "grantee"), msg.msgs),
    }),
  });

/** `registry` has the handlers of every message that may be granted and executed: all of the chain's. */
export const messagesOver = (registry: MessageRegistry): Readonly<Record<string, AnyMessageHandler>> => ({
  "/cosmos.authz.v1beta1.MsgGrant": grant(registry),
  "/cosmos.authz.v1beta1.MsgRevoke": revoke,
  "/cosmos.authz.v1beta1.MsgExec": exec(registry),
});
