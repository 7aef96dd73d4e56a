/** What is typed on the command line, as messages; that every message and query is reachable is cli/reachable.test.ts's. */
import { describe, expect, it } from "vitest";
import type { ArgumentForm, GivenArguments } from "../../chain/commandforms.ts";
import { ExitKind } from "../../proto/gen/weir/attestation/v1/state.ts";
import { Notice, Payout } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { nameOf, transportKey, vrfKey } from "../../test/helpers/registrychain.ts";
import { commands } from "./commands.ts";
import { bitrateText, parseBitrate, parseMicros, parsePrice, parseWeir, priceText, weirText } from "./units.ts";

/** "--claim 100mbps 7": flags take one value each. */
function given(words: readonly string[]): GivenArguments {
  const positionals: string[] = [];
  const flags: [string, string][] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (word.startsWith("--")) flags.push([word.slice(2), words[++index]!]);
    else positionals.push(word);
  }
  const all = (name: string) => flags.filter(([flag]) => flag === name).map(([, value]) => value);
  return {
    positionals,
    has: (name) => all(name).length > 0,
    flag: (name) => all(name).at(-1),
    flags: all,
    from: () => nameOf(0),
    address: (text) => text,
    coins: () => [],
    file: () => ({}),
    now: () => ({ seconds: 0n, nanos: 0 }),
  };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

function built(name: string, ...words: readonly string[]): object {
  const form = commands.messages[`/weir.attestation.v1.${name}`]!.arguments as ArgumentForm<object>;
  for (const flag of words.filter((word) => word.startsWith("--"))) {
    expect(Object.keys(form.flags ?? {})).toContain(flag.slice(2));
  }
  return form.build(given(words));
}

const key = transportKey("relay 0", 0);
const keyWords = ["--key", base64(key.publicKey), "--possession", base64(key.possession)];
const relayWords = ["--moniker", "north", "--endpoint", "9.9.9.9:443", "--claim", "1.5gbps", "--rtt", "20ms"];
const restWords = [
  "--cell",
  "europe-west",
  "--exit",
  "443,8000-8999",
  "--price-floor",
  "0.05usd",
  "--bond",
  "1000weir",
];

describe("register-relay", () => {
  it("takes words and units", () => {
    expect(built("MsgRegisterRelay", ...relayWords, ...keyWords, ...restWords, "--notice", "long")).toEqual({
      operator: nameOf(0),
      moniker: "north",
      endpoints: ["9.9.9.9:443"],
      transportKey: key,
      claimedBps: 1_500_000_000n,
      rttMicros: 20_000n,
      cell: "europe-west",
      exitPolicy: {
        kind: ExitKind.EXIT_KIND_PORTS,
        ports: [
          { first: 443, last: 443 },
          { first: 8_000, last: 8_999 },
        ],
      },
      priceFloor: 50_000n,
      payout: Payout.PAYOUT_STABLE,
      notice: Notice.NOTICE_LONG,
      commissionRate: "100000000000000000",
      commissionRateMax: "500000000000000000",
      commissionChangeMax: "10000000000000000",
      bond: "1000000000",
      softwareVersion: "",
    });
  });

  it.each([
    [["--claim", "fast"], /--claim is "fast"; expected a number with bps, kbps/],
    [["--claim", "1e9"], /--claim is "1e9"/],
    [["--rtt", "20"], /--rtt is "20"; expected a number with us, ms, s/],
    [["--exit", "tor"], /"tor" is no port and no range of ports/],
    [["--payout", "gold"], /--payout is "gold"; expected stable or weir/],
    [["--payout", "constructor"], /--payout is "constructor"/],
    [["--key", "%%%"], /--key is not in base64/],
    [["--bond", "0.0000001weir"], /no finer than the least unit/],
  ])("says what is wrong with %j", (words, expected) => {
    expect(() => built("MsgRegisterRelay", ...relayWords, ...keyWords, ...restWords, ...words)).toThrow(expected);
  });

  it("says what is missing", () => {
    expect(() => built("MsgRegisterRelay", ...relayWords, ...keyWords)).toThrow("--cell is missing");
    const keyAlone = ["--key", base64(key.publicKey)];
    expect(() => built("MsgRegisterRelay", ...relayWords, ...keyAlone, ...restWords)).toThrow(
      "comes with --possession",
    );
  });
});

describe("update-relay", () => {
  it("leaves alone what is not named", () => {
    expect(built("MsgUpdateRelay", "7", "--claim", "80mbps")).toEqual({
      operator: nameOf(0),
      id: 7n,
      moniker: "",
      endpoints: undefined,
      transportKey: undefined,
      claim: { claimedBps: 80_000_000n, rttMicros: 0n },
      cell: "",
      exitPolicy: undefined,
      priceFloor: undefined,
      payout: Payout.PAYOUT_UNSPECIFIED,
      notice: Notice.NOTICE_UNSPECIFIED,
      commissionRate: "",
    });
    expect(built("MsgUpdateRelay", "7", "--price-floor", "0")).toMatchObject({ priceFloor: { priceFloor: 0n } });
    expect(() => built("MsgUpdateRelay", "north")).toThrow('"north" is no id');
  });
});

describe("register-oracle and update-oracle", () => {
  it("take both keys", () => {
    const vrf = vrfKey("oracle 0", 0);
    const vrfWords = ["--vrf-key", base64(vrf.publicKey), "--vrf-possession", base64(vrf.possession)];
    const words = ["--moniker", "eye", "--endpoint", "8.8.8.8:1", "--capacity", "1gbps", "--cell", "africa"];
    expect(built("MsgRegisterOracle", ...words, ...keyWords, ...vrfWords, "--bond", "50000weir")).toMatchObject({
      vrfKey: vrf,
      declaredBps: 1_000_000_000n,
      bond: "50000000000",
    });
    expect(built("MsgUpdateOracle", "3", "--capacity", "2gbps")).toMatchObject({
      id: 3n,
      declaredBps: 2_000_000_000n,
      cell: "",
    });
  });
});

describe("what is said of a relay or an oracle", () => {
  it("names which of the two", () => {
    expect(built("MsgPause", "relay", "7")).toEqual({ operator: nameOf(0), subject: { kind: 1, id: 7n } });
    expect(built("MsgBond", "oracle", "3", "10000weir")).toEqual({
      delegator: nameOf(0),
      subject: { kind: 2, id: 3n },
      amount: "10000000000",
    });
    expect(() => built("MsgLeave", "validator", "7")).toThrow("neither relay nor oracle");
    expect(() => built("MsgLeave", "relay", "0")).toThrow("no id");
  });

  it("is told in words before it is signed", () => {
    const wording = { who: () => "alice", coins: () => "", message: () => [] };
    const words = (name: string, message: object) =>
      commands.messages[`/weir.attestation.v1.${name}`]!.describe!(message, wording)[0];
    expect(words("MsgBond", { delegator: nameOf(1), subject: { kind: 1, id: 7n }, amount: "500000000" })).toBe(
      "alice bonds 500 WEIR to relay 7",
    );
    expect(words("MsgDrain", { relay: 7n, epochs: 3n })).toContain("serves for 3 whole epochs more");
  });
});

describe("units", () => {
  it("are exact", () => {
    expect(parseBitrate("0.1kbps", "")).toBe(100n);
    expect(parseBitrate("10 gbps".replace(" ", ""), "")).toBe(10_000_000_000n);
    expect(parseMicros("0.5ms", "")).toBe(500n);
    expect(parsePrice("60000", "")).toBe(60_000n);
    expect(parsePrice("1.000001usd", "")).toBe(1_000_001n);
    expect(parseWeir("5uweir", "")).toBe(5n);
    expect(() => parseWeir("-5weir", "the amount")).toThrow("the amount is");
  });

  it("are shown in the largest that is whole", () => {
    expect(bitrateText(1_500_000_000n)).toBe("1,500 Mbit/s");
    expect(weirText(50_000_000_000n)).toBe("50,000 WEIR");
    expect(weirText(1n)).toBe("1 uweir");
    expect(priceText(50_000n)).toBe("$0.05 for a GiB");
    expect(priceText(1_000_001n)).toBe("$1.000001 for a GiB");
    expect(priceText(0n)).toBe("$0.00 for a GiB");
  });
});

describe("tables", () => {
  const terms = { cell: "africa", claimed_bps: "100000000", price_floor: "50000" };
  const relay = {
    id: "7",
    moniker: "north",
    standing: "STANDING_ACTIVE",
    terms: [{ ...terms, cell: "oceania" }, terms],
  };
  const shown = (query: string, answer: object) =>
    commands.queries[`/weir.attestation.v1.Query/${query}`]!.shown!(answer, (digits) => `<${digits}>`);

  it("show what is announced of each relay, and what a search found", () => {
    const row = {
      id: "7",
      moniker: "north",
      standing: "active",
      cell: "africa",
      claimed_bps: "<100000000>",
      price_floor: "<50000>",
    };
    expect(shown("Relays", { relays: [relay], pagination: {} })).toEqual({ relays: [row], pagination: {} });
    const trust = { last_median_bps: "9", reputation: "0.5" };
    expect(shown("Search", { results: [{ relay, trust }] })).toEqual({
      results: [{ ...row, measured_bps: "<9>", reputation: "0.5" }],
    });
  });
});
