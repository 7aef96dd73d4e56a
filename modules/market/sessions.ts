/**
 * Sessions: channels between a client and a relay. Owns their life: opened with a lock, topped up, closed by agreement or after a window,
 * expired, pruned. What vouchers pay is settle.ts's.
 */
import { accountAddress } from "../../chain/address.ts";
import { type Coin, formatCoin } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { isUsableKey } from "../../chain/crypto/ecvrf.ts";
import { type Dec, decToProto, formatDec } from "../../chain/dec.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type { RelayWish, Session } from "../../proto/gen/weir/market/v1/state.ts";
import { epochNow } from "./clock.ts";
import { contractOpened, contractSessionEnded } from "./contracts.ts";
import {
  badKey,
  badTerm,
  depositTooSmall,
  doesNotSuit,
  isClosing,
  noSuchSession,
  notStable,
  notTheClient,
  paidOtherwise,
  servesNot,
  sessionOver,
  tooDear,
} from "./errors.ts";
import * as events from "./events.ts";
import { getParams } from "./params.ts";
import { priceOf } from "./prices.ts";
import { type MarketRelay, requireRelay } from "./relays.ts";
import { sessionCount, sessions, sessionsByEnd } from "./state.ts";
import { subscriptionOpened, subscriptionSessionEnded } from "./subscriptions.ts";
import { lock, release, requireTaken } from "./wallets.ts";
import { unmet } from "./wishes.ts";

export interface Opening {
  readonly client: Uint8Array;
  readonly relay: bigint;
  readonly key: Uint8Array;
  readonly deposit: Coin | undefined;
  readonly priceMax: Dec;
  readonly stableOnly: boolean;
  readonly epochs: bigint;
  readonly contract: bigint;
  readonly subscription: bigint;
  readonly bytesMax: bigint;
  readonly wish: RelayWish | undefined;
}

export function requireSession(ctx: ReadContext, id: bigint): Session {
  const session = sessions.get(ctx, id);
  if (session === undefined) throw noSuchSession(id);
  return session;
}

const purposeOf = (relay: bigint): string => `session with relay ${relay}`;

export const isPrepaid = ({ contract, subscription }: Session): boolean => contract !== 0n || subscription !== 0n;

// ------------------------------------------------------------------------------------------------------------------ opening

export function openSession(ctx: Context, opening: Opening): Session {
  const { relay: relayId, epochs, stableOnly } = opening;
  const { sessionEpochsMax, disputeEpochs } = getParams(ctx);
  if (epochs < 1n || epochs > sessionEpochsMax) throw badTerm(epochs, 1n, sessionEpochsMax);
  const relay = requireRelay(ctx, relayId);
  if (!relay.serves) throw servesNot(relayId);
  if (stableOnly && !relay.isStable) throw notStable(relayId);
  const why = unmet(ctx, relay, opening.wish);
  if (why !== undefined) throw doesNotSuit(relayId, why);
  requireKey(opening.key, relay);
  const epoch = epochNow(ctx);
  const expiresEpoch = epoch + epochs;
  const session: Session = {
    ...unpaid(opening, relay),
    ...fundingOf(ctx, opening, relay, expiresEpoch),
    id: sessionCount.next(ctx) + 1n,
    openedEpoch: epoch,
    expiresEpoch,
    endsEpoch: expiresEpoch + disputeEpochs,
  };
  sessions.replace(ctx, session.id, undefined, session);
  ctx.emit(
    events.sessionOpened({
      session: session.id,
      client: session.client,
      relay: relayId,
      price: session.price,
      locked: session.locked,
      endsEpoch: session.endsEpoch,
    }),
  );
  return session;
}

function requireKey(key: Uint8Array, relay: MarketRelay): void {
  if (!isUsableKey(key)) throw badKey("is no point of the curve, or one of small order");
  if (compareBytes(key, relay.transportKey) === 0) throw badKey("is the relay's own");
}

const unpaid = ({ client, key }: Opening, relay: MarketRelay) => ({
  client: accountAddress.encode(client),
  relay: relay.id,
  operator: relay.operator,
  key,
  cell: relay.cell,
  stable: relay.isStable,
  settled: "0",
  bytes: 0n,
  nonce: 0n,
  meteredBytes: 0n,
  deliveredBytes: 0n,
  isClosing: false,
});

type Funding = Pick<Session, "denom" | "locked" | "price" | "contract" | "subscription" | "bytesMax">;

/** A deposit, a contract or a share of a subscription's quota. */
function fundingOf(ctx: Context, opening: Opening, relay: MarketRelay, expiresEpoch: bigint): Funding {
  const { client, deposit, contract, subscription, bytesMax } = opening;
  const free = { denom: "", locked: "0", price: "0", contract, subscription, bytesMax };
  const given = [deposit !== undefined, contract !== 0n, subscription !== 0n].filter(Boolean).length;
  if (given !== 1) throw paidOtherwise(`${given} of them are given`);
  if (contract !== 0n) {
    if (bytesMax !== 0n) throw paidOtherwise("bytes_max is of a subscription");
    contractOpened(ctx, contract, client, relay.id, expiresEpoch);
    return free;
  }
  if (subscription !== 0n) {
    subscriptionOpened(ctx, { id: subscription, client, relay: relay.id, bytes: bytesMax, expiresEpoch });
    return free;
  }
  if (bytesMax !== 0n) throw paidOtherwise("bytes_max is of a subscription");
  return depositOf(ctx, opening, relay, deposit!);
}

function depositOf(ctx: Context, { client, priceMax }: Opening, relay: MarketRelay, deposit: Coin): Funding {
  requireTaken(ctx, deposit);
  const { depositMin } = getParams(ctx);
  if (deposit.amount < depositMin) throw depositTooSmall(deposit.amount, depositMin);
  const price = priceOf(ctx, relay);
  if (price > priceMax) throw tooDear(formatDec(price), formatDec(priceMax));
  lock(ctx, client, deposit, purposeOf(relay.id));
  const { denom, amount } = deposit;
  return {
    denom,
    locked: `${amount}`,
    price: decToProto(price),
    contract: 0n,
    subscription: 0n,
    bytesMax: 0n,
  };
}

// ---------------------------------------------------------------------------------------------------------------- topping up

export interface TopUp {
  readonly session: bigint;
  readonly client: string;
  readonly amount: Coin | undefined;
  readonly epochs: bigint;
}

export function topUpSession(ctx: Context, { session: id, client, amount, epochs }: TopUp): void {
  const session = requireSession(ctx, id);
  if (session.client !== client) throw notTheClient(id, session.client);
  const epoch = epochNow(ctx);
  if (session.isClosing) throw isClosing(id);
  if (epoch >= session.expiresEpoch) throw sessionOver(id, session.expiresEpoch);
  if (isPrepaid(session)) throw paidOtherwise(`session ${id} has no deposit`);
  const { sessionEpochsMax, disputeEpochs } = getParams(ctx);
  const expiresEpoch = session.expiresEpoch + epochs;
  if (expiresEpoch > epoch + sessionEpochsMax) throw badTerm(expiresEpoch - epoch, 1n, sessionEpochsMax);
  let locked = BigInt(session.locked);
  if (amount !== undefined) {
    if (amount.denom !== session.denom) throw paidOtherwise(`session ${id} holds ${session.denom}`);
    requireTaken(ctx, amount);
    lock(ctx, accountAddress.decode(client), amount, purposeOf(session.relay));
    locked += amount.amount;
  }
  const endsEpoch = epochs === 0n ? session.endsEpoch : expiresEpoch + disputeEpochs;
  sessions.replace(ctx, id, session, { ...session, locked: `${locked}`, expiresEpoch, endsEpoch });
  ctx.emit(events.sessionToppedUp(id, `${locked}`, endsEpoch));
}

// ------------------------------------------------------------------------------------------------------------------- closing

/** From now on nobody need serve it; a higher voucher wins until the window is over. Never later than it would have ended by itself. */
export function beginClosing(ctx: Context, session: Session): bigint {
  if (session.isClosing) throw isClosing(session.id);
  const epoch = epochNow(ctx);
  const window = epoch + 1n + getParams(ctx).disputeEpochs;
  const endsEpoch = window < session.endsEpoch ? window : session.endsEpoch;
  const expiresEpoch = epoch < session.expiresEpoch ? epoch : session.expiresEpoch;
  sessions.replace(ctx, session.id, session, { ...session, isClosing: true, expiresEpoch, endsEpoch });
  ctx.emit(events.sessionClosing(session.id, endsEpoch));
  return endsEpoch;
}

/** What is left goes back, and the session is forgotten. Returns what went back. */
export function endSession(ctx: Context, session: Session): bigint {
  const left = BigInt(session.locked) - BigInt(session.settled);
  const client = accountAddress.decode(session.client);
  const coin = { denom: session.denom, amount: left };
  if (left > 0n) release(ctx, { owner: client, coin, purpose: purposeOf(session.relay) });
  if (session.contract !== 0n) contractSessionEnded(ctx, session.contract);
  if (session.subscription !== 0n) {
    subscriptionSessionEnded(ctx, session.subscription, client, session.bytesMax - session.bytes);
  }
  sessions.replace(ctx, session.id, session, undefined);
  const refunded = left > 0n ? formatCoin(coin) : "";
  ctx.emit(events.sessionClosed(session.id, session.client, session.relay, refunded));
  return left;
}

/** Ends at most `limit` sessions whose windows are over. Returns how many. */
export function pruneSessions(ctx: Context, epoch: bigint, limit: number): number {
  const due: bigint[] = [];
  for (const [, id] of sessionsByEnd.keys(ctx, { end: [epoch + 1n, 0n] })) {
    if (due.length === limit) break;
    due.push(id);
  }
  for (const id of due) endSession(ctx, requireSession(ctx, id));
  return due.length;
}
