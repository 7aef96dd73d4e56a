/** How the command line spells authz's messages, as simd spells them, and what they mean in words. */
import { coinsToProto } from "../../chain/coins.ts";
import type { ArgumentForm, GivenArguments, MessageForm, ModuleCommands, Wording } from "../../chain/commandforms.ts";
import { fromJson } from "../../chain/protojson.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import { GenericAuthorization, type Grant } from "../../proto/gen/cosmos/authz/v1beta1/authz.ts";
import type { MsgExec, MsgGrant, MsgRevoke } from "../../proto/gen/cosmos/authz/v1beta1/tx.ts";
import { SendAuthorization } from "../../proto/gen/cosmos/bank/v1beta1/authz.ts";
import { AuthorizationType, StakeAuthorization } from "../../proto/gen/cosmos/staking/v1beta1/authz.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { openAuthorization } from "./authorization.ts";
import { queryForms } from "./querycommands.ts";

// ---------------------------------------------------------------------------------------------------------------------- grant

const listed = (given: GivenArguments, flag: string): string[] =>
  given.flags(flag).flatMap((text) => text.split(",").filter((part) => part !== ""));

function sendLimit(given: GivenArguments): Any {
  const limit = given.flag("spend-limit");
  if (limit === undefined) throw new Error("send needs --spend-limit, for example 1000000uweir");
  const allowList = listed(given, "allow-list").map((text) => given.address(text));
  const value = SendAuthorization.encode({ spendLimit: coinsToProto(given.coins(limit)), allowList }).finish();
  return { typeUrl: `/${SendAuthorization.$type}`, value };
}

function generic(given: GivenArguments): Any {
  const msg = given.flag("msg-type");
  if (msg === undefined) throw new Error("generic needs --msg-type, for example /cosmos.gov.v1.MsgVote");
  return { typeUrl: `/${GenericAuthorization.$type}`, value: GenericAuthorization.encode({ msg }).finish() };
}

const stake =
  (type: AuthorizationType) =>
  (given: GivenArguments): Any => {
    const [allowed, denied] = [listed(given, "allowed-validators"), listed(given, "deny-validators")];
    if ((allowed.length === 0) === (denied.length === 0)) {
      throw new Error("give either --allowed-validators or --deny-validators, addresses with commas between");
    }
    const limit = given.flag("spend-limit");
    const coins = limit === undefined ? [] : coinsToProto(given.coins(limit));
    if (coins.length > 1) throw new Error(`--spend-limit ${limit}: expected one coin`);
    const value = StakeAuthorization.encode({
      authorizationType: type,
      maxTokens: coins[0],
      ...(allowed.length > 0 ? { allowList: { address: allowed } } : { denyList: { address: denied } }),
    }).finish();
    return { typeUrl: `/${StakeAuthorization.$type}`, value };
  };

const authorizationOf: Readonly<Record<string, (given: GivenArguments) => Any>> = {
  send: sendLimit,
  generic,
  delegate: stake(AuthorizationType.AUTHORIZATION_TYPE_DELEGATE),
  unbond: stake(AuthorizationType.AUTHORIZATION_TYPE_UNDELEGATE),
  redelegate: stake(AuthorizationType.AUTHORIZATION_TYPE_REDELEGATE),
};

function expirationOf(given: GivenArguments): Grant["expiration"] {
  const text = given.flag("expiration") ?? "0";
  if (!/^[0-9]{1,12}$/.test(text)) throw new Error(`--expiration ${text}: expected seconds since 1970, or 0 for never`);
  return text === "0" ? undefined : { seconds: BigInt(text), nanos: 0 };
}

const grantArguments: ArgumentForm<MsgGrant> = {
  positionals: ["GRANTEE", "send|generic|delegate|unbond|redelegate"],
  flags: {
    "msg-type": { value: "URL", help: "generic: the message's type, /cosmos.gov.v1.MsgVote" },
    "spend-limit": { value: "COINS", help: "send, delegate, unbond, redelegate: at most this in all" },
    "allow-list": { value: "ADDRESSES", help: "send: to these only, with commas between", repeated: true },
    "allowed-validators": { value: "ADDRESSES", help: "delegate, unbond, redelegate: these only", repeated: true },
    "deny-validators": { value: "ADDRESSES", help: "delegate, unbond, redelegate: all but these", repeated: true },
    expiration: { value: "SECONDS", help: "when it ends, in seconds since 1970; 0 is never (default 0)" },
  },
  build(given) {
    const [grantee = "", kind = ""] = given.positionals;
    const make = Object.hasOwn(authorizationOf, kind) ? authorizationOf[kind] : undefined;
    if (make === undefined) {
      throw new Error(`${kind} is no authorization; expected ${Object.keys(authorizationOf).join(", ")}`);
    }
    const grant = { authorization: make(given), expiration: expirationOf(given) };
    return { granter: given.from(), grantee: given.address(grantee), grant };
  },
};

function grantWords(authorization: Any | undefined, { coins }: Wording): string {
  if (authorization?.typeUrl === `/${SendAuthorization.$type}`) {
    const { spendLimit, allowList } = SendAuthorization.decode(authorization.value);
    return `send ${coins(spendLimit)} in all${allowList.length === 0 ? "" : ` to ${allowList.join(", ")} only`}`;
  }
  const what = openAuthorization(authorization).messageUrl();
  if (authorization?.typeUrl !== `/${StakeAuthorization.$type}`) return `send any ${what}`;
  const { maxTokens, allowList, denyList } = StakeAuthorization.decode(authorization.value);
  const most = maxTokens === undefined ? "of any amount" : `of ${coins([maxTokens])} in all`;
  const at =
    allowList === undefined ? `but not at ${denyList?.address.join(", ")}` : `at ${allowList.address.join(", ")}`;
  return `send ${what} ${most}, ${at}`;
}

const grant: MessageForm<MsgGrant> = {
  summary: "let another account do something in your name",
  arguments: grantArguments,
  examples: [
    "bob send --spend-limit 1000000uweir --from alice",
    "bob generic --msg-type /cosmos.gov.v1.MsgVote --from alice",
    "bob delegate --allowed-validators weirvaloper1… --spend-limit 1000000uweir --from alice",
  ],
  describe: ({ granter, grantee, grant: given }, wording) => [
    `${wording.who(granter)} lets ${wording.who(grantee)} ${grantWords(given?.authorization, wording)} in its name`,
    given?.expiration === undefined ? "  until it is revoked" : `  until ${formatRfc3339(given.expiration)}`,
  ],
};

// ------------------------------------------------------------------------------------------------------------- revoke and exec

const revoke: MessageForm<MsgRevoke> = {
  summary: "take back what another account may do in your name",
  positionals: ["grantee", "msg_type_url"],
  examples: ["bob /cosmos.bank.v1beta1.MsgSend --from alice"],
  describe: ({ granter, grantee, msgTypeUrl }, { who }) => [
    `${who(grantee)} may no longer send ${msgTypeUrl} in the name of ${who(granter)}`,
  ],
};

/** A transaction as --generate-only writes it, or the list of its messages alone. */
function messagesOfFile(json: unknown, path: string): Any[] {
  const whole = json as { readonly body?: { readonly messages?: unknown } } | null;
  const list = Array.isArray(json) ? json : whole?.body?.messages;
  if (!Array.isArray(list))
    throw new Error(`${path}: expected a transaction with body.messages, or a list of messages`);
  return list.map((message, index) => fromJson<Any>("google.protobuf.Any", message, `${path}: messages[${index}]`));
}

const execArguments: ArgumentForm<MsgExec> = {
  positionals: ["TX-JSON-FILE"],
  build({ positionals, from, file }) {
    const path = positionals[0]!;
    return { grantee: from(), msgs: messagesOfFile(file(path), path) };
  },
};

const exec: MessageForm<MsgExec> = {
  summary: "send messages in the name of accounts that allowed it",
  arguments: execArguments,
  examples: ["tx.json --from bob"],
  describe: ({ grantee, msgs }, { who, message }) => [
    `${who(grantee)} does, in the name of whoever allowed it:`,
    ...msgs.flatMap(message).map((line) => `  ${line}`),
  ],
};

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.authz.v1beta1.MsgGrant": grant,
    "/cosmos.authz.v1beta1.MsgRevoke": revoke,
    "/cosmos.authz.v1beta1.MsgExec": exec,
  },
  queries: queryForms,
};
