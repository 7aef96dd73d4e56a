/** Names the file operations of a store in a way that its worker threads can follow: a module, since functions do not cross threads. */
import { type Files, nodeFiles } from "./files.ts";

/** A module that exports `createFiles(argument)`. */
export interface FilesSource {
  readonly module: string;
  readonly argument: unknown;
}

/** The system's own files when there is no source. */
export async function openFiles(source: FilesSource | undefined): Promise<Files> {
  if (source === undefined) return nodeFiles;
  const loaded: { createFiles(argument: unknown): Files } = await import(source.module);
  return loaded.createFiles(source.argument);
}
