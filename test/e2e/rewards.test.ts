/** Rewards and mint as a stock CosmJS client and `weir` ask for them and withdraw them: from minting by inflation to the coins in an account. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secp256k1HdWallet } from "@cosmjs/amino";
import { DirectSecp256k1HdWallet, type EncodeObject, type OfflineSigner } from "@cosmjs/proto-signing";
import {
  coin,
  QueryClient,
  SigningStargateClient,
  setupDistributionExtension,
  setupMintExtension,
  setupStakingExtension,
} from "@cosmjs/stargate";
import { Comet38Client } from "@cosmjs/tendermint-rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevnetAccount, devnetAccounts } from "../../cli/devnet-accounts.ts";
import { derivePrivateKey, hdPath } from "../../cli/keyring/derive.ts";
import { openKeyring } from "../../cli/keyring/keyring.ts";
import { main } from "../../cli/main.ts";
import { makeFundedHome, startTestNode, type TestNode } from "../helpers/node.ts";

const [alice, bob, carol] = devnetAccounts as [DevnetAccount, DevnetAccount, DevnetAccount];

async function queriesOf({ rpcUrl }: TestNode) {
  const client = await Comet38Client.connect(rpcUrl);
  return QueryClient.withExtensions(client, setupDistributionExtension, setupMintExtension, setupStakingExtension);
}
type Queries = Awaited<ReturnType<typeof queriesOf>>;

/** The SDK's inflation, in years of so few blocks that each mints thousands. */
function mintByInflation(path: string): void {
  const genesis = JSON.parse(readFileSync(path, "utf8"));
  const { mint } = genesis.app_state;
  mint.emission = null;
  mint.params.blocks_per_year = "100000";
  writeFileSync(path, JSON.stringify(genesis));
}

const totalOf = (coins: readonly { denom: string; amount: string }[]): bigint =>
  BigInt(coins.find(({ denom }) => denom === "uweir")?.amount ?? "0") / 10n ** 18n;

describe("a stock CosmJS client, of rewards", () => {
  let node: TestNode;
  let queries: Queries;
  let validator: string;
  let direct: SigningStargateClient;
  let amino: SigningStargateClient;

  const signer = (wallet: OfflineSigner) =>
    SigningStargateClient.connectWithSigner(node.rpcUrl, wallet, { broadcastPollIntervalMs: 20 });

  beforeAll(async () => {
    const home = makeFundedHome("weir-rewards-1");
    mintByInflation(home.genesis);
    node = await startTestNode({ home, blockMillis: 20 });
    direct = await signer(await DirectSecp256k1HdWallet.fromMnemonic(alice.mnemonic, { prefix: "weir" }));
    amino = await signer(await Secp256k1HdWallet.fromMnemonic(bob.mnemonic, { prefix: "weir" }));
    queries = await queriesOf(node);
    validator = (await queries.staking.validators("BOND_STATUS_BONDED")).validators[0]!.operatorAddress;
  });
  afterAll(async () => {
    for (const client of [direct, amino]) client.disconnect();
    await node.remove();
  });

  const fee = { amount: [coin(5, "uweir")], gas: "600000" };
  async function send(client: SigningStargateClient, { address }: DevnetAccount, message: EncodeObject) {
    const result = await client.signAndBroadcast(address, [message], fee);
    expect(result.code, result.rawLog).toBe(0);
    return result;
  }
  const withdraw = ({ address }: DevnetAccount): EncodeObject => ({
    typeUrl: "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward",
    value: { delegatorAddress: address, validatorAddress: validator },
  });
  /** Until there is at least one whole coin to withdraw. */
  async function untilEarned({ address }: DevnetAccount): Promise<void> {
    for (let asked = 0; asked < 500; asked++) {
      const { rewards } = await queries.distribution.delegationRewards(address, validator);
      if (totalOf(rewards) > 0n) return;
    }
    throw new Error("nothing was earned while it was asked 500 times");
  }

  it("reads them as they grow, and has them when it withdraws them, signed in either mode", async () => {
    for (const [client, account] of [
      [direct, alice],
      [amino, bob],
    ] as const) {
      const delegated = await client.delegateTokens(account.address, validator, coin(500_000_000_000, "uweir"), fee);
      expect(delegated.code, delegated.rawLog).toBe(0);
      await untilEarned(account);
      const { total, rewards } = await queries.distribution.delegationTotalRewards(account.address);
      expect(rewards.map(({ validatorAddress }) => validatorAddress)).toEqual([validator]);
      expect(totalOf(total)).toBeGreaterThan(0n);
      const before = BigInt((await client.getBalance(account.address, "uweir")).amount);
      const { events } = await send(client, account, withdraw(account));
      const amount = events.find(({ type }) => type === "withdraw_rewards")!.attributes[0]!.value;
      const after = BigInt((await client.getBalance(account.address, "uweir")).amount);
      expect(`${after - before + 5n}uweir`).toBe(amount);
      expect((await queries.distribution.delegatorValidators(account.address)).validators).toEqual([validator]);
    }
  });

  it("lets them go elsewhere and gives to the community, signed in either mode", async () => {
    const fund = ({ address }: DevnetAccount): EncodeObject => ({
      typeUrl: "/cosmos.distribution.v1beta1.MsgFundCommunityPool",
      value: { depositor: address, amount: [coin(1_000_000, "uusdc")] },
    });
    const redirect = ({ address }: DevnetAccount): EncodeObject => ({
      typeUrl: "/cosmos.distribution.v1beta1.MsgSetWithdrawAddress",
      value: { delegatorAddress: address, withdrawAddress: carol.address },
    });
    for (const [client, account] of [
      [direct, alice],
      [amino, bob],
    ] as const) {
      await send(client, account, fund(account));
      await send(client, account, redirect(account));
      const { withdrawAddress } = await queries.distribution.delegatorWithdrawAddress(account.address);
      expect(withdrawAddress).toBe(carol.address);
    }
    const { pool } = await queries.distribution.communityPool();
    expect(pool.find(({ denom }) => denom === "uusdc")!.amount).toBe(`2000000${"0".repeat(18)}`);
    expect(totalOf(pool)).toBeGreaterThan(0n);
  });

  it("reads what a validator has", async () => {
    const { rewards } = await queries.distribution.validatorOutstandingRewards(validator);
    expect(totalOf(rewards.rewards)).toBeGreaterThan(0n);
    const { commission } = await queries.distribution.validatorCommission(validator);
    expect(totalOf(commission.commission)).toBeLessThan(totalOf(rewards.rewards));
    expect((await queries.distribution.validatorSlashes(validator, 1, 1_000_000)).slashes).toEqual([]);
    const { params } = await queries.distribution.params();
    expect(params).toMatchObject({ communityTax: `2${"0".repeat(16)}`, withdrawAddrEnabled: true });
  });

  it("reads how much is minted by inflation", async () => {
    const inflation = await queries.mint.inflation();
    // Little is staked, so that it rises from where it began.
    expect(inflation.toFloatApproximation()).toBeGreaterThan(0.13);
    expect(inflation.toFloatApproximation()).toBeLessThan(0.2);
    const provisions = await queries.mint.annualProvisions();
    expect(provisions.toFloatApproximation()).toBeGreaterThan(0.13 * 4_000_000_000_000);
    const params = await queries.mint.params();
    expect(params).toMatchObject({ mintDenom: "uweir", blocksPerYear: 100_000n });
    expect(params.goalBonded.toString()).toBe("0.67");
  });
});

describe("a stock CosmJS client, of Weir's emission", () => {
  it("reads what is emitted in the year from now, and what share of the supply that is", async () => {
    const node = await startTestNode({ blockMillis: 20 });
    try {
      const queries = await queriesOf(node);
      const provisions = await queries.mint.annualProvisions();
      const year = provisions.toFloatApproximation() / 1e12;
      // Of 379,626 a day, less every day: 117 million and something in the first year.
      expect(year).toBeGreaterThan(117);
      expect(year).toBeLessThan(118);
      const inflation = await queries.mint.inflation();
      expect(inflation.toFloatApproximation()).toBeGreaterThan(1);
      expect((await queries.mint.params()).mintDenom).toBe("uweir");
      expect((await queries.distribution.communityPool()).pool).toEqual([]);
    } finally {
      await node.remove();
    }
  });
});

describe("weir, of rewards", () => {
  let node: TestNode;
  let folder: string;
  let validator: string;

  beforeAll(async () => {
    const home = makeFundedHome("weir-rewards-2");
    mintByInflation(home.genesis);
    node = await startTestNode({ home, blockMillis: 20 });
    folder = mkdtempSync(join(tmpdir(), "weir-rewards-"));
    const keyring = openKeyring({ home: folder, backend: "test", passphrase: async () => "" });
    await keyring.addLocal("alice", await derivePrivateKey(alice.mnemonic, "", hdPath(118, 0, 0)));
    const queries = await queriesOf(node);
    validator = (await queries.staking.validators("BOND_STATUS_BONDED")).validators[0]!.operatorAddress;
  });
  afterAll(async () => {
    await node.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function weir(...argv: string[]) {
    let [out, err] = ["", ""];
    const code = await main(argv, {
      environment: { WEIR_NODE: node.rpcUrl, WEIR_HOME: folder, WEIR_KEYRING_BACKEND: "test" },
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  }
  async function run(...argv: string[]): Promise<string> {
    const { code, out, err } = await weir(...argv);
    expect(code, err).toBe(0);
    return out;
  }
  const committed = ["--from", "alice", "--yes", "--broadcast-mode", "commit", "--gas", "600000"];

  it("shows what was earned, and withdraws it all", async () => {
    const { err } = await weir("tx", "distribution", "withdraw-all-rewards", ...committed);
    expect(err).toContain("has nothing to withdraw from any validator yet");
    await run("tx", "staking", "delegate", validator, "500000000000uweir", ...committed);
    const isNothing = async () => !/[1-9][0-9]*\.[0-9]+/.test(await run("query", "distribution", "rewards", "alice"));
    for (let asked = 0; asked < 100 && (await isNothing()); asked++);
    const draft = await run("tx", "distribution", "withdraw-all-rewards", "--from", "alice", "--generate-only");
    expect(JSON.parse(draft).body.messages).toEqual([
      {
        "@type": "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward",
        delegator_address: alice.address,
        validator_address: validator,
      },
    ]);
    const both = await run(
      ...["tx", "distribution", "withdraw-all-rewards", "--from", "alice", "--generate-only", "--commission"],
    );
    expect(JSON.parse(both).body.messages).toHaveLength(2);
    const before = JSON.parse(await run("query", "bank", "balance", "alice", "uweir", "--output", "json"));
    await run("tx", "distribution", "withdraw-all-rewards", ...committed);
    const after = JSON.parse(await run("query", "bank", "balance", "alice", "uweir", "--output", "json"));
    expect(BigInt(after.balance.amount)).toBeGreaterThan(BigInt(before.balance.amount));
  });

  it("says what is missing", async () => {
    const command = ["tx", "distribution", "withdraw-all-rewards"];
    expect((await weir(...command)).err).toContain("--from is missing");
    const offline = ["--from", "alice", "--offline", "--chain-id", "x"];
    expect((await weir(...command, ...offline)).err).toContain("--offline asks no node");
  });

  it("shows the parameters of inflation, and that there is no schedule", async () => {
    expect(await run("query", "mint", "inflation")).toMatch(/0\.1[0-9]+/);
    expect(await run("query", "mint", "params")).toContain("0.67");
    expect((await weir("query", "mint", "schedule")).err).toContain("this chain mints by inflation");
  });
});
