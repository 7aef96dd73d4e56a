/** What may be planned, and what is answered of it. What happens at the height is test/upgrade.test.ts, with real programs test/drills. */
import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import type { QueryModuleVersionsResponse } from "../../proto/gen/cosmos/upgrade/v1beta1/query.ts";
import type { Plan } from "../../proto/gen/cosmos/upgrade/v1beta1/upgrade.ts";
import { address } from "../../test/helpers/accounts.ts";
import { type TestChain, testChain } from "../../test/helpers/testchain.ts";
import { moduleVersion } from "../versions.ts";
import { done, plan as stored } from "./state.ts";

const service = "/cosmos.upgrade.v1beta1.Query";
const authority = authorityAddress();

/** The chain is at height 7. */
const plan = (more: object = {}): object => ({ name: "v2", height: 20n, info: "https://example.org", ...more });
const schedule = (chain: TestChain, of: object, by = authority) =>
  chain.message("/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade", { authority: by, plan: of });
const cancel = (chain: TestChain, by = authority) =>
  chain.message("/cosmos.upgrade.v1beta1.MsgCancelUpgrade", { authority: by });
const current = (chain: TestChain): Plan | undefined => chain.query<{ plan?: Plan }>(`${service}/CurrentPlan`, {}).plan;

describe("a plan", () => {
  it("is made by governance only, and told by an event", () => {
    const chain = testChain();
    expect(schedule(chain, plan(), address(1)).refusal).toMatchObject({
      codespace: "upgrade",
      code: 6,
      message: `expected ${authority} got ${address(1)}: expected authority account as only signer for proposal message`,
    });
    expect(schedule(chain, plan()).events.map(({ type }) => type)).toEqual(["upgrade_planned"]);
    expect(current(chain)).toMatchObject({ name: "v2", height: 20n, time: { seconds: -62_135_596_800n, nanos: 0 } });
    expect(chain.broken()).toBeUndefined();
  });

  it.each<[string, object, string | RegExp]>([
    ["of the past", { height: 6n }, "upgrade cannot be scheduled in the past: invalid request"],
    ["without a name", { name: "" }, "name cannot be empty: invalid request"],
    ["without a height", { height: 0n }, "height must be greater than 0: invalid request"],
    ["with a height below zero", { height: -5n }, "height must be greater than 0: invalid request"],
    ["by time", { time: { seconds: 1n, nanos: 0 } }, /^time-based upgrades have been deprecated in the SDK/],
    [
      "of IBC",
      { upgradedClientState: { typeUrl: "/x", value: new Uint8Array(0) } },
      /^upgrade logic for IBC has been moved/,
    ],
    ["with a name of ten megabytes", { name: "v".repeat(10_000_000) }, /10000000 characters, expected at most 128/],
    ["with an info of ten megabytes", { info: "v".repeat(10_000_000) }, /10000000 characters, expected at most 10000/],
    ["whose name leaves its folder", { name: "../../etc" }, /a quote, a slash or a control character/],
    ["whose name ends the line", { name: "v2\nUPGRADE" }, /a quote, a slash or a control character/],
  ])("is refused %s", (_name, wrong, text) => {
    const chain = testChain();
    expect(schedule(chain, plan(wrong)).refusal?.message).toMatch(text);
    expect(current(chain)).toBeUndefined();
  });

  it("of the present height is taken, and due in the next block, as in the SDK", () => {
    const chain = testChain();
    expect(schedule(chain, plan({ height: 7n })).refusal).toBeUndefined();
    expect(chain.broken()).toBeUndefined();
  });

  it("replaces the one before it, and is dropped by governance; to drop none is nothing", () => {
    const chain = testChain();
    schedule(chain, plan());
    schedule(chain, plan({ name: "v3", height: 30n }));
    expect(current(chain)).toMatchObject({ name: "v3", height: 30n });
    expect(cancel(chain, address(1)).refusal?.code).toBe(6);
    expect(cancel(chain).events.map(({ type }) => type)).toEqual(["upgrade_cancelled"]);
    expect(current(chain)).toBeUndefined();
    expect(cancel(chain)).toEqual({ events: [], refusal: undefined });
  });

  it("is refused by a name that was carried out", () => {
    const chain = testChain({ upgrade: { completed: [{ name: "v2", height: "5" }] } });
    expect(schedule(chain, plan()).refusal?.message).toBe(
      "upgrade with name v2 has already been completed: invalid request",
    );
    expect(chain.query(`${service}/AppliedPlan`, { name: "v2" })).toEqual({ height: 5n });
    expect(chain.query(`${service}/AppliedPlan`, { name: "v3" })).toEqual({ height: 0n });
  });
});

describe("what upgrade answers", () => {
  it("is every module's version, or one's, or that there is none", () => {
    const chain = testChain();
    const { moduleVersions } = chain.query<QueryModuleVersionsResponse>(`${service}/ModuleVersions`, {});
    expect(moduleVersions.map(({ name }) => name)).toEqual(chain.definition.modules.map(({ name }) => name));
    for (const { name, version } of moduleVersions) expect(version).toBe(moduleVersion(name));
    expect(chain.query(`${service}/ModuleVersions`, { moduleName: "bank" })).toEqual({
      moduleVersions: [{ name: "bank", version: 4n }],
    });
    expect(() => chain.query(`${service}/ModuleVersions`, { moduleName: "crisis" })).toThrow(
      "x/upgrade: QueryModuleVersions module crisis not found: module version not found",
    );
  });

  it("is the authority, and nothing of IBC", () => {
    const chain = testChain();
    expect(chain.query(`${service}/Authority`, {})).toEqual({ address: authority });
    expect(chain.query(`${service}/UpgradedConsensusState`, { lastHeight: 9n })).toEqual({
      upgradedConsensusState: new Uint8Array(0),
    });
  });
});

describe("upgrade's state", () => {
  it("stands at the SDK's keys", () => {
    const chain = testChain({ upgrade: { completed: [{ name: "v1", height: "258" }] } });
    schedule(chain, plan());
    const keys = chain.entries("upgrade").map(([key, value]) => `${Buffer.from(key).toString("hex")}=${value.length}`);
    expect(keys[0]).toMatch(/^00=/);
    expect(keys[1]).toBe("0100000000000001027631=1");
    expect(keys).toContain(`02${Buffer.from("bank").toString("hex")}=8`);
    expect(keys.at(-1)).toBe("03=8");
  });

  it("goes through an export, and is refused where genesis makes none of it", () => {
    const chain = testChain({ upgrade: { completed: [{ name: "v1", height: "3" }] } });
    schedule(chain, plan());
    const { upgrade } = chain.exported();
    const again = testChain({ upgrade });
    expect(again.exported().upgrade).toEqual(upgrade);
    expect([current(again)?.name, [...done.keys(again.context())]]).toEqual(["v2", [[3n, "v1"]]]);
    for (const wrong of [[], { plans: [] }, { completed: [{ name: "a" }] }, { plan: { name: "", height: "1" } }]) {
      expect(() => testChain({ upgrade: wrong })).toThrow(/app_state.upgrade/);
    }
    const twice = [
      { name: "a", height: "1" },
      { name: "a", height: "2" },
    ];
    expect(() => testChain({ upgrade: { completed: twice } })).toThrow(/a again, expected each upgrade once/);
    expect(stored.get(testChain().context())).toBeUndefined();
  });
});
