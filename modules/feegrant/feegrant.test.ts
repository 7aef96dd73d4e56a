/** Allowances: granting, paying by them through the ante steps, revoking, expiry, queries and genesis. */
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { type GeneratedMessage, messageCodec } from "../../chain/codec.ts";
import type { Timestamp } from "../../chain/context.ts";
import { parseCoins } from "../../chain/deccoins.ts";
import { event } from "../../chain/events.ts";
import type { DecodedMessage } from "../../chain/tx/types.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import {
  AllowedMsgAllowance,
  BasicAllowance,
  type Grant,
  PeriodicAllowance,
} from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import type { QueryAllowanceResponse } from "../../proto/gen/cosmos/feegrant/v1beta1/query.ts";
import { MsgGrantAllowance } from "../../proto/gen/cosmos/feegrant/v1beta1/tx.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { address, addressBytes, bankGenesis, protoCoins } from "../../test/helpers/accounts.ts";
import { TestApplication } from "../../test/helpers/testapplication.ts";
import { type TestChain, testBlock, testChain } from "../../test/helpers/testchain.ts";
import { hasAccount } from "../auth/index.ts";
import { weir } from "../index.ts";
import { anteGrants, feegrant } from "./index.ts";
import { expiredPerBlockMax, expiredPerMessageMax } from "./keeper.ts";
import { allowanceQueue, allowances } from "./state.ts";

const [granter, grantee, third] = [0, 1, 2].map(address) as [string, string, string];
const [granterBytes, granteeBytes] = [0, 1].map(addressBytes) as [Uint8Array, Uint8Array];
const now = testBlock.time;
const later = (seconds: bigint): Timestamp => ({ seconds: now.seconds + seconds, nanos: 0 });

const urls = {
  grant: "/cosmos.feegrant.v1beta1.MsgGrantAllowance",
  revoke: "/cosmos.feegrant.v1beta1.MsgRevokeAllowance",
  prune: "/cosmos.feegrant.v1beta1.MsgPruneAllowances",
  send: "/cosmos.bank.v1beta1.MsgSend",
} as const;

const pack = <T>(message: GeneratedMessage<T>, value: object): Any => {
  const codec = messageCodec(message);
  return { typeUrl: `/${codec.typeName}`, value: codec.encode(codec.fromPartial(value)) };
};

const basic = (limit: string, expiration?: Timestamp): Any =>
  pack(BasicAllowance, { spendLimit: protoCoins(limit), expiration });
const onlyFor = (allowance: Any | undefined, ...allowedMessages: string[]): Any =>
  pack(AllowedMsgAllowance, { allowance, allowedMessages });

const grant = (allowance: Any | undefined, changes: object = {}) =>
  MsgGrantAllowance.fromPartial({ granter, grantee, allowance, ...changes });

/** What the store always holds. */
const marked = [Uint8Array.of(255), Uint8Array.of(1)];

let chain: TestChain;
beforeEach(() => {
  chain = testChain({ bank: bankGenesis(["1000uweir", "10uweir"]) });
});

const send = { typeUrl: urls.send } as DecodedMessage;

const pay = (fee: string, messages: readonly DecodedMessage[] = [send]) =>
  chain.attempt((ctx) => anteGrants.use(ctx, granterBytes, granteeBytes, parseCoins(fee), messages));

const endBlock = () => feegrant.endBlock!(chain.context());

describe("feegrant messages", () => {
  const collector = accountAddress.encode(moduleAddress("fee_collector"));
  const periodic = (changes: object) =>
    pack(PeriodicAllowance, {
      basic: { spendLimit: protoCoins("5uweir") },
      period: { seconds: 60n, nanos: 0 },
      periodSpendLimit: protoCoins("1uweir"),
      periodCanSpend: protoCoins("1uweir"),
      periodReset: now,
      ...changes,
    });

  it.each<readonly [string, string, object, string, number, string]>([
    [
      "a grant to oneself",
      urls.grant,
      grant(basic("1uweir"), { grantee: granter.toUpperCase() }),
      "sdk",
      7,
      "cannot self-grant fee authorization: invalid address",
    ],
    ["a bad grantee", urls.grant, grant(basic("1uweir"), { grantee: "x" }), "undefined", 1, "decoding bech32 failed"],
    ["a bad granter", urls.grant, grant(basic("1uweir"), { granter: "" }), "undefined", 1, "empty address string"],
    ["no allowance", urls.grant, grant(undefined), "feegrant", 5, "failed to get allowance: no allowance"],
    ["what is no allowance", urls.grant, grant(pack(MsgSend, {})), "sdk", 2, "MsgSend is no fee allowance"],
    ["a limit of zero", urls.grant, grant(basic("0uweir")), "sdk", 10, "send amount is invalid: 0uweir"],
    [
      "another currency in a period",
      urls.grant,
      grant(periodic({ periodSpendLimit: protoCoins("1uusdc") })),
      "sdk",
      10,
      "different currency",
    ],
    [
      "a period below zero",
      urls.grant,
      grant(periodic({ period: { seconds: -1n, nanos: 0 } })),
      "feegrant",
      4,
      "negative clock step: invalid duration",
    ],
    [
      "an empty list of messages",
      urls.grant,
      grant(onlyFor(basic("1uweir"))),
      "feegrant",
      6,
      "allowed messages shouldn't be empty",
    ],
    [
      "a list of messages for nothing",
      urls.grant,
      grant(onlyFor(undefined, urls.send)),
      "feegrant",
      5,
      "allowance should not be empty",
    ],
    [
      "too many messages",
      urls.grant,
      grant(onlyFor(basic("1uweir"), ...Array.from({ length: 1_001 }, (_, i) => `/${i}`))),
      "sdk",
      18,
      "1001 allowed messages",
    ],
    [
      "an end that has passed",
      urls.grant,
      grant(basic("1uweir", later(-1n))),
      "sdk",
      18,
      "expiration is before current block time",
    ],
    ["a revocation of oneself", urls.revoke, { granter, grantee: granter }, "sdk", 7, "addresses must be different"],
    ["a revocation of a bad address", urls.revoke, { granter, grantee: "x" }, "undefined", 1, "decoding bech32 failed"],
    ["a revocation of nothing", urls.revoke, { granter, grantee }, "sdk", 38, "fee-grant not found: not found"],
    ["a pruner without an address", urls.prune, { pruner: "x" }, "undefined", 1, "decoding bech32 failed"],
  ])("refuse %s", (_what, url, value, codespace, code, text) => {
    const { refusal } = chain.message(url, value);
    expect(refusal).toMatchObject({ codespace, code });
    expect(refusal!.message).toContain(text);
    expect(chain.broken()).toBeUndefined();
  });

  it("refuse a second allowance, and a grantee that may not receive", () => {
    expect(chain.message(urls.grant, grant(basic("1uweir"))).refusal).toBeUndefined();
    expect(chain.message(urls.grant, grant(basic("2uweir"))).refusal).toMatchObject({
      codespace: "sdk",
      code: 18,
      message: "fee allowance already exists: invalid request",
    });
    expect(chain.message(urls.grant, grant(basic("1uweir"), { grantee: collector })).refusal).toBeUndefined();
  });

  it("are signed by the granter, or by whoever prunes", () => {
    expect(feegrant.messages[urls.grant]!.signers(grant(undefined))).toEqual([granter]);
    expect(feegrant.messages[urls.revoke]!.signers({ granter, grantee })).toEqual([granter]);
    expect(feegrant.messages[urls.prune]!.signers({ pruner: third })).toEqual([third]);
  });

  it("emit the SDK's events, and give a new grantee an account", () => {
    const to = { grantee: address(9) };
    expect(chain.message(urls.grant, grant(basic("1uweir"), to)).events).toEqual([
      event("set_feegrant", { granter, ...to }),
    ]);
    expect(hasAccount(chain.context(), addressBytes(9))).toBe(true);
    expect(chain.message(urls.revoke, { granter, ...to }).events).toEqual([
      event("revoke_feegrant", { granter, ...to }),
    ]);
    expect(chain.message(urls.prune, { pruner: third }).events).toEqual([event("prune_feegrant", { pruner: third })]);
  });
});

describe("an allowance", () => {
  it("pays until its limit, and is gone then", () => {
    chain.message(urls.grant, grant(basic("10uweir", later(9n))));
    expect(pay("4uweir").events).toEqual([
      event("use_feegrant", { granter, grantee }),
      event("update_feegrant", { granter, grantee }),
    ]);
    expect(pay("7uweir").refusal).toMatchObject({
      codespace: "feegrant",
      code: 2,
      message: "basic allowance: fee limit exceeded",
    });
    expect(pay("6uweir").events).toEqual([
      event("revoke_feegrant", { granter, grantee }),
      event("use_feegrant", { granter, grantee }),
    ]);
    expect(chain.entries("feegrant")).toEqual([marked]);
    expect(pay("1uweir").refusal).toMatchObject({ codespace: "sdk", code: 38 });
  });

  it("pays for some messages only", () => {
    chain.message(urls.grant, grant(onlyFor(basic(""), urls.grant, urls.send)));
    expect(pay("4uweir").refusal).toBeUndefined();
    const other = { typeUrl: "/cosmos.bank.v1beta1.MsgMultiSend" } as DecodedMessage;
    expect(pay("4uweir", [send, other]).refusal).toMatchObject({ codespace: "feegrant", code: 7 });
    expect(chain.broken()).toBeUndefined();
  });

  it("does not pay what is no fee", () => {
    chain.message(urls.grant, grant(basic("")));
    const fee = [
      { denom: "uweir", amount: 1n },
      { denom: "uusdc", amount: 1n },
    ];
    const { refusal } = chain.attempt((ctx) => anteGrants.use(ctx, granterBytes, granteeBytes, fee, [send]));
    expect(refusal).toMatchObject({ codespace: "sdk", code: 13 });
  });

  it("ends at its time: it pays until then, is refused after, and is removed at the end of a block", () => {
    chain.message(urls.grant, grant(basic("10uweir", later(9n))));
    chain.setBlock({ time: later(9n) });
    expect(pay("1uweir").refusal).toBeUndefined();
    chain.setBlock({ time: later(10n) });
    expect(pay("1uweir").refusal).toMatchObject({ codespace: "feegrant", code: 3 });
    expect(chain.message(urls.grant, grant(basic("1uweir"))).refusal).toMatchObject({ code: 18 });
    endBlock();
    expect(chain.entries("feegrant")).toEqual([marked]);
    expect(chain.message(urls.grant, grant(basic("1uweir"))).refusal).toBeUndefined();
  });

  it("that was revoked leaves nothing that ends a later one", () => {
    chain.message(urls.grant, grant(basic("10uweir", later(9n))));
    chain.message(urls.revoke, { granter, grantee });
    expect(chain.entries("feegrant")).toEqual([marked]);
    chain.message(urls.grant, grant(basic("10uweir")));
    chain.setBlock({ time: later(100n) });
    endBlock();
    expect(pay("1uweir").refusal).toBeUndefined();
  });

  it("never pays more than its limit, in all and in each period, whatever is asked for when", () => {
    const asked = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 12 })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 15 }), asked, (limit, each, list) => {
        chain = testChain({ bank: bankGenesis(["1000uweir", "10uweir"]) });
        const allowance = pack(PeriodicAllowance, {
          basic: { spendLimit: protoCoins(`${limit}uweir`) },
          period: { seconds: 30n, nanos: 0 },
          periodSpendLimit: protoCoins(`${each}uweir`),
          periodCanSpend: protoCoins(`${each}uweir`),
          periodReset: later(30n),
        });
        chain.message(urls.grant, grant(allowance));
        let clock = 0;
        const paid: { at: number; amount: number }[] = [];
        for (const [after, amount] of list) {
          clock += after;
          chain.setBlock({ time: later(BigInt(clock)) });
          if (pay(`${amount}uweir`).refusal === undefined) paid.push({ at: clock, amount });
          expect(chain.broken()).toBeUndefined();
        }
        expect(paid.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(limit);
        for (const { at } of paid) {
          const within = paid.filter((other) => other.at >= at && other.at < at + 30);
          // A period may end within any thirty seconds: what two of them allow is the most.
          expect(within.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(2 * each);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("allowances that have expired", () => {
  it("are removed a bounded number a block and a message, oldest first", () => {
    const count = expiredPerBlockMax + expiredPerMessageMax + 5;
    for (let index = 0; index < count; index++) {
      const bytes = new Uint8Array(20).fill(7);
      new DataView(bytes.buffer).setUint32(0, index);
      const to = { grantee: accountAddress.encode(bytes) };
      chain.message(urls.grant, grant(basic("", later(BigInt(1 + (index % 3)))), to));
    }
    const left = () => [...allowances.keys(chain.context())].length;
    chain.setBlock({ time: now });
    endBlock();
    expect(left()).toBe(count);
    chain.setBlock({ time: later(3n) });
    endBlock();
    expect(left()).toBe(count - expiredPerBlockMax);
    expect([...allowanceQueue.keys(chain.context())].every(([expiry]) => expiry.seconds === later(3n).seconds)).toBe(
      true,
    );
    chain.message(urls.prune, { pruner: third });
    expect(left()).toBe(5);
    expect(chain.broken()).toBeUndefined();
    endBlock();
    expect(chain.entries("feegrant")).toEqual([marked]);
  });
});

describe("a transaction whose fee another pays", () => {
  it("is taken into a block, its fee from the granter, while the allowance lasts", async () => {
    const app = await TestApplication.start();
    const [payer, poor] = [app.accounts[0]!, app.accounts[1]!];
    const allow = {
      codec: messageCodec(MsgGrantAllowance),
      value: grant(onlyFor(basic("3000uweir"), urls.send), { granter: payer.address, grantee: poor.address }),
    };
    const fee = { amount: parseCoins("2000uweir"), gasLimit: 200_000n };
    expect(app.seal([app.sign(payer, { messages: [allow] }, fee)]).txResults[0]).toMatchObject({ code: 0 });
    const transfer = {
      codec: messageCodec(MsgSend),
      value: MsgSend.fromPartial({ fromAddress: poor.address, toAddress: payer.address, amount: protoCoins("1uweir") }),
    };
    const granted = { ...fee, granter: payer.address };
    const tx = app.sign(poor, { messages: [transfer] }, granted);
    expect(app.check(tx)).toMatchObject({ code: 0 });
    const [result] = app.seal([tx]).txResults;
    expect(result).toMatchObject({ code: 0 });
    const paid = result!.events.find(({ type }) => type === "tx")!;
    expect(paid.attributes.find(({ key }) => key === "fee_payer")!.value).toBe(payer.address);
    const again = app.sign(poor, { messages: [transfer] }, granted);
    const text = `${payer.address} does not allow to pay fees for ${poor.address}: basic allowance: fee limit exceeded`;
    expect(app.check(again)).toMatchObject({ codespace: "feegrant", code: 2, log: expect.stringContaining(text) });
  });
});

describe("feegrant queries", () => {
  const ask = <R>(name: string, request: object) => chain.query<R>(`/cosmos.feegrant.v1beta1.Query/${name}`, request);
  type Page = { allowances: Grant[]; pagination: { total: bigint; nextKey: Uint8Array } };

  it("answer by pair, by grantee and by granter, in pages", () => {
    for (let index = 1; index < 5; index++) {
      chain.message(urls.grant, grant(basic(`${index}uweir`), { grantee: address(index) }));
      if (index > 1) chain.message(urls.grant, grant(basic("9uweir"), { granter: address(index), grantee }));
    }
    const { allowance } = ask<QueryAllowanceResponse>("Allowance", { granter, grantee: third });
    expect(allowance).toEqual({ granter, grantee: third, allowance: basic("2uweir") });
    expect(ask<Page>("Allowances", { grantee }).allowances.map((entry) => entry.granter)).toEqual(
      [0, 2, 3, 4].map(address),
    );
    const mine = ask<Page>("AllowancesByGranter", { granter, pagination: { limit: 3n, countTotal: true } });
    expect(mine.allowances.map((entry) => entry.grantee)).toEqual([1, 2, 3].map(address));
    expect(mine.pagination.total).toBe(4n);
    const rest = ask<Page>("AllowancesByGranter", { granter, pagination: { key: mine.pagination.nextKey } });
    expect(rest.allowances.map((entry) => entry.grantee)).toEqual([address(4)]);
  });

  it("refuse in the SDK's words", () => {
    expect(() => ask("Allowance", { granter, grantee })).toThrow("fee-grant not found: not found");
    for (const [name, request] of [
      ["Allowance", { granter: "x", grantee }],
      ["Allowance", { granter, grantee: "" }],
      ["Allowances", { grantee: "x" }],
      ["AllowancesByGranter", { granter: "x" }],
    ] as const) {
      expect(() => ask(name, request)).toThrow(": invalid request");
    }
  });
});

describe("genesis of feegrant", () => {
  it("comes back the same from its export, expired allowances too", () => {
    chain.message(urls.grant, grant(basic("5uweir", later(5n))));
    chain.message(urls.grant, grant(onlyFor(basic("", later(4n)), urls.send), { grantee: third }));
    chain.message(urls.grant, grant(basic("1uweir"), { granter: third }));
    chain.setBlock({ time: later(50n) });
    const again = testChain(JSON.parse(JSON.stringify(chain.exported())), weir, { time: later(50n) });
    expect(again.entries("feegrant")).toEqual(chain.entries("feegrant"));
    expect(again.exported()).toEqual(chain.exported());
    expect(again.broken()).toBeUndefined();
  });

  const entry = (changes: object = {}) => ({
    granter,
    grantee,
    allowance: {
      "@type": "/cosmos.feegrant.v1beta1.BasicAllowance",
      spend_limit: protoCoins("1uweir"),
      expiration: null,
    },
    ...changes,
  });

  it.each<readonly [string, readonly object[], string]>([
    ["a bad granter", [entry({ granter: "x" })], 'allowances[0].granter: found "x", expected an address'],
    ["a grant to oneself", [entry({ grantee: granter })], "expected another address than the granter's"],
    ["no allowance", [entry({ allowance: null })], "allowances[0].allowance: found nothing, expected a fee allowance"],
    ["another type", [entry({ allowance: { "@type": urls.prune, pruner: "" } })], "is no fee allowance"],
    ["the same allowance twice", [entry(), entry()], "again, as in [0], expected each one once"],
  ])("is refused with %s", (_what, list, text) => {
    expect(() => feegrant.genesis.parse({ allowances: list })).toThrow(text);
  });
});

describe("invariants of feegrant", () => {
  it.each<readonly [string, () => void, RegExp]>([
    [
      "an allowance of others",
      () => allowances.set(chain.context(), [granterBytes, granteeBytes], { granter, grantee, allowance: basic("") }),
      /says that it is of/,
    ],
    [
      "an end that is not queued",
      () => allowanceQueue.delete(chain.context(), [later(5n), granteeBytes, granterBytes]),
      /but is not queued/,
    ],
    [
      "a queued allowance that does not end",
      () => allowanceQueue.add(chain.context(), [later(6n), granteeBytes, granterBytes]),
      /1 allowances expire, but 2 are queued/,
    ],
  ])("find %s", (_what, damage, message) => {
    chain.message(urls.grant, grant(basic("", later(5n))));
    expect(chain.broken()).toBeUndefined();
    damage();
    expect(chain.broken()).toMatch(message);
  });
});
