/** `weir snapshots`: whole copies of the state of a stopped node, as others get them by state sync or in a file. Owns what is said of them. */
import { hexUpper } from "../../chain/consensus/json.ts";
import type { SnapshotInfo } from "../../chain/store/snapshot.ts";
import { UsageError } from "../arguments.ts";
import type { Command, Entries, Invocation } from "../command.ts";
import { progressOf } from "../progress.ts";
import { writeArchive } from "../snapshotarchive.ts";
import { deleteLoaded, loadArchive, snapshotAt, snapshotsOf } from "../snapshotplaces.ts";
import { requireData, withState } from "../stopped.ts";
import { columns, grouped, headed } from "../table.ts";

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

const listCommand: Command = {
  name: "snapshots list",
  positionals: [],
  summary: "Lists the snapshots, newest first.",
  flags: [],
  examples: ["weir snapshots list"],
  async run({ home, say, answer, look }) {
    const found = snapshotsOf(home, say);
    const rows = found.map(({ info, isLoaded }) => [
      look.number(String(info.height)),
      String(info.chunks),
      isLoaded ? "carried here" : "made here",
      hexUpper(info.hash),
    ]);
    const table = columns([["HEIGHT", "CHUNKS", "ORIGIN", "HASH"], ...rows], [true, true]);
    const snapshots = found.map(({ info, isLoaded }) => ({ ...snapshotJson(info), loaded: isLoaded }));
    answer(found.length === 0 ? "none\n" : `${headed(table, look).join("\n")}\n`, { snapshots });
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
  positionals: ["HEIGHT", "[FORMAT]"],
  summary: "Deletes a snapshot.",
  flags: [],
  examples: ["weir snapshots delete 1000"],
  async run(invocation) {
    const { home, say, answer } = invocation;
    const { info, isLoaded } = snapshotAt(snapshotsOf(home, say), heightOf(invocation));
    const { height } = info;
    if (isLoaded) deleteLoaded(home, height);
    else await withState(home, say, (state) => state.deleteSnapshot(height));
    answer(`Deleted the snapshot of height ${grouped(String(height))}.\n`, { height: String(height) });
    return 0;
  },
};

const dumpCommand: Command = {
  name: "snapshots dump",
  positionals: ["HEIGHT", "[FORMAT]"],
  summary: "Writes a snapshot into one file, to be carried to another node.",
  flags: [{ name: "output-document", value: "FILE", help: "the file (default HEIGHT-FORMAT.tar.gz)" }],
  examples: ["weir snapshots dump 1000", "weir snapshots dump 1000 --output-document /mnt/weir-1000.tar.gz"],
  async run(invocation) {
    const { home, say, answer } = invocation;
    const { info, chunk } = snapshotAt(snapshotsOf(home, say), heightOf(invocation));
    const path = invocation.flag("output-document") ?? `${info.height}-${info.format}.tar.gz`;
    const progress = progressOf(say, "chunks written", info.chunks);
    await writeArchive(path, info, (index) => {
      progress(index);
      return chunk(index);
    });
    answer(`Wrote ${path}: the state of height ${grouped(String(info.height))}.\n`, {
      output_document: path,
      ...snapshotJson(info),
    });
    return 0;
  },
};

const loadCommand: Command = {
  name: "snapshots load",
  positionals: ["FILE"],
  summary: "Takes in a snapshot that another node's `weir snapshots dump` wrote.",
  description: "Every chunk's hash is checked. The state stays as it is until `weir snapshots restore`.",
  flags: [],
  examples: ["weir snapshots load 1000-1.tar.gz"],
  async run({ home, say, answer, positionals: [path = ""] }) {
    const info = await loadArchive(home, path, say);
    answer(
      `Took in the snapshot of height ${grouped(String(info.height))}: weir snapshots restore ${info.height}\n`,
      snapshotJson(info),
    );
    return 0;
  },
};

const entry = (summary: string, command: Command) => ({ summary, load: async () => ({ command }) });

export const snapshotEntries: Entries = {
  list: entry("which there are", listCommand),
  create: { ...entry("make one", createCommand), aliases: ["export"] },
  restore: { summary: "build the state anew from one", load: () => import("./snapshots-restore.ts") },
  dump: entry("write one into a file", dumpCommand),
  load: entry("take one in from a file", loadCommand),
  delete: entry("delete one", deleteCommand),
};
