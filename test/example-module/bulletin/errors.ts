/** The bulletin's errors: a number is for ever, a message says what was wrong, what was expected and what to do. */
import { ChainError } from "../../../chain/errors.ts";

export const badText = (bytes: number, bytesMax: number) =>
  new ChainError("bulletin", 2, `a note of ${bytes} bytes; write 1 to ${bytesMax} bytes of UTF-8`);

export const noSuchNote = (id: bigint) =>
  new ChainError("bulletin", 3, `note ${id} is not pinned; ask Query/NotesBy for an author's notes`);

export const notTheAuthor = (id: bigint, author: string) =>
  new ChainError("bulletin", 4, `note ${id} is ${author}'s; only its author unpins it`);
