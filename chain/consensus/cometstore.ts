/**
 * What a stopped CometBFT has on disk: which blocks, which app hashes, its newest state. Reads only, and from a copy whose tables are
 * hard links: another program's LevelDB is not to be repaired or compacted by us. Owns CometBFT 0.38's keys; no record is written.
 */
import { copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Level } from "level";
import { State } from "../../proto/gen/tendermint/state/types.ts";
import { BlockStoreState } from "../../proto/gen/tendermint/store/types.ts";
import { BlockMeta } from "../../proto/gen/tendermint/types/types.ts";

export interface CometChain {
  /** The oldest block that is kept, and the newest. */
  readonly base: bigint;
  readonly height: bigint;
  /** As of the newest block that CometBFT has taken the results of. */
  readonly state: State | undefined;
  /** The app hash after a block, by the header above it or the newest state; undefined where neither is here. */
  appHashAfter(height: bigint): Promise<Uint8Array | undefined>;
}

const storeNames = { blocks: "blockstore.db", state: "state.db" } as const;

/** undefined where CometBFT has never run. */
export async function withCometChain<T>(data: string, use: (chain: CometChain | undefined) => Promise<T>): Promise<T> {
  if (!existsSync(join(data, storeNames.blocks)) || !existsSync(join(data, storeNames.state))) return use(undefined);
  const folder = mkdtempSync(join(data, ".reading-"));
  try {
    const blocks = await openCopy(join(data, storeNames.blocks), join(folder, "blocks"));
    try {
      const states = await openCopy(join(data, storeNames.state), join(folder, "state"));
      try {
        return await use(await readChain(blocks, states));
      } finally {
        await states.close();
      }
    } finally {
      await blocks.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Database = Level<string, Uint8Array>;

async function readChain(blocks: Database, states: Database): Promise<CometChain> {
  const kept = await blocks.get("blockStore");
  const { base, height } = kept === undefined ? { base: 0n, height: 0n } : BlockStoreState.decode(kept);
  const stored = await states.get("stateKey");
  const state = stored === undefined ? undefined : State.decode(stored);
  return {
    base,
    height,
    state,
    async appHashAfter(after) {
      if (state?.lastBlockHeight === after) return state.appHash;
      const meta = await blocks.get(`H:${after + 1n}`);
      return meta === undefined ? undefined : BlockMeta.decode(meta).header?.appHash;
    },
  };
}

async function openCopy(from: string, to: string): Promise<Database> {
  const level: Database = new Level(to, { keyEncoding: "utf8", valueEncoding: "view" });
  // LevelDB never changes a table once it is written; the rest it may, and is copied.
  copyInto(from, to);
  try {
    await level.open();
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new Error(
      `${from} cannot be read (${reason}): it is CometBFT's goleveldb, and another db_backend is not known here`,
    );
  }
  return level;
}

function copyInto(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { mode: 0o700 });
  for (const name of readdirSync(from)) {
    if (name === "LOCK" || name.startsWith("LOG")) continue;
    if (/\.(ldb|sst)$/.test(name)) linkSync(join(from, name), join(to, name));
    else copyFileSync(join(from, name), join(to, name));
  }
}
