/** What governance does to the committee, and what the committee does to governance: nothing. */
import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import type { QueryStatusResponse } from "../../proto/gen/weir/circuit/v1/query.ts";
import { type Act, ActKind } from "../../proto/gen/weir/circuit/v1/state.ts";
import { address } from "../../test/helpers/accounts.ts";
import { type TestChain, testBlock, testChain } from "../../test/helpers/testchain.ts";

const authority = authorityAddress();
const sendUrl = "/cosmos.bank.v1beta1.MsgSend";
const termEnds = { seconds: testBlock.time.seconds + 86_400n * 90n, nanos: 0 };
const member = (index: number) => ({ address: address(index), name: `member ${index}`, termEnds });
const elect = (chain: TestChain, threshold: number, members: readonly object[], by = authority) =>
  chain.message("/weir.circuit.v1.MsgSetCommittee", { authority: by, threshold, members });
const act = (kind: ActKind, targets: string[], seconds = 3_600n): Act => ({
  kind,
  targets,
  duration: { seconds, nanos: 0 },
  reason: "for a test",
  reference: "https://example.org",
});
const propose = (chain: TestChain, of: Act, by = 1) =>
  chain.message("/weir.circuit.v1.MsgProposeAct", { member: address(by), act: of });
const status = (chain: TestChain) => chain.query<QueryStatusResponse>("/weir.circuit.v1.Query/Status", {});
const restore = (chain: TestChain, lift: bigint[], renew: boolean) =>
  chain.message("/weir.circuit.v1.MsgRestorePowers", { authority, lift, renew });

/** One member is enough. */
function alone(): TestChain {
  const chain = testChain();
  elect(chain, 1, [member(1), member(2)]);
  return chain;
}

describe("a vote", () => {
  it("elects a committee anew and so removes members, and nobody else does", () => {
    const chain = alone();
    expect(elect(chain, 1, [member(3)], address(1)).refusal?.code).toBe(13);
    expect(elect(chain, 1, [member(2)]).events.map(({ type }) => type)).toEqual(["circuit_committee_set"]);
    expect(propose(chain, act(ActKind.ACT_KIND_PAUSE_MESSAGES, [sendUrl])).refusal?.code).toBe(5);
    expect(chain.query("/weir.circuit.v1.Query/Committee", {})).toMatchObject({
      inOffice: 1,
      committee: { version: 2n },
    });
    expect(elect(chain, 0, []).refusal).toBeUndefined();
  });

  it.each<[string, number, readonly object[]]>([
    ["nobody of three", 0, [member(1), member(2), member(3)]],
    ["more than there are", 3, [member(1), member(2)]],
    ["twenty-two", 1, Array.from({ length: 22 }, (_, index) => member(index))],
    ["the same twice", 1, [member(1), member(1)]],
    ["one whose term is over", 1, [{ ...member(1), termEnds: testBlock.time }]],
    ["one for ten years", 1, [{ ...member(1), termEnds: { seconds: termEnds.seconds + 315_360_000n, nanos: 0 } }]],
    ["one with a name of a page", 1, [{ ...member(1), name: "x".repeat(65) }]],
  ])("elects no committee of %s", (_name, threshold, members) => {
    expect(elect(testChain(), threshold, members).refusal).toMatchObject({ codespace: "circuit", code: 13 });
  });

  it("ends acts, and lets the committee do again what it did", () => {
    const chain = alone();
    const pause = act(ActKind.ACT_KIND_PAUSE_MESSAGES, [sendUrl]);
    propose(chain, pause);
    expect(status(chain).pausedMessages).toEqual([sendUrl]);
    expect(restore(chain, [0n], false).events.map(({ type }) => type)).toEqual(["circuit_act_ended"]);
    expect(status(chain).pausedMessages).toEqual([]);
    expect(propose(chain, pause).refusal?.code).toBe(8);
    restore(chain, [], true);
    expect(propose(chain, pause).refusal).toBeUndefined();
    expect(restore(chain, [0n], false).refusal?.code).toBe(9);
    expect(chain.broken()).toBeUndefined();
  });

  it("is carried out whatever is paused, but for the paused messages themselves", () => {
    const chain = alone();
    propose(chain, act(ActKind.ACT_KIND_PAUSE_MESSAGES, [sendUrl, "/cosmos.bank.v1beta1.MsgMultiSend"]));
    const amount = [{ denom: "uweir", amount: "1" }];
    expect(chain.message(sendUrl, { fromAddress: authority, toAddress: address(1), amount }).refusal?.code).toBe(2);
    expect(elect(chain, 1, [member(2)]).refusal).toBeUndefined();
    expect(chain.message("/cosmos.upgrade.v1beta1.MsgCancelUpgrade", { authority }).refusal).toBeUndefined();
  });

  it("never lets exit paths stay closed for more than 72 hours", () => {
    const params = {
      actDurationMax: { seconds: 86_400n, nanos: 0 },
      exitPauseMax: { seconds: 72n * 3_600n + 1n, nanos: 0 },
      approvalPeriod: { seconds: 3_600n, nanos: 0 },
      actsMax: 4,
    };
    const update = { authority, params };
    expect(testChain().message("/weir.circuit.v1.MsgUpdateParams", update).refusal?.message).toMatch(/exit_pause_max/);
  });
});

describe("the committee", () => {
  const schedule = (chain: TestChain) =>
    chain.message("/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade", {
      authority,
      plan: { name: "v2", height: 20n, info: "" },
    });

  it("holds up the upgrade that is planned, and no other", () => {
    const chain = alone();
    const stop = act(ActKind.ACT_KIND_STOP_UPGRADE, ["v2"]);
    expect(propose(chain, stop).refusal?.message).toMatch(/no upgrade v2 is planned; the plan is none/);
    schedule(chain);
    expect(propose(chain, stop).refusal).toBeUndefined();
    const { keeper } = chain.definition.upgrades!;
    const planned = keeper.plan(chain.context())!;
    expect(keeper.isStopped(chain.context(), planned)).toBe(true);
    chain.setBlock({ time: { seconds: testBlock.time.seconds + 3_600n, nanos: 0 } });
    expect(keeper.isStopped(chain.context(), planned)).toBe(false);
  });

  it("pauses redemption, and what would redeem is refused", () => {
    const chain = alone();
    propose(chain, act(ActKind.ACT_KIND_PAUSE_REDEMPTION, []));
    expect(status(chain).redemptionPaused).toBe(true);
    const redeem = chain.definition.modules.flatMap(({ messages }) => messages["/weir.reserve.v1.MsgRedeem"] ?? [])[0]!;
    expect(() => redeem.execute(chain.context(), redeem.request.fromPartial({}))).toThrow(
      /redemption is paused by act 0/,
    );
  });

  it("stands for as many acts as are allowed, each with its own end", () => {
    const chain = alone();
    const urls = chain.definition.modules
      .flatMap(({ messages }) => Object.keys(messages))
      .filter((url) => url.startsWith("/cosmos.staking") && !url.endsWith("MsgUpdateParams"));
    const refusals = Array.from(
      { length: 17 },
      (_, index) => propose(chain, act(ActKind.ACT_KIND_FREEZE_DENOM, [`ucoin${index}`])).refusal?.code,
    );
    expect(refusals.slice(0, 16).every((code) => code === undefined)).toBe(true);
    expect(refusals[16]).toBe(11);
    expect(urls.length).toBeGreaterThan(4);
    expect(status(chain).frozenDenoms).toHaveLength(16);
    expect(chain.broken()).toBeUndefined();
  });

  it("goes through an export with all that stands", () => {
    const chain = alone();
    propose(chain, act(ActKind.ACT_KIND_PAUSE_MESSAGES, ["/cosmos.staking.v1beta1.MsgUndelegate"]));
    elect(chain, 2, [member(1), member(2)]);
    propose(chain, act(ActKind.ACT_KIND_FREEZE_DENOM, ["uusdc"]));
    const { circuit } = chain.exported();
    const again = testChain({ circuit });
    expect(again.exported().circuit).toEqual(circuit);
    expect(status(again)).toEqual(status(chain));
    expect(again.broken()).toBeUndefined();
  });
});
