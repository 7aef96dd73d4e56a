/** The table of cells, coarse regions, with the least RTT that light allows between each two of them. Governance owns it. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { utf8Length } from "../../chain/utf8.ts";
import type { Cell, CellRtt } from "../../proto/gen/weir/attestation/v1/state.ts";
import type { MsgUpdateCells } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { cellInUse, invalidField, noSuchCell, tooMany } from "./errors.ts";
import * as state from "./state.ts";

export const cellsMax = 256;
export const cellRttsMax = 512;
const descriptionBytesMax = 128;
const rttMicrosMax = 1_000_000n;

export const isCellName = (name: string): boolean => /^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/.test(name);

export function requireCell(ctx: ReadContext, name: string): void {
  if (!isCellName(name) || !state.cells.has(ctx, name)) throw noSuchCell(name.slice(0, 24));
}

const ordered = (first: string, second: string): readonly [string, string] =>
  first <= second ? [first, second] : [second, first];

/** Undefined where the table says nothing: then no reading refutes a cell. */
export const leastRttMicros = (ctx: ReadContext, first: string, second: string): bigint | undefined =>
  state.cellRtts.get(ctx, ordered(first, second));

/** What is wrong with the table's parts, seen alone. */
export function cellsProblem(cells: readonly Cell[], rtts: readonly CellRtt[]): string | undefined {
  if (cells.length > cellsMax) return `${cells.length} cells; expected ${cellsMax} at most`;
  if (rtts.length > cellsMax * cellsMax) return `${rtts.length} RTTs; expected ${cellsMax * cellsMax} at most`;
  for (const { name, description } of cells) {
    if (!isCellName(name)) return `cell "${name.slice(0, 24)}": expected 1 to 24 of a-z, 0-9 and inner hyphens`;
    if (utf8Length(description) > descriptionBytesMax) return `cell ${name} is described in more than 128 bytes`;
  }
  for (const { first, second, rttMicros } of rtts) {
    if (!isCellName(first) || !isCellName(second)) return "an RTT is between cells that have no name";
    if (rttMicros > rttMicrosMax) return `${first} to ${second} is ${rttMicros} µs; expected ${rttMicrosMax} at most`;
  }
  return undefined;
}

export function requireCellChange({ cells, rtts, removed }: MsgUpdateCells): void {
  const count = cells.length + rtts.length + removed.length;
  if (count === 0 || count > cellRttsMax) {
    throw invalidField(`${count} changes of the table of cells; expected 1 to ${cellRttsMax} a message`);
  }
  const problem = cellsProblem(cells, rtts);
  if (problem !== undefined) throw invalidField(problem);
}

export function setRtt(ctx: Context, { first, second, rttMicros }: CellRtt): void {
  requireCell(ctx, first);
  requireCell(ctx, second);
  state.cellRtts.set(ctx, ordered(first, second), rttMicros);
}

const isInUse = (ctx: ReadContext, name: string): boolean => {
  const { done } = state.cellMembers.keys(ctx, { leading: [name] }).next();
  return done !== true;
};

/** Its RTTs go with it: at most one with each cell. */
function removeCell(ctx: Context, name: string): void {
  requireCell(ctx, name);
  if (isInUse(ctx, name)) throw cellInUse(name);
  state.cells.delete(ctx, name);
  for (const other of [name, ...state.cells.keys(ctx)]) state.cellRtts.delete(ctx, ordered(name, other));
}

export function updateCells(ctx: Context, { cells, rtts, removed }: MsgUpdateCells): void {
  for (const name of removed) removeCell(ctx, name);
  for (const cell of cells) state.cells.set(ctx, cell.name, cell);
  const count = [...state.cells.keys(ctx)].length;
  if (count > cellsMax) throw tooMany("cells", cellsMax);
  for (const rtt of rtts) setRtt(ctx, rtt);
}
