import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import { type GeneratedMessage, messageCodec } from "../../chain/codec.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { sign } from "../../chain/crypto/sign.ts";
import { formatJsonTime } from "../../chain/rfc3339.ts";
import { MsgExec } from "../../proto/gen/cosmos/authz/v1beta1/tx.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import * as sdkTx from "../../proto/gen/cosmos/circuit/v1/tx.ts";
import * as query from "../../proto/gen/weir/circuit/v1/query.ts";
import { type Act, ActKind } from "../../proto/gen/weir/circuit/v1/state.ts";
import * as tx from "../../proto/gen/weir/circuit/v1/tx.ts";
import { chainId, denom, type TestAccount, TestApplication, testAccount } from "../../test/helpers/testapplication.ts";
import { signDoc } from "./signing.ts";
import { unpausable } from "./surroundings.ts";

const sendUrl = "/cosmos.bank.v1beta1.MsgSend";
const undelegateUrl = "/cosmos.staking.v1beta1.MsgUndelegate";
const hour = 3_600n;
const genesisSeconds = 1_700_000_000n;
const members = [0, 1, 2].map(testAccount);

/** Of three members, of whom two must agree; the third's term ends after two days. */
const committee = (threshold = 2) => ({
  version: "1",
  threshold,
  members: members.map(({ address }, index) => ({
    address,
    name: `member ${index}`,
    term_ends: formatJsonTime({ seconds: genesisSeconds + (index === 2 ? 48n : 1_000n) * hour, nanos: 0 }),
  })),
});

const start = (threshold = 2, circuit: object = {}) =>
  TestApplication.start({ appState: { circuit: { committee: committee(threshold), ...circuit } } });

const act = (kind: ActKind, targets: string[], hours = 12n, more: Partial<Act> = {}): Act => ({
  kind,
  targets,
  duration: kind === ActKind.ACT_KIND_LIFT ? undefined : { seconds: hours * hour, nanos: 0 },
  reason: "transfers lose coins",
  reference: "https://example.org/7",
  ...more,
});
const pauseSend = act(ActKind.ACT_KIND_PAUSE_MESSAGES, [sendUrl]);

function bytes<T>(chain: TestApplication, from: TestAccount, type: GeneratedMessage<T>, value: Partial<T>) {
  const codec = messageCodec(type);
  const contents = { messages: [{ codec, value: codec.fromPartial(value as never) }] };
  return chain.sign(chain.accounts.find(({ address }) => address === from.address)!, contents as never, {
    amount: [{ denom, amount: 5_000n }],
    gasLimit: 500_000n,
  });
}

/** Seals one transaction; its refusal, or nothing. */
function run<T>(chain: TestApplication, from: TestAccount, type: GeneratedMessage<T>, value: Partial<T>): string {
  const { txResults } = chain.seal([bytes(chain, from, type, value)]);
  return txResults[0]!.code === 0 ? "" : txResults[0]!.log;
}

const propose = (chain: TestApplication, of: Act, member = 0): string =>
  run(chain, members[member]!, tx.MsgProposeAct, { member: members[member]!.address, act: of });
const approve = (chain: TestApplication, id: bigint, member = 1): string =>
  run(chain, members[member]!, tx.MsgApproveAct, { member: members[member]!.address, id });

/** By the two members who must agree. */
async function agree(chain: TestApplication, of: Act): Promise<string> {
  const refused = propose(chain, of);
  if (refused !== "") return refused;
  const { pending } = await status(chain);
  return approve(chain, pending.at(-1)!.id);
}

const status = (chain: TestApplication) =>
  chain.query("/weir.circuit.v1.Query/Status", query.QueryStatusRequest, query.QueryStatusResponse, {});

const sendNow = (chain: TestApplication) => chain.send(3, members[0]!.address);

describe("an act that the committee agrees on", () => {
  it("refuses the message in CheckTx and in a block, within MsgExec too, with the reason and the end", async () => {
    const chain = await start();
    expect(propose(chain, pauseSend)).toBe("");
    expect(chain.seal([sendNow(chain)]).txResults[0]!.code).toBe(0);
    expect(approve(chain, 0n)).toBe("");
    const refusal =
      /MsgSend is paused by act 1 of the emergency committee \(transfers lose coins\); it ends by itself at 2023-/;
    const refused = sendNow(chain);
    expect(chain.check(refused).log).toMatch(refusal);
    expect(chain.prepare([refused])).toEqual([]);
    expect(chain.process([refused])).toBe(false);
    expect(chain.seal([refused]).txResults[0]!.log).toMatch(refusal);
    const { address } = members[1]!;
    const value = { fromAddress: address, toAddress: members[0]!.address, amount: [{ denom, amount: "1" }] };
    const inner = { typeUrl: sendUrl, value: MsgSend.encode(value).finish() };
    const nested = {
      typeUrl: `/${MsgExec.$type}`,
      value: MsgExec.encode({ grantee: address, msgs: [inner] }).finish(),
    };
    members[1]!.sequence = chain.accounts[1]!.sequence;
    expect(chain.check(bytes(chain, members[1]!, MsgExec, { grantee: address, msgs: [nested] })).log).toMatch(refusal);
    chain.accounts[1]!.sequence--;
    expect((await status(chain)).pausedMessages).toEqual([sendUrl]);
  });

  it("ends by itself, at the time that it says", async () => {
    const chain = await start();
    await agree(chain, pauseSend);
    chain.secondsSkipped += 12n * hour;
    const { events, txResults } = chain.seal([sendNow(chain)]);
    expect(txResults[0]!.code).toBe(0);
    expect(events.find(({ type }) => type === "circuit_act_ended")!.attributes).toContainEqual({
      key: "why",
      value: "expired",
      index: true,
    });
    expect((await status(chain)).acts).toEqual([]);
  });

  it("is not done again without a vote, nor for longer than is allowed", async () => {
    const chain = await start();
    await agree(chain, pauseSend);
    chain.secondsSkipped += 12n * hour;
    chain.seal([]);
    expect(await agree(chain, pauseSend)).toMatch(/did that already \(pause_messages \/cosmos.bank.v1beta1.MsgSend\)/);
    const tooLong = act(ActKind.ACT_KIND_PAUSE_MESSAGES, ["/cosmos.bank.v1beta1.MsgMultiSend"], 15n * 24n);
    expect(await agree(chain, tooLong)).toMatch(/stand for longer than/);
  });

  it("is lifted by the committee, and what it did stays used up", async () => {
    const chain = await start();
    await agree(chain, pauseSend);
    expect(await agree(chain, act(ActKind.ACT_KIND_LIFT, ["1"]))).toBe("");
    expect(chain.seal([sendNow(chain)]).txResults[0]!.code).toBe(0);
    expect((await status(chain)).usedUp).toEqual([`pause_messages ${sendUrl}`]);
  });

  it("closes exit paths for 72 hours in all, whatever the acts and however they follow one another", async () => {
    const chain = await start();
    expect(await agree(chain, act(ActKind.ACT_KIND_PAUSE_MESSAGES, [undelegateUrl], 14n * 24n))).toBe("");
    expect((await status(chain)).pausedMessages).toEqual([undelegateUrl]);
    chain.secondsSkipped += 71n * hour;
    chain.seal([]);
    expect((await status(chain)).pausedMessages).toEqual([undelegateUrl]);
    expect(await agree(chain, act(ActKind.ACT_KIND_FREEZE_DENOM, ["uusdc"], 24n))).toBe("");
    chain.secondsSkipped += hour;
    chain.seal([]);
    expect((await status(chain)).pausedMessages).toEqual([]);
    const exit = "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward";
    expect(await agree(chain, act(ActKind.ACT_KIND_PAUSE_MESSAGES, [exit]))).toMatch(/closed for all of their time/);
    expect(await agree(chain, act(ActKind.ACT_KIND_PAUSE_REDEMPTION, []))).toMatch(/closed for all of their time/);
  });

  it("freezes a denom: no message that names an amount of it passes, and none of fees and stakes is taken", async () => {
    const chain = await start();
    expect(await agree(chain, act(ActKind.ACT_KIND_FREEZE_DENOM, ["uusdc"]))).toBe("");
    const value = { fromAddress: members[2]!.address, toAddress: members[0]!.address };
    const amount = [{ denom: "uusdc", amount: "1" }];
    expect(run(chain, members[2]!, MsgSend, { ...value, amount })).toMatch(/uusdc is frozen by act 1/);
    chain.accounts[2]!.sequence--;
    expect(run(chain, members[2]!, MsgSend, { ...value, amount: [{ denom, amount: "1" }] })).toBe("");
    expect(await agree(chain, act(ActKind.ACT_KIND_FREEZE_DENOM, [denom]))).toMatch(/cannot be frozen/);
  });

  it("can pause neither what governs, nor what a vote carries out, nor a proposer's own message", async () => {
    const chain = await start();
    const urls = [
      "/cosmos.gov.v1.MsgVote",
      "/weir.circuit.v1.MsgProposeAct",
      "/cosmos.circuit.v1.MsgResetCircuitBreaker",
      "/weir.beacon.v1.MsgProve",
      "/cosmos.bank.v1beta1.MsgUpdateParams",
      "/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade",
      "/weir.circuit.v1.MsgRestorePowers",
    ];
    for (const url of urls) {
      expect(propose(chain, act(ActKind.ACT_KIND_PAUSE_MESSAGES, [url]))).toMatch(/cannot be paused/);
      chain.accounts[0]!.sequence--;
    }
    expect(unpausable(sendUrl)).toBeUndefined();
  });

  it.each([
    ["a reason", { reason: " " }],
    ["a reference", { reference: "" }],
    ["a reason of bounded length", { reason: "x".repeat(501) }],
    ["a duration", { duration: undefined }],
    ["targets", { targets: [] }],
    ["each target once", { targets: [sendUrl, sendUrl] }],
    ["a kind", { kind: 9 as ActKind }],
  ])("needs %s", async (_name, wrong) => {
    const chain = await start();
    expect(
      chain.check(
        bytes(chain, members[0]!, tx.MsgProposeAct, { member: members[0]!.address, act: { ...pauseSend, ...wrong } }),
      ).code,
    ).toBe(6);
  });
});

describe("a member", () => {
  it("approves once, and only what waits", async () => {
    const chain = await start(3);
    propose(chain, pauseSend);
    expect(approve(chain, 0n, 0)).toMatch(/approved this act already/);
    expect(approve(chain, 0n, 1)).toBe("");
    expect(approve(chain, 0n, 1)).toMatch(/approved this act already/);
    expect(approve(chain, 7n, 1)).toMatch(/there is no act 7/);
    expect((await status(chain)).acts).toEqual([]);
  });

  it("does nothing after its term, and its approval of before counts no more", async () => {
    const chain = await start(3);
    chain.secondsSkipped += 10n * hour;
    chain.seal([]);
    propose(chain, pauseSend, 2);
    approve(chain, 0n, 0);
    chain.secondsSkipped += 37n * hour + 3_500n;
    chain.seal([]);
    chain.secondsSkipped += 90n;
    chain.seal([]);
    expect(propose(chain, pauseSend, 2)).toMatch(/no member of the emergency committee whose term runs/);
    expect(approve(chain, 0n, 1)).toBe("");
    expect((await status(chain)).acts).toEqual([]);
  });

  it("is nobody else: others neither propose nor approve, and one alone fills no list", async () => {
    const chain = await start();
    const stranger = testAccount(3);
    expect(run(chain, stranger, tx.MsgProposeAct, { member: stranger.address, act: pauseSend })).toMatch(
      /is no member/,
    );
    for (let i = 0; i < 3; i++) expect(propose(chain, pauseSend)).toBe("");
    expect(propose(chain, pauseSend)).toMatch(/3 acts of weir1.* wait for approvals already/);
  });

  it("waits no longer than the others are given", async () => {
    const chain = await start();
    propose(chain, pauseSend);
    chain.secondsSkipped += 48n * hour;
    expect(approve(chain, 0n)).toMatch(/there is no act 0/);
    expect((await status(chain)).pending).toEqual([]);
  });
});

describe("an act that is signed elsewhere", () => {
  const validUntil = { seconds: genesisSeconds + 10n * hour, nanos: 0 };
  const content = (more: object = {}) => ({
    chainId,
    committeeVersion: 1n,
    nonce: 0n,
    validUntil,
    act: pauseSend,
    ...more,
  });

  /** The chain knows the keys of those who sent something. */
  async function ready(): Promise<TestApplication> {
    const chain = await start();
    chain.seal([0, 1, 2].map((from) => chain.send(from, members[0]!.address)));
    return chain;
  }

  const signatures = (of: ReturnType<typeof content>, by = [0, 1]) =>
    by.map((index) => {
      const { address, keys } = members[index]!;
      return { member: address, signature: sign(keys, Buffer.from(signDoc(address, of))) };
    });

  const submit = (chain: TestApplication, of = content(), signed = signatures(of)) =>
    run(chain, chain.accounts[3]!, tx.MsgSubmitSignedAct, {
      submitter: chain.accounts[3]!.address,
      act: of.act,
      nonce: of.nonce,
      validUntil: of.validUntil,
      signatures: signed,
    });

  it("stands at once, handed in by anybody, and once only", async () => {
    const chain = await ready();
    expect(submit(chain)).toBe("");
    expect((await status(chain)).pausedMessages).toEqual([sendUrl]);
    expect(submit(chain)).toMatch(/signed with number 0, and 1 is next/);
  });

  it("counts for its chain, committee, number, end and words alone", async () => {
    const chain = await ready();
    const wrongs = [
      { chainId: "other-1" },
      { committeeVersion: 2n },
      { nonce: 1n },
      { act: act(ActKind.ACT_KIND_PAUSE_MESSAGES, [sendUrl], 13n) },
    ];
    for (const wrong of wrongs) {
      expect(submit(chain, content(), signatures(content(wrong)))).toMatch(/is not of this act, chain/);
    }
    expect(submit(chain, content({ validUntil: { seconds: genesisSeconds, nanos: 0 } }))).toMatch(
      /time of the signatures is over/,
    );
  });

  it("needs enough members in office, each once", async () => {
    const chain = await ready();
    expect(submit(chain, content(), signatures(content(), [0]))).toMatch(/1 members signed, and 2 must/);
    expect(submit(chain, content(), signatures(content(), [0, 0]))).toMatch(/signed twice/);
    chain.accounts[3]!.sequence--;
    const stranger = testAccount(3);
    const foreign = {
      member: stranger.address,
      signature: sign(stranger.keys, Buffer.from(signDoc(stranger.address, content()))),
    };
    expect(submit(chain, content(), [...signatures(content(), [0]), foreign])).toMatch(/is no member/);
  });

  it("is the document of ADR-036 whose data is one encoding of the act", () => {
    const doc = JSON.parse(signDoc("weir1x", content())) as { msgs: { value: { data: string } }[] };
    expect(Object.keys(doc)).toEqual(["account_number", "chain_id", "fee", "memo", "msgs", "sequence"]);
    const data = Buffer.from(doc.msgs[0]!.value.data, "base64");
    expect(Buffer.from(tx.ActToSign.encode(tx.ActToSign.decode(data)).finish())).toEqual(data);
    expect(tx.ActToSign.decode(data)).toMatchObject({ purpose: "weir emergency act", chainId, nonce: 0n });
    expect(sha256(data)).toHaveLength(32);
  });
});

describe("accounts that governance trusts", () => {
  const admin = testAccount(0);
  const permission = (level: string, urls: string[] = []) => ({
    account_permissions: [{ address: admin.address, permissions: { level, limit_type_urls: urls } }],
  });
  const trip = (chain: TestApplication, msgTypeUrls: string[]) =>
    run(chain, admin, sdkTx.MsgTripCircuitBreaker, { authority: admin.address, msgTypeUrls });

  it("disable messages and enable them again, in the SDK's words", async () => {
    const chain = await start(2, permission("LEVEL_SOME_MSGS", [sendUrl]));
    expect(trip(chain, [sendUrl])).toBe("");
    expect(chain.check(sendNow(chain)).log).toBe(`circuit breaker disables execution of this message: ${sendUrl}`);
    expect(trip(chain, [sendUrl])).toMatch(`message ${sendUrl} is already disabled`);
    expect(trip(chain, ["/cosmos.bank.v1beta1.MsgMultiSend"])).toMatch(
      /account does not have permission to trip circuit breaker for message/,
    );
    const reset = { authority: admin.address, msgTypeUrls: [sendUrl] };
    expect(run(chain, admin, sdkTx.MsgResetCircuitBreaker, reset)).toBe("");
    expect(run(chain, admin, sdkTx.MsgResetCircuitBreaker, reset)).toMatch(`message ${sendUrl} is not disabled`);
  });

  it("disable neither exit paths nor the way back", async () => {
    const chain = await start(2, permission("LEVEL_SUPER_ADMIN"));
    expect(trip(chain, [undelegateUrl])).toMatch(/it is an exit path/);
    expect(trip(chain, ["/cosmos.circuit.v1.MsgResetCircuitBreaker"])).toMatch(/this brake is released/);
    expect(trip(chain, ["/cosmos.gov.v1.MsgVote"])).toMatch(/by it the chain is governed/);
  });

  it("are named by governance and super admins only", async () => {
    const chain = await start(2, permission("LEVEL_ALL_MSGS"));
    const permissions = { level: 3 as const, limitTypeUrls: [] };
    const granted = { granter: admin.address, grantee: members[1]!.address, permissions };
    expect(run(chain, admin, sdkTx.MsgAuthorizeCircuitBreaker, granted)).toMatch(
      /only super admins can authorize users/,
    );
  });
});

describe("a committee in genesis", () => {
  it.each([
    ["0 of 3", { ...committee(), threshold: 0 }],
    ["4 of 3", { ...committee(), threshold: 4 }],
    ["1 of nobody", { ...committee(1), members: [] }],
    ["the same member twice", { ...committee(), members: [committee().members[0], committee().members[0]] }],
    ["a member without a term", { ...committee(1), members: [{ address: members[0]!.address, name: "x" }] }],
  ])("is refused as %s", async (_name, wrong) => {
    await expect(TestApplication.start({ appState: { circuit: { committee: wrong } } })).rejects.toThrow(
      /app_state.circuit.committee/,
    );
  });

  it("is nobody where governance elected none", async () => {
    const chain = await TestApplication.start();
    expect(propose(chain, pauseSend)).toMatch(/is no member/);
    expect(authorityAddress()).toMatch(/^weir1/);
  });
});
