/** Folders for tests of the disk, in memory where the system offers that: hundreds of syncs then cost nothing. */
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const inMemory = "/dev/shm";

/** A new folder; the caller removes it. */
export const scratchFolder = (name: string): string =>
  mkdtempSync(join(existsSync(inMemory) ? inMemory : tmpdir(), `weir-${name}-`));
