/**
 * The questions of `weir tx gov draft`, and what their answers make: a text, changed parameters, a payment from the community pool, or any
 * messages. Owns the order of the questions; what may be proposed is gov's.
 */
import { accountAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { parseDec } from "../../chain/dec.ts";
import { type AnyModuleParameters, type ParameterRule, parameterPaths, rangeText } from "../../chain/parameters.ts";
import { toJson } from "../../chain/protojson.ts";
import { type ProposalFile, readProposalFile } from "../../modules/gov/index.ts";
import { weir } from "../../modules/index.ts";
import type { NodeClient } from "../../node/chain/nodeclient.ts";
import { type FieldSchema, schema } from "../../proto/schema.ts";
import { UsageError } from "../arguments.ts";
import { parseJsonText } from "../jsontext.ts";
import type { Prompts } from "../keyring/prompt.ts";

export interface Drafting {
  readonly prompts: Prompts;
  readonly node: NodeClient;
  say(text: string): void;
}

type Json = Record<string, unknown>;

async function ask({ prompts }: Drafting, question: string, fallback?: string): Promise<string> {
  const answer = await prompts.line(
    fallback === undefined || fallback === "" ? `${question}:` : `${question} [${fallback}]:`,
  );
  if (answer === undefined) throw new UsageError(`the input ended before the question: ${question}`);
  const text = answer.trim();
  return text === "" && fallback !== undefined ? fallback : text;
}

async function choose(drafting: Drafting, question: string, choices: readonly string[]): Promise<string> {
  const answer = await ask(drafting, `${question} (${choices.join(", ")})`);
  if (choices.includes(answer)) return answer;
  throw new UsageError(`${answer || "nothing"}: expected one of ${choices.join(", ")}`);
}

// ----------------------------------------------------------------------------------------------------------------- parameters

const declared: readonly { readonly name: string; readonly parameters: AnyModuleParameters }[] = weir.modules.flatMap(
  ({ name, parameters = [] }) =>
    parameters.map((one) => ({
      name: one.message === "/weir.gov.v1.MsgUpdateParams" ? "weir.gov" : name,
      parameters: one,
    })),
);

/** The message as it would leave everything as it is: all params have to be in it. */
async function presentMessage({ node }: Drafting, { typeName, message }: AnyModuleParameters): Promise<Json> {
  const path = `${message.replace(/\.MsgUpdateParams$/, "")}.Query/Params`;
  const handler = weir.modules.flatMap(({ queries }) => queries[path] ?? [])[0];
  if (handler === undefined) throw new Error(`no query ${path} tells the present parameters`);
  const answer = await node.query<object, Json>(path, handler, handler.request.fromPartial({}));
  const { fields } = schema().messages[message.slice(1)]!;
  const params = toJson(typeName, answer.params as object) as Json;
  const whole = fields.find(({ of }) => of === typeName);
  if (whole !== undefined) return { "@type": message, authority: authorityAddress(), [whole.name]: params };
  const own = new Set(fields.map(({ name }) => name));
  return {
    "@type": message,
    authority: authorityAddress(),
    ...Object.fromEntries(Object.entries(params).filter(([name]) => own.has(name))),
  };
}

const spans: Readonly<Record<string, bigint>> = { s: 1n, m: 60n, h: 3_600n, d: 86_400n };

/** "2d", "30%", "10000000uweir": what a person types, as the SDK's JSON has it. */
export function valueJson({ kind }: ParameterRule, text: string, present: unknown): unknown {
  if (kind === "flag") {
    if (/^(yes|true|no|false)$/.test(text)) return text === "yes" || text === "true";
    throw new UsageError(`${text}: expected yes or no`);
  }
  const span = kind === "duration" ? /^([0-9]{1,12})([smhd])$/.exec(text) : null;
  if (span !== null) return `${BigInt(span[1]!) * spans[span[2]!]!}s`;
  if (kind === "decimal" && text.endsWith("%")) return decimalText(parseDec(text.slice(0, -1)) / 100n);
  if (kind === "coins") {
    return text.split(",").map((coin) => {
      const [, amount, denom] = /^([0-9]+)([a-zA-Z].*)$/.exec(coin.trim()) ?? [];
      if (amount === undefined) throw new UsageError(`${coin}: expected for example 10000000uweir`);
      return { denom, amount };
    });
  }
  if (kind === "list") return parseJsonText(text, "the list", "");
  return typeof present === "number" ? Number(text) : text;
}

const decimalText = (scaled: bigint): string => `${scaled / 10n ** 18n}.${`${scaled % 10n ** 18n}`.padStart(18, "0")}`;

/** The object in which a parameter stands, and its name there. */
function placeIn(message: Json, { typeName, message: url }: AnyModuleParameters, path: string): [Json, string] {
  const { fields } = schema().messages[url.slice(1)]!;
  const whole: FieldSchema | undefined = fields.find(({ of }) => of === typeName);
  let at = whole === undefined ? message : (message[whole.name] as Json);
  const names = path.split(".");
  for (const name of names.slice(0, -1)) at = at[name] as Json;
  return [at, names.at(-1)!];
}

async function changedParameters(drafting: Drafting): Promise<Json> {
  const name = await choose(
    drafting,
    "Of which module",
    declared.map((one) => one.name),
  );
  const { parameters } = declared.find((one) => one.name === name)!;
  const message = await presentMessage(drafting, parameters);
  const paths = parameterPaths(parameters.typeName);
  for (const path of paths) {
    const rule = parameters.rules[path]!;
    drafting.say(`  ${path}: ${rule.words}; ${rangeText(rule)}; ${rule.class}\n`);
  }
  for (;;) {
    const path = await ask(drafting, "Which parameter (empty when done)", "");
    if (path === "") return message;
    if (!paths.includes(path)) throw new UsageError(`${path}: expected one of ${paths.join(", ")}`);
    const [at, field] = placeIn(message, parameters, path);
    const text = await ask(drafting, `New value of ${path}, now ${JSON.stringify(at[field])}`);
    at[field] = valueJson(parameters.rules[path]!, text, at[field]);
  }
}

// ------------------------------------------------------------------------------------------------------------------- the rest

async function payment(drafting: Drafting): Promise<Json> {
  const recipient = await ask(drafting, "Recipient's address");
  accountAddress.decode(recipient);
  const amount = await ask(drafting, "Amount, for example 1000000uweir");
  return {
    "@type": "/cosmos.distribution.v1beta1.MsgCommunityPoolSpend",
    authority: authorityAddress(),
    recipient,
    amount: valueJson({ kind: "coins" } as ParameterRule, amount, undefined),
  };
}

async function anyMessages(drafting: Drafting): Promise<unknown[]> {
  const text = await ask(drafting, "Messages, as a JSON list in one line");
  const read = parseJsonText(text, "the messages", "");
  return Array.isArray(read) ? read : [read];
}

const kinds = ["text", "parameters", "spend", "other"] as const;

async function messagesOf(drafting: Drafting): Promise<unknown[]> {
  const kind = await choose(drafting, "What kind of proposal", kinds);
  if (kind === "text") return [];
  if (kind === "parameters") return [await changedParameters(drafting)];
  return kind === "spend" ? [await payment(drafting)] : anyMessages(drafting);
}

/** What the parameters say is needed for a vote. */
async function minimumDeposit({ node }: Drafting): Promise<string> {
  const path = "/cosmos.gov.v1.Query/Params";
  const handler = weir.modules.flatMap(({ queries }) => queries[path] ?? [])[0]!;
  const { params } = await node.query<object, { params: { minDeposit: readonly { denom: string; amount: string }[] } }>(
    path,
    handler,
    handler.request.fromPartial({}),
  );
  return params.minDeposit.map(({ denom, amount }) => `${amount}${denom}`).join(",");
}

export async function draft(drafting: Drafting): Promise<ProposalFile> {
  const messages = await messagesOf(drafting);
  const title = await ask(drafting, "Title");
  const summary = await ask(drafting, "Summary, what it is for");
  const metadata = await ask(drafting, "Metadata, for example ipfs://…", messages.length === 0 ? "text" : "");
  const deposit = await ask(drafting, "Deposit", await minimumDeposit(drafting));
  const expedited = (await ask(drafting, "Expedited (yes or no)", "no")) === "yes";
  return readProposalFile({ messages, title, summary, metadata, deposit, expedited });
}
