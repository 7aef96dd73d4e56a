/** Why coins moved, by who stands on the other side and by what the chain told with it. Owns the words of an exported record and what each does to lots. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { moduleAccounts } from "../../modules/accounts.ts";
import type { ToldEvent } from "./blockevents.ts";
import type { Movement } from "./movements.ts";

/**
 * acquire: new lots at what they were worth or cost; dispose: lots leave, with a gain or a loss; lock, unlock: the same lots are held elsewhere, in a bond, a
 * stake, an offer, a deposit; to wallet, from wallet: in the account's wallet.
 */
export type Effect = "acquire" | "dispose" | "lock" | "unlock" | "to wallet" | "from wallet";

export const effects: Readonly<Record<string, Effect>> = {
  opening: "acquire",
  "opening bond": "acquire",
  fee: "dispose",
  sent: "dispose",
  received: "acquire",
  bond: "lock",
  unbonded: "unlock",
  bounty: "acquire",
  "challenge bond": "lock",
  "challenge bond returned": "unlock",
  delegation: "lock",
  undelegated: "unlock",
  "staking reward": "acquire",
  commission: "acquire",
  "community pool": "dispose",
  "from the community pool": "acquire",
  "relay reward": "acquire",
  "oracle reward": "acquire",
  "session income": "acquire",
  deposit: "lock",
  "deposit returned": "unlock",
  "wallet top-up": "to wallet",
  "wallet top-up for another": "dispose",
  "wallet withdrawal": "from wallet",
  offer: "lock",
  "offer returned": "unlock",
  "sale proceeds": "acquire",
  "redemption asked": "lock",
  "redemption returned": "unlock",
  "redemption proceeds": "acquire",
  "purchase price": "dispose",
  purchase: "acquire",
  "to the treasury": "dispose",
  grant: "acquire",
  burned: "dispose",
  minted: "acquire",
};

export interface Known {
  readonly kind: string;
  readonly relay: string;
  readonly cost: string;
}

const moduleOf: ReadonlyMap<string, string> = new Map(
  moduleAccounts.map(({ name }) => [accountAddress.encode(moduleAddress(name)), name]),
);

/** How far the event that says what it was for can stand behind the coins' own. */
const tellingMax = 8;

/** What is told after these coins and before any others, in the same transaction or hook. */
function* toldAfter(events: readonly ToldEvent[], { at, event }: Movement): Generator<ToldEvent> {
  for (let next = at + 1; next <= at + tellingMax && next < events.length; next++) {
    const found = events[next]!;
    if (found.type === "coin_spent" || found.type === "coin_received" || found.txIndex !== event.txIndex) return;
    yield found;
  }
}

type Tell = (told: readonly ToldEvent[], movement: Movement) => Partial<Known> & { readonly kind: string };

const find = (told: readonly ToldEvent[], type: string): ToldEvent | undefined => told.find((one) => one.type === type);
const subjectRelay = (event: ToldEvent | undefined): string =>
  /^relay ([0-9]+)$/.exec(event?.attributes.subject ?? "")?.[1] ?? "";
const always =
  (kind: string): Tell =>
  () => ({ kind });

const out: Readonly<Record<string, Tell>> = {
  fee_collector: always("fee"),
  attestation_bonds: (told) => {
    const bonded = find(told, "weir.attestation.v1.EventBonded");
    return bonded === undefined ? { kind: "challenge bond" } : { kind: "bond", relay: subjectRelay(bonded) };
  },
  bonded_tokens_pool: always("delegation"),
  not_bonded_tokens_pool: always("delegation"),
  distribution: always("community pool"),
  gov: always("deposit"),
  market_wallets: (told, { from }) => {
    const owner = find(told, "wallet_topped_up")?.attributes.owner;
    return { kind: owner === from ? "wallet top-up" : "wallet top-up for another" };
  },
  reserve_book: (told) => ({ kind: find(told, "offer_placed") === undefined ? "redemption asked" : "offer" }),
  reserve: always("purchase price"),
  treasury: always("to the treasury"),
};

const into: Readonly<Record<string, Tell>> = {
  attestation_bonds: (told) => {
    const unbonded = find(told, "weir.attestation.v1.EventUnbonded");
    if (unbonded !== undefined) return { kind: "unbonded", relay: subjectRelay(unbonded) };
    const ended = find(told, "weir.attestation.v1.EventDisputeEnded");
    return { kind: ended === undefined ? "bounty" : "challenge bond returned" };
  },
  not_bonded_tokens_pool: always("undelegated"),
  bonded_tokens_pool: always("undelegated"),
  distribution: (told) => {
    if (find(told, "withdraw_commission") !== undefined) return { kind: "commission" };
    return { kind: find(told, "withdraw_rewards") === undefined ? "from the community pool" : "staking reward" };
  },
  rewards: (told) => {
    const claimed = find(told, "rewards_claimed");
    if (claimed !== undefined) return { kind: "relay reward", relay: claimed.attributes.relay ?? "" };
    return { kind: find(told, "oracle_rewards_claimed") === undefined ? "bounty" : "oracle reward" };
  },
  market_wallets: always("wallet withdrawal"),
  market_escrow: always("session income"),
  reserve_burn: (told) => {
    const paid = find(told, "served_relay_paid");
    return paid === undefined
      ? { kind: "sale proceeds" }
      : { kind: "session income", relay: paid.attributes.relay ?? "" };
  },
  reserve_book: (told) => {
    const bought = find(told, "bought_at_ceiling") ?? find(told, "bought_in_sale");
    if (bought !== undefined) {
      return { kind: "purchase", cost: /^[0-9]+/.exec(bought.attributes.cost ?? "")?.[0] ?? "" };
    }
    return { kind: find(told, "offer_returned") === undefined ? "redemption returned" : "offer returned" };
  },
  reserve: always("redemption proceeds"),
  gov: always("deposit returned"),
  treasury: always("grant"),
};

/** What no rule here knows is named by the module it came from, so that it is seen. */
export function kindOf(events: readonly ToldEvent[], movement: Movement, direction: "in" | "out"): Known {
  const other = direction === "out" ? movement.to : movement.from;
  const nothing = { relay: "", cost: "" };
  if (other === "") return { ...nothing, kind: direction === "out" ? "burned" : "minted" };
  const name = moduleOf.get(other);
  if (name === undefined) return { ...nothing, kind: direction === "out" ? "sent" : "received" };
  const tell = (direction === "out" ? out : into)[name];
  if (tell === undefined) return { ...nothing, kind: `${direction === "out" ? "to" : "from"} module ${name}` };
  return { ...nothing, ...tell([...toldAfter(events, movement)], movement) };
}

/** Of a module that no rule names, what comes is acquired and what goes is disposed of. */
export const effectOf = (kind: string): Effect => effects[kind] ?? (kind.startsWith("from") ? "acquire" : "dispose");
