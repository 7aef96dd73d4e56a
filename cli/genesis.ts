/** Building genesis.json: the modules' defaults, this node's validator, accounts with coins. Owns the document, not what it means. */
import { accountAddress } from "../chain/address.ts";
import { addCoins, type Coins, coinsToProto } from "../chain/coins.ts";
import { type GenesisDocument, genesisJson, parseGenesis } from "../chain/consensus/genesis.ts";
import { asArray, asObject, type JsonObject } from "../chain/consensus/json.ts";
import { type CompleteParams, defaultConsensusParams } from "../chain/consensus/params.ts";
import { now } from "../chain/consensus/time.ts";
import { consensusAddress } from "../chain/consensus/validators.ts";
import { ChainError } from "../chain/errors.ts";
import { weir } from "../modules/index.ts";
import { UsageError } from "./arguments.ts";
import { typedCoins } from "./coins.ts";

export const bondDenom = "uweir";
/** What a fresh validator weighs; staking will set it by stake. */
const validatorPower = 100n;

/** A block ends somewhere: 4 MB, and the gas of about six thousand transfers. */
const blockLimits = { maxBytes: 4_194_304n, maxGas: 500_000_000n };

export interface GenesisAccount {
  readonly address: string;
  readonly coins: Coins;
}

export interface NewGenesis {
  readonly chainId: string;
  readonly moniker: string;
  readonly validatorKey: Uint8Array;
  readonly accounts: readonly GenesisAccount[];
}

export function newGenesis({ chainId, moniker, validatorKey, accounts }: NewGenesis): GenesisDocument {
  const appState: Record<string, unknown> = {};
  for (const module of weir.modules) appState[module.name] = module.genesis.toJson(module.genesis.default());
  const params: CompleteParams = { ...defaultConsensusParams(), block: blockLimits };
  const publicKey = { ed25519: validatorKey };
  const validator = { address: consensusAddress(publicKey), publicKey, power: validatorPower, name: moniker };
  let document: GenesisDocument = {
    genesisTime: now(),
    chainId,
    initialHeight: 1n,
    consensusParams: params,
    validators: [validator],
    appHash: new Uint8Array(),
    appState: withDenoms(appState),
  };
  for (const account of accounts) document = addAccount(document, account);
  return parseGenesis(genesisText(document));
}

export const genesisText = (document: GenesisDocument): string => `${JSON.stringify(genesisJson(document), null, 2)}\n`;

const metadata = (base: string, symbol: string, name: string, description: string) => ({
  description,
  denom_units: [
    { denom: base, exponent: 0, aliases: [] },
    { denom: base.slice(1), exponent: 6, aliases: [] },
  ],
  base,
  display: base.slice(1),
  name,
  symbol,
  uri: "",
  uri_hash: "",
});

/** So that wallets show WEIR and not millions of uweir. */
function withDenoms(appState: Record<string, unknown>): Record<string, unknown> {
  const bank = asObject(appState.bank, "app_state.bank");
  return {
    ...appState,
    bank: {
      ...bank,
      denom_metadata: [metadata(bondDenom, "WEIR", "Weir", "The token that secures and governs the chain.")],
    },
  };
}

/** ADDRESS=COINS as a flag takes it, or the two apart. */
export function readAccount(address: string, text: string): GenesisAccount {
  try {
    accountAddress.decode(address);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw new UsageError(`${address} is no address of this chain (${error.message}); expected weir1…`);
  }
  const coins = typedCoins(text, `the coins of ${address},`);
  if (coins.length === 0) throw new UsageError(`no coins for ${address}: expected for example 1000000${bondDenom}`);
  return { address, coins };
}

/** Adds a base account and its balance, and the coins to the supply. */
export function addAccount(document: GenesisDocument, { address, coins }: GenesisAccount): GenesisDocument {
  const appState = asObject(document.appState, "app_state");
  const auth = asObject(appState.auth, "app_state.auth");
  const bank = asObject(appState.bank, "app_state.bank");
  const accounts = asArray(auth.accounts ?? [], "app_state.auth.accounts");
  const balances = asArray(bank.balances ?? [], "app_state.bank.balances");
  const isTaken = [...accounts, ...balances].some((entry) => asObject(entry, "app_state").address === address);
  if (isTaken) throw new Error(`cannot add account at existing address ${address}`);
  const account = {
    "@type": "/cosmos.auth.v1beta1.BaseAccount",
    address,
    pub_key: null,
    account_number: String(accounts.length),
    sequence: "0",
  };
  const supply = addCoins(readCoins(bank.supply), coins);
  return {
    ...document,
    appState: {
      ...appState,
      auth: { ...auth, accounts: [...accounts, account] },
      bank: {
        ...bank,
        balances: [...balances, { address, coins: coinsToProto(coins) }],
        supply: coinsToProto(supply),
      },
    },
  };
}

function readCoins(value: unknown): Coins {
  return asArray(value ?? [], "app_state.bank.supply").map((item) => {
    const { denom, amount } = asObject(item, "app_state.bank.supply") as JsonObject & {
      denom: unknown;
      amount: unknown;
    };
    return { denom: String(denom), amount: BigInt(String(amount)) };
  });
}
