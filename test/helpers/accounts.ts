/** Addresses for tests that need no key, and coins as text. */
import { accountAddress } from "../../chain/address.ts";
import { type Coins, coinToProto } from "../../chain/coins.ts";
import { parseCoin } from "../../chain/deccoins.ts";

/** The i-th address: 20 bytes that tell it from the others. */
export const addressBytes = (index: number): Uint8Array => new Uint8Array(20).fill(index + 1);

export const address = (index: number): string => accountAddress.encode(addressBytes(index));

/** "1uusdc,2uweir" in the order in which it is written, sorted or not. */
export const coins = (text: string): Coins => (text === "" ? [] : text.split(",").map(parseCoin));

export const protoCoins = (text: string) => coins(text).map(coinToProto);

/** A genesis of bank that gives these coins to the i-th address. */
export const bankGenesis = (holdings: readonly string[]) => ({
  params: { default_send_enabled: true },
  balances: holdings.map((text, index) => ({ address: address(index), coins: protoCoins(text) })),
});
