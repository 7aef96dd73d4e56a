import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { type GeneratedMessage, messageCodec } from "../../chain/codec.ts";
import * as query from "../../proto/gen/weir/treasury/v1/query.ts";
import * as tx from "../../proto/gen/weir/treasury/v1/tx.ts";
import { denom, TestApplication, testAccount } from "../../test/helpers/testapplication.ts";

const address = accountAddress.encode(moduleAddress("treasury"));
const members = [0, 1, 2].map((index) => testAccount(index).address);
const recipient = testAccount(9).address;
const coins = (amount: number) => [{ denom, amount: `${amount}` }];
const policy = (more: object = {}) => ({ version: "1", members, threshold: 2, daily_limit: coins(1_000), ...more });

async function start(more: object = {}, funds = 10_000): Promise<TestApplication> {
  const chain = await TestApplication.start({ appState: { treasury: { policy: policy(more) } } });
  if (funds > 0) chain.seal([chain.send(3, address, { amount: BigInt(funds) })]);
  return chain;
}

/** Seals one transaction of an account; its refusal, or nothing. */
function run<T>(chain: TestApplication, from: number, type: GeneratedMessage<T>, value: Partial<T>): string {
  const codec = messageCodec(type);
  const contents = { messages: [{ codec, value: codec.fromPartial(value as never) }] };
  const fee = { amount: [{ denom, amount: 5_000n }], gasLimit: 500_000n };
  const { txResults } = chain.seal([chain.sign(chain.accounts[from]!, contents as never, fee)]);
  return txResults[0]!.code === 0 ? "" : txResults[0]!.log;
}

const propose = (chain: TestApplication, amount: number, from = 0, to = recipient) =>
  run(chain, from, tx.MsgProposeSpend, {
    member: chain.accounts[from]!.address,
    recipient: to,
    amount: coins(amount),
    reason: "an audit",
  });
const approve = (chain: TestApplication, id: number, from = 1) =>
  run(chain, from, tx.MsgApproveSpend, { member: chain.accounts[from]!.address, id: BigInt(id) });
const show = (chain: TestApplication) =>
  chain.query("/weir.treasury.v1.Query/Treasury", query.QueryTreasuryRequest, query.QueryTreasuryResponse, {});
const waiting = async (chain: TestApplication) =>
  (await chain.query("/weir.treasury.v1.Query/Spends", query.QuerySpendsRequest, query.QuerySpendsResponse, {})).spends;

describe("the treasury", () => {
  it("is funded by anyone and seen by all", async () => {
    const chain = await start({}, 0);
    expect(run(chain, 3, tx.MsgFund, { sender: chain.accounts[3]!.address, amount: coins(70) })).toBe("");
    const { address: shown, balance, left } = await show(chain);
    expect([shown, balance, left]).toEqual([address, coins(70), coins(1_000)]);
  });

  it("pays once so many members agree, and not before", async () => {
    const chain = await start();
    expect(propose(chain, 400)).toBe("");
    expect((await show(chain)).balance).toEqual(coins(10_000));
    expect(approve(chain, 0, 0)).toMatch(/approved this spend already/);
    expect(approve(chain, 0)).toBe("");
    expect((await show(chain)).balance).toEqual(coins(9_600));
    expect((await show(chain)).left).toEqual(coins(600));
    expect(approve(chain, 0, 2)).toMatch(/no spend 0 waits/);
  });

  it("is spent by members only", async () => {
    const chain = await start();
    expect(propose(chain, 1, 3)).toMatch(/the policy does not name it/);
    propose(chain, 1);
    expect(approve(chain, 0, 3)).toMatch(/the policy does not name it/);
  });

  it("pays no more than its limit within 24 hours, wherever midnight is", async () => {
    const chain = await start();
    propose(chain, 700);
    expect(approve(chain, 0)).toBe("");
    propose(chain, 301);
    expect(approve(chain, 1)).toMatch(
      /301uweir is more than the limit leaves of these 24 hours, 300uweir; approve it again later/,
    );
    expect((await waiting(chain))[0]!.approvals).toEqual([members[0]]);
    chain.secondsSkipped += 86_300n;
    expect(approve(chain, 1)).toMatch(/more than the limit leaves/);
    chain.secondsSkipped += 100n;
    expect(approve(chain, 1)).toBe("");
  });

  it("pays no denom that the limit does not name, nothing it does not have, and nobody who cannot receive", async () => {
    const chain = await start({ daily_limit: [{ denom: "uusdc", amount: "5" }] });
    propose(chain, 1);
    expect(approve(chain, 0)).toMatch(/more than the limit leaves of these 24 hours, 5uusdc/);
    const poor = await start({}, 10);
    propose(poor, 11);
    expect(approve(poor, 0)).toMatch(/insufficient funds/);
    expect(propose(poor, 1, 0, accountAddress.encode(moduleAddress("distribution")))).toMatch(/not allowed to receive/);
  });

  it("lets a member change its mind, and forgets what nobody wants", async () => {
    const chain = await start();
    propose(chain, 1);
    const withdraw = (from: number) =>
      run(chain, from, tx.MsgWithdrawApproval, { member: chain.accounts[from]!.address, id: 0n });
    expect(withdraw(1)).toMatch(/did not approve this spend/);
    expect(withdraw(0)).toBe("");
    expect(await waiting(chain)).toEqual([]);
    propose(chain, 1);
    chain.secondsSkipped += 14n * 86_400n;
    expect(approve(chain, 1)).toMatch(/no spend 1 waits/);
    expect(await waiting(chain)).toEqual([]);
  });

  it.each([
    ["0 of 3", { threshold: 0 }],
    ["4 of 3", { threshold: 4 }],
    ["a member twice", { members: [members[0], members[0], members[1]] }],
    ["a member in capitals", { members: [members[0]!.toUpperCase(), members[1], members[2]] }],
    [
      "a limit out of order",
      {
        daily_limit: [
          { denom: "uweir", amount: "1" },
          { denom: "uusdc", amount: "1" },
        ],
      },
    ],
  ])("takes no policy of %s", async (_name, wrong) => {
    await expect(start(wrong)).rejects.toThrow(/app_state.treasury.policy/);
  });

  it("never pays more than its limit in any 24 hours, whatever is asked for and when", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 50_000 })), {
          minLength: 1,
          maxLength: 8,
        }),
        async (asked) => {
          const chain = await start({ threshold: 1 });
          const paid: { time: bigint; amount: number }[] = [];
          for (const [amount, seconds] of asked) {
            chain.secondsSkipped += BigInt(seconds);
            if (propose(chain, amount) === "") paid.push({ time: chain.lastBlock().time.seconds, amount });
          }
          for (const { time } of paid) {
            const within = paid.filter((other) => other.time <= time && other.time > time - 86_400n);
            expect(within.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(1_000);
          }
        },
      ),
      { numRuns: 8 },
    );
  });
});
