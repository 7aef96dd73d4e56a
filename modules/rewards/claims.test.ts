/** What settled epochs leave: claims, vesting, delegators' shares, what is asked of it, and what an export holds. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { decOne } from "../../chain/dec.ts";
import type * as queries from "../../proto/gen/weir/rewards/v1/query.ts";
import { accountOf, type MeasuredChain } from "../../test/helpers/measuredchain.ts";
import {
  balance,
  bondOf,
  chainOf,
  epochOf,
  mbps,
  message,
  path,
  purse,
  relayOf,
  resultOf,
  weir,
} from "../../test/helpers/rewardedchain.ts";
import { relay as attestedRelay, trustAt } from "../attestation/index.ts";
import { rewards } from "./index.ts";
import { defaultParams } from "./params.ts";

describe("rewards", () => {
  it("are half liquid, a tenth of that the operator's, the rest by shares; what vests follows", () => {
    const measured = chainOf();
    measured.epochs(5);
    const reward = BigInt(resultOf(measured, 1, 1).availability);
    const claimant = accountOf("relay 1");
    const claimable = () =>
      BigInt(measured.chain.query<queries.QueryClaimableResponse>(path("Claimable"), { relay: "1", claimant }).amount);
    // All shares are the operator's own; what vested in three epochs of 90 days is less than a coin in ten thousand.
    const due = claimable();
    expect(due - (reward - reward / 2n)).toBeGreaterThanOrEqual(0n);
    expect(due - (reward - reward / 2n)).toBeLessThan(reward / 10_000n);
    const before = purse(measured, "relay 1");
    expect(measured.chain.message(message("MsgClaim"), { claimant, relayId: 1n }).refusal).toBeUndefined();
    expect(purse(measured, "relay 1") - before).toBe(due);
    expect(measured.chain.message(message("MsgClaim"), { claimant, relayId: 1n }).refusal).toMatchObject({ code: 3 });
    expect(relayOf(measured, 1).unvested).toBe(`${reward - due}`);
    expect(measured.chain.broken()).toBeUndefined();
  });

  it("reach who delegates, after commission, from then on", () => {
    const measured = chainOf();
    measured.epochs(4);
    const bond = { delegator: accountOf("watcher"), subject: { kind: 1, id: 1n }, amount: `${30_000n * weir}` };
    expect(measured.chain.message("/weir.attestation.v1.MsgBond", bond).refusal).toBeUndefined();
    measured.epochs(1);
    const reward = BigInt(resultOf(measured, 1, 1).availability);
    const claimant = accountOf("watcher");
    const before = purse(measured, "watcher");
    expect(measured.chain.message(message("MsgClaim"), { claimant, relayId: 1n }).refusal).toBeUndefined();
    const got = purse(measured, "watcher") - before;
    // Three quarters of the shares, of nine tenths of a half.
    const due = (reward * 27n) / 80n;
    expect(got - due).toBeGreaterThanOrEqual(-2n);
    expect(got - due).toBeLessThan(due / 1_000n);
    expect(
      measured.chain.message(message("MsgClaim"), { claimant: accountOf("oracle 1"), relayId: 1n }).refusal,
    ).toMatchObject({ code: 3 });
    expect(measured.chain.message(message("MsgClaim"), { claimant, relayId: 99n }).refusal).toMatchObject({ code: 4 });
    expect(measured.chain.broken()).toBeUndefined();
  });

  it("are paid out when shares change, and go where their owner says", () => {
    const measured = chainOf();
    measured.epochs(6);
    const owner = accountOf("relay 1");
    const withdrawAddress = accountAddress.encode(new Uint8Array(20).fill(9));
    expect(
      measured.chain.message(message("MsgSetWithdrawAddress"), { owner, withdrawAddress }).refusal,
    ).toBeUndefined();
    const cold = () => balance(measured, accountAddress.decode(withdrawAddress));
    expect(cold()).toBe(0n);
    const bond = { delegator: owner, subject: { kind: 1, id: 1n }, amount: `${100n * weir}` };
    expect(measured.chain.message("/weir.attestation.v1.MsgBond", bond).refusal).toBeUndefined();
    const byShares = cold();
    expect(byShares).toBeGreaterThan(0n);
    expect(measured.chain.message(message("MsgClaimAll"), { claimant: owner }).refusal).toBeUndefined();
    // Its commission waited: a ninth of what shares earned.
    expect(cold() - byShares - byShares / 9n).toBeLessThanOrEqual(2n);
    const asked = measured.chain.query<queries.QueryWithdrawAddressResponse>(path("WithdrawAddress"), { owner });
    expect(asked.withdrawAddress).toBe(withdrawAddress);
    const blocked = accountAddress.encode(moduleAddress("gov"));
    expect(
      measured.chain.message(message("MsgSetWithdrawAddress"), { owner, withdrawAddress: blocked }).refusal,
    ).toMatchObject({ code: 7 });
    expect(
      measured.chain.message(message("MsgSetWithdrawAddress"), { owner, withdrawAddress: owner }).refusal,
    ).toBeUndefined();
    expect(measured.chain.broken()).toBeUndefined();
  });

  it("can be restaked: the bond grows by the claim", () => {
    const measured = chainOf({
      params: { covert_rate: "0.000000000000000000", unproven_bps: "2000000000", delegation_min: "1000" },
    });
    measured.epochs(6);
    const claimant = accountOf("relay 1");
    const before = [bondOf(measured, 1n), purse(measured, "relay 1")];
    const { amount } = measured.chain.query<queries.QueryClaimableResponse>(path("Claimable"), {
      relay: "1",
      claimant,
    });
    expect(measured.chain.message(message("MsgRestake"), { claimant, relayId: 1n }).refusal).toBeUndefined();
    expect([bondOf(measured, 1n), purse(measured, "relay 1")]).toEqual([before[0]! + BigInt(amount), before[1]!]);
    expect(measured.chain.message(message("MsgRestake"), { claimant, relayId: 1n }).refusal).toMatchObject({ code: 3 });
    expect(measured.chain.broken()).toBeUndefined();
  });

  it("burn when nobody claims them in the window", () => {
    const measured = chainOf({ rewards: { claim_window_epochs: "6" } });
    measured.epochs(5);
    expect(BigInt(epochOf(measured, 1).expired)).toBe(0n);
    measured.epochs(10, () => "zero");
    const expired = [7, 8, 9, 10, 11].reduce((sum, number) => sum + BigInt(epochOf(measured, number).expired), 0n);
    const liquid = [1, 2, 3].reduce((sum, relay) => sum + BigInt(resultFloor(measured, relay)), 0n);
    expect(expired).toBeGreaterThanOrEqual(liquid);
    expect(
      measured.chain.query<queries.QueryClaimableResponse>(path("Claimable"), {
        relay: "1",
        claimant: accountOf("relay 1"),
      }).amount,
    ).not.toBe("0");
  });

  it("of a relay that left stay claimable, and its record goes when nothing is left", () => {
    const measured = chainOf({
      params: { covert_rate: "0.000000000000000000", unproven_bps: "2000000000", unbonding_time: "60s" },
      rewards: { vesting_duration: "60s" },
    });
    measured.epochs(3);
    const operator = accountOf("relay 1");
    const subject = { kind: 1, id: 1n };
    expect(measured.chain.message("/weir.attestation.v1.MsgLeave", { operator, subject }).refusal).toBeUndefined();
    measured.epochs(2);
    const unbond = { delegator: operator, subject, amount: `${10_000n * weir}` };
    expect(measured.chain.message("/weir.attestation.v1.MsgUnbond", unbond).refusal).toBeUndefined();
    measured.epochs(12);
    expect(attestedRelay(measured.chain.context(), 1n)).toBeUndefined();
    expect(relayOf(measured, 1).record!.removed).toBe(true);
    expect(measured.chain.message(message("MsgClaim"), { claimant: operator, relayId: 1n }).refusal).toBeUndefined();
    measured.epochs(1);
    expect(() => relayOf(measured, 1)).toThrow(/rewards know no relay 1/);
  });
});

/** What was liquid of an epoch at least. */
const resultFloor = (measured: MeasuredChain, relay: number): bigint => relayOf(measured, relay).record!.earned / 4n;

describe("what is asked", () => {
  const measured = chainOf({ claimBps: (id) => id * 40n * mbps });
  measured.epochs(6);

  it("lists relays by weight, the heaviest first", () => {
    const { relays } = measured.chain.query<queries.QueryLeaderboardResponse>(path("Leaderboard"), {});
    expect(relays.map(({ relayId, weight }) => [relayId, weight])).toEqual([
      [3n, 12n * mbps],
      [2n, 8n * mbps],
      [1n, 4n * mbps],
    ]);
    expect(BigInt(relays[0]!.earned)).toBeGreaterThan(0n);
  });

  it("tells the emission of epochs to come, pool by pool, as they will be", () => {
    const ask = () => measured.chain.query<queries.QueryEmissionResponse>(path("Emission"), { epochs: 3n }).epochs;
    const told = ask();
    expect(told.map(({ epoch }) => epoch)).toEqual([3n, 4n, 5n]);
    measured.epochs(3);
    for (const { epoch, emission, pools } of told) {
      expect(epochOf(measured, Number(epoch))).toMatchObject({ emission, pools });
    }
    expect(() => measured.chain.query(path("Emission"), { epochs: 1_001n })).toThrow(/at most 1000/);
  });

  it("finds relays by their operator too, and refuses what is none", () => {
    const asked = measured.chain.query<queries.QueryRelayResponse>(path("Relay"), { relay: accountOf("relay 2") });
    expect(asked.id).toBe(2n);
    expect(() => measured.chain.query(path("Relay"), { relay: "nobody" })).toThrow(/names no relay/);
    expect(() => measured.chain.query(path("Relay"), { relay: accountOf("watcher") })).toThrow(/operates no relay/);
    expect(() => measured.chain.query(path("Relay"), { relay: "77" })).toThrow(/know no relay 77/);
    expect(() => measured.chain.query(path("Epoch"), { number: "x" })).toThrow(/decimal digits/);
    expect(() => measured.chain.query(path("Epoch"), { number: "999" })).toThrow(/not settled yet/);
    expect(() => measured.chain.query(path("Explain"), { relay: "1", epoch: "999" })).toThrow(/not settled yet/);
  });

  it("keeps results for a window, and records longer", () => {
    measured.epochs(6);
    expect(() => resultOf(measured, 1, 1)).toThrow(/too long ago/);
    expect(epochOf(measured, 1).paidRelays).toBe(3n);
    const { epochs } = measured.chain.query<queries.QueryEpochsResponse>(path("Epochs"), {});
    expect(epochs.map(({ epoch }) => Number(epoch))).toEqual(epochs.map((_, index) => index));
  });

  it("hands what it learned back to attestation, from the next open on", () => {
    const { epoch } = measured;
    expect(trustAt(measured.chain.context(), epoch, 1n)).toMatchObject({
      lastMedianBps: 40n * mbps,
      uptime: decOne,
      stable: false,
    });
  });

  it("tells cells and the bond rate", () => {
    const { cells } = measured.chain.query<queries.QueryCellsResponse>(path("Cells"), {});
    expect(cells.map(({ name, cell }) => [name, cell!.families, cell!.scarcity])).toEqual([
      ["europe-west", 3n, `${decOne}`],
    ]);
    expect(cells[0]!.cell!.epochs).toHaveLength(7);
    const { rate } = measured.chain.query<queries.QueryBondRateResponse>(path("BondRate"), {});
    expect(BigInt(rate)).toBeGreaterThan(0n);
    expect(measured.chain.query<queries.QueryParamsResponse>(path("Params"), {}).params!.bondEpochs).toBe(
      defaultParams.bondEpochs,
    );
  });
});

describe("an export in the middle of a settlement", () => {
  it("is read again, goes on where it stood, and is the same exported again", () => {
    const measured = chainOf({ relays: 25, blocksPerEpoch: 4n, rewards: { sweep_page: "10" } });
    measured.epochs(4);
    measured.block();
    measured.block();
    const exported = measured.chain.exported().rewards;
    const state = rewards.genesis.parse(exported);
    expect(state.settlement).toBeDefined();
    expect(rewards.genesis.toJson(state)).toEqual(exported);
  });
});
