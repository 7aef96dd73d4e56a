import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BytesArena } from "./bytesarena.ts";

describe("the bytes arena", () => {
  it("keeps every string apart from all others, in whatever order they come and go", () => {
    const lengths = fc.oneof(fc.nat(80), fc.nat(5000), fc.nat(1 << 20));
    const steps = fc.array(fc.tuple(lengths, fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (steps) => {
        const arena = new BytesArena();
        const held: { reference: number; bytes: Uint8Array }[] = [];
        for (const [i, [length, drop]] of steps.entries()) {
          const bytes = new Uint8Array(length).fill(i + 1);
          held.push({ reference: arena.store(bytes), bytes });
          if (!drop) continue;
          const [gone] = held.splice(length % held.length, 1);
          arena.release(gone!.reference, gone!.bytes.length);
        }
        for (const { reference, bytes } of held)
          expect(Buffer.compare(arena.copy(reference, bytes.length), bytes)).toBe(0);
        for (const { reference, bytes } of held) arena.release(reference, bytes.length);
        expect(arena.bytesUsed).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it("takes no more memory when the same lengths come and go for ever", () => {
    const arena = new BytesArena();
    const lengths = [1, 12, 28, 64, 65, 100, 1000, 9000, 100_000, 1 << 20];
    const cycle = () => {
      const references = lengths.map((length) => arena.store(new Uint8Array(length)));
      for (const [i, reference] of references.entries()) arena.release(reference, lengths[i]!);
    };
    cycle();
    const { bytesReserved } = arena;
    for (let i = 0; i < 200; i++) cycle();
    expect(arena.bytesReserved).toBe(bytesReserved);
  });

  it("loses at most an eighth of a long string's length, and three bytes of a short one's", () => {
    for (let length = 1; length <= 1 << 20; length += 1 + (length >> 4)) {
      const arena = new BytesArena();
      arena.store(new Uint8Array(length));
      expect(arena.bytesUsed).toBeGreaterThanOrEqual(length);
      expect(arena.bytesUsed - length).toBeLessThanOrEqual(Math.max(3, length / 8));
    }
  });

  it("fills the ends of chunks that long strings leave over", () => {
    const arena = new BytesArena();
    for (let i = 0; i < 8; i++) arena.store(new Uint8Array(900_000));
    const { bytesReserved } = arena;
    for (let i = 0; i < 30_000; i++) arena.store(new Uint8Array(32));
    expect(arena.bytesReserved).toBe(bytesReserved);
  });

  it("refuses more than a value's greatest length", () => {
    expect(() => new BytesArena().store(new Uint8Array((1 << 20) + 1))).toThrow("1048577 bytes are too many to store");
  });
});
