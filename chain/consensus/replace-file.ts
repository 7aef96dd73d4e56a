/** Replacing a small file whole, for keys, sign states and configuration. Owns no content. */
import { dirname, join } from "node:path";
import { type Files, writeDurably } from "../store/files.ts";

/** The old file or the new one, whatever happens in between. */
export function replaceDurably(files: Files, path: string, text: string): void {
  const temporary = join(dirname(path), `.${Date.now()}-${process.pid}.tmp`);
  writeDurably(files, temporary, Buffer.from(text));
  files.rename(temporary, path);
  files.syncDirectory(dirname(path));
}
