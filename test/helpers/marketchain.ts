/** A test chain on which traffic is sold: people with stable coins, relays, sessions whose keys a test has, epochs by a word. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { formatCoins } from "../../chain/coins.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair, signEd25519 } from "../../chain/crypto/sign.ts";
import { decFromProto, parseDec } from "../../chain/dec.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { addDuration } from "../../chain/time.ts";
import { attestation } from "../../modules/attestation/index.ts";
import { balancesOf } from "../../modules/bank/index.ts";
import { beacon, currentEpoch } from "../../modules/beacon/index.ts";
import { market } from "../../modules/market/index.ts";
import { sessions } from "../../modules/market/state.ts";
import { amountFor, closingBytes, deliveryBytes, voucherBytes } from "../../modules/market/voucher.ts";
import { reserve } from "../../modules/reserve/index.ts";
import type { Session } from "../../proto/gen/weir/market/v1/state.ts";
import type { MsgSettleResponse, Voucher, VoucherResult } from "../../proto/gen/weir/market/v1/tx.ts";
import { addRelay, type RelayTraits, transportSeed } from "./marketrelays.ts";
import { type Outcome, type TestChain, testBlock, testChain } from "./testchain.ts";

export const stable = "uusdc";
export const startCoins = 1_000_000_000_000n;
export const epochSeconds = 100n;

export const seedOf = (name: string): Uint8Array => sha256(Buffer.from(name));
export const addressOf = (name: string): Uint8Array => seedOf(`account ${name}`).slice(0, 20);
export const textOf = (name: string): string => accountAddress.encode(addressOf(name));
export const keyOf = (name: string): Uint8Array => ed25519KeyPair(seedOf(`session ${name}`)).publicKey;
export const coin = (amount: bigint, denom = stable) => ({ denom, amount: `${amount}` });

const people = ["alice", "bob", "carol", "shop", "operator", "rival", "seller"] as const;
export type Person = (typeof people)[number];

export interface Offering {
  readonly client?: string;
  readonly relay?: bigint;
  readonly key?: string;
  readonly deposit?: bigint;
  readonly priceMax?: string;
  readonly stableOnly?: boolean;
  readonly epochs?: bigint;
  readonly contract?: bigint;
  readonly subscription?: bigint;
  readonly bytesMax?: bigint;
  readonly denom?: string;
}

export interface VoucherChanges {
  readonly key?: string;
  readonly chainId?: string;
  readonly nonce?: bigint;
  readonly amount?: bigint;
  /** The session whose voucher it pretends to be. */
  readonly signedSession?: bigint;
  /** The relay's count, signed by its transport key. */
  readonly delivered?: bigint;
  /** The same without a signature: who submits must be its operator. */
  readonly counted?: bigint;
}

export interface MarketChain extends TestChain {
  /** So many epochs; each opens in a block of its own. Returns what they emitted. */
  epochs(count?: number): readonly ChainEvent[];
  /** One block. */
  block(seconds?: bigint): readonly ChainEvent[];
  epoch(): bigint;
  topUp(owner: string, amount: bigint, sender?: string): Outcome;
  open(offering?: Offering): Outcome;
  /** The same, which must succeed; the new session's id. */
  opened(offering?: Offering): bigint;
  session(id: bigint): Session;
  voucher(session: bigint, bytes: bigint, changes?: VoucherChanges): Voucher;
  closing(session: bigint): Uint8Array;
  settle(vouchers: readonly Voucher[], submitter?: string): readonly VoucherResult[];
  coins(name: string): string;
  wallet(name: string): string;
  addRelay(traits?: Partial<RelayTraits>): bigint;
}

/** Coins that lie in the reserve at first. */
export type ReserveCoins = readonly { readonly denom: string; readonly amount: string }[];

export function marketChain(
  changes: Readonly<Record<string, unknown>> = {},
  others: Record<string, unknown> = {},
  reserveCoins: ReserveCoins = [],
): MarketChain {
  const json = (module: typeof beacon, more: object) => {
    const state = module.genesis.toJson(module.genesis.default()) as { readonly params: object };
    return { ...state, params: { ...state.params, ...more } };
  };
  const chain = testChain({
    bank: {
      params: { send_enabled: [], default_send_enabled: true },
      balances: [
        ...people.map((name) => ({
          address: textOf(name),
          coins: [coin(startCoins, "ueure"), coin(startCoins), coin(startCoins, "uweir")],
        })),
        ...(reserveCoins.length === 0
          ? []
          : [{ address: accountAddress.encode(moduleAddress("reserve")), coins: reserveCoins }]),
      ],
    },
    beacon: json(beacon, { epoch_duration: `${epochSeconds}s` }),
    market: json(market, changes),
    ...others,
  });
  const selling = withMarket(chain);
  selling.block(5n);
  return selling;
}

function withMarket(chain: TestChain): MarketChain {
  const block = (seconds = 5n): readonly ChainEvent[] => {
    const { height, time } = chain.context().block;
    chain.setBlock({ height: height + 1n, time: addDuration(time, { seconds, nanos: 0 }) });
    const ctx = chain.context();
    beacon.beginBlock?.(ctx, undefined as never);
    attestation.beginBlock?.(ctx, undefined as never);
    market.beginBlock?.(ctx, undefined as never);
    reserve.beginBlock?.(ctx, undefined as never);
    beacon.endBlock?.(ctx);
    attestation.endBlock?.(ctx);
    const broken = chain.broken();
    if (broken !== undefined) throw new Error(broken);
    return ctx.events;
  };
  const message = (name: string, value: object): Outcome => chain.message(`/weir.market.v1.Msg${name}`, value);
  const session = (id: bigint): Session => {
    const found = sessions.get(chain.context(), id);
    if (found === undefined) throw new Error(`no session ${id}`);
    return found;
  };
  const open = (offering?: Offering): Outcome => message("OpenSession", openingOf(offering));
  const settle = (vouchers: readonly Voucher[], submitter = "carol"): readonly VoucherResult[] => {
    const handler = market.messages["/weir.market.v1.MsgSettle"]!;
    let results: readonly VoucherResult[] = [];
    const { refusal } = chain.attempt((ctx) => {
      const value = { submitter: textOf(submitter), vouchers };
      handler.validate(value);
      results = (handler.execute(ctx, value) as MsgSettleResponse).results;
    });
    if (refusal !== undefined) throw refusal;
    return results;
  };
  return {
    ...chain,
    block,
    epochs: (count = 1) => Array.from({ length: count }, () => block(epochSeconds)).flat(),
    epoch: () => currentEpoch(chain.context())!.number,
    topUp: (owner, amount, sender = owner) =>
      message("TopUp", { sender: textOf(sender), owner: textOf(owner), amount: coin(amount) }),
    open,
    opened(offering) {
      const { refusal, events } = open(offering);
      if (refusal !== undefined) throw refusal;
      const opened = events.find(({ type }) => type === "session_opened")!;
      return BigInt(opened.attributes.find(({ key }) => key === "session")!.value);
    },
    session,
    voucher: (id, bytes, changes) => voucherOf(session(id), bytes, changes),
    closing(id) {
      const { relay, bytes, settled, nonce } = session(id);
      const terms = { chainId: testBlock.chainId, session: id, bytes, amount: BigInt(settled), nonce };
      return signEd25519(transportSeed(relay), closingBytes(terms));
    },
    settle,
    coins: (name) => formatCoins(balancesOf(chain.context(), addressOf(name))),
    wallet: (name) =>
      chain
        .query<{ coins: { denom: string; amount: string }[] }>("/weir.market.v1.Query/Wallet", { owner: textOf(name) })
        .coins.map(({ denom, amount }) => `${amount}${denom}`)
        .join(","),
    addRelay: (traits = {}) => addRelay(chain, { operator: textOf("operator"), ...traits }),
  };
}

function openingOf({ client = "alice", key = "key", ...more }: Offering = {}) {
  const prepaid = (more.contract ?? 0n) !== 0n || (more.subscription ?? 0n) !== 0n;
  return {
    client: textOf(client),
    relay: more.relay ?? 1n,
    key: keyOf(key),
    deposit: prepaid ? undefined : coin(more.deposit ?? 1_000_000n, more.denom),
    priceMax: `${parseDec(more.priceMax ?? "1000000")}`,
    stableOnly: more.stableOnly ?? false,
    epochs: more.epochs ?? 10n,
    contract: more.contract ?? 0n,
    subscription: more.subscription ?? 0n,
    bytesMax: more.bytesMax ?? 0n,
  };
}

function voucherOf(session: Session, bytes: bigint, changes: VoucherChanges = {}): Voucher {
  const { chainId = testBlock.chainId, nonce = bytes, key = "key", delivered, counted, signedSession } = changes;
  const { id, relay } = session;
  const amount = changes.amount ?? amountFor(bytes, decFromProto(session.price));
  const terms = { chainId, session: signedSession ?? id, bytes, amount, nonce };
  const delivery = { chainId, session: id, bytes, deliveredBytes: delivered ?? 0n };
  return {
    session: id,
    bytes,
    amount: `${amount}`,
    nonce,
    signature: signEd25519(seedOf(`session ${key}`), voucherBytes(terms)),
    deliveredBytes: delivered ?? counted ?? 0n,
    relaySignature:
      delivered === undefined ? new Uint8Array(0) : signEd25519(transportSeed(relay), deliveryBytes(delivery)),
  };
}
