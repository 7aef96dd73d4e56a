/** `weir snapshots`: whole copies of the state of a stopped node, as others get them by state sync. Owns what is said; the store owns them. */
import { existsSync, renameSync } from "node:fs";
import { hexUpper } from "../../chain/consensus/json.ts";
import { Checkpoints } from "../../chain/store/checkpoints.ts";
import { nodeFiles } from "../../chain/store/files.ts";
import { MultiStore } from "../../chain/store/multistore.ts";
import { checkpointDirectory } from "../../chain/store/replaying.ts";
import { listSnapshots, loadSnapshotChunk, type SnapshotInfo } from "../../chain/store/snapshot.ts";
import { UsageError } from "../arguments.ts";
import type { Command, Entries, Invocation } from "../command.ts";
import type { Home } from "../home.ts";
import { requireData, storeNames, withBlocks, withState } from "../stopped.ts";
import { columns, grouped } from "../table.ts";

const snapshotJson = ({ height, format, chunks, hash }: SnapshotInfo) => ({
  height: String(height),
  format,
  chunks,
  hash: hexUpper(hash),
});

function heightOf({ positionals: [text = ""] }: Invocation): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`${text} is no height; expected a whole number from 1`);
  return Number(text);
}

/** Without opening the state, which may be what has to be mended. */
function snapshotsOn(home: Home): Checkpoints {
  requireData(home);
  return new Checkpoints(nodeFiles, undefined, checkpointDirectory(home.applicationData));
}

const listCommand: Command = {
  name: "snapshots list",
  positionals: [],
  summary: "Lists the snapshots, newest first.",
  flags: [],
  examples: ["weir snapshots list"],
  async run({ home, say, answer }) {
    const found = listSnapshots(nodeFiles, snapshotsOn(home), (message) => say(`${message}\n`));
    const rows = found.map(({ height, chunks, hash }) => [grouped(String(height)), String(chunks), hexUpper(hash)]);
    const table = columns([["HEIGHT", "CHUNKS", "HASH"], ...rows], [true, true]);
    answer(found.length === 0 ? "none\n" : `${table.join("\n")}\n`, { snapshots: found.map(snapshotJson) });
    return 0;
  },
};

const createCommand: Command = {
  name: "snapshots create",
  positionals: [],
  summary: "Makes a snapshot of a stopped node's newest state.",
  description: "A running node makes them by itself: snapshot-interval in app.toml.",
  flags: [],
  examples: ["weir snapshots create"],
  async run({ home, say, answer }) {
    requireData(home);
    const made = await withState(home, say, (state) => state.createSnapshot());
    answer(`Made the snapshot of height ${grouped(String(made.height))}.\n`, snapshotJson(made));
    return 0;
  },
};

const deleteCommand: Command = {
  name: "snapshots delete",
  positionals: ["HEIGHT"],
  summary: "Deletes a snapshot.",
  flags: [],
  examples: ["weir snapshots delete 1000"],
  async run(invocation) {
    const { home, say, answer } = invocation;
    const height = heightOf(invocation);
    requireOffered(snapshotsOn(home), height);
    await withState(home, say, (state) => state.deleteSnapshot(height));
    answer(`Deleted the snapshot of height ${grouped(String(height))}.\n`, { height: String(height) });
    return 0;
  },
};

function requireOffered(checkpoints: Checkpoints, height: number): void {
  if (checkpoints.offered.includes(height)) return;
  const there = checkpoints.offered.join(", ");
  throw new UsageError(
    `there is no snapshot of height ${height}${there === "" ? ", nor of another" : `; there are ${there}`}`,
  );
}

const restoreCommand: Command = {
  name: "snapshots restore",
  positionals: ["HEIGHT"],
  summary: "Builds a stopped node's state anew from a snapshot.",
  description:
    "Every value is checked against the app hash that the block after it shows. The old state is kept beside it, as\n" +
    "data/application.replaced. The next start executes the blocks above again.",
  flags: [],
  examples: ["weir snapshots restore 1000"],
  async run(invocation) {
    const { home, say, answer } = invocation;
    const height = heightOf(invocation);
    const checkpoints = snapshotsOn(home);
    requireOffered(checkpoints, height);
    const replaced = `${home.applicationData}.replaced`;
    if (existsSync(replaced))
      throw new Error(`${replaced} is there from the last time: move it away or delete it first`);
    const appHash = await appHashAfter(home, BigInt(height));
    const log = (message: string) => say(`${message}\n`);
    const info = listSnapshots(nodeFiles, checkpoints, log).find((snapshot) => snapshot.height === height);
    if (info === undefined) throw new Error(`the snapshot of height ${height} is damaged: take another one`);
    const fresh = `${home.applicationData}.restoring`;
    if (existsSync(fresh)) throw new Error(`${fresh} is left from a restore that did not end: delete it and try again`);
    await restoreInto(fresh, checkpoints, info, appHash);
    renameSync(home.applicationData, replaced);
    renameSync(fresh, home.applicationData);
    answer(`The state is that of height ${grouped(String(height))}; the old one is in ${replaced}.\n`, {
      height: String(height),
      app_hash: hexUpper(appHash),
      replaced,
    });
    return 0;
  },
};

/** Of this node's own chain. */
function appHashAfter(home: Home, height: bigint): Promise<Uint8Array> {
  return withBlocks(home, async (blocks) => {
    const state = await blocks.state();
    if (state?.lastBlockHeight === height) return state.appHash;
    const header = (await blocks.meta(height + 1n))?.header;
    if (header === undefined)
      throw new Error(`block ${height + 1n}, which shows the app hash of ${height}, is not kept here`);
    return header.appHash;
  });
}

async function restoreInto(
  directory: string,
  checkpoints: Checkpoints,
  info: SnapshotInfo,
  appHash: Uint8Array,
): Promise<void> {
  const state = await MultiStore.open({ directory, storeNames });
  try {
    const restore = state.beginRestore(info, appHash);
    for (let index = 0; index < info.chunks; index++) {
      const chunk = loadSnapshotChunk(nodeFiles, checkpoints, { height: info.height, format: info.format, index });
      if (chunk === undefined || restore.add(index, chunk) !== "accepted") {
        throw new Error(`chunk ${index} of the snapshot of height ${info.height} is missing: take another snapshot`);
      }
    }
    await state.finishRestore(restore);
  } finally {
    await state.close();
  }
}

const entry = (summary: string, command: Command) => ({ summary, load: async () => ({ command }) });

export const snapshotEntries: Entries = {
  list: entry("which there are", listCommand),
  create: entry("make one", createCommand),
  restore: entry("build the state anew from one", restoreCommand),
  delete: entry("delete one", deleteCommand),
};
