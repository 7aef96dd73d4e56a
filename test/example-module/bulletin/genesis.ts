/** The bulletin in genesis.json: notes and the next number. Nothing in it is believed before it is checked. */
import { accountAddress } from "../../../chain/address.ts";
import type { Context, ReadContext } from "../../../chain/context.ts";
import type { Genesis } from "../../../chain/module.ts";
import type { Note } from "../gen/weir/bulletin/v1/state.ts";
import { nextNoteId, notes } from "./state.ts";
import { requireText } from "./text.ts";

export interface BulletinGenesis {
  readonly nextId: bigint;
  readonly notes: readonly (readonly [id: bigint, note: Note])[];
}

function parse(json: unknown): BulletinGenesis {
  const { next_id, notes } = object(json, "app_state.bulletin", ["next_id", "notes"]);
  const nextId = uint64(next_id, "app_state.bulletin.next_id");
  if (!Array.isArray(notes)) throw new Error("app_state.bulletin.notes: expected a list");
  let idMin = 0n;
  const parsed = notes.map((item: unknown, i): readonly [bigint, Note] => {
    const path = `app_state.bulletin.notes[${i}]`;
    const { id, author, text } = object(item, path, ["id", "author", "text"]);
    const number = uint64(id, `${path}.id`);
    if (number < idMin || number >= nextId) {
      throw new Error(
        `${path}.id: ${number} is out of order or not below next_id; expected ${idMin} to ${nextId - 1n}`,
      );
    }
    idMin = number + 1n;
    if (typeof author !== "string" || typeof text !== "string")
      throw new Error(`${path}: author and text must be text`);
    accountAddress.decode(author);
    requireText(text);
    return [number, { author, text }];
  });
  return { nextId, notes: parsed };
}

function object(json: unknown, path: string, fields: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new Error(`${path}: expected an object`);
  for (const field of Object.keys(json)) {
    if (!fields.includes(field)) throw new Error(`${path}.${field}: unknown; expected ${fields.join(", ")}`);
  }
  return json as Readonly<Record<string, unknown>>;
}

function uint64(json: unknown, path: string): bigint {
  if (typeof json !== "string" || !/^(0|[1-9][0-9]{0,18})$/.test(json)) {
    throw new Error(`${path}: expected a whole number as text, found ${JSON.stringify(json)}`);
  }
  return BigInt(json);
}

export const genesis: Genesis<BulletinGenesis> = {
  default: () => ({ nextId: 0n, notes: [] }),
  parse,
  toJson: ({ nextId, notes }) => ({
    next_id: String(nextId),
    notes: notes.map(([id, { author, text }]) => ({ id: String(id), author, text })),
  }),
  init(ctx: Context, genesis) {
    nextNoteId.set(ctx, genesis.nextId);
    for (const [id, note] of genesis.notes) notes.set(ctx, id, note);
    return undefined;
  },
  export: (ctx: ReadContext) => ({ nextId: nextNoteId.peek(ctx), notes: [...notes.iterate(ctx)] }),
};
