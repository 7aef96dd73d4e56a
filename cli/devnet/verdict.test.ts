/** What a devnet must have shown, and what is said where it did not. */
import { describe, expect, it } from "vitest";
import { EpochRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import type { DevnetState, RelayState } from "./snapshot.ts";
import { cautions, settledEpochs, troubles } from "./verdict.ts";

const relay = (changes: Partial<RelayState>): RelayState => ({
  ...{ id: 1n, name: "relay-1", isLiar: false, claimBps: 10n, firstClaimBps: 10n, measured: { epoch: 3n, bps: 11n } },
  ...{
    reputation: 0n,
    isStable: false,
    serves: true,
    isPaused: false,
    bond: 1n,
    earned: 1n,
    slashed: 0n,
    warnings: [],
  },
  ...changes,
});

const records = [0n, 1n, 2n, 3n, 4n].map((epoch) =>
  EpochRecord.fromPartial({ epoch, isVoid: epoch === 0n, burnedCrossed: "0", burnedResting: epoch === 4n ? "7" : "0" }),
);

function stateOf(chain: Partial<DevnetState["chain"]> = {}, rest: Partial<DevnetState> = {}): DevnetState {
  return {
    chain: {
      ...{ height: 1n, epoch: 8n, openMillis: 0, epochMillis: 20_000, oracles: [], slashes: [], records },
      relays: [relay({}), relay({ id: 5n, name: "liar", isLiar: true, slashed: 310n })],
      reserve: { principal: 1n, supply: 1n, floor: 1n, ceiling: 1n, reference: 1n, burnBudget: 0n },
      ...chain,
    },
    buyer: {
      ...{
        bps: 0,
        bytes: 1,
        downloads: 3,
        wrongChecksums: 0,
        failures: 1,
        trouble: "cut off",
        spentMicros: 0n,
        relay: undefined,
      },
      ...rest.buyer,
    },
    processes: rest.processes ?? [{ name: "relay-1", ending: undefined }],
  };
}

const buyer = stateOf().buyer;

describe("a devnet of four settled epochs", () => {
  it("did what it is there for when the liar is slashed, something burned and a download had the right checksum", () => {
    expect(settledEpochs(stateOf())).toBe(4);
    expect(troubles(stateOf(), 4)).toEqual([]);
  });

  it.each([
    ["the liar stands", stateOf({ relays: [relay({ name: "liar", isLiar: true })] }), /^liar was not slashed: 11 bps/],
    ["nothing burned", stateOf({ records: records.slice(0, 4).concat(records[3]!) }), /^no auction burned anything/],
    ["no download", stateOf({}, { buyer: { ...buyer, downloads: 0 } }), /^the buyer completed no download: cut off/],
    [
      "a wrong checksum",
      stateOf({}, { buyer: { ...buyer, wrongChecksums: 1 } }),
      /^1 of 3 downloads came with the wrong/,
    ],
    ["too few epochs", stateOf({ records: records.slice(0, 4) }), /^3 epochs are settled; expected 4/],
    [
      "a process is gone",
      stateOf({}, { processes: [{ name: "relay-2", ending: "ended by itself (SIGKILL)" }] }),
      /^relay-2 ended by itself/,
    ],
  ])("failed where %s", (_what, state, words) => {
    expect(troubles(state, 4)[0]).toMatch(words);
  });

  it("is not asked for a slash before two bad epochs can have been settled, nor where there is no liar", () => {
    const unslashed = stateOf({ relays: [relay({ name: "liar", isLiar: true })], records: records.slice(0, 4) });
    expect(troubles(unslashed, 3)).toEqual([]);
    expect(troubles(stateOf({ relays: [relay({})] }), 4)).toEqual([]);
  });

  it("is asked for nothing but whole parts where somebody ended it by hand", () => {
    expect(troubles(stateOf({ records: [], relays: [] }, { buyer: { ...buyer, downloads: 0 } }), undefined)).toEqual(
      [],
    );
  });

  it("warns of honest relays and oracles that lost bond", () => {
    const oracles = [{ id: 1n, name: "oracle-1", assigned: 5n, missed: 5n, slashed: 1n }];
    expect(cautions(stateOf({ relays: [relay({ slashed: 1n })], oracles }))).toEqual([
      "relay-1 was slashed though it carries what it claims: 11 bps were measured in epoch 3",
      "oracle-1 was slashed for readings that it owed and did not give",
    ]);
  });
});
