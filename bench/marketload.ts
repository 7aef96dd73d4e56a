/** A market with a full book, or with a cell full of relays, for benches: made in memory by the modules themselves. Owns no figure. */
import { accountAddress } from "../chain/address.ts";
import { sha256 } from "../chain/crypto/hash.ts";
import { decOne, parseDec } from "../chain/dec.ts";
import { changeTrust, relay as registered, setRelay } from "../modules/attestation/records.ts";
import { sendCoins } from "../modules/bank/index.ts";
import { quote } from "../modules/market/quote.ts";
import { placeOffer } from "../modules/reserve/book.ts";
import { holdAuction } from "../modules/reserve/index.ts";
import { addressOf } from "../test/helpers/marketchain.ts";
import { reserveChain } from "../test/helpers/reservechain.ts";

const bytesPerGib = 1n << 30n;
const lot = 2_000_000n;

/** Of this thread alone, so that other programs on the machine do not count. */
function threadMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

const sellerOf = (index: number): Uint8Array => sha256(Buffer.from(`seller ${index}`)).slice(0, 20);

/** Milliseconds of an auction that buys every offer of a book, each of a seller of its own, and pays them. */
export function auctionMillis(offers: number): number {
  const chain = reserveChain();
  chain.addRelay({ isPaidInToken: true });
  chain.topUp("alice", 750_000_000n);
  const session = chain.opened({ deposit: 750_000_000n });
  chain.settle([chain.voucher(session, 15_000n * bytesPerGib)]);
  chain.attempt((ctx) => {
    for (let index = 0; index < offers; index++) {
      const seller = sellerOf(index);
      sendCoins(ctx, addressOf("shop"), seller, [{ denom: "uweir", amount: lot }]);
      const ask = parseDec("0.01") + BigInt(index % 997) * (decOne / 10_000_000n);
      placeOffer(ctx, { seller: accountAddress.encode(seller), quantity: lot, ask });
    }
  });
  chain.epochs(3);
  let millis = 0;
  chain.attempt((ctx) => {
    const start = threadMillis();
    const { bought } = holdAuction(ctx, 0n);
    millis = threadMillis() - start;
    if (bought !== lot * BigInt(offers)) throw new Error(`the auction bought ${bought} of ${lot * BigInt(offers)}`);
  });
  return millis;
}

/** Milliseconds of each of so many quotes in a cell of so many relays. */
export function quoteMillis(relays: number, quotes: number): number[] {
  const chain = reserveChain();
  const first = registered(chain.context(), chain.addRelay())!;
  chain.attempt((ctx) => {
    for (let id = 2n; id <= BigInt(relays); id++) {
      setRelay(ctx, undefined, { ...first, id });
      const shown = { reputation: (decOne * (id % 10n)) / 10n, uptime: decOne, stable: id % 2n === 0n, prefix: "" };
      changeTrust(ctx, id, { ...shown, lastMedianBps: 1_000_000n * (1n + (id % 1_000n)) });
    }
  });
  const request = { cell: "europe-west", bytes: 10n * bytesPerGib, stableOnly: false, limit: 10n, wish: undefined };
  return Array.from({ length: quotes }, () => {
    const start = threadMillis();
    if (quote(chain.context(), request).quotes.length !== 10) throw new Error("a quote is short of relays");
    return threadMillis() - start;
  });
}
