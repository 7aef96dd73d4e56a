/** How the command line spells the messages of relays, oracles and their bonds; queries are in querycommands.ts. */
import { parseBase64 } from "../../chain/base64.ts";
import type { ArgumentForm, GivenArguments, MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import { decFromProto, decToProto, formatDec, parseDec } from "../../chain/dec.ts";
import { ExitKind, type ExitPolicy, type PortRange, type Subject } from "../../proto/gen/weir/attestation/v1/state.ts";
import * as tx from "../../proto/gen/weir/attestation/v1/tx.ts";
import { evidenceCommands } from "./evidencecommands.ts";
import { governanceForms } from "./governancecommands.ts";
import { queryForms } from "./querycommands.ts";
import { readingsCommands } from "./readingscommands.ts";
import { oracleSubject, relaySubject, subjectText } from "./subject.ts";
import { bitrateText, parseBitrate, parseMicros, parsePrice, parseWeir, priceText, weirText } from "./units.ts";

// ------------------------------------------------------------------------------------------------------------ what is typed

const idPattern = /^[1-9][0-9]{0,18}$/;

function idOf(text: string): bigint {
  if (!idPattern.test(text)) throw new Error(`"${text}" is no id; expected a whole number such as 7`);
  return BigInt(text);
}

/** "relay 7" or "oracle 3". */
function subjectOf(kind: string, id: string): Subject {
  if (kind !== "relay" && kind !== "oracle")
    throw new Error(`"${kind}" is neither relay nor oracle; name one of them, and its id`);
  return kind === "relay" ? relaySubject(idOf(id)) : oracleSubject(idOf(id));
}

function bytesOf(text: string, name: string): Uint8Array {
  const bytes = parseBase64(text);
  if (bytes === undefined) throw new Error(`--${name} is not in base64`);
  return bytes;
}

/** Both or none. */
function keyOf(given: GivenArguments, name: string, possession: string): tx.PossessedKey | undefined {
  const [key, proof] = [given.flag(name), given.flag(possession)];
  if (key === undefined && proof === undefined) return undefined;
  if (key === undefined || proof === undefined) throw new Error(`--${name} comes with --${possession}: give both`);
  return { publicKey: bytesOf(key, name), possession: bytesOf(proof, possession) };
}

const rangePattern = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/;

function portRange(text: string): PortRange {
  const match = rangePattern.exec(text);
  if (match === null) throw new Error(`"${text}" is no port and no range of ports; expected 443 or 8000-8999`);
  const first = Number(match[1]);
  return { first, last: match[2] === undefined ? first : Number(match[2]) };
}

const exits: Readonly<Record<string, ExitKind>> = {
  none: ExitKind.EXIT_KIND_NONE,
  web: ExitKind.EXIT_KIND_WEB,
  all: ExitKind.EXIT_KIND_ALL,
};

function exitOf(text: string): ExitPolicy {
  const kind = exits[text];
  if (kind !== undefined) return { kind, ports: [] };
  return { kind: ExitKind.EXIT_KIND_PORTS, ports: text.split(",").map(portRange) };
}

function oneOf<T>(name: string, text: string, values: Readonly<Record<string, T>>): T {
  const value = Object.hasOwn(values, text) ? values[text] : undefined;
  if (value === undefined) throw new Error(`--${name} is "${text}"; expected ${Object.keys(values).join(" or ")}`);
  return value;
}

const payouts = { stable: tx.Payout.PAYOUT_STABLE, weir: tx.Payout.PAYOUT_WEIR };
const notices = { none: tx.Notice.NOTICE_NONE, long: tx.Notice.NOTICE_LONG };

const needed = (given: GivenArguments, name: string): string => {
  const text = given.flag(name);
  if (text === undefined) throw new Error(`--${name} is missing`);
  return text;
};

/** Undefined where the flag is not there. */
const read = <T>(given: GivenArguments, name: string, parse: (text: string, what: string) => T): T | undefined => {
  const text = given.flag(name);
  return text === undefined ? undefined : parse(text, `--${name}`);
};

// ------------------------------------------------------------------------------------------------------------------- relays

const offerFlags = {
  moniker: { value: "TEXT", help: "a name for people" },
  endpoint: { value: "HOST:PORT", help: "where it is reached; up to four", repeated: true },
  key: { value: "BASE64", help: "transport key, ed25519" },
  possession: { value: "BASE64", help: "signature that shows the key's secret (`weir relay register` makes both)" },
  claim: { value: "RATE", help: "what it carries in each direction: 100mbps" },
  rtt: { value: "TIME", help: "to oracles of its cell: 20ms" },
  cell: { value: "NAME", help: "its region: see `weir query attestation cells`" },
  exit: { value: "POLICY", help: "none, web, all, or ports: 443,8000-8999" },
  "price-floor": { value: "PRICE", help: "least price for a GiB: 0.05usd" },
  payout: { value: "CHOICE", help: "stable (the default) or weir" },
  notice: { value: "CHOICE", help: "long: 90 days before it leaves, as the STABLE class asks; none" },
} as const;

const registerRelayForm: ArgumentForm<tx.MsgRegisterRelay> = {
  positionals: [],
  flags: {
    ...offerFlags,
    commission: { value: "SHARE", help: "of delegators' rewards: 0.1 is 10% (the default)" },
    "commission-max": { value: "SHARE", help: "it never becomes more (default: 0.5)" },
    "commission-change": { value: "SHARE", help: "nor rises by more in an epoch (default: 0.01)" },
    bond: { value: "AMOUNT", help: "its operator's own stake: 1000weir" },
    software: { value: "VERSION", help: "what it runs: 1.4.0" },
  },
  build: (given) => ({
    operator: given.from(),
    moniker: needed(given, "moniker"),
    endpoints: [...given.flags("endpoint")],
    transportKey: keyOf(given, "key", "possession"),
    claimedBps: parseBitrate(needed(given, "claim"), "--claim"),
    rttMicros: parseMicros(needed(given, "rtt"), "--rtt"),
    cell: needed(given, "cell"),
    exitPolicy: exitOf(given.flag("exit") ?? "none"),
    priceFloor: read(given, "price-floor", parsePrice) ?? 0n,
    payout: oneOf("payout", given.flag("payout") ?? "stable", payouts),
    notice: oneOf("notice", given.flag("notice") ?? "none", notices),
    commissionRate: decToProto(parseDec(given.flag("commission") ?? "0.1")),
    commissionRateMax: decToProto(parseDec(given.flag("commission-max") ?? "0.5")),
    commissionChangeMax: decToProto(parseDec(given.flag("commission-change") ?? "0.01")),
    bond: `${parseWeir(needed(given, "bond"), "--bond")}`,
    softwareVersion: given.flag("software") ?? "",
  }),
};

const registerRelay: MessageForm<tx.MsgRegisterRelay> = {
  summary: "register a relay, with a bond of your own",
  arguments: registerRelayForm,
  examples: [
    "--moniker north --endpoint relay.example.org:443 --key BASE64 --possession BASE64 --claim 100mbps --rtt 20ms --cell europe-west --exit web --price-floor 0.05usd --bond 1000weir --from operator",
  ],
  describe: ({ moniker, claimedBps, cell, priceFloor, bond, endpoints }) => [
    `Registers the relay "${moniker}" at ${endpoints.join(", ")} in ${cell}`,
    `  claiming ${bitrateText(claimedBps)} for at least ${priceText(priceFloor)}`,
    `  with a bond of ${weirText(BigInt(bond))}, which is slashed where it delivers less than it claims`,
  ],
};

const updateRelay: MessageForm<tx.MsgUpdateRelay> = {
  summary: "change what a relay offers, from the next epoch on",
  arguments: {
    positionals: ["RELAY"],
    flags: { ...offerFlags, commission: { value: "SHARE", help: "0.1 is 10%; once an epoch" } },
    build(given) {
      const endpoints = [...given.flags("endpoint")];
      const [claim, rtt] = [read(given, "claim", parseBitrate), read(given, "rtt", parseMicros)];
      const hasClaim = claim !== undefined || rtt !== undefined;
      const price = read(given, "price-floor", parsePrice);
      return {
        operator: given.from(),
        id: idOf(given.positionals[0]!),
        moniker: given.flag("moniker") ?? "",
        endpoints: endpoints.length > 0 ? { endpoints } : undefined,
        transportKey: keyOf(given, "key", "possession"),
        claim: hasClaim ? { claimedBps: claim ?? 0n, rttMicros: rtt ?? 0n } : undefined,
        cell: given.flag("cell") ?? "",
        exitPolicy: read(given, "exit", exitOf),
        priceFloor: price === undefined ? undefined : { priceFloor: price },
        payout: read(given, "payout", (text) => oneOf("payout", text, payouts)) ?? tx.Payout.PAYOUT_UNSPECIFIED,
        notice: read(given, "notice", (text) => oneOf("notice", text, notices)) ?? tx.Notice.NOTICE_UNSPECIFIED,
        commissionRate: read(given, "commission", (text) => decToProto(parseDec(text))) ?? "",
      };
    },
  },
  examples: ["7 --claim 80mbps --from operator", "7 --price-floor 0.04usd --exit 443,8000-8999 --from operator"],
  describe: ({ id, claim, priceFloor, cell, endpoints, commissionRate }) => [
    `Changes relay ${id}, from the next epoch on`,
    ...(endpoints === undefined ? [] : [`  reached at ${endpoints.endpoints.join(", ")}`]),
    ...(claim === undefined || claim.claimedBps === 0n ? [] : [`  claiming ${bitrateText(claim.claimedBps)}`]),
    ...(priceFloor === undefined ? [] : [`  for at least ${priceText(priceFloor.priceFloor)}`]),
    ...(cell === "" ? [] : [`  in ${cell}`]),
    ...(commissionRate === ""
      ? []
      : [`  with a commission of ${formatDec(decFromProto(commissionRate)).replace(/0+$/, "")}, at once`]),
  ],
};

// ------------------------------------------------------------------------------------------------------------------ oracles

const oracleFlags = {
  moniker: offerFlags.moniker,
  endpoint: { value: "ADDRESS:PORT", help: "literal address that it measures from; up to four", repeated: true },
  key: offerFlags.key,
  possession: {
    value: "BASE64",
    help: "signature that shows the key's secret (`weir oracle register` makes all four)",
  },
  "vrf-key": { value: "BASE64", help: "key of its covert lists" },
  "vrf-possession": { value: "BASE64", help: "ECVRF proof that shows that key's secret" },
  capacity: { value: "RATE", help: "what it can measure at once: 1gbps" },
  cell: offerFlags.cell,
} as const;

const registerOracle: MessageForm<tx.MsgRegisterOracle> = {
  summary: "register an oracle, with a bond of your own",
  arguments: {
    positionals: [],
    flags: {
      ...oracleFlags,
      bond: { value: "AMOUNT", help: "50000weir" },
      software: { value: "VERSION", help: "what it runs: 1.4.0" },
    },
    build: (given) => ({
      operator: given.from(),
      moniker: needed(given, "moniker"),
      endpoints: [...given.flags("endpoint")],
      transportKey: keyOf(given, "key", "possession"),
      vrfKey: keyOf(given, "vrf-key", "vrf-possession"),
      declaredBps: parseBitrate(needed(given, "capacity"), "--capacity"),
      cell: needed(given, "cell"),
      bond: `${parseWeir(needed(given, "bond"), "--bond")}`,
      softwareVersion: given.flag("software") ?? "",
    }),
  },
  examples: [
    "--moniker eye --endpoint 192.0.2.1:443 --key BASE64 --possession BASE64 --vrf-key BASE64 --vrf-possession BASE64 --capacity 1gbps --cell europe-west --bond 50000weir --from operator",
  ],
  describe: ({ moniker, declaredBps, cell, bond }) => [
    `Registers the oracle "${moniker}" in ${cell}, which can measure ${bitrateText(declaredBps)}`,
    `  with a bond of ${weirText(BigInt(bond))}, which is slashed where it contradicts itself or misses its work`,
  ],
};

const updateOracle: MessageForm<tx.MsgUpdateOracle> = {
  summary: "change what an oracle declares, from the next epoch on",
  arguments: {
    positionals: ["ORACLE"],
    flags: oracleFlags,
    build(given) {
      const endpoints = [...given.flags("endpoint")];
      return {
        operator: given.from(),
        id: idOf(given.positionals[0]!),
        moniker: given.flag("moniker") ?? "",
        endpoints: endpoints.length > 0 ? { endpoints } : undefined,
        transportKey: keyOf(given, "key", "possession"),
        vrfKey: keyOf(given, "vrf-key", "vrf-possession"),
        declaredBps: read(given, "capacity", parseBitrate) ?? 0n,
        cell: given.flag("cell") ?? "",
      };
    },
  },
  examples: ["3 --capacity 2gbps --from operator"],
  describe: ({ id, declaredBps }) => [
    `Changes oracle ${id}, from the next epoch on`,
    ...(declaredBps === 0n ? [] : [`  which can measure ${bitrateText(declaredBps)}`]),
  ],
};

// --------------------------------------------------------------------------------------------------------- coming and going

interface OfSubject {
  readonly operator: string;
  readonly subject: Subject | undefined;
}

const subjectForm: ArgumentForm<OfSubject> = {
  positionals: ["relay|oracle", "ID"],
  build: (given) => ({ operator: given.from(), subject: subjectOf(given.positionals[0]!, given.positionals[1]!) }),
};

const named = (subject: Subject | undefined): string => (subject === undefined ? "nobody" : subjectText(subject));

const ofSubject = (summary: string, words: (name: string) => string): MessageForm<OfSubject> => ({
  summary,
  arguments: subjectForm,
  examples: ["relay 7 --from operator", "oracle 3 --from operator"],
  describe: ({ subject }) => [words(named(subject))],
});

const drain: MessageForm<tx.MsgDrain> = {
  summary: "let a relay serve its sessions to their end and take no new ones, then pause it",
  positionals: ["relay", "epochs"],
  examples: ["7 3 --from operator"],
  describe: ({ relay, epochs }) => [
    `Takes relay ${relay} out of searches now; it serves for ${epochs} whole epochs more and is paused then`,
  ],
};

const reportSoftware: MessageForm<tx.MsgReportSoftware> = {
  summary: "say which version a relay or an oracle runs",
  arguments: {
    positionals: ["relay|oracle", "ID", "VERSION"],
    build(given) {
      const [kind, id, version] = given.positionals as [string, string, string];
      return { operator: given.from(), subject: subjectOf(kind, id), version };
    },
  },
  examples: ["relay 7 1.4.0 --from operator"],
  describe: ({ subject, version }) => [`Says that ${named(subject)} runs version ${version}`],
};

// ------------------------------------------------------------------------------------------------------------------- bonds

type Bonding = Pick<tx.MsgBond, "delegator" | "subject" | "amount">;

const bondingForm: ArgumentForm<Bonding> = {
  positionals: ["relay|oracle", "ID", "AMOUNT"],
  build(given) {
    const [kind, id, amount] = given.positionals as [string, string, string];
    return { delegator: given.from(), subject: subjectOf(kind, id), amount: `${parseWeir(amount, "the amount")}` };
  },
};

const bond: MessageForm<Bonding> = {
  aliases: ["delegate"],
  summary: "bond stake of your own, or delegate to a relay",
  arguments: bondingForm,
  examples: ["relay 7 500weir --from alice", "oracle 3 10000weir --from operator"],
  describe: ({ delegator, subject, amount }, { who }) => [
    `${who(delegator)} bonds ${weirText(BigInt(amount))} to ${named(subject)}`,
    "  It can be slashed while it is bonded, and until it is paid back after an unbonding.",
  ],
};

const unbond: MessageForm<Bonding> = {
  summary: "take a bond back, after the unbonding time",
  arguments: bondingForm,
  examples: ["relay 7 500weir --from alice"],
  describe: ({ delegator, subject, amount }, { who }) => [
    `${who(delegator)} takes ${weirText(BigInt(amount))} back from ${named(subject)}`,
    "  It earns nothing from now on, and is paid after the unbonding time, less what is slashed until then.",
  ],
};

// ---------------------------------------------------------------------------------------------------------------- families

const invite: MessageForm<tx.MsgInviteToFamily> = {
  summary: "invite an operator to your family, founding one where you have none",
  positionals: ["invited", "name"],
  optional: 1,
  examples: ['weir1… "the north" --from operator'],
  describe: ({ invited }, { who }) => [
    `Invites ${who(invited)} to the family: no member's oracle measures another's relay`,
  ],
};

const join: MessageForm<tx.MsgJoinFamily> = {
  summary: "join a family that invited you",
  positionals: ["family"],
  examples: ["4 --from operator"],
  describe: ({ family }) => [`Joins family ${family}, whose relays earn together no more than a family's share`],
};

const messageForms = {
  "/weir.attestation.v1.MsgRegisterRelay": registerRelay,
  "/weir.attestation.v1.MsgUpdateRelay": updateRelay,
  "/weir.attestation.v1.MsgRegisterOracle": registerOracle,
  "/weir.attestation.v1.MsgUpdateOracle": updateOracle,
  "/weir.attestation.v1.MsgPause": ofSubject(
    "take no part from the next epoch on, until you resume",
    (name) => `Pauses ${name} from the next epoch on`,
  ),
  "/weir.attestation.v1.MsgDrain": drain,
  "/weir.attestation.v1.MsgResume": ofSubject(
    "end a pause or a drain, or take the word to leave back",
    (name) => `Lets ${name} take part again, from the next epoch on`,
  ),
  "/weir.attestation.v1.MsgLeave": ofSubject(
    "leave for good, after the notice that was promised",
    (name) => `Makes ${name} leave for good; its bond can be taken out afterwards`,
  ),
  "/weir.attestation.v1.MsgUnjail": {
    summary: "end an oracle's jail once its time is over",
    positionals: ["oracle"],
    examples: ["3 --from operator"],
    describe: ({ oracle }: tx.MsgUnjail) => [`Lets oracle ${oracle} measure again, from the next epoch on`],
  },
  "/weir.attestation.v1.MsgReportSoftware": reportSoftware,
  "/weir.attestation.v1.MsgBond": bond,
  "/weir.attestation.v1.MsgUnbond": unbond,
  "/weir.attestation.v1.MsgInviteToFamily": invite,
  "/weir.attestation.v1.MsgJoinFamily": join,
  "/weir.attestation.v1.MsgLeaveFamily": {
    summary: "leave your family, some epochs later",
    examples: ["--from operator"],
    describe: () => ["Leaves the family; its members do not measure each other for some epochs yet"],
  },
};

export const commands: ModuleCommands = {
  messages: {
    ...messageForms,
    ...governanceForms,
    ...readingsCommands.messages,
    ...evidenceCommands.messages,
  },
  queries: { ...queryForms, ...readingsCommands.queries, ...evidenceCommands.queries },
};
