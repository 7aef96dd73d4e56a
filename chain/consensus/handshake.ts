/**
 * Start: brings block store, engine state and application to the same height, as CometBFT's handshake does. Owns InitChain and the
 * replay of stored blocks; refuses, in words, what it cannot mend.
 */
import type { Application } from "../abci/application.ts";
import { compareBytes } from "../store/types.ts";
import { blockProtocol, p2pProtocol } from "./block.ts";
import { applyBlock, type DecidedBlock, finalize, type Stores, saveApplied } from "./executor.ts";
import { type GenesisDocument, genesisUpdates } from "./genesis.ts";
import { resultsHash } from "./hashes.ts";
import { hexUpper } from "./json.ts";
import { afterBlock, afterInitChain, cometVersion, type EngineState, genesisState } from "./state.ts";
import { emptyValidatorSet, newValidatorSet } from "./validators.ts";

export const requestInfo = {
  version: cometVersion,
  blockVersion: blockProtocol,
  p2pVersion: p2pProtocol,
  abciVersion: "2.0.0",
};

export interface Handshake {
  readonly state: EngineState;
  readonly replayedBlocks: number;
}

export async function handshake(app: Application, stores: Stores, genesis: GenesisDocument): Promise<Handshake> {
  const info = await app.info(requestInfo);
  const stored = await stores.blocks.state();
  let state = stored ?? genesisState(genesis, info.appVersion);
  if (state.chainId !== genesis.chainId || state.initialHeight !== genesis.initialHeight) {
    throw new Error(
      `data/ holds chain ${state.chainId} from height ${state.initialHeight}, and genesis.json says ${genesis.chainId} ` +
        `from height ${genesis.initialHeight}; use another --home, or put the right genesis.json back`,
    );
  }
  const storeHeight = stores.blocks.height;
  refuseGaps(info.lastBlockHeight, storeHeight, state.lastBlockHeight, stores.blocks.base, genesis.initialHeight);
  if (info.lastBlockHeight === 0n) state = await initChain(app, stores, genesis, state);
  const before = stores.blocks.height === 0n ? state : await replay(app, stores, state, info.lastBlockHeight);
  await checkAppHash(app, before);
  return { state: before, replayedBlocks: Number(storeHeight - info.lastBlockHeight) };
}

function refuseGaps(app: bigint, store: bigint, state: bigint, base: bigint, initial: bigint): void {
  if (app > store) {
    throw new Error(
      `the application is at height ${app}, ahead of the newest stored block, ${store}: its data and the engine's are not of ` +
        "one copy. Restore the whole data/ folder from one backup",
    );
  }
  const firstNeeded = app === 0n ? initial : app + 1n;
  if (store > 0n && app < store && firstNeeded < base) {
    throw new Error(
      `the application is at height ${app} and needs block ${firstNeeded}; the oldest stored block is ${base}. ` +
        "Restore the whole data/ folder from one backup, or a snapshot",
    );
  }
  if (store !== state && store !== state + 1n && !(state === 0n && store === initial)) {
    throw new Error(
      `the engine's state is at height ${state} and its newest block at ${store}: the disk or a program damaged ` +
        "data/engine.db; restore data/ from a backup",
    );
  }
}

async function initChain(
  app: Application,
  stores: Stores,
  genesis: GenesisDocument,
  state: EngineState,
): Promise<EngineState> {
  const validators = newValidatorSet(genesisUpdates(genesis)).validators.map(({ pubKey, votingPower }) => ({
    pubKey,
    power: votingPower,
  }));
  const answer = await app.initChain({
    time: genesis.genesisTime,
    chainId: genesis.chainId,
    consensusParams: genesis.consensusParams,
    validators,
    appStateBytes: Buffer.from(genesis.appState === undefined ? "" : JSON.stringify(genesis.appState)),
    initialHeight: genesis.initialHeight,
  });
  if (state.lastBlockHeight > 0n) return state;
  const next = afterInitChain(state, answer);
  await stores.blocks.saveState(next, []);
  return next;
}

/** Blocks that the state already counts are only executed; the newest, when the state lacks it, is applied in full. */
async function replay(app: Application, stores: Stores, state: EngineState, appHeight: bigint): Promise<EngineState> {
  const { blocks } = stores;
  const first = appHeight === 0n ? state.initialHeight : appHeight + 1n;
  for (let height = first; height <= state.lastBlockHeight; height++) {
    const decided = await load(stores, height);
    const results = await finalize(app, decided, await validatorsBefore(stores, state, height));
    await checkReplay(stores, state, height, results.appHash, resultsHash(results.txResults));
    await app.commit();
  }
  if (blocks.height === state.lastBlockHeight) return state;
  const decided = await load(stores, blocks.height);
  if (appHeight < blocks.height) return (await applyBlock(app, stores, state, decided)).state;
  // The application has committed this block already; its answers were stored before.
  const results = await blocks.results(blocks.height);
  if (results === undefined) {
    throw new Error(
      `the application has executed block ${blocks.height}, and its results are not in data/engine.db: the folder is not of ` +
        "one copy. Restore the whole data/ folder from one backup",
    );
  }
  const next = afterBlock(state, decided.block.header, decided.id, results);
  await saveApplied(stores, decided, results, next);
  return next;
}

async function load({ blocks }: Stores, height: bigint): Promise<DecidedBlock> {
  const block = await blocks.block(height);
  const meta = await blocks.meta(height);
  if (block === undefined || meta === undefined) {
    throw new Error(`block ${height} is missing from data/engine.db; restore data/ from a backup`);
  }
  return { block, id: meta.blockId };
}

async function validatorsBefore({ blocks }: Stores, state: EngineState, height: bigint) {
  if (height === state.initialHeight) return emptyValidatorSet;
  const set = await blocks.validators(height - 1n);
  if (set === undefined)
    throw new Error(`the validators of height ${height - 1n} are missing; restore data/ from a backup`);
  return set;
}

/** The header after a block holds what its execution gave: a replay that gives something else is another program or a broken disk. */
async function checkReplay(
  { blocks }: Stores,
  state: EngineState,
  height: bigint,
  appHash: Uint8Array,
  results: Uint8Array,
): Promise<void> {
  const isLast = height === state.lastBlockHeight;
  const header = isLast ? state : (await blocks.meta(height + 1n))?.header;
  if (header === undefined) throw new Error(`block ${height + 1n} is missing; restore data/ from a backup`);
  if (compareBytes(header.appHash, appHash) === 0 && compareBytes(header.lastResultsHash, results) === 0) return;
  throw new Error(
    `replaying block ${height} gave app hash ${hexUpper(appHash)} and results ${hexUpper(results)}; the chain has ` +
      `${hexUpper(header.appHash)} and ${hexUpper(header.lastResultsHash)}. Run the version that made this chain, or restore ` +
      "data/ from a backup",
  );
}

async function checkAppHash(app: Application, state: EngineState): Promise<void> {
  if (state.lastBlockHeight === 0n) return;
  const { lastBlockHeight, lastBlockAppHash } = await app.info(requestInfo);
  if (lastBlockHeight === state.lastBlockHeight && compareBytes(lastBlockAppHash, state.appHash) === 0) return;
  throw new Error(
    `the application says height ${lastBlockHeight}, app hash ${hexUpper(lastBlockAppHash)}; the engine has height ` +
      `${state.lastBlockHeight}, app hash ${hexUpper(state.appHash)}. Restore the whole data/ folder from one backup`,
  );
}
