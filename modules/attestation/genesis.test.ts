/** Genesis of the registry: what was exported begins the same chain again, byte for byte; what cannot be is refused with its path. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { parseDec } from "../../chain/dec.ts";
import { Notice } from "../../proto/gen/weir/attestation/v1/tx.ts";
import {
  bankGenesis,
  mbps,
  moduleParams,
  nameOf,
  oracleUpdate,
  type RegistryChain,
  registryChain,
  registryGenesis,
  relayUpdate,
  transportKey,
  vrfKey,
  weirs,
  withRegistry,
} from "../../test/helpers/registrychain.ts";
import { denom } from "../../test/helpers/testapplication.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { weir } from "../index.ts";
import {
  attestation,
  changeTrust,
  jailOracle,
  oracleSubject,
  oraclesAtOpen,
  relayAtOpen,
  relaySubject,
  setProvenCapacity,
  slashRelay,
} from "./index.ts";

/** Something of everything that genesis carries. */
function livedChain(): RegistryChain {
  const chain = registryChain({ params: { leaveNotice: { seconds: 900n, nanos: 0 } } });
  for (const operator of [0, 1, 2, 3])
    chain.registerRelay(operator, operator === 1 ? { notice: Notice.NOTICE_LONG } : {});
  for (const operator of [4, 5, 6]) chain.registerOracle(operator);
  chain.epochs(2);
  chain.bond(7, relaySubject(1n), weirs(70));
  chain.bond(4, relaySubject(2n), weirs(50));
  chain.bond(5, relaySubject(2n), weirs(50));
  chain.send("MsgInviteToFamily", { operator: nameOf(0), invited: nameOf(1), name: "kin" });
  chain.send("MsgJoinFamily", { operator: nameOf(1), family: 1n });
  chain.send("MsgInviteToFamily", { operator: nameOf(1), invited: nameOf(9), name: "" });
  chain.epochs(1);
  chain.unbond(7, relaySubject(1n), weirs(30));
  chain.unbond(5, relaySubject(2n), weirs(50));
  chain.attempt(
    (ctx) => void slashRelay(ctx, 1n, { fraction: parseDec("0.123456789"), sinceEpoch: 3n, reason: "test" }),
  );
  chain.attempt((ctx) => {
    changeTrust(ctx, 1n, { reputation: parseDec("0.85"), lastMedianBps: mbps(77), prefix: "9.9.0.0/24" });
    setProvenCapacity(ctx, 2n, mbps(400));
    jailOracle(ctx, 3n, 9n, "test");
  });
  chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { transportKey: transportKey("next", 0), cell: "oceania" }));
  chain.send("MsgUpdateOracle", oracleUpdate(4, 1n, { vrfKey: vrfKey("next", 4) }));
  chain.send("MsgLeave", { operator: nameOf(1), subject: relaySubject(2n) });
  chain.send("MsgLeave", { operator: nameOf(2), subject: relaySubject(3n) });
  chain.send("MsgLeave", { operator: nameOf(5), subject: oracleSubject(2n) });
  chain.send("MsgDrain", { operator: nameOf(3), relay: 4n, epochs: 3n });
  chain.send("MsgLeaveFamily", { operator: nameOf(0) });
  chain.govern("MsgGovernSoftware", { version: "1.2.3" });
  chain.govern("MsgDeny", { operator: nameOf(8), reason: "r" });
  chain.govern("MsgUpdatePilot", {
    addedOperators: [nameOf(1)],
    removedOperators: [],
    addedBuyers: [nameOf(2)],
    removedBuyers: [],
  });
  chain.govern("MsgUpdateCells", {
    cells: [],
    removed: [],
    rtts: [{ first: "africa", second: "oceania", rttMicros: 7n }],
  });
  chain.epochs(1);
  return chain;
}

const again = (chain: RegistryChain): RegistryChain => {
  const { height, time } = chain.context().block;
  return withRegistry(testChain(chain.exported(), weir, { height, time }));
};

const entriesOf = (chain: RegistryChain): string[] =>
  chain
    .entries("attestation")
    .map(([key, value]) => `${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`);

describe("an export", () => {
  it("begins the same chain again: state, draws and all that follows", () => {
    const chain = livedChain();
    const other = again(chain);
    expect(other.exported()).toEqual(chain.exported());
    expect(entriesOf(other)).toEqual(entriesOf(chain));
    expect(other.broken()).toBeUndefined();
    for (const each of [chain, other]) each.epochs(12);
    expect(entriesOf(other)).toEqual(entriesOf(chain));
  });

  it("of a new chain is its default", () => {
    const chain = testChain();
    const json = chain.exported().attestation;
    expect(json).toEqual(attestation.genesis.toJson(attestation.genesis.default()));
    expect(attestation.genesis.toJson(attestation.genesis.parse(json))).toEqual(json);
  });
});

// ---------------------------------------------------------------------------------------------------- written by hand

const relayJson = (changes: object = {}) => ({
  id: "1",
  operator: nameOf(0),
  moniker: "north",
  standing: "STANDING_ACTIVE",
  terms: [termsJson()],
  ...changes,
});

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const termsJson = (changes: object = {}) => ({
  from_epoch: "0",
  serves: true,
  endpoints: ["9.9.9.9:443"],
  transport_key: base64(transportKey("relay 0", 0).publicKey),
  claimed_bps: "100000000",
  rtt_micros: "20000",
  cell: "africa",
  exit_policy: { kind: "EXIT_KIND_NONE" },
  price_floor: "0",
  ...changes,
});

const oracleJson = (changes: object = {}) => ({
  id: "1",
  operator: nameOf(1),
  moniker: "eye",
  standing: "STANDING_ACTIVE",
  trusted_bps: "1000000000",
  vrf_keys: [{ from_epoch: "0", public_key: base64(vrfKey("oracle 1", 1).publicKey) }],
  terms: [
    {
      from_epoch: "0",
      serves: true,
      endpoints: ["8.8.8.8:443"],
      transport_key: base64(transportKey("oracle 1", 1).publicKey),
      declared_bps: "1000000000",
      cell: "africa",
    },
  ],
  ...changes,
});

const share = (tokens: bigint): string => `${tokens}.000000000000000000`;

const bondJson = (tokens: bigint) => ({ tokens: `${tokens}`, shares: share(tokens) });

const held = (kind: string, operator: number, tokens: bigint) => ({
  subject: { kind: `SUBJECT_KIND_${kind}`, id: "1" },
  delegator: nameOf(operator),
  shares: share(tokens),
});

const unbondingJson = {
  subject: { kind: "SUBJECT_KIND_RELAY", id: "1" },
  epoch: "3",
  delegator: nameOf(0),
  unbonding: { shares: share(5n), initial: "5", completion_time: "2026-01-01T00:00:00Z" },
};

const written = (changes: object = {}) => ({
  ...(registryGenesis() as object),
  relays: [{ relay: relayJson(), bond: bondJson(weirs(1_000)) }],
  oracles: [{ oracle: oracleJson(), bond: bondJson(weirs(50_000)) }],
  delegations: [held("RELAY", 0, weirs(1_000)), held("ORACLE", 1, weirs(50_000))],
  ...changes,
});

const bondsAccount = accountAddress.encode(moduleAddress("attestation_bonds"));

const bankWith = (amount: bigint) => {
  const bank = bankGenesis();
  return { ...bank, balances: [...bank.balances, { address: bondsAccount, coins: [{ denom, amount: `${amount}` }] }] };
};

describe("a genesis that is written by hand", () => {
  it("has relays and oracles that take part in the first epoch, oracles at their word", () => {
    const bank = bankWith(weirs(51_000));
    const chain = registryChain({ appState: { bank, attestation: written() } });
    chain.block();
    expect(chain.epoch()).toBe(0n);
    expect(relayAtOpen(chain.context(), 0n, 1n)).toMatchObject({ operator: nameOf(0), claimBps: mbps(100) });
    expect(oraclesAtOpen(chain.context(), 0n)).toMatchObject([{ provenBps: mbps(1_000), bond: weirs(50_000) }]);
    chain.registerRelay(2);
    chain.epochs(2);
    expect(relayAtOpen(chain.context(), 1n, 2n)).toBeDefined();
  });

  it("needs the coins of its bonds", () => {
    const appState = { bank: bankWith(weirs(51_000) - 1n), attestation: written() };
    expect(() => registryChain({ appState })).toThrow(/app_state.attestation: found bonds of 51000000000/);
  });

  const relays = (changes: object, bond: object = bondJson(weirs(1_000))) => ({
    relays: [{ relay: relayJson(changes), bond }],
  });
  const terms = (changes: object) => relays({ terms: [termsJson(changes)] });
  const oracles = (changes: object) => ({ oracles: [{ oracle: oracleJson(changes), bond: bondJson(weirs(50_000)) }] });

  it.each([
    ["params", { params: null }, "attestation.params"],
    [
      "parameters out of range",
      { params: { ...(registryGenesis() as { params: object }).params, committee_size: 1 } },
      "committee_size",
    ],
    ["a cell twice as large as a name", { cells: [{ name: "x".repeat(25), description: "" }] }, "attestation.cells"],
    ["RTTs of no cells", { rtts: [{ first: "here", second: "there", rtt_micros: "5" }] }, "attestation.rtts"],
    [
      "versions that fall",
      {
        software: [
          { version: "1.1.0", since_epoch: "0" },
          { version: "1.0.0", since_epoch: "0" },
        ],
      },
      "attestation.software",
    ],
    ["an operator that is none", relays({ operator: "weir1" }), "relays[0].relay.operator"],
    ["no moniker", relays({ moniker: "" }), "relay.moniker"],
    ["no standing", relays({ standing: "STANDING_UNSPECIFIED" }), "relay.standing"],
    ["a departure without a time", relays({ standing: "STANDING_LEAVING" }), "relay.leave_time"],
    ["no terms", relays({ terms: [] }), "relay.terms"],
    ["terms out of order", relays({ terms: [termsJson(), termsJson()] }), "terms[1].from_epoch"],
    ["an endpoint that is none", terms({ endpoints: ["10.0.0.1"] }), "terms[0].endpoints"],
    ["a key that is no point", terms({ transport_key: base64(new Uint8Array(32).fill(0xff)) }), "transport_key"],
    ["an oracle's key", terms({ transport_key: base64(transportKey("oracle 1", 1).publicKey) }), "transport_key"],
    ["a claim of nothing", terms({ claimed_bps: "0" }), "terms[0]"],
    ["a cell that is not there", terms({ cell: "atlantis" }), "terms[0].cell"],
    ["no exit policy", terms({ exit_policy: null }), "exit_policy"],
    ["a relay twice", { relays: [written().relays[0], written().relays[0]] }, "attestation"],
    ["an id that is given already", { next_relay: "1" }, "attestation.relays"],
    [
      "an oracle by name",
      oracles({ terms: [{ ...oracleJson().terms[0], endpoints: ["a.b:1"] }] }),
      "oracles[0].oracle.terms[0].endpoints",
    ],
    ["an oracle without a VRF key", oracles({ vrf_keys: [] }), "vrf_keys"],
    ["shares of nobody", { delegations: [held("RELAY", 0, weirs(1_000))] }, "attestation.delegations"],
    [
      "shares of a pool that is not there",
      { delegations: [...written().delegations, held("RELAY", 0, 5n)] },
      "delegations[2]",
    ],
    ["tokens without shares", relays({}, { tokens: "5", shares: "0.000000000000000000" }), "relays[0].bond"],
    [
      "less than no shares",
      { delegations: [{ ...held("RELAY", 0, 5n), shares: "-5.000000000000000000" }] },
      "delegations[0].shares",
    ],
    [
      "a delegation of a module",
      { delegations: [{ ...held("RELAY", 0, weirs(1_000)), delegator: bondsAccount }] },
      "delegations[0].delegator",
    ],
    ["an unbonding of no pool", { unbondings: [unbondingJson] }, "attestation.unbondings[0]"],
    ["a family without its members", { families: [{ id: "1", name: "", members: 2 }] }, "attestation.families"],
    [
      "a member of no family",
      { memberships: [{ operator: nameOf(0), memberships: [{ from_epoch: "0", family: "3" }] }] },
      "memberships[0]",
    ],
    ["a denial without a reason", { denials: [{ operator: nameOf(0), denial: { reason: "" } }] }, "denials[0]"],
    ["a buyer that is none", { pilot_buyers: ["bob"] }, "pilot_buyers[0]"],
  ])("is refused with %s", (_what, change, path) => {
    expect(() => attestation.genesis.parse(written(change))).toThrow(path);
  });
});

describe("what a vote changed since", () => {
  it("does not keep an export from beginning again: rules of addresses, and cells that were left", () => {
    const chain = registryChain({ params: { prefixRules: false } });
    chain.registerRelay(0, { endpoints: ["127.0.0.1:7001"], cell: "oceania" });
    chain.epochs(1);
    chain.send("MsgUpdateRelay", relayUpdate(0, 1n, { cell: "africa" }));
    chain.govern("MsgUpdateCells", { cells: [], rtts: [], removed: ["oceania"] });
    chain.govern("MsgUpdateParams", { params: moduleParams({ prefixRules: true }) });
    chain.block();
    expect(entriesOf(again(chain))).toEqual(entriesOf(chain));
  });
});

describe("a departure", () => {
  it("is queued again where it stood", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.epochs(1);
    chain.send("MsgLeave", { operator: nameOf(0), subject: relaySubject(1n) });
    const other = again(chain);
    other.epochs(1);
    const found = (other.exported().attestation as { relays: { relay: { standing: string } }[] }).relays[0]!;
    expect(found.relay.standing).toBe("STANDING_LEFT");
  });
});
