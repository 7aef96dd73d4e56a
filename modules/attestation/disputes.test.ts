import { describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import type { ChainEvent } from "../../chain/events.ts";
import type { DisputeState } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { accountOf, type Behaviour, MeasuredChain, type MeasuredOptions } from "../../test/helpers/measuredchain.ts";
import { balanceOf, supplyOf } from "../bank/index.ts";
import { attestationKind } from "./attestationbytes.ts";
import { oracleBond } from "./bonds.ts";
import { disputeOf } from "./disputesstate.ts";
import { inviteToFamily, joinFamily } from "./families.ts";
import { oracleTallyOf } from "./oracletallies.ts";
import { disputeRecords, disputes } from "./readingsstate.ts";
import { isTallied } from "./readingssweep.ts";

const { overt, remeasurement } = attestationKind;
const bond = 1_000_000_000n;
const watcher = accountOf("watcher");
const chainOf = (options: Partial<MeasuredOptions> = {}) =>
  new MeasuredChain({ oracles: 4, relays: 2, ...options, params: { covert_rate: "0", ...options.params } });
const challenge = (chain: MeasuredChain, relay: bigint, epoch: bigint, challenger = watcher) =>
  chain.chain.message("/weir.attestation.v1.MsgChallenge", { challenger, relay, epoch }).refusal;
const coinsOf = (chain: MeasuredChain, account = watcher) =>
  balanceOf(chain.chain.context(), accountAddress.decode(account), "uweir");
const ended = (events: readonly ChainEvent[]) =>
  events
    .filter(({ type }) => type === "weir.attestation.v1.EventDisputeEnded")
    .map(({ attributes }) => Object.fromEntries(attributes.map(({ key, value }) => [key, JSON.parse(value)])));

/** What relay 1 carries when it is measured first, and when it is measured again. */
const carries =
  (first: bigint, again: bigint): Behaviour =>
  ({ relay, kind }) => {
    if (relay !== 1n) return {};
    return { measuredBps: kind === remeasurement ? again : kind === overt ? first : 80_000_000n };
  };

/** Measured, challenged two epochs later, measured again, and counted. */
function disputed(
  behaviour: Behaviour,
  { challenger = watcher, chain = chainOf() }: { challenger?: string; chain?: MeasuredChain } = {},
) {
  chain.epochs(1);
  const { epoch } = chain;
  chain.epochs(2, behaviour);
  expect(challenge(chain, 1n, epoch, challenger)).toBeUndefined();
  const before = coinsOf(chain, challenger);
  const supply = supplyOf(chain.chain.context(), "uweir");
  const events = chain.epochs(4, behaviour);
  expect(isTallied(chain.chain.context(), epoch + 3n)).toBe(true);
  return {
    chain,
    epoch,
    ended: ended(events),
    returned: coinsOf(chain, challenger) - before,
    burned: supply - supplyOf(chain.chain.context(), "uweir"),
    dispute: disputeOf(chain.chain.context(), epoch, 1n)!,
  };
}

describe("a challenge", () => {
  it("is filed in the epoch of challenge, once, about what was concluded, against a bond that is held", () => {
    const chain = chainOf();
    chain.epochs(1);
    const { epoch } = chain;
    chain.epochs(1, carries(10_000_000n, 10_000_000n));
    expect(challenge(chain, 1n, epoch)!.message).toBe(
      `epoch ${epoch} is disputed in epoch ${epoch + 2n}, and this is epoch ${epoch + 1n}; its readings stand before and after`,
    );
    chain.epochs(1);
    expect(challenge(chain, 9n, epoch)).toMatchObject({ code: 109 });
    const before = coinsOf(chain);
    expect(challenge(chain, 1n, epoch)).toBeUndefined();
    expect(before - coinsOf(chain)).toBe(bond);
    expect(disputeOf(chain.chain.context(), epoch, 1n)).toMatchObject({ state: "open", measuredIn: epoch + 3n });
    expect(challenge(chain, 1n, epoch, chain.relays[1]!.operator)).toMatchObject({ code: 136 });
    expect(chain.chain.broken()).toBeUndefined();
    chain.epochs(1);
    expect(challenge(chain, 2n, epoch)).toMatchObject({ code: 135 });
  });

  it("is refused where nothing was concluded, where there are too many, and where the bond is not there", () => {
    const chain = chainOf({ params: { disputes_max: 1 } });
    chain.epochs(1);
    const { epoch } = chain;
    chain.epochs(1, ({ relay, oracle }) => (relay === 2n && oracle.id < 3n ? undefined : {}));
    chain.epochs(1);
    expect(challenge(chain, 2n, epoch)!.message).toContain("are inconclusive; only conclusive ones are disputed");
    expect(challenge(chain, 1n, epoch, accountOf("nobody"))).toMatchObject({ codespace: "sdk", code: 5 });
    expect(challenge(chain, 1n, epoch)).toBeUndefined();
    const more = chainOf({ params: { disputes_max: 1 } });
    more.epochs(1);
    more.epochs(2);
    expect(challenge(more, 1n, 1n)).toBeUndefined();
    expect(challenge(more, 2n, 1n)!.message).toBe(
      "1 relays are measured again for this epoch, and there can be no more",
    );
  });
});

describe("a re-measurement", () => {
  it("by every oracle that may, in its own part of the time, lifts what was a bad epoch", () => {
    const found = disputed(carries(10_000_000n, 80_000_000n));
    expect(found).toMatchObject({ returned: bond, burned: 0n });
    expect(found.dispute).toMatchObject({ state: "lifted", medianBps: 80_000_000n, shortfall: 0n, isThirdParty: true });
    expect(found.ended).toEqual([
      { relay: "1", epoch: `${found.epoch}`, outcome: "lifted", returned: `${bond}`, burned: "0" },
    ]);
    const stored = disputes.get(found.chain.chain.context(), [found.epoch, 1n])!;
    expect([...stored.committee].sort()).toEqual([1n, 2n, 3n, 4n]);
    expect(stored).toMatchObject({ bond: "0", wasBad: true, claimBps: 80_000_000n, firstMedianBps: 10_000_000n });
  });

  it("that reads what was read before confirms it, and the bond burns", () => {
    const found = disputed(carries(10_000_000n, 10_000_000n));
    expect(found).toMatchObject({ returned: 0n, burned: bond });
    expect(found.dispute).toMatchObject({ state: "confirmed", shortfall: 875_000_000_000_000_000n });
  });

  it("makes an epoch bad for a third party, and not for the relay's own side", () => {
    expect(disputed(carries(80_000_000n, 10_000_000n))).toMatchObject({
      returned: bond,
      dispute: { state: "madeBad", isThirdParty: true },
    });
    const chain = chainOf();
    const own = disputed(carries(80_000_000n, 10_000_000n), { chain, challenger: chain.relays[0]!.operator });
    expect(own).toMatchObject({ burned: bond, dispute: { state: "confirmed", isThirdParty: false } });
  });

  it("for one of the relay's family is for the relay itself", () => {
    const chain = chainOf();
    const [relay, brother] = chain.relays.map(({ operator }) => accountAddress.decode(operator));
    const ctx = chain.chain.context();
    const { family } = inviteToFamily(ctx, relay!, brother!, "kin");
    joinFamily(ctx, brother!, family);
    const found = disputed(carries(80_000_000n, 10_000_000n), { chain, challenger: chain.relays[1]!.operator });
    expect(found.dispute).toMatchObject({ state: "confirmed", isThirdParty: false });
  });

  it("that hardly anyone made changes nothing: the bond goes back, and who was absent is counted", () => {
    const found = disputed(({ kind, oracle, relay }) => {
      if (kind === remeasurement) return oracle.id <= 2n ? {} : undefined;
      return relay === 1n ? { measuredBps: 10_000_000n } : {};
    });
    expect(found).toMatchObject({ returned: bond, dispute: { state: "inconclusive" } });
    const ctx = found.chain.chain.context();
    const work = found.chain.oracles.map(({ id }) => oracleTallyOf(ctx, found.epoch + 3n, id));
    expect(work.map(({ assigned, missing }) => [assigned, missing])).toEqual([
      [3n, 0n],
      [3n, 0n],
      [3n, 1n],
      [3n, 1n],
    ]);
  });

  it("in an epoch that nobody measured ends too", () => {
    const chain = chainOf();
    chain.epochs(1);
    const { epoch } = chain;
    chain.epochs(2, carries(10_000_000n, 0n));
    expect(challenge(chain, 1n, epoch)).toBeUndefined();
    chain.epochs(1);
    const before = coinsOf(chain);
    chain.epochs(1, () => undefined);
    chain.epochs(2);
    expect(disputeOf(chain.chain.context(), epoch, 1n)).toMatchObject({ state: "inconclusive" });
    expect(coinsOf(chain) - before).toBe(bond);
  });

  it("is remembered as long as a slash can wait for it, and then forgotten", () => {
    const { chain, epoch } = disputed(carries(10_000_000n, 80_000_000n));
    while (chain.epoch < epoch + 9n) chain.toNextEpoch();
    expect(disputeOf(chain.chain.context(), epoch, 1n)).toBeDefined();
    while (chain.epoch < epoch + 11n) chain.toNextEpoch();
    expect(disputeOf(chain.chain.context(), epoch, 1n)).toBeUndefined();
  });
});

describe("an oracle outside both bands", () => {
  it("is slashed after the third disputed relay, and never by one dispute", () => {
    const chain = chainOf({ oracles: 5 });
    chain.epochs(1);
    const { epoch } = chain;
    const outlier: Behaviour = ({ oracle }) => (oracle.id === 5n ? { measuredBps: 20_000_000n } : {});
    chain.epochs(2, outlier);
    const bonds = () => chain.oracles.map(({ id }) => oracleBond(chain.chain.context(), id));
    const before = bonds();
    for (let count = 0n; count < 3n; count++) {
      expect(challenge(chain, 1n, epoch + count)).toBeUndefined();
      chain.epochs(1, outlier);
    }
    expect(bonds()).toEqual(before);
    chain.epochs(2, outlier);
    const records = () => disputeRecords.get(chain.chain.context(), 5n)?.outside;
    expect(records()).toEqual([true, true]);
    expect(bonds()).toEqual(before);
    chain.epochs(1, outlier);
    expect(bonds()).toEqual([...before.slice(0, 4), (before[4]! * 9n) / 10n]);
    expect(records()).toBeUndefined();
    expect(disputeRecords.get(chain.chain.context(), 1n)!.outside).toEqual([false, false, false]);
  });
});

describe("a dispute's state", () => {
  it("is one of five, each with its word", () => {
    const chain = chainOf();
    const ctx = chain.chain.context();
    const base = { relay: 1n, epoch: 0n, measuredIn: 3n, challenger: watcher, bond: "0", isThirdParty: true };
    const rest = { wasBad: false, firstMedianBps: 0n, secondMedianBps: 0n, shortfall: "0", firstReadings: [] };
    const words = [1, 2, 3, 4, 5].map((state) => {
      const stored = { ...base, ...rest, firstBandBps: 0n, claimBps: 0n, committee: [], state: state as DisputeState };
      disputes.set(ctx, [0n, 1n], stored);
      return disputeOf(ctx, 0n, 1n)!.state;
    });
    expect(words).toEqual(["open", "lifted", "confirmed", "madeBad", "inconclusive"]);
  });
});
