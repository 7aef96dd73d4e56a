/** What may be minted under an emission schedule, whatever is asked for; and what is said about it. Inflation is in distribution's sdk.test.ts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import { newCoins } from "../../chain/coins.ts";
import { type Context, nothingReported, type Timestamp } from "../../chain/context.ts";
import { decFromRatio, formatDec, parseDec } from "../../chain/dec.ts";
import { addDuration } from "../../chain/time.ts";
import { addressBytes, bankGenesis } from "../../test/helpers/accounts.ts";
import { type TestChain, testBlock, testChain } from "../../test/helpers/testchain.ts";
import { moduleAccounts } from "../accounts.ts";
import { burnCoins, sendToModule, supplyOf } from "../bank/index.ts";
import {
  forfeitScheduled,
  inflationGenesis,
  mint,
  mintFurther,
  mintingRoom,
  mintScheduled,
  scheduledEmission,
} from "./index.ts";
import { emission } from "./state.ts";

const day = 86_400n;
const firstDay = 379_626_000_000n;
const start = testBlock.time;
const at = (seconds: bigint): Timestamp => addDuration(start, { seconds, nanos: 0 });

const weirChain = (bank = bankGenesis(["600000000000000uweir"])): TestChain => testChain({ bank });
const inflating = mint.genesis.toJson(inflationGenesis("uweir"));

/** Of the first address, by way of an account that may. */
function burn(ctx: Context, amount: bigint): void {
  const coins = newCoins([{ denom: "uweir", amount }]);
  sendToModule(ctx, addressBytes(0), "not_bonded_tokens_pool", coins);
  burnCoins(ctx, "not_bonded_tokens_pool", coins);
}

const supplyQuery = (chain: TestChain) => chain.query<Record<string, string>>("/weir.mint.v1.Query/Supply", {});

describe("minting under an emission schedule", () => {
  it("gives what was emitted until now to whom it is for, and no unit more", () => {
    const chain = weirChain();
    expect(chain.attempt((ctx) => mintScheduled(ctx, 1n, "fee_collector")).refusal).toMatchObject({
      codespace: "mint",
      code: 2,
      message: "1 to mint by the schedule, which until now leaves 0; mint at most that, or wait",
    });
    chain.setBlock({ time: at(day) });
    const { events, refusal } = chain.attempt((ctx) => mintScheduled(ctx, firstDay, "fee_collector"));
    expect(refusal).toBeUndefined();
    expect(events.find(({ type }) => type === "transfer")!.attributes[2]!.value).toBe(`${firstDay}uweir`);
    expect(chain.attempt((ctx) => mintScheduled(ctx, 1n, "fee_collector")).refusal?.code).toBe(2);
    expect(supplyOf(chain.context(), "uweir")).toBe(600_000_000_000_000n + firstDay);
    expect(chain.broken()).toBeUndefined();
  });

  it("keeps what the schedule owes free of all other minting, until it is given up", () => {
    const chain = weirChain();
    chain.setBlock({ time: at(day) });
    expect(mintingRoom(chain.context())).toEqual({
      scheduled: firstDay,
      further: 0n,
      ceiling: 600_000_000_000_000n + firstDay,
    });
    expect(chain.attempt((ctx) => mintFurther(ctx, 1n, "fee_collector")).refusal).toMatchObject({
      codespace: "mint",
      code: 3,
      message: "1 to mint beside the schedule, but 0 are missing to genesis and schedule; mint at most that",
    });
    expect(chain.attempt((ctx) => forfeitScheduled(ctx, firstDay + 1n)).refusal?.code).toBe(2);
    expect(chain.attempt((ctx) => forfeitScheduled(ctx, 600n)).refusal).toBeUndefined();
    expect(chain.attempt((ctx) => mintFurther(ctx, 600n, "fee_collector")).refusal).toBeUndefined();
    expect(chain.attempt((ctx) => mintScheduled(ctx, firstDay - 600n, "fee_collector")).refusal).toBeUndefined();
    expect(mintingRoom(chain.context())).toMatchObject({ scheduled: 0n, further: 0n });
    expect(chain.broken()).toBeUndefined();
  });

  it("has room for what was burned", () => {
    const chain = weirChain();
    expect(chain.attempt((ctx) => burn(ctx, 50n)).refusal).toBeUndefined();
    expect(chain.attempt((ctx) => mintFurther(ctx, 51n, "fee_collector")).refusal?.code).toBe(3);
    expect(chain.attempt((ctx) => mintFurther(ctx, 50n, "fee_collector")).refusal).toBeUndefined();
    expect(supplyQuery(chain)).toMatchObject({ furtherMinted: "50", furtherLeft: "0", supply: "600000000000000" });
    expect(chain.broken()).toBeUndefined();
  });

  it("mints nothing of nothing, and less than nothing never", () => {
    const chain = weirChain();
    expect(chain.attempt((ctx) => mintScheduled(ctx, 0n, "fee_collector"))).toEqual({ events: [], refusal: undefined });
    expect(() => chain.attempt((ctx) => mintScheduled(ctx, -1n, "fee_collector"))).toThrow("cannot be negative");
    expect(() => chain.attempt((ctx) => forfeitScheduled(ctx, -1n))).toThrow("cannot be negative");
  });

  it("keeps its invariants and its cap whatever is minted, forfeited and burned, and whenever", () => {
    const step = fc.record({
      what: fc.constantFrom("scheduled", "further", "forfeit", "burn" as const),
      seconds: fc.bigInt({ min: 0n, max: 400n * day }),
      amount: fc.bigInt({ min: 0n, max: 10n ** 14n }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const chain = weirChain();
        let time = start;
        for (const { what, seconds, amount } of steps) {
          time = addDuration(time, { seconds, nanos: 0 });
          chain.setBlock({ time });
          const room = mintingRoom(chain.context());
          const { refusal } = chain.attempt((ctx) => {
            if (what === "scheduled") mintScheduled(ctx, amount, "fee_collector");
            else if (what === "further") mintFurther(ctx, amount, "fee_collector");
            else if (what === "forfeit") forfeitScheduled(ctx, amount);
            else burn(ctx, amount);
          });
          if (what !== "burn") {
            expect(refusal === undefined).toBe(amount <= (what === "further" ? room.further : room.scheduled));
          }
          expect(chain.broken()).toBeUndefined();
          expect(supplyOf(chain.context(), "uweir") <= 10n ** 15n).toBe(true);
        }
        // Whatever happened in between, what is owed can be paid.
        const { scheduled } = mintingRoom(chain.context());
        expect(chain.attempt((ctx) => mintScheduled(ctx, scheduled, "fee_collector")).refusal).toBeUndefined();
        expect(chain.broken()).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it("leaves every block as it is", () => {
    const chain = weirChain();
    const before = chain.entries("mint");
    const ctx = chain.context();
    mint.beginBlock?.(ctx, nothingReported);
    expect(ctx.events).toEqual([]);
    expect(chain.entries("mint")).toEqual(before);
  });

  it("is what one account may do, which only this module uses, beside the one that makes what issuers issue", () => {
    const minters = moduleAccounts.filter(({ permissions }) => permissions.includes("minter"));
    // What is native is refused to issuers (modules/compliance/issuance.ts).
    expect(minters.map(({ name }) => name)).toEqual(["compliance", "mint"]);
  });

  it("is not there on a chain that mints by inflation", () => {
    const chain = testChain({ mint: inflating });
    const refusal = { codespace: "mint", code: 4 };
    expect(chain.attempt((ctx) => mintScheduled(ctx, 0n, "fee_collector")).refusal).toMatchObject(refusal);
    expect(chain.attempt((ctx) => mintFurther(ctx, 0n, "fee_collector")).refusal).toMatchObject(refusal);
    expect(chain.attempt((ctx) => forfeitScheduled(ctx, 0n)).refusal).toMatchObject(refusal);
    expect(chain.attempt((ctx) => void scheduledEmission(ctx, start, start)).refusal).toMatchObject(refusal);
    expect(() => supplyQuery(chain)).toThrow("its genesis has no emission schedule");
    expect(() => chain.query("/weir.mint.v1.Query/Schedule", {})).toThrow("its genesis has no emission schedule");
  });

  it("tells an overrun by its invariants", () => {
    const chain = weirChain();
    const stored = emission.get(chain.context())!;
    emission.set(chain.context(), { ...stored, scheduledMinted: "1" });
    expect(chain.broken()).toBe(
      "mint/scheduledMintStaysWithinTheSchedule: 1 were minted or forfeited of the schedule, which emitted 0",
    );
    emission.set(chain.context(), { ...stored, scheduledForfeited: "-1" });
    expect(chain.broken()).toContain("something minted is negative");
    emission.set(chain.context(), { ...stored, genesisSupply: "599999999999999" });
    expect(chain.broken()).toBe(
      "mint/supplyStaysBelowItsCeiling: supply is 600000000000000, but genesis and schedule until now allow 599999999999999",
    );
    emission.set(chain.context(), { ...stored, genesisSupply: "600000437234003" });
    expect(chain.broken()).toContain("genesis and whole schedule are 1000000000000001, above the cap");
    emission.set(chain.context(), { ...stored, genesisSupply: "1000000000000001" });
    expect(chain.broken()).toContain("genesis and schedule are 1000000000000001, but the cap is 1000000000000000");
    emission.set(chain.context(), { ...stored, schedule: { ...stored.schedule!, decay: "0" } });
    expect(chain.broken()).toContain("decay must be above 0 and below 1");
  });
});

describe("the queries of a supply", () => {
  it("list the schedule day by day", () => {
    const chain = weirChain();
    const schedule = (request: object) =>
      chain.query<{ days: Record<string, unknown>[] } & Record<string, unknown>>(
        "/weir.mint.v1.Query/Schedule",
        request,
      );
    const answer = schedule({});
    expect(answer).toMatchObject({ dayCount: 28_081n, total: "399999562765998" });
    expect(answer.schedule).toMatchObject({ start, firstDayAmount: `${firstDay}`, supplyCap: "1000000000000000" });
    expect(answer.days).toHaveLength(30);
    expect(answer.days[0]).toEqual({ number: 0n, start, amount: `${firstDay}`, emittedBefore: "0" });
    expect(answer.days[1]).toEqual({
      number: 1n,
      start: at(day),
      amount: "379265709856",
      emittedBefore: `${firstDay}`,
    });
    expect(schedule({ fromDay: 28_080n, days: 5n }).days).toMatchObject([{ number: 28_080n, amount: "1" }]);
    expect(schedule({ fromDay: 28_081n }).days).toEqual([]);
    expect(schedule({ days: 1000n }).days).toHaveLength(1000);
    expect(() => schedule({ days: 1001n })).toThrow("1001 days, expected at most 1000");
  });

  it("answer the SDK's questions by what is emitted in a year", () => {
    const chain = weirChain();
    chain.setBlock({ time: at(day) });
    const ctx = chain.context();
    const year = scheduledEmission(ctx, at(day), at(day + (day * 1461n) / 4n));
    const text = (bytes: Uint8Array) => formatDec(BigInt(Buffer.from(bytes).toString("utf8")));
    const { annualProvisions } = chain.query<{ annualProvisions: Uint8Array }>(
      "/cosmos.mint.v1beta1.Query/AnnualProvisions",
      {},
    );
    expect(text(annualProvisions)).toBe(`${year}.000000000000000000`);
    const { inflation } = chain.query<{ inflation: Uint8Array }>("/cosmos.mint.v1beta1.Query/Inflation", {});
    expect(text(inflation)).toBe(formatDec(decFromRatio(year, 600_000_000_000_000n)));
    expect(text(inflation)).toMatch(/^0\.19[0-9]+$/);
  });

  it("have an inflation of nothing where there is nothing", () => {
    const chain = testChain();
    const { inflation } = chain.query<{ inflation: Uint8Array }>("/cosmos.mint.v1beta1.Query/Inflation", {});
    expect(Buffer.from(inflation).toString("utf8")).toBe("0");
  });

  it("tell what was minted and what may still be", () => {
    const chain = weirChain();
    chain.setBlock({ time: at(2n * day) });
    chain.attempt((ctx) => mintScheduled(ctx, 7n, "fee_collector"));
    chain.attempt((ctx) => forfeitScheduled(ctx, 9n));
    chain.attempt((ctx) => mintFurther(ctx, 4n, "fee_collector"));
    const emitted = firstDay + 379_265_709_856n;
    expect(supplyQuery(chain)).toEqual({
      denom: "uweir",
      supply: "600000000000011",
      genesisSupply: "600000000000000",
      scheduled: `${emitted}`,
      scheduledMinted: "7",
      scheduledForfeited: "9",
      scheduledLeft: `${emitted - 16n}`,
      furtherMinted: "4",
      furtherLeft: "5",
      ceiling: `${600_000_000_000_000n + emitted}`,
      supplyCap: "1000000000000000",
    });
  });
});

describe("mint's parameters", () => {
  const typeUrl = "/cosmos.mint.v1beta1.MsgUpdateParams";
  const params = (changes: object) => ({
    authority: authorityAddress(),
    params: { ...inflationGenesis("uweir").params, ...changes },
  });

  it("change by governance", () => {
    const chain = weirChain();
    expect(chain.message(typeUrl, params({ blocksPerYear: 5n })).refusal).toBeUndefined();
    expect(chain.query("/cosmos.mint.v1beta1.Query/Params", {})).toMatchObject({ params: { blocksPerYear: 5n } });
    expect(mint.messages[typeUrl]!.signers(params({}))).toEqual([authorityAddress()]);
  });

  it("keep the denomination of an emission schedule, and no other", () => {
    expect(weirChain().message(typeUrl, params({ mintDenom: "stake" })).refusal).toMatchObject({
      codespace: "mint",
      code: 5,
      message: "the emission schedule is in uweir: mint_denom must stay as it is",
    });
    const chain = testChain({ mint: inflating });
    expect(chain.message(typeUrl, params({ mintDenom: "stake" })).refusal).toBeUndefined();
  });

  it.each(["inflationRateChange", "inflationMax", "inflationMin", "goalBonded"])("cannot leave out %s", (name) => {
    const { refusal } = weirChain().message(typeUrl, params({ [name]: "" }));
    expect(refusal).toMatchObject({ codespace: "undefined", code: 1 });
    expect(refusal?.message).toMatch(/ cannot be nil: <nil>$/);
  });

  it("cannot be left out", () => {
    const { refusal } = weirChain().message(typeUrl, { authority: authorityAddress(), params: undefined });
    expect(refusal?.message).toBe("mint denom cannot be blank");
  });
});

describe("mint's genesis", () => {
  const json = mint.genesis.toJson(mint.genesis.default()) as {
    readonly emission: Record<string, unknown> & { readonly schedule: object };
    readonly params: object;
    readonly minter: object;
  };
  const withEmission = (changes: object) => ({ ...json, emission: { ...json.emission, ...changes } });
  const withSchedule = (changes: object) => withEmission({ schedule: { ...json.emission.schedule, ...changes } });

  it("is Weir's emission by default, to begin with the chain and from its balances", () => {
    expect(json.emission).toEqual({
      schedule: {
        start: null,
        first_day_amount: "379626000000",
        decay: "0.999050933962625668",
        supply_cap: "1000000000000000",
      },
      genesis_supply: null,
      scheduled_minted: "0",
      scheduled_forfeited: "0",
      further_minted: "0",
    });
    const chain = testChain({ bank: bankGenesis(["5uweir", "7uweir"]), mint: json });
    expect(supplyQuery(chain)).toMatchObject({ genesisSupply: "12", supply: "12", ceiling: "12" });
    expect(emission.get(chain.context())!.schedule!.start).toEqual(start);
  });

  it("goes on from what was exported, though the supply has grown", () => {
    const chain = weirChain();
    chain.setBlock({ time: at(day) });
    chain.attempt((ctx) => mintScheduled(ctx, 1000n, "fee_collector"));
    chain.attempt((ctx) => forfeitScheduled(ctx, 10n));
    chain.attempt((ctx) => mintFurther(ctx, 3n, "fee_collector"));
    const again = testChain(chain.exported(), undefined, { time: at(2n * day) });
    expect(again.entries("mint")).toEqual(chain.entries("mint"));
    expect(again.exported()).toEqual(chain.exported());
    expect(supplyQuery(again)).toMatchObject({ genesisSupply: "600000000000000", scheduledMinted: "1000" });
  });

  it.each([
    ["with null", { ...json, emission: null }],
    ["without it", { params: json.params, minter: json.minter }],
  ])("mints by inflation %s for emission", (_how, state) => {
    const chain = testChain({ mint: state });
    expect(emission.get(chain.context())).toBeUndefined();
    expect(chain.exported().mint).toEqual({ ...json, emission: null });
  });

  it("refuses balances that leave no room for the schedule below the cap", () => {
    expect(() => weirChain(bankGenesis(["600000437234003uweir"]))).toThrow(
      "app_state.mint.emission.schedule.supply_cap: found 1000000000000000, expected at least 1000000000000001uweir: " +
        "600000437234003 of genesis and 399999562765998 of the schedule",
    );
    expect(weirChain(bankGenesis(["600000437234002uweir"])).broken()).toBeUndefined();
  });

  it("refuses more than was emitted until the chain begins", () => {
    const started = { start: "2023-11-13T22:13:20Z" };
    const state = (minted: string) => ({
      ...withEmission({ genesis_supply: "5", scheduled_minted: minted }),
    });
    const begin = (minted: string, coins: string) =>
      testChain({
        bank: bankGenesis([coins]),
        mint: {
          ...state(minted),
          emission: { ...state(minted).emission, schedule: { ...json.emission.schedule, ...started } },
        },
      });
    expect(begin("379626000000", "379626000005uweir").broken()).toBeUndefined();
    expect(() => begin("379626000001", "379626000005uweir")).toThrow(
      "found 379626000001 minted and 0 forfeited, expected at most the 379626000000 that the schedule emitted until now",
    );
    expect(() => begin("379626000000", "379626000006uweir")).toThrow(
      "app_state.bank.supply: found 379626000006uweir, expected at most 379626000005",
    );
  });

  it.each<readonly [string, unknown, string]>([
    ["text", "x", "app_state.mint: found"],
    ["no minter", { ...json, minter: null }, "app_state.mint.minter: found nothing"],
    ["no parameters", { ...json, params: null }, "app_state.mint.params: found nothing"],
    [
      "bad parameters",
      { ...json, params: { ...json.params, mint_denom: "" } },
      "app_state.mint.params: found mint denom cannot be blank",
    ],
    [
      "an inflation below nothing",
      { ...json, minter: { ...json.minter, inflation: "-0.1" } },
      "app_state.mint.minter.inflation: found -0.100000000000000000, expected 0 or more",
    ],
    [
      "no provisions",
      { ...json, minter: { inflation: "0.1" } },
      "app_state.mint.minter.annual_provisions: found nothing",
    ],
    ["an unknown field", { ...json, cap: "1" }, "app_state.mint.cap: found a field that does not exist"],
    ["an emission of text", { ...json, emission: "x" }, 'app_state.mint.emission: found "x"'],
    ["no schedule", withEmission({ schedule: null }), "app_state.mint.emission.schedule: found nothing"],
    ["no decay", withSchedule({ decay: null }), "decay must be above 0 and below 1"],
    ["a decay of one", withSchedule({ decay: "1" }), "decay must be above 0 and below 1"],
    ["a day below nothing", withSchedule({ first_day_amount: "-5" }), 'schedule.first_day_amount: found "-5"'],
    ["no day", withSchedule({ first_day_amount: null }), "schedule.first_day_amount: found nothing"],
    ["no supply cap", withSchedule({ supply_cap: null }), "schedule.supply_cap: found nothing"],
    ["no cap", withSchedule({ supply_cap: "0" }), "supply_cap must be positive: 0"],
    ["a supply below nothing", withEmission({ genesis_supply: "-1" }), 'emission.genesis_supply: found "-1"'],
    ["minted below nothing", withEmission({ scheduled_minted: "-1" }), "emission.scheduled_minted: found"],
    ["forfeited below nothing", withEmission({ scheduled_forfeited: "-1" }), "emission.scheduled_forfeited: found"],
    ["further below nothing", withEmission({ further_minted: "-1" }), "emission.further_minted: found"],
    ["a time that is none", withSchedule({ start: "yesterday" }), "emission.schedule.start: found"],
  ])("refuses %s", (_what, state, text) => {
    expect(() => mint.genesis.parse(state)).toThrow(text);
  });

  it("may have nothing minted yet, left out", () => {
    const { schedule } = json.emission;
    const parsed = mint.genesis.parse({ ...json, emission: { schedule } });
    expect(mint.genesis.toJson(parsed)).toEqual(json);
  });

  it("of a chain of the SDK's kind is in a denomination of its own", () => {
    expect(inflationGenesis("stake")).toMatchObject({ params: { mintDenom: "stake" }, emission: undefined });
    expect(() => inflationGenesis("1")).toThrow("1 is no denomination");
    expect(parseDec("0.13")).toBe(BigInt(inflationGenesis("stake").minter.inflation));
  });
});
