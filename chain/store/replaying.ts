/** Moving a forest on by what the log recorded. Owns the comparison of roots, and where log and checkpoints stand in the state's folder. */
import { join } from "node:path";
import type { Forest } from "./forest.ts";
import type { LogRecord } from "./record.ts";
import { reasonOf, StoreCorrupt } from "./storeerrors.ts";

export const logDirectory = (directory: string): string => join(directory, "log");
export const checkpointDirectory = (directory: string): string => join(directory, "checkpoints");

/** Applies one recorded height; the root must come out as recorded. */
export function replayRecord(forest: Forest, record: LogRecord): void {
  const found = applyRecord(forest, record);
  if (Buffer.compare(found, record.appHash) !== 0) {
    throw new StoreCorrupt(
      `replaying height ${record.height} gives the app hash ${hex(found)}, and the log says ${hex(record.appHash)}`,
    );
  }
}

function applyRecord(forest: Forest, record: LogRecord): Uint8Array {
  try {
    return forest.apply(record.height, record.changes, record.upgrades);
  } catch (error) {
    throw new StoreCorrupt(`height ${record.height} of the log cannot be applied (${reasonOf(error)})`);
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
