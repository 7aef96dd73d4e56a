/** A market with a full book, or with a cell full of relays, for benches: made in memory by the modules themselves. Owns no figure. */
import { accountAddress } from "../chain/address.ts";
import { sha256 } from "../chain/crypto/hash.ts";
import { decOne, parseDec } from "../chain/dec.ts";
import { executionContext } from "../chain/execution.ts";
import { unlimitedGasMeter } from "../chain/gas.ts";
import { Journal } from "../chain/store/journal.ts";
import { changeTrust, relay as registered, setRelay } from "../modules/attestation/records.ts";
import { sendCoins } from "../modules/bank/index.ts";
import { quote } from "../modules/market/quote.ts";
import { placeOffer } from "../modules/reserve/book.ts";
import { holdAuction } from "../modules/reserve/index.ts";
import { addressOf } from "../test/helpers/marketchain.ts";
import { reserveChain } from "../test/helpers/reservechain.ts";
import { chainId, TestApplication } from "../test/helpers/testapplication.ts";

const bytesPerGib = 1n << 30n;
const lot = 2_000_000n;

/** Of this thread alone, so that other programs on the machine do not count. */
function threadMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

const sellerOf = (index: number): Uint8Array => sha256(Buffer.from(`seller ${index}`)).slice(0, 20);

/** What stands in a state when the auction is held: as far as an epoch's finalize has come, with a book of so many offers, each of a seller of its own. */
function bookedState(offers: number): Readonly<Record<string, unknown>> {
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
  return chain.exported();
}

/** Milliseconds of auctions that buy every offer of a book and pay its sellers, on a state that was committed before, as a node's is. */
export async function auctionMillis(offers: number, rounds: number): Promise<number[]> {
  const chain = await TestApplication.start({ checkInvariants: false, appState: bookedState(offers) });
  const block = { ...chain.lastBlock(), chainId, proposerAddress: new Uint8Array(20) };
  return Array.from({ length: rounds }, () => {
    const ctx = executionContext(new Journal(chain.state.latest), block, "finalize", unlimitedGasMeter());
    const start = threadMillis();
    const { bought } = holdAuction(ctx, 0n);
    const millis = threadMillis() - start;
    if (bought !== lot * BigInt(offers)) throw new Error(`the auction bought ${bought} of ${lot * BigInt(offers)}`);
    return millis;
  });
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
