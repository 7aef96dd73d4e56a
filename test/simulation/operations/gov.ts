/** Proposals, deposits and votes: most of what is proposed is voted through, so that what it does is done; stakes move while it is counted. */
import { authorityAddress } from "../../../chain/authority.ts";
import { decOne } from "../../../chain/dec.ts";
import { weir } from "../../../modules/index.ts";
import type { Proposal } from "../../../proto/gen/cosmos/gov/v1/gov.ts";
import * as v1 from "../../../proto/gen/cosmos/gov/v1/tx.ts";
import { TextProposal } from "../../../proto/gen/cosmos/gov/v1beta1/gov.ts";
import * as v1beta1 from "../../../proto/gen/cosmos/gov/v1beta1/tx.ts";
import type { Any } from "../../../proto/gen/google/protobuf/any.ts";
import { denom } from "../../helpers/testapplication.ts";
import { type Operation, said, type World } from "../world.ts";
import { issuedDenom, simulatedIssuer, simulatedRule } from "./compliance.ts";

const gov = weir.modules.find(({ name }) => name === "gov")!;

const coins = (amount: bigint) => [{ denom, amount: `${amount}` }];

function proposals(world: World): Proposal[] {
  const query = gov.queries["/cosmos.gov.v1.Query/Proposals"]!;
  const request = query.request.fromPartial({ pagination: { limit: 100n, reverse: true } });
  return (query.run(world.context, request) as { proposals: Proposal[] }).proposals;
}

const anyOf = (world: World, statuses: readonly number[]): bigint =>
  world.oneOf(proposals(world).filter(({ status }) => statuses.includes(status)))?.id ?? world.amount(5);

/** By governance, whatever module it is of. */
function governed(typeUrl: string, value: object): Any {
  const { request } = weir.modules.flatMap(({ messages }) => messages[typeUrl] ?? [])[0]!;
  return { typeUrl, value: request.encode(request.fromPartial({ authority: authorityAddress(), ...value })) };
}

/** All params of a module as they are, with a change. */
function changed(world: World, typeUrl: string, changes: object): Any {
  const parameters = weir.modules.flatMap((module) => module.parameters ?? []).find((one) => one.message === typeUrl)!;
  return governed(typeUrl, { params: { ...parameters.read(world.context), ...changes } });
}

const share = (world: World, most: bigint): string => `${(decOne * world.amount(Number(most))) / 100n}`;

/** No run gets there: a simulated chain has one program. */
const farAway = 1_000_000n;

const treasuryPolicy = (world: World) => ({
  members: world.chain.accounts.slice(0, 4).map(({ address }) => address),
  threshold: Number(world.amount(4)),
  dailyLimit: coins(world.amount(2_000_000)),
});

function message(world: World): Any {
  const kinds: readonly (() => Any)[] = [
    () => changed(world, "/cosmos.auth.v1beta1.MsgUpdateParams", { maxMemoCharacters: world.amount(500) }),
    () => changed(world, "/cosmos.mint.v1beta1.MsgUpdateParams", { inflationMax: share(world, 100n) }),
    () => changed(world, "/cosmos.staking.v1beta1.MsgUpdateParams", { maxValidators: Number(world.amount(7)) }),
    () => changed(world, "/cosmos.distribution.v1beta1.MsgUpdateParams", { communityTax: share(world, 30n) }),
    () => changed(world, "/cosmos.slashing.v1beta1.MsgUpdateParams", { signedBlocksWindow: 5n + world.amount(20) }),
    () => changed(world, "/cosmos.gov.v1.MsgUpdateParams", { burnVoteQuorum: world.random.chance(2) }),
    () => changed(world, "/weir.gov.v1.MsgUpdateParams", { tallyPage: 9n + world.amount(30) }),
    () =>
      governed("/cosmos.distribution.v1beta1.MsgCommunityPoolSpend", {
        recipient: world.address(),
        amount: coins(world.amount(100_000)),
      }),
    () =>
      governed("/cosmos.bank.v1beta1.MsgSend", {
        fromAddress: authorityAddress(),
        toAddress: world.address(),
        amount: coins(1n),
      }),
    () =>
      governed("/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade", {
        plan: { name: `v${world.amount(9)}`, height: farAway },
      }),
    () => governed("/cosmos.upgrade.v1beta1.MsgCancelUpgrade", {}),
    () => governed("/weir.circuit.v1.MsgRestorePowers", { renew: true }),
    () => governed("/weir.treasury.v1.MsgSetPolicy", treasuryPolicy(world)),
    () => governed("/weir.compliance.v1.MsgSetDenomRule", { rule: simulatedRule(world) }),
    () => governed("/weir.compliance.v1.MsgRemoveDenomRule", { denom: "uusdc" }),
    () => governed("/weir.compliance.v1.MsgRemoveIssuer", { address: simulatedIssuer }),
    () =>
      governed("/weir.compliance.v1.MsgSetIssuance", {
        denom: issuedDenom,
        issuer: simulatedIssuer,
        cap: `${world.amount(9_000_000)}`,
      }),
    () => governed("/weir.gov.v1.MsgCancelDelayed", { proposalId: world.amount(5) }),
  ];
  return world.random.pick(kinds)();
}

function propose(world: World): Uint8Array {
  const signer = world.account();
  const messages = Array.from({ length: world.random.below(3) }, () => message(world));
  const value = {
    messages,
    initialDeposit: coins(world.amount(12_000_000)),
    proposer: signer.address,
    metadata: "of the simulation",
    title: "Do it",
    summary: "It is good",
    expedited: world.random.chance(4),
  };
  return world.sign(signer, said(v1.MsgSubmitProposal, value));
}

function proposeText(world: World): Uint8Array {
  const signer = world.account();
  const value = TextProposal.encode({ title: "Say so", description: "Just say so" }).finish();
  const content = { typeUrl: `/${TextProposal.$type}`, value };
  const text = { content, initialDeposit: coins(world.amount(12_000_000)), proposer: signer.address };
  return world.sign(signer, said(v1beta1.MsgSubmitProposal, text));
}

function deposit(world: World): Uint8Array {
  const signer = world.account();
  const value = {
    proposalId: anyOf(world, [1, 1, 2]),
    depositor: signer.address,
    amount: coins(world.amount(9_000_000)),
  };
  return world.sign(signer, said(v1.MsgDeposit, value));
}

function vote(world: World): Uint8Array {
  const signer = world.account();
  const option = (world.random.chance(4) ? 1 + world.random.below(4) : 1) as 1;
  const value = { proposalId: anyOf(world, [2]), voter: signer.address, option, metadata: "" };
  return world.sign(signer, said(v1.MsgVote, value));
}

function splitVote(world: World): Uint8Array {
  const signer = world.account();
  const options = [
    { option: 1 as const, weight: "0.600000000000000001" },
    { option: 2 as const, weight: "0.399999999999999999" },
  ];
  const value = { proposalId: anyOf(world, [2]), voter: signer.address, options, metadata: "" };
  return world.sign(signer, said(v1.MsgVoteWeighted, value));
}

function withdraw(world: World): Uint8Array {
  const open = world.oneOf(proposals(world).filter(({ status }) => status < 3));
  const signer = (open === undefined ? undefined : world.accountOf(open.proposer)) ?? world.account();
  return world.sign(signer, said(v1.MsgCancelProposal, { proposalId: open?.id ?? 1n, proposer: signer.address }));
}

export const govOperations: readonly Operation[] = [
  { name: "propose", weight: 14, make: propose },
  { name: "propose a text", weight: 4, make: proposeText },
  { name: "deposit", weight: 10, make: deposit },
  { name: "vote", weight: 40, make: vote },
  { name: "split a vote", weight: 8, make: splitVote },
  { name: "withdraw a proposal", weight: 2, make: withdraw },
];
