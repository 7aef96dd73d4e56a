/** A proposal in a file, as simd's `tx gov submit-proposal` reads it: messages, title, summary, metadata, deposit, expedited. Pure. */
import { type Coins, coinsToProto } from "../../chain/coins.ts";
import { fieldError, fromJson, shown, toJson } from "../../chain/protojson.ts";
import type { MsgSubmitProposal } from "../../proto/gen/cosmos/gov/v1/tx.ts";
import { Any } from "../../proto/gen/google/protobuf/any.ts";
import { proposalMessagesMax } from "./limits.ts";

export interface ProposalFile {
  readonly messages: readonly Any[];
  readonly title: string;
  readonly summary: string;
  readonly metadata: string;
  /** "10000000000uweir". */
  readonly deposit: string;
  readonly expedited: boolean;
}

const fields: ReadonlySet<string> = new Set(["messages", "title", "summary", "metadata", "deposit", "expedited"]);

function textOf(json: Readonly<Record<string, unknown>>, name: string, fallback?: string): string {
  const value = json[name] ?? fallback;
  if (typeof value === "string") return value;
  throw fieldError(name, shown(value), "text");
}

export function readProposalFile(json: unknown): ProposalFile {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw fieldError("the proposal", shown(json), "an object with messages, title, summary, deposit");
  }
  const read = json as Readonly<Record<string, unknown>>;
  const stranger = Object.keys(read).find((name) => !fields.has(name));
  if (stranger !== undefined) throw fieldError(stranger, "a field that does not exist", [...fields].join(", "));
  const messages = read.messages ?? [];
  if (!Array.isArray(messages)) throw fieldError("messages", shown(messages), "a list of messages");
  if (messages.length > proposalMessagesMax) {
    throw fieldError("messages", `${messages.length} of them`, `at most ${proposalMessagesMax}`);
  }
  const expedited = read.expedited ?? false;
  if (typeof expedited !== "boolean") throw fieldError("expedited", shown(expedited), "true or false");
  return {
    messages: messages.map((message, index) => fromJson<Any>(Any.$type, message, `messages[${index}]`)),
    title: textOf(read, "title"),
    summary: textOf(read, "summary"),
    metadata: textOf(read, "metadata", ""),
    deposit: textOf(read, "deposit", ""),
    expedited,
  };
}

export const proposalFileJson = (file: ProposalFile): object => ({
  messages: file.messages.map((message) => toJson(Any.$type, message)),
  metadata: file.metadata,
  deposit: file.deposit,
  title: file.title,
  summary: file.summary,
  expedited: file.expedited,
});

export function submissionOf(file: ProposalFile, proposer: string, coins: (text: string) => Coins): MsgSubmitProposal {
  const { messages, title, summary, metadata, deposit, expedited } = file;
  const initialDeposit = deposit === "" ? [] : coinsToProto(coins(deposit));
  return { messages: [...messages], initialDeposit, proposer, metadata, title, summary, expedited };
}
