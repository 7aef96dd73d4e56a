/**
 * What one account has to know of a block: what moved and why, and what befell its bonds and wallets. Facts are plain JSON, so that a scan that was
 * cut off goes on where it was (scan.ts); what they come to is ledger.ts's.
 */
import type { ToldBlock, ToldEvent } from "./blockevents.ts";
import { kindOf } from "./kinds.ts";
import { type Movement, movementsOf, parseCoins } from "./movements.ts";

/** Accounts, each with the relays that it operates. */
export type Watched = ReadonlyMap<string, ReadonlySet<string>>;

interface Place {
  readonly height: string;
  /** Of the block, put in by the scan. */
  readonly time: string;
  /** Index of the transaction in the block; "" of what blocks do by themselves. */
  readonly tx: string;
}

/** A balance of bank's changed. */
export interface CoinsFact extends Place {
  readonly of: "coins";
  readonly account: string;
  /** With a sign. */
  readonly amount: string;
  readonly denom: string;
  readonly kind: string;
  readonly counterparty: string;
  readonly relay: string;
  /** What was paid for coins bought at the ceiling, in millionths of a dollar. */
  readonly cost: string;
}

/** What nothing locks in a wallet of the market changed. */
export interface WalletFact extends Place {
  readonly of: "wallet";
  readonly account: string;
  readonly amount: string;
  readonly denom: string;
  readonly purpose: string;
  readonly relay: string;
}

/** The account sold the token out of the book, or had it burned for its share of the reserve. */
export interface SoldFact extends Place {
  readonly of: "sold";
  readonly account: string;
  readonly kind: "sale" | "redemption";
  readonly quantity: string;
  /** Millionths of a dollar. */
  readonly proceeds: string;
}

/** Shares of a bond or of a validator's stake changed. */
export interface StakeFact extends Place {
  readonly of: "stake";
  readonly account: string;
  readonly change: "in" | "leaving" | "out" | "moved" | "back";
  readonly subject: string;
  /** Where it moved to. */
  readonly target: string;
  readonly amount: string;
  /** Of what leaves: when it is free. */
  readonly due: string;
}

/** A bond or a validator's stake was slashed; of everybody, since an account's part follows from what it has in it. */
export interface SlashFact extends Place {
  readonly of: "slash";
  readonly subject: string;
  readonly reason: string;
  /** Burned of so much; both in the token's millionths, or a decimal of one. Of a whole of 0 it is all of somebody's. */
  readonly part: string;
  readonly whole: string;
}

/** The reference price from here on: dollars a token, as a decimal. */
export interface PriceFact extends Place {
  readonly of: "price";
  readonly epoch: string;
  readonly reference: string;
}

/** A governance deposit that did not come back. */
export interface LostFact extends Place {
  readonly of: "lost";
  readonly account: string;
  readonly amount: string;
  readonly denom: string;
  readonly note: string;
}

export type Fact = LostFact | CoinsFact | WalletFact | SoldFact | StakeFact | SlashFact | PriceFact;

const placeOf = ({ height }: ToldBlock, { txIndex }: ToldEvent): Place => ({
  height: `${height}`,
  time: "",
  tx: txIndex === undefined ? "" : `${txIndex}`,
});

interface Part {
  readonly relay: string;
  readonly amount: bigint;
}

/** An operator is paid at once for all of its relays; what each of them earned was told before. */
function directOf({ events }: ToldBlock, { at, event }: Movement, most: bigint): Part[] {
  const parts: Part[] = [];
  for (let before = at; before >= 0; before--) {
    const { type, txIndex, attributes } = events[before]!;
    if (txIndex !== event.txIndex || (type === "message" && attributes.action !== undefined)) break;
    if (type === "voucher_settled" && parts.length > 0) break;
    if (type !== "payment_split") continue;
    const amount = BigInt(attributes.direct ?? "0");
    if (amount > 0n && amount <= most) parts.push({ relay: attributes.relay ?? "", amount });
  }
  return parts.reverse();
}

function coinsFacts(block: ToldBlock, movement: Movement, watched: Watched): CoinsFact[] {
  const facts: CoinsFact[] = [];
  const { from, to, coins, event } = movement;
  for (const [account, counterparty, sign] of [
    [from, to, "-"],
    [to, from, ""],
  ] as const) {
    if (!watched.has(account)) continue;
    const known = kindOf(block.events, movement, sign === "-" ? "out" : "in");
    for (const { denom, amount } of coins) {
      const told = { of: "coins", ...placeOf(block, event), account, denom, counterparty, ...known } as const;
      const parts = known.kind === "session income" && known.relay === "" ? directOf(block, movement, amount) : [];
      const own = parts.filter(({ relay }) => watched.get(account)!.has(relay));
      const isWhole = own.reduce((sum, part) => sum + part.amount, 0n) === amount;
      for (const part of isWhole ? own : [{ relay: known.relay, amount }]) {
        facts.push({ ...told, relay: part.relay, amount: `${sign}${part.amount}` });
      }
    }
  }
  return facts;
}

type Reader = (block: ToldBlock, event: ToldEvent, watched: Watched) => Fact[];

const relayIn = (purpose: string): string => / relay ([0-9]+)$/.exec(purpose)?.[1] ?? "";

const walletReader =
  (who: "owner", sign: "" | "-", purposeOf: (event: ToldEvent) => string): Reader =>
  (block, event, watched) => {
    const account = event.attributes[who] ?? "";
    if (!watched.has(account)) return [];
    const purpose = purposeOf(event);
    return parseCoins(event.attributes.amount ?? "").map(({ denom, amount }) => ({
      ...{ of: "wallet", ...placeOf(block, event), account, amount: `${sign}${amount}`, denom },
      ...{ purpose, relay: relayIn(purpose) },
    }));
  };

const purposeTold = ({ attributes }: ToldEvent): string => attributes.purpose ?? "";

const stakeReader =
  (who: string, change: StakeFact["change"], subject: string, target = ""): Reader =>
  (block, event, watched) => {
    const { attributes } = event;
    const account = attributes[who] ?? "";
    if (!watched.has(account)) return [];
    const amount = /^[0-9]+/.exec(attributes.amount ?? "")?.[0] ?? "0";
    const named = { subject: attributes[subject] ?? "", target: attributes[target] ?? "" };
    const due = attributes.completion_time ?? "";
    return [{ of: "stake", ...placeOf(block, event), account, change, ...named, amount, due }];
  };

const soldReader = (block: ToldBlock, event: ToldEvent, watched: Watched): Fact[] => {
  const { seller, holder, quantity = "0", payment, paid = "" } = event.attributes;
  const account = seller ?? holder ?? "";
  if (!watched.has(account) || quantity === "0") return [];
  const proceeds = payment ?? `${parseCoins(paid).reduce((sum, { amount }) => sum + amount, 0n)}`;
  const kind = seller === undefined ? "redemption" : "sale";
  return [{ of: "sold", ...placeOf(block, event), account, kind, quantity, proceeds }];
};

/** Of validators, the part of the power that they had is what delegators lose; a token is a million. */
function validatorSlash(block: ToldBlock, event: ToldEvent): Fact[] {
  const { address, reason = "", burned_coins: part = "0", power = "0" } = event.attributes;
  if (address === undefined || part === "0" || power === "0") return [];
  const whole = `${BigInt(power) * 1_000_000n}`;
  return [{ of: "slash", ...placeOf(block, event), subject: address, reason, part, whole }];
}

const challengeOf = (relay = "", epoch = ""): string => `challenge of relay ${relay} in epoch ${epoch}`;

const readers: Readonly<Record<string, Reader>> = {
  wallet_topped_up: walletReader("owner", "", () => "top-up"),
  wallet_withdrawn: walletReader("owner", "-", () => "withdrawal"),
  wallet_locked: walletReader("owner", "-", purposeTold),
  wallet_released: walletReader("owner", "", purposeTold),
  offer_sold: soldReader,
  redeemed: soldReader,
  "weir.attestation.v1.EventBonded": stakeReader("delegator", "in", "subject"),
  "weir.attestation.v1.EventUnbonding": stakeReader("delegator", "leaving", "subject"),
  "weir.attestation.v1.EventUnbonded": stakeReader("delegator", "out", "subject"),
  "weir.attestation.v1.EventSlashed": (block, event) => {
    const { subject = "", reason = "", fraction: part = "0" } = event.attributes;
    return [{ of: "slash", ...placeOf(block, event), subject, reason, part, whole: "1" }];
  },
  "weir.attestation.v1.EventChallenged": (block, event, watched) => {
    const { relay, epoch, challenger: account = "" } = event.attributes;
    if (!watched.has(account)) return [];
    const stake = { change: "in", subject: challengeOf(relay, epoch), target: "", amount: "0", due: "" } as const;
    return [{ of: "stake", ...placeOf(block, event), account, ...stake }];
  },
  "weir.attestation.v1.EventDisputeEnded": (block, event) => {
    const { relay, epoch, burned: part = "0", outcome: reason = "" } = event.attributes;
    if (part === "0") return [];
    return [{ of: "slash", ...placeOf(block, event), subject: challengeOf(relay, epoch), reason, part, whole: "0" }];
  },
  delegate: stakeReader("delegator", "in", "validator"),
  unbond: stakeReader("delegator", "leaving", "validator"),
  complete_unbonding: stakeReader("delegator", "out", "validator"),
  redelegate: stakeReader("delegator", "moved", "source_validator", "destination_validator"),
  cancel_unbonding_delegation: stakeReader("delegator", "back", "validator"),
  slash: validatorSlash,
  proposal_deposit_lost: (block, event, watched) => {
    const { depositor: account = "", amount: coins = "", proposal_id: id = "" } = event.attributes;
    if (!watched.has(account)) return [];
    const note = `deposit of proposal ${id}`;
    return parseCoins(coins).map(({ denom, amount }) => {
      return { of: "lost", ...placeOf(block, event), account, denom, amount: `${amount}`, note };
    });
  },
  reserve_marked: (block, event) => {
    const { epoch = "", reference = "0" } = event.attributes;
    return [{ of: "price", ...placeOf(block, event), epoch, reference }];
  },
};

/** In the order in which they happened. */
export function factsOf(block: ToldBlock, watched: Watched): Fact[] {
  const moved = new Map<number, Movement[]>();
  for (const movement of movementsOf(block)) moved.set(movement.at, [...(moved.get(movement.at) ?? []), movement]);
  return block.events.flatMap((event, at) => [
    ...(moved.get(at) ?? []).flatMap((movement) => coinsFacts(block, movement, watched)),
    ...(readers[event.type]?.(block, event, watched) ?? []),
  ]);
}
