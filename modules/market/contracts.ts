/**
 * Reserved contracts: capacity at a fixed price for a term. Owns offers of capacity, what a contract holds (the price of its term, the
 * relay's bond, the buyer's lease bond) and how an epoch of it is paid or refunded; when that happens is sweep.ts's.
 */
import { accountAddress } from "../../chain/address.ts";
import { type Coin, coinFromProto, coinToProto, formatCoin } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { decMulInt, decOne } from "../../chain/dec.ts";
import { requireIntRange } from "../../chain/int.ts";
import type { CapacityOffer, Contract, Reservation } from "../../proto/gen/weir/market/v1/state.ts";
import { requireUnfrozen } from "../compliance/index.ts";
import { epochNow } from "./clock.ts";
import {
  badTerm,
  capacityTaken,
  contractUsed,
  noSuchContract,
  noSuchOffer,
  notTheOperator,
  notTheOwner,
  servesNot,
  tooDear,
  tooMany,
  wrongRelay,
} from "./errors.ts";
import * as events from "./events.ts";
import { getParams } from "./params.ts";
import { relayOf, requireRelay } from "./relays.ts";
import { forfeit, type Payment, pay } from "./settlements.ts";
import { contractCount, contracts, contractUses, offerCount, offers, offersByRelay, reservations } from "./state.ts";
import { lock, releaseAll, requireTaken } from "./wallets.ts";

const purposeOf = (relay: bigint): string => `contract with relay ${relay}`;
const bondPurposeOf = (relay: bigint): string => `bond for a contract of relay ${relay}`;

/** Of one relay at a time. */
export const offersMax = 32;
export const contractsOfOfferMax = 10_000n;

// ------------------------------------------------------------------------------------------------------------------- offers

export interface NewOffer {
  readonly operator: string;
  readonly relay: bigint;
  readonly capacityBps: bigint;
  readonly pricePerEpoch: Coin;
  readonly epochsMin: bigint;
  readonly epochsMax: bigint;
  readonly count: bigint;
}

/** What measuring lets a relay promise: no more than it claims, nor than was last measured. */
function promisableBps(ctx: ReadContext, id: bigint): bigint {
  const relay = requireRelay(ctx, id);
  return relay.claimedBps < relay.measuredBps ? relay.claimedBps : relay.measuredBps;
}

const reservationOf = (ctx: ReadContext, relay: bigint): Reservation =>
  reservations.get(ctx, relay) ?? { relay, bps: 0n, judgedEpochPlusOne: 0n, isDelivered: false };

function countOf(keys: Generator<unknown>, most: number): number {
  let count = 0;
  while (count <= most && keys.next().done !== true) count++;
  return count;
}

export function offerCapacity(ctx: Context, offer: NewOffer): bigint {
  const { operator, relay: relayId, epochsMin, epochsMax, capacityBps, pricePerEpoch, count } = offer;
  const relay = requireRelay(ctx, relayId);
  if (relay.operator !== operator) throw notTheOperator(relayId, relay.operator);
  if (!relay.serves) throw servesNot(relayId);
  requireTaken(ctx, pricePerEpoch);
  const { termEpochsMax } = getParams(ctx);
  if (epochsMax > termEpochsMax) throw badTerm(epochsMax, epochsMin, termEpochsMax);
  if (capacityBps > relay.claimedBps) throw capacityTaken(relayId, capacityBps, relay.claimedBps);
  const resting = countOf(offersByRelay.keys(ctx, { leading: [relayId] }), offersMax);
  if (resting >= offersMax) throw tooMany("offers of capacity", resting + 1, offersMax);
  const id = offerCount.next(ctx) + 1n;
  const stored: CapacityOffer = {
    id,
    relay: relayId,
    operator,
    capacityBps,
    pricePerEpoch: coinToProto(pricePerEpoch),
    epochsMin,
    epochsMax,
    count,
  };
  offers.replace(ctx, id, undefined, stored);
  ctx.emit(events.capacityOffered(id, relayId, capacityBps, formatCoin(pricePerEpoch)));
  return id;
}

function requireOffer(ctx: ReadContext, id: bigint): CapacityOffer {
  const offer = offers.get(ctx, id);
  if (offer === undefined) throw noSuchOffer(id);
  return offer;
}

export function withdrawCapacity(ctx: Context, operator: string, id: bigint): void {
  const offer = requireOffer(ctx, id);
  if (offer.operator !== operator) throw notTheOperator(offer.relay, offer.operator);
  offers.replace(ctx, id, offer, undefined);
  ctx.emit(events.capacityWithdrawn(id, offer.relay));
}

// ---------------------------------------------------------------------------------------------------------------- contracts

export interface Purchase {
  readonly buyer: string;
  readonly offer: bigint;
  readonly epochs: bigint;
  readonly priceMax: Coin;
}

const ceilShare = (amount: bigint, share: bigint): bigint => (decMulInt(share, amount) + decOne - 1n) / decOne;

/** The buyer's: `lease_bond_share` of the price for each epoch of the term, rounded up, and at most the price. */
export function leaseBond(price: bigint, share: bigint, epochs: bigint): bigint {
  const bond = ceilShare(price * epochs, share);
  return bond < price ? bond : price;
}

export function reserveCapacity(ctx: Context, { buyer, offer: offerId, epochs, priceMax }: Purchase): bigint {
  const offer = requireOffer(ctx, offerId);
  const relay = requireRelay(ctx, offer.relay);
  if (!relay.serves) throw servesNot(relay.id);
  if (epochs < offer.epochsMin || epochs > offer.epochsMax) throw badTerm(epochs, offer.epochsMin, offer.epochsMax);
  const taken = reservationOf(ctx, relay.id);
  const free = promisableBps(ctx, relay.id) - taken.bps;
  if (offer.capacityBps > free) throw capacityTaken(relay.id, offer.capacityBps, free > 0n ? free : 0n);
  const perEpoch = coinFromProto(offer.pricePerEpoch!);
  const price = requireIntRange(perEpoch.amount * epochs);
  const denom = perEpoch.denom;
  if (priceMax.denom !== denom || price > priceMax.amount) throw tooDear(`${price}${denom}`, formatCoin(priceMax));
  requireTaken(ctx, perEpoch);

  const { relayBondShare, leaseBondShare } = getParams(ctx);
  const [lease, bond] = [leaseBond(price, leaseBondShare, epochs), ceilShare(price, relayBondShare)];
  lock(ctx, accountAddress.decode(buyer), { denom, amount: price + lease }, purposeOf(relay.id));
  lock(ctx, accountAddress.decode(offer.operator), { denom, amount: bond }, bondPurposeOf(relay.id));
  const startsEpoch = epochNow(ctx) + 1n;
  const contract: Contract = {
    id: contractCount.next(ctx) + 1n,
    owner: buyer,
    relay: relay.id,
    operator: offer.operator,
    capacityBps: offer.capacityBps,
    pricePerEpoch: offer.pricePerEpoch,
    startsEpoch,
    endsEpoch: startsEpoch + epochs,
    escrow: `${price}`,
    relayBond: `${bond}`,
    leaseBond: `${lease}`,
    leasePerEpoch: `${lease / epochs}`,
    epochsPaid: 0n,
    epochsMissed: 0n,
    openSessions: 0n,
    usedBytes: 0n,
    isBroken: false,
  };
  contracts.replace(ctx, contract.id, undefined, contract);
  reservations.set(ctx, relay.id, { ...taken, bps: taken.bps + offer.capacityBps });
  offers.replace(ctx, offerId, offer, offer.count > 1n ? { ...offer, count: offer.count - 1n } : undefined);
  ctx.emit(events.capacityReserved(contract.id, buyer, relay.id, `${price}${denom}`));
  return contract.id;
}

export function requireContract(ctx: ReadContext, id: bigint): Contract {
  const contract = contracts.get(ctx, id);
  if (contract === undefined) throw noSuchContract(id);
  return contract;
}

export function transferContract(ctx: Context, owner: string, id: bigint, to: string): void {
  const contract = requireContract(ctx, id);
  if (contract.owner !== owner) throw notTheOwner(`contract ${id}`, contract.owner);
  if (contract.usedBytes > 0n || contract.openSessions > 0n) throw contractUsed(id);
  for (const party of [owner, to]) requireUnfrozen(ctx, accountAddress.decode(party), contract.pricePerEpoch!.denom);
  contracts.replace(ctx, id, contract, { ...contract, owner: to });
  ctx.emit(events.contractTransferred(id, owner, to));
}

// ------------------------------------------------------------------------------------------------------- sessions that it pays

export function contractOpened(
  ctx: Context,
  id: bigint,
  client: Uint8Array,
  relay: bigint,
  expiresEpoch: bigint,
): void {
  const contract = requireContract(ctx, id);
  if (contract.owner !== accountAddress.encode(client)) throw notTheOwner(`contract ${id}`, contract.owner);
  if (contract.relay !== relay) throw wrongRelay(`contract ${id}`, relay);
  const epoch = epochNow(ctx);
  const isWithin = epoch >= contract.startsEpoch && expiresEpoch <= contract.endsEpoch;
  if (!isWithin) throw badTerm(expiresEpoch - epoch, 1n, contract.endsEpoch - epoch);
  contracts.replace(ctx, id, contract, { ...contract, openSessions: contract.openSessions + 1n });
}

export function contractSessionEnded(ctx: Context, id: bigint): void {
  const contract = contracts.get(ctx, id);
  if (contract === undefined) return;
  contracts.replace(ctx, id, contract, { ...contract, openSessions: contract.openSessions - 1n });
}

const uint64Max = (1n << 64n) - 1n;
const bounded = (count: bigint): bigint => (count > uint64Max ? uint64Max : count);

/** Bytes that both sides have counted; of a contract that is over nothing is noted. */
export function contractCarried(ctx: Context, id: bigint, bytes: bigint): void {
  const contract = contracts.get(ctx, id);
  if (contract === undefined || bytes === 0n) return;
  const epoch = epochNow(ctx);
  contracts.replace(ctx, id, contract, { ...contract, usedBytes: bounded(contract.usedBytes + bytes) });
  if (epoch < contract.startsEpoch || epoch >= contract.endsEpoch) return;
  contractUses.set(ctx, [id, epoch], bounded((contractUses.get(ctx, [id, epoch]) ?? 0n) + bytes));
}

// ----------------------------------------------------------------------------------------------------------- paying an epoch

export interface DeliveredEpoch {
  readonly epoch: bigint;
  /** That it counts for. */
  readonly nanos: bigint;
  /** Nobody could measure. */
  readonly isVoid: boolean;
}

/** What an epoch of a contract comes to. Pure. */
export interface EpochOutcome {
  readonly paid: bigint;
  readonly refunded: bigint;
  readonly fromBond: bigint;
  readonly leaseReturned: bigint;
  readonly leaseForfeited: bigint;
}

export type Delivery = "delivered" | "missed" | "void";

const bitsPerByte = 8n;
const nanosPerSecond = 1_000_000_000n;

/** The lease bond comes back by what was used of what could be, rounded down, and whole where the relay was to blame or nobody knows. */
export function epochOutcome(contract: Contract, delivery: Delivery, usedBytes: bigint, nanos: bigint): EpochOutcome {
  const price = BigInt(contract.pricePerEpoch!.amount);
  const lease = BigInt(contract.leasePerEpoch);
  if (delivery !== "delivered") {
    const bond = BigInt(contract.relayBond);
    const fromBond = delivery === "void" ? 0n : bond < price ? bond : price;
    return { paid: 0n, refunded: price, fromBond, leaseReturned: lease, leaseForfeited: 0n };
  }
  const possibleBits = (contract.capacityBps * nanos) / nanosPerSecond;
  const usedBits = usedBytes * bitsPerByte;
  const returned = possibleBits === 0n || usedBits >= possibleBits ? lease : (lease * usedBits) / possibleBits;
  return { paid: price, refunded: 0n, fromBond: 0n, leaseReturned: returned, leaseForfeited: lease - returned };
}

/**
 * All contracts of a relay are served or none: what was measured must cover what they have reserved together. Judged once an epoch, since a
 * contract that ends by it leaves less to cover for the next.
 */
function deliveryOf(ctx: Context, { relay }: Contract, { epoch, isVoid }: DeliveredEpoch): Delivery {
  if (isVoid) return "void";
  const before = reservationOf(ctx, relay);
  if (before.judgedEpochPlusOne === epoch + 1n) return before.isDelivered ? "delivered" : "missed";
  const measured = relayOf(ctx, relay)?.measuredBps ?? 0n;
  const isDelivered = measured * decOne >= before.bps * getParams(ctx).deliveryShareMin;
  reservations.set(ctx, relay, { ...before, judgedEpochPlusOne: epoch + 1n, isDelivered });
  return isDelivered ? "delivered" : "missed";
}

/** An epoch within its term, once; ends the contract with its last epoch, or when the relay's bond is spent. */
export function payContractEpoch(ctx: Context, contract: Contract, of: DeliveredEpoch): void {
  const { id } = contract;
  const used = contractUses.get(ctx, [id, of.epoch]) ?? 0n;
  contractUses.delete(ctx, [id, of.epoch]);
  const delivery = deliveryOf(ctx, contract, of);
  const outcome = epochOutcome(contract, delivery, used, of.nanos);
  const denom = contract.pricePerEpoch!.denom;
  const { paid, refunded, fromBond, leaseReturned, leaseForfeited } = outcome;
  const after: Contract = {
    ...contract,
    escrow: `${BigInt(contract.escrow) - paid - refunded}`,
    relayBond: `${BigInt(contract.relayBond) - fromBond}`,
    leaseBond: `${BigInt(contract.leaseBond) - leaseReturned - leaseForfeited}`,
    epochsPaid: contract.epochsPaid + (delivery === "delivered" ? 1n : 0n),
    epochsMissed: contract.epochsMissed + (delivery === "missed" ? 1n : 0n),
  };
  if (paid > 0n) pay(ctx, epochNow(ctx), [paymentOf(ctx, contract, { denom, amount: paid })]);
  forfeit(ctx, { denom, amount: leaseForfeited });
  const toOwner = refunded + fromBond + leaseReturned;
  const owner = accountAddress.decode(contract.owner);
  releaseAll(ctx, [{ owner, coin: { denom, amount: toOwner }, purpose: purposeOf(contract.relay) }]);
  ctx.emit(
    events.contractEpoch({
      contract: id,
      epoch: of.epoch,
      delivered: delivery,
      paid: `${paid}${denom}`,
      refunded: `${refunded + fromBond}${denom}`,
      leaseReturned: `${leaseReturned}${denom}`,
      leaseForfeited: `${leaseForfeited}${denom}`,
    }),
  );
  const isBroken = delivery === "missed" && BigInt(after.relayBond) === 0n;
  contracts.replace(ctx, id, contract, after);
  if (isBroken || of.epoch + 1n >= contract.endsEpoch) endContract(ctx, after, isBroken ? "bond spent" : "term over");
}

function paymentOf(ctx: ReadContext, contract: Contract, coin: Coin): Payment {
  const relay = relayOf(ctx, contract.relay);
  const { operator } = contract;
  const [cell, stable] = [relay?.cell ?? "", relay?.isStable ?? false];
  return { relay: contract.relay, operator, cell, stable, coin, bytes: 0n, prepaidBytes: 0n, vouchers: 0n };
}

/** What it holds still goes to whom it is. */
function endContract(ctx: Context, contract: Contract, reason: string): void {
  const denom = contract.pricePerEpoch!.denom;
  const toOwner = BigInt(contract.escrow) + BigInt(contract.leaseBond);
  const { owner, operator, relay, relayBond } = contract;
  const ofOwner = { owner: accountAddress.decode(owner), coin: { denom, amount: toOwner } };
  const ofOperator = { owner: accountAddress.decode(operator), coin: { denom, amount: BigInt(relayBond) } };
  releaseAll(ctx, [
    { ...ofOwner, purpose: purposeOf(relay) },
    { ...ofOperator, purpose: bondPurposeOf(relay) },
  ]);
  contracts.replace(ctx, contract.id, contract, undefined);
  for (const key of [...contractUses.keys(ctx, { leading: [contract.id] })]) contractUses.delete(ctx, key);
  const taken = reservationOf(ctx, contract.relay);
  const bps = taken.bps - contract.capacityBps;
  if (bps > 0n) reservations.set(ctx, contract.relay, { ...taken, bps });
  else reservations.delete(ctx, contract.relay);
  ctx.emit(events.contractEnded(contract.id, reason, `${toOwner}${denom}`));
}
