/** Who takes part, what counts of a claim, and who measures whom, out of the state that an epoch opened with. */
import { describe, expect, it } from "vitest";
import { parseDec } from "../../chain/dec.ts";
import type * as queries from "../../proto/gen/weir/attestation/v1/query.ts";
import {
  mbps,
  moduleParams,
  nameOf,
  oracleUpdate,
  type RegistryChain,
  type RegistryOptions,
  registryChain,
  relayUpdate,
  transportKey,
  vrfKey,
  weirs,
} from "../../test/helpers/registrychain.ts";
import { epoch as epochAt } from "../beacon/index.ts";
import { drawCommittee, isAudited } from "./committee.ts";
import {
  changeTrust,
  committeeOf,
  countedBpsAt,
  eligibleFor,
  isAuditedIn,
  openingOf,
  oraclesAtOpen,
  paramsAt,
  relayAtOpen,
  relayEpoch,
  relayIdCountAt,
  relaySubject,
  setProvenCapacity,
  visibleClaimAt,
} from "./index.ts";
import { openingsKept } from "./openings.ts";

/** One relay, and oracles of operators 1 to `count`. */
function network(count: number, options: RegistryOptions = {}): RegistryChain {
  const chain = registryChain(options);
  expect(chain.registerRelay(0).refusal).toBeUndefined();
  for (let operator = 1; operator <= count; operator++) expect(chain.registerOracle(operator).refusal).toBeUndefined();
  return chain;
}

/** Readings that prove more than a new oracle is trusted with. */
const prove = (chain: RegistryChain, count: number, bps = mbps(500)): void => {
  chain.attempt((ctx) => {
    for (let id = 1n; id <= BigInt(count); id++) setProvenCapacity(ctx, id, bps);
  });
};

describe("an opening", () => {
  it("notes what oracles see, what they carry and which ids were given", () => {
    const chain = network(3);
    chain.epochs(1);
    expect(openingOf(chain.context(), 1n)).toMatchObject({
      nextRelay: 2n,
      nextOracle: 4n,
      oracles: 3n,
      capacityBps: mbps(300),
      visibleBpsMax: mbps(80),
    });
    chain.registerRelay(4);
    expect(relayIdCountAt(chain.context(), 1n)).toBe(1n);
    chain.epochs(1);
    expect(relayIdCountAt(chain.context(), 2n)).toBe(2n);
    expect(relayIdCountAt(chain.context(), 9n)).toBe(0n);
  });

  it("is kept as long as the beacon's epochs", () => {
    const chain = registryChain();
    chain.epochs(20);
    expect(openingOf(chain.context(), 20n - openingsKept)).toBeUndefined();
    expect(openingOf(chain.context(), 21n - openingsKept)).toBeDefined();
  });

  it("keeps its rules, whatever is voted while it lasts", () => {
    const chain = network(9, { params: { committeeSize: 3 } });
    chain.epochs(1);
    const before = committeeOf(chain.context(), 1n, 1n);
    chain.govern("MsgUpdateParams", { params: moduleParams({ committeeSize: 5, prefixRules: false }) });
    expect(committeeOf(chain.context(), 1n, 1n)).toEqual(before);
    expect(paramsAt(chain.context(), 1n).committeeSize).toBe(3);
    chain.epochs(1);
    expect(committeeOf(chain.context(), 2n, 1n)).toHaveLength(5);
    expect(committeeOf(chain.context(), 1n, 1n)).toEqual(before);
  });
});

describe("the claim that oracles see", () => {
  it("is what enough of them can measure with a quarter to spare", () => {
    const chain = network(3);
    chain.epochs(1);
    expect(visibleClaimAt(chain.context(), 1n, 1n)).toBe(mbps(80));
    prove(chain, 3);
    chain.epochs(1);
    expect(visibleClaimAt(chain.context(), 2n, 1n)).toBe(mbps(100));
    expect(visibleClaimAt(chain.context(), 1n, 1n)).toBe(mbps(80));
  });

  it("is nothing without oracles", () => {
    const chain = network(0);
    chain.epochs(1);
    expect([visibleClaimAt(chain.context(), 1n, 1n), ...committeeOf(chain.context(), 1n, 1n)]).toEqual([0n]);
  });
});

describe("what an oracle proves", () => {
  const proven = (chain: RegistryChain): bigint => oraclesAtOpen(chain.context(), chain.epoch())[0]!.provenBps;

  it("counts twice for thirty epochs, and never more than it declares", () => {
    const chain = network(1);
    chain.epochs(1);
    expect(proven(chain)).toBe(mbps(100));
    prove(chain, 1, mbps(300));
    expect(proven(chain)).toBe(mbps(100));
    chain.epochs(1);
    expect(proven(chain)).toBe(mbps(600));
    prove(chain, 1, mbps(900));
    chain.epochs(1);
    expect(proven(chain)).toBe(mbps(1_000));
    for (let epoch = 0; epoch < 28; epoch++) {
      prove(chain, 1, mbps(60));
      chain.epochs(1);
    }
    expect(proven(chain)).toBe(mbps(1_000));
    chain.epochs(1);
    expect(proven(chain)).toBe(mbps(1_000));
    chain.epochs(1);
    expect(proven(chain)).toBe(mbps(120));
    chain.send("MsgUpdateOracle", oracleUpdate(1, 1n, { declaredBps: mbps(50) }));
    chain.epochs(1);
    expect(proven(chain)).toBe(mbps(50));
  });
});

describe("a committee", () => {
  it("is what the pure function draws from the seed and the open, lazily, the same for all", () => {
    const chain = network(9, { params: { committeeSize: 5 } });
    chain.epochs(1);
    prove(chain, 9);
    chain.epochs(1);
    const ctx = chain.context();
    const rules = { size: 5, oracleBondMin: weirs(50_000), prefixRules: true };
    const { seed } = epochAt(ctx, 2n)!;
    const expected = drawCommittee({ seed, epoch: 2n }, relayAtOpen(ctx, 2n, 1n)!, oraclesAtOpen(ctx, 2n), rules);
    expect(expected).toHaveLength(5);
    expect(committeeOf(ctx, 2n, 1n)).toEqual(expected);
    const answer = chain.query<queries.QueryCommitteeResponse>("/weir.attestation.v1.Query/Committee", {
      relay: nameOf(0),
      epoch: "2",
    });
    expect(answer).toMatchObject({ relay: 1n, audited: true, committee: expected, visibleBps: mbps(100) });
    expect(answer.eligible).toHaveLength(9);
  });

  it("is nobody before the seed is known, and of a relay that takes no part", () => {
    const chain = network(3);
    chain.block(100n);
    expect(chain.epoch()).toBe(1n);
    expect(committeeOf(chain.context(), 1n, 1n)).toEqual([]);
    expect(isAuditedIn(chain.context(), 1n, 1n)).toBe(false);
    chain.block();
    expect(committeeOf(chain.context(), 1n, 1n)).toHaveLength(3);
    expect(committeeOf(chain.context(), 0n, 1n)).toEqual([]);
    expect(committeeOf(chain.context(), 1n, 9n)).toEqual([]);
  });

  it("does not change with anything that is done after the open", () => {
    const chain = network(9, { params: { committeeSize: 3 } });
    chain.epochs(1);
    const before = [committeeOf(chain.context(), 1n, 1n), eligibleFor(chain.context(), 1n, 1n)];
    chain.bond(1, relaySubject(1n), weirs(5));
    chain.send("MsgInviteToFamily", { operator: nameOf(0), invited: nameOf(2), name: "" });
    chain.send("MsgJoinFamily", { operator: nameOf(2), family: 1n });
    chain.send("MsgLeave", { operator: nameOf(3), subject: { kind: 2, id: 3n } });
    chain.bond(4, { kind: 2, id: 4n }, weirs(9_000));
    chain.send("MsgUpdateOracle", oracleUpdate(5, 5n, { endpoints: { endpoints: ["9.9.0.7:1"] } }));
    chain.attempt((ctx) => changeTrust(ctx, 1n, { prefix: "8.8.6.0/24" }));
    chain.registerOracle(0, {
      bond: `${weirs(60_000)}`,
      vrfKey: vrfKey("own", 0),
      transportKey: transportKey("own", 0),
    });
    prove(chain, 9);
    expect([committeeOf(chain.context(), 1n, 1n), eligibleFor(chain.context(), 1n, 1n)]).toEqual(before);
    chain.epochs(1);
    expect([committeeOf(chain.context(), 1n, 1n), eligibleFor(chain.context(), 1n, 1n)]).toEqual(before);
    // Of ten: one's own, one's kin, one that left; the tied one and the near one are more than a fifth of the weight that is left, and count.
    expect(eligibleFor(chain.context(), 2n, 1n)).not.toContain(2n);
    expect(eligibleFor(chain.context(), 2n, 1n)).not.toContain(3n);
    expect(eligibleFor(chain.context(), 2n, 1n)).not.toContain(10n);
  });

  it("leaves out who is tied or near, by either address, where that is not too many", () => {
    const chain = network(11, { params: { relayBondMin: weirs(1) } });
    chain.send("MsgUpdateOracle", oracleUpdate(5, 5n, { endpoints: { endpoints: ["8.8.5.1:1", "[2600:1234::1]:1"] } }));
    chain.bond(1, relaySubject(1n), weirs(5));
    chain.attempt((ctx) => changeTrust(ctx, 1n, { prefix: "2600123400/40" }));
    chain.epochs(1);
    expect(eligibleFor(chain.context(), 1n, 1n)).toEqual([2n, 3n, 4n, 6n, 7n, 8n, 9n, 10n, 11n]);
    chain.attempt((ctx) => changeTrust(ctx, 1n, { prefix: "8.8.5.0/24" }));
    chain.epochs(1);
    expect(eligibleFor(chain.context(), 2n, 1n)).not.toContain(5n);
  });
});

describe("an audit", () => {
  it("is every epoch, and one of three of a relay that was trusted when the epoch opened", () => {
    const chain = network(3);
    const audited: boolean[] = [];
    const expected: boolean[] = [];
    for (let epoch = 1n; epoch <= 24n; epoch++) {
      if (epoch === 3n) chain.attempt((ctx) => changeTrust(ctx, 1n, { reputation: parseDec("0.8") }));
      if (epoch === 22n) chain.attempt((ctx) => changeTrust(ctx, 1n, { reputation: parseDec("0.79") }));
      chain.epochs(1);
      audited.push(isAuditedIn(chain.context(), epoch, 1n));
      const isTrusted = epoch >= 3n && epoch < 22n;
      expected.push(isAudited(epochAt(chain.context(), epoch)!.seed, epoch, 1n, isTrusted ? 3n : 1n));
    }
    expect(audited).toEqual(expected);
    const count = audited.filter((one) => one).length;
    expect(count).toBeGreaterThanOrEqual(5);
    expect(count).toBeLessThan(20);
  });
});

describe("what a relay takes of the oracles' capacity", () => {
  it("is its claim as its bond covers it at first, then a quarter more than it carried", () => {
    const chain = network(3);
    prove(chain, 3);
    chain.epochs(1);
    expect(countedBpsAt(chain.context(), 1n, 1n)).toBe(mbps(100));
    chain.attempt((ctx) => changeTrust(ctx, 1n, { lastMedianBps: mbps(40) }));
    expect(countedBpsAt(chain.context(), 1n, 1n)).toBe(mbps(100));
    chain.epochs(1);
    expect(countedBpsAt(chain.context(), 2n, 1n)).toBe(mbps(50));
  });

  it("is less where its bond covers less", () => {
    const chain = network(3);
    prove(chain, 3);
    chain.epochs(1);
    chain.govern("MsgUpdateParams", { params: moduleParams({ relayBondMin: weirs(2_000) }) });
    chain.epochs(1);
    expect(countedBpsAt(chain.context(), 2n, 1n)).toBe(mbps(50));
  });
});

describe("what a settled epoch reads of a relay", () => {
  it("is as the epoch opened with it", () => {
    const chain = network(3);
    prove(chain, 3);
    chain.govern("MsgGovernSoftware", { version: "1.4.0" });
    chain.epochs(3);
    chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { cell: "oceania" }));
    chain.epochs(1);
    const expected = { serves: true, claimBps: mbps(100), rttMicros: 20_000n, cell: "europe-west", family: 0n };
    expect(relayEpoch(chain.context(), 3n, 1n)).toEqual({ ...expected, epochsBehind: 2n });
    expect(relayEpoch(chain.context(), 4n, 1n)).toEqual({ ...expected, cell: "oceania", epochsBehind: 3n });
    chain.send("MsgReportSoftware", { operator: nameOf(0), subject: { kind: 1, id: 1n }, version: "1.4.0" });
    expect(relayEpoch(chain.context(), 4n, 1n)?.epochsBehind).toBe(0n);
    expect(relayEpoch(chain.context(), 0n, 1n)).toBeUndefined();
  });
});
