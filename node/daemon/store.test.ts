import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { scratchFolder } from "../../test/helpers/scratch.ts";
import { type DaemonStore, jsonCodec, memoryStore, numberKeyText, openStore } from "./store.ts";

interface Note {
  readonly amount: bigint;
  readonly bytes: Uint8Array;
  readonly more?: { readonly text: string; readonly none: null };
}

const note: Note = { amount: 2n ** 100n, bytes: Uint8Array.of(0, 255), more: { text: "#n", none: null } };
const owner = { daemon: "relay", chainId: "weir-test-1" };
const folder = scratchFolder("store");
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stores: readonly [string, () => Promise<DaemonStore>][] = [
  ["on disk", () => openStore(join(folder, "a"), owner)],
  ["in memory", async () => memoryStore()],
];

describe.each(stores)("a daemon's store %s", (_, open) => {
  it("keeps tables apart, each in the order of its keys, all of a write or none", async () => {
    const store = await open();
    const notes = store.table("notes", jsonCodec<Note>());
    const others = store.table("notes-2", jsonCodec<string>());
    const numbers = [9n, 10n, 100n].map(numberKeyText);
    await store.write([...numbers.toReversed().map((key) => notes.put(key, note)), others.put("x", "other")]);
    expect([...(await notes.all()).keys()]).toEqual(numbers);
    expect(await notes.get(numbers[0]!)).toEqual(note);
    expect(await others.all()).toEqual(new Map([["x", "other"]]));
    await store.write([notes.remove(numbers[1]!), others.remove("x")]);
    expect((await notes.all()).size).toBe(2);
    expect(await others.get("x")).toBeUndefined();
    await store.close();
  });
});

describe("a daemon's folder", () => {
  it("holds what was written when it is opened again, and belongs to one chain and one kind of daemon", async () => {
    const path = join(folder, "b");
    const first = await openStore(path, owner);
    await first.write([first.table("notes", jsonCodec<Note>()).put("a", note)]);
    await first.close();
    const again = await openStore(path, owner);
    expect(await again.table("notes", jsonCodec<Note>()).get("a")).toEqual(note);
    await expect(openStore(path, owner)).rejects.toThrow("in use by another process");
    await again.close();
    await expect(openStore(path, { ...owner, chainId: "other-1" })).rejects.toMatchObject({ kind: "fatal" });
    await expect(openStore(path, { ...owner, daemon: "oracle" })).rejects.toThrow("take another --home");
  });
});
