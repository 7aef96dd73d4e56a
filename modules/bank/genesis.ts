/** Bank's part of genesis.json: balances, supply, metadata, with the SDK's JSON. Owns what is refused before the chain starts. */
import { accountAddress } from "../../chain/address.ts";
import {
  type Coin,
  type Coins,
  coinsEqual,
  coinsFromProto,
  coinsProblem,
  coinsToProto,
  denomProblem,
  formatCoins,
  type ProtoCoin,
} from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { intBitsMax, isIntInRange } from "../../chain/int.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import type { Metadata, Params, SendEnabled } from "../../proto/gen/cosmos/bank/v1beta1/bank.ts";
import { GenesisState } from "../../proto/gen/cosmos/bank/v1beta1/genesis.ts";
import { ensureAccount } from "../auth/index.ts";
import { metadataProblem } from "./metadata.ts";
import { defaultParams, paramsProblem } from "./params.ts";
import { getParams } from "./sendenabled.ts";
import { balances, denomMetadata, params, sendEnabled, supplies } from "./state.ts";

export interface Holding {
  readonly address: Uint8Array;
  readonly coins: Coins;
}

export interface BankGenesis {
  readonly params: Params;
  readonly balances: readonly Holding[];
  readonly supply: Coins;
  readonly denomMetadata: readonly Metadata[];
  readonly sendEnabled: readonly SendEnabled[];
}

const at = "app_state.bank";

// ------------------------------------------------------------------------------------------------------------------- parsing

function parse(json: unknown): BankGenesis {
  const state = fromJson<GenesisState>(GenesisState.$type, json, at);
  if (state.params === undefined) throw fieldError(`${at}.params`, "nothing", "bank's parameters");
  const problem = paramsProblem(state.params);
  if (problem !== undefined) throw fieldError(`${at}.params.send_enabled`, "entries", `none: ${problem}`);
  checkUnique(state.sendEnabled, `${at}.send_enabled`, "denom", ({ denom }) => denom, checkSendEnabled);
  checkUnique(state.denomMetadata, `${at}.denom_metadata`, "base", ({ base }) => base, checkMetadata);
  const holdings = state.balances.map(({ address, coins }, index): Holding => {
    const path = `${at}.balances[${index}]`;
    return { address: readAddress(address, `${path}.address`), coins: readCoins(coins, `${path}.coins`) };
  });
  const text = ({ address }: Holding) => accountAddress.encode(address);
  checkUnique(holdings, `${at}.balances`, "address", text, () => {});
  return {
    params: state.params,
    balances: holdings,
    supply: readSupply(state.supply, sumOf(holdings)),
    denomMetadata: state.denomMetadata,
    sendEnabled: state.sendEnabled,
  };
}

function checkUnique<T>(
  list: readonly T[],
  path: string,
  field: string,
  keyOf: (element: T) => string,
  check: (element: T, path: string) => void,
): void {
  const seen = new Map<string, number>();
  for (const [index, element] of list.entries()) {
    const key = keyOf(element);
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      throw fieldError(`${path}[${index}].${field}`, `${key} again, as in [${earlier}]`, "each one once");
    }
    seen.set(key, index);
    check(element, `${path}[${index}]`);
  }
}

function checkSendEnabled({ denom }: SendEnabled, path: string): void {
  const problem = denomProblem(denom);
  if (problem !== undefined) throw fieldError(`${path}.denom`, shown(denom), `a denomination (${problem})`);
}

function checkMetadata(metadata: Metadata, path: string): void {
  const problem = metadataProblem(metadata);
  if (problem !== undefined) throw fieldError(path, problem, "metadata of a denomination");
}

const readAddress = (text: string, path: string): Uint8Array =>
  refusedAs(path, shown(text), "an address", () => accountAddress.decode(text));

const coinsExpected = "coins in ascending order of denomination, without repeats, every amount positive";

function readCoins(list: readonly ProtoCoin[], path: string): Coins {
  const coins = refusedAs(path, shown(list), coinsExpected, () => coinsFromProto(list));
  const problem = coinsProblem(coins);
  if (problem === undefined) return coins;
  throw fieldError(path, problem, coinsExpected);
}

/** By denomination: adding sets one by one would take the square of their number. */
function sumOf(holdings: readonly Holding[]): Coins {
  const sums = new Map<string, bigint>();
  for (const { coins } of holdings) {
    for (const { denom, amount } of coins) sums.set(denom, (sums.get(denom) ?? 0n) + amount);
  }
  const total = [...sums].map(([denom, amount]): Coin => ({ denom, amount }));
  return total.sort((a, b) => (a.denom < b.denom ? -1 : 1));
}

/** A genesis without a supply has that of its balances. */
function readSupply(list: readonly ProtoCoin[], sum: Coins): Coins {
  const excess = sum.find(({ amount }) => !isIntInRange(amount));
  if (excess !== undefined) {
    throw fieldError(
      `${at}.balances`,
      `${shown(excess.amount)} of ${excess.denom} in all`,
      `at most ${intBitsMax} bits`,
    );
  }
  const supply = readCoins(list, `${at}.supply`);
  if (supply.length === 0 || coinsEqual(supply, sum)) return sum;
  throw fieldError(`${at}.supply`, shown(formatCoins(supply)), `${shown(formatCoins(sum))}, the sum of all balances`);
}

// ------------------------------------------------------------------------------------------------------------- start and end

function init(ctx: Context, genesis: BankGenesis): undefined {
  params.set(ctx, genesis.params);
  for (const { denom, enabled } of genesis.sendEnabled) sendEnabled.set(ctx, denom, enabled);
  for (const { address, coins } of genesis.balances) {
    // Unlike the SDK: coins without an account could not be spent until somebody sent more of them.
    ensureAccount(ctx, address);
    for (const { denom, amount } of coins) balances.replace(ctx, [address, denom], undefined, amount);
  }
  for (const { denom, amount } of genesis.supply) supplies.set(ctx, denom, amount);
  for (const metadata of genesis.denomMetadata) denomMetadata.set(ctx, metadata.base, metadata);
}

function holdings(ctx: ReadContext): Holding[] {
  const list: { readonly address: Uint8Array; readonly coins: Coin[] }[] = [];
  let owner = "";
  for (const [[address, denom], amount] of balances.iterate(ctx)) {
    const text = accountAddress.encode(address);
    if (text !== owner) list.push({ address, coins: [] });
    owner = text;
    list.at(-1)!.coins.push({ denom, amount });
  }
  return list;
}

function toState(genesis: BankGenesis): GenesisState {
  return {
    params: genesis.params,
    balances: genesis.balances.map(({ address, coins }) => ({
      address: accountAddress.encode(address),
      coins: coinsToProto(coins),
    })),
    supply: coinsToProto(genesis.supply),
    denomMetadata: [...genesis.denomMetadata],
    sendEnabled: [...genesis.sendEnabled],
  };
}

export const genesis: Genesis<BankGenesis> = {
  default: () => ({ params: defaultParams, balances: [], supply: [], denomMetadata: [], sendEnabled: [] }),
  parse,
  toJson: (state) => toJson(GenesisState.$type, toState(state)),
  init,
  export: (ctx) => ({
    params: getParams(ctx),
    balances: holdings(ctx),
    supply: [...supplies.iterate(ctx)].map(([denom, amount]) => ({ denom, amount })),
    denomMetadata: [...denomMetadata.iterate(ctx)].map(([, metadata]) => metadata),
    sendEnabled: [...sendEnabled.iterate(ctx)].map(([denom, enabled]) => ({ denom, enabled })),
  }),
};
