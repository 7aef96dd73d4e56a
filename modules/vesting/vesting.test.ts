/** Vesting accounts by message and by genesis: what is refused, what may be spent and delegated when, and that an export brings them back. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { event } from "../../chain/events.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import * as proto from "../../proto/gen/cosmos/vesting/v1beta1/tx.ts";
import { address, addressBytes, bankGenesis, coins, protoCoins } from "../../test/helpers/accounts.ts";
import { testBlock, testChain } from "../../test/helpers/testchain.ts";
import { getAccount } from "../auth/index.ts";
import { balanceOf, delegateCoins, spendableOf, undelegateCoins } from "../bank/index.ts";
import { vesting } from "./index.ts";

const now = testBlock.time.seconds;
const [giver, other, fresh] = [0, 1, 2].map(address) as [string, string, string];
const pool = "bonded_tokens_pool";

const urls = {
  create: "/cosmos.vesting.v1beta1.MsgCreateVestingAccount",
  lock: "/cosmos.vesting.v1beta1.MsgCreatePermanentLockedAccount",
  periodic: "/cosmos.vesting.v1beta1.MsgCreatePeriodicVestingAccount",
  send: "/cosmos.bank.v1beta1.MsgSend",
} as const;

const funded = () => testChain({ bank: bankGenesis(["1000uusdc,100000uweir", "50uweir"]) });

const create = (changes: Partial<proto.MsgCreateVestingAccount> = {}) =>
  proto.MsgCreateVestingAccount.fromPartial({
    fromAddress: giver,
    toAddress: fresh,
    amount: protoCoins("1000uweir"),
    endTime: now + 1000n,
    ...changes,
  });

const lock = (changes: Partial<proto.MsgCreatePermanentLockedAccount> = {}) =>
  proto.MsgCreatePermanentLockedAccount.fromPartial({
    fromAddress: giver,
    toAddress: fresh,
    amount: protoCoins("1000uweir"),
    ...changes,
  });

const period = (length: bigint, amount: string) => ({ length, amount: protoCoins(amount) });

const periodic = (changes: Partial<proto.MsgCreatePeriodicVestingAccount> = {}) =>
  proto.MsgCreatePeriodicVestingAccount.fromPartial({
    fromAddress: giver,
    toAddress: fresh,
    startTime: now,
    vestingPeriods: [period(100n, "300uweir"), period(100n, "10uusdc,700uweir")],
    ...changes,
  });

const collector = accountAddress.encode(moduleAddress("fee_collector"));
const exists = `account ${other} already exists: invalid request`;

describe("vesting messages", () => {
  it.each<readonly [string, string, object, string, number, string]>([
    ["a bad sender", urls.create, create({ fromAddress: "x" }), "sdk", 7, "invalid 'from' address: "],
    ["a bad receiver", urls.create, create({ toAddress: "" }), "sdk", 7, "invalid 'to' address: empty address"],
    ["no coins", urls.create, create({ amount: [] }), "sdk", 10, ": invalid coins"],
    ["zero", urls.create, create({ amount: protoCoins("0uweir") }), "sdk", 10, "0uweir: invalid coins"],
    ["unsorted coins", urls.create, create({ amount: protoCoins("1uweir,1uusdc") }), "sdk", 10, "invalid coins"],
    ["an end of zero", urls.create, create({ endTime: 0n }), "sdk", 18, "invalid end time: invalid request"],
    ["an end below zero", urls.create, create({ endTime: -1n }), "sdk", 18, "invalid end time"],
    ["an account that exists", urls.create, create({ toAddress: other }), "sdk", 18, exists],
    ["the sender itself", urls.create, create({ toAddress: giver }), "sdk", 18, "already exists"],
    [
      "a module",
      urls.create,
      create({ toAddress: collector }),
      "sdk",
      4,
      `${collector} is not allowed to receive funds`,
    ],
    ["more than there is", urls.create, create({ amount: protoCoins("100001uweir") }), "sdk", 5, "is smaller than"],
    ["a bad sender of a lock", urls.lock, lock({ fromAddress: "x" }), "sdk", 7, "invalid 'from' address: "],
    ["no coins to lock", urls.lock, lock({ amount: [] }), "sdk", 10, "invalid coins"],
    ["a lock on an account that exists", urls.lock, lock({ toAddress: other }), "sdk", 18, exists],
    ["a lock on a module", urls.lock, lock({ toAddress: collector }), "sdk", 4, "not allowed to receive funds"],
    ["a start of zero", urls.periodic, periodic({ startTime: 0n }), "sdk", 18, "invalid start time of 0"],
    [
      "a period of no length",
      urls.periodic,
      periodic({ vestingPeriods: [period(1n, "1uweir"), period(0n, "1uweir")] }),
      "sdk",
      18,
      "invalid period length of 0 in period 1, length must be greater than 0: invalid request",
    ],
    ["a period of no coins", urls.periodic, periodic({ vestingPeriods: [period(1n, "")] }), "sdk", 10, "invalid coins"],
    ["no periods", urls.periodic, periodic({ vestingPeriods: [] }), "sdk", 18, "vesting start-time cannot be before"],
    [
      "periods beyond 64 bits",
      urls.periodic,
      periodic({ vestingPeriods: [period(1n << 62n, "1uweir"), period(1n << 62n, "1uweir")] }),
      "sdk",
      18,
      "vesting start-time cannot be before end-time",
    ],
    [
      "too many periods",
      urls.periodic,
      periodic({ vestingPeriods: Array.from({ length: 4_097 }, () => period(1n, "1uweir")) }),
      "sdk",
      18,
      "4097 periods, expected at most 4096",
    ],
    [
      "coins beyond 256 bits",
      urls.periodic,
      periodic({ vestingPeriods: [1, 2].map(() => period(1n, `${(1n << 256n) - 1n}uweir`)) }),
      "sdk",
      35,
      "",
    ],
    ["periods for one that exists", urls.periodic, periodic({ toAddress: other }), "sdk", 18, exists],
  ])("refuse %s", (_what, url, value, codespace, code, text) => {
    const chain = funded();
    const { refusal } = chain.message(url, value);
    expect(refusal).toMatchObject({ codespace, code });
    expect(refusal!.message).toContain(text);
    expect(chain.broken()).toBeUndefined();
  });

  it("refuse what may not be sent", () => {
    const noSending = { ...bankGenesis(["100000uweir"]), params: { default_send_enabled: false } };
    const chain = testChain({ bank: noSending });
    for (const [url, value] of [
      [urls.create, create()],
      [urls.lock, lock()],
      [urls.periodic, periodic()],
    ] as const) {
      expect(chain.message(url, value).refusal).toMatchObject({ codespace: "bank", code: 5 });
    }
  });

  it("are signed by the giver", () => {
    for (const handler of Object.values(vesting.messages)) expect(handler.signers(create())).toEqual([giver]);
  });

  it("make a transfer, with its events and no others", () => {
    const { events } = funded().message(urls.create, create());
    expect(events.map(({ type }) => type)).toEqual(["coin_spent", "coin_received", "transfer", "message"]);
    expect(events[2]).toEqual(event("transfer", { recipient: fresh, sender: giver, amount: "1000uweir" }));
  });
});

const send = (amount: string) =>
  MsgSend.fromPartial({ fromAddress: fresh, toAddress: other, amount: protoCoins(amount) });

describe("a vesting account", () => {
  const spendableAt = (url: string, value: object, seconds: readonly bigint[]): bigint[] => {
    const chain = funded();
    expect(chain.message(url, value).refusal).toBeUndefined();
    return seconds.map((second) => {
      chain.setBlock({ time: { seconds: now + second, nanos: 999_999_999 } });
      expect(chain.broken()).toBeUndefined();
      return spendableOf(chain.context(), addressBytes(2), "uweir");
    });
  };

  it.each<readonly [string, string, object, readonly bigint[]]>([
    ["little by little", urls.create, create(), [0n, 0n, 1n, 500n, 999n, 1000n, 1000n]],
    ["at once at its end", urls.create, create({ delayed: true }), [0n, 0n, 0n, 0n, 0n, 1000n, 1000n]],
    ["never", urls.lock, lock(), [0n, 0n, 0n, 0n, 0n, 0n, 0n]],
    ["in parts", urls.periodic, periodic(), [0n, 0n, 0n, 1000n, 1000n, 1000n, 1000n]],
    ["an end that has passed", urls.create, create({ endTime: 1n }), [0n, 0n, 1000n, 1000n, 1000n, 1000n, 1000n]],
  ])("becomes spendable %s", (_how, url, value, expected) => {
    expect(spendableAt(url, value, [-1n, 0n, 1n, 500n, 999n, 1000n, 5000n])).toEqual(expected);
  });

  it("is spent from up to what is free, in the SDK's words", () => {
    const chain = funded();
    chain.message(urls.create, create());
    chain.setBlock({ time: { seconds: now + 400n, nanos: 0 } });
    expect(chain.message(urls.send, send("401uweir")).refusal).toMatchObject({
      codespace: "sdk",
      code: 5,
      message: "spendable balance 400uweir is smaller than 401uweir: insufficient funds",
    });
    expect(chain.message(urls.send, send("400uweir")).refusal).toBeUndefined();
    expect(chain.query("/cosmos.bank.v1beta1.Query/SpendableBalances", { address: fresh })).toMatchObject({
      balances: [{ denom: "uweir", amount: "0" }],
    });
    chain.message(urls.send, { ...send("30uweir"), fromAddress: giver, toAddress: fresh });
    expect(chain.message(urls.send, send("30uweir")).refusal).toBeUndefined();
    expect(chain.broken()).toBeUndefined();
  });

  it("delegates what is locked first, and gets free coins back first", () => {
    const chain = funded();
    chain.message(urls.create, create());
    chain.setBlock({ time: { seconds: now + 400n, nanos: 0 } });
    const stateOf = () => getAccount(chain.context(), addressBytes(2))!.vesting!;
    delegateCoins(chain.context(), addressBytes(2), pool, coins("800uweir"));
    expect(stateOf()).toMatchObject({ delegatedVesting: coins("600uweir"), delegatedFree: coins("200uweir") });
    expect(spendableOf(chain.context(), addressBytes(2), "uweir")).toBe(200n);
    undelegateCoins(chain.context(), pool, addressBytes(2), coins("300uweir"));
    expect(stateOf()).toMatchObject({ delegatedVesting: coins("500uweir"), delegatedFree: [] });
    expect(spendableOf(chain.context(), addressBytes(2), "uweir")).toBe(400n);
    expect(balanceOf(chain.context(), addressBytes(2), "uweir")).toBe(500n);
  });

  it("has coins delegated with the SDK's events and refusals", () => {
    const chain = funded();
    const delegate = (amount: string, index = 0) =>
      chain.attempt((ctx) => delegateCoins(ctx, addressBytes(index), pool, coins(amount)));
    expect(delegate("1uweir").events.map(({ type }) => type)).toEqual(["coin_spent", "coin_received"]);
    expect(delegate("100000uweir").refusal).toMatchObject({
      codespace: "sdk",
      code: 5,
      message: "failed to delegate; 99999uweir is smaller than 100000uweir: insufficient funds",
    });
    expect(delegate("0uweir").refusal).toMatchObject({ codespace: "sdk", code: 10 });
    expect(() => delegateCoins(chain.context(), addressBytes(0), "fee_collector", coins("1uweir"))).toThrow(
      "module account fee_collector does not have permissions to receive delegated tokens",
    );
    const back = chain.attempt((ctx) => undelegateCoins(ctx, pool, addressBytes(7), coins("1uweir")));
    expect(back.refusal).toMatchObject({ codespace: "sdk", code: 9 });
  });

  it("that owes more than it holds spends nothing, in the SDK's words", () => {
    const chain = testChain({
      auth: genesisAccounts([vestingJson({ original_vesting: protoCoins("70uweir"), end_time: `${now + 9n}` })]),
      bank: bankGenesis(["100uweir", "1uweir", "50uweir"]),
    });
    expect(chain.message(urls.send, send("1uweir")).refusal).toMatchObject({
      message: "locked amount exceeds account balance funds: 70uweir > 50uweir: insufficient funds",
    });
    expect(spendableOf(chain.context(), addressBytes(2), "uweir")).toBe(0n);
  });
});

const authParams = {
  max_memo_characters: "256",
  tx_sig_limit: "7",
  tx_size_cost_per_byte: "10",
  sig_verify_cost_ed25519: "590",
  sig_verify_cost_secp256k1: "1000",
};

const genesisAccounts = (accounts: readonly object[]) => ({ params: authParams, accounts });

const vestingJson = (base: object, type = "DelayedVestingAccount", more: object = {}) => ({
  "@type": `/cosmos.vesting.v1beta1.${type}`,
  base_vesting_account: {
    base_account: { address: fresh, pub_key: null, account_number: "0", sequence: "0" },
    original_vesting: protoCoins("5uweir"),
    delegated_free: [],
    delegated_vesting: [],
    end_time: "9",
    ...base,
  },
  ...more,
});

describe("genesis with vesting accounts", () => {
  it("comes back the same from its export", () => {
    const chain = funded();
    const to = (index: number) => ({ toAddress: address(index) });
    expect(chain.message(urls.create, create({ ...to(2), endTime: 1n })).refusal).toBeUndefined();
    expect(chain.message(urls.create, create({ ...to(3), delayed: true })).refusal).toBeUndefined();
    expect(chain.message(urls.lock, lock(to(4))).refusal).toBeUndefined();
    expect(chain.message(urls.periodic, periodic(to(5))).refusal).toBeUndefined();
    delegateCoins(chain.context(), addressBytes(5), pool, coins("800uweir"));
    undelegateCoins(chain.context(), pool, addressBytes(5), coins("800uweir"));
    delegateCoins(chain.context(), addressBytes(4), pool, coins("1uweir"));
    undelegateCoins(chain.context(), pool, addressBytes(4), coins("1uweir"));
    const again = testChain(JSON.parse(JSON.stringify(chain.exported())));
    for (const store of ["acc", "bank"]) expect(again.entries(store)).toEqual(chain.entries(store));
    expect(again.exported()).toEqual(chain.exported());
  });

  it.each<readonly [string, object, string]>([
    ["a bad address", vestingJson({ base_account: { address: "x" } }), "base_vesting_account.base_account.address"],
    [
      "no coins",
      vestingJson({ original_vesting: [] }),
      "accounts[0]: found invalid coins: , expected a vesting account",
    ],
    [
      "unsorted coins",
      vestingJson({ delegated_free: protoCoins("1uweir,1uusdc") }),
      "delegated_free: found denomination",
    ],
    ["an end below zero", vestingJson({ end_time: "-1" }), "end time cannot be negative"],
    [
      "periods that do not fit",
      vestingJson({}, "PeriodicVestingAccount", {
        start_time: "3",
        vesting_periods: [{ length: "5", amount: protoCoins("5uweir") }],
      }),
      "vesting end time does not match length of all vesting periods",
    ],
    [
      "a period without coins",
      vestingJson({}, "PeriodicVestingAccount", {
        start_time: "3",
        vesting_periods: [{ length: "6", amount: protoCoins("0uweir") }],
      }),
      "vesting_periods[0].amount",
    ],
    ["a lock with an end", vestingJson({}, "PermanentLockedAccount"), "cannot have an end-time"],
  ])("is refused with %s", (_what, account, text) => {
    expect(() => testChain({ auth: genesisAccounts([account]) })).toThrow(text);
  });

  it("holds nothing of its own", () => {
    for (const json of [null, {}]) expect(vesting.genesis.parse(json)).toEqual({});
    for (const json of [{ accounts: [] }, [], 7])
      expect(() => vesting.genesis.parse(json)).toThrow("app_state.vesting");
  });
});
