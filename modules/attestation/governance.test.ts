/** What governance keeps: cells, versions, the pilot's lists and the parameters. */
import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import { Stage } from "../../proto/gen/weir/attestation/v1/state.ts";
import { accountOf, moduleParams, nameOf, registryChain } from "../../test/helpers/registrychain.ts";
import { escrowMax, leastRttMicros, requireBuyer, requireEscrow } from "./index.ts";
import { parameters, paramsProblem } from "./parameters.ts";
import { compareVersions, epochsBehind, isVersion } from "./software.ts";

const noChange = { cells: [], rtts: [], removed: [] };

describe("the table of cells", () => {
  it("says the least RTT of a pair, either way round", () => {
    const chain = registryChain();
    const rtts = [{ first: "oceania", second: "africa", rttMicros: 80_000n }];
    expect(chain.govern("MsgUpdateCells", { ...noChange, rtts }).refusal).toBeUndefined();
    const ctx = chain.context();
    expect([leastRttMicros(ctx, "africa", "oceania"), leastRttMicros(ctx, "oceania", "africa")]).toEqual([
      80_000n,
      80_000n,
    ]);
    expect(leastRttMicros(ctx, "africa", "africa")).toBeUndefined();
    expect(chain.query("/weir.attestation.v1.Query/CellRtts", { cell: "oceania" })).toEqual({
      rtts: [{ first: "africa", second: "oceania", rttMicros: 80_000n }],
    });
  });

  it("keeps a cell that somebody is in, and forgets one with its RTTs", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    const rtts = [{ first: "oceania", second: "europe-west", rttMicros: 9n }];
    chain.govern("MsgUpdateCells", { ...noChange, rtts });
    const remove = (...removed: string[]) => chain.govern("MsgUpdateCells", { ...noChange, removed }).refusal;
    expect(remove("europe-west")).toMatchObject({ code: 31 });
    expect(remove("atlantis")).toMatchObject({ code: 11 });
    expect(remove("oceania")).toBeUndefined();
    expect(leastRttMicros(chain.context(), "oceania", "europe-west")).toBeUndefined();
    expect(chain.registerRelay(1, { cell: "oceania" }).refusal).toMatchObject({ code: 11 });
  });

  it.each([
    ["nothing", {}, 6],
    ["a cell without a name", { cells: [{ name: "", description: "" }] }, 6],
    ["a cell with a name in capitals", { cells: [{ name: "Europe", description: "" }] }, 6],
    ["a description of a kilobyte", { cells: [{ name: "x", description: "y".repeat(1_024) }] }, 6],
    ["an RTT of cells that are not there", { rtts: [{ first: "x", second: "y", rttMicros: 1n }] }, 11],
    ["an RTT of minutes", { rtts: [{ first: "africa", second: "oceania", rttMicros: 60_000_000n }] }, 6],
    [
      "too many cells",
      { cells: Array.from({ length: 250 }, (_, index) => ({ name: `c${index}`, description: "" })) },
      13,
    ],
  ])("is not changed by %s", (_what, change, code) => {
    expect(registryChain().govern("MsgUpdateCells", { ...noChange, ...change }).refusal).toMatchObject({ code });
  });
});

describe("the governed version", () => {
  it("rises, and says how far behind a reported one is", () => {
    const chain = registryChain();
    const govern = (version: string) => chain.govern("MsgGovernSoftware", { version }).refusal;
    expect(govern("1.2.0")).toBeUndefined();
    expect(govern("1.2.0")).toMatchObject({ code: 32 });
    expect(govern("1.1.9")).toMatchObject({ code: 32 });
    chain.epochs(5);
    expect(govern("1.10.0")).toBeUndefined();
    chain.epochs(5);
    const behind = (version: string) => epochsBehind(chain.context(), version, 10n);
    expect([behind(""), behind("1.1.9"), behind("1.2.0"), behind("1.9.9"), behind("1.10.0"), behind("2.0.0")]).toEqual([
      9n,
      9n,
      4n,
      4n,
      0n,
      0n,
    ]);
    for (let minor = 11; minor < 40; minor++) govern(`1.${minor}.0`);
    expect(chain.query("/weir.attestation.v1.Query/Software", {})).toMatchObject({ versions: { length: 16 } });
    chain.block();
  });

  it.each(["", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.2.-3", "1.2.3-rc", "1.2.1000000", "1e1.0.0"])(
    "is not %j",
    (text) => {
      expect(isVersion(text)).toBe(false);
    },
  );

  it("is compared by numbers", () => {
    expect(compareVersions("1.10.0", "1.9.0")).toBeGreaterThan(0);
    expect(compareVersions("1.0.0", "1.0.0")).toBe(0);
    expect(compareVersions("", "0.0.0")).toBeLessThan(0);
  });
});

describe("the pilot", () => {
  it("lists buyers, and caps what lies in escrow", () => {
    const chain = registryChain({ params: { stage: Stage.STAGE_PILOT, escrowMax: 1_000n } });
    const refusal = (body: () => void) => chain.attempt(body).refusal;
    expect(refusal(() => requireBuyer(chain.context(), accountOf(1)))?.message).toContain("stage capped allows it");
    const lists = { addedOperators: [], removedOperators: [], addedBuyers: [nameOf(1)], removedBuyers: [] };
    chain.govern("MsgUpdatePilot", lists);
    expect(refusal(() => requireBuyer(chain.context(), accountOf(1)))).toBeUndefined();
    expect(escrowMax(chain.context())).toBe(1_000n);
    expect(refusal(() => requireEscrow(chain.context(), 1_000n))).toBeUndefined();
    expect(refusal(() => requireEscrow(chain.context(), 1_001n))?.message).toContain("stage open allows it");
    chain.govern("MsgUpdatePilot", { ...lists, addedBuyers: [], removedBuyers: [nameOf(1)] });
    expect(refusal(() => requireBuyer(chain.context(), accountOf(1)))).toMatchObject({ code: 12 });
    chain.govern("MsgUpdateParams", { params: moduleParams({ stage: Stage.STAGE_CAPPED }) });
    expect(refusal(() => requireBuyer(chain.context(), accountOf(1)))).toBeUndefined();
    expect(escrowMax(chain.context())).toBeDefined();
    chain.govern("MsgUpdateParams", { params: moduleParams({ stage: Stage.STAGE_OPEN }) });
    expect(escrowMax(chain.context())).toBeUndefined();
  });

  it("is not changed by nothing, by too much at once, or by an address that is none", () => {
    const chain = registryChain();
    const lists = { addedOperators: [], removedOperators: [], addedBuyers: [] as string[], removedBuyers: [] };
    expect(chain.govern("MsgUpdatePilot", lists).refusal).toMatchObject({ code: 6 });
    const many = Array.from({ length: 201 }, (_, index) => nameOf(index));
    expect(chain.govern("MsgUpdatePilot", { ...lists, addedBuyers: many }).refusal).toMatchObject({ code: 6 });
    expect(chain.govern("MsgUpdatePilot", { ...lists, addedBuyers: ["weir1"] }).refusal).toBeDefined();
  });
});

describe("the parameters", () => {
  it("are good as they are by default", () => {
    expect(paramsProblem(moduleParams())).toBeUndefined();
  });

  it.each([
    ["stage", { stage: Stage.STAGE_UNSPECIFIED }],
    ["committee_size", { committeeSize: 2 }],
    ["audit_one_in", { auditOneIn: 0n }],
    ["relay_bond_min", { relayBondMin: 0n }],
    ["bond_floor", { bondFloor: decOne + 1n }],
    ["unbonding_time", { unbondingTime: { seconds: 0n, nanos: 0 } }],
    ["unbondingTime", { unbondingTime: { seconds: 5n, nanos: 1 } }],
    ["oracles_max", { oraclesMax: 1n << 63n }],
    ["delegation_min", { delegationMin: -1n }],
    ["sweep_page", { sweepPage: 0 }],
  ])("are refused where %s is out of its range", (name, change) => {
    const { refusal } = registryChain().govern("MsgUpdateParams", { params: moduleParams(change) });
    expect(refusal).toMatchObject({ codespace: "attestation", code: 2 });
    expect(refusal!.message).toContain(name);
  });

  it("let no vote shorten the unbonding to where nothing could be slashed any more", () => {
    const change = (seconds: bigint) => moduleParams({ unbondingTime: { seconds, nanos: 0 } });
    const chain = registryChain({ params: { unbondingTime: { seconds: 1_000n, nanos: 0 } } });
    const vote = (seconds: bigint) => chain.govern("MsgUpdateParams", { params: change(seconds) }).refusal;
    expect(vote(799n)?.message).toContain("at least 8 epochs, 800s");
    expect(vote(800n)).toBeUndefined();
    expect(registryChain().govern("MsgUpdateParams", { params: change(300n) }).refusal).toBeUndefined();
  });

  it("tell of a stage that begins", () => {
    const { events } = registryChain().govern("MsgUpdateParams", {
      params: moduleParams({ stage: Stage.STAGE_CAPPED }),
    });
    expect(events.map(({ type }) => type)).toEqual(["weir.attestation.v1.EventStageChanged"]);
  });

  it("each have a rule, which governance shows", () => {
    expect(parameters.read(registryChain().context()).committeeSize).toBe(9);
    expect(Object.keys(parameters.rules)).toHaveLength(Object.keys(moduleParams()).length);
  });
});
