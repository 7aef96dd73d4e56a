/** `weir snapshots restore`: a stopped node's state built anew from a snapshot. Owns whose word is taken for the app hash that it must have. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { fromHex, hexUpper } from "../../chain/consensus/json.ts";
import { MultiStore } from "../../chain/store/multistore.ts";
import { type FlagSpec, UsageError } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { readAppConfig } from "../config.ts";
import { cometData } from "../enginechoice.ts";
import type { Home } from "../home.ts";
import { makeFolders } from "../home.ts";
import { progressOf } from "../progress.ts";
import { type KeptSnapshot, loadArchive, snapshotAt, snapshotsOf } from "../snapshotplaces.ts";
import { requireStopped, stores, withStoredBlocks } from "../stopped.ts";
import { grouped } from "../table.ts";
import { trustFlags, trustOf } from "../trust.ts";

const hashFlag: FlagSpec = {
  name: "app-hash",
  value: "HEX",
  help: "the app hash of that height, which the header above it shows, where this node has no blocks to tell",
};

export const command: Command = {
  name: "snapshots restore",
  positionals: ["HEIGHT_OR_FILE", "[FORMAT]"],
  summary: "Builds a stopped node's state anew from a snapshot.",
  description:
    "FILE is what another node's `weir snapshots dump` wrote. Every value is checked against the app hash of that height: by this node's\n" +
    "own blocks; or by --app-hash; or by the headers of --node, from the block that --trust-height and --trust-hash name. The old state\n" +
    "is kept beside it, as data/application.replaced. The next start executes the blocks above again.",
  flags: [hashFlag, ...trustFlags.map((flag) => ({ ...flag, help: flag.help.replace("--prove: ", "") }))],
  examples: [
    "weir snapshots restore 1000",
    "weir snapshots restore 1000-1.tar.gz --app-hash 5F2E…",
    "weir snapshots restore 1000-1.tar.gz --node https://rpc.example.org --trust-height 1001 --trust-hash 0B77…",
  ],
  async run(invocation) {
    const { home, say, answer } = invocation;
    await requireStopped(home);
    const replaced = `${home.applicationData}.replaced`;
    if (existsSync(replaced)) {
      throw new Error(`${replaced} is there from the last time: move it away or delete it first`);
    }
    const snapshot = await chosen(invocation);
    const { height } = snapshot.info;
    await requireBlocksAround(home, BigInt(height));
    const appHash = await trustedAppHash(invocation, BigInt(height));
    const fresh = `${home.applicationData}.restoring`;
    rmSync(fresh, { recursive: true, force: true });
    await restoreInto(fresh, snapshot, appHash, say);
    const isReplaced = existsSync(home.applicationData);
    if (isReplaced) renameSync(home.applicationData, replaced);
    renameSync(fresh, home.applicationData);
    answer(
      `The state is that of height ${grouped(String(height))}${isReplaced ? `; the old one is in ${replaced}` : ""}.\n` +
        (existsSync(home.engineData) || cometData(home)
          ? ""
          : "The consensus engine has no blocks here: it needs those from there on.\n"),
      { height: String(height), app_hash: hexUpper(appHash), replaced: isReplaced ? replaced : "" },
    );
    return 0;
  },
};

async function chosen({ home, say, positionals: [text = ""] }: Invocation): Promise<KeptSnapshot> {
  if (/^\d+$/.test(text)) {
    if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`${text} is no height; expected a whole number from 1`);
    return snapshotAt(snapshotsOf(home, say), Number(text));
  }
  makeFolders(home);
  const { height } = await loadArchive(home, text, say);
  return snapshotAt(
    snapshotsOf(home, say).filter(({ isLoaded }) => isLoaded),
    height,
  );
}

async function trustedAppHash(invocation: Invocation, height: bigint): Promise<Uint8Array> {
  const { home } = invocation;
  const given = invocation.flag("app-hash");
  if (given !== undefined) {
    if (!/^[0-9a-fA-F]{64}$/.test(given)) throw new UsageError(`--app-hash ${given}: expected 64 hex digits`);
    return fromHex(given, "--app-hash");
  }
  // A block that client.toml names is for queries: what this node has seen itself goes before it.
  const own = invocation.isGiven("trust-hash") ? undefined : await ownAppHash(home, height);
  if (own !== undefined) return own;
  const trust = trustOf(invocation);
  if (trust !== undefined) {
    const [{ appHashAt, headersOf }, { NodeClient }] = await Promise.all([
      import("../../node/chain/lightclient.ts"),
      import("../../node/chain/nodeclient.ts"),
    ]);
    return appHashAt(headersOf(new NodeClient(invocation.flag("node") ?? ""), trust), height);
  }
  throw new UsageError(
    `nothing here tells the app hash of height ${height}: give --app-hash, which the header of height ${height + 1n} shows at a node ` +
      "that you trust, or --trust-height and --trust-hash with --node",
  );
}

const ownAppHash = (home: Home, height: bigint): Promise<Uint8Array | undefined> =>
  withStoredBlocks(home, async (blocks) => blocks?.appHashAfter(height));

/** The engine goes on from its own blocks: a state that they do not reach, or that they do not follow, it refuses. */
function requireBlocksAround(home: Home, height: bigint): Promise<void> {
  const isComet = readAppConfig(home).engine === "comet";
  const stateSync =
    "To begin at a snapshot without blocks, use state sync: `weir comet unsafe-reset-all`, then `weir start --state-sync-rpc URL,URL`";
  return withStoredBlocks(home, async (blocks) => {
    if (blocks === undefined) {
      if (!isComet) return;
      throw new Error(
        `CometBFT has no blocks here, so nothing could follow the state of height ${height}. ${stateSync}`,
      );
    }
    if (height > blocks.height) {
      throw new Error(`the engine's newest block is ${blocks.height}, below the snapshot's ${height}. ${stateSync}`);
    }
    if (height + 1n < blocks.base) {
      throw new Error(
        `the engine keeps blocks from ${blocks.base} on, and after the snapshot it needs block ${height + 1n}. ${stateSync}`,
      );
    }
  });
}

async function restoreInto(
  directory: string,
  { info, chunk }: KeptSnapshot,
  appHash: Uint8Array,
  say: (text: string) => void,
): Promise<void> {
  const progress = progressOf(say, "chunks restored", info.chunks);
  const state = await MultiStore.open({ directory, ...stores });
  try {
    const restore = state.beginRestore(info, appHash);
    for (let index = 0; index < info.chunks; index++) {
      if (restore.add(index, chunk(index)) !== "accepted") {
        throw new Error(`chunk ${index} of the snapshot of height ${info.height} is missing: take another snapshot`);
      }
      progress(index + 1);
    }
    await state.finishRestore(restore);
  } finally {
    await state.close();
  }
}
