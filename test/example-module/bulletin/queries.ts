/** The bulletin's queries. */
import { QueryError } from "../../../chain/errors.ts";
import { query } from "../../../chain/handlers.ts";
import { PageError, paginate } from "../../../chain/pagination.ts";
import {
  QueryNoteRequest,
  QueryNoteResponse,
  QueryNotesByRequest,
  QueryNotesByResponse,
} from "../gen/weir/bulletin/v1/query.ts";
import { notes, notesByAuthor } from "./state.ts";

export const queries = {
  "/weir.bulletin.v1.Query/Note": query(QueryNoteRequest, QueryNoteResponse, (ctx, { id }) => {
    const note = notes.get(ctx, id);
    if (note === undefined) throw new QueryError("NotFound", `note ${id} is not pinned`);
    return { note };
  }),

  "/weir.bulletin.v1.Query/NotesBy": query(
    QueryNotesByRequest,
    QueryNotesByResponse,
    (ctx, { author, pagination: request }) => {
      try {
        const { items, pagination } = paginate(ctx, notesByAuthor, request, ([, id]) => id, [author]);
        return { ids: items, pagination };
      } catch (error) {
        throw error instanceof PageError ? new QueryError("InvalidArgument", error.message) : error;
      }
    },
  ),
};
