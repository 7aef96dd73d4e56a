/** How the command line spells feegrant's messages, as simd spells them, and what they mean in words. */
import { coinsToProto } from "../../chain/coins.ts";
import type { ArgumentForm, GivenArguments, MessageForm, ModuleCommands, Wording } from "../../chain/commandforms.ts";
import type { Timestamp } from "../../chain/context.ts";
import { formatRfc3339, parseRfc3339 } from "../../chain/rfc3339.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import {
  AllowedMsgAllowance,
  BasicAllowance,
  PeriodicAllowance,
} from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import type {
  MsgGrantAllowance,
  MsgPruneAllowances,
  MsgRevokeAllowance,
} from "../../proto/gen/cosmos/feegrant/v1beta1/tx.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { queryForms } from "./querycommands.ts";

// ---------------------------------------------------------------------------------------------------------------------- grant

function expirationOf(given: GivenArguments): Timestamp | undefined {
  const text = given.flag("expiration");
  if (text === undefined) return undefined;
  const time = parseRfc3339(text);
  if (time === undefined) throw new Error(`--expiration ${text}: expected a time such as 2026-01-30T15:04:05Z`);
  return time;
}

const coinsOf = (given: GivenArguments, flag: string) => {
  const text = given.flag(flag);
  return text === undefined ? [] : coinsToProto(given.coins(text));
};

function secondsOf(given: GivenArguments): bigint {
  const text = given.flag("period") ?? "0";
  if (!/^[0-9]{1,10}$/.test(text)) throw new Error(`--period ${text}: expected a number of seconds, for example 3600`);
  return BigInt(text);
}

function allowanceOf(given: GivenArguments): Any {
  const basic: BasicAllowance = { spendLimit: coinsOf(given, "spend-limit"), expiration: expirationOf(given) };
  const seconds = secondsOf(given);
  const limit = coinsOf(given, "period-limit");
  if (seconds === 0n && limit.length === 0) {
    return { typeUrl: `/${BasicAllowance.$type}`, value: BasicAllowance.encode(basic).finish() };
  }
  if (seconds === 0n) throw new Error("--period-limit needs --period, a number of seconds");
  if (limit.length === 0) throw new Error("--period needs --period-limit, for example 10000uweir");
  const period = { seconds, nanos: 0 };
  const periodReset = addDuration(given.now(), period);
  if (basic.expiration !== undefined && compareTimes(periodReset, basic.expiration) > 0) {
    throw new Error(`--period ${seconds}: the first period would end after --expiration`);
  }
  const periodic = { basic, period, periodSpendLimit: limit, periodCanSpend: limit, periodReset };
  return { typeUrl: `/${PeriodicAllowance.$type}`, value: PeriodicAllowance.encode(periodic).finish() };
}

function withMessages(allowance: Any, given: GivenArguments): Any {
  const urls = given.flags("allowed-messages").flatMap((text) => text.split(",").filter((part) => part !== ""));
  if (urls.length === 0) return allowance;
  const value = AllowedMsgAllowance.encode({ allowance, allowedMessages: urls }).finish();
  return { typeUrl: `/${AllowedMsgAllowance.$type}`, value };
}

const grantArguments: ArgumentForm<MsgGrantAllowance> = {
  positionals: ["GRANTER", "GRANTEE"],
  flags: {
    "spend-limit": { value: "COINS", help: "at most this in all; without it there is no limit" },
    expiration: { value: "TIME", help: "when it ends, 2026-01-30T15:04:05Z; without it never" },
    period: { value: "SECONDS", help: "with --period-limit: the length of a period" },
    "period-limit": { value: "COINS", help: "with --period: at most this in each period" },
    "allowed-messages": { value: "URLS", help: "for these messages only, with commas between", repeated: true },
  },
  build: (given) => ({
    granter: given.address(given.positionals[0]!),
    grantee: given.address(given.positionals[1]!),
    allowance: withMessages(allowanceOf(given), given),
  }),
};

const most = ({ spendLimit, expiration }: BasicAllowance, { coins }: Wording): string =>
  `${spendLimit.length === 0 ? "without a limit" : `up to ${coins(spendLimit)} in all`}, ${
    expiration === undefined ? "until it is revoked" : `until ${formatRfc3339(expiration)}`
  }`;

function allowanceWords(allowance: Any | undefined, wording: Wording): string[] {
  if (allowance?.typeUrl === `/${AllowedMsgAllowance.$type}`) {
    const { allowance: within, allowedMessages } = AllowedMsgAllowance.decode(allowance.value);
    return [...allowanceWords(within, wording), `  for ${allowedMessages.join(", ")} only`];
  }
  if (allowance?.typeUrl === `/${PeriodicAllowance.$type}`) {
    const { basic, period, periodSpendLimit } = PeriodicAllowance.decode(allowance.value);
    const each = `  up to ${wording.coins(periodSpendLimit)} every ${period?.seconds ?? 0n} seconds`;
    return [`  ${most(basic ?? BasicAllowance.fromPartial({}), wording)}`, each];
  }
  return allowance?.typeUrl === `/${BasicAllowance.$type}`
    ? [`  ${most(BasicAllowance.decode(allowance.value), wording)}`]
    : [`  by ${allowance?.typeUrl ?? "nothing"}`];
}

const grant: MessageForm<MsgGrantAllowance> = {
  name: "grant",
  aliases: ["grant-allowance"],
  summary: "pay another account's fees",
  arguments: grantArguments,
  examples: [
    "alice weir1… --spend-limit 1000000uweir --expiration 2030-01-30T15:04:05Z",
    "alice weir1… --spend-limit 1000000uweir --period 3600 --period-limit 10000uweir",
    "alice weir1… --allowed-messages /cosmos.gov.v1.MsgVote",
  ],
  describe: ({ granter, grantee, allowance }, wording) => [
    `${wording.who(granter)} pays fees for ${wording.who(grantee)}:`,
    ...allowanceWords(allowance, wording),
  ],
};

const revoke: MessageForm<MsgRevokeAllowance> = {
  name: "revoke",
  aliases: ["revoke-allowance"],
  summary: "pay another account's fees no longer",
  positionals: ["granter", "grantee"],
  examples: ["alice weir1…"],
  describe: ({ granter, grantee }, { who }) => [`${who(granter)} no longer pays fees for ${who(grantee)}`],
};

const prune: MessageForm<MsgPruneAllowances> = {
  name: "prune",
  aliases: ["prune-allowances"],
  summary: "remove allowances that have expired",
  examples: ["--from alice"],
  describe: () => ["Removes up to 75 allowances that have expired"],
};

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.feegrant.v1beta1.MsgGrantAllowance": grant,
    "/cosmos.feegrant.v1beta1.MsgRevokeAllowance": revoke,
    "/cosmos.feegrant.v1beta1.MsgPruneAllowances": prune,
  },
  queries: queryForms,
};
