/** Staking and its neighbours by CosmJS alone, with the stock registry, amino types and query extensions of the releases that wallets use. */
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
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { newConsensusKey } from "../../chain/consensus/keys.ts";
import { type DevnetAccount, devnetAccounts } from "../../cli/devnet-accounts.ts";
import { GenericAuthorization } from "../../proto/gen/cosmos/authz/v1beta1/authz.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { BasicAllowance } from "../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import { address } from "../helpers/accounts.ts";
import { startTestNode, type TestNode } from "../helpers/node.ts";

const [alice, bob, carol, dave] = devnetAccounts as DevnetAccount[] as [
  DevnetAccount,
  DevnetAccount,
  DevnetAccount,
  DevnetAccount,
];

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

const quickly = { broadcastPollIntervalMs: 20 };
const fee = { amount: [{ denom: "uweir", amount: "1000" }], gas: "400000" };
const coin = (amount: number) => ({ denom: "uweir", amount: `${amount}` });
const operatorOf = (account: string) => validatorAddress.encode(accountAddress.decode(account));
const sendUrl = "/cosmos.bank.v1beta1.MsgSend";

type Message = { readonly typeUrl: string; readonly value: object };

for (const { version, amino, signing, stargate, rpc } of releases)
  describe(`CosmJS ${version}`, () => {
    let node: TestNode;
    let query: Awaited<ReturnType<typeof openQuery>>;
    beforeAll(async () => {
      node = await startTestNode();
      query = await openQuery();
    });
    afterAll(() => node.remove());

    const openQuery = async () =>
      stargate.QueryClient.withExtensions(
        await rpc.Comet38Client.connect(node.rpcUrl),
        stargate.setupAuthExtension,
        stargate.setupStakingExtension,
        stargate.setupDistributionExtension,
        stargate.setupSlashingExtension,
        stargate.setupMintExtension,
        stargate.setupAuthzExtension,
        stargate.setupFeegrantExtension,
      );

    const direct = async ({ mnemonic }: DevnetAccount) =>
      stargate.SigningStargateClient.connectWithSigner(
        node.rpcUrl,
        await signing.DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "weir" }),
        quickly,
      );
    const byAmino = async ({ mnemonic }: DevnetAccount) =>
      stargate.SigningStargateClient.connectWithSigner(
        node.rpcUrl,
        await amino.Secp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "weir" }),
        quickly,
      );

    async function send(
      client: stargate032.SigningStargateClient,
      from: DevnetAccount,
      messages: Message[],
      terms: object = fee,
    ) {
      const result = await client.signAndBroadcast(from.address, messages, terms as typeof fee);
      expect(result.code, result.rawLog).toBe(0);
      return result;
    }

    const ownOperator = async () => {
      const { validators } = await query.staking.validators("BOND_STATUS_BONDED");
      return validators.find(({ description }) => description.moniker === "test")!.operatorAddress;
    };

    const creation = (account: DevnetAccount): Message => ({
      typeUrl: "/cosmos.staking.v1beta1.MsgCreateValidator",
      value: {
        description: { moniker: "second <&>", identity: "", website: "", securityContact: "", details: "" },
        commission: { rate: "100000000000000000", maxRate: "200000000000000000", maxChangeRate: "10000000000000000" },
        minSelfDelegation: "1",
        delegatorAddress: account.address,
        validatorAddress: operatorOf(account.address),
        pubkey: signing.encodePubkey({
          type: "tendermint/PubKeyEd25519",
          value: Buffer.from(newConsensusKey().publicKey).toString("base64"),
        }),
        value: coin(5_000_000),
      },
    });

    it("makes a validator, delegates, moves and takes back, signing directly", async () => {
      const operator = await ownOperator();
      const client = await direct(alice);
      await send(client, alice, [creation(alice)]);
      expect((await client.delegateTokens(alice.address, operator, coin(3_000_000), fee)).code).toBe(0);
      const second = operatorOf(alice.address);
      const move = {
        delegatorAddress: alice.address,
        validatorSrcAddress: operator,
        validatorDstAddress: second,
        amount: coin(1_000_000),
      };
      await send(client, alice, [{ typeUrl: "/cosmos.staking.v1beta1.MsgBeginRedelegate", value: move }]);
      expect((await client.undelegateTokens(alice.address, operator, coin(500_000), fee)).code).toBe(0);
      expect((await client.withdrawRewards(alice.address, operator, fee)).code).toBe(0);
      expect(await client.getDelegation(alice.address, operator)).toEqual(coin(1_500_000));
      expect(await client.getBalanceStaked(alice.address)).toEqual(coin(7_500_000));
      client.disconnect();
    });

    it("asks staking everything", async () => {
      const operator = await ownOperator();
      const second = operatorOf(alice.address);
      const { staking } = query;
      const { validators } = await staking.validators("BOND_STATUS_BONDED");
      expect(validators.map(({ description }) => description.moniker).sort()).toEqual(["second <&>", "test"]);
      expect((await staking.validator(second)).validator).toMatchObject({ tokens: "6000000", jailed: false });
      expect((await staking.validatorDelegations(second)).delegationResponses).toHaveLength(1);
      expect((await staking.delegatorDelegations(alice.address)).delegationResponses).toHaveLength(2);
      expect((await staking.delegatorValidators(alice.address)).validators).toHaveLength(2);
      expect((await staking.delegatorValidator(alice.address, operator)).validator.operatorAddress).toBe(operator);
      expect((await staking.unbondingDelegation(alice.address, operator)).unbond.entries[0]).toMatchObject({
        balance: "500000",
      });
      expect((await staking.delegatorUnbondingDelegations(alice.address)).unbondingResponses).toHaveLength(1);
      expect((await staking.validatorUnbondingDelegations(operator)).unbondingResponses).toHaveLength(1);
      expect((await staking.redelegations(alice.address, operator, second)).redelegationResponses).toHaveLength(1);
      expect((await staking.params()).params).toMatchObject({ bondDenom: "uweir" });
      expect((await staking.pool()).pool).toMatchObject({ bondedTokens: "107500000", notBondedTokens: "500000" });
      const { lastBlockHeight } = await (await rpc.Comet38Client.connect(node.rpcUrl)).abciInfo();
      expect((await staking.historicalInfo(lastBlockHeight! - 1)).hist?.valset.length).toBeGreaterThan(0);
    });

    it("asks distribution, slashing and mint", async () => {
      const operator = await ownOperator();
      const { distribution, slashing, mint } = query;
      const rewards = await distribution.delegationTotalRewards(alice.address);
      expect(rewards.rewards.map(({ validatorAddress: at }) => at).sort()).toEqual(
        [operator, operatorOf(alice.address)].sort(),
      );
      expect((await distribution.delegationRewards(alice.address, operator)).rewards).toBeInstanceOf(Array);
      expect((await distribution.delegatorValidators(alice.address)).validators).toHaveLength(2);
      expect((await distribution.delegatorWithdrawAddress(alice.address)).withdrawAddress).toBe(alice.address);
      expect((await distribution.communityPool()).pool).toBeInstanceOf(Array);
      expect((await distribution.params()).params).toMatchObject({ withdrawAddrEnabled: true });
      expect((await distribution.validatorCommission(operator)).commission.commission.length).toBeGreaterThan(0);
      expect((await distribution.validatorOutstandingRewards(operator)).rewards.rewards.length).toBeGreaterThan(0);
      expect((await distribution.validatorSlashes(operator, 1, 100)).slashes).toEqual([]);
      expect((await slashing.signingInfos()).info.length).toBeGreaterThan(0);
      const [info] = (await slashing.signingInfos()).info;
      expect((await slashing.signingInfo(info!.address)).valSigningInfo.tombstoned).toBe(false);
      expect((await slashing.params()).params).toBeDefined();
      expect((await mint.params()).mintDenom).toBe("uweir");
      expect(Number((await mint.annualProvisions()).toString())).toBeGreaterThanOrEqual(0);
      expect(Number((await mint.inflation()).toString())).toBeGreaterThanOrEqual(0);
    });

    it("signs staking, distribution and vesting in amino JSON", async () => {
      const operator = await ownOperator();
      const client = await byAmino(bob);
      const second = operatorOf(alice.address);
      const of = { delegatorAddress: bob.address, validatorAddress: operator };
      await send(client, bob, [
        { typeUrl: "/cosmos.staking.v1beta1.MsgDelegate", value: { ...of, amount: coin(9_000) } },
      ]);
      const move = {
        delegatorAddress: bob.address,
        validatorSrcAddress: operator,
        validatorDstAddress: second,
        amount: coin(1_000),
      };
      await send(client, bob, [
        { typeUrl: "/cosmos.staking.v1beta1.MsgBeginRedelegate", value: move },
        { typeUrl: "/cosmos.staking.v1beta1.MsgUndelegate", value: { ...of, amount: coin(2_000) } },
        { typeUrl: "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward", value: of },
        {
          typeUrl: "/cosmos.distribution.v1beta1.MsgSetWithdrawAddress",
          value: { delegatorAddress: bob.address, withdrawAddress: carol.address },
        },
        {
          typeUrl: "/cosmos.distribution.v1beta1.MsgFundCommunityPool",
          value: { depositor: bob.address, amount: [coin(5)] },
        },
      ]);
      const ends = BigInt(Math.floor(Date.now() / 1000) + 3_600);
      const vesting = {
        fromAddress: bob.address,
        toAddress: address(9),
        amount: [coin(77)],
        endTime: ends,
        delayed: true,
      };
      await send(client, bob, [{ typeUrl: "/cosmos.vesting.v1beta1.MsgCreateVestingAccount", value: vesting }]);
      expect(await client.getAccount(address(9))).toMatchObject({ address: address(9), pubkey: null, sequence: 0 });
      const any = await query.auth.account(address(9));
      expect(any?.typeUrl).toBe("/cosmos.vesting.v1beta1.DelayedVestingAccount");
      client.disconnect();
    });

    it("grants, acts in another's name and asks authz", async () => {
      const client = await direct(carol);
      const authorization = {
        typeUrl: `/${GenericAuthorization.$type}`,
        value: GenericAuthorization.encode({ msg: sendUrl }).finish(),
      };
      const expiration = { seconds: BigInt(Math.floor(Date.now() / 1000) + 3_600), nanos: 0 };
      const value = { granter: carol.address, grantee: dave.address, grant: { authorization, expiration } };
      await send(client, carol, [{ typeUrl: "/cosmos.authz.v1beta1.MsgGrant", value }]);
      const { grants } = await query.authz.grants(carol.address, dave.address, sendUrl);
      expect(grants[0]?.authorization?.typeUrl).toBe(`/${GenericAuthorization.$type}`);
      expect((await query.authz.granterGrants(carol.address)).grants).toHaveLength(1);
      expect((await query.authz.granteeGrants(dave.address)).grants).toHaveLength(1);
      const inner = MsgSend.encode({
        fromAddress: carol.address,
        toAddress: alice.address,
        amount: [coin(3)],
      }).finish();
      const exec = { grantee: dave.address, msgs: [{ typeUrl: sendUrl, value: inner }] };
      const other = await direct(dave);
      const { events } = await send(other, dave, [{ typeUrl: "/cosmos.authz.v1beta1.MsgExec", value: exec }]);
      expect(events.some(({ attributes }) => attributes.some(({ key }) => key === "authz_msg_index"))).toBe(true);
      const revoke = { granter: carol.address, grantee: dave.address, msgTypeUrl: sendUrl };
      await send(client, carol, [{ typeUrl: "/cosmos.authz.v1beta1.MsgRevoke", value: revoke }]);
      expect((await query.authz.granterGrants(carol.address)).grants).toEqual([]);
      for (const opened of [client, other]) opened.disconnect();
    });

    it("has its fee paid by a granter, and asks feegrant", async () => {
      const client = await direct(carol);
      const allowance = {
        typeUrl: `/${BasicAllowance.$type}`,
        value: BasicAllowance.encode({ spendLimit: [coin(1_500)], expiration: undefined }).finish(),
      };
      const value = { granter: carol.address, grantee: dave.address, allowance };
      await send(client, carol, [{ typeUrl: "/cosmos.feegrant.v1beta1.MsgGrantAllowance", value }]);
      expect((await query.feegrant.allowance(carol.address, dave.address)).allowance?.granter).toBe(carol.address);
      const other = await direct(dave);
      const before = await other.getBalance(dave.address, "uweir");
      const transfer = { fromAddress: dave.address, toAddress: alice.address, amount: [coin(1)] };
      await send(other, dave, [{ typeUrl: sendUrl, value: transfer }], { ...fee, granter: carol.address });
      const after = await other.getBalance(dave.address, "uweir");
      expect(BigInt(before.amount) - BigInt(after.amount)).toBe(1n);
      expect((await query.feegrant.allowances(dave.address)).allowances).toHaveLength(1);
      const refused = other.signAndBroadcast(dave.address, [{ typeUrl: sendUrl, value: transfer }], {
        ...fee,
        granter: carol.address,
      });
      await expect(refused).rejects.toThrow("does not allow to pay fees for");
      for (const opened of [client, other]) opened.disconnect();
    });
  });
