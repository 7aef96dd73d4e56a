/**
 * cosmos.circuit: accounts that governance trusts to disable messages until somebody resets them. Refused in the order and words of
 * cosmossdk.io/x/circuit/keeper/msg_server.go. What it may not disable here and may there: exit paths and what governs the chain.
 */
import { accountAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import type { Context } from "../../chain/context.ts";
import { sdk, unregistered } from "../../chain/errors.ts";
import { event } from "../../chain/events.ts";
import type {
  MsgAuthorizeCircuitBreaker,
  MsgResetCircuitBreaker,
  MsgTripCircuitBreaker,
} from "../../proto/gen/cosmos/circuit/v1/tx.ts";
import { Permissions, Permissions_Level } from "../../proto/gen/cosmos/circuit/v1/types.ts";
import { mayNotBePaused } from "./errors.ts";
import { countRefusals } from "./refusals.ts";
import { disabled, permissions } from "./state.ts";
import { type Surroundings, unpausable } from "./surroundings.ts";

/** Type URLs in one message. */
export const urlsMax = 128;
export const urlLengthMax = 256;

export function authorize(ctx: Context, { granter, grantee, permissions: granted }: MsgAuthorizeCircuitBreaker): void {
  const address = accountAddress.decode(granter);
  const isAdmin = permissions.get(ctx, address)?.level === Permissions_Level.LEVEL_SUPER_ADMIN;
  if (granter !== authorityAddress() && !isAdmin) throw sdk.unauthorized("only super admins can authorize users");
  const to = accountAddress.decode(grantee);
  if (granted === undefined) throw sdk.invalidRequest("permissions cannot be nil");
  permissions.set(ctx, to, granted);
  ctx.emit(event("authorize_circuit_breaker", { granter, grantee, permission: permissionText(granted) }));
}

/** As gogoproto prints it. */
function permissionText({ level, limitTypeUrls }: Permissions): string {
  const name = Object.entries(Permissions_Level).find(([, number]) => number === level)?.[0] ?? `${level}`;
  const urls = limitTypeUrls.map((url) => `limit_type_urls:${JSON.stringify(url)} `).join("");
  return `${level === 0 ? "" : `level:${name} `}${urls}`;
}

function requirePermission(ctx: Context, authority: string, typeUrl: string, verb: "trip" | "reset"): void {
  if (authority === authorityAddress()) return;
  const { level, limitTypeUrls } =
    permissions.get(ctx, accountAddress.decode(authority)) ?? Permissions.fromPartial({});
  if (level === Permissions_Level.LEVEL_SUPER_ADMIN || level === Permissions_Level.LEVEL_ALL_MSGS) return;
  if (level !== Permissions_Level.LEVEL_SOME_MSGS) {
    throw sdk.unauthorized(`account does not have permission to ${verb} circuit breaker`);
  }
  if (limitTypeUrls.includes(typeUrl)) return;
  throw sdk.unauthorized(`account does not have permission to ${verb} circuit breaker for message ${typeUrl}`);
}

const changed = (name: string, { authority, msgTypeUrls }: MsgTripCircuitBreaker | MsgResetCircuitBreaker) =>
  event(name, { authority, msg_url: msgTypeUrls.join(",") });

export function trip(ctx: Context, { exits }: Surroundings, msg: MsgTripCircuitBreaker): void {
  for (const url of msg.msgTypeUrls) {
    if (disabled.has(ctx, url)) throw unregistered(`message ${url} is already disabled`);
    requirePermission(ctx, msg.authority, url, "trip");
    const why = unpausable(url);
    if (why !== undefined) throw mayNotBePaused(url, why);
    if (exits().has(url)) {
      throw mayNotBePaused(url, "it is an exit path, which only the emergency committee closes, for some hours");
    }
    disabled.add(ctx, url);
    countRefusals(ctx, 1n);
  }
  ctx.emit(changed("trip_circuit_breaker", msg));
}

export function reset(ctx: Context, msg: MsgResetCircuitBreaker): void {
  for (const url of msg.msgTypeUrls) {
    if (!disabled.has(ctx, url)) throw unregistered(`message ${url} is not disabled`);
    requirePermission(ctx, msg.authority, url, "reset");
    disabled.delete(ctx, url);
    countRefusals(ctx, -1n);
  }
  ctx.emit(changed("reset_circuit_breaker", msg));
}
