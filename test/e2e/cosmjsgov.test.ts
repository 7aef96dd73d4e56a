/** Governance by CosmJS alone: the stock gov extension (v1beta1), registry and amino types of the releases that wallets use. */
import { readFileSync, writeFileSync } from "node:fs";
import * as amino032 from "@cosmjs/amino";
import * as signing032 from "@cosmjs/proto-signing";
import * as stargate032 from "@cosmjs/stargate";
import * as rpc032 from "@cosmjs/tendermint-rpc";
import * as amino036 from "cosmjs-amino-036";
import * as amino039 from "cosmjs-amino-039";
import * as signing036 from "cosmjs-proto-signing-036";
import * as signing039 from "cosmjs-proto-signing-039";
import * as stargate036 from "cosmjs-stargate-036";
import * as stargate039 from "cosmjs-stargate-039";
import * as rpc036 from "cosmjs-tendermint-rpc-036";
import * as rpc039 from "cosmjs-tendermint-rpc-039";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevnetAccount, devnetAccounts } from "../../cli/devnet-accounts.ts";
import { TextProposal } from "../../proto/gen/cosmos/gov/v1beta1/gov.ts";
import { makeFundedHome, startTestNode, type TestNode } from "../helpers/node.ts";

const [alice, bob] = devnetAccounts as DevnetAccount[] as [DevnetAccount, DevnetAccount];

interface Release {
  readonly version: string;
  readonly amino: typeof amino032;
  readonly signing: typeof signing032;
  readonly stargate: typeof stargate032;
  readonly rpc: typeof rpc032;
}

/** Later releases keep these calls; their classes have private fields and are other types to the compiler. */
const releases: readonly Release[] = [
  { version: "0.32", amino: amino032, signing: signing032, stargate: stargate032, rpc: rpc032 },
  { version: "0.36", amino: amino036, signing: signing036, stargate: stargate036, rpc: rpc036 } as unknown as Release,
  { version: "0.39", amino: amino039, signing: signing039, stargate: stargate039, rpc: rpc039 } as unknown as Release,
];

const fee = { amount: [{ denom: "uweir", amount: "1000" }], gas: "400000" };
const coin = (amount: number) => ({ denom: "uweir", amount: `${amount}` });

/** One option alone, and an hour in which nothing is decided by itself. */
function longVotes(): ReturnType<typeof makeFundedHome> {
  const home = makeFundedHome();
  const genesis = JSON.parse(readFileSync(home.genesis, "utf8"));
  genesis.app_state.gov.params.min_deposit = [{ denom: "uweir", amount: "5000" }];
  genesis.app_state.gov.params.expedited_min_deposit = [{ denom: "uweir", amount: "9000" }];
  writeFileSync(home.genesis, JSON.stringify(genesis));
  return home;
}

const v1beta1 = "/cosmos.gov.v1beta1";
const textOf = (title: string) => ({
  typeUrl: `/${TextProposal.$type}`,
  value: TextProposal.encode({ title, description: "Everybody says so" }).finish(),
});

for (const { version, amino, signing, stargate, rpc } of releases)
  describe(`CosmJS ${version}`, () => {
    let node: TestNode;
    beforeAll(async () => {
      node = await startTestNode({ home: longVotes() });
    });
    afterAll(() => node.remove());

    const quickly = { broadcastPollIntervalMs: 20 };
    const clients = {
      direct: async ({ mnemonic }: DevnetAccount) =>
        stargate.SigningStargateClient.connectWithSigner(
          node.rpcUrl,
          await signing.DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "weir" }),
          quickly,
        ),
      amino: async ({ mnemonic }: DevnetAccount) =>
        stargate.SigningStargateClient.connectWithSigner(
          node.rpcUrl,
          await amino.Secp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "weir" }),
          quickly,
        ),
    };

    const openQuery = async () =>
      stargate.QueryClient.withExtensions(
        await rpc.Comet38Client.connect(node.rpcUrl),
        stargate.setupGovExtension,
        stargate.setupStakingExtension,
      );

    async function send(how: keyof typeof clients, from: DevnetAccount, typeUrl: string, value: object) {
      const client = await clients[how](from);
      const result = await client.signAndBroadcast(from.address, [{ typeUrl, value }], fee);
      expect(result.code, result.rawLog).toBe(0);
      client.disconnect();
    }

    it("proposes, deposits, votes and asks the gov extension everything", async () => {
      const query = await openQuery();
      const { validators } = await query.staking.validators("BOND_STATUS_BONDED");
      const stake = { delegatorAddress: alice.address, validatorAddress: validators[0]!.operatorAddress };
      await send("direct", alice, "/cosmos.staking.v1beta1.MsgDelegate", { ...stake, amount: coin(1_000_000) });
      const submission = { content: textOf("Say so"), initialDeposit: [coin(1_000)], proposer: alice.address };
      await send("direct", alice, `${v1beta1}.MsgSubmitProposal`, submission);
      const { gov } = query;
      const waiting = await gov.proposals(1, "", "");
      expect(waiting.proposals).toHaveLength(1);
      expect(waiting.proposals[0]).toMatchObject({ status: 1, totalDeposit: [coin(1_000)] });
      await send("direct", bob, `${v1beta1}.MsgDeposit`, {
        proposalId: 1n,
        depositor: bob.address,
        amount: [coin(4_000)],
      });
      await send("direct", alice, `${v1beta1}.MsgVote`, { proposalId: 1n, voter: alice.address, option: 1 });

      const { proposal } = await gov.proposal(1);
      expect(proposal?.status).toBe(2);
      expect(proposal?.content?.typeUrl).toBe(`/${TextProposal.$type}`);
      expect((await gov.tally(1)).tally).toMatchObject({ yes: "1000000", no: "0" });
      expect((await gov.deposits(1)).deposits).toHaveLength(2);
      expect((await gov.deposit(1, bob.address)).deposit).toMatchObject({ amount: [coin(4_000)] });
      expect((await gov.votes(1)).votes).toHaveLength(1);
      expect((await gov.vote(1, alice.address)).vote?.options).toEqual([{ option: 1, weight: "1000000000000000000" }]);
      expect((await gov.params("voting")).votingParams?.votingPeriod).toBeDefined();
      expect((await gov.params("deposit")).depositParams?.minDeposit).toEqual([coin(5_000)]);
      expect((await gov.params("tallying")).tallyParams?.quorum.length).toBeGreaterThan(0);
      expect((await gov.proposals(2, bob.address, "")).proposals).toHaveLength(1);
      expect((await gov.proposals(2, "", alice.address)).proposals).toHaveLength(1);
    });

    it("signs it all in amino JSON", async () => {
      const submission = {
        content: { typeUrl: textOf("").typeUrl, value: textOf("By amino").value },
        initialDeposit: [coin(5_000)],
        proposer: bob.address,
      };
      await send("amino", bob, `${v1beta1}.MsgSubmitProposal`, submission);
      await send("amino", bob, `${v1beta1}.MsgDeposit`, { proposalId: 2n, depositor: bob.address, amount: [coin(50)] });
      await send("amino", bob, `${v1beta1}.MsgVote`, { proposalId: 2n, voter: bob.address, option: 3 });
      const options = [
        { option: 1, weight: "700000000000000000" },
        { option: 4, weight: "300000000000000000" },
      ];
      await send("amino", alice, `${v1beta1}.MsgVoteWeighted`, { proposalId: 2n, voter: alice.address, options });
      const { gov } = await openQuery();
      expect((await gov.vote(2, alice.address)).vote?.options).toEqual(options);
      expect((await gov.tally(2)).tally).toMatchObject({ yes: "700000", noWithVeto: "300000" });
    });
  });
