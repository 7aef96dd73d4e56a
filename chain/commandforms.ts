/**
 * How a module's messages and queries are spelled on the command line. Owns the shape of that declaration, which each module makes in
 * its own commands.ts; what is not declared follows from the names in the .proto file. Nothing here takes part in consensus.
 */
import type { Any } from "../proto/gen/google/protobuf/any.ts";
import type { Coins, ProtoCoin } from "./coins.ts";
import type { Timestamp } from "./context.ts";

export interface CommandForm {
  /** The word after the module's: by default the rpc's or the message's name, in kebab-case. */
  readonly name?: string;
  readonly aliases?: readonly string[];
  /** A few words for the list of commands, without a full stop. */
  readonly summary?: string;
  /** Fields given by position, by their names in the .proto file; a last one that is repeated takes all that remains. */
  readonly positionals?: readonly string[];
  /** So many of the last positionals may be left out. */
  readonly optional?: number;
  /** What stands after the command's words, "weir1… uweir". */
  readonly examples?: readonly string[];
}

/** Digits, in groups where a person reads them. */
export type ShownNumber = (digits: string) => string;

export interface QueryForm extends CommandForm {
  /** What a person is shown instead of the answer's JSON: rows of cells where it is a list. Programs get the answer as it is. */
  // biome-ignore lint/suspicious/noExplicitAny: every query has an answer of its own
  shown?(answer: any, number: ShownNumber): object;
  /** With this flag, another query answers, of which it is the field: `total --denom uweir`. */
  readonly narrowed?: { readonly field: string; readonly query: string };
}

/** What a message is made of that was not given field by field. */
export interface GivenArguments {
  readonly positionals: readonly string[];
  has(flag: string): boolean;
  /** What a flag was given; the last one, when it was given several times. */
  flag(name: string): string | undefined;
  flags(name: string): readonly string[];
  /** Who signs: --from, by its address. */
  from(): string;
  /** An account by its address or by the name of its key. */
  address(text: string): string;
  coins(text: string): Coins;
  /** The JSON of a file; "-" is stdin. */
  file(path: string): unknown;
  now(): Timestamp;
}

export interface FlagForm {
  /** What stands behind it: "COINS". */
  readonly value: string;
  readonly help: string;
  readonly repeated?: true;
}

/** Where a message's fields are not what a person would type. */
export interface ArgumentForm<M> {
  /** "FROM", "TO...", "AMOUNT". */
  readonly positionals: readonly string[];
  readonly switches?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, FlagForm>>;
  /** An Error says what was typed wrongly. */
  build(given: GivenArguments): Partial<M>;
}

export interface Wording {
  /** An address, with the name of its key where there is one. */
  who(address: string): string;
  coins(coins: readonly ProtoCoin[]): string;
  /** What a message within the message does. */
  message(any: Any): readonly string[];
}

export interface MessageForm<M> extends CommandForm {
  readonly arguments?: ArgumentForm<M>;
  /** What it does when it is executed, in words, for whoever is about to sign it. */
  describe?(message: M, wording: Wording): readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: a module holds forms of every message type
export type AnyMessageForm = MessageForm<any>;

export interface ModuleCommands {
  /** By type URL. */
  readonly messages: Readonly<Record<string, AnyMessageForm>>;
  /** By gRPC path. */
  readonly queries: Readonly<Record<string, QueryForm>>;
}
