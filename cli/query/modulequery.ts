/** One query of one module as a command: its arguments from the request's fields, its answer as protobuf JSON or as text. */
import type { CommandForm, QueryForm } from "../../chain/commandforms.ts";
import type { AnyQueryHandler, Module } from "../../chain/module.ts";
import { toJson } from "../../chain/protojson.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import type { FlagSpec } from "../arguments.ts";
import { UsageError } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import {
  defaultPositionals,
  type FieldWords,
  fieldFlags,
  findAddressBy,
  places,
  readFields,
  sampleLine,
} from "../fields.ts";
import { addressOfKey, keyFlags } from "../keys.ts";
import { wordsOfName } from "../names.ts";
import { answerText } from "../table.ts";
import { trustFlags, trustOf } from "../trust.ts";

export interface ModuleQuery {
  readonly module: Module;
  /** gRPC path. */
  readonly path: string;
  /** After "weir". */
  readonly name: string;
  readonly form: QueryForm;
}

export const heightFlag: FlagSpec = {
  name: "height",
  value: "N",
  help: "the state at this height; the newest without it",
};

const proveFlag: FlagSpec = {
  name: "prove",
  help: "compute the answer here, from entries with proofs against a header's app hash",
};

const commonFlags: readonly FlagSpec[] = [heightFlag, proveFlag, ...trustFlags, ...keyFlags];

export function moduleQuery({ module, path, name, form }: ModuleQuery): Command {
  const words = wordsOf(module.queries[path]!, form);
  const narrowed = form.narrowed;
  const narrowing: FlagSpec[] =
    narrowed === undefined ? [] : [{ name: narrowed.field, value: "TEXT", help: `of this ${narrowed.field} alone` }];
  return {
    name,
    positionals: places(words),
    countsItself: true,
    summary: `Asks a node: ${form.summary ?? wordsOfName(path)}.`,
    description: `The query ${path}.`,
    flags: [...words.flags, ...narrowing, ...commonFlags],
    examples: examplesOf(name, form, () => sampleLine(words)),
    async run(invocation) {
      const value = narrowed === undefined ? undefined : invocation.flag(narrowed.field);
      if (value === undefined) return ask(invocation, { path, handler: module.queries[path]!, form }, words);
      if (invocation.positionals.length > 0) throw new UsageError(`weir ${name} takes no argument`);
      const handler = module.queries[narrowed!.query]!;
      const request = handler.request.fromPartial({ [narrowed!.field]: value });
      const narrower = { path: narrowed!.query, handler, form: module.commands?.queries[narrowed!.query] ?? {} };
      return answer(invocation, narrower, request);
    },
  };
}

/** A module that gives no examples has one made of its fields. */
export const examplesOf = (name: string, { examples }: CommandForm, sample: () => string): string[] =>
  (examples ?? [sample()]).map((example) => `weir ${name} ${example}`.trim());

function wordsOf({ request }: AnyQueryHandler, form: QueryForm): FieldWords {
  const typeName = request.typeName;
  const positionals = form.positionals ?? defaultPositionals(typeName, []);
  return { typeName, positionals, optional: form.optional, flags: fieldFlags(typeName, commonFlags, []) };
}

type Question = Pick<ModuleQuery, "path" | "form"> & { readonly handler: AnyQueryHandler };

async function ask(invocation: Invocation, question: Question, words: FieldWords): Promise<number> {
  return answer(invocation, question, await readRequest(invocation, words));
}

const readRequest = (invocation: Invocation, words: FieldWords): Promise<object> =>
  readFields(
    words,
    invocation,
    findAddressBy((name) => addressOfKey(invocation, name)),
  );

/** What the line asks for, for a command that shows the answer in a way of its own. */
export const requestOf = ({ module, path, form }: ModuleQuery, invocation: Invocation): Promise<object> =>
  readRequest(invocation, wordsOf(module.queries[path]!, form));

const textOf = (json: object, { form }: Question, { look }: Invocation): string =>
  answerText(form.shown?.(json, look.number) ?? json, look);

async function answer(invocation: Invocation, question: Question, request: object): Promise<number> {
  const { path, handler } = question;
  const node = new NodeClient(invocation.flag("node") ?? "");
  const height = readHeight(invocation);
  if (invocation.has("prove")) return answerProven(invocation, node, question, request, height);
  const response = await node.query<object, object>(path, handler, request, height);
  const json = toJson(handler.response.typeName, response) as object;
  invocation.answer(textOf(json, question, invocation), json);
  return 0;
}

async function answerProven(
  invocation: Invocation,
  node: NodeClient,
  question: Question,
  request: object,
  asked: bigint,
): Promise<number> {
  const { handler } = question;
  const [{ proveAnswer }, { headersOf }] = await Promise.all([
    import("./proven.ts"),
    import("../../node/chain/lightclient.ts"),
  ]);
  const trust = trustOf(invocation);
  const headers = headersOf(node, trust);
  const { response, height, appHash, entries } = await proveAnswer(node, headers, handler, request, asked);
  const json = toJson(handler.response.typeName, response) as object;
  const trusted = trust === undefined ? null : { height: String(trust.height), hash: trust.hash };
  const proof = { height: String(height), app_hash: appHash, entries, trusted, reason: headers.reason };
  invocation.answer(textOf(json, question, invocation), { ...json, proof });
  if (!invocation.json) {
    const what = entries === 1 ? "1 entry" : `${entries} entries`;
    invocation.say(
      `Proven: ${what} at height ${height}, against the app hash ${appHash} in the header above it.\n${headers.reason}\n`,
    );
  }
  return 0;
}

export function readHeight(invocation: Invocation): bigint {
  const text = invocation.flag("height") ?? "0";
  if (!/^\d{1,18}$/.test(text)) throw new UsageError(`--height ${text}: expected a height, a whole number`);
  return BigInt(text);
}
