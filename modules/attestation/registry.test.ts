/** Registration and changes of relays and oracles, message by message; bonds are in bonds.test.ts, draws in openings.test.ts. */
import { describe, expect, it } from "vitest";
import { decToProto, parseDec } from "../../chain/dec.ts";
import { ExitKind, Stage } from "../../proto/gen/weir/attestation/v1/state.ts";
import { Notice, Payout } from "../../proto/gen/weir/attestation/v1/tx.ts";
import {
  mbps,
  nameOf,
  oracleMessage,
  oracleUpdate,
  registryChain,
  relayMessage,
  relayUpdate,
  transportKey,
  vrfKey,
  weirs,
} from "../../test/helpers/registrychain.ts";
import { announcedTerms, oracle, oracleKeysAt, relay, termsAt } from "./index.ts";

describe("a relay", () => {
  it("is registered with what it offers, and takes part from the next open on", () => {
    const chain = registryChain();
    expect(chain.registerRelay(0).refusal).toBeUndefined();
    const found = relay(chain.context(), 1n)!;
    expect(found).toMatchObject({ operator: nameOf(0), paidInWeir: false, givesNotice: false });
    expect(announcedTerms(found)).toMatchObject({ fromEpoch: 1n, serves: true, claimedBps: mbps(100) });
    expect(termsAt(chain.context(), 0n, 1n)).toBeUndefined();
    expect(termsAt(chain.context(), 1n, 1n)).toMatchObject({ cell: "europe-west", priceFloor: 50_000n });
    chain.block();
  });

  const [key] = [transportKey("another", 0)];
  it.each([
    ["no moniker", { moniker: "" }, 6],
    ["a moniker of a megabyte", { moniker: "x".repeat(1 << 20) }, 6],
    ["a moniker that turns the direction of text", { moniker: "relay \u202e" }, 6],
    ["no endpoint", { endpoints: [] }, 7],
    ["thousands of endpoints", { endpoints: Array.from({ length: 5_000 }, (_, port) => `9.9.9.9:${port + 1}`) }, 7],
    ["an endpoint of a megabyte", { endpoints: ["x".repeat(1 << 20)] }, 7],
    ["an endpoint twice", { endpoints: ["9.9.9.9:1", "9.9.9.9:1"] }, 7],
    ["a private address", { endpoints: ["10.0.0.1:443"] }, 7],
    ["an endpoint without port", { endpoints: ["relay.example.com"] }, 7],
    ["no key", { transportKey: undefined }, 8],
    ["a key of small order", { transportKey: { ...key!, publicKey: Uint8Array.of(1, ...new Uint8Array(31)) } }, 8],
    ["another's key", { transportKey: transportKey("mine", 1) }, 9],
    ["a key without possession", { transportKey: { ...key!, possession: new Uint8Array(0) } }, 9],
    ["a claim of nothing", { claimedBps: 0n }, 6],
    ["a claim of all bits", { claimedBps: (1n << 64n) - 1n }, 6],
    ["an RTT of nothing", { rttMicros: 0n }, 6],
    ["an RTT of a year", { rttMicros: 31_536_000_000_000n }, 6],
    ["a cell that is not there", { cell: "atlantis" }, 11],
    ["a cell without a name", { cell: "" }, 11],
    ["no exit policy", { exitPolicy: undefined }, 6],
    ["ports out of order", { exitPolicy: { kind: ExitKind.EXIT_KIND_PORTS, ports: [{ first: 9, last: 8 }] } }, 6],
    ["a price floor of all bits", { priceFloor: (1n << 64n) - 1n }, 6],
    ["a commission above its most", { commissionRate: "600000000000000000" }, 24],
    ["a commission above one", { commissionRateMax: "1100000000000000000" }, 24],
    ["a bond below the least", { bond: `${weirs(1_000) - 1n}` }, 16],
    ["a bond of less than nothing", { bond: "-1" }, 6],
    ["a version that is none", { softwareVersion: "latest" }, 6],
  ])("is refused with %s", (_what, changes, code) => {
    const chain = registryChain();
    expect(chain.registerRelay(0, changes).refusal).toMatchObject({ codespace: "attestation", code });
    expect(relay(chain.context(), 1n)).toBeUndefined();
    chain.block();
  });

  it("cannot bond more than its operator has", () => {
    const chain = registryChain();
    expect(chain.registerRelay(0, { bond: `${weirs(20_000_000)}` }).refusal).toMatchObject({
      codespace: "sdk",
      code: 5,
    });
    expect(chain.registerRelay(0, { bond: `${1n << 255n}` }).refusal).toMatchObject({ codespace: "sdk", code: 5 });
    chain.block();
  });

  it("changes what is given from the next open on, and nothing else", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.epochs(1);
    const change = relayUpdate(0, 1n, {
      claim: { claimedBps: mbps(80), rttMicros: 0n },
      cell: "oceania",
      priceFloor: { priceFloor: 0n },
      moniker: "again",
      payout: Payout.PAYOUT_WEIR,
    });
    expect(chain.send("MsgUpdateRelay", change).refusal).toBeUndefined();
    expect(termsAt(chain.context(), 1n, 1n)).toMatchObject({ claimedBps: mbps(100), cell: "europe-west" });
    expect(termsAt(chain.context(), 2n, 1n)).toMatchObject({
      claimedBps: mbps(80),
      rttMicros: 20_000n,
      cell: "oceania",
      priceFloor: 0n,
      endpoints: ["9.9.0.1:443"],
    });
    expect(relay(chain.context(), 1n)).toMatchObject({ moniker: "again", paidInWeir: true });
    chain.epochs(1);
    expect(chain.send("MsgUpdateRelay", relayUpdate(0, 1n, {})).refusal).toMatchObject({ code: 6 });
    expect(chain.send("MsgUpdateRelay", relayUpdate(1, 1n, { moniker: "mine" })).refusal).toMatchObject({ code: 5 });
    expect(chain.send("MsgUpdateRelay", relayUpdate(0, 9n, { moniker: "mine" })).refusal).toMatchObject({ code: 3 });
  });

  it("keeps what epochs that are not settled read, however often it changes", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    for (let count = 1; count <= 12; count++) {
      chain.epochs(1);
      for (const extra of [1, 0]) {
        const claim = { claimedBps: mbps(100 + count + extra), rttMicros: 0n };
        expect(chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { claim })).refusal).toBeUndefined();
      }
    }
    const { terms } = relay(chain.context(), 1n)!;
    expect(terms.map(({ fromEpoch }) => fromEpoch)).toEqual([8n, 9n, 10n, 11n, 12n, 13n]);
    for (let epoch = 8n; epoch <= 13n; epoch++) {
      expect(termsAt(chain.context(), epoch, 1n)?.claimedBps).toBe(mbps(99n + epoch));
    }
    chain.block();
  });

  it("raises its commission once an epoch and a little, and lowers it as it likes", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    const atOnce = relayUpdate(0, 1n, { commissionRate: decToProto(parseDec("0.15")) });
    expect(chain.send("MsgUpdateRelay", atOnce).refusal).toMatchObject({ code: 24 });
    const change = (rate: string) =>
      chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { commissionRate: decToProto(parseDec(rate)) })).refusal;
    chain.epochs(1);
    expect(change("0.16")).toMatchObject({ code: 24 });
    expect(change("0.15")).toBeUndefined();
    expect(change("0.01")).toMatchObject({ code: 24 });
    chain.epochs(1);
    expect(change("0.01")).toBeUndefined();
    chain.epochs(1);
    expect(change("0.51")).toMatchObject({ code: 24 });
    expect(change("-0.01")).toMatchObject({ code: 24 });
    expect(change("1.000000000000000001")).toMatchObject({ code: 24 });
    const raw = relayUpdate(0, 1n, { commissionRate: "1e3" });
    expect(chain.send("MsgUpdateRelay", raw).refusal).toMatchObject({ codespace: "sdk" });
  });
});

describe("a transport key", () => {
  it("stands once on the chain, whoever has it", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.registerOracle(1);
    const again = relayMessage(0, { transportKey: transportKey("relay 0", 0) });
    expect(chain.send("MsgRegisterRelay", again).refusal).toMatchObject({ code: 10 });
    const ofOracle = oracleMessage(0, { transportKey: transportKey("relay 0", 0) });
    expect(chain.send("MsgRegisterOracle", ofOracle).refusal).toMatchObject({ code: 10 });
    const vrfAsTransport = relayMessage(1, { transportKey: transportKey("vrf oracle 1", 1) });
    expect(chain.send("MsgRegisterRelay", vrfAsTransport).refusal).toMatchObject({ code: 10 });
  });

  it("is another's again only when no epoch is verified by it any more", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.epochs(1);
    const other = transportKey("other", 0);
    chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { transportKey: other }));
    const take = () => chain.registerRelay(1, { transportKey: transportKey("relay 0", 1) }).refusal;
    expect(take()).toMatchObject({ code: 10 });
    for (let count = 0; count < 6; count++) {
      chain.epochs(1);
      expect(take()).toMatchObject({ code: 10 });
    }
    chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { priceFloor: { priceFloor: 1n } }));
    expect(take()).toBeUndefined();
    chain.block();
  });
});

describe("an oracle", () => {
  it("has its transport key from the next open on, and its VRF key later", () => {
    const chain = registryChain();
    expect(chain.registerOracle(0).refusal).toBeUndefined();
    expect(oracleKeysAt(chain.context(), 0n, 1n)).toBeUndefined();
    expect(oracleKeysAt(chain.context(), 1n, 1n)).toMatchObject({ operator: nameOf(0), vrfKey: undefined });
    expect(oracleKeysAt(chain.context(), 2n, 1n)?.vrfKey).toEqual(vrfKey("oracle 0", 0).publicKey);
    chain.epochs(3);
    const change = oracleUpdate(0, 1n, { vrfKey: vrfKey("second", 0), declaredBps: mbps(2_000) });
    expect(chain.send("MsgUpdateOracle", change).refusal).toBeUndefined();
    chain.epochs(1);
    expect(chain.send("MsgUpdateOracle", oracleUpdate(0, 1n, { vrfKey: vrfKey("third", 0) })).refusal).toBeUndefined();
    expect(oracle(chain.context(), 1n)!.vrfKeys.map(({ fromEpoch }) => fromEpoch)).toEqual([2n, 5n, 6n]);
    expect(oracle(chain.context(), 1n)!.terms.map(({ declaredBps }) => declaredBps)).toEqual([
      mbps(1_000),
      mbps(2_000),
    ]);
  });

  it.each([
    ["a host's name", { endpoints: ["oracle.example.com:443"] }, 7],
    ["a loopback address", { endpoints: ["127.0.0.1:443"] }, 7],
    ["no VRF key", { vrfKey: undefined }, 8],
    ["a VRF key that another proves", { vrfKey: vrfKey("mine", 1) }, 9],
    ["one key for both", { transportKey: transportKey("oracle 0", 0), vrfKey: transportKey("oracle 0", 0) }, 9],
    ["too small a bond", { bond: `${weirs(50_000) - 1n}` }, 16],
    ["too great a word", { declaredBps: (1n << 64n) - 1n }, 6],
  ])("is refused with %s", (_what, changes, code) => {
    expect(registryChain().registerOracle(0, changes).refusal).toMatchObject({ codespace: "attestation", code });
  });

  it("may name a private address where prefix rules are off, and still no name", () => {
    const chain = registryChain({ params: { prefixRules: false } });
    expect(chain.registerOracle(0, { endpoints: ["127.0.0.1:7001", "[::1]:7001"] }).refusal).toBeUndefined();
    expect(chain.registerOracle(1, { endpoints: ["localhost:7001"] }).refusal).toMatchObject({ code: 7 });
    expect(chain.registerRelay(1, { endpoints: ["localhost:7001"] }).refusal).toBeUndefined();
  });

  it("signs and proves by two keys, at once and later", () => {
    const chain = registryChain();
    const both = transportKey("vrf both", 0);
    expect(both.publicKey).toEqual(vrfKey("both", 0).publicKey);
    expect(chain.registerOracle(0, { transportKey: both, vrfKey: vrfKey("both", 0) }).refusal).toMatchObject({
      code: 36,
    });
    expect(chain.registerOracle(0, { vrfKey: vrfKey("both", 0) }).refusal).toBeUndefined();
    const change = oracleUpdate(0, 1n, { transportKey: both });
    expect(chain.send("MsgUpdateOracle", change).refusal).toMatchObject({ code: 36 });
    chain.block();
  });

  it("is one of so many", () => {
    const chain = registryChain({ params: { oraclesMax: 3n } });
    for (const operator of [0, 1, 2]) expect(chain.registerOracle(operator).refusal).toBeUndefined();
    expect(chain.registerOracle(3).refusal).toMatchObject({ code: 13 });
    chain.send("MsgLeave", { operator: nameOf(0), subject: { kind: 2, id: 1n } });
    chain.epochs(1);
    expect(chain.registerOracle(3).refusal).toBeUndefined();
    chain.block();
  });
});

describe("a stage", () => {
  it("pilot takes those who are listed, with caps, and says which stage would take others", () => {
    const chain = registryChain({
      params: { stage: Stage.STAGE_PILOT, operatorRelaysMax: 1, operatorBpsMax: mbps(150) },
    });
    expect(chain.registerRelay(0).refusal?.message).toBe(
      `operator ${nameOf(0)} is not listed, which stage pilot forbids; stage capped allows it`,
    );
    chain.govern("MsgUpdatePilot", {
      addedOperators: [nameOf(0)],
      removedOperators: [],
      addedBuyers: [],
      removedBuyers: [],
    });
    expect(chain.registerRelay(0).refusal).toBeUndefined();
    const second = chain.registerRelay(0, { transportKey: transportKey("second", 0) }).refusal;
    expect(second).toMatchObject({ code: 12 });
    expect(second?.message).toContain("stage open allows it");
    const claim = { claimedBps: mbps(151), rttMicros: 0n };
    expect(chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { claim })).refusal).toMatchObject({ code: 12 });
    const less = { claimedBps: mbps(150), rttMicros: 0n };
    expect(chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { claim: less })).refusal).toBeUndefined();
    chain.govern("MsgUpdatePilot", {
      addedOperators: [],
      removedOperators: [nameOf(0)],
      addedBuyers: [],
      removedBuyers: [],
    });
    // Who is not listed any more may do with less, and not with more.
    expect(chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { claim })).refusal).toMatchObject({ code: 12 });
    const least = { claimedBps: mbps(50), rttMicros: 0n };
    expect(chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { claim: least })).refusal).toBeUndefined();
  });

  it("open takes everybody, and an operator of no more than can be denied at once", () => {
    const chain = registryChain({ params: { stage: Stage.STAGE_OPEN, relayBondMin: weirs(1) } });
    const register = (index: number) =>
      chain.registerRelay(0, { bond: `${weirs(1)}`, transportKey: transportKey(`many ${index}`, 0) }).refusal;
    for (let index = 0; index < 256; index++) expect(register(index)).toBeUndefined();
    expect(register(256)).toMatchObject({ code: 13 });
    chain.block();
    chain.govern("MsgDeny", { operator: nameOf(0), reason: "too many" });
    expect(announcedTerms(relay(chain.context(), 256n)!).serves).toBe(false);
    chain.block();
  });
});

describe("notice", () => {
  it("binds for as long as it is, also who drops it", () => {
    const chain = registryChain({ params: { leaveNotice: { seconds: 1_000n, nanos: 0 } } });
    chain.registerRelay(0, { notice: Notice.NOTICE_LONG });
    const now = chain.context().block.time.seconds;
    chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { notice: Notice.NOTICE_NONE }));
    chain.block(400n);
    chain.send("MsgLeave", { operator: nameOf(0), subject: { kind: 1, id: 1n } });
    expect(relay(chain.context(), 1n)?.leaveTime?.seconds).toBe(now + 1_000n);
    expect(announcedTerms(relay(chain.context(), 1n)!).serves).toBe(true);
  });
});
