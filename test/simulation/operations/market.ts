/** People put stable coins in, open sessions, and relays bring their vouchers, good and bad; capacity and plans are sold, shared and given up. */
import { decFromProto, parseDec } from "../../../chain/dec.ts";
import { relays } from "../../../modules/attestation/state.ts";
import { amountFor, voucherBytes } from "../../../modules/market/index.ts";
import { contracts, offers, plans, sessions, subscriptions } from "../../../modules/market/state.ts";
import { closingBytes, deliveryBytes } from "../../../modules/market/voucher.ts";
import type { Session } from "../../../proto/gen/weir/market/v1/state.ts";
import * as proto from "../../../proto/gen/weir/market/v1/tx.ts";
import { realSigning } from "../../bandwidth/readings.ts";
import { chainId, type TestAccount } from "../../helpers/testapplication.ts";
import { keyOfName } from "../bandwidth.ts";
import { type Operation, said, type World } from "../world.ts";

export const stableDenom = "uusdc";
/** Of a client, that differ. */
const keysOfClient = 3;

const coin = (amount: bigint) => ({ denom: stableDenom, amount: `${amount}` });
const keyName = (client: string, index: number): string => `session ${client} ${index}`;

function keyOf({ client, key }: Session) {
  for (let index = 0; index < keysOfClient; index++) {
    const pair = keyOfName(keyName(client, index));
    if (Buffer.compare(pair.publicKey, key) === 0) return pair;
  }
  return undefined;
}

const topUp = (world: World): Uint8Array => {
  const signer = world.account();
  const owner = world.random.chance(4) ? world.address() : signer.address;
  return world.sign(signer, said(proto.MsgTopUp, { sender: signer.address, owner, amount: coin(world.amount()) }));
};

const withdraw = (world: World): Uint8Array => {
  const signer = world.account();
  return world.sign(signer, said(proto.MsgWithdraw, { owner: signer.address, amount: coin(world.amount()) }));
};

/** Paid by a deposit, or now and then by a contract or a subscription that somebody has. */
function fundingOf(world: World, signer: TestAccount) {
  const nothing = { contract: 0n, subscription: 0n, bytesMax: 0n, deposit: undefined };
  const contract = world.random.chance(3) ? world.oneOf(contracts.iterate(world.context))?.[1] : undefined;
  if (contract !== undefined) return { ...nothing, contract: contract.id, relay: contract.relay };
  const subscription = world.random.chance(3) ? world.oneOf(subscriptions.iterate(world.context))?.[1] : undefined;
  const plan = subscription === undefined ? undefined : plans.get(world.context, subscription.plan);
  if (subscription !== undefined && plan !== undefined) {
    const relay = world.random.pick(plan.relays);
    return { ...nothing, subscription: subscription.id, bytesMax: world.amount(1_000_000), relay };
  }
  const relay = world.oneOf(relays.keys(world.context));
  return signer === undefined || relay === undefined
    ? undefined
    : { ...nothing, deposit: coin(world.amount(20_000)), relay };
}

function open(world: World): Uint8Array | undefined {
  const signer = world.account();
  const funding = fundingOf(world, signer);
  if (funding === undefined) return undefined;
  const owned =
    subscriptions.get(world.context, funding.subscription) ?? contracts.get(world.context, funding.contract);
  const client = (owned === undefined ? undefined : world.accountOf(owned.owner)) ?? signer;
  const value = {
    client: client.address,
    key: keyOfName(keyName(client.address, world.random.below(keysOfClient))).publicKey,
    priceMax: `${parseDec(world.random.chance(8) ? "1" : "1000000")}`,
    stableOnly: world.random.chance(10),
    epochs: BigInt(1 + world.random.below(3)),
    ...funding,
  };
  return world.sign(client, said(proto.MsgOpenSession, value));
}

function topUpSession(world: World): Uint8Array | undefined {
  const session = world.oneOf(sessions.iterate(world.context))?.[1];
  const signer = session === undefined ? undefined : world.accountOf(session.client);
  if (session === undefined || signer === undefined) return undefined;
  const value = { client: signer.address, session: session.id, amount: coin(world.amount(10_000)), epochs: 1n };
  return world.sign(signer, said(proto.MsgTopUpSession, value));
}

/** Of more bytes than before, mostly; of fewer, with a wrong amount or of another chain now and then. */
function voucherOf(world: World, session: Session): proto.Voucher | undefined {
  const pair = keyOf(session);
  if (pair === undefined) return undefined;
  const more = world.random.chance(8) ? -1n : world.amount(100_000_000);
  const bytes = session.bytes + more < 0n ? 0n : session.bytes + more;
  const amount = amountFor(bytes, decFromProto(session.price)) + (world.random.chance(12) ? 1n : 0n);
  const on = world.random.chance(12) ? "another-1" : chainId;
  const terms = { chainId: on, session: session.id, bytes, amount, nonce: bytes };
  const delivered = { chainId, session: session.id, bytes, deliveredBytes: bytes + BigInt(world.random.below(1_000)) };
  const relay = relays.get(world.context, session.relay);
  const relaySignature =
    relay === undefined ? new Uint8Array(0) : realSigning.sign(keyOfName(relay.moniker), deliveryBytes(delivered));
  return {
    ...{ session: session.id, bytes, amount: `${amount}`, nonce: bytes },
    signature: realSigning.sign(pair, voucherBytes(terms)),
    deliveredBytes: relay === undefined ? 0n : delivered.deliveredBytes,
    relaySignature,
  };
}

const batchMax = 6;

function settle(world: World): Uint8Array | undefined {
  const open = [...sessions.iterate(world.context)].map(([, session]) => session);
  if (open.length === 0) return undefined;
  const chosen = Array.from({ length: 1 + world.random.below(batchMax) }, () => world.random.pick(open));
  const vouchers = chosen.flatMap((session) => voucherOf(world, session) ?? []);
  if (vouchers.length === 0) return undefined;
  const signer = world.accountOf(chosen[0]!.operator) ?? world.account();
  return world.sign(signer, said(proto.MsgSettle, { submitter: signer.address, vouchers }));
}

function close(world: World): Uint8Array | undefined {
  const session = world.oneOf(sessions.iterate(world.context))?.[1];
  if (session === undefined) return undefined;
  const signer = world.accountOf(world.random.chance(2) ? session.client : session.operator);
  if (signer === undefined) return undefined;
  const relay = relays.get(world.context, session.relay);
  const { id, bytes, nonce, settled } = session;
  const terms = { chainId, session: id, bytes, amount: BigInt(settled), nonce };
  const agrees = relay !== undefined && world.random.chance(3);
  const relaySignature = agrees ? realSigning.sign(keyOfName(relay.moniker), closingBytes(terms)) : new Uint8Array(0);
  const value = { signer: signer.address, session: id, voucher: undefined, relaySignature };
  return world.sign(signer, said(proto.MsgCloseSession, value));
}

/** A relay with its operator's account. */
function ownRelay(world: World) {
  const relay = world.oneOf(relays.iterate(world.context))?.[1];
  const signer = relay === undefined ? undefined : world.accountOf(relay.operator);
  return relay === undefined || signer === undefined ? undefined : { relay, signer };
}

function offerCapacity(world: World): Uint8Array | undefined {
  const own = ownRelay(world);
  if (own === undefined) return undefined;
  const value = {
    ...{ operator: own.signer.address, relay: own.relay.id, capacityBps: world.amount(20_000_000) },
    ...{ pricePerEpoch: coin(world.amount(5_000)), epochsMin: 1n, epochsMax: 4n, count: 2n },
  };
  return world.sign(own.signer, said(proto.MsgOfferCapacity, value));
}

function reserveCapacity(world: World): Uint8Array | undefined {
  const offer = world.oneOf(offers.iterate(world.context))?.[1];
  if (offer === undefined) return undefined;
  const signer = world.account();
  if (world.random.chance(6)) {
    const operator = world.accountOf(offer.operator) ?? signer;
    return world.sign(operator, said(proto.MsgWithdrawCapacity, { operator: operator.address, offer: offer.id }));
  }
  const epochs = BigInt(1 + world.random.below(4));
  const value = { buyer: signer.address, offer: offer.id, epochs, priceMax: coin(100_000n) };
  return world.sign(signer, said(proto.MsgReserveCapacity, value));
}

function transferContract(world: World): Uint8Array | undefined {
  const contract = world.oneOf(contracts.iterate(world.context))?.[1];
  const signer = contract === undefined ? undefined : world.accountOf(contract.owner);
  if (contract === undefined || signer === undefined) return undefined;
  const value = { owner: signer.address, contract: contract.id, to: world.account().address };
  return world.sign(signer, said(proto.MsgTransferContract, value));
}

function createPlan(world: World): Uint8Array | undefined {
  const own = ownRelay(world);
  if (own === undefined) return undefined;
  const retired = world.random.chance(4) ? world.oneOf(plans.iterate(world.context))?.[1] : undefined;
  const provider = retired === undefined ? undefined : world.accountOf(retired.provider);
  if (retired !== undefined && provider !== undefined) {
    return world.sign(provider, said(proto.MsgRetirePlan, { provider: provider.address, plan: retired.id }));
  }
  const value = {
    ...{ provider: own.signer.address, name: "plan", quotaBytes: world.amount(10_000_000), epochs: 3n },
    ...{ price: coin(world.amount(5_000)), relays: [own.relay.id] },
  };
  return world.sign(own.signer, said(proto.MsgCreatePlan, value));
}

function subscribe(world: World): Uint8Array | undefined {
  const plan = world.oneOf(plans.keys(world.context));
  if (plan === undefined) return undefined;
  const signer = world.account();
  return world.sign(signer, said(proto.MsgSubscribe, { subscriber: signer.address, plan }));
}

function useSubscription(world: World): Uint8Array | undefined {
  const subscription = world.oneOf(subscriptions.iterate(world.context))?.[1];
  const signer = subscription === undefined ? undefined : world.accountOf(subscription.owner);
  if (subscription === undefined || signer === undefined) return undefined;
  const owner = signer.address;
  if (world.random.chance(3)) {
    return world.sign(signer, said(proto.MsgCancelSubscription, { owner, subscription: subscription.id }));
  }
  const bytes = world.random.chance(4) ? 0n : world.amount(1_000_000);
  const value = { owner, subscription: subscription.id, member: world.account().address, bytes };
  return world.sign(signer, said(proto.MsgShareQuota, value));
}

export const marketOperations: readonly Operation[] = [
  { name: "top up", weight: 30, make: topUp },
  { name: "withdraw", weight: 9, make: withdraw },
  { name: "open session", weight: 36, make: open },
  { name: "top up session", weight: 9, make: topUpSession },
  { name: "settle", weight: 48, make: settle },
  { name: "close session", weight: 12, make: close },
  { name: "offer capacity", weight: 12, make: offerCapacity },
  { name: "reserve capacity", weight: 18, make: reserveCapacity },
  { name: "transfer contract", weight: 6, make: transferContract },
  { name: "create plan", weight: 9, make: createPlan },
  { name: "subscribe", weight: 15, make: subscribe },
  { name: "use subscription", weight: 12, make: useSubscription },
];
