/** How the command line spells readings. */
import type { ArgumentForm, MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import { fromJson } from "../../chain/protojson.ts";
import type {
  MsgChallenge,
  MsgCommitReadings,
  MsgReportEquivocation,
  MsgSubmitAttestations,
} from "../../proto/gen/weir/attestation/v1/tx.ts";

const commit: MessageForm<MsgCommitReadings> = {
  name: "commit",
  summary: "commit an oracle to its readings of the epoch that is open",
  positionals: ["oracle", "epoch", "root", "count"],
  examples: ["3 41 BASE64 120 --from operator"],
  describe: ({ oracle, epoch, count }) => [
    `Commits oracle ${oracle} to ${count} readings of epoch ${epoch}, once and for all: no other reading of it will count`,
  ],
};

/** The file is the message's JSON, without who submits it. */
const ofFile = <M extends object>(type: string, signer: string): ArgumentForm<M> => ({
  positionals: ["FILE"],
  build(given) {
    const [path] = given.positionals as [string];
    const json = given.file(path);
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw new Error(`${path} holds no JSON object; expected the fields of ${type}`);
    }
    return fromJson<M>(type, { ...json, [signer]: given.from() }, path);
  },
});

const submit: MessageForm<MsgSubmitAttestations> = {
  name: "submit",
  summary: "submit signed readings, each with its path to what its oracle committed to",
  arguments: ofFile("weir.attestation.v1.MsgSubmitAttestations", "submitter"),
  examples: ["attestations.json --from relay --gas auto"],
  describe: ({ ranges }) => {
    const count = ranges.reduce((sum, { attestations }) => sum + attestations.length, 0);
    return [`Submits ${count} readings; each is taken or refused for itself`];
  },
};

const challenge: MessageForm<MsgChallenge> = {
  summary: "have a relay measured again by a second committee, against a bond",
  positionals: ["relay", "epoch"],
  examples: ["7 41 --from watcher"],
  describe: ({ relay, epoch }) => [
    `Asks that relay ${relay} be measured again for epoch ${epoch}; the bond is burned where that changes nothing`,
  ],
};

const reportEquivocation: MessageForm<MsgReportEquivocation> = {
  summary: "show two different readings that one oracle signed about one thing",
  arguments: ofFile("weir.attestation.v1.MsgReportEquivocation", "reporter"),
  examples: ["equivocation.json --from watcher"],
  describe: ({ oracle, epoch }) => [`Shows that oracle ${oracle} signed two different readings in epoch ${epoch}`],
};

export const readingsCommands: ModuleCommands = {
  messages: {
    "/weir.attestation.v1.MsgCommitReadings": commit,
    "/weir.attestation.v1.MsgSubmitAttestations": submit,
    "/weir.attestation.v1.MsgChallenge": challenge,
    "/weir.attestation.v1.MsgReportEquivocation": reportEquivocation,
  },
  queries: {
    "/weir.attestation.v1.Query/Commits": {
      summary: "which oracles committed to readings of an epoch",
      positionals: ["epoch"],
      examples: ["41"],
    },
    "/weir.attestation.v1.Query/Readings": {
      summary: "a relay's committee in an epoch, and what it read",
      positionals: ["epoch", "relay"],
      examples: ["41 7"],
    },
    "/weir.attestation.v1.Query/Tally": {
      summary: "what a relay's readings in an epoch come to",
      positionals: ["epoch", "relay"],
      examples: ["41 7"],
    },
    "/weir.attestation.v1.Query/Slots": {
      summary: "an epoch's plan, and whose turn came when",
      positionals: ["epoch"],
      optional: 1,
      examples: ["", "41"],
    },
    "/weir.attestation.v1.Query/Assignments": {
      summary: "what an oracle has to read in an epoch, and when",
      positionals: ["oracle", "epoch", "after_relay"],
      optional: 2,
      examples: ["3", "3 41"],
    },
    "/weir.attestation.v1.Query/Draws": {
      summary: "what an epoch's committees are drawn from",
      positionals: ["epoch", "after_relay", "limit"],
      optional: 3,
      examples: ["", "41", "41 6 1"],
    },
    "/weir.attestation.v1.Query/OracleTally": {
      summary: "what an oracle did in an epoch, and how its disputes ended",
      positionals: ["oracle", "epoch"],
      optional: 1,
      examples: ["3 41"],
    },
    "/weir.attestation.v1.Query/Dispute": {
      summary: "how a relay's re-measurement stands",
      positionals: ["epoch", "relay"],
      examples: ["41 7"],
    },
    "/weir.attestation.v1.Query/Disputes": { summary: "all re-measurements that are remembered", examples: [""] },
  },
};
