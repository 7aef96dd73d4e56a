/** What the bulletin stores. A prefix is for ever: what stands under it stays there. */
import { messageCodec } from "../../../chain/codec.ts";
import { collections } from "../../../chain/collections.ts";
import { stringKey, uint64Key } from "../../../chain/keycodec.ts";
import { Note } from "../gen/weir/bulletin/v1/state.ts";

export const storeName = "bulletin";

const store = collections(storeName);

export const nextNoteId = store.sequence(1, "next_note_id");

export const notesByAuthor = store.multiIndex<string, bigint, Note>(
  3,
  "notes_by_author",
  stringKey,
  uint64Key,
  (_id, note) => note.author,
);

export const notes = store.indexedMap(2, "notes", uint64Key, messageCodec(Note), [notesByAuthor]);

export const state = { nextNoteId, notes, notesByAuthor };
