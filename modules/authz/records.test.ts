import { beforeEach, describe, expect, it } from "vitest";
import type { Grant } from "../../proto/gen/cosmos/authz/v1beta1/authz.ts";
import { bankGenesis } from "../../test/helpers/accounts.ts";
import {
  generic,
  grant,
  grantee,
  granteeBytes,
  granter,
  granterBytes,
  later,
  sends,
  third,
  urls,
} from "../../test/helpers/grants.ts";
import { type TestChain, testChain } from "../../test/helpers/testchain.ts";
import { weir } from "../index.ts";
import { grantQueue, grants } from "./state.ts";

let chain: TestChain;
beforeEach(() => {
  chain = testChain({ bank: bankGenesis(["1000uweir", "1000uweir", "5uweir"]) });
});

const authz = weir.modules.find(({ name }) => name === "authz")!;

describe("authz queries", () => {
  const fill = () => {
    for (const [index, url] of [urls.send, urls.grant, urls.exec].entries()) {
      chain.message(urls.grant, grant(generic(url), {}, later(BigInt(100 + index))));
      chain.message(urls.grant, { ...grant(generic(url)), granter: third });
    }
    chain.message(urls.grant, grant(sends("5uweir"), { grantee: third }));
  };
  const ask = <R>(name: string, request: object) => chain.query<R>(`/cosmos.authz.v1beta1.Query/${name}`, request);
  type Page = {
    grants: (Grant & { granter: string; grantee: string })[];
    pagination?: { total: bigint; nextKey: Uint8Array };
  };

  it("answer by pair, by granter and by grantee, in pages", () => {
    fill();
    const pair = ask<Page>("Grants", { granter, grantee });
    expect(pair.grants).toHaveLength(3);
    expect(pair.pagination?.total).toBe(3n);
    const one = ask<Page>("Grants", { granter, grantee, msgTypeUrl: urls.exec });
    expect(one.grants).toEqual([{ authorization: generic(urls.exec), expiration: later(102n) }]);
    expect(ask<Page>("GranterGrants", { granter }).grants.map((entry) => entry.grantee)).toEqual([
      ...[1, 2, 3].map(() => grantee),
      third,
    ]);
    const mine = ask<Page>("GranteeGrants", { grantee });
    expect(mine.grants.map((entry) => entry.granter)).toEqual([
      ...[1, 2, 3].map(() => granter),
      ...[1, 2, 3].map(() => third),
    ]);
    const first = ask<Page>("GranteeGrants", { grantee, pagination: { limit: 4n } });
    const rest = ask<Page>("GranteeGrants", { grantee, pagination: { key: first.pagination!.nextKey, limit: 4n } });
    expect([...first.grants, ...rest.grants]).toEqual(mine.grants);
  });

  it("refuse in the SDK's words", () => {
    expect(() => ask("Grants", { granter, grantee, msgTypeUrl: urls.send })).toThrow(
      "authorization not found for /cosmos.bank.v1beta1.MsgSend type: authorization not found",
    );
    for (const [name, request] of [
      ["Grants", { granter: "x", grantee }],
      ["Grants", { granter, grantee: "" }],
      ["GranterGrants", { granter: "x" }],
      ["GranteeGrants", { grantee: "x" }],
    ] as const) {
      expect(() => ask(name, request)).toThrow(": invalid request");
    }
  });
});

describe("genesis of authz", () => {
  it("comes back the same from its export, expired grants too", () => {
    chain.message(urls.grant, grant(sends("5uweir", [third]), {}, later(5n)));
    chain.message(urls.grant, grant(generic(urls.grant), {}, later(5n)));
    chain.message(urls.grant, grant(generic(urls.exec)));
    chain.setBlock({ time: later(50n) });
    const again = testChain(JSON.parse(JSON.stringify(chain.exported())), weir, { time: later(50n) });
    expect(again.entries("authz")).toEqual(chain.entries("authz"));
    expect(again.exported()).toEqual(chain.exported());
    expect(again.broken()).toBeUndefined();
  });

  const entry = (changes: object = {}) => ({
    granter,
    grantee,
    authorization: { "@type": "/cosmos.authz.v1beta1.GenericAuthorization", msg: urls.send },
    expiration: null,
    ...changes,
  });

  it.each<readonly [string, readonly object[], string]>([
    ["a bad granter", [entry({ granter: "x" })], 'authorization[0].granter: found "x", expected an address'],
    ["a grant to oneself", [entry({ grantee: granter })], "expected another address than the granter's"],
    [
      "no authorization",
      [entry({ authorization: null })],
      "authorization[0].authorization: found nothing, expected an authorization",
    ],
    [
      "another type",
      [entry({ authorization: { "@type": "/cosmos.bank.v1beta1.MsgSend" } })],
      "/cosmos.bank.v1beta1.MsgSend is no authorization",
    ],
    [
      "a bad authorization",
      [entry({ authorization: { "@type": "/cosmos.authz.v1beta1.GenericAuthorization", msg: "" } })],
      "msg type cannot be empty",
    ],
    ["the same grant twice", [entry(), entry()], "again, as in [0], expected each one once"],
  ])("is refused with %s", (_what, authorization, text) => {
    expect(() => authz.genesis.parse({ authorization })).toThrow(text);
  });
});

describe("invariants of authz", () => {
  it.each<readonly [string, () => void, RegExp]>([
    [
      "a grant under another message",
      () =>
        grants.set(chain.context(), [granterBytes, granteeBytes, "/a.B"], {
          authorization: generic(urls.send),
          expiration: undefined,
        }),
      /is stored as \/a\.B/,
    ],
    [
      "an end that is not queued",
      () => grantQueue.delete(chain.context(), [later(5n), granterBytes, granteeBytes]),
      /1 grants expire, but 0 are queued/,
    ],
    [
      "a queued grant that does not end then",
      () => grantQueue.set(chain.context(), [later(6n), granterBytes, granteeBytes], { msgTypeUrls: [urls.send] }),
      /does not expire then/,
    ],
  ])("find %s", (_what, damage, message) => {
    chain.message(urls.grant, grant(generic(urls.send), {}, later(5n)));
    expect(chain.broken()).toBeUndefined();
    damage();
    expect(chain.broken()).toMatch(message);
  });
});
