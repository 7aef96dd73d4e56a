/** One message of one module as a command: its arguments from the message's fields, and then a transaction of it alone. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { typeUrl } from "../../chain/codec.ts";
import type { AnyMessageForm, ArgumentForm, GivenArguments } from "../../chain/commandforms.ts";
import { now } from "../../chain/consensus/time.ts";
import type { AnyMessageHandler } from "../../chain/module.ts";
import { schema } from "../../proto/schema.ts";
import { type FlagSpec, UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import {
  asUsage,
  defaultPositionals,
  type FieldWords,
  fieldFlags,
  flagOf,
  places,
  readCoinsText,
  readFields,
  sampleLine,
} from "../fields.ts";
import { wordsOfName } from "../names.ts";
import { examplesOf } from "../query/modulequery.ts";
import { readJson } from "./document.ts";
import { txFlags } from "./flags.ts";
import { send } from "./send.ts";
import { openSession, type Session } from "./session.ts";

export interface ModuleMessage {
  readonly handler: AnyMessageHandler;
  /** After "weir". */
  readonly name: string;
  readonly form: AnyMessageForm;
}

export function moduleMessage({ handler, name, form }: ModuleMessage): Command {
  const shape = form.arguments;
  const words = wordsOf(handler, form);
  const url = typeUrl(handler.request);
  return {
    name,
    positionals: shape?.positionals ?? places(words),
    ...(shape === undefined ? { countsItself: true as const } : {}),
    summary: `Makes a transaction: ${form.summary ?? wordsOfName(url)}.`,
    description: `The message ${url}. What will be signed is shown in words, and asked about, first.`,
    flags: [...(shape === undefined ? words.flags : shapeFlags(shape)), ...txFlags],
    examples: examplesOf(name, form, () => `${sampleLine(words)} --from alice`),
    async run(invocation) {
      const session = await openSession(invocation);
      const value =
        shape === undefined ? await read(session, words, handler) : handler.request.fromPartial(build(session, shape));
      requireFrom(session, handler.signers(value));
      return send(session, [{ codec: handler.request, value }]);
    },
  };
}

const shapeFlags = ({ switches = {}, flags = {} }: ArgumentForm<unknown>): FlagSpec[] => [
  ...Object.entries(flags).map(([name, form]) => ({ name, ...form })),
  ...Object.entries(switches).map(([name, help]) => ({ name, help })),
];

/** The one text field that holds the signer, unless it is given by position. */
function signerField(typeName: string, positionals: readonly string[]): string | undefined {
  const { signers = [], fields = [] } = schema().messages[typeName] ?? {};
  const [name] = signers;
  const isText = fields.some((field) => field.name === name && field.type === "string" && field.repeated !== true);
  return signers.length === 1 && isText && !positionals.includes(name!) ? name : undefined;
}

function wordsOf({ request }: AnyMessageHandler, form: AnyMessageForm): FieldWords {
  const { typeName } = request;
  const signers = schema().messages[typeName]?.signers ?? [];
  const positionals = form.positionals ?? defaultPositionals(typeName, signers);
  return { typeName, positionals, flags: fieldFlags(typeName, txFlags, []) };
}

async function read(session: Session, words: FieldWords, handler: AnyMessageHandler): Promise<object> {
  const { invocation } = session;
  const signer = signerField(words.typeName, words.positionals);
  const message = await readFields(words, invocation, async (text) => session.address(text));
  if (signer === undefined || invocation.flags(flagOf(signer, txFlags)).length > 0) return message;
  return handler.request.fromPartial({ ...message, [camelCase(signer)]: signerText(session, words.typeName, signer) });
}

/** An operator's field holds the validator's address of the account that signs. */
function signerText(session: Session, typeName: string, signer: string): string {
  const address = signerOf(session, signer);
  const field = schema().messages[typeName]?.fields.find(({ name }) => name === signer);
  if (field?.scalar !== "cosmos.ValidatorAddressString") return address;
  return validatorAddress.encode(accountAddress.decode(address));
}

const camelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Governance's messages name its account; all others are for whoever signs. */
function signerOf({ invocation, address }: Session, field: string): string {
  const from = invocation.flag("from");
  if (from !== undefined) return address(from);
  if (field === "authority") return authorityAddress();
  throw noSigner();
}

const noSigner = (): UsageError => new UsageError("--from is missing: the name or the address of the key that signs");

function build({ invocation, address }: Session, { build }: ArgumentForm<unknown>): object {
  const { positionals, has, flag, flags } = invocation;
  const given: GivenArguments = {
    positionals,
    has,
    flag,
    flags,
    address,
    from() {
      const from = flag("from");
      if (from === undefined) throw noSigner();
      return address(from);
    },
    coins: (text) => readCoinsText(text, "AMOUNT"),
    file: readJson,
    now,
  };
  return asUsage(() => build(given) as object, "");
}

function requireFrom({ invocation, address }: Session, signers: readonly string[]): void {
  const from = invocation.flag("from");
  if (from === undefined || !invocation.isGiven("from") || signers.includes(address(from))) return;
  throw new UsageError(`--from ${from} does not sign this: ${signers.join(" and ")} does`);
}
