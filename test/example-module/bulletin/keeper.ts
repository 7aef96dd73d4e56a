/** The rules of the bulletin: who may pin and unpin. Owns no encoding; what a message looks like is messages.ts. */
import type { Context } from "../../../chain/context.ts";
import { event } from "../../../chain/events.ts";
import type { Note } from "../gen/weir/bulletin/v1/state.ts";
import { noSuchNote, notTheAuthor } from "./errors.ts";
import { nextNoteId, notes } from "./state.ts";

export function pin(ctx: Context, note: Note): bigint {
  const id = nextNoteId.next(ctx);
  notes.set(ctx, id, note);
  ctx.emit(event("pin", { id: String(id), author: note.author }));
  return id;
}

export function unpin(ctx: Context, id: bigint, author: string): void {
  const note = notes.get(ctx, id);
  if (note === undefined) throw noSuchNote(id);
  if (note.author !== author) throw notTheAuthor(id, note.author);
  notes.replace(ctx, id, note, undefined);
  ctx.emit(event("unpin", { id: String(id), author }));
}
