/**
 * From facts to records: what each left of the account's balance, of its wallet and of what is locked for it, what that was worth and which lots went.
 * Pure, in the order of the chain. Owns a record's fields; how they are written is files.ts's.
 */
import { type Dec, decOne, parseDec } from "../../chain/dec.ts";
import type { CoinsFact, Fact, LostFact, SlashFact, SoldFact, WalletFact } from "./facts.ts";
import { effectOf } from "./kinds.ts";
import { type Lot, LotQueue } from "./lots.ts";
import { Stakes } from "./stakes.ts";

export interface LedgerRecord {
  readonly time: string;
  readonly height: string;
  /** Index of the transaction in the block; "" of what blocks do by themselves. */
  readonly tx: string;
  readonly account: string;
  readonly kind: string;
  readonly denom: string;
  /** What changed, with signs: the balance, what nothing locks in the wallet, what bonds, stakes, offers and deposits hold. */
  readonly balanceChange: bigint;
  readonly walletChange: bigint;
  readonly lockedChange: bigint;
  /** The balance after it. */
  readonly balance: bigint;
  readonly counterparty: string;
  readonly relay: string;
  readonly note: string;
  /** The epoch whose finalize left the reference price; "" before the first. */
  readonly epoch: string;
  /** Dollars a token; undefined where none is known. */
  readonly reference: Dec | undefined;
  /** Millionths of a dollar; undefined of what has no price here. */
  readonly value: bigint | undefined;
  /** Of lots that left. */
  readonly cost: bigint | undefined;
  readonly gain: bigint | undefined;
  readonly lots: readonly Lot[];
}

export interface LedgerTerms {
  /** The token. */
  readonly denom: string;
  /** Taken by the market, and counted at par. */
  readonly stable: ReadonlySet<string>;
  /** Before the first that the chain tells; undefined where it is not known. */
  readonly reference: Dec | undefined;
  /** A validator's operator by its address of consensus. */
  readonly operators: ReadonlyMap<string, string>;
}

interface Change {
  readonly kind: string;
  readonly denom: string;
  readonly balance?: bigint;
  readonly wallet?: bigint;
  readonly locked?: bigint;
  readonly counterparty?: string;
  readonly relay?: string;
  readonly note?: string;
  readonly cost?: string;
  /** Where it is not worth the reference price: what was paid. */
  readonly proceeds?: bigint;
  readonly effect: "acquire" | "dispose" | "move";
}

class Holdings {
  readonly balances = new Map<string, bigint>();
  readonly wallets = new Map<string, bigint>();
  readonly locked = new Map<string, bigint>();
  readonly lots = new Map<string, LotQueue>();
  readonly stakes = new Stakes();
  /** An own top-up that the wallet's event is still to tell. */
  topUp: string | undefined;

  lotsOf(denom: string): LotQueue {
    const found = this.lots.get(denom) ?? new LotQueue();
    this.lots.set(denom, found);
    return found;
  }
}

const add = (to: Map<string, bigint>, key: string, change: bigint): bigint => {
  const after = (to.get(key) ?? 0n) + change;
  to.set(key, after);
  return after;
};

const isToken = (denom: string, { denom: token }: LedgerTerms): boolean => denom === token;

export class Ledger {
  readonly #terms: LedgerTerms;
  readonly #holdings = new Map<string, Holdings>();
  #reference: Dec | undefined;
  #epoch = "";

  constructor(terms: LedgerTerms) {
    this.#terms = terms;
    this.#reference = terms.reference;
  }

  holdingsOf(account: string): Holdings {
    const found = this.#holdings.get(account) ?? new Holdings();
    this.#holdings.set(account, found);
    return found;
  }

  /** The records that a fact is; none of a price, or of what is told twice. */
  take(fact: Fact): LedgerRecord[] {
    const due = this.#leftBefore(fact);
    if (fact.of === "price") {
      this.#reference = parseDec(fact.reference);
      this.#epoch = fact.epoch;
      return due;
    }
    if (fact.of === "slash") return [...due, ...this.#slashed(fact)];
    if (fact.of === "coins") return [...due, this.#moved(fact)];
    if (fact.of === "wallet") return [...due, ...this.#wallet(fact)];
    if (fact.of === "sold") return [...due, this.#sold(fact)];
    if (fact.of === "lost") return [...due, this.#lost(fact)];
    this.holdingsOf(fact.account).stakes.take(fact);
    return due;
  }

  /** What the last block leaves to be said. */
  end(): LedgerRecord[] {
    return this.#leftBefore(undefined);
  }

  /** What left a bond or a stake in the block before, and came back smaller than it went. */
  #leftBefore(next: Fact | undefined): LedgerRecord[] {
    return [...this.#holdings].flatMap(([account, { stakes }]) =>
      stakes
        .lossesBefore(next?.height)
        .map(({ place, subject, loss }) =>
          this.#record({ ...place, account }, this.#loss(loss, `${subject}, while it was leaving`)),
        ),
    );
  }

  #loss(loss: bigint, note: string): Change {
    return { kind: "slash", denom: this.#terms.denom, locked: -loss, note, proceeds: 0n, effect: "dispose" };
  }

  #slashed({ subject: named, part, whole, reason, ...place }: SlashFact): LedgerRecord[] {
    const subject = this.#terms.operators.get(named) ?? named;
    return [...this.#holdings].flatMap(([account, { stakes }]) => {
      const loss = stakes.slash(subject, parseDec(part), parseDec(whole));
      if (loss === 0n) return [];
      return [this.#record({ ...place, account }, this.#loss(loss, `${subject}: ${reason}`))];
    });
  }

  #moved(fact: CoinsFact): LedgerRecord {
    const { kind, denom, counterparty, relay, cost } = fact;
    const amount = BigInt(fact.amount);
    const effect = effectOf(kind);
    const told = { kind, denom, counterparty, relay, cost, balance: amount };
    // Bonds that genesis itself holds.
    if (kind === "opening bond") return this.#record(fact, { ...told, balance: 0n, locked: amount, effect: "acquire" });
    if (effect === "lock" || effect === "unlock") {
      return this.#record(fact, { ...told, locked: -amount, effect: "move" });
    }
    if (effect === "to wallet" || effect === "from wallet") {
      if (effect === "to wallet") this.holdingsOf(fact.account).topUp = `${-amount}${denom}`;
      return this.#record(fact, { ...told, wallet: -amount, effect: "move" });
    }
    return this.#record(fact, { ...told, effect });
  }

  #wallet(fact: WalletFact): LedgerRecord[] {
    const { purpose, denom, relay } = fact;
    const holdings = this.holdingsOf(fact.account);
    const wallet = BigInt(fact.amount);
    if (purpose === "withdrawal") return [];
    if (purpose === "opening") return [this.#record(fact, { kind: "opening", denom, wallet, effect: "acquire" })];
    if (purpose === "top-up") {
      const isOwn = holdings.topUp === `${wallet}${denom}`;
      holdings.topUp = undefined;
      if (isOwn) return [];
      return [this.#record(fact, { kind: "wallet top-up by another", denom, wallet, effect: "acquire" })];
    }
    const kind = wallet < 0n ? "traffic prepaid" : "traffic refunded";
    const effect = wallet < 0n ? "dispose" : "acquire";
    return [this.#record(fact, { kind, denom, wallet, relay, note: purpose, effect })];
  }

  #sold(fact: SoldFact): LedgerRecord {
    const kind = fact.kind === "sale" ? "sold in the auction" : "redeemed";
    const change = { kind, denom: this.#terms.denom, locked: -BigInt(fact.quantity), effect: "dispose" } as const;
    return this.#record(fact, { ...change, proceeds: BigInt(fact.proceeds) });
  }

  #lost(fact: LostFact): LedgerRecord {
    const { denom, note } = fact;
    const locked = -BigInt(fact.amount);
    return this.#record(fact, { kind: "deposit burned", denom, locked, note, proceeds: 0n, effect: "dispose" });
  }

  #valueOf(denom: string, amount: bigint): bigint | undefined {
    const positive = amount < 0n ? -amount : amount;
    if (this.#terms.stable.has(denom)) return positive;
    if (!isToken(denom, this.#terms) || this.#reference === undefined) return undefined;
    return (positive * this.#reference) / decOne;
  }

  #record(place: Pick<LedgerRecord, "height" | "time" | "tx" | "account">, change: Change): LedgerRecord {
    const { kind, denom, balance = 0n, wallet = 0n, locked = 0n } = change;
    const holdings = this.holdingsOf(place.account);
    const after = add(holdings.balances, denom, balance);
    add(holdings.wallets, denom, wallet);
    add(holdings.locked, denom, locked);
    const amount = balance !== 0n ? balance : wallet !== 0n ? wallet : locked;
    const value = change.proceeds ?? this.#valueOf(denom, amount);
    const { height, time, tx, account } = place;
    const { counterparty = "", relay = "", note = "" } = change;
    return {
      ...{ time, height, tx, account, kind, denom, counterparty, relay, note, value },
      ...{ balanceChange: balance, walletChange: wallet, lockedChange: locked, balance: after },
      ...{ epoch: this.#epoch, reference: isToken(denom, this.#terms) ? this.#reference : undefined },
      ...this.#lotsOf(holdings.lotsOf(denom), change, { amount, value, time, height }),
    };
  }

  #lotsOf(
    queue: LotQueue,
    { effect, cost: paid }: Change,
    of: { readonly amount: bigint; readonly value: bigint | undefined; readonly time: string; readonly height: string },
  ): Pick<LedgerRecord, "cost" | "gain" | "lots"> {
    const { amount, value, time, height } = of;
    if (effect === "move") return { cost: undefined, gain: undefined, lots: [] };
    const isNegative = amount < 0n;
    if (effect === "acquire" && !isNegative) {
      const cost = paid === undefined || paid === "" ? value : BigInt(paid);
      queue.push({ amount, cost: cost ?? 0n, time, height });
      return { cost: undefined, gain: undefined, lots: [] };
    }
    // A loss that was reckoned too high comes back at no cost.
    if (!isNegative) {
      queue.push({ amount, cost: 0n, time, height });
      return { cost: undefined, gain: undefined, lots: [] };
    }
    const { lots, cost } = queue.take(-amount);
    return { cost, gain: value === undefined ? undefined : value - cost, lots };
  }
}
