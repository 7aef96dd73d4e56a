/** Proposals that mean harm: each is refused with an error that says what is wrong, or fails whole when it is executed. */
import { describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { MsgExec, MsgGrant } from "../../proto/gen/cosmos/authz/v1beta1/tx.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { BasicAllowance } from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import { MsgGrantAllowance } from "../../proto/gen/cosmos/feegrant/v1beta1/tx.ts";
import { MsgExecLegacyContent, MsgSubmitProposal, MsgVote } from "../../proto/gen/cosmos/gov/v1/tx.ts";
import { TextProposal } from "../../proto/gen/cosmos/gov/v1beta1/gov.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import {
  changed,
  type GovernedChain,
  governed,
  governedChain,
  minimumDeposit,
  type ProposalTerms,
  yes,
} from "../../test/helpers/governedchain.ts";
import { failed } from "./keeper.ts";
import { proposalBytesMax, proposalMessagesMax } from "./limits.ts";

const authority = authorityAddress();
const auth = "/cosmos.auth.v1beta1.MsgUpdateParams";

const refusalOf = (chain: GovernedChain, terms: ProposalTerms) => chain.propose(terms).refusal;

const packed = <T>(codec: { readonly $type: string; encode(value: T): { finish(): Uint8Array } }, value: T): Any => ({
  typeUrl: `/${codec.$type}`,
  value: codec.encode(value).finish(),
});

const memo = (chain: GovernedChain) => changed(chain, auth, { maxMemoCharacters: 300n });

describe("a hostile proposal", () => {
  const chain = governedChain();
  const megabytes = "x".repeat(10_000_000);

  it.each<readonly [string, () => ProposalTerms, object]>([
    [
      "of ten megabytes of text",
      () => ({ summary: megabytes }),
      { code: 22, message: expect.stringMatching(/^got summary with length 10000000: /) },
    ],
    ["with a title of ten megabytes", () => ({ title: megabytes }), { code: 15 }],
    ["with metadata of ten megabytes", () => ({ metadata: megabytes }), { code: 15 }],
    [
      "of a thousand messages",
      () => ({ messages: Array.from({ length: 1_000 }, () => memo(chain)) }),
      {
        code: 41,
        message: `a proposal of 1000 messages; expected at most ${proposalMessagesMax}: make several proposals of it`,
      },
    ],
    [
      "whose one message is too large",
      () => ({
        messages: [
          governed("/cosmos.bank.v1beta1.MsgSetSendEnabled", {
            sendEnabled: Array.from({ length: 10_000 }, (_, index) => ({
              denom: `u${"d".repeat(15)}${index}`,
              enabled: true,
            })),
          }),
        ],
      }),
      { code: 42, message: expect.stringContaining(`expected at most ${proposalBytesMax}`) },
    ],
    [
      "that proposes itself",
      () => ({
        messages: [
          packed(MsgSubmitProposal, {
            ...MsgSubmitProposal.fromPartial({}),
            title: "t",
            summary: "s",
            metadata: "m",
            proposer: authority,
          }),
        ],
      }),
      { code: 43, message: expect.stringContaining("neither proposes nor votes") },
    ],
    [
      "that votes for itself",
      () => ({ messages: [packed(MsgVote, { proposalId: 1n, voter: authority, option: 1, metadata: "" })] }),
      { code: 43 },
    ],
    [
      "that hides its messages in a nested execution",
      () => ({
        messages: [
          packed(MsgExec, { grantee: authority, msgs: [packed(MsgExec, { grantee: authority, msgs: [memo(chain)] })] }),
        ],
      }),
      { code: 43, message: expect.stringContaining("says its messages itself") },
    ],
    [
      "that hands its authority on",
      () => ({
        messages: [
          packed(MsgGrant, {
            granter: authority,
            grantee: accountAddress.encode(chain.accounts[1]!),
            grant: undefined,
          }),
        ],
      }),
      { code: 43, message: expect.stringContaining("cannot be handed on") },
    ],
    [
      "that lets somebody pay fees out of others' deposits",
      () => ({
        messages: [
          packed(MsgGrantAllowance, {
            granter: authority,
            grantee: accountAddress.encode(chain.accounts[1]!),
            allowance: { typeUrl: `/${BasicAllowance.$type}`, value: new Uint8Array(0) },
          }),
        ],
      }),
      { code: 43, message: expect.stringContaining("pay nobody's fees") },
    ],
    [
      "signed by somebody else",
      () => ({
        messages: [
          packed(MsgSend, {
            fromAddress: accountAddress.encode(chain.accounts[1]!),
            toAddress: accountAddress.encode(chain.accounts[2]!),
            amount: [{ denom: "uweir", amount: "1" }],
          }),
        ],
      }),
      { code: 13 },
    ],
    [
      "of what only a block's proposer says",
      () => ({ messages: [{ typeUrl: "/weir.beacon.v1.MsgProve", value: new Uint8Array(0) }] }),
      { code: 13, message: expect.stringContaining("0 signers") },
    ],
    [
      "of a message that there is not",
      () => ({ messages: [{ typeUrl: "/weir.nothing.v1.MsgNo", value: new Uint8Array(0) }] }),
      { code: 10 },
    ],
    [
      "that would break an invariant: another denomination for what is staked",
      () => ({ messages: [changed(chain, "/cosmos.staking.v1beta1.MsgUpdateParams", { bondDenom: "uusdc" })] }),
      { code: 40, message: expect.stringContaining("staking's bond_denom, which no vote changes") },
    ],
    [
      "that would leave no key to validate with",
      () => ({
        messages: [
          governed("/cosmos.consensus.v1.MsgUpdateParams", {
            block: { maxBytes: 22_020_096n, maxGas: -1n },
            evidence: {
              maxAgeNumBlocks: 100_000n,
              maxAgeDuration: { seconds: 172_800n, nanos: 0 },
              maxBytes: 1_048_576n,
            },
            validator: { pubKeyTypes: ["secp256k1"] },
          }),
        ],
      }),
      { code: 40, message: expect.stringContaining("validator.pub_key_types") },
    ],
    [
      "whose parameters do not fit together",
      () => ({
        messages: [changed(chain, "/cosmos.mint.v1beta1.MsgUpdateParams", { inflationMin: `${3n * 10n ** 17n}` })],
      }),
      { code: 12, message: expect.stringMatching(/max inflation .* must be greater .*: invalid proposal message$/) },
    ],
    [
      "of a parameter beyond its range",
      () => ({ messages: [changed(chain, auth, { txSigLimit: 1_001n })] }),
      {
        code: 12,
        message:
          "tx_sig_limit is 1,001 signatures; expected 1 signatures to 1,000 signatures: invalid proposal message",
      },
    ],
    [
      "that would stop all later ones",
      () => ({
        messages: [
          changed(chain, "/cosmos.gov.v1.MsgUpdateParams", {
            minDeposit: [{ denom: "uweir", amount: "900000000000000" }],
            expeditedMinDeposit: [{ denom: "uweir", amount: "900000000000001" }],
          }),
        ],
      }),
      { code: 12, message: expect.stringContaining("min_deposit is 900,000,000 WEIR; expected") },
    ],
    ["of a deposit of another coin", () => ({ deposit: 0n }), { code: 16 }],
  ])("%s is refused", (_what, terms, refusal) => {
    expect(refusalOf(chain, terms())).toMatchObject({ codespace: "gov", ...refusal });
  });

  it("of metadata that is a script is kept as the text that it is", () => {
    const script = "<script>fetch('//evil')</script>\u001b[2J";
    expect(refusalOf(chain, { metadata: script })).toBeUndefined();
    const [id] = chain
      .query<{ proposals: readonly { id: bigint }[] }>("/cosmos.gov.v1.Query/Proposals", {
        pagination: { limit: 1n, reverse: true },
      })
      .proposals.map((proposal) => proposal.id);
    expect(chain.proposal(id!).metadata).toBe(script);
  });

  it("of an older kind that nothing handles is refused", () => {
    const content = { typeUrl: "/cosmos.params.v1beta1.ParameterChangeProposal", value: new Uint8Array(0) };
    const message = { content, initialDeposit: [], proposer: accountAddress.encode(chain.accounts[1]!) };
    expect(chain.message("/cosmos.gov.v1beta1.MsgSubmitProposal", message).refusal).toMatchObject({
      codespace: "gov",
      code: 9,
      message: expect.stringContaining("propose the message that does it, by gov v1"),
    });
    const exec = packed(MsgExecLegacyContent, { content, authority });
    expect(refusalOf(chain, { messages: [exec] })).toMatchObject({ code: 12 });
    const text = {
      typeUrl: `/${TextProposal.$type}`,
      value: TextProposal.encode({ title: "t", description: "d" }).finish(),
    };
    expect(
      refusalOf(chain, { messages: [packed(MsgExecLegacyContent, { content: text, authority })] }),
    ).toBeUndefined();
  });
});

describe("a proposal that was accepted", () => {
  const accepted = (
    messages: (chain: GovernedChain) => readonly Any[],
    options: Parameters<typeof governedChain>[0] = {},
  ) => {
    const chain = governedChain(options);
    expect(refusalOf(chain, { messages: messages(chain) })).toBeUndefined();
    for (const account of [0, 1, 2]) chain.vote(1n, account, yes);
    return chain;
  };

  it("cannot spend what others deposited", () => {
    const steal = (chain: GovernedChain) => [
      packed(MsgSend, {
        fromAddress: authority,
        toAddress: accountAddress.encode(chain.accounts[7]!),
        amount: [{ denom: "uweir", amount: "1" }],
      }),
    ];
    const chain = accepted(steal);
    chain.propose({ by: 6, deposit: minimumDeposit });
    chain.end(100n);
    expect(chain.proposal(1n)).toMatchObject({
      status: failed,
      failedReason: expect.stringContaining("deposits of proposals"),
    });
  });

  it("that runs out of gas fails, and leaves nothing", () => {
    const large = (chain: GovernedChain) => [
      memo(chain),
      governed("/cosmos.bank.v1beta1.MsgSetSendEnabled", {
        sendEnabled: Array.from({ length: 900 }, (_, index) => ({ denom: `udenom${index}`, enabled: true })),
      }),
    ];
    const chain = accepted(large, { weirGov: { execution_gas_max: "1000000" } });
    chain.end(100n);
    expect(chain.proposal(1n)).toMatchObject({ status: failed, failedReason: expect.stringContaining("out of gas") });
    expect(chain.entries("bank").filter(([key]) => key[0] === 4)).toEqual([]);
  });

  it("gives back the deposits of many without a long block", () => {
    const chain = governedChain({ gov: { min_deposit_ratio: "0" }, weirGov: { tally_page: "100" } });
    chain.propose({ by: 7 });
    for (let round = 0; round < 3; round++) for (const account of [0, 1, 2, 3, 4, 5, 6]) chain.deposit(1n, account, 7n);
    expect(chain.end(100n).filter(({ type }) => type === "transfer").length).toBeLessThanOrEqual(20);
    chain.end();
    expect(chain.entries("gov").filter(([key]) => key[0] === 0x10 || key[0] === 70)).toEqual([]);
  });
});
