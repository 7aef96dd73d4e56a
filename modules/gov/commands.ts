/** How the command line spells gov's messages, as simd spells them, and what they mean in words. */
import { coinsToProto } from "../../chain/coins.ts";
import type { ArgumentForm, GivenArguments, MessageForm, ModuleCommands, Wording } from "../../chain/commandforms.ts";
import { formatDec, parseDec } from "../../chain/dec.ts";
import { VoteOption, type WeightedVoteOption } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import type * as v1 from "../../proto/gen/cosmos/gov/v1/tx.ts";
import { TextProposal } from "../../proto/gen/cosmos/gov/v1beta1/gov.ts";
import type * as v1beta1 from "../../proto/gen/cosmos/gov/v1beta1/tx.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { readProposalFile, submissionOf } from "./proposalfile.ts";
import { queryForms } from "./querycommands.ts";

// ----------------------------------------------------------------------------------------------------------------- proposing

const inWords = (messages: readonly Any[], { message }: Wording): string[] =>
  messages.flatMap((any) => message(any).map((line) => `  ${line}`));

const submitProposal: MessageForm<v1.MsgSubmitProposal> = {
  aliases: ["submit"],
  summary: "propose what a file says; `weir tx gov draft` writes one",
  arguments: {
    positionals: ["PROPOSAL-JSON-FILE"],
    build: ({ positionals, from, coins, file }) => submissionOf(readProposalFile(file(positionals[0]!)), from(), coins),
  },
  examples: ["proposal.json --from alice"],
  describe: ({ messages, title, initialDeposit, proposer, expedited }, wording) => [
    `${wording.who(proposer)} proposes "${title}"${expedited ? ", expedited" : ""}`,
    `  with a deposit of ${initialDeposit.length === 0 ? "nothing" : wording.coins(initialDeposit)}, held until it is decided`,
    ...(messages.length === 0
      ? ["  It does nothing but say so."]
      : ["  If it is accepted:", ...inWords(messages, wording)]),
  ],
};

const legacyArguments: ArgumentForm<v1beta1.MsgSubmitProposal> = {
  positionals: [],
  flags: {
    title: { value: "TEXT", help: "the proposal's title" },
    description: { value: "TEXT", help: "what it says" },
    deposit: { value: "COINS", help: "the initial deposit" },
  },
  build({ flag, from, coins }) {
    const [title, description, deposit] = [flag("title"), flag("description"), flag("deposit")];
    if (title === undefined || description === undefined) throw new Error("--title and --description are needed");
    return {
      content: {
        typeUrl: `/${TextProposal.$type}`,
        value: TextProposal.encode({ title, description }).finish(),
      },
      initialDeposit: deposit === undefined ? [] : coinsToProto(coins(deposit)),
      proposer: from(),
    };
  },
};

const submitLegacy: MessageForm<v1beta1.MsgSubmitProposal> = {
  name: "submit-legacy-proposal",
  summary: "propose a text, as older clients do",
  arguments: legacyArguments,
  examples: ['--title "Say so" --description "…" --deposit 1000000000uweir --from alice'],
  describe: ({ proposer, initialDeposit }, { who, coins }) => [
    `${who(proposer)} proposes a text, with a deposit of ${initialDeposit.length === 0 ? "nothing" : coins(initialDeposit)}`,
  ],
};

interface Depositing {
  readonly proposalId: bigint;
  readonly depositor: string;
  readonly amount: v1.MsgDeposit["amount"];
}

const describeDeposit = ({ proposalId, depositor, amount }: Depositing, { who, coins }: Wording): string[] => [
  `${who(depositor)} deposits ${coins(amount)} on proposal ${proposalId}`,
  "  They come back when it is decided; after a veto they may be burned.",
];

// -------------------------------------------------------------------------------------------------------------------- voting

const words: ReadonlyMap<string, VoteOption> = new Map([
  ["yes", VoteOption.VOTE_OPTION_YES],
  ["no", VoteOption.VOTE_OPTION_NO],
  ["abstain", VoteOption.VOTE_OPTION_ABSTAIN],
  ["no-with-veto", VoteOption.VOTE_OPTION_NO_WITH_VETO],
]);

const optionWords = [...words.keys()].join(", ");

function optionOf(text: string): VoteOption {
  const word = text
    .toLowerCase()
    .replace(/^vote_option_/, "")
    .replaceAll("_", "-");
  const option = words.get(word);
  if (option === undefined) throw new Error(`${text} is no option; expected ${optionWords}`);
  return option;
}

const wordOf = (option: number): string => [...words].find(([, number]) => number === option)?.[0] ?? `${option}`;

function idOf({ positionals }: GivenArguments): bigint {
  const [text = ""] = positionals;
  if (!/^[0-9]{1,19}$/.test(text))
    throw new Error(`${text} is no proposal's number; weir query gov proposals lists them`);
  return BigInt(text);
}

const metadataFlag = { metadata: { value: "TEXT", help: "a reason, kept with the vote" } } as const;

const voteArguments: ArgumentForm<v1.MsgVote> = {
  positionals: ["PROPOSAL-ID", "yes|no|abstain|no-with-veto"],
  flags: metadataFlag,
  build: (given) => ({
    proposalId: idOf(given),
    option: optionOf(given.positionals[1]!),
    voter: given.from(),
    metadata: given.flag("metadata") ?? "",
  }),
};

const vote: MessageForm<v1.MsgVote> = {
  summary: "vote on a proposal",
  arguments: voteArguments,
  examples: ["1 yes --from alice", "1 no-with-veto --from alice"],
  describe: ({ proposalId, option, voter }, { who }) => [
    `${who(voter)} votes ${wordOf(option)} on proposal ${proposalId}, with all that it has delegated`,
  ],
};

/** "yes=0.6,no=0.4". */
function weightedOptions(text: string): WeightedVoteOption[] {
  return text.split(",").map((part) => {
    const [option = "", weight] = part.split("=");
    if (weight === undefined) throw new Error(`${part} has no weight; expected for example yes=0.6,no=0.4`);
    return { option: optionOf(option.trim()), weight: formatDec(parseDec(weight.trim())) };
  });
}

const weightedText = (options: readonly { readonly option: number; readonly weight: string }[]): string =>
  options.map(({ option, weight }) => `${wordOf(option)}=${weight}`).join(", ");

const weightedArguments: ArgumentForm<v1.MsgVoteWeighted> = {
  positionals: ["PROPOSAL-ID", "yes=0.6,no=0.4"],
  flags: metadataFlag,
  build: (given) => ({
    proposalId: idOf(given),
    options: weightedOptions(given.positionals[1]!),
    voter: given.from(),
    metadata: given.flag("metadata") ?? "",
  }),
};

const weightedVote: MessageForm<v1.MsgVoteWeighted> = {
  name: "weighted-vote",
  aliases: ["vote-weighted"],
  summary: "split a vote: weights that make one",
  arguments: weightedArguments,
  examples: ["1 yes=0.6,no=0.3,abstain=0.1 --from alice"],
  describe: ({ proposalId, options, voter }, { who }) => [
    `${who(voter)} votes ${weightedText(options)} on proposal ${proposalId}`,
  ],
};

const setsParams = (what: string, name: string) => ({
  name,
  summary: `set ${what}, by governance`,
  positionals: ["params"],
  examples: ["@params.json --generate-only"],
  describe: () => [`Sets ${what}; only governance may`],
});

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.gov.v1.MsgSubmitProposal": submitProposal,
    "/cosmos.gov.v1.MsgDeposit": {
      summary: "deposit coins on a proposal, so that it is voted on",
      positionals: ["proposal_id", "amount"],
      examples: ["1 1000000000uweir --from alice"],
      describe: describeDeposit,
    },
    "/cosmos.gov.v1.MsgVote": vote,
    "/cosmos.gov.v1.MsgVoteWeighted": weightedVote,
    "/cosmos.gov.v1.MsgCancelProposal": {
      summary: "withdraw a proposal of yours; a part of the deposits is lost",
      positionals: ["proposal_id"],
      examples: ["1 --from alice"],
      describe: ({ proposalId, proposer }: v1.MsgCancelProposal, { who }: Wording) => [
        `${who(proposer)} withdraws proposal ${proposalId}; a part of the deposits is lost`,
      ],
    },
    "/cosmos.gov.v1.MsgExecLegacyContent": {
      summary: "accept a text, by governance",
      positionals: ["content"],
      examples: ["@content.json --generate-only"],
      describe: () => ["Accepts a text; only governance may"],
    },
    "/cosmos.gov.v1.MsgUpdateParams": setsParams("the parameters of governance", "update-params"),
    "/cosmos.gov.v1beta1.MsgSubmitProposal": submitLegacy,
    "/cosmos.gov.v1beta1.MsgDeposit": {
      name: "legacy-deposit",
      summary: "deposit coins, as older clients do",
      positionals: ["proposal_id", "amount"],
      examples: ["1 1000000000uweir --from alice"],
      describe: describeDeposit,
    },
    "/cosmos.gov.v1beta1.MsgVote": {
      name: "legacy-vote",
      summary: "vote, as older clients do",
      positionals: ["proposal_id", "option"],
      examples: ["1 VOTE_OPTION_YES --from alice"],
      describe: ({ proposalId, option, voter }: v1beta1.MsgVote, { who }: Wording) => [
        `${who(voter)} votes ${wordOf(option)} on proposal ${proposalId}`,
      ],
    },
    "/cosmos.gov.v1beta1.MsgVoteWeighted": {
      name: "legacy-weighted-vote",
      summary: "split a vote, as older clients do",
      positionals: ["proposal_id", "options"],
      examples: ['1 \'{"option":"VOTE_OPTION_YES","weight":"1"}\' --from alice'],
      describe: ({ proposalId, voter }: v1beta1.MsgVoteWeighted, { who }: Wording) => [
        `${who(voter)} splits a vote on proposal ${proposalId}`,
      ],
    },
    "/weir.gov.v1.MsgUpdateParams": setsParams("the parameters of longer votes and delays", "update-weir-params"),
    "/weir.gov.v1.MsgCancelDelayed": {
      summary: "stop an accepted proposal before it acts, by governance",
      positionals: ["proposal_id"],
      examples: ["1 --generate-only"],
      describe: ({ proposalId }) => [`Stops proposal ${proposalId} before it acts; only governance may`],
    },
  },
  queries: queryForms,
};
