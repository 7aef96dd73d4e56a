/** Bank's messages where they are refused; the SDK's own refusals are compared in modules/sdk.test.ts, these are the edges beside them. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { address, addressBytes, bankGenesis, coins } from "../../test/helpers/accounts.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { getAccount } from "../auth/index.ts";
import { balanceOf, balancesOf, bank, isSendEnabled, supplyOf } from "./index.ts";
import { requireSpendable } from "./keeper.ts";

const most = (1n << 256n) - 1n;
const sendUrl = "/cosmos.bank.v1beta1.MsgSend";
const multiSendUrl = "/cosmos.bank.v1beta1.MsgMultiSend";
const foreign = "cosmos1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnrk363e";
const collector = accountAddress.encode(moduleAddress("fee_collector"));

const coin = (amount: bigint | string, denom = "uweir") => ({ denom, amount: `${amount}` });
const send = (from: string, to: string, ...amount: object[]) => ({ fromAddress: from, toAddress: to, amount });
const multi = (from: string, total: object[], outputs: readonly (readonly [string, object[]])[]) => ({
  inputs: [{ address: from, coins: total }],
  outputs: outputs.map(([to, list]) => ({ address: to, coins: list })),
});

const fresh = () => testChain({ bank: bankGenesis(["3uusdc,100uweir", `1big`, "5uweir"]) });

type Case = readonly [what: string, typeUrl: string, value: unknown, codespace: string, code: number, message: string];

const amountOf = (...list: object[]) => send(address(0), address(1), ...list);

const badAmounts: readonly (readonly [what: string, value: object, code: number, message: string])[] = [
  ["no coins", amountOf(), 10, ": invalid coins"],
  ["zero", amountOf(coin(0n)), 10, "0uweir: invalid coins"],
  ["a negative amount", amountOf(coin(-1n)), 10, "-1uweir: invalid coins"],
  ["a repeated coin", amountOf(coin(1n), coin(1n)), 10, "1uweir,1uweir: invalid coins"],
  ["unsorted coins", amountOf(coin(1n), coin(1n, "uusdc")), 10, "1uweir,1uusdc: invalid coins"],
  ["a denomination of two letters", amountOf(coin(1n, "uw")), 10, "1uw: invalid coins"],
  ["a denomination that begins with a digit", amountOf(coin(1n, "1uweir")), 10, "11uweir: invalid coins"],
  ["a denomination of 129 letters", amountOf(coin(1n, "a".repeat(129))), 10, `1${"a".repeat(129)}: invalid coins`],
  ["no denomination", amountOf(coin(1n, "")), 10, "1: invalid coins"],
  ["2^256", amountOf(coin(most + 1n)), 2, `integer out of range: ${most + 1n}: tx parse error`],
  [
    "an amount with a point",
    amountOf(coin("1.5")),
    2,
    'math/big: cannot unmarshal "1.5" into a *big.Int: tx parse error',
  ],
  ["an amount with a sign", amountOf(coin("+1")), 2, 'math/big: cannot unmarshal "+1" into a *big.Int: tx parse error'],
  ["no amount", amountOf(coin("")), 2, 'math/big: cannot unmarshal "" into a *big.Int: tx parse error'],
];

const cases: readonly Case[] = [
  ...badAmounts.map(([what, value, code, message]): Case => [`send ${what}`, sendUrl, value, "sdk", code, message]),
  [
    "send more than there is",
    sendUrl,
    amountOf(coin(101n)),
    "sdk",
    5,
    "spendable balance 100uweir is smaller than 101uweir: insufficient funds",
  ],
  [
    "send as much as can be",
    sendUrl,
    amountOf(coin(most)),
    "sdk",
    5,
    `spendable balance 100uweir is smaller than ${most}uweir: insufficient funds`,
  ],
  [
    "send what one does not have",
    sendUrl,
    amountOf(coin(1n, "gold")),
    "sdk",
    5,
    "spendable balance 0gold is smaller than 1gold: insufficient funds",
  ],
  [
    "send to oneself more than one has",
    sendUrl,
    send(address(0), address(0), coin(101n)),
    "sdk",
    5,
    "spendable balance 100uweir is smaller than 101uweir: insufficient funds",
  ],
  [
    "send from another chain",
    sendUrl,
    send(foreign, address(1), coin(1n)),
    "sdk",
    7,
    "invalid from address: invalid Bech32 prefix; expected weir, got cosmos: invalid address",
  ],
  [
    "send to another chain",
    sendUrl,
    send(address(0), foreign, coin(1n)),
    "sdk",
    7,
    "invalid to address: invalid Bech32 prefix; expected weir, got cosmos: invalid address",
  ],
  [
    "send to mixed case",
    sendUrl,
    send(address(0), `W${address(1).slice(1)}`, coin(1n)),
    "sdk",
    7,
    "invalid to address: decoding bech32 failed: string not all lowercase or all uppercase: invalid address",
  ],
  [
    "send to the fee collector",
    sendUrl,
    send(address(0), collector, coin(1n)),
    "sdk",
    4,
    `${collector} is not allowed to receive funds: unauthorized`,
  ],
  [
    "send to the fee collector in upper case",
    sendUrl,
    send(address(0), collector.toUpperCase(), coin(1n)),
    "sdk",
    4,
    `${collector.toUpperCase()} is not allowed to receive funds: unauthorized`,
  ],
  ["multi-send nothing", multiSendUrl, { inputs: [], outputs: [] }, "bank", 2, "no inputs to send transaction"],
  [
    "multi-send from two",
    multiSendUrl,
    {
      inputs: [
        { address: address(0), coins: [coin(1n)] },
        { address: address(2), coins: [coin(1n)] },
      ],
      outputs: [],
    },
    "bank",
    9,
    "multiple senders not allowed",
  ],
  [
    "multi-send to nobody",
    multiSendUrl,
    multi(address(0), [coin(1n)], []),
    "bank",
    3,
    "no outputs to send transaction",
  ],
  [
    "multi-send less than it says",
    multiSendUrl,
    multi(address(0), [coin(2n)], [[address(1), [coin(1n)]]]),
    "bank",
    4,
    "sum inputs != sum outputs",
  ],
  [
    "multi-send what overflows",
    multiSendUrl,
    multi(
      address(0),
      [coin(most)],
      [
        [address(1), [coin(most)]],
        [address(2), [coin(1n)]],
      ],
    ),
    "sdk",
    35,
    "integer overflow: internal logic error",
  ],
  [
    "multi-send to no address",
    multiSendUrl,
    multi(address(0), [coin(1n)], [["", [coin(1n)]]]),
    "sdk",
    7,
    "invalid output address: empty address string is not allowed: invalid address",
  ],
  [
    "multi-send from no address",
    multiSendUrl,
    multi("", [coin(1n)], [[address(1), [coin(1n)]]]),
    "sdk",
    7,
    "invalid input address: empty address string is not allowed: invalid address",
  ],
  [
    "multi-send unsorted coins",
    multiSendUrl,
    multi(address(0), [coin(1n), coin(1n, "uusdc")], [[address(1), [coin(1n), coin(1n, "uusdc")]]]),
    "sdk",
    10,
    "1uweir,1uusdc: invalid coins",
  ],
  [
    "multi-send an amount that is none",
    multiSendUrl,
    multi(address(0), [coin("x")], [[address(1), [coin("x")]]]),
    "sdk",
    2,
    'math/big: cannot unmarshal "x" into a *big.Int: tx parse error',
  ],
  [
    "multi-send to the fee collector",
    multiSendUrl,
    multi(address(0), [coin(1n)], [[collector, [coin(1n)]]]),
    "sdk",
    4,
    `${collector} is not allowed to receive funds: unauthorized`,
  ],
  [
    "multi-send more than there is",
    multiSendUrl,
    multi(address(0), [coin(101n)], [[address(1), [coin(101n)]]]),
    "sdk",
    5,
    "spendable balance 100uweir is smaller than 101uweir: insufficient funds",
  ],
];

describe("bank refuses to", () => {
  it.each(cases)("%s", (_what, typeUrl, value, codespace, code, message) => {
    const chain = fresh();
    const before = chain.entries("bank");
    const { refusal, events } = chain.message(typeUrl, value);
    expect(refusal).toMatchObject({ codespace, code, message });
    expect(events).toEqual([]);
    expect(chain.entries("bank")).toEqual(before);
    expect(chain.broken()).toBeUndefined();
  });
});

describe("a send", () => {
  it("moves coins and gives a new receiver an account", () => {
    const chain = fresh();
    expect(chain.message(sendUrl, send(address(0), address(7), coin(3n, "uusdc"), coin(60n))).refusal).toBeUndefined();
    const ctx = chain.context();
    expect(balancesOf(ctx, addressBytes(0))).toEqual(coins("40uweir"));
    expect(balancesOf(ctx, addressBytes(7))).toEqual(coins("3uusdc,60uweir"));
    expect(getAccount(ctx, addressBytes(7))).toMatchObject({ base: { address: address(7), sequence: 0n } });
    expect(chain.broken()).toBeUndefined();
  });

  it("to oneself changes nothing", () => {
    const chain = fresh();
    const before = chain.entries("bank");
    expect(chain.message(sendUrl, send(address(0), address(0), coin(100n))).refusal).toBeUndefined();
    expect(chain.entries("bank")).toEqual(before);
  });

  it("takes addresses in upper case, and says them in lower case", () => {
    const { events } = fresh().message(sendUrl, send(address(0).toUpperCase(), address(1).toUpperCase(), coin(1n)));
    const values = events.flatMap(({ attributes }) => attributes.map(({ value }) => value));
    expect(new Set(values)).toEqual(new Set([address(0), address(1), "1uweir"]));
  });

  it("of a coin that is disabled is refused until it is enabled again", () => {
    const chain = fresh();
    const set = (enabled: boolean) => ({
      authority: authorityAddress(),
      sendEnabled: [{ denom: "uweir", enabled }],
      useDefaultFor: [],
    });
    const setUrl = "/cosmos.bank.v1beta1.MsgSetSendEnabled";
    expect(chain.message(setUrl, set(false)).refusal).toBeUndefined();
    expect(isSendEnabled(chain.context(), "uweir")).toBe(false);
    expect(chain.message(sendUrl, amountOf(coin(1n, "uusdc"), coin(1n))).refusal).toMatchObject({
      codespace: "bank",
      code: 5,
      message: "uweir transfers are currently disabled: send transactions are disabled",
    });
    expect(chain.message(setUrl, { ...set(true), sendEnabled: [], useDefaultFor: ["uweir"] }).refusal).toBeUndefined();
    expect(chain.message(sendUrl, amountOf(coin(1n))).refusal).toBeUndefined();
  });

  it("of coins that no entry names follows the default", () => {
    const chain = fresh();
    const off = { authority: authorityAddress(), params: { sendEnabled: [], defaultSendEnabled: false } };
    expect(chain.message("/cosmos.bank.v1beta1.MsgUpdateParams", off).refusal).toBeUndefined();
    expect(chain.message(sendUrl, amountOf(coin(1n))).refusal).toMatchObject({ codespace: "bank", code: 5 });
  });

  it("takes no longer for outputs of many denominations than for many outputs of one", () => {
    const denoms = Array.from({ length: 60_000 }, (_, index) => `coin${index}`);
    const outputs = denoms.map((denom): [string, object[]] => [address(1), [coin(1n, denom)]]);
    expect(fresh().message(multiSendUrl, multi(address(0), [coin(1n)], outputs)).refusal).toMatchObject({
      codespace: "bank",
      code: 4,
    });
  });

  it("is signed by the one it takes from", () => {
    expect(bank.messages[sendUrl]!.signers(send("a", "b"))).toEqual(["a"]);
    const twice = { inputs: [{ address: "a" }, { address: "b" }, { address: "a" }], outputs: [] };
    expect(bank.messages[multiSendUrl]!.signers(twice)).toEqual(["a", "b"]);
  });
});

describe("what is locked", () => {
  it("cannot be spent", () => {
    const ten = { denom: "uweir", amount: 10n };
    expect(() => requireSpendable(ten, 15n, 5n)).not.toThrow();
    expect(() => requireSpendable(ten, 15n, 6n)).toThrow(
      "spendable balance 9uweir is smaller than 10uweir: insufficient funds",
    );
    expect(() => requireSpendable(ten, 5n, 6n)).toThrow(
      "locked amount exceeds account balance funds: 6uweir > 5uweir: insufficient funds",
    );
  });
});

describe("a fee", () => {
  it("is refused from an account that does not exist", () => {
    const chain = fresh();
    const deduct = (payer: number, text: string) =>
      chain.attempt((ctx) => chain.definition.ante.fees.deduct(ctx, addressBytes(payer), coins(text)));
    expect(deduct(9, "1uweir").refusal).toMatchObject({
      codespace: "sdk",
      code: 9,
      message: `fee payer address: ${address(9)} does not exist: unknown address`,
    });
    expect(deduct(0, "2uweir,1uusdc").refusal).toMatchObject({ codespace: "sdk", code: 13 });
    expect(deduct(0, "101uweir").refusal).toMatchObject({
      codespace: "sdk",
      code: 5,
      message: "spendable balance 100uweir is smaller than 101uweir: insufficient funds: insufficient funds",
    });
    expect(deduct(0, "").events).toEqual([
      {
        type: "tx",
        attributes: [
          { key: "fee", value: "", index: true },
          { key: "fee_payer", value: address(0), index: true },
        ],
      },
    ]);
    expect(deduct(0, "2uusdc,30uweir").events.map(({ type }) => type)).toEqual([
      "coin_spent",
      "coin_received",
      "transfer",
      "message",
      "tx",
    ]);
    expect(balanceOf(chain.context(), moduleAddress("fee_collector"), "uweir")).toBe(30n);
    expect(supplyOf(chain.context(), "uweir")).toBe(105n);
  });
});
