/** What the fields of gov's messages hold, v1 and v1beta1 alike. Pure. */
import { accountAddress } from "../../chain/address.ts";
import { type Coins, coinsFromProto, formatCoins, isValidCoins, type ProtoCoin } from "../../chain/coins.ts";
import { ChainError, sdk } from "../../chain/errors.ts";

export function addressOf(text: string, which: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidAddress(`invalid ${which} address: ${error.message}`);
    throw error;
  }
}

/** At least one coin, sorted, without repeats, every amount positive. */
export function depositOf(amount: readonly ProtoCoin[]): Coins {
  const coins = coinsFromProto(amount);
  if (!isValidCoins(coins) || coins.length === 0) throw sdk.invalidCoins(formatCoins(coins));
  return coins;
}
