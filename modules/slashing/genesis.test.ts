/** What a genesis file may not say of slashing, and that an export of any state makes that state again. */
import { describe, expect, it } from "vitest";
import { consensusAddress } from "../../chain/address.ts";
import { stakedChain } from "../../test/helpers/stakedchain.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { slashing } from "./index.ts";
import { setMissed } from "./missedblocks.ts";
import { signingInfos } from "./state.ts";

const { genesis } = slashing;
const one = consensusAddress.encode(new Uint8Array(20).fill(1));
const two = consensusAddress.encode(new Uint8Array(20).fill(2));

const params = (genesis.toJson(genesis.default()) as { params: object }).params;
const infoOf = (address: string, changes: object = {}) => ({
  address,
  validator_signing_info: {
    address,
    start_height: "0",
    index_offset: "5",
    jailed_until: "1970-01-01T00:00:00Z",
    tombstoned: false,
    missed_blocks_counter: "2",
    ...changes,
  },
});
const missedOf = (address: string, indexes: readonly number[] = [1, 3]) => ({
  address,
  missed_blocks: indexes.map((index) => ({ index: `${index}`, missed: true })),
});
const good = { params, signing_infos: [infoOf(one)], missed_blocks: [missedOf(one)] };

describe("slashing's genesis", () => {
  it("is the SDK's by default", () => {
    expect(genesis.toJson(genesis.default())).toEqual({
      params: {
        signed_blocks_window: "100",
        min_signed_per_window: "0.500000000000000000",
        downtime_jail_duration: "600s",
        slash_fraction_double_sign: "0.050000000000000000",
        slash_fraction_downtime: "0.010000000000000000",
      },
      signing_infos: [],
      missed_blocks: [],
    });
  });

  it("is written as it was read", () => {
    expect(genesis.toJson(genesis.parse(good))).toEqual(good);
  });

  it("may leave an address out where older files do", () => {
    const old = { ...good, signing_infos: [infoOf(one, { address: "" })] };
    expect(genesis.toJson(genesis.parse(old))).toEqual(good);
  });

  it.each<readonly [string, object, RegExp]>([
    ["no parameters", { ...good, params: null }, /^app_state.slashing.params: found nothing, expected slashing's/],
    [
      "a window of nothing",
      { params: { ...params, signed_blocks_window: "0" } },
      /params: found signed blocks window must/,
    ],
    [
      "a short window",
      { params: { ...params, signed_blocks_window: "9" } },
      /signed_blocks_window: found 9, expected 10 or more/,
    ],
    [
      "a short jail",
      { params: { ...params, downtime_jail_duration: "59.9s" } },
      /downtime_jail_duration: found 59s, expected 60s/,
    ],
    [
      "a fraction above all",
      { params: { ...params, slash_fraction_downtime: "1.5" } },
      /downtime slash fraction too large/,
    ],
    [
      "an account's address",
      { ...good, signing_infos: [infoOf("weir1x")] },
      /signing_infos\[0\].address: found "weir1x", expected a consensus/,
    ],
    [
      "no signing info",
      { ...good, signing_infos: [{ address: one }] },
      /signing_infos\[0\].validator_signing_info: found nothing/,
    ],
    [
      "another's signing info",
      { ...good, signing_infos: [infoOf(one, { address: two })] },
      /validator_signing_info.address: found/,
    ],
    [
      "one validator twice",
      { ...good, signing_infos: [infoOf(one), infoOf(one)] },
      /signing_infos\[1\].address: found \S+ again, as in \[0\]/,
    ],
    [
      "an offset below 0",
      { ...good, signing_infos: [infoOf(one, { index_offset: "-1" })] },
      /indexOffset: found -1, expected 0 or more/,
    ],
    [
      "another count",
      { ...good, signing_infos: [infoOf(one, { missed_blocks_counter: "3" })] },
      /missed_blocks_counter: found 3, expected 2/,
    ],
    [
      "misses of nobody",
      { ...good, missed_blocks: [missedOf(one), missedOf(two)] },
      /missed_blocks: found weirvalcons1\S+, expected validators of/,
    ],
    [
      "one validator's misses twice",
      { ...good, missed_blocks: [missedOf(one), missedOf(one)] },
      /missed_blocks\[1\].address: found \S+ again/,
    ],
    [
      "a block twice",
      { ...good, missed_blocks: [missedOf(one, [3, 3])] },
      /missed_blocks\[1\].index: found 3, expected more than 3/,
    ],
    [
      "a block before the first",
      { ...good, missed_blocks: [missedOf(one, [-1, 3])] },
      /missed_blocks\[0\].index: found -1, expected more than -1/,
    ],
    [
      "a block beyond any window",
      { ...good, missed_blocks: [missedOf(one, [1, 50_000_000])] },
      /index: found 50000000, expected less than 50000000/,
    ],
    [
      "a field that there is not",
      { ...good, minted: 1 },
      /app_state.slashing.minted: found a field that does not exist/,
    ],
  ])("is refused with %s", (_what, changes, words) => {
    expect(() => genesis.parse({ ...good, ...changes })).toThrow(words);
  });

  it("brings back every key, chunks of which no bit is set any more too", () => {
    const chain = stakedChain({ slashing: { signed_blocks_window: "300000" } });
    chain.live({ absent: [0, 1], times: 4 });
    const address = chain.consensus(0);
    for (const [index, missed] of [
      [1024n, true],
      [262_144n, true],
      [262_145n, true],
      [5000n, false],
    ] as const) {
      setMissed(chain.context(), address, index, missed);
    }
    const info = signingInfos.get(chain.context(), address)!;
    signingInfos.set(chain.context(), address, { ...info, missedBlocksCounter: info.missedBlocksCounter + 3n });
    expect(chain.broken()).toBeUndefined();
    const appState = chain.exported();
    const again = testChain(appState);
    expect(again.entries("slashing")).toEqual(chain.entries("slashing"));
    expect(again.exported()).toEqual(appState);
  });
});
