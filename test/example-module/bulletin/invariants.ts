/** What is always true of the bulletin. */
import type { ReadContext } from "../../../chain/context.ts";
import type { Invariant } from "../../../chain/module.ts";
import { nextNoteId, notes, notesByAuthor } from "./state.ts";

function notesAreNumbered(ctx: ReadContext): string | undefined {
  const next = nextNoteId.peek(ctx);
  for (const id of notes.keys(ctx)) {
    if (id >= next) return `note ${id} is pinned, but the next number is ${next}`;
  }
  return undefined;
}

function authorsFindTheirNotes(ctx: ReadContext): string | undefined {
  let count = 0;
  for (const [id, { author }] of notes.iterate(ctx)) {
    if (!notesByAuthor.has(ctx, [author, id])) return `note ${id} of ${author} is not in the index of authors`;
    count++;
  }
  for (const _ of notesByAuthor.keys(ctx)) count--;
  return count === 0 ? undefined : `the index of authors holds ${-count} notes that are not pinned`;
}

export const invariants: Readonly<Record<string, Invariant>> = { notesAreNumbered, authorsFindTheirNotes };
