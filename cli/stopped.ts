/** The data of a node that is not running: opened, read, closed. Owns which part is opened with what; each part guards itself by its lock. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BlockStore } from "../chain/consensus/block-store.ts";
import { withCometChain } from "../chain/consensus/cometstore.ts";
import { isInUse, openDatabase } from "../chain/consensus/database.ts";
import { type GenesisDocument, parseGenesis } from "../chain/consensus/genesis.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { storesOf } from "../chain/upgrades.ts";
import { weir } from "../modules/index.ts";
import { readAppConfig } from "./config.ts";
import { type Home, readText } from "./home.ts";

type Say = (text: string) => void;

export const stores = storesOf(weir);

export const readGenesis = (home: Home): GenesisDocument =>
  parseGenesis(readText(home.genesis, "run `weir init MONIKER` first"), home.genesis);

export function requireData(home: Home): void {
  if (existsSync(home.applicationData) && (existsSync(home.engineData) || readAppConfig(home).engine !== "local"))
    return;
  throw new Error(`${home.data} has no chain yet: \`weir start\` begins one, or pass the --home that has it`);
}

/** Also where the data is damaged and cannot be opened. */
export async function requireStopped({ applicationData, engineData }: Home): Promise<void> {
  const states = [applicationData, `${applicationData}.restoring`].map((folder) => join(folder, "history"));
  for (const path of [...states, engineData].filter((path) => existsSync(path))) {
    if (await isInUse(path)) throw new Error(`${path} is in use by a running node: stop it first`);
  }
}

export async function withState<T>(home: Home, say: Say, use: (state: MultiStore) => Promise<T>): Promise<T> {
  const { pruning, snapshot } = readAppConfig(home);
  const log = (message: string) => say(`${message}\n`);
  const state = await MultiStore.open({ directory: home.applicationData, ...stores, pruning, snapshot, log });
  try {
    return await use(state);
  } finally {
    await state.close();
  }
}

export async function withBlocks<T>(home: Home, use: (blocks: BlockStore) => Promise<T>): Promise<T> {
  const database = await openDatabase(home.engineData);
  try {
    return await use(await BlockStore.load(database));
  } finally {
    await database.close();
  }
}

/** The blocks of whichever engine the home has. */
export interface StoredBlocks {
  readonly base: bigint;
  readonly height: bigint;
  /** By the header above, or the engine's own state; undefined where neither is here. */
  appHashAfter(height: bigint): Promise<Uint8Array | undefined>;
}

/** undefined where no engine has decided a block here. */
export function withStoredBlocks<T>(home: Home, use: (blocks: StoredBlocks | undefined) => Promise<T>): Promise<T> {
  if (!existsSync(home.engineData)) return withCometChain(home.data, use);
  return withBlocks(home, async (blocks) => {
    const appHashAfter = async (height: bigint) => {
      const state = await blocks.state();
      if (state?.lastBlockHeight === height) return state.appHash;
      return (await blocks.meta(height + 1n))?.header.appHash;
    };
    return use({ base: blocks.base, height: blocks.height, appHashAfter });
  });
}
