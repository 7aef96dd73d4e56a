/** How the command line spells circuit's messages and queries: simd's words for cosmos.circuit, and the committee's acts in words of its own. */
import type { ArgumentForm, GivenArguments, MessageForm, ModuleCommands, QueryForm } from "../../chain/commandforms.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import { type Act, ActKind } from "../../proto/gen/weir/circuit/v1/state.ts";
import type {
  MsgApproveAct,
  MsgProposeAct,
  MsgSetCommittee,
  MsgSubmitSignedAct,
} from "../../proto/gen/weir/circuit/v1/tx.ts";
import { kindWord } from "./events.ts";

// ---------------------------------------------------------------------------------------------------------------------- words

const days = (seconds: bigint): string =>
  seconds % 86_400n === 0n ? `${seconds / 86_400n} days` : `${seconds / 3_600n} h`;

export function actWords(act: Act | undefined): string[] {
  if (act === undefined) return ["Does nothing"];
  const { kind, targets, duration, reason, reference } = act;
  const what: Readonly<Record<number, string>> = {
    [ActKind.ACT_KIND_PAUSE_MESSAGES]: `Pauses ${targets.join(", ")}`,
    [ActKind.ACT_KIND_FREEZE_DENOM]: `Freezes ${targets.join(", ")}`,
    [ActKind.ACT_KIND_FREEZE_ACCOUNT]: `Freezes accounts: ${targets.join(", ")}`,
    [ActKind.ACT_KIND_PAUSE_REDEMPTION]: "Pauses redemption of the reserve",
    [ActKind.ACT_KIND_STOP_UPGRADE]: `Holds up the upgrade ${targets.join(", ")}`,
    [ActKind.ACT_KIND_LIFT]: `Ends the acts ${targets.join(", ")}`,
  };
  const lasts = duration === undefined ? "" : ` for ${days(duration.seconds)}, after which it ends by itself`;
  return [`${what[kind] ?? "Does nothing"}${lasts}`, `  because: ${reason}`, `  more at: ${reference}`];
}

// ---------------------------------------------------------------------------------------------------------------------- an act

const kinds: Readonly<Record<string, ActKind>> = Object.fromEntries(
  Object.values(ActKind).map((kind) => [kindWord(kind).replaceAll("_", "-"), kind]),
);

const unitSeconds: Readonly<Record<string, bigint>> = { s: 1n, m: 60n, h: 3_600n, d: 86_400n };

function durationOf(given: GivenArguments): Act["duration"] {
  const text = given.flag("for");
  if (text === undefined) return undefined;
  const [, count, unit] = /^([1-9]\d{0,7})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) throw new Error(`--for ${text}: expected a time such as 12h or 3d`);
  return { seconds: BigInt(count) * unitSeconds[unit]!, nanos: 0 };
}

function actOf(given: GivenArguments): Act {
  const [word = "", ...targets] = given.positionals;
  const kind = kinds[word];
  if (kind === undefined || kind === ActKind.ACT_KIND_UNSPECIFIED) {
    throw new Error(
      `${word}: expected ${Object.keys(kinds)
        .filter((name) => name !== "unspecified")
        .join(", ")}`,
    );
  }
  const reason = given.flag("reason") ?? "";
  return { kind, targets, duration: durationOf(given), reason, reference: given.flag("reference") ?? "" };
}

const proposeArguments: ArgumentForm<MsgProposeAct> = {
  positionals: ["KIND", "[TARGETS...]"],
  flags: {
    for: { value: "TIME", help: "how long it stands, 12h or 3d; not for lift" },
    reason: { value: "TEXT", help: "why, for everyone who meets it" },
    reference: { value: "URL", help: "where more is said in public" },
  },
  build: (given) => ({ member: given.from(), act: actOf(given) }),
};

const propose: MessageForm<MsgProposeAct> = {
  name: "act",
  aliases: ["propose-act"],
  summary: "propose an act of the emergency committee, and approve it",
  arguments: proposeArguments,
  examples: [
    'pause-messages /cosmos.bank.v1beta1.MsgSend --for 12h --reason "transfers lose coins" --reference https://… --from member',
    'freeze-denom uusdc --for 2d --reason "the issuer halted" --reference https://… --from member',
    'freeze-account weir1…/uusdc --for 14d --reason "on the list of …" --reference https://… --from member',
    'pause-redemption --for 12h --reason "…" --reference https://… --from member',
    'stop-upgrade v2 --for 3d --reason "its migration diverges" --reference https://… --from member',
    'lift 7 --reason "mended" --reference https://… --from member',
  ],
  describe: ({ act }) => actWords(act),
};

const approve: MessageForm<MsgApproveAct> = {
  name: "approve",
  aliases: ["approve-act"],
  summary: "approve an act that another member proposed",
  positionals: ["id"],
  examples: ["7 --from member"],
  describe: ({ id }) => [
    `Approves act ${id} of the emergency committee; the last approval that is missing makes it stand`,
  ],
};

const submit: MessageForm<MsgSubmitSignedAct> = {
  name: "submit-signed",
  aliases: ["submit-signed-act"],
  summary: "hand in an act that enough members signed elsewhere",
  positionals: ["act", "nonce", "valid_until", "signatures"],
  examples: ['@act.json 4 2030-01-30T15:04:05Z \'{"member":"weir1…","signature":"BASE64"}\' --from alice'],
  describe: ({ act, signatures, validUntil }) => [
    ...actWords(act),
    `  signed by ${signatures.map(({ member }) => member).join(", ")}, to be handed in before ${
      validUntil === undefined ? "never" : formatRfc3339(validUntil)
    }`,
  ],
};

const setCommittee: MessageForm<MsgSetCommittee> = {
  summary: "elect the emergency committee anew, by governance",
  positionals: ["threshold", "members"],
  optional: 1,
  examples: ['2 \'{"address":"weir1…","term_ends":"2030-01-30T15:04:05Z","name":"Ada"}\' --generate-only'],
  describe: ({ threshold, members }) => [
    `Makes ${members.map(({ address, name }) => `${name} (${address})`).join(", ") || "nobody"} the emergency committee, ${threshold} of whom must agree`,
  ],
};

const restore: MessageForm<unknown> = {
  summary: "give the committee back what it used up, or end acts, by governance",
  positionals: ["lift"],
  optional: 1,
  examples: ["--renew --generate-only", "7 --generate-only"],
  describe: () => ["Ends the named acts; with renew the committee may do again what it did before"],
};

// ------------------------------------------------------------------------------------------------------------------ the queries

interface StatusJson {
  readonly acts: readonly {
    readonly id: string;
    readonly act: {
      readonly kind: string;
      readonly targets: readonly string[];
      readonly reason: string;
      readonly reference: string;
    };
    readonly ends: string;
  }[];
}

/** The acts by line, with what everyone wants to know of them; the rest as it is. */
const statusForm: QueryForm = {
  summary: "what is paused or frozen now, why, and until when",
  examples: [""],
  shown: (answer: StatusJson) => ({
    ...answer,
    acts: answer.acts.map(({ id, act, ends }) => ({
      id,
      does: `${act.kind.replace("ACT_KIND_", "").toLowerCase().replaceAll("_", " ")} ${act.targets.join(", ")}`.trim(),
      until: ends,
      because: act.reason,
      more: act.reference,
    })),
  }),
};

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.circuit.v1.MsgAuthorizeCircuitBreaker": {
      name: "authorize",
      summary: "let an account disable messages, by governance or a super admin",
      positionals: ["grantee", "permissions"],
      examples: [
        'weir1… \'{"level":"LEVEL_SOME_MSGS","limit_type_urls":["/cosmos.bank.v1beta1.MsgSend"]}\' --from admin',
      ],
      describe: () => ["Lets the account disable messages until somebody resets them"],
    },
    "/cosmos.circuit.v1.MsgTripCircuitBreaker": {
      name: "disable",
      aliases: ["trip"],
      summary: "refuse messages of these types until they are reset",
      positionals: ["msg_type_urls"],
      examples: ["/cosmos.bank.v1beta1.MsgMultiSend --from admin"],
      describe: () => ["Disables messages of these types for everybody"],
    },
    "/cosmos.circuit.v1.MsgResetCircuitBreaker": {
      name: "reset",
      summary: "take messages of these types again",
      positionals: ["msg_type_urls"],
      examples: ["/cosmos.bank.v1beta1.MsgMultiSend --from admin"],
      describe: () => ["Enables messages of these types again"],
    },
    "/weir.circuit.v1.MsgProposeAct": propose,
    "/weir.circuit.v1.MsgApproveAct": approve,
    "/weir.circuit.v1.MsgSubmitSignedAct": submit,
    "/weir.circuit.v1.MsgSetCommittee": setCommittee,
    "/weir.circuit.v1.MsgRestorePowers": restore,
    "/weir.circuit.v1.MsgUpdateParams": {
      summary: "set the committee's parameters, by governance",
      positionals: ["params"],
      examples: ["@params.json --generate-only"],
      describe: () => ["Sets how long acts stand and exit paths stay closed; only governance may"],
    },
  },
  queries: {
    "/cosmos.circuit.v1.Query/Account": {
      summary: "what an account may disable",
      positionals: ["address"],
      examples: ["weir1…"],
    },
    "/cosmos.circuit.v1.Query/Accounts": { summary: "every account that may disable messages", examples: [""] },
    "/cosmos.circuit.v1.Query/DisabledList": {
      summary: "messages that are disabled until they are reset",
      examples: [""],
    },
    "/weir.circuit.v1.Query/Status": statusForm,
    "/weir.circuit.v1.Query/History": {
      summary: "acts that ended, the latest first: what they did, why, by whom",
      examples: [""],
    },
    "/weir.circuit.v1.Query/Committee": { summary: "the emergency committee and its members' terms", examples: [""] },
    "/weir.circuit.v1.Query/Params": { summary: "how long acts stand and exit paths stay closed", examples: [""] },
    "/weir.circuit.v1.Query/SignBytes": {
      summary: "what a member signs of an act elsewhere (ADR-036)",
      positionals: ["member", "act", "valid_until"],
      examples: ["weir1… @act.json 2030-01-30T15:04:05Z"],
    },
  },
};
