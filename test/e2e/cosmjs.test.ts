/** A stock CosmJS client against a real node: nothing here but the client's own calls. */

import { Secp256k1HdWallet } from "@cosmjs/amino";
import { DirectSecp256k1HdWallet, decodeTxRaw } from "@cosmjs/proto-signing";
import {
  calculateFee,
  coin,
  coins,
  GasPrice,
  isDeliverTxSuccess,
  QueryClient,
  SigningStargateClient,
  StargateClient,
  type StdFee,
  setupAuthExtension,
  setupBankExtension,
} from "@cosmjs/stargate";
import { Comet38Client, HttpClient } from "@cosmjs/tendermint-rpc";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import { type DevnetAccount, devnetAccounts } from "../../cli/devnet-accounts.ts";
import { makeFundedHome, startTestNode, type TestNode } from "../helpers/node.ts";

const [alice, bob, carol] = devnetAccounts as [DevnetAccount, DevnetAccount, DevnetAccount];
const nobody = "weir1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqy8uuwv";

describe("a stock CosmJS client", () => {
  let node: TestNode;
  let client: SigningStargateClient;
  let fee: StdFee;
  beforeAll(async () => {
    node = await startTestNode({ home: makeFundedHome("weir-test-1", "0.025uweir") });
    client = await signer(alice.mnemonic);
    fee = calculateFee(150_000, "0.025uweir");
  });
  afterAll(async () => {
    client.disconnect();
    await node.remove();
  });

  const options = { gasPrice: GasPrice.fromString("0.025uweir"), broadcastPollIntervalMs: 20 };

  async function signer(mnemonic: string) {
    const wallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "weir" });
    return SigningStargateClient.connectWithSigner(node.rpcUrl, wallet, options);
  }

  it("finds the devnet's accounts by their mnemonics", async () => {
    for (const { mnemonic, address } of devnetAccounts) {
      const wallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "weir" });
      expect((await wallet.getAccounts())[0]?.address).toBe(address);
    }
  });

  it("reads the chain's id, height, balances and accounts", async () => {
    expect(await client.getChainId()).toBe("weir-test-1");
    expect(await client.getHeight()).toBeGreaterThan(0);
    expect(await client.getBalance(carol.address, "uusdc")).toEqual(coin("1000000000000", "uusdc"));
    expect(await client.getAllBalances(carol.address)).toHaveLength(2);
    expect(await client.getBalance(nobody, "uweir")).toEqual(coin("0", "uweir"));
    expect(await client.getAccount(nobody)).toBeNull();
    expect(await client.getSequence(alice.address)).toMatchObject({ accountNumber: 0 });
  });

  it("transfers coins with gas found by simulation, and finds the transaction again", async () => {
    const before = await client.getBalance(bob.address, "uweir");
    const result = await client.sendTokens(alice.address, bob.address, coins(1_000_000, "uweir"), "auto", "hello");
    expect(isDeliverTxSuccess(result), result.rawLog).toBe(true);
    expect(result.gasUsed).toBeLessThan(result.gasWanted);
    const after = await client.getBalance(bob.address, "uweir");
    expect(BigInt(after.amount) - BigInt(before.amount)).toBe(1_000_000n);

    const found = await client.getTx(result.transactionHash);
    expect(found).toMatchObject({ height: result.height, code: 0, hash: result.transactionHash });
    const block = await client.getBlock(result.height);
    // The proposer's proof of the beacon stands before it.
    expect(block.txs).toHaveLength(2);
    expect(decodeTxRaw(block.txs[0]!).body.messages[0]!.typeUrl).toBe("/weir.beacon.v1.MsgProve");
    expect(block.header).toMatchObject({ chainId: "weir-test-1", height: result.height });
  });

  it("searches transactions by attribute, by height and by both", async () => {
    const { transactionHash, height } = await client.sendTokens(alice.address, carol.address, coins(5, "uweir"), fee);
    const hashes = (txs: readonly { hash: string }[]) => txs.map(({ hash }) => hash);
    const byReceiver = await client.searchTx([{ key: "transfer.recipient", value: carol.address }]);
    expect(hashes(byReceiver)).toEqual([transactionHash]);
    expect(hashes(await client.searchTx(`tx.height=${height}`))).toEqual([expect.any(String), transactionHash]);
    const both = `transfer.recipient='${carol.address}' AND tx.height>=${height} AND tx.height<=${height}`;
    expect(hashes(await client.searchTx(both))).toEqual([transactionHash]);
    expect(await client.searchTx(`transfer.recipient='${carol.address}' AND tx.height>${height}`)).toEqual([]);
  });

  it("queues a second transaction behind one that waits", async () => {
    const { accountNumber, sequence } = await client.getSequence(alice.address);
    const message = (amount: string) => ({
      typeUrl: "/cosmos.bank.v1beta1.MsgSend",
      value: { fromAddress: alice.address, toAddress: bob.address, amount: [coin(amount, "uweir")] },
    });
    const send = async (amount: string, sequence: number) => {
      const data = { accountNumber, sequence, chainId: "weir-test-1" };
      const signed = await client.sign(alice.address, [message(amount)], fee, "", data);
      return client.broadcastTxSync(TxRaw.encode(signed).finish());
    };
    const first = await send("11", sequence);
    const second = await send("12", sequence + 1);
    const results = [await waitForTx(first), await waitForTx(second)];
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect((await client.getSequence(alice.address)).sequence).toBe(sequence + 2);
  });

  async function waitForTx(hash: string) {
    for (;;) {
      const found = await client.getTx(hash);
      if (found !== null) return found;
      await nextBlock();
    }
  }

  const nextBlock = () =>
    new Promise<void>((resolve) => {
      const stop = node.engine.onBlock(() => {
        stop();
        resolve();
      });
    });

  it("signs with amino JSON, as a Ledger does", async () => {
    const wallet = await Secp256k1HdWallet.fromMnemonic(bob.mnemonic, { prefix: "weir" });
    const amino = await SigningStargateClient.connectWithSigner(node.rpcUrl, wallet, options);
    const result = await amino.sendTokens(bob.address, alice.address, coins(7, "uusdc"), fee, "amino <&> memo");
    expect(result.code, result.rawLog).toBe(0);
    amino.disconnect();
  });

  it("is told a wrong sequence with the expected one and the one it gave", async () => {
    const { accountNumber, sequence } = await client.getSequence(alice.address);
    const data = { accountNumber, sequence: sequence + 5, chainId: "weir-test-1" };
    const message = {
      typeUrl: "/cosmos.bank.v1beta1.MsgSend",
      value: { fromAddress: alice.address, toAddress: bob.address, amount: coins(1, "uweir") },
    };
    const signed = await client.sign(alice.address, [message], fee, "", data);
    const sending = client.broadcastTx(TxRaw.encode(signed).finish());
    await expect(sending).rejects.toMatchObject({
      code: 32,
      codespace: "sdk",
      log: `account sequence mismatch, expected ${sequence}, got ${sequence + 5}: incorrect account sequence`,
    });
  });

  it("is told insufficient funds, an insufficient fee and an unknown account in the SDK's words", async () => {
    const tooMuch = await client.sendTokens(alice.address, bob.address, coins("9000000000000000", "uweir"), fee);
    expect(tooMuch).toMatchObject({ code: 5 });
    expect(tooMuch.rawLog).toMatch(
      /spendable balance \d+uweir is smaller than 9000000000000000uweir: insufficient funds$/,
    );
    const cheap = client.sendTokens(alice.address, bob.address, coins(1, "uweir"), calculateFee(150_000, "0.001uweir"));
    await expect(cheap).rejects.toMatchObject({
      code: 13,
      log: "insufficient fees; got: 150uweir required: 3750uweir: insufficient fee",
    });
    const query = QueryClient.withExtensions(await Comet38Client.connect(node.rpcUrl), setupAuthExtension);
    await expect(query.auth.account(nobody)).rejects.toThrow(
      `Query failed with (22): rpc error: code = NotFound desc = account ${nobody} not found: key not found`,
    );
  });

  it("verifies the proof of a balance and of its absence", async () => {
    const comet = await Comet38Client.connect(node.rpcUrl);
    const query = QueryClient.withExtensions(comet, setupBankExtension);
    const key = (address: string, denom: string) => {
      const bytes = accountAddress.decode(address);
      return Uint8Array.from([2, bytes.length, ...bytes, ...Buffer.from(denom)]);
    };
    const height = (await comet.status()).syncInfo.latestBlockHeight - 1;
    const present = await query.queryStoreVerified("bank", key(carol.address, "uusdc"), height);
    expect(Buffer.from(present.value).toString()).toBe("1000000000000");
    const absent = await query.queryStoreVerified("bank", key(nobody, "uweir"), height);
    expect(absent.value).toHaveLength(0);
    const newest = await query.queryStoreVerified("bank", key(carol.address, "uusdc"));
    expect(newest.height).toBeGreaterThan(0);
    expect((await query.bank.balance(carol.address, "uusdc")).amount).toBe("1000000000000");
  });

  it("reads every answer that CometBFT 0.38's client knows", async () => {
    const comet = await Comet38Client.connect(node.rpcUrl);
    const { syncInfo, nodeInfo, validatorInfo } = await comet.status();
    expect(nodeInfo.version).toMatch(/^0\.38\./);
    expect(syncInfo.latestAppHash.length).toBe(32);
    const height = syncInfo.latestBlockHeight;
    expect((await comet.genesis()).chainId).toBe("weir-test-1");
    expect((await comet.health()) ?? null).toBeNull();
    const { lastBlockHeight } = await comet.abciInfo();
    expect(lastBlockHeight).toBeGreaterThanOrEqual(height);
    const { block, blockId } = await comet.block(height);
    expect(block.header.height).toBe(height);
    expect(block.lastCommit?.signatures).toHaveLength(1);
    const commit = await comet.commit(height);
    expect(commit.commit.blockId.hash).toEqual(blockId.hash);
    const { validators, total } = await comet.validators({ height });
    expect([total, validators[0]?.address]).toEqual([1, validatorInfo.address]);
    expect((await comet.blockchain(1, height)).blockMetas.length).toBe(Math.min(20, height));
    const found = await comet.txSearchAll({ query: "tx.height>0", order_by: "desc", prove: true });
    expect(found.totalCount).toBeGreaterThan(0);
    const [newest] = found.txs;
    expect(newest?.proof?.data).toEqual(newest?.tx);
    const { results } = await comet.blockResults(newest!.height);
    expect(results.map(({ code }) => code)).toContain(newest!.result.code);
    expect((await comet.numUnconfirmedTxs()).total).toBe(0);
    const byHash = await comet.tx({ hash: newest!.hash, prove: true });
    expect(byHash.height).toBe(newest!.height);
  });

  it("waits for its transaction with broadcast_tx_commit", async () => {
    const comet = await Comet38Client.create(new HttpClient(node.rpcUrl));
    const message = {
      typeUrl: "/cosmos.bank.v1beta1.MsgSend",
      value: { fromAddress: alice.address, toAddress: bob.address, amount: coins(3, "uweir") },
    };
    const signed = await client.sign(alice.address, [message], fee, "");
    const response = await comet.broadcastTxCommit({ tx: TxRaw.encode(signed).finish() });
    expect([response.checkTx.code, response.deliverTx?.code]).toEqual([0, 0]);
    expect(response.height).toBeGreaterThan(0);
  });

  it("follows blocks and its own transactions over a websocket", async () => {
    const comet = await Comet38Client.connect(node.rpcUrl.replace("http", "ws"));
    const headers = takeFirst(comet.subscribeNewBlockHeader());
    const transfers = takeFirst(comet.subscribeTx(`transfer.recipient='${carol.address}'`));
    const blocks = takeFirst(comet.subscribeNewBlock());
    const height = (await comet.status()).syncInfo.latestBlockHeight;
    const sent = await client.sendTokens(alice.address, carol.address, coins(9, "uweir"), fee);
    expect((await headers).height).toBeGreaterThanOrEqual(height);
    expect((await blocks).header.chainId).toBe("weir-test-1");
    const { hash, result } = await transfers;
    expect([Buffer.from(hash).toString("hex").toUpperCase(), result.code]).toEqual([sent.transactionHash, 0]);
    comet.disconnect();
  });

  interface EventStream<T> {
    addListener(listener: { next(value: T): void; error(error: unknown): void }): void;
  }
  const takeFirst = <T>(stream: EventStream<T>) =>
    new Promise<T>((next, error) => {
      stream.addListener({ next, error });
    });

  it("finds everything as it was after a restart", async () => {
    const { home } = node;
    const height = node.engine.height;
    const balance = await client.getBalance(bob.address, "uweir");
    await node.close();
    node = await startTestNode({ home });
    expect(node.engine.height).toBeGreaterThanOrEqual(height);
    const again = await StargateClient.connect(node.rpcUrl);
    expect(await again.getBalance(bob.address, "uweir")).toEqual(balance);
    again.disconnect();
    client = await signer(alice.mnemonic);
    const result = await client.sendTokens(alice.address, bob.address, coins(2, "uweir"), fee);
    expect(result.code).toBe(0);
  });
});
