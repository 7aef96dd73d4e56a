/**
 * The denylist: operators that governance keeps out. What they have registered takes no part from the next open on, and begins again in
 * probation when they are pardoned; their bonds stay where they are, slashable as before.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { utf8Length } from "../../chain/utf8.ts";
import { type Denial, type Oracle, type Relay, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { alreadyDenied, denied, invalidField, notDenied } from "./errors.ts";
import { operatorDenied, operatorPardoned } from "./events.ts";
import { afterRelayPardoned } from "./hooks.ts";
import {
  changeTrust,
  nextEpoch,
  requireOracle,
  requireRelay,
  setOracle,
  setRelay,
  withOracleTerms,
  withTerms,
} from "./records.ts";
import * as state from "./state.ts";
import { probationReputation } from "./trust.ts";

export const reasonBytesMax = 256;

export function requireReason(reason: string): void {
  const length = utf8Length(reason);
  if (length === 0 || length > reasonBytesMax) {
    throw invalidField(`reason has ${length} bytes; expected 1 to ${reasonBytesMax}`);
  }
}

/** Also of one that was lifted. */
export const denialOf = (ctx: ReadContext, operator: Uint8Array): Denial | undefined =>
  state.denials.get(ctx, operator);

export function isDenied(ctx: ReadContext, operator: Uint8Array): boolean {
  const found = denialOf(ctx, operator);
  return found !== undefined && found.liftedEpoch === 0n;
}

export function requireNotDenied(ctx: ReadContext, operator: string): void {
  const found = denialOf(ctx, accountAddress.decode(operator));
  if (found !== undefined && found.liftedEpoch === 0n) throw denied(operator, found.reason);
}

const serving: ReadonlySet<Standing> = new Set([
  Standing.STANDING_ACTIVE,
  Standing.STANDING_DRAINING,
  Standing.STANDING_LEAVING,
]);

/** Whether a relay of this standing serves, its operator not being denied. */
export const servesWhen = (standing: Standing): boolean => serving.has(standing);

/** An oracle that leaves begins nothing any more: its work goes on for some epochs anyway. */
export const oracleServesWhen = (standing: Standing): boolean => standing === Standing.STANDING_ACTIVE;

/** Of all that an operator has, which is bounded: `operatorSubjectsMax`. */
function eachOf(ctx: Context, operator: Uint8Array, relay: (of: Relay) => void, oracle: (of: Oracle) => void): void {
  for (const [, id] of [...state.relaysByOperator.keys(ctx, { leading: [operator] })]) {
    const found = requireRelay(ctx, id);
    if (found.standing !== Standing.STANDING_LEFT) relay(found);
  }
  for (const [, id] of [...state.oraclesByOperator.keys(ctx, { leading: [operator] })]) {
    const found = requireOracle(ctx, id);
    if (found.standing !== Standing.STANDING_LEFT) oracle(found);
  }
}

function setServing(ctx: Context, operator: Uint8Array, isAllowed: boolean): void {
  eachOf(
    ctx,
    operator,
    (of) => setRelay(ctx, of, withTerms(ctx, of, { serves: isAllowed && servesWhen(of.standing) })),
    (of) => setOracle(ctx, of, withOracleTerms(ctx, of, { serves: isAllowed && oracleServesWhen(of.standing) })),
  );
}

/** The first epoch in which nothing of the operator's takes part. */
export function deny(ctx: Context, operator: Uint8Array, reason: string): bigint {
  const name = accountAddress.encode(operator);
  if (isDenied(ctx, operator)) throw alreadyDenied(name);
  const sinceEpoch = nextEpoch(ctx);
  state.denials.set(ctx, operator, { reason, sinceEpoch, liftedEpoch: 0n });
  setServing(ctx, operator, false);
  ctx.emit(operatorDenied(name, reason));
  return sinceEpoch;
}

/** The first epoch in which it takes part again: as one that nobody knows. */
export function pardon(ctx: Context, operator: Uint8Array): bigint {
  const name = accountAddress.encode(operator);
  const found = denialOf(ctx, operator);
  if (found === undefined || found.liftedEpoch !== 0n) throw notDenied(name);
  // 0 means that nobody has lifted it: at the earliest in the epoch after the first.
  const liftedEpoch = nextEpoch(ctx) || 1n;
  state.denials.set(ctx, operator, { ...found, liftedEpoch });
  setServing(ctx, operator, true);
  eachOf(
    ctx,
    operator,
    ({ id }) => {
      changeTrust(ctx, id, { reputation: probationReputation, stable: false });
      afterRelayPardoned(ctx, id);
    },
    () => {},
  );
  ctx.emit(operatorPardoned(name));
  return liftedEpoch;
}
