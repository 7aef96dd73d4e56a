import { beforeEach, describe, expect, it } from "vitest";
import { accountAddress } from "../../../chain/address.ts";
import { makeRegistry } from "../../../chain/definition.ts";
import { ChainError, QueryError } from "../../../chain/errors.ts";
import { type ExecutionContext, executionContext } from "../../../chain/execution.ts";
import { unlimitedGasMeter } from "../../../chain/gas.ts";
import { memoryJournal } from "../../../chain/store/memory.ts";
import { noDelivery } from "../../helpers/testchain.ts";
import { bulletin } from "./index.ts";
import { notes } from "./state.ts";
import { textBytesMax } from "./text.ts";

const alice = accountAddress.encode(new Uint8Array(20).fill(1));
const bob = accountAddress.encode(new Uint8Array(20).fill(2));
const block = {
  chainId: "weir-test",
  height: 1n,
  time: { seconds: 0n, nanos: 0 },
  proposerAddress: new Uint8Array(20),
};

let ctx: ExecutionContext;
beforeEach(() => {
  ctx = executionContext(memoryJournal(), block, "finalize", unlimitedGasMeter());
  bulletin.genesis.init(ctx, bulletin.genesis.default(), noDelivery);
});

/** As a transaction does: found by type URL, validated, executed. */
function send<R>(typeUrl: string, value: object): R {
  const handler = makeRegistry([bulletin]).handler(typeUrl)!;
  handler.validate(value);
  const response: R = handler.execute(ctx, value);
  for (const check of Object.values(bulletin.invariants)) expect(check(ctx)).toBeUndefined();
  return response;
}
const pin = (author: string, text: string) => send<{ id: bigint }>("/weir.bulletin.v1.MsgPin", { author, text }).id;
const unpin = (author: string, id: bigint) => send("/weir.bulletin.v1.MsgUnpin", { author, id });
const ask = (method: string, query: object) => bulletin.queries[`/weir.bulletin.v1.Query/${method}`]!.run(ctx, query);

describe("the bulletin", () => {
  it("numbers notes and finds them by number and by author", () => {
    expect([pin(alice, "one"), pin(bob, "two"), pin(alice, "three")]).toEqual([0n, 1n, 2n]);
    expect(ask("Note", { id: 1n })).toEqual({ note: { author: bob, text: "two" } });
    expect(ask("NotesBy", { author: alice })).toMatchObject({ ids: [0n, 2n], pagination: { total: 2n } });
    expect(ctx.events.map(({ type }) => type)).toEqual(["pin", "pin", "pin"]);
  });

  it("lets only the author unpin, once, and never gives a number twice", () => {
    const id = pin(alice, "mine");
    expect(() => unpin(bob, id)).toThrow(expect.objectContaining({ codespace: "bulletin", code: 4 }));
    unpin(alice, id);
    expect(() => unpin(alice, id)).toThrow(expect.objectContaining({ codespace: "bulletin", code: 3 }));
    expect(() => ask("Note", { id })).toThrow(QueryError);
    expect(pin(alice, "again")).toBe(id + 1n);
  });

  it("refuses a text that is empty or too long, counted in bytes, and an address that is none", () => {
    pin(alice, "é".repeat(textBytesMax / 2));
    for (const text of ["", "é".repeat(textBytesMax / 2 + 1)]) expect(() => pin(alice, text)).toThrow(ChainError);
    expect(() => pin("alice", "text")).toThrow(ChainError);
  });

  it("comes back from its own genesis and refuses one that does not add up", () => {
    pin(alice, "one");
    pin(bob, "two");
    const json = bulletin.genesis.toJson(bulletin.genesis.export(ctx));
    const other = executionContext(memoryJournal(), block, "genesis", unlimitedGasMeter());
    bulletin.genesis.init(other, bulletin.genesis.parse(JSON.parse(JSON.stringify(json))), noDelivery);
    expect(bulletin.genesis.export(other)).toEqual(bulletin.genesis.export(ctx));

    const note = { id: "7", author: alice, text: "x" };
    expect(() => bulletin.genesis.parse({ next_id: "7", notes: [note] })).toThrow("app_state.bulletin.notes[0].id: 7");
    expect(() => bulletin.genesis.parse({ next_id: 7, notes: [] })).toThrow("app_state.bulletin.next_id: expected");
    expect(() => bulletin.genesis.parse({ next_id: "0", notes: [], colour: "red" })).toThrow("colour: unknown");
  });

  it("has invariants that see a note beyond the next number", () => {
    notes.set(ctx, 5n, { author: alice, text: "forged" });
    expect(bulletin.invariants.notesAreNumbered!(ctx)).toContain("note 5 is pinned");
    expect(bulletin.invariants.authorsFindTheirNotes!(ctx)).toBeUndefined();
  });
});
