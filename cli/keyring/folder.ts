/**
 * A keyring's folder: one file a key, that comes and goes whole. Owns file names, permissions and durability; does not own what a file
 * says (keyfile.ts).
 *
 * A new file is written beside and then linked to its name. The link fails when the name is taken, so of two processes one wins; a kill
 * leaves the name with all of its content or without any.
 */
import { randomBytes } from "node:crypto";
import { fstatSync, linkSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Files, makeDirectoryDurably, nodeFiles, readFully, writeFully } from "../../chain/store/files.ts";

export interface KeyFiles extends Files {
  /** Throws EEXIST when `to` is there. */
  link(from: string, to: string): void;
  /** Permission bits. */
  modeOf(path: string): number;
  modeOfOpen(file: number): number;
  modifiedMillis(path: string): number;
}

export const realKeyFiles: KeyFiles = {
  ...nodeFiles,
  link: (from, to) => linkSync(from, to),
  modeOf: (path) => statSync(path).mode & 0o777,
  modeOfOpen: (file) => fstatSync(file).mode & 0o777,
  modifiedMillis: (path) => statSync(path).mtimeMs,
};

/** In bytes of UTF-8; three characters of a file's name each, at worst. */
export const nameBytesMax = 64;
const fileBytesMax = 1 << 16;
export const keysMax = 10_000;
/** What a killed process left behind is removed by a later one when it is as old as this. */
const leftoverMillis = 3_600_000;

const suffix = ".key";
const temporarySuffix = ".tmp";

/** Throws unless the name can be a key's. */
export function requireName(name: string): void {
  const bytes = Buffer.byteLength(name);
  if (name.trim() === "" || name !== name.trim()) {
    throw new Error(`a key's name must not be empty, nor begin or end with a space: ${JSON.stringify(name)}`);
  }
  if (/\p{C}/u.test(name) || name !== name.normalize("NFC")) {
    throw new Error(
      `the name ${JSON.stringify(name)} has characters that cannot be seen; use letters, digits, - and _`,
    );
  }
  if (bytes > nameBytesMax) throw new Error(`a key's name has ${bytes} bytes; at most ${nameBytesMax} are allowed`);
}

/** Letters, digits, - and _ stand for themselves: names are readable, and none leads out of the folder. */
export const fileNameOf = (name: string): string =>
  `${Buffer.from(name)
    .toString("latin1")
    .replace(/[^A-Za-z0-9_-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`)}${suffix}`;

export class KeyExists extends Error {}

export interface KeyFolder {
  readonly path: string;
  /** Names of the files that hold keys, in order. */
  fileNames(): readonly string[];
  /** Undefined when there is none. Throws when others may read it. */
  read(fileName: string): string | undefined;
  /** Throws KeyExists when the name is taken. */
  create(fileName: string, text: string): void;
  remove(fileName: string): void;
}

export function keyFolder(path: string, files: KeyFiles = realKeyFiles): KeyFolder {
  const requirePrivate = () => {
    if (files.exists(path)) refuseReadable(path, files.modeOf(path), "700");
  };
  return {
    path,
    fileNames() {
      if (!files.exists(path)) return [];
      requirePrivate();
      const names = files.list(path).filter((name) => name.endsWith(suffix) && !name.startsWith("."));
      if (names.length > keysMax) throw new Error(`${path} holds ${names.length} keys; at most ${keysMax} are read`);
      return names.sort();
    },
    read(fileName) {
      const file = join(path, fileName);
      requirePrivate();
      return unlessGone(() => readPrivate(files, file));
    },
    create(fileName, text) {
      makeDirectoryDurably(files, path);
      requirePrivate();
      removeLeftovers(files, path);
      createWhole(files, path, fileName, text);
    },
    remove(fileName) {
      requirePrivate();
      files.unlink(join(path, fileName));
      files.syncDirectory(path);
    },
  };
}

function refuseReadable(path: string, mode: number, expected: string): void {
  if ((mode & 0o077) === 0) return;
  const found = mode.toString(8).padStart(4, "0");
  throw new Error(
    `WARNING: ${path} is open to other users of this machine (mode ${found}), so it is not used. If nobody else can have read it, ` +
      `run: chmod ${expected} ${JSON.stringify(path)}`,
  );
}

/** Another process may remove a file between our seeing it and our opening it: then there is none. */
function unlessGone<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function readPrivate(files: KeyFiles, path: string): string {
  const file = files.open(path, "r");
  try {
    refuseReadable(path, files.modeOfOpen(file), "600");
    const size = files.size(file);
    if (size > fileBytesMax) throw new Error(`${path} has ${size} bytes; a key has at most ${fileBytesMax}`);
    return Buffer.from(readFully(files, file, 0, size)).toString("utf8");
  } finally {
    files.close(file);
  }
}

function createWhole(files: KeyFiles, folder: string, fileName: string, text: string): void {
  const temporary = join(folder, `.${randomBytes(12).toString("hex")}${temporarySuffix}`);
  try {
    const file = files.open(temporary, "wx");
    try {
      writeFully(files, file, Buffer.from(text), 0);
      files.sync(file);
    } finally {
      files.close(file);
    }
    linkNew(files, temporary, join(folder, fileName));
  } finally {
    if (files.exists(temporary)) files.unlink(temporary);
  }
  files.syncDirectory(folder);
}

function linkNew(files: KeyFiles, from: string, to: string): void {
  try {
    files.link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw new KeyExists(`${to} exists already`);
    throw error;
  }
}

function removeLeftovers(files: KeyFiles, folder: string): void {
  const oldest = Date.now() - leftoverMillis;
  for (const name of files.list(folder)) {
    const path = join(folder, name);
    if (!name.endsWith(temporarySuffix) || !name.startsWith(".")) continue;
    unlessGone(() => {
      if (files.modifiedMillis(path) < oldest) files.unlink(path);
    });
  }
}
