/** Grants: refusals, limits, ends, events. Doing something with them is exec.test.ts, reading them records.test.ts. */
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { QueryGrantsResponse } from "../../proto/gen/cosmos/authz/v1beta1/query.ts";
import { MsgGrant, MsgRevoke } from "../../proto/gen/cosmos/authz/v1beta1/tx.ts";
import { SendAuthorization } from "../../proto/gen/cosmos/bank/v1beta1/authz.ts";
import { AuthorizationType, StakeAuthorization } from "../../proto/gen/cosmos/staking/v1beta1/authz.ts";
import { address, addressBytes, bankGenesis, protoCoins } from "../../test/helpers/accounts.ts";
import {
  exec,
  generic,
  grant,
  grantee,
  granteeBytes,
  granter,
  granterBytes,
  later,
  now,
  pack,
  send,
  sends,
  third,
  urls,
} from "../../test/helpers/grants.ts";
import { type TestChain, testChain } from "../../test/helpers/testchain.ts";
import { hasAccount } from "../auth/index.ts";
import { balanceOf } from "../bank/index.ts";
import { weir } from "../index.ts";
import { expiredGrantsPerBlockMax, removeExpiredGrants, writeGrant } from "./keeper.ts";
import { grantQueue, grants } from "./state.ts";

/** What the store always holds. */
const marked = [Uint8Array.of(255), Uint8Array.of(1)];

let chain: TestChain;
beforeEach(() => {
  chain = testChain({ bank: bankGenesis(["1000uweir", "1000uweir", "5uweir"]) });
});

const collector = accountAddress.encode(moduleAddress("fee_collector"));

describe("authz messages", () => {
  it.each<readonly [string, string, object, string, number, string]>([
    [
      "a grant to oneself",
      urls.grant,
      grant(generic(urls.send), { grantee: granter.toUpperCase() }),
      "authz",
      7,
      "grantee and granter should be different",
    ],
    ["a bad grantee", urls.grant, grant(generic(urls.send), { grantee: "x" }), "sdk", 7, "invalid grantee address: "],
    ["a bad granter", urls.grant, grant(generic(urls.send), { granter: "x" }), "sdk", 7, "invalid granter address: "],
    ["no authorization", urls.grant, grant(undefined), "sdk", 29, "authorization is nil: invalid type"],
    ["no grant", urls.grant, MsgGrant.fromPartial({ granter, grantee }), "sdk", 29, "authorization is nil"],
    [
      "what is no authorization",
      urls.grant,
      grant(send(granter, "1uweir")),
      "sdk",
      2,
      "/cosmos.bank.v1beta1.MsgSend is no authorization",
    ],
    ["an empty generic grant", urls.grant, grant(generic("")), "undefined", 1, "msg type cannot be empty"],
    ["a message that is not there", urls.grant, grant(generic("/a.B")), "sdk", 29, "/a.B doesn't exist.: invalid type"],
    [
      "an unsorted limit",
      urls.grant,
      grant(sends("1uweir,1uusdc")),
      "sdk",
      10,
      "spend limit: denomination uusdc is not sorted",
    ],
    [
      "a list too long",
      urls.grant,
      grant(
        sends(
          "1uweir",
          Array.from({ length: 1_001 }, (_, i) => `${i}`),
        ),
      ),
      "sdk",
      18,
      "1001 addresses in allow_list",
    ],
    [
      "an end that has passed",
      urls.grant,
      grant(generic(urls.send), {}, now),
      "authz",
      3,
      "expiration must be after the current block time (2023-11-14T22:13:20Z), got 2023-11-14T22:13:20Z",
    ],
    ["a grant to a module", urls.grant, grant(generic(urls.send), { grantee: collector }), "sdk", 0, ""],
    [
      "a revocation of oneself",
      urls.revoke,
      MsgRevoke.fromPartial({ granter, grantee: granter, msgTypeUrl: urls.send }),
      "authz",
      7,
      "",
    ],
    [
      "a revocation of a bad address",
      urls.revoke,
      MsgRevoke.fromPartial({ granter, grantee: "x", msgTypeUrl: urls.send }),
      "sdk",
      7,
      "invalid grantee",
    ],
    [
      "a revocation of nothing",
      urls.revoke,
      MsgRevoke.fromPartial({ granter, grantee }),
      "sdk",
      18,
      "missing msg method name",
    ],
    [
      "a revocation of what is not granted",
      urls.revoke,
      MsgRevoke.fromPartial({ granter, grantee, msgTypeUrl: urls.send }),
      "authz",
      2,
      "authorization not found",
    ],
    [
      "an exec by a bad address",
      urls.exec,
      exec([send(granter, "1uweir")], "x"),
      "sdk",
      7,
      "invalid grantee address: ",
    ],
    ["an exec of nothing", urls.exec, exec([]), "sdk", 18, "messages cannot be empty"],
    [
      "an exec of an unknown message",
      urls.exec,
      exec([{ typeUrl: "/a.B", value: new Uint8Array(0) }]),
      "sdk",
      6,
      "msg 0: unrecognized message route: /a.B: unknown request",
    ],
    [
      "an exec of a bad message",
      urls.exec,
      exec([send(grantee, "1uweir"), send(grantee, "0uweir")]),
      "sdk",
      10,
      "msg 1: 0uweir: invalid coins",
    ],
    [
      "an exec of what is not granted",
      urls.exec,
      exec([send(granter, "1uweir")]),
      "authz",
      2,
      `failed to get grant with given granter: ${granter}, grantee: ${grantee} & msgType: ${urls.send} : authorization not found`,
    ],
    [
      "an exec that fails within",
      urls.exec,
      exec([send(grantee, "1uweir"), send(grantee, "5000uweir")]),
      "sdk",
      5,
      "failed to execute message; message /cosmos.bank.v1beta1.MsgSend: spendable balance 999uweir is smaller than 5000uweir: insufficient funds",
    ],
  ])("refuse %s", (what, url, value, codespace, code, text) => {
    const { refusal } = chain.message(url, value);
    // An account that exists already takes grants, a module's too, as in the SDK.
    if (what === "a grant to a module") expect(refusal).toBeUndefined();
    else {
      expect(refusal).toMatchObject({ codespace, code });
      expect(refusal!.message).toContain(text);
    }
    expect(chain.broken()).toBeUndefined();
  });

  it("are signed by who gives, takes back or acts", () => {
    const authz = weir.modules.find(({ name }) => name === "authz")!;
    expect(authz.messages[urls.grant]!.signers(grant(generic(urls.send)))).toEqual([granter]);
    expect(authz.messages[urls.revoke]!.signers({ granter, grantee, msgTypeUrl: urls.send })).toEqual([granter]);
    expect(authz.messages[urls.exec]!.signers(exec([]))).toEqual([grantee]);
  });

  it("emit the SDK's typed events, their attributes as JSON in order of name", () => {
    const attributes = [
      { key: "grantee", value: `"${grantee}"`, index: true },
      { key: "granter", value: `"${granter}"`, index: true },
      { key: "msg_type_url", value: `"${urls.send}"`, index: true },
    ];
    expect(chain.message(urls.grant, grant(generic(urls.send))).events).toEqual([
      { type: "cosmos.authz.v1beta1.EventGrant", attributes },
    ]);
    const revoked = chain.message(urls.revoke, { granter, grantee, msgTypeUrl: urls.send });
    expect(revoked.events).toEqual([{ type: "cosmos.authz.v1beta1.EventRevoke", attributes }]);
  });

  it("give a grantee that is not there yet an account", () => {
    expect(hasAccount(chain.context(), addressBytes(9))).toBe(false);
    expect(chain.message(urls.grant, grant(generic(urls.send), { grantee: address(9) })).refusal).toBeUndefined();
    expect(hasAccount(chain.context(), addressBytes(9))).toBe(true);
  });
});

describe("a grant", () => {
  it("lets the grantee act until it is revoked, and only in what it is for", () => {
    chain.message(urls.grant, grant(generic(urls.send)));
    expect(chain.message(urls.exec, exec([send(granter, "10uweir")])).refusal).toBeUndefined();
    expect(balanceOf(chain.context(), addressBytes(2), "uweir")).toBe(15n);
    const other = exec([pack(MsgRevoke, { granter, grantee, msgTypeUrl: urls.send })]);
    expect(chain.message(urls.exec, other).refusal).toMatchObject({ codespace: "authz", code: 2 });
    expect(chain.message(urls.exec, exec([send(granter, "1uweir")], third)).refusal).toMatchObject({ code: 2 });
    chain.message(urls.revoke, { granter, grantee, msgTypeUrl: urls.send });
    expect(chain.message(urls.exec, exec([send(granter, "1uweir")])).refusal).toMatchObject({ code: 2 });
  });

  it("of sends is used up, and then gone, with its place in the queue", () => {
    chain.message(urls.grant, grant(sends("30uweir", [third]), {}, later(100n)));
    expect(chain.message(urls.exec, exec([send(granter, "31uweir")])).refusal).toMatchObject({
      codespace: "sdk",
      code: 5,
      message: "requested amount is more than spend limit: insufficient funds",
    });
    expect(chain.message(urls.exec, exec([send(granter, "1uweir", grantee)])).refusal).toMatchObject({ code: 4 });
    expect(
      chain.message(urls.exec, exec([send(granter, "10uweir"), send(granter, "20uweir")])).refusal,
    ).toBeUndefined();
    expect([...grants.keys(chain.context()), ...grantQueue.keys(chain.context())]).toEqual([]);
    expect(chain.message(urls.exec, exec([send(granter, "1uweir")])).refusal).toMatchObject({ code: 2 });
  });

  it("keeps its limit when the message fails", () => {
    chain.message(urls.grant, grant(sends("5000uweir")));
    expect(chain.message(urls.exec, exec([send(granter, "2000uweir")])).refusal).toMatchObject({ code: 5 });
    const { grants: list } = chain.query<QueryGrantsResponse>("/cosmos.authz.v1beta1.Query/Grants", {
      granter,
      grantee,
    });
    expect(SendAuthorization.decode(list[0]!.authorization!.value).spendLimit).toEqual(protoCoins("5000uweir"));
  });

  it("never lets more go than its limit, whatever is asked for in which order", () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), amounts, (limit, asked) => {
        const run = testChain({ bank: bankGenesis(["1000uweir", "1uweir", "1uweir"]) });
        run.message(urls.grant, grant(sends(`${limit}uweir`)));
        for (const amount of asked) run.message(urls.exec, exec([send(granter, `${amount}uweir`)]));
        const gone = 1000n - balanceOf(run.context(), granterBytes, "uweir");
        const fits = asked.reduce((sum, amount) => (sum + amount <= limit ? sum + amount : sum), 0);
        expect(gone).toBe(BigInt(fits));
        expect(run.broken()).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it("of stakes is under the message of its kind", () => {
    const stakes = pack(StakeAuthorization, {
      authorizationType: AuthorizationType.AUTHORIZATION_TYPE_REDELEGATE,
      denyList: { address: [] },
    });
    expect(chain.message(urls.grant, grant(stakes)).refusal).toBeUndefined();
    const [[, , url]] = [...grants.keys(chain.context())] as [readonly [Uint8Array, Uint8Array, string]];
    expect(url).toBe("/cosmos.staking.v1beta1.MsgBeginRedelegate");
  });

  it("replaces the one before it, its end too", () => {
    chain.message(urls.grant, grant(generic(urls.send), {}, later(100n)));
    chain.message(urls.grant, grant(sends("5uweir"), {}, later(200n)));
    expect([...grantQueue.keys(chain.context())]).toEqual([[later(200n), granterBytes, granteeBytes]]);
    chain.message(urls.grant, grant(sends("6uweir"), {}, later(200n)));
    expect(chain.broken()).toBeUndefined();
    chain.message(urls.grant, grant(sends("6uweir")));
    expect([...grantQueue.keys(chain.context())]).toEqual([]);
  });

  it("ends at its time: usable until then, refused after, removed in the next block", () => {
    chain.message(urls.grant, grant(generic(urls.send), {}, later(100n)));
    chain.setBlock({ time: later(100n) });
    expect(chain.message(urls.exec, exec([send(granter, "1uweir")])).refusal).toBeUndefined();
    chain.setBlock({ time: { seconds: now.seconds + 100n, nanos: 1 } });
    expect(chain.message(urls.exec, exec([send(granter, "1uweir")])).refusal).toMatchObject({
      codespace: "authz",
      code: 6,
      message: "authorization expired",
    });
    beginBlock();
    expect(chain.message(urls.exec, exec([send(granter, "1uweir")])).refusal).toMatchObject({ code: 2 });
    expect(chain.entries("authz")).toEqual([marked]);
  });
});

const authz = weir.modules.find(({ name }) => name === "authz")!;
const beginBlock = () => authz.beginBlock!(chain.context(), { lastCommit: [], misbehaviors: [] } as never);

describe("grants that have expired", () => {
  it("are removed a bounded number a block, oldest first, one grantee's among them", () => {
    const messageUrls = weir.modules.flatMap(({ messages }) => Object.keys(messages)).slice(0, 20);
    const grantees = Math.ceil((expiredGrantsPerBlockMax * 1.5) / messageUrls.length);
    for (let index = 0; index < grantees; index++) {
      for (const url of messageUrls) {
        const to = { grantee: address(10 + index) };
        expect(
          chain.message(urls.grant, grant(generic(url), to, later(10n + BigInt(index % 2)))).refusal,
        ).toBeUndefined();
      }
    }
    chain.setBlock({ time: later(5n) });
    beginBlock();
    const count = () => [...grants.keys(chain.context())].length;
    expect(count()).toBe(grantees * messageUrls.length);
    chain.setBlock({ time: later(11n) });
    beginBlock();
    expect(count()).toBe(grantees * messageUrls.length - expiredGrantsPerBlockMax);
    expect(chain.broken()).toBeUndefined();
    beginBlock();
    expect(chain.entries("authz")).toEqual([marked]);
  });

  it("cost a block the same, however many more wait", () => {
    const cost = (waiting: number): bigint => {
      chain = testChain();
      const authorization = generic(urls.send);
      for (let index = 0; index < waiting; index++) {
        const to = new Uint8Array(20);
        new DataView(to.buffer).setUint32(0, index);
        writeGrant(chain.context(), [granterBytes, to, urls.send], undefined, { authorization, expiration: later(1n) });
      }
      chain.setBlock({ time: later(2n) });
      const ctx = chain.context();
      removeExpiredGrants(ctx);
      return ctx.gas.consumed;
    };
    expect(cost(3 * expiredGrantsPerBlockMax)).toBe(cost(expiredGrantsPerBlockMax + 1));
  });
});
