import { describe, expect, it } from "vitest";
import type { GivenArguments, Wording } from "../../chain/commandforms.ts";
import { toJson } from "../../chain/protojson.ts";
import { MsgReportEquivocation, MsgSubmitAttestations } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { accountOf } from "../../test/helpers/measuredchain.ts";
import { reading } from "../../test/helpers/readings.ts";
import { readingsCommands } from "./readingscommands.ts";
import { readingsMessages } from "./readingsmessages.ts";
import { readingsQueries } from "./readingsqueries.ts";

const from = accountOf("watcher");
const url = (name: string) => `/weir.attestation.v1.${name}`;
const form = (name: string) => readingsCommands.messages[url(name)]!;

/** As the command line gives them, of a file with this JSON. */
const given = (json: unknown): GivenArguments => ({
  positionals: ["readings.json"],
  has: () => false,
  flag: () => undefined,
  flags: () => [],
  from: () => from,
  address: (text) => text,
  coins: () => [],
  file: (path) => {
    expect(path).toBe("readings.json");
    return json;
  },
  now: () => ({ seconds: 0n, nanos: 0 }),
});
const wording: Wording = { who: (address) => address, coins: () => "", message: () => [] };

const attestation = {
  ...reading(),
  kind: 1 as const,
  signature: new Uint8Array(64).fill(3),
  relaySignature: new Uint8Array(0),
};
const range = {
  epoch: 41n,
  oracle: 3n,
  firstIndex: 2,
  path: [new Uint8Array(32).fill(9)],
  attestations: [attestation],
  vrfProof: new Uint8Array(0),
};

describe("the command line", () => {
  it("submits a file of readings in the name of who signs, and says how many there are", () => {
    const message = MsgSubmitAttestations.fromPartial({ submitter: from, ranges: [range] });
    const json = toJson(MsgSubmitAttestations.$type, { ...message, submitter: "" }) as { submitter?: string };
    delete json.submitter;
    const built = form("MsgSubmitAttestations").arguments!.build(given(JSON.parse(JSON.stringify(json))));
    expect(built).toEqual(message);
    expect(() => readingsMessages[url("MsgSubmitAttestations")]!.validate(built)).not.toThrow();
    expect(form("MsgSubmitAttestations").describe!(message, wording)).toEqual([
      "Submits 1 readings; each is taken or refused for itself",
    ]);
  });

  it("shows two readings of one thing out of a file", () => {
    const message = MsgReportEquivocation.fromPartial({
      reporter: from,
      oracle: 3n,
      epoch: 41n,
      first: attestation,
      second: attestation,
    });
    const json = JSON.parse(JSON.stringify(toJson(MsgReportEquivocation.$type, message)));
    expect(form("MsgReportEquivocation").arguments!.build(given(json))).toEqual(message);
    expect(form("MsgReportEquivocation").describe!(message, wording).join()).toContain("oracle 3");
  });

  it("refuses a file that holds something else, by its name", () => {
    const build = (json: unknown) => () => form("MsgSubmitAttestations").arguments!.build(given(json));
    for (const json of [[], null, "x"]) expect(build(json)).toThrow("readings.json holds no JSON object");
    expect(build({ ranges: [{ epoch: "x" }] })).toThrow("readings.json.ranges[0].epoch");
    expect(build({ strange: 1 })).toThrow("strange");
  });

  it("says what a commitment and a challenge do, and has words for every message and query", () => {
    const { describe: commits } = form("MsgCommitReadings");
    expect(commits!({ oracle: 3n, epoch: 41n, count: 120 }, wording).join()).toContain("once and for all");
    expect(form("MsgChallenge").describe!({ relay: 7n, epoch: 41n }, wording).join()).toContain("the bond is burned");
    expect(Object.keys(readingsCommands.messages).sort()).toEqual(Object.keys(readingsMessages).sort());
    expect(Object.keys(readingsCommands.queries).sort()).toEqual(Object.keys(readingsQueries).sort());
  });
});
