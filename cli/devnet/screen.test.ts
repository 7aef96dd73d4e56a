/** The devnet's screen: fits every terminal, says the same with and without colours, and is drawn without wiping what is there. */
import { EventEmitter } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EpochRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import { type ScreenOptions, screenLines } from "./screen.ts";
import type { DevnetState, RelayState } from "./snapshot.ts";
import { Screen } from "./terminal.ts";

const dec = 10n ** 18n;

const relay = (id: bigint, changes: Partial<RelayState> = {}): RelayState => ({
  id,
  name: `relay-${id}`,
  isLiar: false,
  claimBps: 10_000_000n,
  firstClaimBps: 10_000_000n,
  measured: { epoch: 3n, bps: 11_900_000n },
  reputation: dec / 10n,
  isStable: false,
  serves: true,
  isPaused: false,
  bond: 1_000_000_000n,
  earned: 1_234_567n,
  slashed: 0n,
  warnings: [],
  ...changes,
});

const record = (epoch: bigint): EpochRecord =>
  EpochRecord.fromPartial({
    epoch,
    paid: { availability: "1882000", usage: "0" },
    burnedResting: "14285",
    burnedCrossed: "80952",
    slashed: "310750000",
    settledBytes: `${25 << 20}`,
    settledValue: "1220",
  });

const state: DevnetState = {
  chain: {
    height: 210n,
    epoch: 5n,
    openMillis: 1_000_000,
    epochMillis: 20_000,
    relays: [
      ...[1n, 2n, 3n, 4n].map((id) => relay(id)),
      relay(5n, {
        ...{ name: "liar", isLiar: true, claimBps: 100_000_000n, firstClaimBps: 100_000_000n },
        ...{ measured: { epoch: 3n, bps: 10_000_000n }, slashed: 310_750_000n },
      }),
    ],
    oracles: [1n, 2n, 3n].map((id) => ({ id, name: `oracle-${id}`, assigned: 10n, missed: 1n, slashed: 0n })),
    reserve: {
      principal: 6_000_000_000_000n,
      supply: 600_000_000_000_000n,
      floor: dec / 100n,
      ceiling: dec / 20n,
      reference: dec / 95n,
      burnBudget: 0n,
    },
    records: [EpochRecord.fromPartial({ epoch: 0n, isVoid: true }), record(1n), record(2n)],
    slashes: [{ epoch: 2n, relay: 5n, name: "liar", amount: 310_750_000n, reasons: ["over-claim"] }],
  },
  buyer: {
    ...{ bps: 9_500_000, bytes: 30 << 20, downloads: 7, wrongChecksums: 0, failures: 0 },
    ...{ trouble: undefined, spentMicros: 1_220n, relay: 2n },
  },
  processes: [{ name: "relay-1", ending: undefined }],
};

const hints = ["In /tmp/weir-devnet-x: keys, settings and logs of all.", "  npx weir reserve audit"];
const options: ScreenOptions = { columns: 80, rows: 24, isColoured: false, nowMillis: 1_012_000 };
const drawn = (changes: Partial<ScreenOptions> = {}, of = state): string[] =>
  screenLines(of, { seed: "test", hints }, { ...options, ...changes });

describe("the devnet's screen", () => {
  it("shows on 80 by 24 who is measured at what, what was settled, the reserve, the buyer and what to type", () => {
    const text = drawn().join("\n");
    expect(text).toContain("Weir devnet, block 210, seed test. Ctrl-C ends it.");
    expect(text).toContain("Epoch 5 ████████████░░░░░░░░ 12 of 20 s");
    expect(text).toMatch(/relay-1 +█{12} +11\.9 of +10\.0 Mbps +\.10 transient +1\.234 +-/);
    expect(text).toMatch(/liar +█░{11} +10\.0 of +100\.0 Mbps .* 310\.75/);
    expect(text).toMatch(/epoch 2 +1\.882 +0\.095237 +310\.75 +25\.0 MiB +\$0\.001220/);
    expect(text).toContain("$6,000,000.00: floor $0.010000, price $0.010526, ceiling $0.0500");
    expect(text).toContain("through relay-2 9.5 Mbps, 30.0 MiB, spent $0.001220; 7 downloads right");
    expect(text).toContain("oracle-1 9 of 10");
    expect(text).toContain("liar lost 310.75 WEIR of its bond for epoch 2: over-claim");
    expect(text).toContain("npx weir reserve audit");
  });

  it("is never wider or higher than the terminal, with whatever is on it", () => {
    const size = fc.record({ columns: fc.integer({ min: 1, max: 300 }), rows: fc.integer({ min: 1, max: 100 }) });
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 400 }), ({ columns, rows }, epochs) => {
        const records = Array.from({ length: epochs }, (_, index) => record(BigInt(index)));
        const lines = drawn({ columns, rows }, { ...state, chain: { ...state.chain, records } });
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it("says the same in colours", () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what is taken off is what a terminal takes as a colour.
    const bare = drawn({ isColoured: true }).map((line) => line.replaceAll(/\u001b\[\d+m/g, ""));
    expect(bare).toEqual(drawn());
  });

  it("says first which process is down", () => {
    const fallen = { ...state, processes: [{ name: "relay-2", ending: "ended by itself (SIGKILL): it said nothing" }] };
    expect(drawn({}, fallen).join("\n")).toContain("relay-2 is down: ended by itself (SIGKILL)");
  });

  it("shows a relay that nobody has measured, and a wrong checksum", () => {
    const changed: DevnetState = {
      ...state,
      chain: { ...state.chain, relays: [relay(1n, { measured: undefined, serves: false })] },
      buyer: { ...state.buyer, wrongChecksums: 2 },
    };
    const text = drawn({}, changed).join("\n");
    expect(text).toContain("joins soon");
    expect(text).toContain("2 of 7 downloads WRONG");
  });
});

class FakeTerminal extends EventEmitter {
  columns = 80;
  rows = 24;
  written: string[] = [];
  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
}

describe("a screen", () => {
  it("draws a frame in one write, from the top, without wiping, and gives the terminal back as it was", () => {
    const terminal = new FakeTerminal();
    const screen = new Screen(terminal, ({ rows }) => ["one", `of ${rows} rows`]);
    screen.open();
    expect(terminal.written[0]).toBe("\u001b[?1049h\u001b[?25l");
    const frame = "\u001b[?2026h\u001b[Hone\u001b[K\r\nof 24 rows\u001b[K\u001b[J\u001b[?2026l";
    expect(terminal.written[1]).toBe(frame);
    terminal.rows = 30;
    terminal.emit("resize");
    expect(terminal.written.at(-1)).toContain("of 30 rows");
    screen.close();
    screen.close();
    expect(terminal.written.filter((text) => text === "\u001b[?25h\u001b[?1049l")).toHaveLength(1);
    terminal.emit("resize");
    screen.draw();
    expect(terminal.written.at(-1)).toBe("\u001b[?25h\u001b[?1049l");
  });
});
