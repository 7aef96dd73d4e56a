/** genesis.json of a new chain: the modules' defaults, this node's validator, accounts with coins. Owns the document, not what it means. */
import { existsSync } from "node:fs";
import { accountAddress } from "../chain/address.ts";
import { type GenesisDocument, genesisJson, parseGenesis } from "../chain/consensus/genesis.ts";
import { asObject } from "../chain/consensus/json.ts";
import { type CompleteParams, defaultConsensusParams } from "../chain/consensus/params.ts";
import { now } from "../chain/consensus/time.ts";
import { consensusAddress } from "../chain/consensus/validators.ts";
import { weir } from "../modules/index.ts";
import { inflationGenesis, mint } from "../modules/mint/index.ts";
import { withBeaconKeys } from "./beaconkeys.ts";
import { withDevnetRules } from "./devnetgenesis.ts";
import { withShortVotes } from "./devnetgovernance.ts";
import { addAccount, type GenesisAccount } from "./genesisaccounts.ts";
import { withOwnValidator } from "./genesisvalidator.ts";
import { type Home, readText } from "./home.ts";

export { addAccount, type GenesisAccount, readAccount } from "./genesisaccounts.ts";

export const bondDenom = "uweir";

/** A block ends somewhere: 4 MB, and the gas of about six thousand transfers. */
const blockLimits = { maxBytes: 4_194_304n, maxGas: 500_000_000n };

export interface NewGenesis {
  readonly chainId: string;
  readonly moniker: string;
  readonly validatorKey: Uint8Array;
  /** What it proves its blocks by. */
  readonly beaconKey?: Uint8Array;
  readonly accounts: readonly GenesisAccount[];
  readonly supply?: SupplySchedule;
  /** Short epochs and small figures, for a network on one machine. */
  readonly isDevnet?: boolean;
}

/** How coins come to be: by Weir's emission schedule under a cap, or by the SDK's inflation curve. */
export const supplySchedules = ["emission", "inflation"] as const;
export type SupplySchedule = (typeof supplySchedules)[number];

export function newGenesis({
  chainId,
  moniker,
  validatorKey,
  beaconKey,
  accounts,
  supply = "emission",
  isDevnet = false,
}: NewGenesis): GenesisDocument {
  const appState: Record<string, unknown> = {};
  for (const module of weir.modules) appState[module.name] = module.genesis.toJson(module.genesis.default());
  if (supply === "inflation") appState.mint = mint.genesis.toJson(inflationGenesis(bondDenom));
  const params: CompleteParams = { ...defaultConsensusParams(), block: blockLimits };
  let document: GenesisDocument = {
    genesisTime: now(),
    chainId,
    initialHeight: 1n,
    consensusParams: params,
    validators: [],
    appHash: new Uint8Array(),
    appState: withPatience(withDenoms(isDevnet ? withShortVotes(withDevnetRules(appState)) : appState)),
  };
  for (const account of accounts) document = addAccount(document, account);
  document = withOwnValidator(document, validatorKey, moniker);
  if (beaconKey !== undefined) {
    const operator = accountAddress.encode(consensusAddress({ ed25519: validatorKey }));
    document = withBeaconKeys(document, [{ operator, publicKey: beaconKey }]);
  }
  return parseGenesis(genesisText(document));
}

export const genesisText = (document: GenesisDocument): string => `${JSON.stringify(genesisJson(document), null, 2)}\n`;

/** To be changed: the chain must not have begun. */
export function readFreshGenesis(home: Home): GenesisDocument {
  const document = parseGenesis(readText(home.genesis, "run `weir init MONIKER` first"), home.genesis);
  if (!existsSync(home.engineData)) return document;
  throw new Error(`the chain in ${home.folder} has begun: its genesis cannot change any more. Use another --home`);
}

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

/**
 * A validator is punished for downtime when it missed 95 of 100 blocks of the last 10,000, hours at a block a second. The SDK's own default, half
 * of 100 blocks, is under a minute: less than a restart takes.
 */
const downtime = { signed_blocks_window: "10000", min_signed_per_window: "0.050000000000000000" };

function withPatience(appState: Record<string, unknown>): Record<string, unknown> {
  const slashing = asObject(appState.slashing, "app_state.slashing");
  const params = asObject(slashing.params, "app_state.slashing.params");
  return { ...appState, slashing: { ...slashing, params: { ...params, ...downtime } } };
}

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
