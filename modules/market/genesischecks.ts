/** What is wrong with a record by itself, in words: for genesis and for invariants. Pure. */
import { accountAddress } from "../../chain/address.ts";
import { isValidDenom, type ProtoCoin } from "../../chain/coins.ts";
import { decFromProto } from "../../chain/dec.ts";
import type { Contract, Plan, Session, Settlement, Subscription } from "../../proto/gen/weir/market/v1/state.ts";
import { planRelaysMax, sharesMax } from "./subscriptions.ts";
import { amountFor } from "./voucher.ts";

const amountPattern = /^(?:0|[1-9][0-9]{0,76})$/;
const isAmount = (text: string): boolean => amountPattern.test(text);

const coinWrong = (coin: ProtoCoin | undefined): boolean =>
  coin === undefined || !isValidDenom(coin.denom) || !isAmount(coin.amount) || coin.amount === "0";

const keyLength = 32;

/** Settled is what the counted bytes cost, and is never more than what is locked. */
export function sessionProblem(session: Session): string | undefined {
  const { locked, settled, bytes, price, denom, contract, subscription, bytesMax } = session;
  accountAddress.decode(session.client);
  accountAddress.decode(session.operator);
  if (session.key.length !== keyLength) return `a key of ${session.key.length} bytes`;
  if (!isAmount(locked) || !isAmount(settled)) return `locks ${locked} and settled ${settled}`;
  const cost = amountFor(bytes, decFromProto(price));
  if (BigInt(settled) !== cost) return `settled ${settled}, ${bytes} bytes cost ${cost}`;
  if (BigInt(settled) > BigInt(locked)) return `settled ${settled} of ${locked}`;
  const isPrepaid = contract !== 0n || subscription !== 0n;
  if (isPrepaid !== (denom === "")) return "a deposit beside what pays, or neither";
  if (isPrepaid && (locked !== "0" || price !== "0")) return "locks something that is paid otherwise";
  if (subscription !== 0n && bytes > bytesMax) return `${bytes} bytes of ${bytesMax}`;
  if (session.meteredBytes > bytes) return `metered ${session.meteredBytes} of ${bytes} bytes`;
  return session.expiresEpoch > session.endsEpoch ? "takes vouchers for less long than it serves" : undefined;
}

export function contractProblem(contract: Contract): string | undefined {
  const { escrow, relayBond, leaseBond, leasePerEpoch, startsEpoch, endsEpoch, capacityBps } = contract;
  accountAddress.decode(contract.owner);
  accountAddress.decode(contract.operator);
  if (coinWrong(contract.pricePerEpoch)) return "no price of an epoch";
  const amounts = [escrow, relayBond, leaseBond, leasePerEpoch];
  if (!amounts.every(isAmount)) return `holds ${amounts.join(", ")}`;
  if (endsEpoch <= startsEpoch || capacityBps === 0n) return "has no term, or no capacity";
  const term = endsEpoch - startsEpoch;
  const most = BigInt(contract.pricePerEpoch!.amount) * term;
  return BigInt(escrow) > most ? `holds ${escrow} for ${term} epochs` : undefined;
}

export function planProblem({ provider, price, quotaBytes, epochs, relays }: Plan): string | undefined {
  accountAddress.decode(provider);
  if (coinWrong(price)) return "no price";
  if (quotaBytes === 0n || epochs === 0n) return "sells nothing";
  return relays.length < 1 || relays.length > planRelaysMax ? `${relays.length} relays` : undefined;
}

export function subscriptionProblem(subscription: Subscription): string | undefined {
  const { owner, provider, price, earned, quotaBytes, usedBytes, bytesLeft, shares } = subscription;
  for (const text of [owner, provider, ...shares.map(({ member }) => member)]) accountAddress.decode(text);
  if (coinWrong(price)) return "no price";
  if (!isAmount(earned) || BigInt(earned) > BigInt(price!.amount)) return `earned ${earned}`;
  if (shares.length > sharesMax) return `${shares.length} shares`;
  const given = shares.reduce((sum, share) => sum + share.bytesLeft, bytesLeft + usedBytes);
  if (given > quotaBytes || quotaBytes === 0n) return `gives ${given} bytes of ${quotaBytes}`;
  return subscription.endsEpoch <= subscription.startsEpoch ? "has no term" : undefined;
}

/** Its parts are its value. */
export function settlementProblem(settlement: Settlement | undefined): string | undefined {
  if (settlement === undefined) return "no settlement";
  const { value, burn, direct, reserve, oracles, stakers } = settlement;
  const parts = [burn, direct, reserve, oracles, stakers];
  if (![value, ...parts].every(isAmount)) return `parts ${parts.join(", ")} of ${value}`;
  if (!isAmount(settlement.burnToken) || BigInt(settlement.burnToken) > BigInt(burn))
    return "more burned than was burned";
  const sum = parts.reduce((total, part) => total + BigInt(part), 0n);
  return sum === BigInt(value) ? undefined : `parts that add up to ${sum}, a value of ${value}`;
}
